"""Forms as others print them: without codes and corner marks of ours, boxes and bubbles of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.layout import FIXED, Box, CopyRun, Elsewhere, Field, Layout, PageLayout
from pipeline.form.printing import print_copies
from pipeline.page.blank import photographed_blank
from pipeline.page.known import Blank, KnownPaper
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages

_DPI = 300
_PX_PER_MM = _DPI / 25.4

_GAP_MM = 0.4
"""How far around a box of ours everything is wiped off before another is printed there."""


@dataclass(frozen=True, slots=True)
class House:
    """How a print shop prints boxes to tick: shape, size as a share of ours, thickness of the outline, a letter in it.

    `filled` says what filling a box in means on its forms.
    """

    shape: Literal["box", "oval"] = "box"
    size: float = 1.0
    outline_mm: float = 0.25
    lettered: bool = False
    filled: Literal["marked", "cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True, eq=False)
class ForeignForm:
    """A form that carries nothing of ours: its definition, layout, and its pages as printed, at 300 dpi."""

    definition: FormDefinition
    layout: Layout
    pages: tuple[Grey, ...]

    @property
    def blanks(self) -> dict[tuple[str, int], Blank]:
        """Its pages as the reader knows them."""
        paper = self.layout.paper_mm
        return {(self.layout.id, number): photographed_blank(page, paper) for number, page in enumerate(self.pages, 1)}


def print_elsewhere(definition: FormDefinition, layout: Layout, house: House) -> ForeignForm:
    """Print a form of ours as another house would."""
    bare = replace(
        layout,
        id=f"F{layout.id[1:]}",
        edition=FIXED,
        elsewhere=Elsewhere("both"),
        pages=tuple(_bare(page) for page in layout.pages),
    )
    printed = list(printed_pages(print_copies(bare, [copy_code(1)], "one"), _DPI))
    pages = tuple(_in_style(page, picture, house) for page, picture in zip(bare.pages, printed, strict=True))
    layout = replace(bare, pages=tuple(_styled(page, house) for page in bare.pages))
    return ForeignForm(definition, layout, pages)


def known_forms(forms: Sequence[ForeignForm]) -> KnownPaper:
    """Return what a site knows that reads these forms."""
    layouts = {form.layout.id: form.layout for form in forms}
    blanks = {key: blank for form in forms for key, blank in form.blanks.items()}
    return KnownPaper(layouts, {}, blanks, tuple(layouts))


def _bare(page: PageLayout) -> PageLayout:
    """The page without codes, corner marks and serial."""
    return replace(page, codes=(), drawings=tuple(each for each in page.drawings if not isinstance(each, CopyRun)))


def _styled(page: PageLayout, house: House) -> PageLayout:
    return replace(page, fields=tuple(_styled_field(field, house) for field in page.fields), drawings=())


def _styled_field(field: Field, house: House) -> Field:
    if field.kind != "mark":
        return field
    return replace(field, box=_resized(field.box, house.size), shape=house.shape, filled=house.filled)


def _resized(box: Box, size: float) -> Box:
    x, y = box.centre
    return Box(x - box.w * size / 2, y - box.h * size / 2, box.w * size, box.h * size)


def _in_style(page: PageLayout, picture: Grey, house: House) -> Grey:
    """The printed page with every box to tick wiped off and printed anew."""
    for number, field in enumerate(page.fields):
        if field.kind == "mark":
            _wipe(picture, field.box.grown(_GAP_MM))
            _print_box(picture, _resized(field.box, house.size), house, chr(ord("A") + number % 26))
    return picture


def _wipe(picture: Grey, box: Box) -> None:
    left, top, right, bottom = (round(side * _PX_PER_MM) for side in (box.x, box.y, box.right, box.bottom))
    picture[top:bottom, left:right] = 255


def _print_box(picture: Grey, box: Box, house: House, letter: str) -> None:
    corners = np.array([(box.x, box.y), (box.right, box.bottom)]) * _PX_PER_MM - 0.5
    fine = np.rint(corners * 16).astype(int)
    thick = max(1, round(house.outline_mm * _PX_PER_MM))
    if house.shape == "oval":
        middle, axes = (fine[0] + fine[1]) // 2, (fine[1] - fine[0]) // 2
        cv2.ellipse(picture, tuple(map(int, middle)), tuple(map(int, axes)), 0, 0, 360, 20, thick, cv2.LINE_AA, 4)
    else:
        cv2.rectangle(picture, tuple(map(int, fine[0])), tuple(map(int, fine[1])), 20, thick, cv2.LINE_AA, 4)
    if house.lettered:
        size = box.h * _PX_PER_MM / 45
        x, y = box.centre
        foot = round(x * _PX_PER_MM - 9 * size), round(y * _PX_PER_MM + 10 * size)
        cv2.putText(picture, letter, foot, cv2.FONT_HERSHEY_SIMPLEX, size, 120, 2, cv2.LINE_AA)
