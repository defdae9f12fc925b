"""Boxes to tick: what ink is in and around each, measured first and judged later.

A box is cut out around the centre line of its frame and measured in several ways; a small convolutional network
says what it looks like. `judge` alone decides, and only where measurements and network agree.

The network was trained by `training/marks.py`; docs/reading-marks.md says on what and how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.register import RegisteredPage
from pipeline.reading.boxes import (
    InkedBox,
    Pictures,
    box_pictures,
    inked_boxes,
    outline,
    rim_mm,
    runs_through_mm,
    widest_gap_mm,
    widest_solid_mm,
)
from pipeline.reading.network import Network, load_network


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
    darkness inside, `deepest` that of its darkest twentieth, `darkest` that of its darkest spot, smoothed; `fill` the
    share inked; `extent` and `breadth` the longer and the shorter side of the ink's outline as shares of the box; `gap`
    and `solid` the diameters in mm of the largest discs without and full of ink; `rim` the mm of the edge that are
    inked; `through` how many mm a single straight stroke runs on beyond the box on both sides.

    `empty`, `marked`, `cancelled`, `unsure` (ink of which nobody could say) and `stray` (a stroke that only passes
    through) are the network's probabilities, and sum to 1. What has a value here was not measured by older readers.
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
    breadth: float = 0.0
    solid: float = 0.0
    rim: float = 0.0
    through: float = 0.0
    darkest: float = 0.0


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


def read_marks(page: RegisteredPage, network: Network | None = None) -> tuple[MarkReading, ...]:
    """Measure and judge every box to tick on a page, in print order, by the network shipped or another."""
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
    if measured.marked >= _SURE_MARKED and looks_meant(measured):
        return Verdict.MARKED, measured.marked
    return Verdict.UNSURE, max(measured.empty, measured.marked, measured.cancelled)


def is_filled(measured: MarkMeasurement) -> bool:
    """Whether a box is inked nearly all over, with no white left in it wider than a pen line."""
    return measured.fill >= _LEAST_FILL and measured.gap <= _WIDEST_GAP_MM


_SURE_EMPTY, _SURE_MARKED, _SURE_FILLED = 0.95, 0.95, 0.95
_SURE_WITHOUT_INK = 0.8
"""Probabilities from which the network's word is taken; the last is enough of *empty* where no ink was measured, since
noise, folds and copied copies lower it there. Of the marks so faint that none was, it gave those of grey scans 0.2."""

_SPECK_MM2, _WIDEST_SPECK, _PALEST_SPECK, _LEAST_LIKE_A_MARK = 0.16, 0.09, 0.2, 0.15
"""Ink, extent and darkness of a speck that is dust, up to 0.3 mm across and two pixels wide, even where the network
thinks of a dot of ink, unless it gives a mark more than the last probability. The dot of a resting ball pen is 0.4 mm²
and more; that of a faint pencil may be as small, but is paler."""

_MOST_INK_EMPTY_MM2 = 0.45
"""Ink in a box that is still called empty: the tail of a neighbour's tick, specks. The dot of a ball pen may be as
little, but round and dark, which the network sees."""

_DARKEST_EMPTY = 0.2
"""Darkness of the darkest twentieth of a box that is still called empty."""

_MOST_INK_BESIDE_MM2 = 0.6
_MOST_INK_ON_ONE_SIDE_MM2 = 1.2
"""Ink on both sides, and on either, of a box that is still called empty: a ring around it leaves 1.5 or more on
each; a neighbour's long tick leaves 0.4 on one."""

_LEAST_INK_MARKED_MM2, _LEAST_EXTENT_MARKED, _RUNS_OUT_MM2 = 0.25, 0.3, 0.8
"""Ink and extent of the smallest mark that is taken for one, what is inside of a cross aimed at the frame; it may be of
less extent where it runs out of the box. Of dots, one in ten is so wide; of one in 960 the network was sure."""

