"""What a pen leaves on paper: moving points, drawn with the width, darkness and grain of real pens.

A page is a grey array (rows × columns, 0 black to 255 white); `px_per_mm` says how finely it was rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""A grey page or part of one, rows × columns, 0 black to 255 white."""

Cover = NDArray[np.uint8]
"""How much of each pixel is under ink: 0 none to 255 all of it."""

Trace = NDArray[np.float64]
"""One movement of the pen without lifting it: (n, 2) millimetres from the paper's top-left corner."""

_FINE = 3
"""Traces are drawn this many times finer than the page and averaged, for soft edges and fractional widths."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What a pen's line is like.

    `width` in mm; `darkness` from 0 to 1 as a grey scanner sees it; `grain` from 0 (smooth) to 1 (mostly
    paper showing through); `pressure` the share by which the width varies.
    """

    name: str
    width: float
    darkness: float
    grain: float
    pressure: float


BLACK_BALLPOINT = Pen("black ballpoint", 0.42, 0.86, 0.12, 0.18)
BLUE_BALLPOINT = Pen("blue ballpoint", 0.42, 0.66, 0.12, 0.18)
GEL_PEN = Pen("gel pen", 0.55, 0.92, 0.02, 0.08)
FELT_TIP = Pen("felt tip", 0.95, 0.88, 0.04, 0.12)
SOFT_PENCIL = Pen("soft pencil", 0.62, 0.66, 0.42, 0.25)
FAINT_PENCIL = Pen("faint pencil", 0.45, 0.36, 0.55, 0.25)

ORDINARY_PENS = (BLACK_BALLPOINT, BLUE_BALLPOINT, GEL_PEN, FELT_TIP, SOFT_PENCIL)


def curve(points: Sequence[tuple[float, float]], wobble: float, rng: np.random.Generator) -> Trace:
    """Return a hand's way through `points` (mm): a Catmull-Rom spline, trembling by about `wobble` mm."""
    knots = np.asarray(points, dtype=np.float64)
    before, after = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
    p = np.vstack([before, knots, after])
    t = np.linspace(0, 1, 9)[:-1, None]
    pieces = [_spline(p[i], p[i + 1], p[i + 2], p[i + 3], t) for i in range(len(knots) - 1)]
    path = np.vstack([*pieces, knots[-1:]])
    return path + wobble * _slow_noise((len(path), 2), rng)


def _spline(a: Trace, b: Trace, c: Trace, d: Trace, t: Trace) -> Trace:
    """One segment of the Catmull-Rom spline from `b` to `c` at 0 ≤ `t` < 1."""
    square, cube = t**2, t**3
    bend: Trace = (2 * a - 5 * b + 4 * c - d) * square + (3 * b - a - 3 * c + d) * cube
    return np.asarray(b + 0.5 * ((c - a) * t + bend), dtype=np.float64)


def _slow_noise(shape: tuple[int, int], rng: np.random.Generator) -> Trace:
    """Noise along the first axis that changes over about six points, of unit size."""
    rough = rng.standard_normal((shape[0] + 6, shape[1]))
    summed = np.cumsum(rough, axis=0)
    return np.asarray((summed[6:] - summed[:-6]) / np.sqrt(6.0), dtype=np.float64)


def draw(page: Grey, px_per_mm: float, traces: Sequence[Trace], pen: Pen, rng: np.random.Generator) -> None:
    """Darken `page` in place where `pen` follows `traces`; what leaves the page is lost."""
    points = np.vstack(traces)
    margin = 2 * pen.width + 0.5
    left, top = (np.floor((points.min(axis=0) - margin) * px_per_mm)).astype(int)
    right, bottom = (np.ceil((points.max(axis=0) + margin) * px_per_mm)).astype(int)
    fine: Cover = np.zeros(((bottom - top) * _FINE, (right - left) * _FINE), dtype=np.uint8)
    for trace in traces:
        _follow(fine, (trace * px_per_mm - (left, top)) * _FINE, pen, px_per_mm * _FINE, rng)
    soak(page, left, top, _shrunk(fine), pen, rng)


def _follow(cover: Cover, pixels: Trace, pen: Pen, px_per_mm: float, rng: np.random.Generator) -> None:
    swell = 1 + pen.pressure * _slow_noise((len(pixels), 1), rng)[:, 0]
    swell[[0, -1]] *= 0.75
    widths = np.maximum(1, np.rint(pen.width * px_per_mm * np.clip(swell, 0.45, 1.6))).astype(int)
    ends = np.rint(pixels).astype(int).tolist()
    for (x, y), (x2, y2), width in zip(ends[:-1], ends[1:], widths.tolist(), strict=False):
        cv2.line(cover, (x, y), (x2, y2), 255, width)


def _shrunk(fine: Cover) -> Cover:
    size = (fine.shape[1] // _FINE, fine.shape[0] // _FINE)
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def soak(page: Grey, left: int, top: int, cover: Cover, pen: Pen, rng: np.random.Generator) -> None:
    """Darken `page` in place by `pen`'s ink under `cover`, whose first pixel lies at (`left`, `top`)."""
    x, y = max(0, left), max(0, top)
    right, bottom = min(page.shape[1], left + cover.shape[1]), min(page.shape[0], top + cover.shape[0])
    if right <= x or bottom <= y:
        return
    part = cover[y - top : bottom - top, x - left : right - left]
    paper = page[y:bottom, x:right]
    left_white = 1 - part * (_take_up(part.shape, pen, rng) * (pen.darkness / 255))
    paper[:] = np.rint(paper * left_white).astype(np.uint8)


def _take_up(shape: tuple[int, ...], pen: Pen, rng: np.random.Generator) -> NDArray[np.float32]:
    """How much ink each pixel takes, 0 to 1: pencil rides on the tooth of the paper, ink sinks in."""
    tooth = cv2.GaussianBlur(rng.random(shape, dtype=np.float32), (0, 0), 0.8)
    taken = 1 - pen.grain * (0.5 + 2.2 * (np.asarray(tooth) - 0.5))
    return np.asarray(np.clip(taken, 0, 1), dtype=np.float32)
