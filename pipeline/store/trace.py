"""From one answer back to where it comes from: its place on paper and what was measured there, who decided, or the
screen, the phone call or the file of another tool in which it was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from pipeline.form.answer import Held, Missing
from pipeline.review.evidence import Shown
from pipeline.store.events import EventKind
from pipeline.store.withdrawal_rows import Withdrawal, withdrawal_of


@dataclass(frozen=True, slots=True)
class OnScan:
    """Where an answer stands on paper: page `page` (from 0) of the original `sha256`, and its place there (mm).

    `file` is what the scan was called, `event` the reading, `reader` what read it. `measured` is all that the reader
    measured in the fields of the variable, as the event holds it: `marks`, `characters`, `texts`.
    """

    variable: str
    sha256: str
    file: str
    page: int
    form_page: int
    layout: str
    box_mm: tuple[float, float, float, float]
    reader: str | None
    event: str
    read_at: str
    measured: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name under which its picture is asked for."""
        return self.variable

    @property
    def shown(self) -> Shown:
        """Its row: the words of the choices stand beside the boxes."""
        return Shown.ROW


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """What a person decided about an answer, when (UTC, as text), why it was asked, and who took it back, if any."""

    by: str
    at: str
    because: str
    value: str | None
    missing: str | None
    undone_by: str | None
    event: str


@dataclass(frozen=True, slots=True)
class ImportedFrom:
    """The row of a file of another tool that an answer was given in."""

    sha256: str
    file: str
    row: int
    source: str
    source_id: str
    brought_by: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer not read from paper: the event it came with, who typed it in, the file that brought it."""

    event: str
    at: str
    typed_by: str | None
    imported: ImportedFrom | None


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is on record of one answer. What stands on several pages has several `scans`.

    Of what the person took back (`withdrawn`) there is neither picture nor decision: only that there was an answer.
    """

    submission: str
    form: str
    version: str
    variable: str
    held: Held
    authority: int
    confidence: float
    copy: str | None
    channel: str
    received_at: str
    received_on: str
    status: str
    scans: tuple[OnScan, ...]
    decisions: tuple[DecidedBy, ...]
    given: Given | None
    withdrawn: Withdrawal | None


def trace(db: Database, submission: str, variable: str) -> Trace:
    """Return where an answer comes from. Raises LookupError where there is no such response or variable."""
    row = db.execute(
        "SELECT id, form, version, copy, channel, received_at, received_on, status FROM submissions"
        " WHERE submission = ?",
        [submission],
    ).fetchone()
    if row is None:
        raise LookupError(f"There is no response “{submission}”. The column submission of every export names them.")
    key, form, version, copy, channel, received_at, received_on, status = row
    answer = db.execute(
        "SELECT value, missing, authority, confidence FROM answers WHERE submission = ? AND question = ?",
        [key, variable],
    ).fetchone()
    if answer is None:
        names = db.execute("SELECT question FROM answers WHERE submission = ? ORDER BY question", [key])
        raise LookupError(f"It has no variable “{variable}”. It has {', '.join(name for (name,) in names)}.")
    value, missing, authority, confidence = answer
    return Trace(
        submission,
        form,
        version,
        variable,
        Held(value, missing),
        authority,
        confidence,
        copy,
        channel,
        received_at,
        received_on,
        status,
        () if missing == Missing.WITHDRAWN else _scans(db, submission, variable),
        () if missing == Missing.WITHDRAWN else _decisions(db, key, variable),
        _given(db, submission),
        withdrawal_of(db, submission, variable),
    )


