"""Cards that were scanned together: every page code in a picture, and what of ours in it was not read.

Cards are printed several to a sheet. They come back cut or uncut, alone on a large glass or side by side: each is
looked for in the whole picture and then read as if it lay there alone. Pages that fill a picture never come here.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.code import PageCode
from pipeline.page.identify import (
    CODE_PX_PER_MM,
    FoundCode,
    IdentifiedPage,
    find_codes,
    find_corner_marks,
    mended,
    px_per_mm,
)
from pipeline.page.picture import PageImage
from pipeline.page.plane import mapped, paper_corners
from pipeline.page.register import RegisteredPage
from pipeline.page.smaller import enlarged, shrunk_part, whole

_SAME_CODE_MM = 5.0
"""Codes that say the same and lie within this are one, seen in two ways."""

_FILLS = 0.65
"""A page that takes at least this share of its picture leaves no room for another."""

_MARKS_OF_A_CARD = 2
"""Corner marks outside every card that was read from which there must be another; one may be seen in a pattern."""


def may_lie_beside_others(page: IdentifiedPage, paper_mm: tuple[float, float]) -> bool:
    """Whether a picture is so large that other cards may lie in it beside this one."""
    per_mm = px_per_mm(page.image)
    return paper_mm[0] * paper_mm[1] * per_mm**2 < _FILLS * page.image.grey.size


def pages_together(image: PageImage) -> tuple[IdentifiedPage, ...]:
    """Return every page whose code is in the picture, from top to bottom, each with the codes that say it."""
    said: dict[PageCode, list[FoundCode]] = {}
    for found in _codes_anywhere(image):
        said.setdefault(found.code, []).append(found)
    pages = (IdentifiedPage(image, code, tuple(codes), searched=True) for code, codes in said.items())
    return tuple(sorted(pages, key=lambda page: (page.codes[0].corners.mean(axis=0)[::-1].tolist(), str(page.code))))


def _codes_anywhere(image: PageImage) -> list[FoundCode]:
    """Every code that any way of mending the picture brings out, each once."""
    small, times, _ = shrunk_part(image, whole(image), px_per_mm(image) / CODE_PX_PER_MM)
    near = _SAME_CODE_MM * px_per_mm(image)
    codes: list[FoundCode] = []
    for picture in mended(small):
        for each in find_codes(np.ascontiguousarray(picture)):
            found = FoundCode(each.code, enlarged(each.corners, times, (0, 0)))
            if not any(known.code == found.code and _apart(known, found) < near for known in codes):
                codes.append(found)
    return codes


def _apart(one: FoundCode, other: FoundCode) -> float:
    return float(np.linalg.norm(one.corners.mean(axis=0) - other.corners.mean(axis=0)))


def holds_more(image: PageImage, read: Sequence[tuple[RegisteredPage, tuple[float, float]]]) -> bool:
    """Whether corner marks lie outside the cards that were read, each with its size: another has spoilt codes."""
    small, times, _ = shrunk_part(image, whole(image), px_per_mm(image) / CODE_PX_PER_MM)
    marks = [enlarged(mark.corners, times, (0, 0)).mean(axis=0) for mark in find_corner_marks(small)]
    cards = [mapped(page.homography, paper_corners(paper_mm)).astype(np.float32) for page, paper_mm in read]
    outside = [mark for mark in marks if not any(_is_on(card, mark) for card in cards)]
    return len(outside) >= _MARKS_OF_A_CARD


def _is_on(card: NDArray[np.float32], mark: NDArray[np.float64]) -> bool:
    return cv2.pointPolygonTest(card, (float(mark[0]), float(mark[1])), False) >= 0
