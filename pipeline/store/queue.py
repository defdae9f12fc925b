"""The queue at the desk: one doubt after another, whatever their number, and what was decided about each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append, instant
from pipeline.store.projection import apply
from pipeline.store.waiting import OpenDoubt, select_doubts

UNDO_MINUTES = 60
"""What somebody decided longer ago than this is no slip of the hand; nor may it be remembered."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Which doubts one person is given: those that `taken` does not name, and only what can be shown to them.

    `taken` are doubts that others have before them; `whole_pages` says whether this person may see more than the place
    in doubt, `personal` whether also comments and answers to sensitive questions.
    """

    taken: Collection[str] = ()
    whole_pages: bool = True
    personal: bool = True

    @property
    def clause(self) -> str:
        """The condition on doubts `d`, in SQL, with a place for each doubt that is taken."""
        others = f"d.doubt NOT IN ({', '.join('?' for _ in self.taken)})"
        on_a_place = "" if self.whole_pages else " AND (d.sha256 IS NULL OR d.box_mm IS NOT NULL)"
        return others + on_a_place + ("" if self.personal else " AND NOT d.personal")

    def shows(self, doubt: OpenDoubt) -> bool:
        """Return whether a doubt may be shown to this person at all."""
        is_a_place = doubt.sha256 is None or doubt.box_mm is not None
        return (self.whole_pages or is_a_place) and (self.personal or not doubt.personal)

    def following(self, db: Database, turn: str, number: int = 1) -> list[OpenDoubt]:
        """Return the `number` doubts after a turn (`""`: from the first on), fewer where the queue ends."""
        clause = f"WHERE d.turn > ? AND {self.clause} ORDER BY d.turn LIMIT ?"
        return select_doubts(db, clause, [turn, *self.taken, number])

    def next(self, db: Database, turn: str) -> OpenDoubt | None:
        """Return the doubt after a turn, the first after the last; None where there is none."""
        found = self.following(db, turn) or self.following(db, "")
        return found[0] if found else None


def find_doubt(db: Database, name: str) -> OpenDoubt | None:
    """Return the doubt of this name, None where it does not wait (any longer)."""
    found = select_doubts(db, "WHERE d.doubt = ?", [name])
    return found[0] if found else None


def count_doubts(db: Database) -> int:
    """Return how many doubts wait."""
    return int(db.execute("SELECT COUNT(*) FROM doubts").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on record, of the form version and question that it is about; `batch` names those made in one go.

    `at` is when (UTC, as text), `undone_by` who took it back, None while it stands.
    """

    event: str
    submission: str
    version: str
    question: str
    doubt: str
    value: str | None
    missing: str | None
    by: str
    batch: str | None
    at: str
    undone_by: str | None


def last_decision(db: Database, by: str, now: datetime) -> Decided | None:
    """Return the latest decision of a person that can be taken back: made at the desk, not long ago, standing."""
    earliest = instant(now - timedelta(minutes=UNDO_MINUTES))
    clause = "d.decided_by = ? AND d.decided_at >= ? AND d.undone_by IS NULL AND d.doubt IS NOT NULL"
    return _decided(db, clause, [by, earliest])


def decision_about(db: Database, doubt: str) -> Decided | None:
    """Return the decision that stands about a doubt, None where there is none."""
    return _decided(db, "d.doubt = ? AND d.kind = 'decided' AND d.undone_by IS NULL", [doubt])


def taken_back(db: Database, doubt: str) -> Decided | None:
    """Return what was decided about a doubt last and taken back."""
    return _decided(db, "d.doubt = ? AND d.kind = 'decided' AND d.undone_by IS NOT NULL", [doubt])


def undo_last(db: Database, by: str, now: datetime) -> Decided | None:
    """Take back the latest decision of a person, or all those made in one go with it.

    Each stays on record, and what it was about waits again. Returns it, or None where there is nothing to take back.
    """
    with immediately(db):
        last = last_decision(db, by, now)
        if last is None:
            return None
        made = db.execute(
            "SELECT d.event, s.submission, d.question, d.doubt FROM decisions d JOIN submissions s"
            " ON s.id = d.submission WHERE d.event = ? OR (d.batch = ? AND d.decided_by = ? AND d.undone_by IS NULL)",
            [last.event, last.batch, by],
        ).fetchall()
        for event, submission, question, doubt in made:
            body = {"undoes": event, "question": question, "doubt": doubt, "by": by}
            apply(db, append(db, EventKind.UNDONE, submission, body, now))
        return last


def latest_decisions(db: Database, most: int) -> list[Decided]:
    """Return what was decided of late, the latest first, with what was taken back."""
    return _all_decided(db, "d.kind = 'decided'", [], most)


def count_answers(db: Database, made: Decided) -> int:
    """Return how many answers were looked at in one go with a decision, itself among them."""
    clause = "SELECT COUNT(DISTINCT doubt) FROM decisions WHERE batch = ? AND decided_by = ?"
    return int(db.execute(clause, [made.batch, made.by]).fetchone()[0]) if made.batch else 1


def _decided(db: Database, clause: str, values: list[str]) -> Decided | None:
    return next(iter(_all_decided(db, clause, values, 1)), None)


def _all_decided(db: Database, clause: str, values: list[str], most: int) -> list[Decided]:
    rows = db.execute(
        "SELECT d.event, s.submission, s.version, d.question, d.doubt, d.value, d.missing, d.decided_by, d.batch,"
        f" d.decided_at, d.undone_by FROM decisions d JOIN submissions s ON s.id = d.submission WHERE {clause}"
        " ORDER BY d.decided_at DESC, d.event DESC LIMIT ?",
        [*values, most],
    ).fetchall()
    return [Decided(*row) for row in rows]
