"""Boxes to tick: what ink is in and around each, measured first and judged later.

A box is cut out around the centre line of its frame and measured in several ways; a small convolutional network
says what it looks like. `judge` alone decides, and only where measurements and network agree.

The network was trained by `training/marks.py`; docs/reading-marks.md says on what and how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

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


class Verdict(StrEnum):
    """What the ink in a box amounts to. `CANCELLED` is a box filled in solid, as the form asks of a change of mind."""

    EMPTY = "empty"
    MARKED = "marked"
    CANCELLED = "cancelled"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class MarkMeasurement:
    """What was measured on one box. Darkness is 0 for paper to 1 for black; shares are of the inside of the box.

    `ink`, `ink_left` and `ink_right` are mm² inked inside the frame and up to 3.6 mm beside it; `darkness` is the mean
    darkness inside, `deepest` that of its darkest twentieth; `fill` the share inked; `extent` the longer side of the
    ink's outline as a share of the box; `gap` the diameter in mm of the largest disc without ink.

    `empty`, `marked`, `cancelled`, `unsure` (ink of which nobody could say) and `stray` (a stroke that only passes
    through) are the network's probabilities, and sum to 1.
    """

    ink: float
    ink_left: float
    ink_right: float
    darkness: float
    deepest: float
    fill: float
    extent: float
    gap: float
    empty: float
    marked: float
    cancelled: float
    unsure: float
    stray: float = 0.0


@dataclass(frozen=True, slots=True)
class MarkReading:
    """One box to tick: the question, the value it stands for, where it is (mm), what was measured, the verdict.

    `filled` says that the box is filled in solid, and so cancelled; where filling it in is how it is marked, it is a
    `bubble` and never `filled`. `confidence` is how sure the verdict is, 0 to 1.
    """

    question: str
    value: str
    box: Box
    measured: MarkMeasurement
    verdict: Verdict
    filled: bool
    confidence: float
    bubble: bool = False


Network = cv2.dnn.Net
"""A network that gives the five probabilities of each picture."""

Pictures = NDArray[np.uint8]
"""Boxes and what is around each, (n, 64, 64), 0 for paper to 255 for black."""


def read_marks(page: RegisteredPage, network: Network | None = None) -> tuple[MarkReading, ...]:
    """Measure and judge every box to tick on a page, in print order, by the network shipped or another.

    A network is not for several threads.
    """
    placed = [each for each in page.fields if each.field.kind == "mark"]
    readings = []
    for each, measured in zip(placed, measure(page, [each.box for each in placed], network), strict=True):
        verdict, confidence = judge(measured)
        field = each.field
        readings.append(
            MarkReading(
                field.question, field.value, each.box, measured, verdict, is_filled(measured), round(confidence, 4)
            )
        )
    return tuple(readings)


def measure(page: RegisteredPage, boxes: Sequence[Box], network: Network | None = None) -> tuple[MarkMeasurement, ...]:
    """Measure boxes (frames in mm, where they were found); the network sees them at once, but for plain paper.

    In two tones faint pencil is gone inside a box, and only what is left around it tells: there it sees every box.
    """
    pictures = box_pictures(page, boxes)
    inked = inked_boxes(pictures, boxes)
    seen = [number for number, each in enumerate(inked) if page.image.bitonal or not each.is_plain_paper]
    chances = np.zeros((len(boxes), 5), np.float32)
    chances[:, 0] = 1.0
    chances[seen] = _chances(pictures[seen], network or _shipped())
    return tuple(map(_measured, inked, chances))


def load_network(model: bytes) -> Network:
    """Load a network from its ONNX file."""
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))


def box_pictures(page: RegisteredPage, boxes: Sequence[Box]) -> Pictures:
    """Cut boxes out of a page with what is around them, as darkness against the paper of each."""
    if not boxes:
        return np.zeros((0, SIDE, SIDE), np.uint8)
    windows = [_window(box) for box in boxes]
    finest = SIDE / min(min(window.w, window.h) for window in windows)
    small, to_small = reduced(page.image.grey, page.homography, around_all(windows), finest)
    greys = cut_alike(small, to_small, windows, (SIDE, SIDE)).reshape(len(boxes), -1)
    papers = np.partition(greys, round(_LIGHT_SHARE * (SIDE**2 - 1)), axis=1)[:, round(_LIGHT_SHARE * (SIDE**2 - 1))]
    floor = max(_DARKEST_PAPER_SHARE * float(np.median(papers)), 1.0)
    lit = greys * (255.0 / np.maximum(papers, floor)).astype(np.float32)[:, None]
    return np.asarray(255.0 - np.minimum(lit, 255.0) + 0.5, dtype=np.uint8).reshape(-1, SIDE, SIDE)


def judge(measured: MarkMeasurement) -> tuple[Verdict, float]:
    """Say what a box's ink amounts to, and how sure that is (0 to 1).

    The network must be sure and the measurements must agree with it; anything else is for a person. Behind every
    empty box stands a test of its own, that there is almost no ink: a net never shown somebody's way of marking
    would be wrong about it and sure.
    """
    enough = _SURE_WITHOUT_INK if measured.ink == 0.0 else _SURE_EMPTY
    if measured.empty >= enough and _has_almost_no_ink(measured):
        return Verdict.EMPTY, measured.empty
    if _is_a_speck(measured) and _has_almost_no_ink(measured):
        return Verdict.EMPTY, 1.0 - measured.marked - measured.cancelled
    if measured.cancelled >= _SURE_FILLED and is_filled(measured):
        return Verdict.CANCELLED, measured.cancelled
    if measured.marked >= _SURE_MARKED and _has_a_mark(measured):
        return Verdict.MARKED, measured.marked
    return Verdict.UNSURE, max(measured.empty, measured.marked, measured.cancelled)


def is_filled(measured: MarkMeasurement) -> bool:
    """Whether a box is inked nearly all over, with no white left in it wider than a pen line."""
    return measured.fill >= _LEAST_FILL and measured.gap <= _WIDEST_GAP_MM


_SURE_EMPTY, _SURE_MARKED, _SURE_FILLED = 0.95, 0.95, 0.95
_SURE_WITHOUT_INK = 0.8
"""Probabilities from which the network's word is taken; the last is enough of *empty* where no ink was measured, since
noise, folds and copied copies lower it there. Of the marks so faint that none was, it gave those of grey scans 0.2."""

_SPECK_MM2, _WIDEST_SPECK, _LEAST_LIKE_A_MARK = 0.16, 0.09, 0.15
"""Ink and extent of a speck that is dust, up to 0.3 mm across and two pixels wide, even where the network thinks of a
dot of ink, unless it gives a mark more than the last probability. The dot of a resting ball pen is 0.4 mm² and more."""

_MOST_INK_EMPTY_MM2 = 0.45
"""Ink in a box that is still called empty: the tail of a neighbour's tick, specks. The dot of a ball pen may be as
little, but round and dark, which the network sees."""

_DARKEST_EMPTY = 0.2
"""Darkness of the darkest twentieth of a box that is still called empty."""

_MOST_INK_BESIDE_MM2 = 0.6
_MOST_INK_ON_ONE_SIDE_MM2 = 1.2
"""Ink on both sides, and on either, of a box that is still called empty: a ring around it leaves 1.5 or more on
each; a neighbour's long tick leaves 0.4 on one."""

