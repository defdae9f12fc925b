"""Small stacks of cheap pages to put faults to: a site that printed them, and what must come of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np

from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_g4_tiff, as_jpeg, as_pdf, as_png, pdf_of_jpegs
from pipeline.site import Site, load_form, open_site
from pipeline.store.record import register_print

HERE = Path(__file__).parent
FORM = "slip"
DPI = 150
"""Enough for the reader, and a quarter of the pixels of 300."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A returned copy: its code and its scanned page."""

    copy: str
    page: Grey


@dataclass(frozen=True, slots=True)
class Stack:
    """Files that a scanner leaves, by name in the inbox, and the copies whose pages must then be counted once each."""

    files: Mapping[str, bytes]
    copies: tuple[str, ...]


def new_site(folder: Path) -> Site:
    """A site in `folder` that knows the form of this benchmark."""
    (folder / "forms").mkdir(parents=True)
    (folder / "scanner_inbox").mkdir()
    shutil.copy(HERE / f"{FORM}.yaml", folder / "forms")
    return open_site(folder)


def filled_sheets(site: Site, number: int, seed: int) -> tuple[Sheet, ...]:
    """Print `number` copies at the site and have them filled in."""
    form = load_form(site, FORM)
    layout = lay_out(form)
    with closing(site.open_store()) as db:
        codes = register_print(db, form, layout, number, datetime.now(UTC))
    rng = np.random.default_rng(seed)
    pages = printed_pages(print_copies(layout, codes, "one"), DPI)
    values = [choice.value for choice in form.questions[0].choices]
    return tuple(
        Sheet(code, fill([page], layout, {"open": str(rng.choice(values))}, random_resident(rng), rng).pages[0])
        for code, page in zip(codes, pages, strict=True)
    )


def every_ending(sheets: tuple[Sheet, ...]) -> Stack:
    """A stack that ends every way a file can: read, counted once although it came twice, refused, set aside."""
    one, two, three = sheets[:3]
    both = as_pdf([one.page, two.page], DPI)
    strange = np.full((400, 300), 255, np.uint8)
    strange[100:300:7, 40:260] = 0
    files = {
        "SCN_0001.pdf": both,
        "town-hall/SCN_0001.pdf": as_pdf([three.page], DPI),
        "town-hall/again.pdf": both,
        "strange.png": as_png(strange, DPI),
        "cut.pdf": as_pdf([one.page], DPI)[:-900],
    }
    return Stack(files, (one.copy, two.copy, three.copy))


def drop(site: Site, stack: Stack) -> None:
    """Leave the files in the inbox, as a scanner does that has finished, a second apart."""
    for name, content in stack.files.items():
        path = site.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


class InThisProcess:
    """Does at once what workers do in processes of their own: here faults are put to what comes before and after."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def load(self, function: Callable[..., object]) -> None:
        """Nothing is to be loaded."""

    def run(self, function: Callable[..., object], *arguments: object) -> object:
        """Do it."""
        return function(*arguments)

    def map_bounded(self, function: Callable[..., object], items: Iterable[object]) -> Iterator[object]:
        """Do it for each."""
        return map(function, items)


KINDS: Mapping[str, Callable[[Grey], bytes]] = {
    "pdf": lambda page: pdf_of_jpegs([as_jpeg(page, DPI)], DPI),
    "jpg": lambda page: as_jpeg(page, DPI),
    "tif": lambda page: as_g4_tiff([page], DPI),
    "png": lambda page: as_png(page, DPI),
}
"""How a scanner may save one page, by suffix."""
