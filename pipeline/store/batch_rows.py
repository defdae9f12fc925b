"""The row of a batch: what its cover and the people who counted its forms say of it, added up from their events."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from pipeline.reading.readings import CoverPage
from pipeline.store.events import EventKind, events_about


def cover_body(read: CoverPage) -> dict[str, Any]:
    """Return what an event about a cover says of its batch."""
    cover = read.cover
    return {
        "batch": cover.batch,
        "library": cover.library,
        "day": cover.day.isoformat(),
        "forms": read.written if cover.forms is None else cover.forms,
    }


def batch_before(db: Database, sha256: str, page: int) -> tuple[str, str] | None:
    """Return the batch and the library of the cover that lies before a page (from 0) of a file, None without one."""
    row = db.execute(
        "SELECT b.batch, b.library FROM pages p JOIN batches b USING (batch)"
        " WHERE p.sha256 = ? AND p.page < ? AND p.status = 'cover' ORDER BY p.page DESC LIMIT 1",
        [sha256, page],
    ).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def write_batch(db: Database, batch: str) -> None:
    """Add up all events of one batch and write its row anew; a batch whose cover has not come yet has none.

    The number of forms is what a person said last, or else what the cover says, as it was read last.
    """
    events = events_about(db, batch)
    covers = [event for event in events if event.kind is EventKind.COVER_READ]
    if not covers:
        return
    counted = [event for event in events if event.kind is EventKind.BATCH_COUNTED]
    on_covers = [event.body["forms"] for event in covers if event.body["forms"] is not None]
    said, by = (counted[-1].body["forms"], counted[-1].body["by"]) if counted else ((on_covers or [None])[-1], None)
    first = covers[0]
    db.execute(
        "INSERT INTO batches (batch, library, day, said, said_by, received_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (batch) DO UPDATE SET said = excluded.said, said_by = excluded.said_by,"
        " received_at = excluded.received_at",
        [batch, first.body["library"], first.body["day"], said, by, first.at],
    )