_LEAST_INK_MARKED_MM2 = 0.25
_LEAST_EXTENT_MARKED = 0.3
"""Ink and extent of the smallest mark that is taken for one: what is inside of a cross aimed at the frame. Of dots, one
in ten is so wide, and in 960 the network was sure of a mark once."""

_LEAST_FILL = 0.9
_WIDEST_GAP_MM = 0.8
"""Share inked of a box that is filled in, and the widest white left in it."""


def _has_almost_no_ink(measured: MarkMeasurement) -> bool:
    less, more = sorted((measured.ink_left, measured.ink_right))
    return (
        measured.ink <= _MOST_INK_EMPTY_MM2
        and measured.deepest <= _DARKEST_EMPTY
        and less <= _MOST_INK_BESIDE_MM2
        and more <= _MOST_INK_ON_ONE_SIDE_MM2
    )


def _is_a_speck(measured: MarkMeasurement) -> bool:
    return (
        0.0 < measured.ink <= _SPECK_MM2
        and measured.extent <= _WIDEST_SPECK
        and measured.marked + measured.cancelled <= _LEAST_LIKE_A_MARK
    )


def _has_a_mark(measured: MarkMeasurement) -> bool:
    return measured.ink >= _LEAST_INK_MARKED_MM2 and measured.extent >= _LEAST_EXTENT_MARKED


def _margin(box: Box) -> float:
    return min(_MARGIN_SHARE * min(box.w, box.h), _MOST_MARGIN_MM)


def _window(box: Box) -> Box:
    return box.grown(_margin(box))


