"""A pen that goes down A4 sheets, and to the next where one is full. Lengths are points, from the left and the top."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from pipeline.form.fonts import FACES, face, unprintable
from pipeline.form.glyphs import draw_line
from pipeline.form.shaping import text_width

MARGIN, FOOT = 43.0, 54.0
"""Blank at the sides and above (15 mm), and beneath (19 mm): within it the number of the page."""

WIDTH = A4[0] - 2 * MARGIN
"""The width that is drawn on."""

LINE = 1.4
"""The height of a line, as a part of the type size."""

POINTS_PER_MM = 72 / 25.4

INK, QUIET, RULE, ACCENT = (0.04, 0.05, 0.05), (0.30, 0.33, 0.35), (0.78, 0.80, 0.82), (0.70, 0.07, 0.11)
"""The colours of the page (`templates/report.css`), as red, green and blue parts of one."""

Colour = tuple[float, float, float]


class Sheet:
    """Where the pen stands: `y` points beneath the top of the sheet."""

    def __init__(self, title: str, subject: str) -> None:
        for name in FACES:
            pdfmetrics.registerFont(face(name))
        self._bytes = BytesIO()
        self.canvas: Any = Canvas(
            self._bytes, pagesize=A4, invariant=True, pageCompression=1, initialFontName="regular", lang="en"
        )
        self.canvas.setTitle(title)
        self.canvas.setSubject(subject)
        self.canvas.setCreator("pillarbox")
        self.y = MARGIN
        self._page = 1

    def finish(self) -> bytes:
        """Return the whole PDF."""
        self._foot()
        self.canvas.save()
        return self._bytes.getvalue()

    def need(self, height: float) -> None:
        """Turn to the next sheet unless so much is left of this one."""
        if self.y + height > A4[1] - FOOT and self.y > MARGIN:
            self._foot()
            self.canvas.showPage()
            self._page += 1
            self.y = MARGIN

    def gap(self, height: float) -> None:
        """Go down, without turning."""
        self.y += height

    def words(
        self,
        text: str,
        size: float,
        font: str = "regular",
        colour: Colour = INK,
        left: float = 0.0,
        width: float = WIDTH,
    ) -> None:
        """Set words in lines at most so wide, over as many sheets as it takes."""
        for line in lines(text, font, size, width):
            self.need(size * LINE)
            self.line(line, size, font, colour, left)
            self.gap(size * LINE)

    def line(self, text: str, size: float, font: str = "regular", colour: Colour = INK, left: float = 0.0) -> None:
        """Set one line from `left`, its upper edge at the pen, which stays."""
        self.canvas.setFillColorRGB(*colour)
        draw_line(self.canvas, text, font, size, MARGIN + left, self.at(self.y + size))

    def right(self, text: str, size: float, font: str = "regular", colour: Colour = INK, right: float = WIDTH) -> None:
        """Set one line that ends at `right`."""
        self.line(text, size, font, colour, right - width_of(text, font, size))

    def rule(self, thickness: float = 0.5, colour: Colour = RULE, width: float = WIDTH) -> None:
        """Draw a line from the left, at the pen."""
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(thickness)
        self.canvas.line(MARGIN, self.at(self.y), MARGIN + width, self.at(self.y))

    def at(self, y: float) -> float:
        """Return a height from the top as PDF counts it, from the bottom."""
        return float(A4[1]) - y

    def _foot(self) -> None:
        self.canvas.setFillColorRGB(*QUIET)
        self.canvas.setFont("regular", 9)
        self.canvas.drawRightString(A4[0] - MARGIN, 30, str(self._page))


def lines(text: str, font: str, size: float, width: float) -> list[str]:
    """Return text in lines at most so wide; its own line breaks stay, and a word that is wider is cut."""
    plain = printable(text)
    return [line for paragraph in plain.splitlines() or [""] for line in _wrapped(paragraph, font, size, width)]


def printable(text: str) -> str:
    """Return text with a question mark for what no typeface here can print, such as a smiling face."""
    strange = unprintable(text)
    return text.translate(dict.fromkeys(map(ord, strange), "?")) if strange else text


def width_of(text: str, font: str, size: float) -> float:
    """Return the width of words in points."""
    return text_width(text, font, size) * POINTS_PER_MM


def _wrapped(paragraph: str, font: str, size: float, width: float) -> Iterator[str]:
    line = ""
    for word in (part for whole in paragraph.split() for part in _cut(whole, font, size, width)):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, font, size) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def _cut(word: str, font: str, size: float, width: float) -> Iterator[str]:
    while width_of(word, font, size) > width:
        fits = next(end for end in range(len(word) - 1, 0, -1) if end == 1 or width_of(word[:end], font, size) <= width)
        yield word[:fits]
        word = word[fits:]
    yield word
