"""The responses that count, column by column: a small whole number for each answer, so that a million fit in memory.

What a report counts is read from the record once, question by question through the index on questions and values: for
each value comes one list of all who gave it. Nothing is held a response at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.store.sample import KindCount, count_checks
from pipeline.store.variables import merged_variables, versions_of

COUNTED = ("complete", "waiting", "partial")
"""The statuses of responses that count. A second return that is to be confirmed and a withdrawn one do not."""

MOST_WRITTEN = 20_000
"""Comments to one question that are read, evenly from the first to the last: what a person or a machine can sort."""

WRITTEN = frozenset({Shape.TEXT, Shape.COMMENT})
"""Shapes that are written freely: who answered is known of all, the words of `MOST_WRITTEN`."""

Codes = NDArray[np.integer]


def missing_code(kind: Missing) -> int:
    """Return what stands in `Coded.codes` where an answer is missing: less than 0."""
    return -1 - list(Missing).index(kind)


@dataclass(frozen=True, slots=True)
class Coded:
    """What each response holds of one thing: `codes` (responses,), each a place in `values` or a `missing_code`.

    Answers that are written freely all have the code 0 and the one value "". A postcode is held by its district.
    """

    values: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Written:
    """What people wrote in one place: `texts`, and of which `responses` (texts,) each is, the earliest first."""

    responses: NDArray[np.int64]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodedDataset:
    """All responses to a form that count, the earliest received first, column by column.

    `form` is its newest version, `variables` those of all `versions` (oldest first); `answers` and `written` go by the
    name of the variable. `remarks` are what was written beside the boxes, `not_counted` the others by status.
    `keys` (responses,) name the responses within the record.
    """

    form: FormDefinition
    variables: tuple[Variable, ...]
    versions: tuple[FormDefinition, ...]
    checks: tuple[KindCount, ...]
    not_counted: Mapping[str, int]
    keys: NDArray[np.int64]
    channel: Coded
    site: Coded
    lang: Coded
    received_on: Coded
    version: Coded
    answers: Mapping[str, Coded]
    written: Mapping[str, Written]
    remarks: Written

    def __len__(self) -> int:
        """How many responses count."""
        return len(self.channel.codes)


def read_coded(db: Database, form: str) -> CodedDataset:
    """Return every response to a form that counts. Raises LookupError if the form was never used."""
    versions = tuple(versions_of(db, form))
    if not versions:
        raise LookupError(f"Nothing was printed or answered of “{form}” yet, so there is nothing to show.")
    variables = merged_variables(versions)
    facts = _read_facts(db, form)
    places = _places(facts.ids)
    size = len(facts.ids)
    answers = {each.name: _read_answers(db, each, places, size) for each in variables}
    return CodedDataset(
        form=versions[-1],
        variables=variables,
        versions=versions,
        checks=count_checks(db, form),
        not_counted=_not_counted(db, form),
        keys=facts.ids,
        channel=facts.columns["channel"],
        site=facts.columns["site"],
        lang=facts.columns["lang"],
        received_on=facts.columns["received_on"],
        version=facts.columns["version"],
        answers=answers,
        written={
            each.name: _read_written(db, each.name, answers[each.name], facts.ids)
            for each in variables
            if each.shape in WRITTEN
        },
        remarks=facts.remarks,
    )


def places_of(db: Database, dataset: CodedDataset, submissions: Iterable[str]) -> dict[str, int]:
    """Return where in the dataset each of these submissions stands; those that do not count are left out."""
    keys = {
        key: name
        for name in dict.fromkeys(submissions)
        for (key,) in db.execute("SELECT id FROM submissions WHERE submission = ?", [name])
    }
    rows = np.flatnonzero(np.isin(dataset.keys, np.fromiter(keys, np.int64)))
    return {keys[int(dataset.keys[row])]: int(row) for row in rows}


def evenly(size: int, most: int) -> NDArray[np.int64]:
    """Return at most so many places of `size`, evenly from the first to the last."""
    return np.arange(size) if size <= most else np.linspace(0, size - 1, most).astype(np.int64)


_FACTS = ("channel", "site", "lang", "received_on", "version")
_COUNTS = f"status IN ({', '.join(repr(status) for status in COUNTED)})"


def _not_counted(db: Database, form: str) -> dict[str, int]:
    return dict(
        db.execute(
            f"SELECT status, COUNT(*) FROM submissions WHERE form = ? AND NOT {_COUNTS} GROUP BY status", [form]
        ).fetchall()
    )


class _Coder:
    """Gives each text that comes up a number, from 0, in the order in which they come."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def code(self, text: str | None) -> int:
        return self.places.setdefault(text or "", len(self.places))

    def coded(self, codes: Codes) -> Coded:
        return Coded(tuple(self.places), codes.astype(np.min_scalar_type(-max(len(self.places), 1))))


