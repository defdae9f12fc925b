"""A page whose square codes are both spoilt gets its name from its serial, where that is read with certainty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.code import PageCode
from pipeline.form.layout import Box
from pipeline.form.paper.editions import PAPERS
from pipeline.form.paper.foot import MOST_PAGES
from pipeline.form.paper.frame import (
    CORNER_MARKS,
    END_MARGIN,
    MARK_SIDE,
    SIDE_MARGIN,
    CardFrame,
    Frame,
    card_size,
    serial_run,
)
from pipeline.page.identify import CornerMark, IdentifiedPage, UnnamedPage
from pipeline.page.plane import Matrix, affinity, box_corners
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.serial import Serial, read_serial


def name_by_serial(page: UnnamedPage, copies: Mapping[str, str]) -> IdentifiedPage | Refusal:
    """Read the serial of a page and find its layout by `copies`, which tells the layout of each printed copy.

    Which paper the form was printed on is not known yet, so that each is tried.
    """
    serial = _best(_serials(page))
    if serial is None or not serial.sure:
        return Refusal(Reason.NO_CODE, "no code and no serial could be read" if serial is None else f"perhaps {serial}")
    layout = copies.get(serial.copy)
    if layout is None:
        return Refusal(Reason.UNKNOWN_LAYOUT, f"copy {serial.copy}, read from its serial")
    return IdentifiedPage(page.image, PageCode(layout, serial.copy, serial.form_page), (), page.marks)


def _serials(page: UnnamedPage) -> Iterable[Serial]:
    """The serial as read on each paper in turn, until one is sure."""
    first = page.marks[0].id // 4 + 1
    form_pages = range(first, MOST_PAGES + 1, CORNER_MARKS)
    for frame in _frames(page.marks):
        serial = read_serial(page.image.grey, _placed(page.marks, frame.corners), serial_run(frame), form_pages)
        if serial is not None:
            yield serial
            if serial.sure:
                return


def _frames(marks: Sequence[CornerMark]) -> Iterator[Frame]:
    """Every frame that corner marks may belong to: of a page, of a card, of a page above the strip of a receipt."""
    yield from (Frame(*paper) for paper in PAPERS.values())
    yield from (CardFrame(*card_size(paper)) for paper in PAPERS.values())
    yield from (Frame(width, _height(marks, width)) for width, _ in PAPERS.values())


def _height(marks: Sequence[CornerMark], width: float) -> float:
    """The height (mm) that a frame of this width has by its corner marks, three of which show both its sides."""
    middles = {mark.id % 4: mark.corners.mean(axis=0) for mark in marks}
    across = _distance(middles, (0, 1), (3, 2)) / (width - 2 * SIDE_MARGIN - MARK_SIDE)
    return _distance(middles, (0, 3), (1, 2)) / across + 2 * END_MARGIN + MARK_SIDE


def _distance(middles: Mapping[int, NDArray[np.float64]], *pairs: tuple[int, int]) -> float:
    """The pixels between the first of these pairs of corner marks that were both seen."""
    one, other = next(pair for pair in pairs if set(pair) <= middles.keys())
    return float(np.linalg.norm(middles[one] - middles[other]))


def _best(serials: Iterable[Serial]) -> Serial | None:
    return max(serials, key=lambda serial: serial.likeness, default=None)


def _placed(marks: Sequence[CornerMark], corners: Sequence[Box]) -> Matrix:
    """Where the paper lies by its corner marks, mm to pixels: as a parallelogram where one of the marks is missing."""
    mm = np.vstack([box_corners(corners[mark.id % 4]) for mark in marks])
    px = np.vstack([mark.corners for mark in marks])
    if len(marks) < len(corners):
        return affinity(mm, px)
    return np.asarray(cv2.findHomography(mm, px)[0], dtype=np.float64)
