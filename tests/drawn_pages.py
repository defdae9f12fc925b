"""Pages for tests of reading: one copy of a real form printed, filled in and scanned as a test asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Layout
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.page.identify import IdentifiedPage, identify
from pipeline.page.image import PageImage
from pipeline.page.register import RegisteredPage, register
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import Filled, Resident, fill
from pipeline.practice.scanner import Scanner, scan

FORMS = Path(__file__).parents[1] / "forms"
DPI = 300
PX_PER_MM = DPI / 25.4


@dataclass(frozen=True, slots=True)
class Copy:
    """One printed copy of a form: its definition, its layout, its code and its pages as they came out, at 300 dpi."""

    definition: FormDefinition
    layout: Layout
    code: str
    pages: tuple[Grey, ...]


@cache
def printed(form: str = "opening-hours", edition: str = "clear", number: int = 1_234_567) -> Copy:
    """Print one copy of a form of this repository."""
    definition = parse_definition((FORMS / f"{form}.yaml").read_text(encoding="utf-8"), form)
    assert isinstance(definition, FormDefinition)
    layout = lay_out(definition, edition)
    code = copy_code(number)
    pages = tuple(printed_pages(print_copies(layout, [code]), DPI))[: len(layout.pages)]
    return Copy(definition, layout, code, pages)


def filled(copy: Copy, answers: Mapping[str, str], resident: Resident, seed: int = 0) -> Filled:
    """Let a resident fill a copy in."""
    return fill(copy.pages, copy.layout, answers, resident, np.random.default_rng(seed))


def scanned(page: Grey, scanner: Scanner | None = None, seed: int = 0) -> PageImage:
    """Scan a page; without a scanner, on a good one, straight."""
    chosen = scanner or Scanner()
    picture = scan(page, PX_PER_MM, chosen, np.random.default_rng(seed))
    return PageImage(picture, (chosen.dpi, chosen.dpi), chosen.bitonal is not None)


def identified(image: PageImage) -> IdentifiedPage:
    """Identify a page that must be one of ours."""
    page = identify(image)
    assert isinstance(page, IdentifiedPage), page
    return page


def registered(copy: Copy, image: PageImage) -> RegisteredPage:
    """Identify and register a page that must be one of this copy."""
    page = identified(image)
    found = register(page, copy.layout.pages[page.code.form_page - 1], copy.layout.paper_mm)
    assert isinstance(found, RegisteredPage), found
    return found


def spoilt(page: Grey, box: Box, grey: int = 255) -> Grey:
    """Return a page with something printed on it covered: by white as of a torn corner, or by a dark blot."""
    changed = page.copy()
    left, top, right, bottom = (round(side * PX_PER_MM) for side in (box.x, box.y, box.right, box.bottom))
    changed[top:bottom, left:right] = grey
    return changed
