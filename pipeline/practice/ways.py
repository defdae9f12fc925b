"""Everything people do to a box to tick: the usual marks, marks that are hard to read, and ink that is no mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from pipeline.form.layout import Box
from pipeline.practice.handwriting import FACES, letter
from pipeline.practice.marks import Care, Mark, filling_traces, mark_traces
from pipeline.practice.pens import Cover, Grey, Pen, Trace, curve, draw, soak


class Way(StrEnum):
    """One way of putting ink at a box.

    Marks: the usual `CROSS` to `LINE`; `SMALL` in the middle; a short `DASH`; a `LETTER`; `HALF_OUTSIDE`; a tick with
    a `LONG_TAIL`; a `WIDE_CROSS` far beyond the frame; a `LOOSE_FILLING` that leaves white. Taken back: `FILLED`, a
    mark and then the box filled in; `SCRIBBLED_OUT` the same, in a hurry. Open: a `DOT`, a `RING`, `HALF_FILLED`,
    `BESIDE`. No mark: a `STROKE_THROUGH` of a pen that slipped.
    """

    CROSS = "cross"
    TICK = "tick"
    SCRIBBLE = "scribble"
    SLASH = "slash"
    LINE = "line"
    SMALL = "small"
    DASH = "dash"
    LETTER = "letter"
    HALF_OUTSIDE = "half outside"
    LONG_TAIL = "long tail"
    WIDE_CROSS = "wide cross"
    LOOSE_FILLING = "loose filling"
    FILLED = "filled"
    SCRIBBLED_OUT = "scribbled out"
    DOT = "dot"
    RING = "ring"
    HALF_FILLED = "half filled"
    BESIDE = "beside"
    STROKE_THROUGH = "stroke through"


@dataclass(frozen=True, slots=True)
class Paper:
    """A page that is written on: `grey` is darkened in place, `px_per_mm` says how finely it was rendered."""

    grey: Grey
    px_per_mm: float

    def draw(self, traces: Sequence[Trace], pen: Pen, rng: np.random.Generator) -> None:
        """Draw one movement after the other, ink upon ink."""
        for trace in traces:
            draw(self.grey, self.px_per_mm, [trace], pen, rng)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who marks: a pen and how well it is aimed."""

    pen: Pen
    care: Care


Traces = Callable[[Box, Hand, np.random.Generator], list[Trace]]


