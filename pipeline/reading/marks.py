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
from pipeline.page.identify import Grey
from pipeline.page.plane import grey_below
from pipeline.page.register import RegisteredPage, crop

PX_PER_MM = 8.0
"""Scale of the pictures of boxes: 203 dpi, where the thinnest ball pen (0.25 mm) is two pixels wide."""

NETWORK_SIDE = 51
"""Side, in pixels, of the square picture the network sees: the box and its margin."""

MARGIN_SHARE = 0.25
"""How much the network sees around a box, as a share of its side: 1.5 mm around a box of 6 mm."""

_LEFT_MM, _RIGHT_MM = 4.9, 3.6
"""How far to the left and right of a box ink is measured, since a ring drawn round it passes there: the next box of a
row stands at least 5.3 mm away, the words of a choice at 4 mm on its right."""

_INSET_MM = 0.55
"""How far from the frame's centre line its surroundings begin: half its line (0.13), blur (0.2), place (0.1), rest."""

INK_DARKNESS = 0.13
"""Darkness (0 paper, 1 black), after smoothing, from which a pixel counts as ink: faint pencil is 0.2 to 0.3,
scanner noise smoothed below 0.03, print showing through from the back 0.05 to 0.1."""

_SMOOTHING_PX = 0.8
"""Sigma of the smoothing before that threshold, a third of a pen stroke."""

_DUST_MM2 = 0.06
"""A connected spot of ink smaller than this is dust: a quarter of a millimetre across."""

_DARKEST_PAPER_SHARE = 0.75
"""The paper around a box is no darker than this share of the page's, however much of it is inked."""


class Verdict(StrEnum):
    """What the ink in a box amounts to. `CANCELLED` is a box filled in solid, as the form asks of a change of mind."""

    EMPTY = "empty"
    MARKED = "marked"
    CANCELLED = "cancelled"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class MarkMeasurement:
    """What was measured on one box. Darkness is 0 for paper to 1 for black; shares are of the inside of the box.

    `ink`, `ink_outside`, `ink_left` and `ink_right` are mm² inked inside the frame, close around it, and up to 3 mm
    beside it; `darkness` is the mean darkness inside, `deepest` that of its darkest twentieth; `fill` the share
    inked; `difference` the mean darkness of the inside and close surroundings, which are white as printed; `extent`
    the longer side of the ink's outline as a share of the box; `gap` the diameter in mm of the largest disc without
    ink; `strokes` the connected spots of ink.

    `empty`, `marked`, `cancelled` and `unsure` are the network's probabilities of each, and sum to 1.
    """

    ink: float
    ink_outside: float
    ink_left: float
    ink_right: float
    darkness: float
    deepest: float
    fill: float
    difference: float
    extent: float
    gap: float
    strokes: int
    empty: float
    marked: float
    cancelled: float
    unsure: float


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


@dataclass(frozen=True, slots=True, eq=False)
class BoxPicture:
    """A box and what is beside it as darkness, 0 paper to 1 black, (height, width) at `PX_PER_MM`; its frame in mm."""

    box: Box
    darkness: NDArray[np.float32]

    @property
    def for_network(self) -> NDArray[np.uint8]:
        """The box and its margin, (51, 51), 0 paper to 255 black."""
        near = self.darkness[_areas(self.box).close]
        small = cv2.resize(near, (NETWORK_SIDE, NETWORK_SIDE), interpolation=cv2.INTER_AREA)
        return np.asarray(np.rint(small * 255.0), dtype=np.uint8)


def read_marks(page: RegisteredPage) -> tuple[MarkReading, ...]:
    """Measure and judge every box to tick on a page, in print order."""
    placed = [each for each in page.fields if each.field.kind == "mark"]
    pictures = box_pictures(page, [each.box for each in placed])
    readings = []
    for each, measured in zip(placed, measure(pictures), strict=True):
        verdict, confidence = judge(measured)
        field = each.field
        readings.append(
            MarkReading(
                field.question, field.value, each.box, measured, verdict, is_filled(measured), round(confidence, 4)
            )
        )
    return tuple(readings)


