"""Exports as text: CSV for spreadsheets, JSON and JSON lines for programs."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

from pipeline.form.cells import defused
from pipeline.form.definition import Shape
from pipeline.store.responses import Response
from pipeline.store.views import FACTS
from pipeline.tables.table import Table, missing_pairs

_FREE = (Shape.TEXT, Shape.COMMENT, Shape.CODE)
"""What a resident wrote in words of their own."""


def write_csv(table: Table, out: BinaryIO) -> None:
    """Write CSV (RFC 4180): the facts, a column a variable, the remarks, then `missing` (`q3=blank;q5=waiting`).

    Free words that a spreadsheet would run as a formula get an apostrophe in front.
    """
    out.writelines(csv_bytes(chain([list(table.header)], text_rows(table))))


def write_csv_with_bom(table: Table, out: BinaryIO) -> None:
    """Write the same CSV with a byte order mark in front, by which Excel knows that it is UTF-8."""
    out.write(codecs.BOM_UTF8)
    write_csv(table, out)


def write_json(table: Table, out: BinaryIO) -> None:
    """Write one JSON document: `{"form", "rows": [{…facts, "answers": {}, "remarks": "", "missing": {}}]}`."""
    out.write(f'{{"form": {json.dumps(table.form.id)}, "rows": ['.encode())
    before = b"\n "
    for response in table.responses:
        out.write(before + _json(_told(response)))
        before = b",\n "
    out.write(b"\n]}\n")


def write_jsonl(table: Table, out: BinaryIO) -> None:
    """Write JSON lines: a response a line, as the rows of the JSON document."""
    out.writelines(_json(_told(response)) + b"\n" for response in table.responses)


def text_rows(table: Table) -> Iterator[list[str]]:
    """Yield each response as the cells of `Table.header`, free words defused."""
    columns = [(column.name, column.shape in _FREE) for column in table.columns]
    for response in table.responses:
        answers = response.answers
        yield [
            *(response.facts[fact] or "" for fact in FACTS),
            *(defused(answers.get(name, "")) if free else answers.get(name, "") for name, free in columns),
            defused(response.remarks),
            missing_pairs(response),
        ]


def csv_bytes(rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Yield rows as lines of CSV, some hundred at a time."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(row)
        if text.tell() > _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


_CHUNK = 1 << 16
"""Characters written at once."""


def _told(response: Response) -> dict[str, Any]:
    return {
        **response.facts,
        "answers": dict(response.answers),
        "remarks": response.remarks,
        "missing": dict(response.missing),
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