@dataclass(frozen=True, slots=True, eq=False)
class InkedBox:
    """One box in its picture: `darkness` (0 to 1) and `ink` (0 or 1) inside its frame, ink on its left and right.

    `darkest` is the darkest place inside, once smoothed. Pixels are `pixel_mm` wide and high.
    """

    darkness: NDArray[np.float32]
    ink: NDArray[np.uint8]
    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    pixel_mm: tuple[float, float]
    darkest: float

    @property
    def is_plain_paper(self) -> bool:
        """Whether there is nothing in the box, not even the faintest, nor ink on its left and right."""
        return self.darkest < _PLAIN_PAPER and not self.left.any() and not self.right.any()

    @property
    def ink_mm2(self) -> float:
        """The area inked inside the frame."""
        return self.area(self.ink)

    def area(self, ink: NDArray[np.uint8]) -> float:
        """The mm² inked in a part of the picture."""
        return round(cv2.countNonZero(ink) * self.pixel_mm[0] * self.pixel_mm[1], 3) if ink.size else 0.0


def inked_boxes(pictures: Pictures, boxes: Sequence[Box]) -> Sequence[InkedBox]:
    """Find the ink of each box; all pictures are smoothed in one go, as one below the other."""
    if not boxes:
        return ()
    darkness = pictures.astype(np.float32) / np.float32(255.0)
    smooth = cv2.GaussianBlur(darkness.reshape(-1, SIDE), (0, 0), _SMOOTHING_PX).reshape(darkness.shape)
    ink = (smooth > INK_DARKNESS).astype(np.uint8)
    return tuple(_inked_box(*each) for each in zip(darkness, smooth, ink, boxes, strict=True))


def _inked_box(
    darkness: NDArray[np.float32], smooth: NDArray[np.float32], ink: NDArray[np.uint8], box: Box
) -> InkedBox:
    margin, window = _margin(box), _window(box)
    pixel = window.w / SIDE, window.h / SIDE
    within = margin + _INSET_MM
    columns = slice(round(within / pixel[0]), round((window.w - within) / pixel[0]))
    rows = slice(round(within / pixel[1]), round((window.h - within) / pixel[1]))
    beside = round((margin - _INSET_MM) / pixel[0])
    return InkedBox(
        darkness=np.ascontiguousarray(darkness[rows, columns]),
        ink=np.ascontiguousarray(ink[rows, columns]),
        left=np.ascontiguousarray(ink[rows, :beside]),
        right=np.ascontiguousarray(ink[rows, SIDE - beside :]),
        pixel_mm=pixel,
        darkest=float(smooth[rows, columns].max(initial=0.0)),
    )


def _measured(inked: InkedBox, chances: NDArray[np.float32]) -> MarkMeasurement:
    empty, marked, cancelled, unsure, stray = (round(chance, 5) for chance in chances.tolist())
    deep = round(0.95 * (inked.darkness.size - 1))
    return MarkMeasurement(
        ink=inked.ink_mm2,
        ink_left=inked.area(inked.left),
        ink_right=inked.area(inked.right),
        darkness=round(cv2.mean(inked.darkness)[0], 4),
        deepest=round(float(np.partition(inked.darkness, deep, axis=None)[deep]), 4),
        fill=round(cv2.countNonZero(inked.ink) / inked.ink.size, 4),
        extent=_extent(inked.ink),
        gap=_largest_gap(inked.ink, min(inked.pixel_mm)),
        empty=empty,
        marked=marked,
        cancelled=cancelled,
        unsure=unsure,
        stray=stray,
    )


def _extent(ink: NDArray[np.uint8]) -> float:
    _, _, width, height = cv2.boundingRect(ink)
    share: float = max(width / ink.shape[1], height / ink.shape[0])
    return round(share, 3)


def _largest_gap(ink: NDArray[np.uint8], pixel_mm: float) -> float:
    widest: float = max(ink.shape)
    if cv2.countNonZero(ink):
        radius: float = cv2.minMaxLoc(cv2.distanceTransform(1 - ink, cv2.DIST_L2, 5))[1]
        widest = min(2.0 * radius, widest)
    return round(widest * pixel_mm, 3)


def _chances(pictures: Pictures, network: Network) -> NDArray[np.float32]:
    """Probabilities of empty, marked, cancelled, unsure and stray for each box: (n, 5)."""
    if not len(pictures):
        return np.zeros((0, 5), np.float32)
    network.setInput(pictures[:, None].astype(np.float32) / np.float32(255.0))
    return np.asarray(network.forward(), dtype=np.float32)


@cache
def _shipped() -> Network:
    return load_network(files("pipeline.reading").joinpath("models/marks.onnx").read_bytes())
