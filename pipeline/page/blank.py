"""A form page as it left the printer, before anybody wrote on it: what ink is told from print by."""

from __future__ import annotations

from math import ceil

import cv2
import numpy as np
import pypdfium2 as pdfium

from pipeline.form.code import copy_code
from pipeline.form.layout import Box, CopyRun, Layout, PageLayout
from pipeline.form.printing import print_copies
from pipeline.page.known import Blank
from pipeline.page.picture import Grey

BLANK_PX_PER_MM = 4.0
"""Scale of the blanks of our own forms: 102 dpi, a megapixel for A4, where the thinnest line is a pixel wide."""

FIXED_PX_PER_MM = 8.0
"""Scale of the blanks of forms made elsewhere, whose print is taken off the answers: 203 dpi."""

_PART_OF_A_PIXEL = 1e-3
"""Of a card's width, which is rounded, so that its blank is no pixel too wide."""

_MM_PER_POINT = 25.4 / 72

_COPY_WORDS_EM, _AROUND_COPY_WORDS_MM = 8.0, 1.0
"""Length of a copy's code and serial at most, in heights of their type: ten letters of half to three quarters each."""


def drawn_blanks(layout: Layout) -> dict[int, Blank]:
    """Draw every page of a layout, by its number.

    Square codes are those of a made-up copy. Words that differ from copy to copy are black bars: all of it is print.
    """
    with pdfium.PdfDocument(print_copies(layout, [copy_code(0)], "one")) as document:
        return {
            page.number: _drawn(document[place], page, layout.paper_of(page)) for place, page in enumerate(layout.pages)
        }


def photographed_blank(picture: Grey, paper_mm: tuple[float, float]) -> Blank:
    """Return a picture that shows exactly the paper, of whatever size and resolution, as a blank."""
    size = round(paper_mm[0] * FIXED_PX_PER_MM), round(paper_mm[1] * FIXED_PX_PER_MM)
    grey = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return Blank(np.asarray(grey, dtype=np.uint8), FIXED_PX_PER_MM)


def blank_to_png(blank: Blank) -> bytes:
    """Return the picture of a blank as a PNG file."""
    return bytes(cv2.imencode(".png", blank.grey, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1])


def blank_from_png(png: bytes, px_per_mm: float) -> Blank:
    """Return the blank that `blank_to_png` wrote."""
    grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    return Blank(np.asarray(grey, dtype=np.uint8), px_per_mm)


def _drawn(page: pdfium.PdfPage, layout: PageLayout, paper_mm: tuple[float, float]) -> Blank:
    """Draw a page as it was printed, but for what may be torn off; of a sheet of cards the first."""
    wide, high = (ceil(side * BLANK_PX_PER_MM - _PART_OF_A_PIXEL) for side in paper_mm)
    bitmap = page.render(scale=BLANK_PX_PER_MM * _MM_PER_POINT, grayscale=True)
    grey = np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width)
    bitmap.close()
    for run in layout.drawings:
        if isinstance(run, CopyRun):
            em = run.size_pt * _MM_PER_POINT
            bar = Box(run.x, run.y - em, _COPY_WORDS_EM * em, 1.2 * em).grown(_AROUND_COPY_WORDS_MM)
            left, top, right, bottom = (round(side * BLANK_PX_PER_MM) for side in (bar.x, bar.y, bar.right, bar.bottom))
            grey[top:bottom, left:right] = 0
    return Blank(np.ascontiguousarray(grey[:high, :wide]), BLANK_PX_PER_MM)
