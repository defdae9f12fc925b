"""The frame of codes and corner marks around a page, and the column it leaves for words.

Marks stand 13 mm from the sides and 19 mm from top and bottom: printers leave up to 6.4 mm blank, a sheet fed 5°
askew moves its corners by 13 mm, and an A4 sheet on Letter glass loses 18 mm of its height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.form.layout import Box, CopyRun, PrintedCode
from pipeline.form.shaping import text_width

QR_SIDE = 18.0
"""mm: 25 modules of 0.72 mm; 15 mm is the least that survives fax and photocopies."""

QUIET = 3.0
"""mm of white around a QR code: four modules of 0.72 mm."""

MARK_SIDE = 7.0
"""mm of a corner mark: found in every condition tried, where 4 mm was lost in a third of photocopies."""

SIDE_MARGIN = 13.0
END_MARGIN = 19.0
WORDS_MARGIN = 13.0
BODY_GAP = 1.0
"""mm of white between the codes, with their quiet zones, and the full column."""

MARGIN_GAP = 5.0
"""mm between the corner marks and the column of words."""

CORNER_MARKS = 25
"""Pages that corner marks tell apart: 100 marks in the dictionary, four a page. Page 26 carries page 1's marks."""

ACROSS, DOWN = 2, 2
"""Cards on a sheet: of A4 each is A6."""

SERIAL_PT = 9.0
SERIAL_FONT = "semibold"
_WIDEST_SERIAL = "WWWWWWWW-99"


@dataclass(frozen=True, slots=True)
class Frame:
    """The paper's size in mm, and what the marks leave of it."""

    width: float
    height: float
    side: ClassVar[float] = SIDE_MARGIN
    end: ClassVar[float] = END_MARGIN
    gap: ClassVar[float] = MARGIN_GAP

    @property
    def left(self) -> float:
        """The x where the column of words begins, between the corner marks."""
        return self.side + MARK_SIDE + self.gap

    @property
    def column(self) -> float:
        """The width of the column of words."""
        return self.width - 2 * self.left

    @property
    def top(self) -> float:
        """The y where the upper codes begin, and the words between them."""
        return self.end

    @property
    def bottom(self) -> float:
        """The y where the lower codes end."""
        return self.height - self.end

    @property
    def body_top(self) -> float:
        """The first y at which the column is as wide as it gets: under the upper code and its serial."""
        return self.serial.bottom + BODY_GAP

    @property
    def body_bottom(self) -> float:
        """The last y at which the column is as wide as it gets: above the lower code."""
        return self.bottom - QR_SIDE - QUIET - BODY_GAP

    @property
    def last(self) -> float:
        """The last y that words may reach: every printer still prints there, though not every glass shows it."""
        return self.height - WORDS_MARGIN

    @property
    def between_codes(self) -> float:
        """The width of the words beside a QR code."""
        return self.column - QR_SIDE - QUIET - 2.0

    @property
    def codes(self) -> tuple[Box, Box]:
        """Where the two QR codes stand: top right and bottom left."""
        right = self.width - self.left - QR_SIDE
        return Box(right, self.top, QR_SIDE, QR_SIDE), Box(self.left, self.bottom - QR_SIDE, QR_SIDE, QR_SIDE)

    @property
    def serial(self) -> Box:
        """Where the serial in letters stands: under the upper QR code, wide enough for the widest there can be."""
        code = self.codes[0]
        return Box(code.x, code.bottom + QUIET, text_width(_WIDEST_SERIAL, SERIAL_FONT, SERIAL_PT), 3.2)

    @property
    def corners(self) -> tuple[Box, Box, Box, Box]:
        """Where the corner marks stand: top left, top right, bottom right, bottom left."""
        right, low = self.width - self.side - MARK_SIDE, self.bottom - MARK_SIDE
        spots = ((self.side, self.top), (right, self.top), (right, low), (self.side, low))
        top_left, top_right, bottom_right, bottom_left = (Box(x, y, MARK_SIDE, MARK_SIDE) for x, y in spots)
        return top_left, top_right, bottom_right, bottom_left


class CardFrame(Frame):
    """The frame of a card cut from a sheet: closer to the edge, which a printer still reaches and a cut may miss by
    2 mm, and with words as wide as the card between the upper and the lower marks."""

    __slots__ = ()
    side: ClassVar[float] = 9.0
    end: ClassVar[float] = 9.0
    gap: ClassVar[float] = QUIET


def card_size(paper_mm: tuple[float, float]) -> tuple[float, float]:
    """Return the width and height (mm) of one card."""
    return round(paper_mm[0] / ACROSS, 3), round(paper_mm[1] / DOWN, 3)


def page_codes(frame: Frame, page: int) -> tuple[PrintedCode, ...]:
    """Return the codes of form page `page` (from 1): two QR codes, four corner marks, the serial."""
    first = (page - 1) % CORNER_MARKS * 4
    return (
        *(PrintedCode("qr", _rounded(box)) for box in frame.codes),
        *(PrintedCode("aruco", _rounded(box), first + corner) for corner, box in enumerate(frame.corners)),
        PrintedCode("serial", _rounded(frame.serial)),
    )


def serial_run(frame: Frame) -> CopyRun:
    """Return the words of the serial, standing at the left of its box."""
    box = _rounded(frame.serial)
    return CopyRun(box.x, round(box.bottom - 0.4, 3), "serial", SERIAL_FONT, SERIAL_PT)


def _rounded(box: Box) -> Box:
    return Box(round(box.x, 3), round(box.y, 3), round(box.w, 3), round(box.h, 3))
