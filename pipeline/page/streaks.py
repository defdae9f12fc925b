"""Streaks down a scan, from dust on the glass a page is fed over: found, and taken off before anything is read.

A streak darkens the same columns of the picture from edge to edge, whatever is printed under it, so it shows in the
median of each column: the median of a column of a page is paper, and no line that a person draws or a printer prints
runs down more than half of a sheet in one column.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import PageImage

_ROWS = 300
"""Rows that the median is taken over, spread down the page: enough to be sure to one grey level in clean paper."""

_WIDEST_SHARE = 0.004
"""The widest streak, as a share of the picture's width: 0.8 mm of A4. Anything wider is a shadow or a dark margin."""

_LEAST_DARK = 4
"""Grey levels by which a column must be darker than its neighbours: noise in the median stays below 2."""


def find_streaks(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how many grey levels each column of the picture (height, width) is darker for a streak: (width,).

    The outermost 3 mm are not looked at: the edge of the paper is a line down the picture, too.
    """
    step = max(1, grey.shape[0] // _ROWS)
    paper = np.median(grey[::step], axis=0).astype(np.uint8)[None]
    reach = 2 * round(_WIDEST_SHARE * grey.shape[1] / 2) + 1
    darker = cv2.morphologyEx(paper, cv2.MORPH_BLACKHAT, np.ones((1, reach), np.uint8))[0]
    darker[: 4 * reach] = darker[-4 * reach :] = 0
    return np.asarray(np.where(darker >= _LEAST_DARK, darker, 0), dtype=np.uint8)


def without_streaks(image: PageImage) -> PageImage:
    """Return the picture with its streaks lightened to the paper beside them; a picture without any as it is.

    In pictures of two tones a streak has swallowed what it ran over, so there is nothing to bring back.
    """
    if image.bitonal:
        return image
    streaks = find_streaks(image.grey)
    if not streaks.any():
        return image
    return replace(image, grey=np.asarray(cv2.add(image.grey, np.broadcast_to(streaks, image.grey.shape))))
