"""All ink of a page, in place on its blank: both a third of a millimetre to the pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.known import Blank
from pipeline.page.picture import Grey
from pipeline.page.plane import reduced
from pipeline.page.register import RegisteredPage
from pipeline.page.smaller import shrunk
from pipeline.reading.expected import PX_PER_MM, Expected, expected_on

_LEAST_PX_PER_MM = 2.75
"""Scale to which the picture is reduced at most: a scan at 300 dpi is halved twice, however large it was printed."""

_INK = 0.15
"""Darkness, as a share of the paper's lightness, from which a pixel is ink: noise of the worst scanner is 0.04, a line
of soft pencil 0.4."""

_PAPER_PX, _PAPER_REACH = 3, 7
"""The lightness of the paper is looked for in squares of a millimetre, of which 7 by 7 hold some paper."""

_OFF_PLACE_MM, _OFF_PLACE_BITONAL_MM = 0.34, 0.67
"""How far from its place print may show, once a page that was fed unevenly is moved to where its lines fit best: in
grey, and in two tones, which a fax may have drawn with 98 lines an inch. As little as can be: the rest of a line of
print is where writing over it shows."""

_BAND_MM, _SHIFT_MM = 25.0, 2.0
"""Height of a band, and how far it is moved at most: a worn feeder pulls lines up to 1.5 mm out of place."""

_STRIPS = 3
"""A page that is bent and askew is moved in so many strips, each by itself: across 70 mm a line is level enough."""

_BAND_FITS, _BAND_PRINT_PX = 0.5, 60
"""Correlation of a band's lines with the blank's from which it is moved, and the print it needs for that."""


@dataclass(frozen=True, slots=True, eq=False)
class PageInk:
    """Where a page is dark (1, else 0), (height, width) at `PX_PER_MM`, moved to where its print is on the blank, and
    what is `expected` there."""

    dark: Grey
    expected: Expected


def ink_on(page: RegisteredPage, paper_mm: tuple[float, float], blank: Blank) -> PageInk:
    """Find all that is dark on a page, its print among it."""
    dark = _inked(_seen(page, paper_mm))
    off_mm = _OFF_PLACE_BITONAL_MM if page.quality.bitonal else _OFF_PLACE_MM
    expected = expected_on(blank, page.layout, (dark.shape[1], dark.shape[0]), off_mm)
    in_place = _in_place(dark, _row_sums(dark & expected.lined), _row_sums(expected.printed))
    return PageInk(in_place, expected)


def _seen(page: RegisteredPage, paper_mm: tuple[float, float]) -> Grey:
    """The whole paper, upright. Of the reduced picture the nearest pixel is as good as an average, and faster."""
    size = round(paper_mm[0] * PX_PER_MM), round(paper_mm[1] * PX_PER_MM)
    small, to_small = reduced(page.image, page.homography, Box(0.0, 0.0, *paper_mm), _LEAST_PX_PER_MM)
    x, y = paper_mm[0] / size[0], paper_mm[1] / size[1]
    to_mm = np.array([[x, 0.0, x / 2], [0.0, y, y / 2], [0.0, 0.0, 1.0]])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(small, to_small @ to_mm, size, None, flags, cv2.BORDER_REPLICATE), np.uint8)


def _inked(grey: Grey) -> Grey:
    """1 where a pixel is clearly darker than the paper around it, else 0."""
    small, _ = shrunk(grey, _PAPER_PX)
    paper = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_PAPER_REACH, _PAPER_REACH), np.uint8)), (5, 5))
    paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    least = _INK * float(np.median(paper[::16, ::16]))
    return np.asarray(cv2.threshold(cv2.subtract(paper, grey), least, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _strips(picture: Grey) -> Iterator[Grey]:
    wide = ceil(picture.shape[1] / _STRIPS)
    return (picture[:, left : left + wide] for left in range(0, picture.shape[1], wide))


def _row_sums(picture: Grey) -> NDArray[np.float32]:
    """How many pixels of each row of each strip are set: (strips, height)."""
    sums = [cv2.reduce(strip, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)[:, 0] for strip in _strips(picture)]
    return np.array(sums, dtype=np.float32)


def _in_place(ink: Grey, seen: NDArray[np.float32], printed: NDArray[np.float32]) -> Grey:
    """A page, strip by strip, with its rows moved to where its lines of print, as `seen`, are `printed` on the blank.

    Both are sums of rows, (strips, height). A page whose lines are in place from edge to edge is left as it is.
    """
    _, shifts, is_told = _band_shifts(seen.sum(axis=0, keepdims=True), printed.sum(axis=0, keepdims=True))
    if not shifts[is_told].any():
        return ink
    middles, shifts, is_told = _band_shifts(seen, printed)
    return np.hstack(list(map(partial(_moved, middles), _strips(ink), shifts, is_told)))


def _moved(middles: NDArray[np.float64], strip: Grey, shifts: NDArray[np.intp], is_told: NDArray[np.bool_]) -> Grey:
    """A strip with its rows moved as its bands are, and evenly between their middles."""
    if not is_told.any():
        return strip
    rows = np.arange(len(strip), dtype=np.float64)
    moved = np.rint(rows + np.interp(rows, middles[is_told], shifts[is_told])).astype(np.intp)
    return np.asarray(strip[np.clip(moved, 0, len(strip) - 1)], dtype=np.uint8)


def _band_shifts(
    seen: NDArray[np.float32], printed: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.bool_]]:
    """The middle rows of all bands, (bands,), by how many rows each lies lower in the picture than on the blank, and
    whether it has the print to tell, both (strips, bands)."""
    height, most = round(_BAND_MM * PX_PER_MM), round(_SHIFT_MM * PX_PER_MM)
    rows = printed.shape[1]
    tops = np.linspace(0, rows - height, round(rows / height), dtype=np.intp)
    bands = sliding_window_view(printed, height, axis=1)[:, tops]
    beyond = np.pad(seen, ((0, 0), (most, most)))
    tried = sliding_window_view(beyond, height, axis=1)[:, tops[:, None] + np.arange(2 * most + 1)]
    fits = _correlations(tried, bands)
    shifts = np.where(fits.max(axis=2) > _BAND_FITS, fits.argmax(axis=2) - most, 0)
    is_told = np.asarray(bands.sum(axis=2) >= _BAND_PRINT_PX, dtype=np.bool_)
    return np.asarray(tops + height / 2, dtype=np.float64), np.asarray(shifts, dtype=np.intp), is_told


def _correlations(tried: NDArray[np.float32], bands: NDArray[np.float32]) -> NDArray[np.float32]:
    """How well each of `tried`, (strips, bands, places, height), goes with its band: (strips, bands, places)."""
    seen, wanted = tried - tried.mean(axis=3, keepdims=True), bands - bands.mean(axis=2, keepdims=True)
    lengths = np.linalg.norm(seen, axis=3) * np.linalg.norm(wanted, axis=2)[:, :, None]
    return np.asarray((seen @ wanted[..., None])[..., 0] / np.maximum(lengths, 1e-6), dtype=np.float32)


def spread_mm(ink: NDArray[np.bool_] | Grey) -> float:
    """The smaller standard deviation of the pixels of some ink, in mm: the root of its moments' smaller eigenvalue."""
    moments = cv2.moments(ink.astype(np.uint8), binaryImage=True)
    if moments["m00"] == 0:
        return 0.0
    across, down, both = (moments[name] / moments["m00"] for name in ("mu20", "mu02", "mu11"))
    smaller = (across + down) / 2 - float(np.hypot((across - down) / 2, both))
    return float(max(0.0, smaller) ** 0.5) / PX_PER_MM
