"""Whether writing is machine print, and whether what was read of it may stand without a person."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey
from pipeline.reading.words import Word, confidence

_SURE_WORD = 0.90
_SURE_ON_AVERAGE = 0.95
_FEWEST_WORDS = 4
_LEAST_LOWER_CASE = 0.6
"""Print is believed when every word is read with the first confidence and all together with the second, and there
are some words to go by. Print of 10 to 14 pt scans at 0.93 to 0.96 a word; the neatest of 16 handwriting faces
reached 0.96 on a short line, so that the shape of the letters is looked at as well. Capitals are straight in any
hand: writing of which less than the last share is lower case is left to people."""

_STRAIGHT_DEGREES = 2.5
_NEARLY_DEGREES = 15.0
_LEAST_UPRIGHT = 0.55
_LEAST_LEVEL = 0.25
"""Of the outline that runs upright to within 15 degrees, the least share that does so to within 2.5 degrees; and the
same for level. Upright print measures 0.56 or more and 0.26 or more; handwriting faces, drawn straight by font
makers, up to 0.50 and 0.22 in lower case. Italic print is left to people, too."""

_EDGE_SHARE = 0.35
"""Outline is where the grey changes by at least this share of its sharpest twentieth."""


def are_sure(words: Sequence[Word]) -> bool:
    """Whether what was read of print may stand: enough words, all of them sure, and not in capitals throughout."""
    if len(words) < _FEWEST_WORDS:
        return False
    letters = [character for word in words for character in word.text if character.isalpha()]
    return (
        min(word.confidence for word in words) >= _SURE_WORD
        and confidence(words) >= _SURE_ON_AVERAGE
        and sum(map(str.islower, letters)) >= _LEAST_LOWER_CASE * len(letters)
    )


def looks_printed(picture: Grey) -> bool:
    """Whether dark writing (at 300 dpi) is as straight as machine print; handwriting hardly ever is."""
    upright, level = straightness(picture)
    return upright >= _LEAST_UPRIGHT and level >= _LEAST_LEVEL


def straightness(picture: Grey) -> tuple[float, float]:
    """Return how straight the upright and the level strokes of dark writing (at 300 dpi) are, each 0 to 1.

    From the histogram of gradient directions: the stems and bars of print are straight and parallel to the paper,
    those of a hand are not.
    """
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(np.float32)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    strength = np.hypot(across, down)
    sharpest = strength[strength > 0.1 * strength.max()]
    edge = strength > _EDGE_SHARE * float(np.percentile(sharpest, 95))
    direction = np.degrees(np.arctan2(down[edge], across[edge])) % 180.0
    return (
        _share_straight(np.minimum(direction, 180.0 - direction), strength[edge]),
        _share_straight(np.abs(direction - 90.0), strength[edge]),
    )


def _share_straight(off: NDArray[np.float32], strength: NDArray[np.float32]) -> float:
    """The share of an outline off by few enough degrees, of that nearly so."""
    nearly = float(strength[off <= _NEARLY_DEGREES].sum())
    return float(strength[off <= _STRAIGHT_DEGREES].sum()) / nearly if nearly > 0.0 else 0.0
