"""Boxes to tick, cut out of a page with what is around them, and what can be measured of the ink in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box, around_all
from pipeline.page.plane import cut_alike, greys_below, reduced
from pipeline.page.register import RegisteredPage

SIDE = 64
"""Side in pixels of the square picture of a box and what is around it: 5 pixels a millimetre for a box of 6 mm, where
the thinnest ball pen (0.25 mm) is a little wider than one."""

_MARGIN_SHARE, _MOST_MARGIN_MM = 0.55, 3.6
"""How much is seen around a box, as a share of its side and at most: a ring drawn round it passes there, and a stroke
that runs on shows that it does; the words of a choice begin 4 mm off, the next box 5.3 mm."""

_SURROUNDINGS_SHARE, _MOST_SURROUNDINGS_MM = 1.5, 9.0
"""How much of the surroundings is seen at a second look, in the same way: a stroke from far off shows that it comes
from there, or from the mark in a box whose middle is 15 mm off, as in the widest of our tables."""

_INSET_MM = 0.55
"""How far from the frame's centre line its surroundings begin: half its line (0.13), blur (0.2), place (0.1), rest."""

INK_DARKNESS = 0.13
"""Darkness (0 paper, 1 black), after smoothing, from which a pixel counts as ink: faint pencil is 0.2 to 0.3,
scanner noise smoothed below 0.03, print showing through from the back 0.05 to 0.1."""

_PLAIN_PAPER = 0.05
"""Darkness under which the inside of a box, smoothed, is paper everywhere. Most boxes are such, and the network costs
more than all else. Of 21,000 empty boxes of grey scans without ink on either side, 99.5 % were under 0.04; of the marks
so faint that no ink was measured in them, the palest was 0.12."""

_SMOOTHING_PX = 0.6
"""Sigma of the smoothing before that threshold, a third of a pen stroke."""

_LIGHT_SHARE, _DARKEST_PAPER_SHARE = 0.75, 0.75
"""Of the pixels of a picture, in rising order of lightness, the one so far on shows the paper; paper is no darker than
the second share of the page's, however much of a box and its surroundings is inked."""

Pictures = NDArray[np.uint8]
"""Boxes and what is around each, (n, 64, 64), 0 for paper to 255 for black."""

Views = NDArray[np.uint8]
"""Boxes at two scales, (n, 2, 64, 64): each as in `Pictures`, and smaller in its surroundings."""

Ink = NDArray[np.uint8]
"""Where there is ink (1) in a picture or a part of it."""

_FEWEST_PIXELS = 12
"""Ink inside a box, at 5 pixels a millimetre, that is looked at for a stroke: half a square millimetre."""

_WIDEST_STROKE_MM = 1.5
"""Ink spread wider than this across its main axis is no single stroke; a felt pen's is one wide. Across its axis, the
variance of a stroke of width w is w² / 12."""

_NEAR_LINE_MM, _STEP_MM = 0.35, 0.2
"""How near to its line a stroke that bends a little is still found, and in which steps it is followed."""

_STEPS_MM = np.arange(0.0, 24.0, _STEP_MM)[:, None]
"""As far as any picture of a box is wide."""


def box_pictures(page: RegisteredPage, boxes: Sequence[Box]) -> Pictures:
    """Cut boxes out of a page with what is around them, as darkness against the paper of each."""
    return _cut(page, [_window(box) for box in boxes])


def views(page: RegisteredPage, boxes: Sequence[Box], pictures: Pictures) -> Views:
    """Put beside the picture of each box that of its surroundings, half as fine or coarser."""
    around = [box.grown(min(_SURROUNDINGS_SHARE * min(box.w, box.h), _MOST_SURROUNDINGS_MM)) for box in boxes]
    return np.stack([pictures, _cut(page, around)], axis=1)


def _cut(page: RegisteredPage, windows: Sequence[Box]) -> Pictures:
    if not windows:
        return np.zeros((0, SIDE, SIDE), np.uint8)
    finest = SIDE / min(min(window.w, window.h) for window in windows)
    small, to_small = reduced(page.image, page.homography, around_all(windows), finest)
    greys = cut_alike(small, to_small, windows, (SIDE, SIDE))
    papers = greys_below(greys, _LIGHT_SHARE)
    floor = max(_DARKEST_PAPER_SHARE * float(np.median(papers)), 1.0)
    lit = greys * (255.0 / np.maximum(papers, floor)).astype(np.float32)[:, None, None]
    return np.asarray(255.0 - np.minimum(lit, 255.0) + 0.5, dtype=np.uint8)


