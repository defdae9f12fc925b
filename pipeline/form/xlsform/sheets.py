"""A workbook as rows of words, and back: all that is known here of spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

MOST_ROWS: Final = 5_000
"""Rows read of a sheet: a form of some hundred questions in ten languages has fewer."""

MOST_COLUMNS: Final = 200

_WIDEST: Final = 60
"""Widest column of a sheet we write, in characters; longer words are wrapped."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its number as the spreadsheet shows it, and its words by the heading of their column."""

    number: int
    cells: Mapping[str, str]

    def get(self, heading: str) -> str:
        """Return the words under a heading, or nothing."""
        return self.cells.get(heading, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet below its row of headings; `columns` tells the letter of each heading's column."""

    name: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]

    def place(self, row: Row, heading: str) -> str:
        """Return where a cell is, as the spreadsheet would say it: `survey!C7`."""
        return f"{self.name}!{self.columns.get(heading, 'A')}{row.number}"


Book = Mapping[str, Sheet]


class NotASpreadsheetError(Exception):
    """The file is no workbook in the form of Excel 2007 and later."""


def read_book(content: bytes) -> Book:
    """Return every sheet of an .xlsx file by its name in small letters. Raises `NotASpreadsheetError`."""
    try:
        workbook = load_workbook(BytesIO(content), read_only=True, data_only=True)
        return {sheet.title.lower(): _sheet(sheet.title, sheet.iter_rows(values_only=True)) for sheet in workbook}
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise NotASpreadsheetError(str(error)) from error


def write_book(sheets: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    """Return an .xlsx file of sheets, each from rows that hold words by heading; headings stand as they first come."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        sheet = workbook.create_sheet(name)
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading, "") for heading in headings])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for number, heading in enumerate(headings, 1):
            widest = max(len(heading), *(len(row.get(heading, "")) for row in rows))
            sheet.column_dimensions[get_column_letter(number)].width = min(widest + 2, _WIDEST)
        for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.data_type = "s"  # words that start with a sign of equality are no formula
        sheet.freeze_panes = "A2"
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


def _sheet(name: str, rows: Iterator[tuple[object, ...]]) -> Sheet:
    headings = [_words(value) for value in next(rows, ())[:MOST_COLUMNS]]
    read = []
    for number, values in enumerate(rows, 2):
        cells = {heading: _words(value) for heading, value in zip(headings, values, strict=False) if heading}
        if any(cells.values()):
            read.append(Row(number, cells))
        if number > MOST_ROWS:
            break
    columns = {heading: get_column_letter(number) for number, heading in enumerate(headings, 1) if heading}
    return Sheet(name.lower(), columns, tuple(read))


def _words(value: object) -> str:
    """A cell as it was typed: whole numbers without a point, days as 2027-01-31, true as XLSForm writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "date") and callable(value.date):
        return str(value.date())
    return str(value).strip()