def box_pictures(page: RegisteredPage, boxes: Sequence[Box]) -> tuple[BoxPicture, ...]:
    """Cut the boxes (frames in mm, where they were found) out of a page, with what is beside them."""
    pictures = [crop(page, _surroundings(box), PX_PER_MM) for box in boxes]
    papers = _papers(pictures)
    return tuple(
        BoxPicture(box, _darkness(picture, paper)) for box, picture, paper in zip(boxes, pictures, papers, strict=True)
    )


def measure_ink(picture: BoxPicture) -> float:
    """Return the mm² inked inside a box's frame."""
    return _mm2(_ink(picture.darkness)[_areas(picture.box).inside])


def measure(pictures: Sequence[BoxPicture]) -> tuple[MarkMeasurement, ...]:
    """Measure boxes; the network sees them in one batch. It is kept for the process and is not for several threads."""
    return tuple(_measure_one(picture, chances) for picture, chances in zip(pictures, _chances(pictures), strict=True))


def judge(measured: MarkMeasurement) -> tuple[Verdict, float]:
    """Say what a box's ink amounts to, and how sure that is (0 to 1).

    The network must be sure and the measurements must agree with it; anything else is for a person. Behind every
    empty box stands a test of its own, that there is almost no ink: a net never shown somebody's way of marking
    would be wrong about it and sure.
    """
    if measured.empty >= _SURE_EMPTY and _has_almost_no_ink(measured):
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


_SURE_EMPTY, _SURE_MARKED, _SURE_FILLED = 0.95, 0.90, 0.90
"""Probabilities from which the network's word is taken. On 10,500 boxes of other drawn sheets, half of them hard and
scanned in grey, no empty or filled box was called marked and no visible mark empty (docs/reading-marks.md)."""

_MOST_INK_EMPTY_MM2 = 0.45
"""Ink in a box that is still called empty: the tail of a neighbour's tick, specks. The dot of a ball pen may be as
little, but round and dark, which the network sees."""

_LARGEST_SPECK_MM2 = 0.21
_WIDEST_SPECK = 0.125
_LEAST_LIKE_A_MARK = 0.15
"""Ink and extent of a speck, half a millimetre across, that is dust even where the network thinks of a dot of ink,
unless it gives more than the last probability to a mark. The dot of a resting ball pen measures 0.35 mm² and more."""

_DARKEST_EMPTY = 0.2
"""Darkness of the darkest twentieth of a box that is still called empty."""

_MOST_INK_BESIDE_MM2 = 0.6
_MOST_INK_ON_ONE_SIDE_MM2 = 1.2
"""Ink on both sides, and on either, of a box that is still called empty: a ring around it leaves 1.5 or more on
each, unless it is so wide that one side runs through the words; a neighbour's long tick leaves 0.4 on one."""

_LEAST_INK_MARKED_MM2 = 0.7
_LEAST_EXTENT_MARKED = 0.3
"""Ink and extent of the smallest mark that is taken for one: a short dash in a fine pen."""

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
        measured.ink <= _LARGEST_SPECK_MM2
        and measured.extent <= _WIDEST_SPECK
        and measured.marked + measured.cancelled <= _LEAST_LIKE_A_MARK
    )


def _has_a_mark(measured: MarkMeasurement) -> bool:
    return measured.ink >= _LEAST_INK_MARKED_MM2 and measured.extent >= _LEAST_EXTENT_MARKED


def _margin(box: Box) -> float:
    return MARGIN_SHARE * min(box.w, box.h)


def _surroundings(box: Box) -> Box:
    margin = _margin(box)
    return Box(box.x - _LEFT_MM, box.y - margin, box.w + _LEFT_MM + _RIGHT_MM, box.h + 2 * margin)


def _papers(pictures: Sequence[Grey]) -> list[float]:
    """Grey of the paper around each box: of its lighter half, unless nearly all of it is inked."""
    levels = [grey_below(picture, 0.75) for picture in pictures]
    floor = _DARKEST_PAPER_SHARE * float(np.median(levels)) if levels else 1.0
    return [max(level, floor, 1.0) for level in levels]


def _darkness(picture: Grey, paper: float) -> NDArray[np.float32]:
    return np.asarray(np.clip(1.0 - picture.astype(np.float32) / np.float32(paper), 0.0, 1.0), dtype=np.float32)


