"""Draw the lines of charts and the rows of tables on a sheet."""

from __future__ import annotations

from typing import Any

from pipeline.tables.numbers import Row, Table
from pipeline.tables.pdf.chart_lines import Box, ChartLine, Dot, Mark, Upright, Whisker, lines_of
from pipeline.tables.pdf.sheet import ACCENT, INK, LINE, MARGIN, QUIET, RULE, WIDTH, Colour, Sheet, lines, width_of
from pipeline.tables.sections.piece import Chart

LABEL, SPACE = 150.0, 215.0
"""Points for the words at the left, and for the marks; the words after them have the rest."""

SIZE, TABLE_SIZE, SMALLEST = 8.5, 8.0, 5.0
"""Type sizes in charts and tables; a table that is too wide is set smaller, down to the last."""

ROWS_TOGETHER = 12
"""A table of no more rows is not parted."""

HATCH = 3.0
"""Points from one line of a hatching to the next."""

_FILLS: dict[str, Colour] = {
    "everyone": INK,
    "paper": (0.0, 0.447, 0.698),
    "waiting": (0.54, 0.565, 0.588),
    "usual": (0.875, 0.89, 0.90),
}
"""What is filled solid; online is hatched, other channels are dotted by short dashes, and the rest is an outline."""

_ONLINE: Colour = (0.835, 0.369, 0.0)


def draw_chart(sheet: Sheet, chart: Chart) -> None:
    """Draw a chart line by line; it may go on on the next sheet, between two lines."""
    for line in lines_of(chart):
        _draw_line(sheet, line)
    sheet.gap(6)


def draw_table(sheet: Sheet, table: Table) -> None:
    """Draw a table; its head comes again at the top of each sheet that it reaches."""
    size, widths = _fitted(table)
    sheet.need((min(len(table.rows), ROWS_TOGETHER) + 4) * (size * LINE + 2))
    sheet.gap(4)
    sheet.words(table.caption, size, colour=QUIET)
    _head(sheet, table, size, widths)
    for row in table.rows:
        label = lines(row.head, "regular", size, widths[0] - 6)
        before = sheet.y
        sheet.need(len(label) * size * LINE + 2)
        if sheet.y < before:
            _head(sheet, table, size, widths)
        _row(sheet, row, label, size, widths)
    sheet.gap(8)


def _draw_line(sheet: Sheet, line: ChartLine) -> None:
    if line.is_heading:
        sheet.need(40)
        sheet.gap(3)
        sheet.words(line.label, SIZE, "bold")
        return
    label, words = (
        lines(line.label, "regular", SIZE, LABEL - 8),
        lines(line.words, "regular", SIZE, WIDTH - LABEL - SPACE - 8),
    )
    height = max(line.height, max(len(label), len(words)) * SIZE * LINE)
    sheet.need(height)
    top = sheet.y
    for left, found in ((0.0, label), (LABEL + SPACE + 8, words)):
        sheet.y = top + (height - len(found) * SIZE * LINE) / 2
        for each in found:
            sheet.line(each, SIZE, left=left)
            sheet.gap(SIZE * LINE)
    for mark in line.marks:
        _draw_mark(sheet, mark, top, height)
    sheet.y = top + height


