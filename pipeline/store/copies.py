"""What is known of one printed copy: when it was printed, and each of its returns with its pages and answers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.form.answer import Held, Missing
from pipeline.store.catalogue import PrintedCopy, find_copy


@dataclass(frozen=True, slots=True)
class Return:
    """One submission of a copy: `answers` by variable, `pages` the pages (from 1) that came on paper."""

    submission: str
    version: str
    channel: str
    received_on: str
    status: str
    waiting: int
    pages: tuple[int, ...]
    pages_missing: tuple[int, ...]
    answers: dict[str, Held]


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """A copy and its returns, the earliest first; `printed_at` is a moment in UTC, as text."""

    printed: PrintedCopy
    printed_at: str
    returns: tuple[Return, ...]


def known_copy(db: Database, copy: str) -> KnownCopy | None:
    """Return all that is known of a copy, None where this site has not printed it."""
    printed = find_copy(db, copy)
    if printed is None:
        return None
    (printed_at,) = db.execute("SELECT printed_at FROM copies WHERE copy = ?", [copy]).fetchone()
    rows = db.execute(
        "SELECT s.id, s.submission, s.version, s.channel, s.received_on, s.status, s.pages_missing,"
        " (SELECT COUNT(*) FROM doubts d WHERE d.submission = s.id) FROM submissions s WHERE s.copy = ? ORDER BY s.id",
        [copy],
    ).fetchall()
    return KnownCopy(printed, printed_at, tuple(_return(db, *row) for row in rows))


def _return(
    db: Database,
    key: int,
    submission: str,
    version: str,
    channel: str,
    received_on: str,
    status: str,
    pages_missing: str,
    waiting: int,
) -> Return:
    pages = db.execute(
        "SELECT DISTINCT form_page FROM pages WHERE submission = ? AND form_page IS NOT NULL ORDER BY form_page",
        [submission],
    ).fetchall()
    answers = db.execute("SELECT question, value, missing FROM answers WHERE submission = ?", [key]).fetchall()
    return Return(
        submission,
        version,
        channel,
        received_on,
        status,
        waiting,
        tuple(page for (page,) in pages),
        tuple(int(page) for page in pages_missing.split(";") if page),
        {question: Held(value, Missing(missing) if missing else None) for question, value, missing in answers},
    )
