"""SPSS and Stata: numbers with labels, every kind of missing a user-missing or tagged missing value of its own.

The library behind these formats writes from a table in memory to a path, and nowhere else: so this module holds all
rows at once, and has a temporary file. It is the one module of this step that touches the disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Literal

import pandas as pd
import pyreadstat

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape, say
from pipeline.form.rules import split_values
from pipeline.store.responses import Response
from pipeline.store.views import FACTS
from pipeline.tables.table import (
    FACT_LABELS,
    MISSING_LABELS,
    REMARKS,
    Column,
    Measure,
    Table,
    plain_names,
    why_missing,
)

SPSS_MISSING: Mapping[Missing, int] = {kind: -91 - place for place, kind in enumerate(Missing)}
"""The user-missing values in SPSS: -91 to -97. No answer is negative."""

_SPSS_MISSING_RANGE = {"lo": min(SPSS_MISSING.values()), "hi": max(SPSS_MISSING.values())}

STATA_MISSING: Mapping[Missing, str] = {kind: "abcdefg"[place] for place, kind in enumerate(Missing)}
"""The tagged missing values in Stata: .a to .g."""

ANSWERED = 1
"""The value of `variable_missing` where there is an answer."""

_LONGEST_LABEL = {"sav": 250, "dta": 80}
"""Characters in the label of a variable: bytes in SPSS are 256, characters in Stata 80."""

_HEAD = 1024
"""Bytes at the start of a file that hold its time of making."""

_SPSS_DATE = re.compile(rb"(?<=^.{92}).{17}", re.DOTALL)
_STATA_DATE = re.compile(rb"(?<=<timestamp>\x11).{17}")
_LAID_DOWN = {"sav": b"01 Jan 8000:00:00", "dta": b"01 Jan 1980 00:00"}
"""The time of making that is written over the true one, so that the same data are the same bytes."""

_Role = Literal["fact", "remarks", "code", "flag", "number", "date", "text", "why"]


@dataclass(frozen=True, slots=True)
class _Series:
    """One column of the file: which part of which variable it holds."""

    key: str
    label: str
    role: _Role
    column: Column | None = None
    option: str = ""

    @property
    def has_kinds(self) -> bool:
        """Whether missing kinds are among its own values."""
        return self.role in ("code", "flag", "number", "why")


def write_sav(table: Table, out: BinaryIO) -> None:
    """Write an SPSS file; kinds of missing are user-missing values."""
    series, names = _planned(table)
    numbers, frame = _filled(table, series, SPSS_MISSING)
    kinds: Any = {names[each.key]: [_SPSS_MISSING_RANGE] for each in series if each.has_kinds}
    with TemporaryDirectory() as folder:
        path = Path(folder, "data.sav")
        pyreadstat.write_sav(
            frame.rename(columns=names),
            path,
            row_compress=True,
            file_label=say(table.form.title, table.language)[:60],
            column_labels=_labels(series, names, "sav"),
            variable_value_labels=_value_labels(series, names, numbers, table.language, SPSS_MISSING),
            missing_ranges=kinds,
            variable_measure={names[each.key]: _measure(each).value for each in series},
        )
        del frame
        _copy_dated(path, _SPSS_DATE, _LAID_DOWN["sav"], out)


def write_dta(table: Table, out: BinaryIO) -> None:
    """Write a Stata file; kinds of missing are tagged missing values."""
    series, names = _planned(table)
    numbers, frame = _filled(table, series, STATA_MISSING)
    with TemporaryDirectory() as folder:
        path = Path(folder, "data.dta")
        pyreadstat.write_dta(
            frame.rename(columns=names),
            path,
            version=15,
            file_label=say(table.form.title, table.language)[:80],
            column_labels=_labels(series, names, "dta"),
            variable_value_labels=_value_labels(series, names, numbers, table.language, STATA_MISSING),
            missing_user_values={names[each.key]: list(STATA_MISSING.values()) for each in series if each.has_kinds},
        )
        del frame
        _copy_dated(path, _STATA_DATE, _LAID_DOWN["dta"], out)


def _copy_dated(path: Path, date_at: re.Pattern[bytes], laid_down: bytes, out: BinaryIO) -> None:
    """Copy a file with another time of making in its head."""
    with path.open("rb") as file:
        out.write(date_at.sub(laid_down, file.read(_HEAD), count=1))
        copyfileobj(file, out)


def _planned(table: Table) -> tuple[tuple[_Series, ...], dict[str, str]]:
    """The columns of the file, and the name of each by its key."""
    series = (
        *(_Series(fact, FACT_LABELS[fact], "fact") for fact in FACTS),
        *(each for column in table.columns for each in _of_column(column, table.language)),
        _Series(REMARKS, FACT_LABELS[REMARKS], "remarks"),
    )
    return series, plain_names([*FACTS, *(column.name for column in table.columns), *(each.key for each in series)])


def _of_column(column: Column, language: str) -> Iterator[_Series]:
    """A variable that holds numbers has its kinds of missing among them; any other has them in a column beside it."""
    words = say(column.wording, language)
    match column.shape:
        case Shape.CHOICES:
            for code in column.codes:
                label = f"{say(code.label, language)}: {words}"
                yield _Series(f"{column.name}={code.value}", label, "flag", column, code.value)
        case Shape.CHOICE:
            yield _Series(column.name, words, "code", column)
        case Shape.NUMBER:
            yield _Series(column.name, words, "number", column)
        case shape:
            yield _Series(column.name, words, "date" if shape is Shape.DATE else "text", column)
            yield _Series(f"{column.name}.missing", f"Is there an answer to: {words}", "why", column)


def _filled(
    table: Table, series: tuple[_Series, ...], kinds: Mapping[Missing, Any]
) -> tuple[dict[str, dict[str, int]], pd.DataFrame]:
    """The numbers of each variable's values, those not on any form included, and all rows.

    All of them are in memory, so what is the same in many cells is there once, and each column only in one form.
    """
    numbers = {column.name: {code.value: code.number for code in column.codes} for column in table.columns}
    cells: dict[str, list[Any]] = {each.key: [] for each in series}
    filling = [(each, cells[each.key].append) for each in series]
    seen: dict[Any, Any] = {}
    for response in table.responses:
        for each, fill in filling:
            cell = _cell(each, response, kinds, numbers)
            fill(seen.setdefault(cell, cell) if each.key not in _OWN else cell)
    del filling
    return numbers, pd.DataFrame({each.key: _typed(each, cells.pop(each.key)) for each in series}, copy=False)


_OWN = ("submission", "copy", "received_at", REMARKS)
"""Columns in which hardly two cells are the same."""


def _typed(each: _Series, filled: list[Any]) -> pd.Series:
    """Numbers as numbers, dates no text, also where there are none; objects where letters of Stata are among them."""
    is_numeric = each.has_kinds and not any(isinstance(cell, str) for cell in filled)
    is_numeric |= each.role == "date" and not any(filled)
    return pd.Series(filled, dtype="float64" if is_numeric else object)


def _cell(each: _Series, response: Response, kinds: Mapping[Missing, Any], numbers: dict[str, dict[str, int]]) -> Any:
    if each.column is None:
        return response.remarks if each.role == "remarks" else response.facts[each.key] or ""
    name = each.column.name
    kind = why_missing(response, name)
    if kind is not None:
        return kinds[kind] if each.has_kinds else None if each.role == "date" else ""
    value = response.answers[name]
    match each.role:
        case "code":
            return numbers[name].setdefault(value, len(numbers[name]) + 1)
        case "flag":
            return int(each.option in split_values(value))
        case "number":
            return int(value)
        case "date":
            return date.fromisoformat(value)
        case "why":
            return ANSWERED
        case _:
            return value


def _labels(series: tuple[_Series, ...], names: Mapping[str, str], file: str) -> dict[str, str | None]:
    return {names[each.key]: _cut(each.label, _LONGEST_LABEL[file]) for each in series}


def _cut(text: str, most: int) -> str:
    """Text within so many characters and as many bytes."""
    return text.encode()[:most].decode(errors="ignore")


def _value_labels(
    series: tuple[_Series, ...],
    names: Mapping[str, str],
    numbers: Mapping[str, Mapping[str, int]],
    language: str,
    kinds: Mapping[Missing, Any],
) -> dict[str, dict[Any, str]]:
    of_kinds = {kinds[kind]: words for kind, words in MISSING_LABELS.items()}
    return {names[each.key]: _words(each, numbers, language) | of_kinds for each in series if each.has_kinds}


def _words(each: _Series, numbers: Mapping[str, Mapping[str, int]], language: str) -> dict[Any, str]:
    match each.role:
        case "code" if each.column:
            labels = {code.value: say(code.label, language) for code in each.column.codes}
            return {number: labels.get(value, value) for value, number in numbers[each.column.name].items()}
        case "flag":
            return {0: "Not ticked", 1: "Ticked"}
        case "why":
            return {ANSWERED: "Answered"}
        case _:
            return {}


def _measure(each: _Series) -> Measure:
    return each.column.measure if each.column and each.role in ("code", "number", "date") else Measure.NOMINAL
