"""How people mark a box: crosses, ticks, scribbles, and the box filled in to take a mark back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline.form.layout import Box
from pipeline.practice.pens import Pen, Trace, curve

Points = list[tuple[float, float]]
"""Points in the box's own measure: (0, 0) its top-left corner, (1, 1) its bottom-right."""


class Mark(StrEnum):
    """What the ink in a box looks like. `DOT` and `CIRCLE` (a ring round the box) leave the meaning open."""

    CROSS = "cross"
    TICK = "tick"
    SCRIBBLE = "scribble"
    SLASH = "slash"
    LINE = "line"
    FILLED = "filled"
    CIRCLE = "circle"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Care:
    """How well a hand aims: `slip` mm off the middle, `spread` of size and shape (0 to 0.3), `tremor` mm."""

    slip: float
    spread: float
    tremor: float


def mark_traces(mark: Mark, box: Box, care: Care, rng: np.random.Generator) -> list[Trace]:
    """Return the movements (mm) that make `mark` at `box`."""
    slip = np.clip(care.slip * rng.standard_normal(2), -2.5 * care.slip, 2.5 * care.slip)
    size = float(np.clip(1 + care.spread * rng.standard_normal(), 0.7, 1.6))
    turn = 0.5 * care.spread * rng.standard_normal()
    strokes = _SHAPES[mark](care.spread, rng)
    return [curve(_placed(stroke, box, slip, size, turn), care.tremor, rng) for stroke in strokes]


def filling_traces(box: Box, pen: Pen, care: Care, rng: np.random.Generator) -> list[Trace]:
    """Return the movements (mm) that fill `box` in completely, for a change of mind: across, then down."""
    inner = box.grown(-0.35 * pen.width)
    across = _hatched(inner.x, inner.y, inner.w, inner.h, 0.8 * pen.width, rng)
    down = [(x, y) for y, x in _hatched(inner.y, inner.x, inner.h, inner.w, 1.2 * pen.width, rng)]
    return [curve(across, care.tremor, rng), curve(down, care.tremor, rng)]


def _hatched(x: float, y: float, w: float, h: float, step: float, rng: np.random.Generator) -> Points:
    """A zigzag from the top to the bottom of a rectangle whose turns miss its sides by a little."""
    rows = np.linspace(y, y + h, max(4, round(h / step)) + 1)
    miss = 0.04 * w * rng.standard_normal(len(rows))
    return [
        (x + float(off) + (w if i % 2 else 0.0), float(row))
        for i, (row, off) in enumerate(zip(rows, miss, strict=True))
    ]


def _placed(points: Points, box: Box, slip: Trace, size: float, turn: float) -> Points:
    cx, cy = box.centre
    away = (np.asarray(points) - 0.5) * (box.w * size, box.h * size)
    cos, sin = np.cos(turn), np.sin(turn)
    turned = away @ np.array([[cos, sin], [-sin, cos]]) + (cx + slip[0], cy + slip[1])
    return [(float(x), float(y)) for x, y in turned]


def _loose(points: Points, spread: float, rng: np.random.Generator) -> Points:
    moved = np.asarray(points) + 0.35 * spread * rng.standard_normal((len(points), 2))
    return [(float(x), float(y)) for x, y in moved]


def _cross(spread: float, rng: np.random.Generator) -> list[Points]:
    bow = float(rng.uniform(-0.06, 0.06))
    falling = [(0.06, 0.08), (0.5 + bow, 0.5 - bow), (0.94, 0.95)]
    rising = [(0.93, 0.05), (0.5 + bow, 0.52 + bow), (0.07, 0.94)]
    return [_loose(falling, spread, rng), _loose(rising, spread, rng)]


def _tick(spread: float, rng: np.random.Generator) -> list[Points]:
    reach = float(rng.uniform(0.85, 1.35))
    tick = [
        (0.14, 0.48),
        (0.28, 0.68),
        (0.4, 0.88),
        (0.4 + 0.3 * reach, 0.45),
        (0.42 + 0.6 * reach, 0.9 - 0.95 * reach),
    ]
    return [_loose(tick, 0.7 * spread, rng)]


def _scribble(spread: float, rng: np.random.Generator) -> list[Points]:
    passes = int(rng.integers(4, 8))
    points = _hatched(0.12, 0.12, 0.76, 0.76, 0.76 / passes, rng)
    lean = float(rng.uniform(-0.35, 0.35))
    return [_loose([(x + lean * (0.5 - y), y) for x, y in points], 0.6 * spread, rng)]


def _slash(spread: float, rng: np.random.Generator) -> list[Points]:
    return [_loose([(0.1, 0.95), (0.5, 0.48), (0.93, 0.03)], spread, rng)]


def _line(spread: float, rng: np.random.Generator) -> list[Points]:
    return [_loose([(0.02, 0.55), (0.5, 0.5), (0.98, 0.47)], spread, rng)]


def _filled(spread: float, rng: np.random.Generator) -> list[Points]:
    across = _hatched(0.06, 0.06, 0.88, 0.88, 0.07, rng)
    return [_loose(across, 0.2 * spread, rng)]


def _circle(spread: float, rng: np.random.Generator) -> list[Points]:
    start = float(rng.uniform(0, 2 * np.pi))
    angles = start + np.linspace(0, 2 * np.pi + 0.4, 12)
    radius = float(rng.uniform(0.85, 1.05))
    ring = [(0.5 + radius * float(np.cos(a)), 0.5 + 0.9 * radius * float(np.sin(a))) for a in angles]
    return [_loose(ring, 0.4 * spread, rng)]


def _dot(spread: float, rng: np.random.Generator) -> list[Points]:
    x, y = rng.uniform(0.3, 0.7, 2)
    return [[(float(x), float(y)), (float(x) + 0.04, float(y) + 0.03)]]


_SHAPES: dict[Mark, Callable[[float, np.random.Generator], list[Points]]] = {
    Mark.CROSS: _cross,
    Mark.TICK: _tick,
    Mark.SCRIBBLE: _scribble,
    Mark.SLASH: _slash,
    Mark.LINE: _line,
    Mark.FILLED: _filled,
    Mark.CIRCLE: _circle,
    Mark.DOT: _dot,
}
