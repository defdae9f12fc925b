"""Boxes to tick: what ink is in and around each, measured first and judged later.

A box is cut out around the centre line of its frame and measured in several ways; a small convolutional network
says what it looks like. `verdict.judge` alone decides, and only where measurements and network agree. Where they leave
doubt, a second network looks at the box with more of what is around it.

The networks were trained by `training/marks.py`; docs/reading-marks.md says on what and how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.register import RegisteredPage
from pipeline.reading.boxes import (
    InkedBox,
    Pictures,
    Views,
    box_pictures,
    inked_boxes,
    outline,
    rim_mm,
    runs_through_mm,
    views,
    widest_gap_mm,
    widest_solid_mm,
)
from pipeline.reading.network import Network, load_network
from pipeline.reading.readings import MarkReading
from pipeline.reading.verdict import Around, MarkMeasurement, Verdict, is_filled, judge


@dataclass(frozen=True, slots=True)
class Networks:
    """What judges boxes: `near` sees a box and half its side around it, `around` also three times as much, and is asked
    where the first look leaves doubt. Each gives the five probabilities of every picture."""

    near: Network
    around: Network


def read_marks(page: RegisteredPage, networks: Networks | None = None) -> tuple[MarkReading, ...]:
    """Measure and judge every box to tick on a page, in print order, by the networks shipped or others."""
    placed = [each for each in page.fields if each.field.kind == "mark"]
    readings = []
    for each, measured in zip(placed, measure(page, [each.box for each in placed], networks), strict=True):
        verdict, confidence = judge(measured)
        field = each.field
        readings.append(
            MarkReading(
                field.question, field.value, each.box, measured, verdict, is_filled(measured), round(confidence, 4)
            )
        )
    return tuple(readings)


def measure(
    page: RegisteredPage, boxes: Sequence[Box], networks: Networks | None = None
) -> tuple[MarkMeasurement, ...]:
    """Measure boxes (frames in mm, where they were found); the network sees them at once, but for plain paper.

    In two tones faint pencil is gone inside a box, and only what is left around it tells: there it sees every box.
    """
    asked = networks or _shipped()
    pictures = box_pictures(page, boxes)
    inked = inked_boxes(pictures, boxes)
    seen = [number for number, each in enumerate(inked) if page.image.bitonal or not each.is_plain_paper]
    chances = np.zeros((len(boxes), 5), np.float32)
    chances[:, 0] = 1.0
    chances[seen] = _chances(pictures[seen, None], asked.near)
    measured = list(map(_measured, inked, chances))
    doubted = [number for number, each in enumerate(measured) if judge(each)[0] is Verdict.UNSURE]
    around = _chances(views(page, [boxes[number] for number in doubted], pictures[doubted]), asked.around)
    for number, said in zip(doubted, around.tolist(), strict=True):
        measured[number] = replace(measured[number], around=Around(*(round(chance, 5) for chance in said)))
    return tuple(measured)


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


def _chances(seen: Pictures | Views, network: Network) -> NDArray[np.float32]:
    """Probabilities of empty, marked, cancelled, unsure and stray for each box: (n, 5)."""
    if not len(seen):
        return np.zeros((0, 5), np.float32)
    return network(seen.astype(np.float32) / np.float32(255.0))


@cache
def _shipped() -> Networks:
    models = files("pipeline.reading").joinpath("models")
    near, around = (load_network(models.joinpath(name).read_bytes()) for name in ("marks.onnx", "marks-around.onnx"))
    return Networks(near, around)
