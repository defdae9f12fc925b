"""Imports as rows: each file of answers from another tool, and which of its rows a response is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from pipeline.store.decision_rows import standing
from pipeline.store.events import Event, EventKind


def write_import(db: Database, event: Event) -> None:
    """Write the row of a file; what was recorded of it first stands."""
    body = event.body
    db.execute(
        "INSERT INTO imports (sha256, form, name, source, brought_by, brought_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [event.subject, body["form"], body["name"], body["source"], body["by"], event.at],
    )


def insert_imported(db: Database, answered: Sequence[tuple[int, str, Event]]) -> None:
    """Write which row of which file new submissions are, given the key, the form and the first event of each."""
    db.conn.executemany(
        "INSERT INTO imported (submission, sha256, form, row, source, source_id, left_out)"
        " VALUES (?, ?, ?, ?, ?, ?, 0)",
        [
            (key, row["sha256"], form, row["row"], row["source"], row["source_id"])
            for key, form, event in answered
            if (row := event.body.get("imported"))
        ],
    )


def write_imported(db: Database, key: int, events: Sequence[Event]) -> None:
    """Write which row of which file a submission is; nothing of one that was given here."""
    answered = next((event for event in events if event.kind is EventKind.ANSWERED), None)
    imported = answered.body.get("imported") if answered else None
    db.execute("DELETE FROM imported WHERE submission = ?", [key])
    if imported:
        left_out = bool(standing(events, EventKind.LEFT_OUT))
        db.execute(
            "INSERT INTO imported (submission, sha256, form, row, source, source_id, left_out)"
            " SELECT ?, ?, form, ?, ?, ?, ? FROM submissions WHERE id = ?",
            [key, imported["sha256"], imported["row"], imported["source"], imported["source_id"], left_out, key],
        )
