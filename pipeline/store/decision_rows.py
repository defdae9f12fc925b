"""Decisions as rows: what people decided about one submission, who and when, and what of it they took back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.review.decisions import Decision
from pipeline.store.events import Event, EventKind


def standing_decisions(events: Sequence[Event]) -> list[Decision]:
    """Return the decisions about a submission that nobody took back."""
    return [_decision(event) for event in standing(events, EventKind.DECIDED)]


def write_decisions(db: Database, key: int, events: Sequence[Event]) -> None:
    """Write the decisions about a submission anew, those that were taken back with who did so and when.

    To have looked at characters of an answer is one, too: it may be all that was still to be done about it.
    """
    undone = undone_events(events)
    db.execute("DELETE FROM decisions WHERE submission = ?", [key])
    db.conn.executemany(
        "INSERT INTO decisions (event, submission, question, doubt, reason, value, missing, decided_by, decided_at,"
        " batch, undone_by, undone_at, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_row(key, event, undone.get(event.event)) for event in events if event.kind in _KINDS],
    )


_KINDS = (EventKind.DECIDED, EventKind.CHARACTERS_SEEN)


def standing(events: Sequence[Event], kind: EventKind) -> list[Event]:
    """Return the events of a kind that nobody took back."""
    undone = undone_events(events)
    return [event for event in events if event.kind is kind and event.event not in undone]


def undone_events(events: Iterable[Event]) -> dict[str, Event]:
    """Return what took back each event that was taken back, by its name: the first who did so."""
    undone: dict[str, Event] = {}
    for event in events:
        if event.kind is EventKind.UNDONE:
            undone.setdefault(event.body["undoes"], event)
    return undone


def _row(key: int, event: Event, undone: Event | None) -> tuple[object, ...]:
    body = event.body
    return (
        event.event,
        key,
        body["question"],
        body["doubt"],
        body["reason"],
        body.get("value"),
        body.get("missing"),
        body["by"],
        event.at,
        body.get("batch"),
        undone.body["by"] if undone else None,
        undone.at if undone else None,
        event.kind,
    )


def _decision(event: Event) -> Decision:
    missing = event.body["missing"]
    return Decision(
        variable=event.body["question"],
        value=event.body["value"],
        missing=Missing(missing) if missing else None,
        by=event.body["by"],
        at=event.at,
        event=event.event,
    )
