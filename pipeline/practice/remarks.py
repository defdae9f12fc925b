"""Words that people write where there is no room for them: beside a box, in the margin, over the printed question."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np

from pipeline.form.layout import Box, PageLayout, TextRun, around_all
from pipeline.practice.handwriting import Hand, write
from pipeline.practice.pens import Grey, Pen

_MARGIN_MM = (5.5, 24.5)
"""From where to where people write in the margin: a little off the edge of the paper, and up to the words."""

_LETTER_WIDE, _ENDS_MM = 0.75, 7.0
"""How wide a letter is at most, in heights of capitals, and what a line of handwriting takes besides at its ends."""

_LINE_HIGH, _OVER_MM = 2.2, 3.0
"""Room that a line takes from top to bottom, in heights of capitals, and what is left above and below it."""

_PLACES_LOOKED_AT = 8
"""Beside a box people write where there is least print; so many places of a row are looked at."""

_CLEAR_MM = 6.0
"""The outermost strip of the paper that nobody writes on."""


class Where(StrEnum):
    """Where a remark stands; the lines of one `UP_THE_MARGIN` run along the edge of the paper."""

    BESIDE = "beside a box"
    MARGIN = "in the margin"
    UP_THE_MARGIN = "up the margin"
    ACROSS = "across the question"


def write_remark(
    page: Grey,
    px_per_mm: float,
    printed: PageLayout,
    where: Where,
    text: str,
    hand: Hand,
    pen: Pen,
    rng: np.random.Generator,
) -> None:
    """Write `text` on a page (grey, the whole paper), in place.

    `BESIDE` takes a page with boxes to tick, `ACROSS` one with words: over print people write larger, and aslant.
    """
    paper = page.shape[1] / px_per_mm, page.shape[0] / px_per_mm
    if where is Where.ACROSS:
        hand = replace(hand, height=hand.height * float(rng.uniform(1.2, 2.0)), slope=float(rng.normal(0, 0.08)))
    size = _LETTER_WIDE * hand.height * len(text) + _ENDS_MM, _LINE_HIGH * hand.height + _OVER_MM
    if where is Where.UP_THE_MARGIN:
        area = _in_margin((paper[0], paper[1]), size[0], rng)
        along = Box(area.y, paper[0] - area.right, area.h, area.w)
        write(np.rot90(page), px_per_mm, text, along, hand, pen, rng)
        return
    if where is Where.MARGIN:
        area = _in_margin(paper, 4 * size[1], rng)
    elif where is Where.BESIDE:
        row = _any_row(printed, rng)
        tried = [_beside(row, paper, size, rng) for _ in range(_PLACES_LOOKED_AT)]
        area = max(tried, key=lambda each: _lightness(page, px_per_mm, each))
    else:
        runs = [each for each in printed.drawings if isinstance(each, TextRun) and each.text.endswith(("?", "."))]
        area = _across(runs[int(rng.integers(len(runs)))], paper[0], size, rng)
    write(page, px_per_mm, text, area, hand, pen, rng)


def _any_row(printed: PageLayout, rng: np.random.Generator) -> Box:
    """The boxes to tick that stand in one row, as one box; not where there is a line to write on beside them."""
    lines = [field.box for field in printed.fields if field.kind == "text"]
    boxes = [
        field.box
        for field in printed.fields
        if field.kind == "mark" and not any(line.y < field.box.centre[1] < line.bottom for line in lines)
    ]
    top = boxes[int(rng.integers(len(boxes)))].y
    return around_all([box for box in boxes if box.y == top])


def _in_margin(paper: tuple[float, float], high: float, rng: np.random.Generator) -> Box:
    """A strip of the left or right margin, between the corner marks."""
    near, far = _MARGIN_MM
    left = near if rng.random() < 0.5 else paper[0] - far
    return Box(left, float(rng.uniform(30, paper[1] - 35 - high)), far - near, high)


def _beside(row: Box, paper: tuple[float, float], size: tuple[float, float], rng: np.random.Generator) -> Box:
    """On a row of boxes, right of them; left of them where there is no room."""
    width, height = size
    top = row.centre[1] - height / 2 + float(rng.normal(0, 1.0))
    room = paper[0] - _CLEAR_MM - width - row.right
    if room > 0:
        return Box(row.right + float(rng.uniform(0, room)), top, width, height)
    return Box(max(_CLEAR_MM, row.x - width - float(rng.uniform(0, 20))), top, width, height)


def _lightness(page: Grey, px_per_mm: float, area: Box) -> float:
    left, top, right, bottom = (round(side * px_per_mm) for side in (area.x, area.y, area.right, area.bottom))
    return float(page[top:bottom, left:right].mean())


def _across(run: TextRun, width: float, size: tuple[float, float], rng: np.random.Generator) -> Box:
    """Over the beginning of a line of print, a little above or below it; on two lines where the paper is not wide."""
    left, top = run.x + float(rng.uniform(-4, 15)), run.y - 0.7 * size[1] + float(rng.normal(0, 1.5))
    room = width - _CLEAR_MM - left
    return Box(left, top, min(room, size[0]), size[1] if size[0] <= room else 2 * size[1])