def put(way: Way, paper: Paper, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Draw `way` at `box` (mm, the frame's centre line), in place."""
    if way is Way.LETTER:
        _write_letter(paper, box, hand, rng)
    else:
        paper.draw(_TRACES[way](box, hand, rng), hand.pen, rng)


def _usual(mark: Mark) -> Traces:
    return lambda box, hand, rng: mark_traces(mark, box, hand.care, rng)


def _cross_or_tick(box: Box, care: Care, rng: np.random.Generator) -> list[Trace]:
    return mark_traces(Mark.CROSS if rng.random() < 0.5 else Mark.TICK, box, care, rng)


def _small(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    shrunk = box.grown(-float(rng.uniform(0.15, 0.28)) * box.w)
    return _cross_or_tick(shrunk, Care(min(hand.care.slip, 0.5), hand.care.spread, hand.care.tremor), rng)


def _dash(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A stroke of a third to nine tenths of the box, level or rising."""
    x, y = np.array(box.centre) + rng.normal(0, 0.06, 2) * box.w
    half, angle = float(rng.uniform(0.17, 0.45)) * box.w, float(rng.normal(0.1, 0.25))
    dx, dy = half * np.cos(angle), -half * np.sin(angle)
    return [curve(_points((x - dx, y - dy), (x, y + 0.05), (x + dx, y + dy)), 0.5 * hand.care.tremor, rng)]


def _half_outside(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A mark aimed at the frame: a third to a half of it lies outside."""
    angle, off = rng.uniform(0, 2 * np.pi), float(rng.uniform(0.3, 0.48)) * box.w
    moved = Box(box.x + off * float(np.cos(angle)), box.y + off * float(np.sin(angle)), box.w, box.h)
    return _cross_or_tick(moved, Care(0.1, hand.care.spread, hand.care.tremor), rng)


def _long_tail(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A tick whose second stroke runs 6 to 16 mm to the upper right."""
    x, y = box.x + rng.normal(0, 0.06) * box.w, box.y + rng.normal(0, 0.06) * box.h
    length, angle = float(rng.uniform(6, 16)), float(rng.uniform(0.25, 1.05))
    turn = (x + 0.4 * box.w, y + 0.88 * box.h)
    end = (turn[0] + length * np.cos(angle), turn[1] - length * np.sin(angle))
    half = ((turn[0] + end[0]) / 2, (turn[1] + end[1]) / 2 + 0.04 * length)
    return [curve(_points((x + 0.1 * box.w, y + 0.45 * box.h), turn, half, end), hand.care.tremor, rng)]


def _wide_cross(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    wide = box.grown(float(rng.uniform(0.2, 0.5)) * box.w)
    return mark_traces(Mark.CROSS, wide, hand.care, rng)


def _loose_filling(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A zigzag over the box in a hurry: white wider than the pen stays between its lines."""
    return [_zigzag(box, float(rng.uniform(1.9, 3.2)) * hand.pen.width, 0.1, hand, rng)]


def _zigzag(box: Box, step: float, miss: float, hand: Hand, rng: np.random.Generator) -> Trace:
    rows = np.linspace(0.06 * box.h, 0.94 * box.h, max(5, round(box.h / step)))
    ends = np.where(np.arange(len(rows)) % 2, 0.95 * box.w, 0.05 * box.w) + rng.normal(0, miss * box.w, len(rows))
    points = np.column_stack([ends, rows] if rng.random() < 0.6 else [rows, ends])
    points[:, 0] += float(rng.uniform(-0.35, 0.35)) * (points[:, 1] - box.h / 2)
    return curve([(box.x + float(x), box.y + float(y)) for x, y in points], hand.care.tremor, rng)


def _filled(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A mark, then the box filled in completely, across and down."""
    return [*_cross_or_tick(box, hand.care, rng), *filling_traces(box, hand.pen, hand.care, rng)]


def _scribbled_out(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A mark, then scribbled over in a hurry: most of the box is dark."""
    over = [_zigzag(box, float(rng.uniform(0.8, 1.1)) * hand.pen.width, 0.05, hand, rng) for _ in range(2)]
    return [*_cross_or_tick(box, hand.care, rng), *over]


def _dot(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    x, y = np.array(box.centre) + rng.uniform(-0.25, 0.25, 2) * box.w
    return [curve(_points((x, y), (x + rng.uniform(0.05, 0.4), y + rng.uniform(0, 0.3))), 0.02, rng)]


def _ring(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    angles = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi + 0.4, 14)
    radius = float(rng.uniform(0.75, 1.0)) * box.w
    x, y = np.array(box.centre) + rng.normal(0, 0.08, 2) * box.w
    return [curve(_points(*((x + radius * np.cos(a), y + 0.9 * radius * np.sin(a)) for a in angles)), 0.08, rng)]


def _half_filled(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """One side of the box filled in solid, the other left white."""
    share = float(rng.uniform(0.4, 0.65))
    part = Box(box.x, box.y, box.w * share, box.h) if rng.random() < 0.5 else Box(box.x, box.y, box.w, box.h * share)
    return filling_traces(part, hand.pen, hand.care, rng)


def _beside(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A tick or cross in the white on the left of the box, clear of its frame."""
    side = 0.62 * min(box.w, 6.0)
    beside = Box(box.x - side - float(rng.uniform(0.7, 1.2)), box.y + (box.h - side) / 2, side, side)
    return _cross_or_tick(beside, Care(0.1, 0.05, 0.03), rng)


def _stroke_through(box: Box, hand: Hand, rng: np.random.Generator) -> list[Trace]:
    """A slipping pen: a stroke through the box that starts and ends at least 5 mm away from it."""
    middle = np.array(box.centre) + rng.uniform(-0.35, 0.35, 2) * box.w
    angle = float(rng.uniform(0, np.pi))
    along = np.array([np.cos(angle), np.sin(angle)])
    before, after = (box.w / 2 + rng.uniform(5, 14, 2)).tolist()
    bend = middle + rng.normal(0, 0.5, 2)
    points = (middle - before * along, bend, middle + after * along)
    return [curve(_points(*((x, y) for x, y in points)), 0.5 * hand.care.tremor, rng)]


_LETTERS = "xXvVyYoOiI1n"


def _write_letter(paper: Paper, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Write a letter or a figure into the box: x, v, y, o, 1."""
    glyph = letter(str(rng.choice(list(_LETTERS))), FACES[int(rng.integers(len(FACES)))])
    tall = float(rng.uniform(0.6, 1.05)) * box.h * paper.px_per_mm
    size = max(2, round(glyph.shape[1] * tall / glyph.shape[0])), max(2, round(tall))
    written: Cover = np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    x, y = (np.array(box.centre) + rng.normal(0, 0.06, 2) * box.w) * paper.px_per_mm - np.array(size) / 2
    soak(paper.grey, round(x), round(y), written, hand.pen, rng)


def _points(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


_TRACES: dict[Way, Traces] = {
    Way.CROSS: _usual(Mark.CROSS),
    Way.TICK: _usual(Mark.TICK),
    Way.SCRIBBLE: _usual(Mark.SCRIBBLE),
    Way.SLASH: _usual(Mark.SLASH),
    Way.LINE: _usual(Mark.LINE),
    Way.SMALL: _small,
    Way.DASH: _dash,
    Way.HALF_OUTSIDE: _half_outside,
    Way.LONG_TAIL: _long_tail,
    Way.WIDE_CROSS: _wide_cross,
    Way.LOOSE_FILLING: _loose_filling,
    Way.FILLED: _filled,
    Way.SCRIBBLED_OUT: _scribbled_out,
    Way.DOT: _dot,
    Way.RING: _ring,
    Way.HALF_FILLED: _half_filled,
    Way.BESIDE: _beside,
    Way.STROKE_THROUGH: _stroke_through,
}