def _scans(db: Database, submission: str, variable: str) -> tuple[OnScan, ...]:
    rows = db.execute(
        "SELECT f.sha256, f.name, p.page, p.form_page, p.layout, w.x, w.y, w.w, w.h, p.reader, e.event, e.at, b.body"
        " FROM pages p JOIN files f USING (sha256) JOIN events e ON e.id = p.event"
        " LEFT JOIN event_bodies b ON b.event = e.id"
        " JOIN field_places w ON w.layout = p.layout AND w.form_page = p.form_page AND w.question = ?"
        " WHERE p.submission = ? AND p.status = 'read' ORDER BY p.form_page, f.sha256, p.page",
        [variable, submission],
    )
    return tuple(
        OnScan(
            variable, sha256, name, page, form_page, layout, (x, y, w, h), reader, event, at, _measured(body, variable)
        )
        for sha256, name, page, form_page, layout, x, y, w, h, reader, event, at, body in rows
    )


def _measured(body: str | None, variable: str) -> dict[str, Any]:
    """What was measured in the fields of a variable; nothing once what the event held was erased."""
    reading = json.loads(body).get("reading", {}) if body else {}
    kinds = {kind: reading.get(kind, ()) for kind in ("marks", "characters", "texts")}
    found = {kind: [each for each in measured if each["question"] == variable] for kind, measured in kinds.items()}
    return {kind: measured for kind, measured in found.items() if measured}


def _decisions(db: Database, key: int, variable: str) -> tuple[DecidedBy, ...]:
    rows = db.execute(
        "SELECT decided_by, decided_at, reason, value, missing, undone_by, event FROM decisions"
        " WHERE submission = ? AND question = ? AND kind = 'decided' ORDER BY decided_at, event",
        [key, variable],
    )
    return tuple(DecidedBy(*row) for row in rows)


def _given(db: Database, submission: str) -> Given | None:
    row = db.execute(
        "SELECT e.event, e.at, b.body FROM events e LEFT JOIN event_bodies b ON b.event = e.id"
        " WHERE e.subject = ? AND e.kind = ? ORDER BY e.at, e.event LIMIT 1",
        [submission, EventKind.ANSWERED],
    ).fetchone()
    if row is None:
        return None
    event, at, body = row
    typed_by = json.loads(body).get("typed_by") if body else None
    imported = db.execute(
        "SELECT r.sha256, i.name, r.row, r.source, r.source_id, i.brought_by FROM imported r"
        " JOIN submissions s ON s.id = r.submission JOIN imports i ON i.sha256 = r.sha256 AND i.form = r.form"
        " WHERE s.submission = ?",
        [submission],
    ).fetchone()
    return Given(event, at, typed_by, ImportedFrom(*imported) if imported else None)


@dataclass(frozen=True, slots=True)
class Holding:
    """How many responses to a form hold a value, or one kind of missing, in one variable."""

    held: Held
    responses: int


@dataclass(frozen=True, slots=True)
class Holder:
    """One response that holds a certain answer."""

    submission: str
    channel: str
    received_on: str
    status: str


def holdings(db: Database, form: str, variable: str) -> tuple[Holding, ...]:
    """Return what the responses to a form hold in a variable, the most frequent first, what is missing last."""
    rows = db.execute(
        "SELECT a.value, a.missing, COUNT(*) FROM answers a JOIN submissions s ON s.id = a.submission"
        " WHERE s.form = ? AND a.question = ? GROUP BY a.value, a.missing"
        " ORDER BY a.missing IS NOT NULL, COUNT(*) DESC, a.value, a.missing",
        [form, variable],
    )
    return tuple(Holding(Held(value, missing), number) for value, missing, number in rows)


def holders(db: Database, form: str, variable: str, held: Held, most: int) -> tuple[Holder, ...]:
    """Return responses to a form that hold this in a variable, the latest first, `most` of them."""
    rows = db.execute(
        "SELECT s.submission, s.channel, s.received_on, s.status FROM answers a"
        " JOIN submissions s ON s.id = a.submission WHERE s.form = ? AND a.question = ? AND a.value IS ?"
        " AND a.missing IS ? ORDER BY s.received_at DESC, s.submission DESC LIMIT ?",
        [form, variable, held.value, held.missing, most],
    )
    return tuple(Holder(*row) for row in rows)