def _draw_mark(sheet: Sheet, mark: Mark, top: float, height: float) -> None:
    canvas, middle = sheet.canvas, sheet.at(top + height / 2)
    canvas.setStrokeColorRGB(*INK)
    canvas.setLineWidth(0.8)
    match mark:
        case Box():
            thick = height if mark.style == "usual" else min(height - 3, 9.0)
            _draw_box(canvas, mark.style, _x(mark.start), middle - thick / 2, mark.length / 100 * SPACE, thick)
        case Whisker():
            for width, colour in ((2.6, (1, 1, 1)), (0.9, INK)):
                canvas.setStrokeColorRGB(*colour)
                canvas.setLineWidth(width)
                canvas.line(_x(mark.low), middle, _x(mark.high), middle)
                for end in (mark.low, mark.high):
                    canvas.line(_x(end), middle - 2.5, _x(end), middle + 2.5)
        case Dot():
            canvas.setFillColorRGB(*(INK if mark.look == "solid" else (1, 1, 1)))
            canvas.setStrokeColorRGB(*(ACCENT if mark.look == "signal" else INK))
            canvas.setLineWidth(2.2 if mark.look == "signal" else 1.0)
            canvas.circle(_x(mark.at), middle, 3.6 if mark.look == "signal" else 2.8, stroke=1, fill=1)
        case Upright():
            canvas.setStrokeColorRGB(*_FILLS["waiting"])
            canvas.setLineWidth(0.6)
            canvas.line(_x(mark.at), middle - height / 2, _x(mark.at), middle + height / 2)


def _draw_box(canvas: Any, style: str, x: float, y: float, width: float, height: float) -> None:
    fill = _FILLS.get(style)
    if fill:
        canvas.setFillColorRGB(*fill)
        canvas.rect(x, y, width, height, stroke=0, fill=1)
        return
    colour = _ONLINE if style == "online" else INK
    canvas.saveState()
    canvas.setStrokeColorRGB(*colour)
    canvas.setLineWidth(0.8)
    canvas.rect(x, y, width, height, stroke=1, fill=0)
    if style in ("online", "another"):
        outline = canvas.beginPath()
        outline.rect(x, y, width, height)
        canvas.clipPath(outline, stroke=0, fill=0)
        canvas.setLineWidth(1.3)
        if style == "another":
            canvas.setDash(0.8, 2.2)
        start = x - height
        while start < x + width:
            canvas.line(start, y, start + height, y + height)
            start += HATCH
    canvas.restoreState()


def _x(percent: float) -> float:
    return MARGIN + LABEL + percent / 100 * SPACE


def _fitted(table: Table) -> tuple[float, list[float]]:
    """The type size at which a table fits the width, and the width of each of its columns."""
    size = TABLE_SIZE
    while True:
        widths = [
            max(
                width_of(words, "regular", size)
                for words in [table.columns[at], *(row.cells[at - 1] for row in table.rows)]
            )
            + 9
            for at in range(1, len(table.columns))
        ]
        left = WIDTH - sum(widths)
        if left >= LABEL - 20 or size <= SMALLEST:
            longest = max((width_of(row.head, "regular", size) for row in table.rows), default=0.0) + 12
            return size, [max(40.0, min(left, max(longest, 80.0))), *widths]
        size -= 0.5


def _head(sheet: Sheet, table: Table, size: float, widths: list[float]) -> None:
    right = widths[0]
    at = 1
    for words, columns in table.spans:
        right += sum(widths[at : at + columns])
        at += columns
        sheet.right(words, size, "bold", right=right)
    if table.spans:
        sheet.gap(size * LINE)
    right = 0.0
    for place, (words, width) in enumerate(zip(table.columns, widths, strict=True)):
        right += width
        if place:
            sheet.right(words, size, colour=QUIET, right=right)
        else:
            sheet.line(words, size, colour=QUIET)
    sheet.gap(size * LINE + 1)
    sheet.rule(0.6, INK, sum(widths))
    sheet.gap(2)


def _row(sheet: Sheet, row: Row, label: list[str], size: float, widths: list[float]) -> None:
    colour, top, right = QUIET if row.is_foot else INK, sheet.y, widths[0]
    for words, width in zip(row.cells, widths[1:], strict=True):
        right += width
        sheet.right(words, size, colour=colour, right=right)
    for each in label:
        sheet.line(each, size, colour=colour)
        sheet.gap(size * LINE)
    sheet.y = top + len(label) * size * LINE + 1
    sheet.rule(0.3, RULE, sum(widths))
    sheet.gap(1)
