"""What a person is shown of an answer: how much of the page around it, and how large."""

from __future__ import annotations

from enum import StrEnum

from pipeline.form.layout import Box


class Shown(StrEnum):
    """How much of a page is shown of what stands at one place: its box, the whole width beside it, the whole page."""

    BOX = "box"
    ROW = "row"
    PAGE = "page"


PIXELS_PER_MM = 8.0
"""Scale of the picture of one answer: about 200 dpi, enough to judge the faintest mark by eye."""

PAGE_PIXELS_PER_MM = 4.0
"""Scale of a whole page shown for context: about 100 dpi."""

_AROUND_BOX_MM = 1.2
"""How much around the box of one character: its frame, and a stroke that runs over it."""

_AROUND_MM = 6.0
"""How much of the page above and below the answer is shown, so that a mark beside the box is seen."""

_EDGE_MM = 8.0
"""The outermost strip of the paper, which seldom holds anything, is not shown."""


def shown_of_box(box: Box) -> Box:
    """Return the part of the page to show for one character."""
    return box.grown(_AROUND_BOX_MM)


def shown_around(box: Box, paper_mm: tuple[float, float]) -> Box:
    """Return the part of the page to show for an answer: its whole width, so that the words stand beside the boxes.

    Writing near the edge of the paper is shown up to the edge.
    """
    around, (width, height) = box.grown(_AROUND_MM), paper_mm
    left, top = max(0.0, min(_EDGE_MM, around.x)), max(0.0, around.y)
    right, bottom = min(width, max(width - _EDGE_MM, around.right)), min(height, around.bottom)
    return Box(left, top, right - left, bottom - top)
