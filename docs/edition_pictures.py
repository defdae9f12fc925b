"""The pictures of the editions, drawn from the pages as they are printed: `make pictures`."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.paper.frame import ACROSS, DOWN
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies

HERE = Path(__file__).parent
IMAGES = HERE / "images" / "editions"
FORM = HERE.parent / "forms" / "library-visit.yaml"

SCALE = 50 / 72
"""Pixels a point: words can be read, and four pages stand beside each other."""

GREYS = 32
"""Colours kept: a printed page has few."""

ADDRESS = ("Glanmor Libraries", "1 Harbour Street", "Glanmor", "ZZ1 4GL")


def main() -> None:
    """Draw every picture anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    form = parse_definition(FORM.read_text(encoding="utf-8"), FORM.stem)
    assert isinstance(form, FormDefinition), "the form of this repository is right"
    keep("print", (page for edition in ("clear", "large", "giant") for page in drawn(form, edition, (0,))))
    keep("easyread", drawn(form, "easyread", (0, 1, 2)))
    keep("postcard", drawn(form, "postcard", (0,)))
    posted = replace(form, receipt=True, return_address=ADDRESS)
    keep("receipt-and-post", drawn(posted, "clear", (0, -1)))


def drawn(form: FormDefinition, edition: str, pages: Iterable[int]) -> Iterable[Image.Image]:
    """Draw some pages (from 0) of the first copies of a form."""
    codes = [copy_code(number * 104_729 + 27) for number in range(ACROSS * DOWN if edition == "postcard" else 1)]
    with pypdfium2.PdfDocument(print_copies(lay_out(form, edition), codes, "one")) as document:
        for page in pages:
            picture = document[page % len(document)].render(scale=SCALE).to_pil()
            yield ImageOps.expand(picture.convert("RGB"), border=1, fill="#b1b4b6")


def keep(name: str, pages: Iterable[Image.Image]) -> None:
    """Keep pages beside each other as one small picture."""
    taken = list(pages)
    between = 12
    width = sum(page.width for page in taken) + between * (len(taken) - 1)
    whole = Image.new("RGB", (width, max(page.height for page in taken)), "white")
    left = 0
    for page in taken:
        whole.paste(page, (left, 0))
        left += page.width + between
    whole.quantize(GREYS, Image.Quantize.MAXCOVERAGE).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
