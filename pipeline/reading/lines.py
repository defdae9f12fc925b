"""Lines of writing in a field: each found, made level, freed of its neighbours' loops and tails, black on white.

People write uphill, in waves, into the line above and over the frame. Smeared along the way people write, ink runs
together into ridges, one a line (after Shi and Govindaraju, 2004, and the methods compared by Likforman-Sulem et al.,
2007); every stroke goes to the ridge it is nearest to, and only one that runs through two lines is cut between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey

Mask = NDArray[np.bool_]
Curve = NDArray[np.float64]

PX_PER_MM = 8.0
"""Scale at which lines are found and cut: handwriting is then 50 to 80 pixels high, and is read at 48."""

_INK_DARKNESS = 0.10
"""Darkness beyond the paper nearby, after smoothing, that counts as ink: faint pencil is 0.15."""

_PAPER_MM = 4.0
"""What is narrower than this and darker than what lies around it is ink; wider is a shadow across the field."""

_SPOT_MM2 = 0.08
"""A connected spot smaller than this is dust: a full stop has 0.15 mm²."""

_RULE_LENGTH_MM, _RULE_SHARE = 25.0, 0.04
"""A stroke longer than the first and flatter than the second is a rule or a rest of the frame, not writing."""

_LETTER_MM = (1.5, 10.0)
"""The least and the greatest height of letters that is believed."""

_SPECK, _SPECK_REACH = 0.35, 1.0
"""A spot lower and narrower than the first share of a letter's height is a dot or comma where it stands no further than
the second from a letter, and dirt elsewhere."""

_SLOPES = np.linspace(-0.12, 0.12, 25)
"""Slopes of writing that are tried, in units of height for one of length: up to 7 degrees, in steps of 0.6."""

_RIDGE_PX_PER_MM = 2.0
_SMEAR = (2.5, 0.3)
"""How far ink is smeared along and across the lines, in heights of letters."""

_LEAST_OF_DENSEST = 0.25
"""A ridge lower than this share of the highest is the dots and tails of another line."""

_SAME_LINE = 0.7
"""Two ridges, one after the other, are of one line when they are no further apart in height, in heights of letters."""

_LONG = 15.0
"""A ridge longer than this, in heights of letters, may bend."""

_THROUGH_LINES = 1.6
"""A stroke higher than this share of the way to the next line runs through both and is cut."""

_MARGIN = 0.15
"""Paper left around a line, as a share of its height."""

_BLACK = 0.8
"""Darkness that ink is brought to, pencil and pale ball pen alike."""


@dataclass(frozen=True, slots=True)
class _Strokes:
    """What is written in a field: its darkness (0 to 1), and its connected strokes, numbered from 0.

    `labels` says of every pixel which stroke it belongs to, -1 for none. `boxes` are (x, y, width, height) and
    `centres` (x, y), in pixels, of each stroke.
    """

    darkness: NDArray[np.float32]
    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    centres: NDArray[np.float64]
    areas: NDArray[np.int32]


def find_lines(picture: Grey) -> tuple[Grey, ...]:
    """Return the lines of writing in a picture of a field (at `PX_PER_MM`), from the top, each a picture of its own."""
    strokes = _without_dirt(_find_strokes(picture))
    if not len(strokes.areas):
        return ()
    height = _letter_height(strokes)
    curves = _find_curves(strokes, height)
    lines = _lines_of_pixels(strokes, curves, height)
    return tuple(
        _cut_out(strokes.darkness, lines == number, curve)
        for number, curve in enumerate(curves)
        if (lines == number).any()
    )


def find_ink(picture: Grey, px_per_mm: float) -> Mask:
    """Return where a picture of paper is darker than the paper nearby: ink and dust, but no shadows."""
    smooth = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), dtype=np.uint8)
    darkest_paper = cv2.convertScaleAbs(_paper(smooth, px_per_mm), alpha=1.0 - _INK_DARKNESS)
    return np.asarray(smooth < darkest_paper, dtype=np.bool_)


def _paper(smooth: Grey, px_per_mm: float) -> Grey:
    """How light the paper is, under the ink as well."""
    half = cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    reach = 2 * round(_PAPER_MM * px_per_mm / 4) + 1
    closed = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    return np.asarray(cv2.resize(closed, smooth.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _find_strokes(picture: Grey) -> _Strokes:
    ink = find_ink(picture, PX_PER_MM)
    paper = np.maximum(_paper(picture, PX_PER_MM), 1).astype(np.float32)
    darkness = np.clip(1.0 - picture / paper, 0.0, 1.0).astype(np.float32)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    boxes, areas = stats[1:, :4].astype(np.int32), stats[1:, cv2.CC_STAT_AREA].astype(np.int32)
    width, height = boxes[:, 2], boxes[:, 3]
    rule = (width >= _RULE_LENGTH_MM * PX_PER_MM) & (height <= _RULE_SHARE * width)
    every = _Strokes(darkness, labels.astype(np.int32) - 1, boxes, centres[1:].astype(np.float64), areas)
    return _only(every, (areas >= _SPOT_MM2 * PX_PER_MM**2) & ~rule)


def _only(strokes: _Strokes, kept: Mask) -> _Strokes:
    """Some of the strokes, numbered anew."""
    numbers = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1).astype(np.int32)
    labels = numbers[strokes.labels]
    return _Strokes(strokes.darkness, labels, strokes.boxes[kept], strokes.centres[kept], strokes.areas[kept])


def _without_dirt(strokes: _Strokes) -> _Strokes:
    """Leave out spots that stand by themselves."""
    if not len(strokes.areas):
        return strokes
    height = _letter_height(strokes)
    letter = strokes.boxes[:, 2:].max(axis=1) >= _SPECK * height
    reach = 2 * round(_SPECK_REACH * height) + 1
    letters = np.append(letter, False)[strokes.labels].astype(np.uint8)
    near = cv2.dilate(letters, np.ones((reach, reach), np.uint8)) > 0
    kept = letter.copy()
    kept[strokes.labels[near & (strokes.labels >= 0)]] = True
    return _only(strokes, kept)


def _letter_height(strokes: _Strokes) -> float:
    """How high most of the ink stands, in pixels: the height of letters, or of words written joined up."""
    order = np.argsort(strokes.boxes[:, 3])
    ink = np.cumsum(strokes.areas[order])
    middle = strokes.boxes[order[np.searchsorted(ink, ink[-1] / 2)], 3]
    return float(np.clip(middle, _LETTER_MM[0] * PX_PER_MM, _LETTER_MM[1] * PX_PER_MM))


def _find_curves(strokes: _Strokes, height: float) -> list[Curve]:
    """The height (pixels from the top) at which each line runs, for every column of the field; from the top."""
    width = strokes.labels.shape[1]
    slope = _slope(strokes.labels >= 0)
    ridges = _ridges(strokes.labels >= 0, slope, height)
    curves = [_curve(points, slope, width, height) for points in _joined(ridges, height)]
    return sorted(curves, key=lambda curve: float(curve.mean()))


def _slope(ink: Mask) -> float:
    """The slope, in pixels down for one to the right, along which the ink lies in the narrowest bands."""
    rows, columns = np.nonzero(ink[::2, ::2])
    offset = ink.shape[1]

    def narrowness(slope: float) -> float:
        bands = np.bincount((rows - slope * columns + offset).astype(int) // 2)
        return float(np.square(bands, dtype=np.float64).sum())

    return float(max(_SLOPES, key=narrowness))


def _ridges(ink: Mask, slope: float, height: float) -> list[NDArray[np.float64]]:
    """The middles of what runs together when the ink is smeared along `slope`, each as points (x, y) in pixels."""
    zoom = _RIDGE_PX_PER_MM / PX_PER_MM
    small = cv2.resize(ink.astype(np.float32), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    room = int(np.ceil(abs(slope) * small.shape[1])) + 2
    level = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, room if slope > 0 else 2.0]])
    size = (small.shape[1], small.shape[0] + room + 2)
    levelled = cv2.warpAffine(small, level, size)
    smeared = cv2.GaussianBlur(levelled, (0, 0), _SMEAR[0] * height * zoom, sigmaY=_SMEAR[1] * height * zoom)
    reach = np.ones((2 * max(1, round(0.3 * height * zoom)) + 1, 1), np.uint8)
    crest = (smeared >= cv2.dilate(smeared, reach)) & (smeared > _LEAST_OF_DENSEST * smeared.max())
    count, labels = cv2.connectedComponents(crest.astype(np.uint8))
    found = []
    for number in range(1, count):
        rows, columns = np.nonzero(labels == number)
        found.append(np.column_stack([columns, rows - level[1, 2] + slope * columns]) / zoom)
    return found


def _joined(ridges: list[NDArray[np.float64]], height: float) -> list[NDArray[np.float64]]:
    """Ridges that follow each other at one height made one, the longest first."""
    joined: list[NDArray[np.float64]] = []
    for ridge in sorted(ridges, key=lambda points: -float(np.ptp(points[:, 0]))):
        for place, line in enumerate(joined):
            if _continues(line, ridge, height):
                joined[place] = np.vstack([line, ridge])
                break
        else:
            joined.append(ridge)
    return joined


def _continues(line: NDArray[np.float64], ridge: NDArray[np.float64], height: float) -> bool:
    """Whether a ridge stands before or after a line, at the height of its nearest end."""
    left, right = line[:, 0].min(), line[:, 0].max()
    start, end = ridge[:, 0].min(), ridge[:, 0].max()
    if min(end, right) - max(start, left) > 0.3 * min(end - start, right - left):
        return False
    near = line[np.argmin(np.abs(line[:, 0] - ridge[:, 0].mean())), 1]
    return bool(abs(near - float(ridge[:, 1].mean())) <= _SAME_LINE * height)


def _curve(points: NDArray[np.float64], slope: float, width: int, height: float) -> Curve:
    """A smooth line through a ridge: bent where it is long, straight where it is shorter, at `slope` where it is short.

    Beyond the ridge's ends it runs on at `slope`.
    """
    x, y = points[:, 0], points[:, 1]
    levelled = y - slope * x
    length = float(np.ptp(x)) / height
    degree = 2 if length > _LONG else 1 if length > _LONG / 3 else 0
    fit = np.polynomial.Polynomial.fit(x, levelled, degree)
    columns = np.arange(width, dtype=np.float64)
    return np.asarray(fit(np.clip(columns, x.min(), x.max())) + slope * columns, dtype=np.float64)


def _lines_of_pixels(strokes: _Strokes, curves: list[Curve], height: float) -> NDArray[np.int32]:
    """The number of the line that every pixel of ink belongs to, -1 where there is no ink."""
    heights = np.stack(curves)
    columns = strokes.centres[:, 0].astype(int)
    nearest = np.abs(heights[:, columns] - strokes.centres[:, 1]).argmin(axis=0).astype(np.int32)
    lines = np.where(strokes.labels >= 0, nearest[strokes.labels], np.int32(-1))
    if len(curves) > 1:
        pitch = float(np.median(np.diff(heights.mean(axis=1))))
        for stroke in np.flatnonzero(strokes.boxes[:, 3] > _THROUGH_LINES * max(pitch, height)):
            x, y, w, h = strokes.boxes[stroke]
            rows, at = np.nonzero(strokes.labels[y : y + h, x : x + w] == stroke)
            lines[rows + y, at + x] = np.abs(heights[:, at + x] - (rows + y)).argmin(axis=0)
    return lines


def _cut_out(darkness: NDArray[np.float32], ink: Mask, curve: Curve) -> Grey:
    """One line, levelled along its curve, alone on white, with its ink brought to one blackness."""
    rows, columns = np.nonzero(ink)
    top, bottom = float((curve[columns] - rows).max()), float((rows - curve[columns]).max())
    margin = _MARGIN * (top + bottom)
    left, right = int(columns.min() - margin), int(columns.max() + margin)
    across = np.clip(np.arange(left, right + 1), 0, len(curve) - 1)
    down = np.arange(-top - margin, bottom + margin + 1.0)
    alone = darkness * cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8))
    map_x = np.broadcast_to(np.arange(left, right + 1, dtype=np.float32), (len(down), len(across)))
    map_y = (down[:, None] + curve[across]).astype(np.float32)
    line = cv2.remap(alone, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0.0)
    black = max(float(np.percentile(darkness[ink], 75)), _INK_DARKNESS)
    return np.asarray(np.rint(255.0 * (1.0 - np.minimum(1.0, line * (_BLACK / black)))), dtype=np.uint8)