@dataclass(frozen=True, slots=True)
class _Facts:
    ids: NDArray[np.int64]
    columns: Mapping[str, Coded]
    remarks: Written


def _read_facts(db: Database, form: str) -> _Facts:
    coders = [_Coder() for _ in _FACTS]
    rows = db.execute(
        f"SELECT id, {', '.join(_FACTS)} FROM submissions WHERE form = ? AND {_COUNTS}"
        " ORDER BY received_at, submission",
        [form],
    )
    numbers = (
        number for id_, *row in rows for number in (id_, *(c.code(text) for c, text in zip(coders, row, strict=True)))
    )
    table = np.fromiter(numbers, np.int64).reshape(-1, 1 + len(_FACTS))
    ids = table[:, 0].copy()
    columns = {
        name: coder.coded(table[:, place]) for place, (name, coder) in enumerate(zip(_FACTS, coders, strict=True), 1)
    }
    return _Facts(ids, columns, _read_remarks(db, form, ids))


def _read_remarks(db: Database, form: str, ids: NDArray[np.int64]) -> Written:
    found = dict(
        db.execute(f"SELECT id, remarks FROM submissions WHERE form = ? AND {_COUNTS} AND remarks <> ''", [form])
    )
    rows = np.flatnonzero(np.isin(ids, np.fromiter(found, np.int64)))
    rows = rows[evenly(len(rows), MOST_WRITTEN)]
    return Written(rows, tuple(found[id_] for id_ in ids[rows].tolist()))


def _places(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each response stands, by its key in the record; -1 for keys of others."""
    places = np.full(int(ids.max(initial=0)) + 1, -1)
    places[ids] = np.arange(len(ids))
    return places


def _read_answers(db: Database, variable: Variable, places: NDArray[np.int64], size: int) -> Coded:
    codes = np.full(size, missing_code(Missing.NOT_ASKED), np.int32)
    for kind, rows in _lists(db, "missing", "question = ? AND value IS NULL", variable.name, places):
        codes[rows] = missing_code(Missing(kind))
    values: list[str] = []
    for value, rows in _lists(
        db, _VALUE.get(variable.shape, "value"), "question = ? AND value IS NOT NULL", variable.name, places
    ):
        codes[rows] = len(values)
        values.append(value)
    return Coded(tuple(values), codes.astype(np.min_scalar_type(-max(len(values), len(Missing)))))


_VALUE = {Shape.POSTCODE: "SUBSTR(value, 1, INSTR(value || ' ', ' ') - 1)", **dict.fromkeys(WRITTEN, "''")}
"""What is told of a value where it is not told whole."""


def _lists(
    db: Database, what: str, where: str, question: str, places: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each value with the places of all who gave it; those of nobody that counts are left out.

    SQLite joins their keys to one text, which numpy takes apart: a tenth of the time of a row at a time.
    """
    found = db.execute(
        f"SELECT {what} AS told, GROUP_CONCAT(submission) FROM answers WHERE {where} GROUP BY told", [question]
    )
    for told, listed in found:
        keys = np.fromstring(listed, np.int64, sep=",")
        rows = places[keys[keys < len(places)]]
        rows = rows[rows >= 0]
        if len(rows):
            yield told, rows


def _read_written(db: Database, question: str, answered: Coded, ids: NDArray[np.int64]) -> Written:
    rows = np.flatnonzero(answered.codes >= 0)
    rows = rows[evenly(len(rows), MOST_WRITTEN)]
    return Written(rows, tuple(_texts(db, question, ids[rows].tolist())))


def _texts(db: Database, question: str, keys: Sequence[int]) -> Iterable[str]:
    for key in keys:
        yield db.execute("SELECT value FROM answers WHERE submission = ? AND question = ?", [key, question]).fetchone()[
            0
        ]
