"""An Excel workbook: the responses, the codebook, and what each kind of missing means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipeline.form.definition import Shape
from pipeline.store.views import FACTS
from pipeline.tables.codebook import codebook_of, codebook_rows
from pipeline.tables.table import MISSING_LABELS, Table, missing_pairs

_ROWS = 1_048_576
"""The most rows of a worksheet; responses beyond them go on in another."""

_LONGEST = 32_767
"""The most characters of a cell."""

_CUT = " … (cut: a cell holds no more)"

_LAID_DOWN = datetime(1980, 1, 1)  # noqa: DTZ001 - the format knows no time zones
"""The date of making that is written into the file, so that the same data are the same bytes."""


def write_xlsx(table: Table, out: BinaryIO) -> None:
    """Write the workbook. Every answer but a number is text, so that no cell is ever run as a formula."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_urls": False})
    book.set_properties({"created": _LAID_DOWN, "title": table.form.id})
    _write_responses(book, table)
    _write_sheet(book.add_worksheet("Codebook"), codebook_rows(codebook_of(table)))
    _write_sheet(
        book.add_worksheet("Missing"),
        [["kind", "what it means"], *([kind.value, words] for kind, words in MISSING_LABELS.items())],
    )
    book.close()
    out.write(made.getbuffer())


def _write_responses(book: xlsxwriter.Workbook, table: Table) -> None:
    numbers = {column.name for column in table.columns if column.shape is Shape.NUMBER}
    names = [column.name for column in table.columns]
    row, sheets = _ROWS, 0
    for response in table.responses:
        if row == _ROWS:
            sheets += 1
            sheet, row = _responses_sheet(book, table, sheets), 1
        _write_row(sheet, row, [response.facts[fact] or "" for fact in FACTS])
        for at, name in enumerate(names, start=len(FACTS)):
            value = response.answers.get(name)
            if value is not None and name in numbers:
                sheet.write_number(row, at, int(value))
            elif value:
                sheet.write_string(row, at, _fitting(value))
        _write_row(sheet, row, [response.remarks, missing_pairs(response)], len(FACTS) + len(names))
        row += 1
    if not sheets:
        _responses_sheet(book, table, 1)


def _responses_sheet(book: xlsxwriter.Workbook, table: Table, number: int) -> Worksheet:
    sheet = book.add_worksheet("Responses" if number == 1 else f"Responses {number}")
    sheet.freeze_panes(1, 1)
    _write_row(sheet, 0, table.header)
    return sheet


def _write_sheet(sheet: Worksheet, rows: Iterable[Sequence[str]]) -> None:
    for at, row in enumerate(rows):
        _write_row(sheet, at, row)


def _write_row(sheet: Worksheet, row: int, cells: Sequence[str], start: int = 0) -> None:
    for at, cell in enumerate(cells, start):
        if cell:
            sheet.write_string(row, at, _fitting(cell))


def _fitting(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(_CUT)] + _CUT
