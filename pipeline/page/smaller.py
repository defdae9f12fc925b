"""Pictures made smaller by a whole number, by averaging, and where things seen in them are in the picture as opened."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey, PageImage, halved

Points = NDArray[np.float64]
"""(n, 2): x, y."""

Part = tuple[int, int, int, int]
"""A part of a picture in pixels: left, top, right, bottom."""


def whole_reduction(by: float) -> int:
    """The whole number at or below `by`, or just above it, by which a picture is reduced; 1 leaves it as it is."""
    return max(1, int(by + 0.1))


def shrunk(grey: Grey, by: float) -> tuple[Grey, int]:
    """Return the picture reduced by the whole number at or below `by`, and that number (1: as it was)."""
    times = whole_reduction(by)
    if times == 1:
        return grey, 1
    return _reduced(halved(grey), times // 2) if times % 2 == 0 else _reduced(grey, times), times


def shrunk_part(image: PageImage, part: Part, by: float) -> tuple[Grey, int, tuple[int, int]]:
    """Return a part of a page reduced by the whole number at or below `by`, that number, and its corner in the page.

    The corner may lie a pixel further up or left than asked: even reductions are made of the page's half.
    """
    left, top, right, bottom = part
    times = whole_reduction(by)
    if times == 1:
        return image.grey[top:bottom, left:right], 1, (left, top)
    if times % 2:
        return _reduced(image.grey[top:bottom, left:right], times), times, (left, top)
    high, wide = image.half.shape
    left, top = min(left // 2, wide - 1), min(top // 2, high - 1)
    small = image.half[top : max(top + 1, (bottom + 1) // 2), left : max(left + 1, (right + 1) // 2)]
    return _reduced(small, times // 2), times, (2 * left, 2 * top)


def enlarged(corners: Points, times: int, origin: tuple[int, int]) -> Points:
    """Points of a part that starts at `origin` and was reduced `times`, as points of the whole picture.

    Whole numbers are the middles of pixels, as OpenCV has it.
    """
    return np.asarray((corners + 0.5) * times - 0.5 + np.array(origin), dtype=np.float64)


def whole(image: PageImage) -> Part:
    """The part of a picture that is all of it."""
    height, width = image.grey.shape
    return 0, 0, width, height


def _reduced(grey: Grey, times: int) -> Grey:
    """The picture reduced: by halves as long as that goes, since halving is several times faster than the rest."""
    while times % 2 == 0:
        grey, times = halved(grey), times // 2
    if times == 1:
        return grey
    wide, high = max(1, grey.shape[1] // times), max(1, grey.shape[0] // times)
    if min(grey.shape) < times:
        return np.asarray(cv2.resize(grey, (wide, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # The middles of a blurred picture are the averages that INTER_AREA takes a third longer for.
    middles = cv2.blur(grey[: high * times, : wide * times], (times, times))[times // 2 :: times, times // 2 :: times]
    return np.ascontiguousarray(middles, dtype=np.uint8)
