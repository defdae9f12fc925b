"""Answers of other tools on record: a row once however often its file comes, and a file taken back as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from sqlite_utils import Database

from pipeline.form.brought.reading import BroughtRow, content_key
from pipeline.form.definition import FormDefinition
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply
from pipeline.store.record import Arrival, ImportedRow, OnlineReturn, add_returns

CHANNEL = "import"

AT_ONCE = 200
"""Rows recorded in one transaction: a fraction of a second, so that the desk and the inbox are not kept waiting."""

OTHERWISE = (
    "The answer of this name was brought in before, and said otherwise. Take the earlier file back first, or leave "
    "this row out."
)


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A file of answers as it is kept: its hash, what it was called, the survey it is from, and who brings it in."""

    sha256: str
    name: str
    source: str
    by: str


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What bringing a file in did: rows that are new, that had been taken back and count again, that were there before.

    `otherwise` are rows that were brought in before with other answers, and were not taken.
    """

    new: int = 0
    again: int = 0
    before: int = 0
    otherwise: tuple[BroughtRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was brought in: how many of its rows count, and how many were taken back."""

    sha256: str
    form: str
    name: str
    source: str
    brought_by: str
    brought_at: str
    rows: int
    taken_back: int


class Standing(StrEnum):
    """How a row stands to what is on record: new, taken back before, there already, or there with other answers."""

    NEW = "new"
    AGAIN = "again"
    BEFORE = "before"
    OTHERWISE = "otherwise"


def bring_in(
    db: Database,
    form: FormDefinition,
    file: AnswerFile,
    rows: Iterable[BroughtRow],
    local_date: Callable[[datetime], str],
    now: datetime,
) -> BroughtIn:
    """Record rows that are not on record yet; a run that was stopped is finished by the next."""
    found: list[tuple[BroughtRow, Standing]] = []
    for chunk in _chunks(rows):
        with immediately(db):
            found.extend(_bring_in_chunk(db, form, file, chunk, local_date, now))
    return _counted(found)


def _bring_in_chunk(
    db: Database,
    form: FormDefinition,
    file: AnswerFile,
    chunk: Sequence[BroughtRow],
    local_date: Callable[[datetime], str],
    now: datetime,
) -> Iterator[tuple[BroughtRow, Standing]]:
    """Record the rows of one transaction. No two have one name: what is read from a file is refused otherwise."""
    stood = [(row, *_standing(db, form.id, file.source, row)) for row in chunk]
    if any(standing in (Standing.NEW, Standing.AGAIN) for _, standing, _ in stood):
        _record_file(db, form.id, file, now)
    new = [_returned(form, file, row, local_date, now) for row, standing, _ in stood if standing is Standing.NEW]
    add_returns(db, new, now)
    for row, standing, submission in stood:
        if standing is Standing.AGAIN:
            _count_again(db, str(submission), file.by, now)
        yield row, standing


def would_bring_in(db: Database, form: str, source: str, rows: Iterable[BroughtRow]) -> BroughtIn:
    """Say what bringing rows in would do, and do nothing."""
    return _counted([(row, _standing(db, form, source, row)[0]) for row in rows])


def _counted(found: Sequence[tuple[BroughtRow, Standing]]) -> BroughtIn:
    counts = Counter(standing for _, standing in found)
    otherwise = tuple(row for row, standing in found if standing is Standing.OTHERWISE)
    return BroughtIn(counts[Standing.NEW], counts[Standing.AGAIN], counts[Standing.BEFORE], otherwise)


def _chunks(rows: Iterable[BroughtRow]) -> Iterator[list[BroughtRow]]:
    left = iter(rows)
    while chunk := list(islice(left, AT_ONCE)):
        yield chunk


def _standing(db: Database, form: str, source: str, row: BroughtRow) -> tuple[Standing, str | None]:
    """How a row stands to what is on record, and the submission that says the same, if there is one."""
    known = db.execute(
        "SELECT s.submission, s.submission_key = ?, i.left_out FROM imported i"
        " JOIN submissions s ON s.id = i.submission WHERE i.form = ? AND i.source = ? AND i.source_id = ?",
        [content_key(form, source, row), form, source, row.source_id],
    ).fetchall()
    same = next(((submission, left_out) for submission, is_same, left_out in known if is_same), None)
    if same and not same[1]:
        return Standing.BEFORE, same[0]
    if any(not left_out for _, _, left_out in known):
        return Standing.OTHERWISE, None
    return (Standing.AGAIN, same[0]) if same else (Standing.NEW, None)


def _returned(
    form: FormDefinition,
    file: AnswerFile,
    row: BroughtRow,
    local_date: Callable[[datetime], str],
    now: datetime,
) -> OnlineReturn:
    at = row.received_at or now
    return OnlineReturn(
        definition=form,
        language=row.language,
        channel=CHANNEL,
        answers=row.answers,
        copy=None,
        submission_key=content_key(form.id, file.source, row),
        arrival=Arrival(at, local_date(at)),
        imported=ImportedRow(file.sha256, row.row, file.source, row.source_id),
    )


def _record_file(db: Database, form: str, file: AnswerFile, now: datetime) -> None:
    if not db.execute("SELECT 1 FROM imports WHERE sha256 = ? AND form = ?", [file.sha256, form]).fetchone():
        body = {"form": form, "name": file.name, "source": file.source, "by": file.by}
        apply(db, append(db, EventKind.BROUGHT_IN, file.sha256, body, now))


def _count_again(db: Database, submission: str, by: str, now: datetime) -> None:
    (event,) = db.execute(
        "SELECT event FROM events WHERE subject = ? AND kind = ? ORDER BY at DESC, event DESC LIMIT 1",
        [submission, EventKind.LEFT_OUT],
    ).fetchone()
    apply(db, append(db, EventKind.UNDONE, submission, {"undoes": event, "by": by}, now))


def take_back(db: Database, form: str, sha256: str, by: str, now: datetime) -> int:
    """Count nothing of a file any more; returns how many responses that are. They stay on record, as withdrawn."""
    taken = 0
    standing = "SELECT submission FROM imported WHERE sha256 = ? AND form = ? AND NOT left_out LIMIT ?"
    named = f"SELECT submission FROM submissions WHERE id IN ({standing})"
    while True:
        with immediately(db):
            chunk = db.execute(named, [sha256, form, AT_ONCE]).fetchall()
            for (submission,) in chunk:
                body = {"by": by, "why": "import taken back"}
                apply(db, append(db, EventKind.LEFT_OUT, submission, body, now))
        if not chunk:
            return taken
        taken += len(chunk)


def imports_of(db: Database, form: str) -> Sequence[Import]:
    """Return the files that were brought in for a form, the earliest first."""
    rows = db.execute(
        "SELECT i.sha256, i.form, i.name, i.source, i.brought_by, i.brought_at,"
        " (SELECT COUNT(*) FROM imported r WHERE r.sha256 = i.sha256 AND r.form = i.form AND NOT r.left_out),"
        " (SELECT COUNT(*) FROM imported r WHERE r.sha256 = i.sha256 AND r.form = i.form AND r.left_out)"
        " FROM imports i WHERE i.form = ? ORDER BY i.brought_at, i.sha256",
        [form],
    )
    return [Import(*row) for row in rows]