_WIDEST_DOT, _ROUNDNESS = 0.4, 0.7
"""Extent of the dot of a felt pen, as a share of the box, and how broad it is for its length: a cross is wider, a dash
flatter."""

_LEAST_SHARE_INSIDE = 0.5
"""Ink of a mark against what is on both sides of its box: a ring drawn round one leaves little inside."""

_SOLID_MM, _BREADTH_OF_HALF, _LEAST_RIM_OF_HALF_MM = 1.7, 0.8, 8.0
"""A solid block wider than any pen that takes no more than this share of the box across and so much of its edge: half
of the box is filled in."""

_FARTHEST_THROUGH_MM = 2.2
"""How far a straight stroke may run on at both ends and still be a mark: a slipping pen goes on for 5 mm and more."""

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
        and measured.darkest >= _PALEST_SPECK
        and measured.rim == 0.0
        and measured.marked + measured.cancelled <= _LEAST_LIKE_A_MARK
    )


def looks_meant(measured: MarkMeasurement) -> bool:
    """Whether the ink in a box may be a mark, whatever the network thinks: enough of it, more than on both sides of the
    box, not solid in one part of it and white in the other, and no stroke from far off to far off."""
    return (
        measured.ink >= _LEAST_INK_MARKED_MM2
        and measured.ink >= _LEAST_SHARE_INSIDE * min(measured.ink_left, measured.ink_right)
        and (measured.extent >= _LEAST_EXTENT_MARKED or max(measured.ink_left, measured.ink_right) >= _RUNS_OUT_MM2)
        and measured.through <= _FARTHEST_THROUGH_MM
        and not is_half_filled(measured)
        and not _is_round_and_small(measured)
    )


def _is_round_and_small(measured: MarkMeasurement) -> bool:
    return measured.rim == 0.0 and measured.extent <= _WIDEST_DOT and measured.breadth >= _ROUNDNESS * measured.extent


def is_half_filled(measured: MarkMeasurement) -> bool:
    """Whether ink is solid in one part of a box and the rest is white."""
    return (
        measured.solid >= _SOLID_MM and measured.breadth <= _BREADTH_OF_HALF and measured.rim >= _LEAST_RIM_OF_HALF_MM
    )


def _measured(inked: InkedBox, chances: NDArray[np.float32]) -> MarkMeasurement:
    empty, marked, cancelled, unsure, stray = (round(chance, 5) for chance in chances.tolist())
    measured = MarkMeasurement(
        ink=inked.ink,
        ink_left=inked.ink_left,
        ink_right=inked.ink_right,
        darkness=inked.darkness,
        deepest=inked.deepest,
        fill=inked.fill,
        extent=0.0,
        gap=widest_gap_mm(inked.inside, min(inked.pixel_mm)),
        empty=empty,
        marked=marked,
        cancelled=cancelled,
        unsure=unsure,
        stray=stray,
        darkest=round(inked.darkest, 4),
    )
    return _with_shape(measured, inked) if inked.ink else measured


def _with_shape(measured: MarkMeasurement, inked: InkedBox) -> MarkMeasurement:
    """A measurement with the shape of the ink inside its box, of which there is some."""
    ink = inked.inside
    extent, breadth = outline(ink)
    return replace(
        measured,
        extent=extent,
        breadth=breadth,
        solid=widest_solid_mm(ink, min(inked.pixel_mm)),
        rim=rim_mm(inked),
        through=runs_through_mm(inked),
    )


def _chances(pictures: Pictures, network: Network) -> NDArray[np.float32]:
    """Probabilities of empty, marked, cancelled, unsure and stray for each box: (n, 5)."""
    if not len(pictures):
        return np.zeros((0, 5), np.float32)
    return network(pictures[:, None].astype(np.float32) / np.float32(255.0))


@cache
def _shipped() -> Network:
    return load_network(files("pipeline.reading").joinpath("models/marks.onnx").read_bytes())
