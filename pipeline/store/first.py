"""Many answers at once that were given on a screen: each event is all there is of its submission.

What `projection.fold` does for one submission is done here for many together, in a fraction of the time, where there is
nothing to doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.form.answer import Authority, Missing
from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.rules import asked, split_values
from pipeline.store.catalogue import definition_of
from pipeline.store.events import Event
from pipeline.store.import_rows import insert_imported
from pipeline.store.projection import fold, submission_row
from pipeline.store.variables import FREE

_SURE = 1.0
"""Confidence in what somebody typed or ticked."""

_Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one person answered, and which variables routing asked."""

    event: Event
    definition: FormDefinition
    values: Mapping[str, str]
    asked: frozenset[str]

    @property
    def waits(self) -> bool:
        """Whether a person is asked: about a second return of a copy, or an answer to what was to be skipped."""
        return bool(self.event.body["second_of"]) or any(name not in self.asked for name in self.values)


def apply_first(db: Database, answered: Sequence[Event]) -> None:
    """Bring the tables up to date with events that are each the first of a submission; as `apply` does one by one.

    The caller holds the write transaction.
    """
    said = [_said(db, event) for event in answered]
    _write(db, [each for each in said if not each.waits])
    for each in said:
        if each.waits:
            fold(db, each.event.subject)


def _said(db: Database, event: Event) -> _Said:
    definition = definition_of(db, event.body["version"])
    values = {name: value for name, value in event.body["answers"].items() if value}
    return _Said(event, definition, values, asked(definition, values))


def _write(db: Database, said: Sequence[_Said]) -> None:
    if not said:
        return
    (newest,) = db.execute("SELECT COALESCE(MAX(id), 0) FROM submissions").fetchone()
    keyed = list(enumerate(said, newest + 1))
    rows = [{"id": key, **submission_row(each.event, each.definition, "complete")} for key, each in keyed]
    db.conn.executemany(_insert("submissions", rows[0]), [tuple(row.values()) for row in rows])
    for table, (columns, rows_of) in _TABLES.items():
        db.conn.executemany(_insert(table, columns), [row for key, each in keyed for row in rows_of(key, each)])
    insert_imported(db, [(key, each.definition.id, each.event) for key, each in keyed])


def _answers(key: int, said: _Said) -> Iterator[_Row]:
    values, names, resident = said.values, said.asked, int(Authority.RESIDENT)
    for variable in said.definition.variables:
        name = variable.name
        value = values.get(name)
        missing = None if value else Missing.BLANK.value if name in names else Missing.NOT_ASKED.value
        yield key, name, value, missing, resident, _SURE


def _options(key: int, said: _Said) -> Iterator[_Row]:
    for variable in said.definition.variables:
        if variable.shape is Shape.CHOICES:
            for value in split_values(said.values.get(variable.name, "")):
                yield key, variable.name, value


def _comments(key: int, said: _Said) -> Iterator[_Row]:
    for variable in said.definition.variables:
        if variable.shape in FREE and variable.name in said.values:
            yield key, variable.name, said.values[variable.name]


_TABLES: Mapping[str, tuple[Sequence[str], Callable[[int, _Said], Iterator[_Row]]]] = {
    "answers": (("submission", "question", "value", "missing", "authority", "confidence"), _answers),
    "answer_options": (("submission", "question", "value"), _options),
    "comments": (("submission", "question", "text"), _comments),
}
"""The tables that hold what was answered: their columns, and what makes their rows."""


def _insert(table: str, columns: Sequence[str] | Mapping[str, object]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
