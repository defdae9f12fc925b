"""Boxes as people fill them and scanners see them: what the character network is trained on.

A glyph (28 x 28, white on black) is written into a printed box with a random pen, size, place and slant,
scanned in one of several ways, and handed on as the reader would get it: `PIXELS_PER_MM`, dark on light.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.characters import PIXELS_PER_MM

Picture = NDArray[np.float32]
"""Darkness, 0 paper to 1 black."""


@dataclass(frozen=True, slots=True)
class InkedBox:
    """A printed box of `width` x `height` pixels and what a pen left in it."""

    ink: Picture
    frame: Picture

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "InkedBox":
        """An empty box of one of the sizes our editions print, its frame a little off the edges of the picture."""
        width = round(rng.uniform(5.0, 9.0) * PIXELS_PER_MM)
        height = round(width * rng.uniform(1.0, 1.4))
        frame = np.zeros((height, width), np.float32)
        shade = rng.uniform(0.35, 1.0)
        thickness = rng.uniform(0.12, 0.35) * PIXELS_PER_MM
        for side in (frame, frame[::-1], frame.T, frame.T[::-1]):
            offset = rng.normal(0.0, 0.08) * PIXELS_PER_MM
            rows = np.arange(round(1.2 * PIXELS_PER_MM))
            cover = np.clip(thickness / 2 + 0.5 - np.abs(rows - offset), 0.0, 1.0) * shade
            side[: len(rows)] = np.maximum(side[: len(rows)], cover[:, None])
        return cls(np.zeros_like(frame), frame)


def draw_character(glyph: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """One box with this glyph written in it."""
    box = InkedBox.drawn(rng)
    _write(box.ink, glyph, rng)
    if rng.random() < 0.15:
        _let_neighbour_in(box.ink, rng)
    return _scan(box, rng)


def draw_spoilt(glyphs: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """One box that holds something other than one character; `glyphs` are two characters it may have started as."""
    box = InkedBox.drawn(rng)
    spoil = _WAYS_TO_SPOIL[rng.integers(len(_WAYS_TO_SPOIL))]
    spoil(box.ink, glyphs, rng)
    return _scan(box, rng)


def add_bar(seven: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A seven (or Z) crossed in the middle, as most of Europe writes it."""
    stem = _ink_columns(seven, row := int(rng.integers(12, 18)))
    if stem is None:
        return seven
    reach, tilt = rng.uniform(3.0, 7.0), rng.uniform(-2.5, 2.5)
    middle = stem + rng.uniform(-1.0, 1.5)
    return _line(seven, (middle - reach, row + tilt), (middle + reach, row - tilt), rng)


