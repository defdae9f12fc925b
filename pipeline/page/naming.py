"""A page whose square codes are both spoilt gets its name from its serial, where that is read with certainty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import cv2
import numpy as np

from pipeline.form.code import PageCode
from pipeline.form.layout import Box
from pipeline.form.paper.editions import PAPERS
from pipeline.form.paper.foot import MOST_PAGES
from pipeline.form.paper.frame import CORNER_MARKS, CardFrame, Frame, card_size, serial_run
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
    papers = PAPERS.values()
    for frame in (*(Frame(*paper) for paper in papers), *(CardFrame(*card_size(paper)) for paper in papers)):
        serial = read_serial(page.image.grey, _placed(page.marks, frame.corners), serial_run(frame), form_pages)
        if serial is not None:
            yield serial
            if serial.sure:
                return


def _best(serials: Iterable[Serial]) -> Serial | None:
    return max(serials, key=lambda serial: serial.likeness, default=None)


def _placed(marks: Sequence[CornerMark], corners: Sequence[Box]) -> Matrix:
    """Where the paper lies by its corner marks, mm to pixels: as a parallelogram where one of the marks is missing."""
    mm = np.vstack([box_corners(corners[mark.id % 4]) for mark in marks])
    px = np.vstack([mark.corners for mark in marks])
    if len(marks) < len(corners):
        return affinity(mm, px)
    return np.asarray(cv2.findHomography(mm, px)[0], dtype=np.float64)
