"""What happens to a sheet between the pen and the scanner: holes, staples, folds, torn corners, spoilt codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from pipeline.form.layout import Box, PageLayout, PrintedCode
from pipeline.practice.pens import BLACK_BALLPOINT, FELT_TIP, Grey, Pen, curve, draw

Damage = Callable[[Grey, PageLayout, float, np.random.Generator], Grey]
"""Returns a damaged copy of a page (grey, whole paper), given its layout and its pixels per millimetre."""

_HOLE_MM = 6.0
_HOLES_APART_MM = 80.0
_HOLE_FROM_EDGE_MM = 12.0
"""ISO 838: two holes of 6 mm, 80 mm apart, 12 mm from the edge."""

_BEHIND = 70
"""Grey of what is seen through a hole or where paper is missing: most lids are dark, or stand open."""


def unharmed(page: Grey, layout: PageLayout, px_per_mm: float, rng: np.random.Generator) -> Grey:
    """Return the page as it is."""
    return page


def punch_holes(page: Grey, layout: PageLayout, px_per_mm: float, rng: np.random.Generator) -> Grey:
    """Return the page punched for a file at its left edge, and a third hole for good measure."""
    punched = page.copy()
    middle = page.shape[0] / px_per_mm / 2 + float(rng.uniform(-3, 3))
    for y in (middle - _HOLES_APART_MM / 2, middle + _HOLES_APART_MM / 2, middle + 1.5 * _HOLES_APART_MM):
        place = (round(_HOLE_FROM_EDGE_MM * px_per_mm), round(y * px_per_mm))
        cv2.circle(punched, place, round(_HOLE_MM / 2 * px_per_mm), _BEHIND, cv2.FILLED, cv2.LINE_AA)
    return punched


def staple(page: Grey, layout: PageLayout, px_per_mm: float, rng: np.random.Generator) -> Grey:
    """Return the page with a staple slantwise in its top-left corner, as the glass shows it: dark, with its shadow."""
    stapled = page.copy()
    x, y = rng.uniform(6, 12), rng.uniform(8, 16)
    ends = [(x, y + 9.0), (x + 9.0, y)]
    first, last = ((round(a * px_per_mm), round(b * px_per_mm)) for a, b in ends)
    cv2.line(stapled, first, last, 120, round(1.6 * px_per_mm), cv2.LINE_AA)
    cv2.line(stapled, first, last, 40, round(0.6 * px_per_mm), cv2.LINE_AA)
    return stapled


def fold(page: Grey, layout: PageLayout, px_per_mm: float, rng: np.random.Generator) -> Grey:
    """Return the page folded in three for a window envelope: along each crease a thin line and a soft shadow."""
    folded = page.astype(np.float32)
    height = page.shape[0]
    rows = np.arange(height, dtype=np.float32)
    for third in (1 / 3, 2 / 3):
        depth = float(rng.uniform(0.06, 0.16))
        crease = height * third + float(rng.uniform(-6, 6)) * px_per_mm
        off = (rows - crease) / px_per_mm
        shade = 1 - 0.7 * depth * np.exp(-((off - 1.2) ** 2) / 2.5) - depth * np.exp(-(off**2) / 0.03)
        folded *= shade[:, None]
    return np.asarray(np.clip(folded, 0, 255), dtype=np.uint8)


def tear_corner(page: Grey, layout: PageLayout, px_per_mm: float, rng: np.random.Generator) -> Grey:
    """Return the page with one corner torn off, and its corner mark with it."""
    torn = page.copy()
    height, width = page.shape
    legs = rng.uniform(46, 54, 2) * px_per_mm
    ragged = np.linspace(0, 1, 12)[:, None]
    edge = (1 - ragged) * (legs[0], 0) + ragged * (0, legs[1]) + rng.normal(0, 0.5 * px_per_mm, (12, 2))
    outline = np.vstack([[(-9, -9), (legs[0], -9)], edge, [(-9, legs[1])]])
    if rng.random() < 0.5:
        outline = (width, height) - outline
    cv2.fillPoly(torn, [np.rint(outline).astype(np.int32)], int(rng.choice((_BEHIND, 235))))
    return torn


def spoil_codes(*which: int) -> Damage:
    """Return a damage that scribbles over the square codes of these numbers: 0 the upper, 1 the lower one."""
    return partial(_scribbled, kind="qr", which=which, pen=FELT_TIP)


def lose_corner(which: int) -> Damage:
    """Return a damage that hides the corner mark of this number, from 0 at the top left, clockwise."""
    return partial(_hidden, which=which)


def _scribbled(
    page: Grey,
    layout: PageLayout,
    px_per_mm: float,
    rng: np.random.Generator,
    kind: str,
    which: tuple[int, ...],
    pen: Pen,
) -> Grey:
    spoilt = page.copy()
    boxes = [code.box for code in layout.codes if code.kind == kind]
    for number in which:
        _scribble(spoilt, boxes[number], px_per_mm, pen, rng)
    return spoilt


def _scribble(page: Grey, box: Box, px_per_mm: float, pen: Pen, rng: np.random.Generator) -> None:
    """A child's pen goes over a code, in place."""
    rows = np.linspace(box.y - 1, box.bottom + 1, 12)
    points = [((box.x - 1 if n % 2 else box.right + 1) + float(rng.normal(0, 1)), float(y)) for n, y in enumerate(rows)]
    draw(page, px_per_mm, [curve(points, 0.3, rng)], pen, rng)


def _hidden(page: Grey, layout: PageLayout, px_per_mm: float, rng: np.random.Generator, which: int) -> Grey:
    """A sticker over a corner mark, or a pen tried out on it."""
    hidden = page.copy()
    box = _corner_marks(layout)[which].box
    if rng.random() < 0.5:
        _scribble(hidden, box, px_per_mm, BLACK_BALLPOINT, rng)
        return hidden
    left, top, right, bottom = (round(side * px_per_mm) for side in _sides(box.grown(1.5)))
    hidden[top:bottom, left:right] = int(rng.choice((255, 200, 60)))
    return hidden


def _corner_marks(layout: PageLayout) -> list[PrintedCode]:
    return [code for code in layout.codes if code.kind == "aruco"]


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.right, box.bottom
