"""A file of answers as other tools write it, CSV or Excel, as rows of words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain
from typing import Final
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from pipeline.form.cells import as_written

MOST_ROWS: Final = 200_000
"""Rows of one file; a larger one is brought in part by part."""

_ZIP, _UTF_16 = b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")
"""How an Excel workbook begins, and text in UTF-16."""

NOT_TAKEN: Final = "why it was not taken"
"""The first heading of a file that we wrote, of rows of another that were refused. The column is no answer."""

_DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"[^"]*"')
_LONGEST_HEADINGS: Final = 1 << 16
"""Characters in which the first row is looked for."""

_LONGEST_CELL: Final = 1 << 20
"""Characters: longer than any comment, and what the reader of CSV may hold."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its number as a spreadsheet shows it, and its words by the heading of their column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of answers: the headings of its columns, and its rows that hold anything."""

    columns: tuple[str, ...]
    rows: tuple[SourceRow, ...]


class NotAnswersError(Exception):
    """The file cannot be read as rows of answers; the message says why and what to do."""


def read_rows(content: bytes) -> Source:
    """Read a CSV file or the first sheet of an Excel workbook. Raises NotAnswersError."""
    rows = _as_they_came(_workbook(content) if content.startswith(_ZIP) else _csv(_text(content)))
    try:
        headings = _headings(next(rows, []))
        return Source(headings, tuple(_rows(headings, rows)))
    except csv.Error as error:
        raise NotAnswersError(f"It is not a proper CSV file ({error}). Save it again as CSV UTF-8.") from error


def _as_they_came(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows of a file; of refused ones the cells as they were in the file that they came from."""
    first = next(rows, [])
    if first[:1] != [NOT_TAKEN]:
        yield first
        yield from rows
        return
    for cells in chain([first], rows):
        yield [as_written(cell) for cell in cells[1:]]


def _headings(cells: Sequence[str]) -> tuple[str, ...]:
    """The headings, those that stand twice told apart by a number: `Comment`, `Comment (2)`."""
    if not any(cells):
        raise NotAnswersError("Its first row is empty. The first row must name the columns.")
    found: dict[str, None] = {}
    for cell in cells:
        spellings = (cell if number == 1 else f"{cell} ({number})" for number in range(1, len(cells) + 1))
        found[next(each for each in spellings if each not in found)] = None
    return tuple(found)


def _rows(headings: tuple[str, ...], rows: Iterable[Sequence[str]]) -> Iterator[SourceRow]:
    for number, cells in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            raise NotAnswersError(f"It has more than {MOST_ROWS:,} rows. Bring it in as several files.")
        if len(cells) > len(headings) and any(cells[len(headings) :]):
            raise NotAnswersError(f"Row {number} has more cells than the first row has headings. Export it again.")
        if any(cells):
            yield SourceRow(number, dict(zip(headings, cells, strict=False)))


def _text(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _csv(text: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    first = _QUOTED.sub("", text[:_LONGEST_HEADINGS]).partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return ([cell.strip() for cell in row] for row in reader)


def _workbook(content: bytes) -> Iterator[list[str]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_words(value) for value in row]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError, IndexError) as error:
        raise NotAnswersError(f"It is not an Excel workbook that can be read ({error}). Save it again.") from error


def _words(value: object) -> str:
    """A cell as it was typed: whole numbers without a point, days and moments in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value).strip()
