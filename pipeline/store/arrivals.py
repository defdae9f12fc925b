"""What may be told to whoever holds the code of a form: that it arrived, when, and whether a person still reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.form.answer import Missing

TAKEN_BACK = "taken_back"
"""What is told of a withdrawn response that the person took back: nobody here mistook it for another."""


@dataclass(frozen=True, slots=True)
class ArrivedForm:
    """One submission without a word of what it says. `received_on` is the site's local date, ISO 8601.

    `status` is that of the record, or `TAKEN_BACK`.
    """

    form: str
    version: str
    channel: str
    received_on: str
    status: str


def arrived_with_receipt(db: Database, receipt: str) -> ArrivedForm | None:
    """Return what came in and was given this receipt, None where nothing was."""
    return next(_arrived(db, "s.receipt = ?", receipt), None)


def arrived_of_copy(db: Database, copy: str) -> tuple[ArrivedForm, ...]:
    """Return everything that came in with the code of one printed copy, the earliest first."""
    return tuple(_arrived(db, "s.copy = ?", copy))


def receipt_of_key(db: Database, form: str, submission_key: str) -> str | None:
    """Return the receipt of what was sent with a `submission_key`, None where nothing was."""
    query = "SELECT receipt FROM submissions WHERE submission_key = ? AND form = ?"
    row = db.execute(query, [submission_key, form]).fetchone()
    return str(row[0]) if row else None


_WAS_TAKEN_BACK = (
    "s.status = 'withdrawn' AND EXISTS"
    f" (SELECT 1 FROM answers a WHERE a.submission = s.id AND a.missing = '{Missing.WITHDRAWN}')"
)
"""Whether the person took a response back. Others that are withdrawn were left out by staff."""


def _arrived(db: Database, condition: str, code: str) -> Iterator[ArrivedForm]:
    rows = db.execute(
        f"SELECT s.form, s.version, s.channel, s.received_on, CASE WHEN {_WAS_TAKEN_BACK} THEN ? ELSE s.status END"
        f" FROM submissions s WHERE {condition} ORDER BY s.received_at, s.submission",
        [TAKEN_BACK, code],
    ).fetchall()
    yield from (ArrivedForm(*row) for row in rows)
