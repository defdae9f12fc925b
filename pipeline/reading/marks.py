"""Boxes to tick: what ink is in and around each, measured first and judged later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.identify import Grey
from pipeline.page.register import RegisteredPage, crop

PX_PER_MM = 8.0
"""Scale of the pictures of boxes: 203 dpi, where the thinnest ball pen (0.25 mm) is two pixels wide."""

MARGIN_SHARE = 0.25
"""How much is seen around a box, as a share of its side: 1.5 mm around a box of 6 mm, still clear of its words."""

INSET_MM = 0.55
"""How far inside the frame's centre line the inside begins: half the line (0.13), blur (0.2), place (0.1), to spare."""

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

    `ink` and `ink_outside` are mm² inked inside the frame and just outside it; `darkness` is the mean darkness
    inside, `deepest` that of its darkest twentieth; `fill` the share inked; `difference` the mean darkness, over box
    and surroundings, beyond that of the blank as printed; `extent` the longer side of the ink's outline as a share of
    the box; `gap` the diameter in mm of the largest disc without ink; `strokes` the connected spots of ink.
    """

    ink: float
    ink_outside: float
    darkness: float
    deepest: float
    fill: float
    difference: float
    extent: float
    gap: float
    strokes: int


@dataclass(frozen=True, slots=True)
class MarkReading:
    """One box to tick: the question, the value it stands for, where it is (mm), what was measured, the verdict.

    `filled` says that the box is filled in solid. `confidence` is how sure the verdict is, 0 to 1.
    """

    question: str
    value: str
    box: Box
    measured: MarkMeasurement
    verdict: Verdict
    filled: bool
    confidence: float


def read_marks(page: RegisteredPage) -> tuple[MarkReading, ...]:
    """Measure and judge every box to tick on a page, in print order."""
    placed = [each for each in page.fields if each.field.kind == "mark"]
    pictures = [crop(page, each.box.grown(_margin(each.box)), PX_PER_MM) for each in placed]
    papers = _papers(pictures, [each.box for each in placed])
    readings = []
    for each, picture, paper in zip(placed, pictures, papers, strict=True):
        measured = measure(picture, each.box, paper, oval=each.field.shape == "oval")
        verdict, confidence = judge(measured)
        readings.append(
            MarkReading(
                each.field.question, each.field.value, each.box, measured, verdict, is_filled(measured), confidence
            )
        )
    return tuple(readings)


def measure(picture: Grey, box: Box, paper: float, *, oval: bool = False) -> MarkMeasurement:
    """Measure a picture of a box and its margin at `PX_PER_MM`, dark ink on paper of grey level `paper`."""
    darkness = np.clip(1.0 - picture.astype(np.float32) / np.float32(paper), 0.0, 1.0)
    areas = _areas(picture.shape[0], picture.shape[1], box, oval)
    ink = _without_dust(cv2.GaussianBlur(darkness, (0, 0), _SMOOTHING_PX) > INK_DARKNESS)
    inside = ink & areas.inside
    within = darkness[areas.inside]
    return MarkMeasurement(
        ink=round(_area(inside), 3),
        ink_outside=round(_area(ink & areas.outside), 3),
        darkness=round(float(within.mean()), 4),
        deepest=round(float(np.percentile(within, 95)), 4),
        fill=round(float(inside.sum() / areas.inside.sum()), 4),
        difference=round(float(darkness[areas.inside | areas.outside].mean()), 4),
        extent=round(_extent(inside, areas.inside), 4),
        gap=round(_largest_gap(ink, areas.inside), 3),
        strokes=_count_spots(inside),
    )


def judge(measured: MarkMeasurement) -> tuple[Verdict, float]:
    """Say what a box's ink amounts to, and how sure that is (0 to 1)."""
    if measured.ink < 0.12 and measured.deepest < 0.12:
        return (Verdict.EMPTY, 0.99) if measured.ink_outside < 2.0 else (Verdict.UNSURE, 0.5)
    if is_filled(measured):
        return Verdict.CANCELLED, 0.95
    if measured.ink < 0.8 or measured.extent < 0.4:
        return Verdict.UNSURE, 0.5
    return Verdict.MARKED, 0.95


def is_filled(measured: MarkMeasurement) -> bool:
    """Whether a box is inked all over, so that no white larger than a pen line is left in it."""
    return measured.fill > 0.93 and measured.gap < 0.6 and measured.darkness > 0.3


@dataclass(frozen=True, slots=True, eq=False)
class _Areas:
    """Masks of a box's picture: what lies well inside its frame, and the margin around it."""

    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]


def _margin(box: Box) -> float:
    return MARGIN_SHARE * min(box.w, box.h)


def _areas(height: int, width: int, box: Box, oval: bool) -> _Areas:
    margin = _margin(box)
    scale_x, scale_y = (box.w + 2 * margin) / width, (box.h + 2 * margin) / height
    x = (np.arange(width) + 0.5)[None, :] * scale_x - margin
    y = (np.arange(height) + 0.5)[:, None] * scale_y - margin
    if oval:
        radius = np.hypot((x - box.w / 2) / (box.w / 2), (y - box.h / 2) / (box.h / 2))
        depth = (1.0 - radius) * min(box.w, box.h) / 2
    else:
        depth = np.minimum(np.minimum(x, box.w - x), np.minimum(y, box.h - y))
    return _Areas(depth >= INSET_MM, depth <= -INSET_MM)


def _papers(pictures: Sequence[Grey], boxes: Sequence[Box]) -> list[float]:
    """Grey of the paper around each box: that of its margin, unless the margin is inked."""
    levels = []
    for picture, box in zip(pictures, boxes, strict=True):
        rim = max(1, round((_margin(box) - INSET_MM) * PX_PER_MM))
        edge = np.concatenate(
            [picture[:rim].ravel(), picture[-rim:].ravel(), picture[:, :rim].ravel(), picture[:, -rim:].ravel()]
        )
        levels.append(float(np.percentile(edge, 70)))
    floor = _DARKEST_PAPER_SHARE * float(np.median(levels)) if levels else 1.0
    return [max(level, floor, 1.0) for level in levels]


def _without_dust(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    keep = stats[:, cv2.CC_STAT_AREA] >= _DUST_MM2 * PX_PER_MM**2
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.bool_)


def _area(mask: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(mask)) / PX_PER_MM**2


def _extent(ink: NDArray[np.bool_], inside: NDArray[np.bool_]) -> float:
    if not ink.any():
        return 0.0
    _, _, width, height = cv2.boundingRect(ink.astype(np.uint8))
    _, _, full_width, full_height = cv2.boundingRect(inside.astype(np.uint8))
    return max(width / full_width, height / full_height)


def _largest_gap(ink: NDArray[np.bool_], inside: NDArray[np.bool_]) -> float:
    free = cv2.distanceTransform((inside & ~ink).astype(np.uint8), cv2.DIST_L2, 5)
    return 2.0 * float(free.max()) / PX_PER_MM


def _count_spots(ink: NDArray[np.bool_]) -> int:
    return cv2.connectedComponents(ink.astype(np.uint8))[0] - 1
