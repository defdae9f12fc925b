"""Ink where nothing is asked: writing beside a box, in the margin or over the printed question, measured in groups.

The page is held against its blank, both a third of a millimetre to the pixel: what is dark and neither print, nor near
a field or a code, was left by somebody or something. Whether a group of it is writing is judged later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil, hypot

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.blank import Blank
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

_TOGETHER_MM = 1.7
"""Ink this far around makes one group: pieces up to 3.4 mm apart, the widest gap between two words of one hand."""

_TAIL_WINDS = 1.6
"""A piece that comes out of a field is part of a mark there, and no writing, up to this length over the diagonal of its
box: straight strokes have 1.1, half a ring 1.5; most words touch a field with a letter of their own."""

_SPECK_PX = 3
"""A piece with fewer pixels (0.33 mm²) is dust."""

_LEAST_LENGTH_MM = 5.0
"""A group whose strokes are shorter is not kept: the shortest two words take 13 mm of them."""

_LEAST_PX = 10
"""Pixels of a group, at least, to be so long: half of the outline of n pixels is at most √2 n."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One group of ink outside all fields: where it is (mm), and what it is made of.

    `ink` is its area in mm², `length` that of its strokes in mm (half of all outlines), `pieces` how many do not touch,
    and `spread` the standard deviation of its ink in mm across its main direction: next to nothing for a line.
    """

    box: Box
    ink: float
    length: float
    pieces: int
    spread: float


def find_remarks(page: RegisteredPage, paper_mm: tuple[float, float], blank: Blank) -> tuple[Remark, ...]:
    """Return the groups of ink on a page that no field or print explains, from top to bottom."""
    ink = _inked(_seen(page, paper_mm))
    off_mm = _OFF_PLACE_BITONAL_MM if page.quality.bitonal else _OFF_PLACE_MM
    expected = expected_on(blank, page.layout, (ink.shape[1], ink.shape[0]), off_mm)
    return tuple(sorted(_groups(_unexplained(ink, expected), expected), key=lambda each: (each.box.y, each.box.x)))


def _unexplained(ink: Grey, expected: Expected) -> Grey:
    """The ink (1, else 0) that is neither print nor near a field or a code."""
    in_place = _in_place(ink, _row_sums(ink & expected.lined), _row_sums(expected.printed))
    return in_place & expected.free


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
    paper = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, _square(_PAPER_REACH)), (5, 5))
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


def _groups(ink: Grey, expected: Expected) -> Iterator[Remark]:
    """Gather ink (1, else 0) that lies together, and measure every group that is long enough."""
    reach = 2 * round(_TOGETHER_MM * PX_PER_MM) + 1
    outlines, _ = cv2.findContours(cv2.dilate(ink, _square(reach)), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        left, top, width, height = cv2.boundingRect(outline)
        if cv2.countNonZero(ink[top : top + height, left : left + width]) < _LEAST_PX:
            continue
        within = np.zeros((height, width), np.uint8)
        cv2.drawContours(within, [outline], 0, 1, cv2.FILLED, offset=(-left, -top))
        here = slice(top, top + height), slice(left, left + width)
        if remark := _measured(_without_tails(ink[here] & within, expected.at_fields[here]), left, top):
            yield remark


def _without_tails(group: Grey, at_fields: Grey) -> Grey:
    """The pieces of a group that are neither specks nor what runs out of the box of a mark."""
    _, labels, found, _ = cv2.connectedComponentsWithStats(group)
    keeps = np.zeros(len(found), np.uint8)
    for label, (left, top, width, height, area) in enumerate(found[1:].tolist(), 1):
        if area >= _SPECK_PX:
            here = slice(top, top + height), slice(left, left + width)
            piece = (labels[here] == label).astype(np.uint8)
            keeps[label] = not (at_fields[here] & piece).any() or _winds(piece) > _TAIL_WINDS
    return np.asarray(keeps[labels], dtype=np.uint8)


def _winds(piece: Grey) -> float:
    """The length of a piece over the diagonal of its box."""
    return _length(cv2.findContours(piece, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]) / hypot(*piece.shape) * PX_PER_MM


def _measured(group: Grey, left: int, top: int) -> Remark | None:
    """Measure a group whose picture lies at `left`, `top` (pixels); None where it is too short to keep."""
    outlines, nesting = cv2.findContours(group, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = _length(outlines)
    if length < _LEAST_LENGTH_MM:
        return None
    x, y, width, height = cv2.boundingRect(group)
    box = Box(*(round(side / PX_PER_MM, 2) for side in (left + x, top + y, width, height)))
    ink = int(np.count_nonzero(group)) / PX_PER_MM**2
    pieces = int(np.count_nonzero(nesting[0, :, 3] < 0))
    return Remark(box, round(ink, 2), round(length, 2), pieces, round(_spread(group), 2))


def _length(outlines: Iterable[cv2.typing.MatLike]) -> float:
    """Half the length of all outlines, in mm: a stroke is outlined on both sides."""
    return sum(cv2.arcLength(outline, closed=True) for outline in outlines) / 2 / PX_PER_MM


def _spread(group: Grey) -> float:
    """The smaller standard deviation of the pixels of a group, in mm: the root of its moments' smaller eigenvalue."""
    moments = cv2.moments(group, binaryImage=True)
    across, down, both = (moments[name] / moments["m00"] for name in ("mu20", "mu02", "mu11"))
    smaller = (across + down) / 2 - float(np.hypot((across - down) / 2, both))
    return float(max(0.0, smaller) ** 0.5) / PX_PER_MM


def _square(side: int) -> Grey:
    return np.ones((side, side), np.uint8)
