"""The crop that shows an answer: cut from the kept original, upright, with enough around it to be understood."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box

PIXELS_PER_MM = 8.0
"""Scale of a crop: about 200 dpi, enough to judge the faintest mark by eye."""

PAGE_PIXELS_PER_MM = 4.0
"""Scale of a whole page shown for context: about 100 dpi."""

_AROUND_MM = 6.0
"""How much of the page above and below the answer is shown, so that a mark beside the box is seen."""


def shown_around(box: Box, paper_mm: tuple[float, float]) -> Box:
    """Return the part of the page to show for an answer: its whole width, so that the words stand beside the boxes."""
    top, bottom = max(0.0, box.y - _AROUND_MM), min(paper_mm[1], box.bottom + _AROUND_MM)
    return Box(8.0, top, paper_mm[0] - 16.0, bottom - top)


def cut(grey: NDArray[np.uint8], homography: Sequence[float], box: Box, pixels_per_mm: float) -> NDArray[np.uint8]:
    """Cut `box` (mm on the form) out of a picture of its page, turned upright.

    `grey` is (h, w) as opened; `homography` its nine numbers, row by row, from millimetres to pixels of that picture.
    Returns (box.h × pixels_per_mm, box.w × pixels_per_mm) uint8, white where the picture ends.
    """
    to_mm = np.array([[1 / pixels_per_mm, 0.0, box.x], [0.0, 1 / pixels_per_mm, box.y], [0.0, 0.0, 1.0]])
    to_picture = np.asarray(homography, dtype=np.float64).reshape(3, 3) @ to_mm
    size = max(1, round(box.w * pixels_per_mm)), max(1, round(box.h * pixels_per_mm))
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(grey, to_picture, size, flags=flags, borderValue=(255,)), dtype=np.uint8)


def as_png(picture: NDArray[np.uint8]) -> bytes:
    """Return a grey picture as the bytes of a PNG file."""
    return cv2.imencode(".png", picture)[1].tobytes()
