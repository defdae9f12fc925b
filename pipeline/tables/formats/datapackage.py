"""A Frictionless data package: the CSV with a schema, the codebook and the kinds of missing, in one ZIP file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline.form.definition import Shape, say
from pipeline.tables.codebook import codebook_of, codebook_rows
from pipeline.tables.formats.text import csv_bytes, text_rows
from pipeline.tables.table import FACT_LABELS, MISSING_LABELS, Column, Measure, Table

_TYPES = {Shape.NUMBER: "integer", Shape.DATE: "date"}
"""Types of a table schema; everything else is text."""


def write_datapackage(table: Table, out: BinaryIO) -> None:
    """Write `datapackage.json`, `responses.csv`, `codebook.csv` and `missing.csv` as one ZIP file."""
    book = list(codebook_rows(codebook_of(table)))
    kinds = [["kind", "label"], *([kind.value, words] for kind, words in MISSING_LABELS.items())]
    with ZipFile(out, "w") as package:
        _add(
            package,
            "datapackage.json",
            [json.dumps(_descriptor(table, book[0]), ensure_ascii=False, indent=1).encode()],
        )
        _add(package, "responses.csv", csv_bytes(chain([table.header], text_rows(table))))
        _add(package, "codebook.csv", csv_bytes(book))
        _add(package, "missing.csv", csv_bytes(kinds))


def _add(package: ZipFile, name: str, parts: Iterable[bytes]) -> None:
    """Add a file as a stream, dated as ZIP files without a date are: the same data are the same bytes."""
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    with package.open(entry, "w", force_zip64=True) as file:
        for part in parts:
            file.write(part)


def _descriptor(table: Table, codebook_header: Iterable[str]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": table.form.id,
        "title": say(table.form.title, table.language),
        "description": (
            "Free words that a spreadsheet would run as a formula have an apostrophe in front. "
            "The column `missing` says why each empty variable is empty; missing.csv says what the kinds mean."
        ),
        "version": table.form.version,
        "resources": [
            _resource("responses", list(_fields(table)), "submission"),
            _resource("codebook", [{"name": name, "type": "string"} for name in codebook_header]),
            _resource("missing", [{"name": name, "type": "string"} for name in ("kind", "label")], "kind"),
        ],
    }


def _resource(name: str, fields: list[dict[str, Any]], key: str = "") -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema | ({"primaryKey": key} if key else {}),
    }


def _fields(table: Table) -> Iterator[dict[str, Any]]:
    columns = {column.name: column for column in table.columns}
    for name in table.header:
        if column := columns.get(name):
            yield _field(column, table.language)
        else:
            yield {"name": name, "type": "string", "title": FACT_LABELS[name]}


def _field(column: Column, language: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.shape, "string"),
        "title": say(column.wording, language),
        "measure": column.measure.value,
    }
    if column.codes:
        field["categories"] = [{"value": code.value, "label": say(code.label, language)} for code in column.codes]
        field["categoriesOrdered"] = column.measure is Measure.ORDINAL
    return field
