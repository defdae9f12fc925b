"""Streaks down a scan, from dust on the glass a page is fed over: found, and taken off before anything is read.

A streak darkens the same columns of the picture from edge to edge, whatever is printed under it, so it shows in the
median of each column: the median of a column of a page is paper, and no line that a person draws runs down more than
half of a sheet in one column. A printed rule of a page that lies on its side may, but not into the margins.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import PageImage

Grey = NDArray[np.uint8]

_ROWS = 300
"""Rows that the median is taken over, spread down the page: enough to be sure to one grey level in clean paper."""

_ROWS_AT_FIRST = 75
"""Rows looked at first, from side to side: a quarter of the work."""

_WIDEST_SHARE = 0.004
"""The widest streak, as a share of the picture's width: 0.8 mm of A4. Anything wider is a shadow or a dark margin."""

_END_SHARE = 0.04
"""A streak goes on through the uppermost and lowest part of the picture, as a share of its height: 12 mm of A4. A rule
printed across a page that lies on its side does not."""

_RIM = 4
"""Widths of the widest streak that are not looked at on the left and on the right: the edge of the paper is a line down
the picture, too."""

_LEAST_DARK = 4
"""Grey levels by which a column must be darker than its neighbours: noise in the median stays below 2."""


def find_streaks(grey: Grey) -> Grey:
    """Return how many grey levels each column of the picture (height, width) is darker for a streak: (width,).

    The outermost 3 mm are not looked at. Where a first look shows nothing, there is nothing; the second is at what is
    near to what the first one showed.
    """
    streaks = np.zeros(grey.shape[1], np.uint8)
    reach = 2 * round(_WIDEST_SHARE * grey.shape[1] / 2) + 1
    suspected = np.flatnonzero(_darker(grey, _ROWS_AT_FIRST, _LEAST_DARK - 1, reach))
    if len(suspected):
        near = slice(max(0, suspected[0] - (_RIM + 1) * reach), suspected[-1] + 1 + (_RIM + 1) * reach)
        streaks[near] = _surely_darker(grey[:, near], reach)
    return streaks


def _surely_darker(grey: Grey, reach: int) -> Grey:
    """By how many levels each column is darker, where that is so from end to end: (width,)."""
    darker = _darker(grey, _ROWS, _LEAST_DARK, reach)
    end = max(1, round(_END_SHARE * grey.shape[0]))
    for part in (grey[:end], grey[-end:]):
        goes_on = _darker(part, _ROWS_AT_FIRST, _LEAST_DARK - 1, reach)
        darker[cv2.dilate(goes_on[None], np.ones((1, 3), np.uint8))[0] == 0] = 0
    return darker


def without_streaks(image: PageImage) -> PageImage:
    """Return the picture with its streaks noted and lightened to the paper beside them; one without any as it is.

    In pictures of two tones a streak has swallowed what it ran over, so there is nothing to bring back.
    """
    streaks = find_streaks(image.grey)
    if not streaks.any():
        return image
    noted = replace(image, streaks=_middles(streaks))
    if image.bitonal:
        return noted
    grey, dark = image.grey.copy(), np.flatnonzero(streaks)
    grey[:, dark] = cv2.add(grey[:, dark], np.broadcast_to(streaks[dark], (len(grey), len(dark))))
    return replace(noted, grey=grey)


def _darker(grey: Grey, rows: int, least: int, reach: int) -> Grey:
    """By how many levels the median of each column is below its neighbours', where at least by `least`: (width,).

    Streaks are narrower than `reach` (pixels), and those at the rim of the picture are not looked at.
    """
    paper = _medians(np.ascontiguousarray(grey[:: max(1, grey.shape[0] // rows)]))[None]
    darker = cv2.morphologyEx(paper, cv2.MORPH_BLACKHAT, np.ones((1, reach), np.uint8))[0]
    darker[: _RIM * reach] = darker[-_RIM * reach :] = 0
    return np.asarray(np.where(darker >= least, darker, 0), dtype=np.uint8)


def _medians(rows: Grey) -> Grey:
    """The median of each column, bit by bit from the highest: half the time of sorting.

    A bit belongs to the median if not more than half of the column is below the value it would make.
    """
    found = np.zeros(rows.shape[1], np.uint8)
    for bit in (128, 64, 32, 16, 8, 4, 2, 1):
        tried = found | np.uint8(bit)
        below = cv2.reduce((rows < tried).view(np.uint8), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0]
        found = np.where(below <= len(rows) // 2, tried, found)
    return found


def _middles(streaks: Grey) -> tuple[float, ...]:
    """The middle column of each streak."""
    dark = np.flatnonzero(streaks)
    apart = np.flatnonzero(np.diff(dark) > 1) + 1
    return tuple(float(columns.mean()) for columns in np.split(dark, apart))
