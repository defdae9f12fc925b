"""One page of a file to all that was read on it: at half its size where that shows all there is, or else whole.

Boxes to tick are looked for at half the resolution of 300 dots per inch, and so is all that places and names a page. A
JPEG decoded at half its size costs 85 % of what the whole does, and need not be halved: a page of boxes alone is read
for a tenth less. Which of the two a page is read at is decided by the page, never by what was read before it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pipeline.form.layout import Layout, PageLayout
from pipeline.inbox.trouble import SetAside
from pipeline.page.identify import identify_by_both_codes
from pipeline.page.image import OpenFile
from pipeline.page.known import KnownPaper
from pipeline.page.picture import FINE_ENOUGH_TO_HALVE_DPI, PageImage, is_fine_enough_to_halve
from pipeline.page.refusal import BlankPage
from pipeline.page.streaks import without_streaks
from pipeline.reading.read_page import as_printed, read_identified, read_opened
from pipeline.reading.readings import PageReading, PictureRead

_TO_WHOLE = np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
"""From pixels of the half to those of the whole; whole numbers are the middles of pixels."""


@dataclass(frozen=True, slots=True)
class PageOfFile:
    """How to have a page of a file, `whole` or at `half` its size; None where its half cannot be had by itself.

    Either may be trouble instead; then so is the other.
    """

    whole: Callable[[], PageImage | SetAside]
    half: Callable[[], PageImage | SetAside | None]


def read_page(data: bytes, index: int, known: KnownPaper) -> PictureRead:
    """Read page `index` (from 0) of a file, by the paper that is `known` here.

    Depends on nothing but its arguments, the models shipped with the package, and Tesseract.
    """
    with closing(OpenFile(data)) as file:
        return read_page_of_file(PageOfFile(partial(file.page, index), partial(file.half, index)), known)


def read_page_of_file(page: PageOfFile, known: KnownPaper, *, half_first: bool = False) -> PictureRead:
    """Read a page at half its size if that will do, or else whole.

    `half_first` is a guess at which it will be. A wrong one costs time, and comes to the same: what is settled by the
    whole without a look at the half is what no half would be read as.
    """
    if half_first:
        return _read_half(page, known) or read_opened(page.whole(), known)
    whole = page.whole()
    read = read_opened(whole, known)
    return read if _is_settled(whole, read) else _read_half(page, known) or read


def is_of_boxes(read: PictureRead) -> bool:
    """Whether a page is read, and a half of it would show all that was to be read on it."""
    return (
        isinstance(read, PageReading)
        and not (read.characters or read.texts or read.quality.bitonal)
        and read.quality.dpi >= FINE_ENOUGH_TO_HALVE_DPI
    )


def _is_settled(whole: PageImage | SetAside, read: PictureRead) -> bool:
    """Whether no half of a page read whole is worth a look: there is none, or there is more than boxes, or nothing."""
    if isinstance(whole, SetAside) or whole.bitonal or not is_fine_enough_to_halve(whole.dpi):
        return True
    return isinstance(read, BlankPage) or (isinstance(read, PageReading) and bool(read.characters or read.texts))


def _read_half(page: PageOfFile, known: KnownPaper) -> PageReading | None:
    """Read a page at half its size; None where that does not do, as of a page on which anything is out of order."""
    half = page.half()
    if half is None or isinstance(half, SetAside):
        return None
    identified = identify_by_both_codes(without_streaks(half))
    layout, printed = as_printed(identified.code, known) if identified else (None, None)
    if identified is None or layout is None or printed is None or not _has_boxes_alone(layout, printed):
        return None
    read = read_identified(identified, layout, printed, known)
    if not isinstance(read, PageReading):
        return None
    whole = _told_of_whole(read)
    return whole if is_of_boxes(whole) else None


def _has_boxes_alone(layout: Layout, printed: PageLayout) -> bool:
    """Whether a page has nothing but boxes to tick, and is no card, of which there may be several in a picture."""
    return not layout.sheet and all(field.kind == "mark" for field in printed.fields)


def _told_of_whole(read: PageReading) -> PageReading:
    """What was read on a half, in the pixels and the resolution of the whole."""
    homography = _TO_WHOLE @ np.array(read.homography).reshape(3, 3)
    return replace(
        read,
        homography=tuple(float(value) for value in homography.ravel()),
        quality=replace(read.quality, dpi=round(2 * read.quality.dpi, 1)),
    )