def add_flag(one: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A one with an upstroke at its head, and sometimes a foot, as most of Europe writes it."""
    rows = np.flatnonzero(one.max(axis=1) > 128)
    top, bottom = int(rows[0]), int(rows[-1])
    head, foot = _ink_columns(one, top + 1), _ink_columns(one, bottom - 1)
    if head is None or foot is None or np.ptp(np.flatnonzero(one.max(axis=0) > 128)) > 12:
        return one
    drop = rng.uniform(0.2, 0.5) * (bottom - top)
    flagged = _line(one, (head, top + 1.0), (head - drop * rng.uniform(0.5, 1.1), top + drop), rng)
    if rng.random() < 0.3:
        reach = rng.uniform(3.0, 6.0)
        flagged = _line(flagged, (foot - reach, bottom), (foot + reach, bottom), rng)
    return flagged


def add_slash(nought: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A nought struck through so that nobody takes it for the letter O."""
    reach = rng.uniform(4.0, 10.0)
    x, y = 14 + rng.uniform(-1, 1), 14 + rng.uniform(-1, 1)
    return _line(nought, (x - reach * 0.7, y + reach), (x + reach * 0.7, y - reach), rng)


def _ink_columns(glyph: NDArray[np.uint8], row: int) -> float | None:
    columns = np.flatnonzero(glyph[row] > 100)
    return float(columns.mean()) if len(columns) else None


def _line(
    glyph: NDArray[np.uint8], start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """`glyph` with a straight stroke about as thick as its own."""
    stroke = np.zeros_like(glyph)
    ends = [tuple(round(v * 16) for v in point) for point in (start, end)]
    cv2.line(stroke, ends[0], ends[1], 255, int(rng.integers(2, 4)), cv2.LINE_AA, 4)
    return np.maximum(glyph, cv2.GaussianBlur(stroke, (0, 0), 0.6))


def _write(
    ink: Picture, glyph: NDArray[np.uint8], rng: np.random.Generator, *, share: float = 1.0, aside: float = 0.0
) -> None:
    """Write a glyph into the box: `share` of the usual width, its middle `aside` of the box width to one side."""
    height, width = ink.shape
    rows, columns = np.flatnonzero(glyph.max(axis=1)), np.flatnonzero(glyph.max(axis=0))
    tall = max(rows[-1] - rows[0] + 1, 8)
    wide = max(columns[-1] - columns[0] + 1, 8)
    size = rng.uniform(0.45, 0.95)
    scale_y = size * height / tall
    scale_x = min(scale_y * rng.uniform(0.75, 1.2), 0.98 * width / wide) * share
    turn, slant = np.deg2rad(rng.normal(0.0, 5.0)), rng.normal(0.0, 0.08)
    forward = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    forward = forward @ np.array([[1.0, slant], [0.0, 1.0]]) @ np.diag([scale_x, scale_y])
    room_x, room_y = max(width - wide * scale_x, 0.0), max(height - tall * scale_y, 0.0)
    centre = np.array(
        [
            width * (0.5 + aside) + rng.uniform(-0.5, 0.5) * (room_x + 0.06 * width) * share,
            height / 2 + rng.uniform(-0.5, 0.5) * (room_y + 0.06 * height),
        ]
    )
    middle = np.array([(columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2])
    inverse = np.linalg.inv(forward)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x - centre[0], y - centre[1]
    shake = cv2.resize(
        rng.normal(0.0, 0.5, (4, 4, 2)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    map_x = (inverse[0, 0] * x + inverse[0, 1] * y + middle[0] + shake[..., 0]).astype(np.float32)
    map_y = (inverse[1, 0] * x + inverse[1, 1] * y + middle[1] + shake[..., 1]).astype(np.float32)
    written = cv2.remap(glyph.astype(np.float32) / 255.0, map_x, map_y, cv2.INTER_CUBIC)
    level = rng.uniform(0.2, 0.65)
    np.maximum(ink, np.clip((written - level) * rng.uniform(2.0, 4.0) + 0.5, 0.0, 1.0), out=ink)


def _let_neighbour_in(ink: Picture, rng: np.random.Generator) -> None:
    """The end of a stroke from the next box, just over the line."""
    height, width = ink.shape
    x = rng.choice([0, width - 1])
    y = int(rng.integers(0, height))
    inwards = (1 if x == 0 else -1) * rng.uniform(0.2, 0.7) * PIXELS_PER_MM
    _stroke(ink, [(x, y), (x + inwards, y + rng.uniform(-6, 6))], rng)


def _stroke(ink: Picture, points: list[tuple[float, float]], rng: np.random.Generator) -> None:
    line = np.round(np.array(points) * 16).astype(np.int32)[:, None]
    cv2.polylines(ink, [line], False, 1.0, int(rng.integers(2, 6)), cv2.LINE_AA, 4)  # type: ignore[call-overload]


def _strike_out(ink: Picture, glyphs: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """A character with one to four lines, or a cross, drawn right through and past it."""
    _write(ink, glyphs[0], rng)
    height, width = ink.shape
    lines = int(rng.integers(1, 5))
    across = rng.random() < 0.6
    for line in range(lines):
        at = rng.uniform(0.3, 0.7)
        if across:
            ends = [(0.02, at + rng.uniform(-0.15, 0.15)), (0.98, at + rng.uniform(-0.15, 0.15))]
        elif line % 2:
            ends = [(rng.uniform(0, 0.15), rng.uniform(0, 0.2)), (rng.uniform(0.85, 1), rng.uniform(0.8, 1))]
        else:
            ends = [(rng.uniform(0, 0.15), rng.uniform(0.8, 1)), (rng.uniform(0.85, 1), rng.uniform(0, 0.2))]
        _stroke(ink, [(x * width, y * height) for x, y in ends], rng)


def _scribble(ink: Picture, glyphs: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """A zigzag over a character until it is gone, or nearly; at its thickest the box is filled."""
    if rng.random() < 0.8:
        _write(ink, glyphs[0], rng)
    height, width = ink.shape
    turns = int(rng.integers(5, 26))
    along = np.linspace(rng.uniform(0.05, 0.3), rng.uniform(0.7, 0.95), turns)
    low, high = rng.uniform(0.05, 0.35), rng.uniform(0.65, 0.95)
    across = np.where(np.arange(turns) % 2, low, high) + rng.normal(0.0, 0.06, turns)
    x, y = (along, across) if rng.random() < 0.5 else (across, along)
    _stroke(ink, list(zip(x * width, y * height, strict=True)), rng)


def _write_two(ink: Picture, glyphs: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Two characters side by side in one box."""
    _write(ink, glyphs[0], rng, share=0.5, aside=-0.25)
    _write(ink, glyphs[1], rng, share=0.5, aside=0.25)


def _write_over(ink: Picture, glyphs: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """One character written over another."""
    _write(ink, glyphs[0], rng)
    _write(ink, glyphs[1], rng)


def _dash(ink: Picture, glyphs: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """A short level line, as people draw through boxes they do not need."""
    height, width = ink.shape
    y, tilt = rng.uniform(0.3, 0.8) * height, rng.uniform(-0.06, 0.06) * height
    start, end = rng.uniform(0.1, 0.4) * width, rng.uniform(0.6, 0.95) * width
    _stroke(ink, [(start, y + tilt), (end, y - tilt)], rng)


def _dot(ink: Picture, glyphs: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """A full stop, a comma, the touch of a resting pen."""
    height, width = ink.shape
    x, y = rng.uniform(0.15, 0.85) * width, rng.uniform(0.15, 0.9) * height
    _stroke(ink, [(x, y), (x + rng.uniform(-3, 2), y + rng.uniform(0, 7))], rng)


def _scan(box: InkedBox, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Print, ink and paper through a scanner: softened, noisy, perhaps at low resolution, in JPEG or in two tones."""
    pen = rng.uniform(0.28, 0.6) if rng.random() < 0.25 else rng.uniform(0.6, 1.0)
    darkness = np.maximum(box.ink * np.float32(pen), box.frame)
    height, width = darkness.shape
    coarse = rng.uniform(0.65, 1.0) if rng.random() < 0.4 else 1.0
    size = round(width * coarse), round(height * coarse)
    darkness = cv2.GaussianBlur(cv2.resize(darkness, size), (0, 0), rng.uniform(0.3, 1.1))
    paper = rng.uniform(0.0, 0.22)
    grey = (1.0 - paper) * (1.0 - darkness) * 255.0
    grey = grey + rng.normal(0.0, rng.uniform(0.0, 9.0), grey.shape)
    scanned = np.clip(grey, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        scanned = _two_tone(scanned, pen, rng)
    elif rng.random() < 0.2:
        _, coded = cv2.imencode(".jpg", scanned, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 90))])
        scanned = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return cv2.resize(scanned, (width, height), interpolation=cv2.INTER_LINEAR)


def _two_tone(scanned: NDArray[np.uint8], pen: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Black and white only, at a threshold that a stroke of this darkness passes."""
    level = float(np.median(scanned)) * (1.0 - pen * rng.uniform(0.25, 0.65))
    return np.where(scanned < level, 0, 255).astype(np.uint8)


_WAYS_TO_SPOIL: tuple[Callable[[Picture, NDArray[np.uint8], np.random.Generator], None], ...] = (
    _strike_out,
    _strike_out,
    _scribble,
    _scribble,
    _write_two,
    _write_over,
    _dash,
    _dot,
)
"""Striking out and scribbling over are what forms ask for and people do, hence twice."""
