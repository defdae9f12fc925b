"""Ink where nothing is asked: writing beside a box, in the margin or over the printed question, measured in groups.

What is dark on a page and neither print, nor near a field or a code, was left by somebody or something. Whether a
group of it is writing is judged later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import hypot

import cv2
import numpy as np

from pipeline.form.layout import Box
from pipeline.page.known import Blank
from pipeline.page.picture import Grey
from pipeline.page.register import RegisteredPage
from pipeline.reading.expected import PX_PER_MM, Expected
from pipeline.reading.page_ink import ink_on, spread_mm
from pipeline.reading.readings import Remark

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


def find_remarks(page: RegisteredPage, paper_mm: tuple[float, float], blank: Blank) -> tuple[Remark, ...]:
    """Return the groups of ink on a page that no field or print explains, from top to bottom."""
    found = ink_on(page, paper_mm, blank)
    groups = _groups(found.dark & found.expected.free, found.expected)
    return tuple(sorted(groups, key=lambda each: (each.box.y, each.box.x)))


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
    return Remark(box, round(ink, 2), round(length, 2), pieces, round(spread_mm(group), 2))


def _length(outlines: Iterable[cv2.typing.MatLike]) -> float:
    """Half the length of all outlines, in mm: a stroke is outlined on both sides."""
    return sum(cv2.arcLength(outline, closed=True) for outline in outlines) / 2 / PX_PER_MM


def _square(side: int) -> Grey:
    return np.ones((side, side), np.uint8)