def _margin(box: Box) -> float:
    return min(_MARGIN_SHARE * min(box.w, box.h), _MOST_MARGIN_MM)


def _window(box: Box) -> Box:
    return box.grown(_margin(box))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the frame of a box `w` by `h` mm lies in its picture, whose pixels are `pixel_mm` wide and high."""

    w: float
    h: float

    @property
    def pixel_mm(self) -> tuple[float, float]:
        margin = _margin(Box(0.0, 0.0, self.w, self.h))
        return (self.w + 2 * margin) / SIDE, (self.h + 2 * margin) / SIDE

    @property
    def inside(self) -> tuple[slice, slice]:
        """The rows and columns inside the frame."""
        within = _margin(Box(0.0, 0.0, self.w, self.h)) + _INSET_MM
        across, down = ((round(within / pixel), round(SIDE - within / pixel)) for pixel in self.pixel_mm)
        return slice(*down), slice(*across)


@dataclass(frozen=True, slots=True, eq=False)
class InkedBox:
    """The ink of one box: in mm² inside its frame, and on its left and right as far as the picture goes.

    Inside of the frame, `fill` is the share inked, `darkness` (0 to 1) the mean, `deepest` that of the darkest
    twentieth, and `darkest` that of the darkest place once smoothed. `picture` is where there is ink (0 or 1) in the
    whole picture, (64, 64), `rows` and `columns` what of it is inside. Pixels are `pixel_mm` wide and high.
    """

    ink: float
    ink_left: float
    ink_right: float
    fill: float
    darkness: float
    deepest: float
    darkest: float
    picture: Ink
    rows: slice
    columns: slice
    pixel_mm: tuple[float, float]

    @property
    def inside(self) -> Ink:
        """Where there is ink inside the frame."""
        return np.ascontiguousarray(self.picture[self.rows, self.columns])

    @property
    def _frame_px(self) -> int:
        return round(2 * _INSET_MM / self.pixel_mm[0])

    @property
    def is_plain_paper(self) -> bool:
        """Whether there is nothing in the box, not even the faintest, nor ink on its left and right."""
        return self.darkest < _PLAIN_PAPER and self.ink_left == self.ink_right == 0.0


def inked_boxes(pictures: Pictures, boxes: Sequence[Box]) -> Sequence[InkedBox]:
    """Find the ink of each box; all pictures are smoothed in one go, as one below the other."""
    if not boxes:
        return ()
    darkness = pictures.astype(np.float32) / np.float32(255.0)
    smooth = np.asarray(cv2.GaussianBlur(darkness.reshape(-1, SIDE), (0, 0), _SMOOTHING_PX), dtype=np.float32)
    smooth = smooth.reshape(darkness.shape)
    alike: dict[_Frame, list[int]] = {}
    for number, box in enumerate(boxes):
        alike.setdefault(_Frame(box.w, box.h), []).append(number)
    found: dict[int, InkedBox] = {}
    for frame, numbers in alike.items():
        found.update(zip(numbers, _inked_alike(frame, darkness[numbers], smooth[numbers]), strict=True))
    return tuple(found[number] for number in range(len(boxes)))


def _inked_alike(frame: _Frame, darkness: NDArray[np.float32], smooth: NDArray[np.float32]) -> Iterator[InkedBox]:
    """The ink of boxes of one size, from their pictures, (n, 64, 64), as they are and smoothed."""
    rows, columns = frame.inside
    pixel_mm = frame.pixel_mm
    beside = round(2 * _INSET_MM / pixel_mm[0])
    inside = darkness[:, rows, columns].reshape(len(darkness), -1)
    deep = round(0.95 * (inside.shape[1] - 1))
    ink = smooth > INK_DARKNESS
    parts = (ink[:, rows, columns], ink[:, rows, : columns.start - beside], ink[:, rows, columns.stop + beside :])
    inked = np.array([np.count_nonzero(part, axis=(1, 2)) for part in parts])
    measured = zip(
        *np.round(inked * (pixel_mm[0] * pixel_mm[1]), 3).tolist(),
        np.round(inked[0] / inside.shape[1], 4).tolist(),
        np.round(inside.mean(axis=1, dtype=np.float64), 4).tolist(),
        np.round(np.partition(inside, deep, axis=1)[:, deep].astype(np.float64), 4).tolist(),
        smooth[:, rows, columns].max(axis=(1, 2)).tolist(),
        strict=True,
    )
    for (mm2, left, right, fill, mean, deepest, darkest), picture in zip(measured, ink.view(np.uint8), strict=True):
        yield InkedBox(mm2, left, right, fill, mean, deepest, darkest, picture, rows, columns, pixel_mm)


def outline(ink: Ink) -> tuple[float, float]:
    """Return the longer and the shorter side of the ink's outline, as shares of the picture."""
    _, _, width, height = cv2.boundingRect(ink)
    across, down = width / ink.shape[1], height / ink.shape[0]
    return round(max(across, down), 3), round(min(across, down), 3)


