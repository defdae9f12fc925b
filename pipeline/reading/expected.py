"""Where ink is expected on a page, whoever wrote on it: its print, its fields and codes, the edge of its paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pipeline.form.layout import Box, PageLayout
from pipeline.page.known import Blank
from pipeline.page.picture import Grey

PX_PER_MM = 3.0
"""Scale at which a page is held against its blank: a pen line is one pixel wide or two, and a page costs 3 ms."""

_PRINT = 235
"""Grey level under which a pixel of the blank is print: the thin pale rules between rows are 225."""

_AROUND_SPOILT_CODE_MM = 4.0
"""A code may be scribbled on or covered: it is left out of the lines of print, with so much around it."""

_SOLID_MM = 3.0
"""Print as thick as this is no line of words, whose stems are 1.5 mm thick in giant print."""

_AROUND_FIELD_MM, _AROUND_CODE_MM, _EDGE_MM = 2.0, 2.5, 6.0
"""What belongs to a field, marks that run over its frame with it; to a code; and to the edge of the paper, where tears,
shadows and the lid of the scanner show."""

_HELD = 12
"""Pages whose masks are kept at hand: 6 MB each, and 2 ms to make."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Masks of a page, (height, width) of 1 and 0 at `PX_PER_MM`.

    `lined` is where a page is compared with its blank line by line, `printed` the print there; `near_print` is where
    print can show, `free` where neither it can nor anything is asked; `at_fields` is where ink may come out of a field.
    """

    lined: Grey
    printed: Grey
    near_print: Grey
    free: Grey
    at_fields: Grey


@lru_cache(_HELD)
def expected_on(blank: Blank, layout: PageLayout, size: tuple[int, int], off_mm: float) -> Expected:
    """Return what is expected on a page of `size` (pixels across and down) whose print may be so far off its place."""
    printed = np.asarray(cv2.resize(blank.grey, size, interpolation=cv2.INTER_AREA) < _PRINT, dtype=np.uint8)
    lined, near = _lined(printed, layout), _near(printed, off_mm)
    return Expected(lined, printed & lined, near, _free(near, layout), _at_fields(printed, layout))


def _lined(printed: Grey, layout: PageLayout) -> Grey:
    """1 but for codes and solid print, such as the bars where words differ from copy to copy."""
    solid = cv2.morphologyEx(printed, cv2.MORPH_OPEN, _square(_SOLID_MM))
    lined = np.asarray(1 - cv2.dilate(solid, _square(_SOLID_MM)), dtype=np.uint8)
    _fill(lined, (code.box.grown(_AROUND_SPOILT_CODE_MM) for code in layout.codes), 0)
    return lined


def _near(printed: Grey, off_mm: float) -> Grey:
    reach = 2 * round(off_mm * PX_PER_MM) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray(cv2.dilate(printed, around), dtype=np.uint8)


def _free(near: Grey, layout: PageLayout) -> Grey:
    edge = round(_EDGE_MM * PX_PER_MM)
    free = np.zeros_like(near)
    free[edge:-edge, edge:-edge] = 1 - near[edge:-edge, edge:-edge]
    _fill(free, (field.box.grown(_AROUND_FIELD_MM) for field in layout.fields), 0)
    _fill(free, (code.box.grown(_AROUND_CODE_MM) for code in layout.codes), 0)
    return free


def _at_fields(printed: Grey, layout: PageLayout) -> Grey:
    """1 as far as a pixel beyond what belongs to a field."""
    near = np.zeros_like(printed)
    _fill(near, (field.box.grown(_AROUND_FIELD_MM + 1.5 / PX_PER_MM) for field in layout.fields), 1)
    return near


def _fill(mask: Grey, boxes: Iterator[Box], value: int) -> None:
    for box in boxes:
        left, top, right, bottom = (max(0, round(side * PX_PER_MM)) for side in (box.x, box.y, box.right, box.bottom))
        mask[top:bottom, left:right] = value


def _square(side_mm: float) -> Grey:
    side = round(side_mm * PX_PER_MM)
    return np.ones((side, side), np.uint8)
