"""Boxes to tick, cut out of a page with what is around them, and what can be measured of the ink in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.plane import around_all, cut_alike, reduced
from pipeline.page.register import RegisteredPage

SIDE = 64
"""Side in pixels of the square picture of a box and what is around it: 5 pixels a millimetre for a box of 6 mm, where
the thinnest ball pen (0.25 mm) is a little wider than one."""

_MARGIN_SHARE, _MOST_MARGIN_MM = 0.55, 3.6
"""How much is seen around a box, as a share of its side and at most: a ring drawn round it passes there, and a stroke
that runs on shows that it does; the words of a choice begin 4 mm off, the next box 5.3 mm."""

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
    if not boxes:
        return np.zeros((0, SIDE, SIDE), np.uint8)
    windows = [_window(box) for box in boxes]
    finest = SIDE / min(min(window.w, window.h) for window in windows)
    small, to_small = reduced(page.image, page.homography, around_all(windows), finest)
    greys = cut_alike(small, to_small, windows, (SIDE, SIDE)).reshape(len(boxes), -1)
    papers = np.partition(greys, round(_LIGHT_SHARE * (SIDE**2 - 1)), axis=1)[:, round(_LIGHT_SHARE * (SIDE**2 - 1))]
    floor = max(_DARKEST_PAPER_SHARE * float(np.median(papers)), 1.0)
    lit = greys * (255.0 / np.maximum(papers, floor)).astype(np.float32)[:, None]
    return np.asarray(255.0 - np.minimum(lit, 255.0) + 0.5, dtype=np.uint8).reshape(-1, SIDE, SIDE)


def _margin(box: Box) -> float:
    return min(_MARGIN_SHARE * min(box.w, box.h), _MOST_MARGIN_MM)


def _window(box: Box) -> Box:
    return box.grown(_margin(box))


@dataclass(frozen=True, slots=True, eq=False)
class InkedBox:
    """The ink of one box: `darkness` (0 to 1) inside its frame, `darkest` its darkest place once smoothed.

    `picture` is where there is ink (0 or 1) in the whole picture, (64, 64), and `rows`, `columns` what of it is inside
    the frame. Pixels are `pixel_mm` wide and high.
    """

    darkness: NDArray[np.float32]
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
    def left(self) -> Ink:
        """Where there is ink on the left of the frame, as far as the picture goes."""
        return self.picture[self.rows, : self.columns.start - self._frame_px]

    @property
    def right(self) -> Ink:
        """Where there is ink on the right of the frame, as far as the picture goes."""
        return self.picture[self.rows, self.columns.stop + self._frame_px :]

    @property
    def _frame_px(self) -> int:
        return round(2 * _INSET_MM / self.pixel_mm[0])

    @property
    def is_plain_paper(self) -> bool:
        """Whether there is nothing in the box, not even the faintest, nor ink on its left and right."""
        return self.darkest < _PLAIN_PAPER and not self.left.any() and not self.right.any()

    def mm2(self, ink: Ink) -> float:
        """The area inked in a part of the picture."""
        return round(float(np.count_nonzero(ink)) * self.pixel_mm[0] * self.pixel_mm[1], 3)


def inked_boxes(pictures: Pictures, boxes: Sequence[Box]) -> Sequence[InkedBox]:
    """Find the ink of each box; all pictures are smoothed in one go, as one below the other."""
    if not boxes:
        return ()
    darkness = pictures.astype(np.float32) / np.float32(255.0)
    smooth = cv2.GaussianBlur(darkness.reshape(-1, SIDE), (0, 0), _SMOOTHING_PX).reshape(darkness.shape)
    ink = (smooth > INK_DARKNESS).astype(np.uint8)
    return tuple(_inked_box(*each) for each in zip(darkness, smooth, ink, boxes, strict=True))


def _inked_box(darkness: NDArray[np.float32], smooth: NDArray[np.float32], ink: Ink, box: Box) -> InkedBox:
    window, within = _window(box), _margin(box) + _INSET_MM
    pixel = window.w / SIDE, window.h / SIDE
    columns = slice(round(within / pixel[0]), round((window.w - within) / pixel[0]))
    rows = slice(round(within / pixel[1]), round((window.h - within) / pixel[1]))
    return InkedBox(
        darkness=np.ascontiguousarray(darkness[rows, columns]),
        darkest=float(smooth[rows, columns].max(initial=0.0)),
        picture=ink,
        rows=rows,
        columns=columns,
        pixel_mm=pixel,
    )


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
