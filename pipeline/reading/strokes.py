"""Where the ink of boxes in doubt leads: into another box, as the tail of a long tick does, or nowhere.

Ink is followed over the print on its way, which hides it for the width of a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.known import Blank
from pipeline.page.register import RegisteredPage
from pipeline.reading.expected import PX_PER_MM
from pipeline.reading.page_ink import PageInk, ink_on, spread_mm
from pipeline.reading.readings import Followed, Joined, MarkReading
from pipeline.reading.verdict import Verdict

_OVER_PRINT_PX = 2
"""How far ink is followed into what may be print, from either side: a frame's line, and as far as it may be off."""

_INSET_MM, _BESIDE_MM = 0.7, 3.6
"""How far within the middle of its frame's line the inside of a box begins, and how far beside it ink is looked for."""

_LEAST_INSIDE_PX = 5
"""Ink inside another box from which a piece is in it: half a square millimetre, a dash."""

_LEAST_SHARE = 0.05
"""Shares of a box's ink below this are not told."""

Counts = NDArray[np.intp]
"""How many pixels each piece of ink has in a part of a page, by its number; as long as the highest number there."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """The pieces of ink on a page at `PX_PER_MM`: of every pixel the number of its piece, 0 where there is none, and of
    every piece, (n, 4), how far it goes to the left, up, to the right and down, in mm."""

    numbers: NDArray[np.int32]
    edges: NDArray[np.float64]

    def part(self, box: Box) -> NDArray[np.int32]:
        """The numbers in a part of the page."""
        left, top, right, bottom = (max(0, round(side * PX_PER_MM)) for side in (box.x, box.y, box.right, box.bottom))
        return self.numbers[top:bottom, left:right]

    def within(self, box: Box) -> Counts:
        """Count the pixels of each piece in a part of the page."""
        counts = np.bincount(self.part(box).ravel(), minlength=1)
        counts[0] = 0
        return counts


def with_followed(
    marks: Sequence[MarkReading], page: RegisteredPage, paper_mm: tuple[float, float], blank: Blank
) -> tuple[MarkReading, ...]:
    """Return the marks of a page, with what following the ink of those in doubt shows."""
    if all(mark.verdict is not Verdict.UNSURE for mark in marks):
        return tuple(marks)
    pieces = _pieces(ink_on(page, paper_mm, blank))
    boxes = [each.field.box for each in page.fields if each.field.kind == "mark"]
    inside = [pieces.within(box.grown(-_INSET_MM)) for box in boxes]
    return tuple(
        replace(mark, followed=_followed(place, pieces, boxes, inside, marks))
        if mark.verdict is Verdict.UNSURE
        else mark
        for place, mark in enumerate(marks)
    )


def _pieces(found: PageInk) -> _Pieces:
    """Number the pieces of ink. Of what is dark and may be print, only that counts which ink beside it runs on into."""
    ink = found.dark & (1 - found.expected.near_print)
    side = 2 * _OVER_PRINT_PX + 1
    ink |= found.dark & np.asarray(cv2.dilate(ink, np.ones((side, side), np.uint8)), dtype=np.uint8)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(ink, np.ones((3, 3), np.uint8)))
    left, top, width, height, _ = stats.T
    edges = np.stack((left + 1, top + 1, left + width - 1, top + height - 1), axis=1) / PX_PER_MM
    return _Pieces(np.asarray(numbers * ink, dtype=np.int32), edges)


def _followed(
    place: int, pieces: _Pieces, boxes: Sequence[Box], inside: Sequence[Counts], marks: Sequence[MarkReading]
) -> Followed:
    """What following the ink of one box shows, given what ink is inside each of them."""
    around = pieces.within(_with_sides(boxes[place]))
    joined = (
        Joined(other.question, other.value, _share(around, counts))
        for other, counts in zip(marks, inside, strict=True)
        if other is not marks[place]
    )
    ink = float(inside[place].sum()) / PX_PER_MM**2
    reach = max(_reaches(pieces, boxes[place], inside[place]), default=0.0)
    spread = spread_mm(pieces.part(_with_sides(boxes[place])) > 0)
    told = tuple(each for each in joined if each.share >= _LEAST_SHARE)
    return Followed(round(ink, 2), round(reach, 2), round(spread, 2), told)


def _share(around: Counts, inside: Counts) -> float:
    """The share of the ink around one box that is of pieces inside another."""
    pieces = np.flatnonzero(inside[: len(around)] >= _LEAST_INSIDE_PX)
    return round(float(around[pieces].sum()) / max(1, int(around.sum())), 3)


def _reaches(pieces: _Pieces, box: Box, inside: Counts) -> Iterator[float]:
    """How far each piece inside a box goes beyond its frame, in mm, on the side where it goes farthest."""
    for left, top, right, bottom in pieces.edges[np.flatnonzero(inside)]:
        yield max(0.0, box.x - left, box.y - top, right - box.right, bottom - box.bottom)


def _with_sides(box: Box) -> Box:
    inside = box.grown(-_INSET_MM)
    return Box(box.x - _BESIDE_MM, inside.y, box.w + 2 * _BESIDE_MM, inside.h)