def widest_gap_mm(ink: Ink, pixel_mm: float) -> float:
    """Return the diameter of the largest disc without ink; it may reach beyond the edge."""
    if not cv2.countNonZero(ink):
        return round(float(max(ink.shape)) * pixel_mm, 3)
    return _widest_disc_mm(1 - ink, pixel_mm)


def widest_solid_mm(ink: Ink, pixel_mm: float) -> float:
    """Return the diameter of the largest disc full of ink, within the edge."""
    return _widest_disc_mm(cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), pixel_mm)


def _widest_disc_mm(covered: cv2.typing.MatLike, pixel_mm: float) -> float:
    radius: float = cv2.minMaxLoc(cv2.distanceTransform(covered, cv2.DIST_L2, 5))[1]
    return round(min(2.0 * radius, float(max(covered.shape))) * pixel_mm, 3)


def rim_mm(inked: InkedBox) -> float:
    """Return how much of the edge of a box's inside is inked, in mm: what enters from elsewhere crosses it."""
    inside = inked.inside
    edge = int(inside[0].sum() + inside[-1].sum() + inside[1:-1, 0].sum() + inside[1:-1, -1].sum())
    return round(edge * min(inked.pixel_mm), 2)


def runs_through_mm(inked: InkedBox) -> float:
    """Return how far a single straight stroke runs on outside the box, in mm, on the side where it runs less far.

    0 where the ink inside is not one straight stroke. The stroke's line is the main axis of its pixels, and it runs on
    as far as ink is found within a third of a millimetre of that line.
    """
    ink = cv2.moments(inked.inside, binaryImage=True)
    area, (w, h) = ink["m00"], inked.pixel_mm
    if area < _FEWEST_PIXELS:
        return 0.0
    xx, xy, yy = ink["mu20"] * w * w / area, ink["mu11"] * w * h / area, ink["mu02"] * h * h / area
    if (xx + yy) / 2 - hypot((xx - yy) / 2, xy) > _WIDEST_STROKE_MM**2 / 12:
        return 0.0
    start = np.array([(inked.columns.start + ink["m10"] / area) * w, (inked.rows.start + ink["m01"] / area) * h])
    angle = atan2(2 * xy, xx - yy) / 2
    way = np.array([cos(angle), sin(angle)])
    reach = 2 * round(_NEAR_LINE_MM / min(w, h)) + 1
    near = cv2.dilate(inked.picture, np.ones((reach, reach), np.uint8))
    return round(min(_runs_on_mm(inked, near, start, way), _runs_on_mm(inked, near, start, -way)), 2)


def _runs_on_mm(
    inked: InkedBox, near: cv2.typing.MatLike, start: NDArray[np.float64], way: NDArray[np.float64]
) -> float:
    """How far (mm) from the frame on there is ink `near` a line that starts (mm of the picture) inside of it."""
    places = np.rint((start + _STEPS_MM * way) / inked.pixel_mm).astype(int)
    x, y = places[((places >= 0) & (places < SIDE)).all(axis=1)].T
    frame = inked._frame_px
    beyond = (
        (x < inked.columns.start - frame)
        | (x >= inked.columns.stop + frame)
        | (y < inked.rows.start - frame)
        | (y >= inked.rows.stop + frame)
    )
    inky = near[y[beyond], x[beyond]]
    ends = np.flatnonzero(inky == 0)
    return float(_STEP_MM * (ends[0] if len(ends) else len(inky)))