Part = tuple[slice, slice]
"""Rows and columns of a box's picture."""


@dataclass(frozen=True, slots=True)
class _Areas:
    """Parts of a box's picture: inside the frame, the frame and all in it, with its margin, beside it."""

    inside: Part
    frame: Part
    close: Part
    left: Part
    right: Part


def _areas(box: Box) -> _Areas:
    left, top, inset = _LEFT_MM * PX_PER_MM, _margin(box) * PX_PER_MM, _INSET_MM * PX_PER_MM
    right, bottom = left + box.w * PX_PER_MM, top + box.h * PX_PER_MM
    rows = slice(round(top), round(bottom))
    return _Areas(
        inside=(slice(round(top + inset), round(bottom - inset)), slice(round(left + inset), round(right - inset))),
        frame=(slice(round(top - inset), round(bottom + inset)), slice(round(left - inset), round(right + inset))),
        close=(slice(None), slice(round(left - top), round(right + top))),
        left=(rows, slice(0, round(left - inset))),
        right=(rows, slice(round(right + inset), None)),
    )


def _measure_one(picture: BoxPicture, chances: NDArray[np.float32]) -> MarkMeasurement:
    darkness, areas = picture.darkness, _areas(picture.box)
    ink = _ink(darkness)
    within, inked = darkness[areas.inside], ink[areas.inside]
    around = _sum(darkness[areas.close]) - _sum(darkness[areas.frame])
    size_around = darkness[areas.close].size - darkness[areas.frame].size
    return MarkMeasurement(
        ink=_mm2(inked),
        ink_outside=round(_mm2(ink[areas.close]) - _mm2(ink[areas.frame]), 3),
        ink_left=_mm2(ink[areas.left]),
        ink_right=_mm2(ink[areas.right]),
        darkness=round(float(within.mean()), 4),
        deepest=round(grey_below((within * 255.0).astype(np.uint8), 0.95) / 255.0, 4),
        fill=round(float(np.count_nonzero(inked)) / inked.size, 4),
        difference=round((_sum(within) + around) / (within.size + size_around), 4),
        extent=_extent(inked),
        gap=_largest_gap(inked),
        strokes=cv2.connectedComponents(inked)[0] - 1,
        empty=round(float(chances[0]), 5),
        marked=round(float(chances[1]), 5),
        cancelled=round(float(chances[2]), 5),
        unsure=round(float(chances[3]), 5),
    )


def _ink(darkness: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Where there is ink (1), without dust."""
    smooth = cv2.GaussianBlur(darkness, (0, 0), _SMOOTHING_PX)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((smooth > INK_DARKNESS).astype(np.uint8))
    keep = (stats[:, cv2.CC_STAT_AREA] >= _DUST_MM2 * PX_PER_MM**2).astype(np.uint8)
    keep[0] = 0
    return np.asarray(keep[labels], dtype=np.uint8)


def _mm2(ink: NDArray[np.uint8]) -> float:
    return round(float(np.count_nonzero(ink)) / PX_PER_MM**2, 3)


def _sum(darkness: NDArray[np.float32]) -> float:
    total: float = np.sum(darkness, dtype=np.float64).item()
    return total


def _extent(ink: NDArray[np.uint8]) -> float:
    _, _, width, height = cv2.boundingRect(ink)
    share = max(width / ink.shape[1], height / ink.shape[0])
    return round(float(share), 3)


def _largest_gap(ink: NDArray[np.uint8]) -> float:
    free = cv2.distanceTransform(1 - ink, cv2.DIST_L2, 5)
    return round(min(2.0 * float(free.max()), float(max(ink.shape))) / PX_PER_MM, 3)


def _chances(pictures: Sequence[BoxPicture]) -> NDArray[np.float32]:
    """Probabilities of empty, marked, cancelled and unsure for each box: (n, 4)."""
    if not pictures:
        return np.zeros((0, 4), np.float32)
    network = _network()
    network.setInput(np.stack([picture.for_network for picture in pictures])[:, None].astype(np.float32) / 255.0)
    return np.asarray(network.forward(), dtype=np.float32)


@cache
def _network() -> cv2.dnn.Net:
    model = files("pipeline.reading").joinpath("models/marks.onnx").read_bytes()
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
