"""One patch of print matched in a picture: how far it is shifted, how well it fits, and what holds it in place."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey

_BAND_MM = 0.5
"""Only what is printed, and this much around it, is compared: what is written beside it is not."""

_PRINT = 64
"""Darkness (of 255) from which a pixel of the blank is print."""

_PEAK_MM, _PEAK_DROP = 0.5, 0.06
"""How much the score falls, at least, this far to either side of a match that holds a patch in that direction: along
a straight line it does not fall, and the patch says nothing of its place along it."""

_FLATTEST = 9.0
"""Grey levels squared: a picture that varies less holds nothing but noise, and its scores are not blown up."""


@dataclass(frozen=True, slots=True)
class Match:
    """A patch matched: its shift in mm, its score (0 to 1), and in which directions the print holds it."""

    dx: float
    dy: float
    score: float
    holds_x: bool
    holds_y: bool


def match_patch(template: Grey, seen: Grey, px_per_mm: float) -> Match | None:
    """Match a patch of print inside a larger picture, both as darkness; the shift is from the middle."""
    if int(template.max()) < _PRINT:
        return None
    reach = 2 * round(_BAND_MM * px_per_mm) + 1
    band = cv2.dilate(template, np.ones((reach, reach), np.uint8)) > _PRINT
    scores = _correlate(template, band, seen)
    row, column = divmod(int(np.argmax(scores)), scores.shape[1])
    top = float(scores[row, column])
    middle_x, middle_y = (scores.shape[1] - 1) / 2, (scores.shape[0] - 1) / 2
    side = max(1, round(_PEAK_MM * px_per_mm))
    return Match(
        dx=(peak(scores[row], column) - middle_x) / px_per_mm,
        dy=(peak(scores[:, column], row) - middle_y) / px_per_mm,
        score=round(max(0.0, top), 3),
        holds_x=_falls(scores[max(0, row - side) : row + side + 1], column, side, top),
        holds_y=_falls(scores[:, max(0, column - side) : column + side + 1].T, row, side, top),
    )


def _correlate(template: Grey, band: NDArray[np.bool_], seen: Grey) -> NDArray[np.float32]:
    """Normalised correlation of the pixels of `band` at every offset: (rows, columns), -1 to 1."""
    mask = band.astype(np.float32)
    count = float(mask.sum())
    values = template.astype(np.float32)
    values = (values - float((values * mask).sum()) / count) * mask
    values /= max(float(np.linalg.norm(values)), 1e-6)
    picture = seen.astype(np.float32)
    product = cv2.matchTemplate(picture, values, cv2.TM_CCORR)
    total = cv2.matchTemplate(picture, mask, cv2.TM_CCORR)
    squares = cv2.matchTemplate(picture * picture, mask, cv2.TM_CCORR)
    variance = np.maximum(squares - total * total / count, _FLATTEST * count)
    return np.asarray(product / np.sqrt(variance), dtype=np.float32)


def _falls(strip: NDArray[np.float32], at: int, side: int, top: float) -> bool:
    """Whether the best score in a strip, wherever across it, falls to both sides of `at`."""
    best = strip.max(axis=0)
    before, after = best[: max(0, at - side + 1)], best[at + side :]
    return all(len(part) > 0 and float(part.max()) <= top - _PEAK_DROP for part in (before, after))


def peak(line: NDArray[np.floating], at: int) -> float:
    """Return where a parabola through the highest value and its two neighbours has its top, in steps."""
    if at in (0, len(line) - 1):
        return float(at)
    before, top, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * top + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def peaks(lines: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the `peak` of each line at its highest value, in steps: (n, steps) to (n,)."""
    at = lines.argmax(axis=1)
    inner = np.clip(at, 1, lines.shape[1] - 2)
    before, top, after = (lines[np.arange(len(lines)), inner + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * top + after
    is_top = (bend < 0) & (inner == at)
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros(len(lines)), where=is_top)
    return np.asarray(at + shift, dtype=np.float64)
