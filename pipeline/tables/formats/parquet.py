"""Apache Parquet: typed columns, and beside each variable a column that says why it is empty."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from pipeline.form.definition import Shape
from pipeline.form.rules import split_values
from pipeline.store.responses import Response
from pipeline.store.views import FACTS
from pipeline.tables.table import MISSING, REMARKS, Column, Table, why_missing

_BATCH = 20_000
"""Responses in memory at once, and in a row group."""

_WORDS = pa.dictionary(pa.int32(), pa.string())

_TYPES: Mapping[Shape, pa.DataType] = {
    Shape.CHOICE: _WORDS,
    Shape.CHOICES: pa.list_(pa.string()),
    Shape.NUMBER: pa.int64(),
    Shape.DATE: pa.date32(),
}
"""How each shape is stored; the others are text."""

_READ: Mapping[Shape, Callable[[str], Any]] = {
    Shape.CHOICES: split_values,
    Shape.NUMBER: int,
    Shape.DATE: date.fromisoformat,
}


def write_parquet(table: Table, out: BinaryIO) -> None:
    """Write the responses: facts, then each variable and `variable.missing`, then the remarks.

    What was ticked is a list. Each variable's metadata hold its words in each language, measure and values, as JSON.
    """
    schema = _schema(table)
    responses = iter(table.responses)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while batch := list(islice(responses, _BATCH)):
            writer.write_table(pa.Table.from_arrays(list(_arrays(table, batch)), schema=schema))


def _schema(table: Table) -> pa.Schema:
    facts = [pa.field(fact, pa.string() if fact in ("submission", "received_at") else _WORDS) for fact in FACTS]
    variables = [field for column in table.columns for field in _fields(column)]
    about = {"form": table.form.id, "version": table.form.version}
    return pa.schema([*facts, *variables, pa.field(REMARKS, pa.string())], metadata=about)


def _fields(column: Column) -> Iterator[pa.Field]:
    about = {
        "label": json.dumps(dict(column.wording), ensure_ascii=False),
        "measure": column.measure.value,
        "values": json.dumps({code.value: dict(code.label) for code in column.codes}, ensure_ascii=False),
    }
    yield pa.field(column.name, _TYPES.get(column.shape, pa.string()), metadata=about)
    yield pa.field(f"{column.name}.{MISSING}", _WORDS)


def _arrays(table: Table, batch: list[Response]) -> Iterator[pa.Array]:
    for field in list(_schema(table))[: len(FACTS)]:
        yield pa.array([response.facts[field.name] for response in batch], type=field.type)
    for column in table.columns:
        yield pa.array(_values(column, batch), type=_TYPES.get(column.shape, pa.string()))
        yield pa.array([why_missing(response, column.name) for response in batch], type=_WORDS)
    yield pa.array([response.remarks for response in batch], type=pa.string())


def _values(column: Column, batch: Iterable[Response]) -> list[Any]:
    given = (response.answers.get(column.name) for response in batch)
    read = _READ.get(column.shape)
    return [value if value is None or read is None else read(value) for value in given]
