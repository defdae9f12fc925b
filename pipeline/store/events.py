"""The truth: events appended one after another, never changed, each body erasable without breaking the chain."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlite_utils import Database

from pipeline.store.database import site_name


class EventKind(StrEnum):
    """What can happen. The subject is a file's SHA-256 for the first four, for what was handed out and for what was
    brought in, a batch for a cover and its count, a submission for the others."""

    FILE_KEPT = "file_kept"
    FILE_READ = "file_read"
    PAGE_PASSED_OVER = "page_passed_over"
    DEALT_WITH = "dealt_with"
    PAGE_READ = "page_read"
    ANSWERED = "answered"
    DECIDED = "decided"
    CHARACTERS_SEEN = "characters_seen"
    UNDONE = "undone"
    CHECK_DRAWN = "check_drawn"
    CHECK_ENTERED = "check_entered"
    CHECK_SETTLED = "check_settled"
    COVER_READ = "cover_read"
    BATCH_COUNTED = "batch_counted"
    HANDED_OUT = "handed_out"
    BROUGHT_IN = "brought_in"
    LEFT_OUT = "left_out"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at a site. `id` is its place in this store, `event` its name everywhere.

    `at` is hybrid time: UTC, ISO 8601 with microseconds, and never earlier than the site's event before it.
    `body` is empty once erased.
    """

    id: int
    event: str
    at: str
    kind: EventKind
    subject: str
    body: Mapping[str, Any]


def new_id(now: datetime) -> str:
    """Return a UUID of version 7 (RFC 9562): made anywhere without asking anybody, and sorting by time."""
    milliseconds = int(now.timestamp() * 1000)
    number = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(UUID(int=number))


def append(db: Database, kind: EventKind, subject: str, body: Mapping[str, Any], now: datetime) -> Event:
    """Append an event; the caller holds the write transaction and applies it to the tables in the same one."""
    return append_all(db, kind, [(subject, body)], now)[0]


def append_all(
    db: Database, kind: EventKind, happened: Sequence[tuple[str, Mapping[str, Any]]], now: datetime
) -> list[Event]:
    """Append an event for each subject and body, in their order; the caller does as for `append`."""
    site = site_name(db)
    sequence, last = _last(db, site)
    (newest,) = db.execute("SELECT COALESCE(MAX(id), 0) FROM events").fetchone()
    events: list[Event] = []
    headers: list[tuple[object, ...]] = []
    bodies: list[tuple[int, str, str]] = []
    for number, (subject, body) in enumerate(happened, 1):
        last = _hybrid(now, last)
        text, salt, event = to_json(body).decode(), secrets.token_hex(16), new_id(now)
        digest = hashlib.sha256((salt + text).encode()).hexdigest()
        headers.append((newest + number, event, site, sequence + number, last, kind, subject, digest))
        bodies.append((newest + number, salt, text))
        events.append(Event(newest + number, event, last, kind, subject, body))
    db.conn.executemany(
        "INSERT INTO events (id, event, site, sequence, at, kind, subject, body_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        headers,
    )
    db.conn.executemany("INSERT INTO event_bodies (event, salt, body) VALUES (?, ?, ?)", bodies)
    return events


def events_about(db: Database, subject: str, known: Event | None = None) -> list[Event]:
    """Return every event about `subject`, in an order that does not depend on when it reached this store.

    The body of one that is `known` already is not read again: a page's takes as long as judging the page.
    """
    events = _select(db, "WHERE e.subject = ? ORDER BY e.at, e.event", [subject], known)
    return [known if known and event.id == known.id else event for event in events]


def all_events(db: Database) -> list[Event]:
    """Return every event, in an order that does not depend on when it reached this store."""
    return _select(db, "ORDER BY e.at, e.event", [])


def instant(now: datetime) -> str:
    """Return a moment as the store writes it: UTC, ISO 8601, microseconds, `Z`."""
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _last(db: Database, site: str) -> tuple[int, str]:
    newest = "SELECT sequence, at FROM events WHERE site = ? ORDER BY sequence DESC LIMIT 1"
    return db.execute(newest, [site]).fetchone() or (0, "")


def _hybrid(now: datetime, last: str) -> str:
    """Time that never runs backwards, even when the clock is set back (Kulkarni et al. 2014, hybrid logical clocks)."""
    at = instant(now)
    if at > last:
        return at
    return instant(datetime.fromisoformat(last) + timedelta(microseconds=1))


def _select(db: Database, clause: str, values: list[str], without_body: Event | None = None) -> list[Event]:
    rows = db.execute(
        "SELECT e.id, e.event, e.at, e.kind, e.subject, b.body FROM events e "
        f"LEFT JOIN event_bodies b ON b.event = e.id AND e.id IS NOT ? {clause}",
        [without_body.id if without_body else None, *values],
    )
    return [
        Event(number, event, at, EventKind(kind), subject, from_json(body) if body else {})
        for number, event, at, kind, subject, body in rows
    ]
