"""Withdrawals as rows: which answers people took back, who entered that and when, and what of it was put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.form.definition import FormDefinition
from pipeline.form.rules import following
from pipeline.store.decision_rows import undone_events
from pipeline.store.events import Event, EventKind


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An answer that was taken back, that to `question`; None for the whole response.

    `named` is the question that the person meant: the same, or one that this is asked after and so went with. `by`
    entered it `at` (UTC, as text); `undone_by` is who put it back, None while it stands.
    """

    submission: str
    version: str
    question: str | None
    named: str | None
    by: str
    at: str
    undone_by: str | None


def questions_taken(definition: FormDefinition, event: Event) -> tuple[str | None, ...]:
    """Return the questions that one withdrawal takes back; None stands for the whole response.

    With an answer go those to all questions that are asked only after it: that they were asked, or not, tells it.
    """
    named: str | None = event.body["question"]
    return (None,) if named is None else (named, *following(definition, named))


def is_taken(variable: str, question: str | None) -> bool:
    """Return whether a variable is a question that was taken back, a statement of it or writing beside a choice."""
    return question is None or variable == question or variable.startswith(f"{question}.")


def write_withdrawals(db: Database, key: int, definition: FormDefinition, events: Sequence[Event]) -> None:
    """Write what was taken back of a submission anew, a row a question."""
    undone = undone_events(events)
    db.execute("DELETE FROM withdrawals WHERE submission = ?", [key])
    for event in events:
        if event.kind is not EventKind.WITHDRAWN:
            continue
        put_back = undone.get(event.event)
        who = (event.body["by"], event.at, put_back.body["by"] if put_back else None, put_back and put_back.at)
        db.conn.executemany(
            "INSERT INTO withdrawals (event, submission, question, named, withdrawn_by, withdrawn_at, undone_by,"
            " undone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(event.event, key, each, event.body["question"], *who) for each in questions_taken(definition, event)],
        )


def standing_withdrawals(db: Database, submission: str) -> list[Withdrawal]:
    """Return what of a response is taken back and was not put back, the earliest first."""
    return _withdrawals(db, "s.submission = ? AND w.undone_by IS NULL ORDER BY w.withdrawn_at, w.event", [submission])


def covering(taken: Iterable[Withdrawal], variable: str) -> Withdrawal | None:
    """Return the first of these withdrawals that takes an answer; None where none does."""
    return next((each for each in taken if is_taken(variable, each.question)), None)


def withdrawal_of(db: Database, submission: str, variable: str) -> Withdrawal | None:
    """Return how an answer was taken back, the first time where there were several; None where it was not."""
    return covering(standing_withdrawals(db, submission), variable)


def latest_withdrawals(db: Database, most: int) -> list[Withdrawal]:
    """Return what was taken back of late, the latest first, with what was put back."""
    return _withdrawals(db, "TRUE ORDER BY w.withdrawn_at DESC, w.event DESC, w.rowid LIMIT ?", [most])


def _withdrawals(db: Database, clause: str, values: Sequence[str | int]) -> list[Withdrawal]:
    rows = db.execute(
        "SELECT s.submission, s.version, w.question, w.named, w.withdrawn_by, w.withdrawn_at, w.undone_by"
        f" FROM withdrawals w JOIN submissions s ON s.id = w.submission WHERE {clause}",
        list(values),
    ).fetchall()
    return [Withdrawal(*row) for row in rows]
