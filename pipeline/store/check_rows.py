"""Checks as rows: what was drawn, entered and found about fields of one submission, beside what the machine reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from pipeline.form.answer import Answer, Held
from pipeline.form.definition import FormDefinition
from pipeline.review.checks import Check, Kind, Right, accepted
from pipeline.store.events import Event, EventKind


def checked_by_people(events: Iterable[Event]) -> frozenset[str]:
    """Return the variables of a submission that somebody has checked."""
    return frozenset(event.body["question"] for event in events if event.kind is EventKind.CHECK_ENTERED)


def write_checks(
    db: Database, key: int, events: Sequence[Event], definition: FormDefinition, machine: Mapping[str, Answer]
) -> None:
    """Write the checks of a submission anew; `machine` is what its answers are without what checks decided."""
    db.execute("DELETE FROM checks WHERE submission = ?", [key])
    for row in _rows(key, events, definition, machine):
        columns, places = ", ".join(row), ", ".join("?" for _ in row)
        db.execute(f"INSERT INTO checks ({columns}) VALUES ({places})", list(row.values()))


def _rows(
    key: int, events: Sequence[Event], definition: FormDefinition, machine: Mapping[str, Answer]
) -> Iterator[dict[str, Any]]:
    variables = {variable.name: variable for variable in definition.variables}
    drawn = {event.body["question"]: event for event in events if event.kind is EventKind.CHECK_DRAWN}
    undone = {event.body["undoes"] for event in events if event.kind is EventKind.UNDONE}
    for question, event in drawn.items():
        entered, found = _said_about(event.body["check"], events)
        check = Check(
            variables[question],
            Kind(event.body["field"]),
            _checked(event, machine, undone),
            _held(entered),
            _held(found),
        )
        yield {
            "check_id": event.body["check"],
            "submission": key,
            "question": question,
            "kind": check.kind,
            "standing": check.standing,
            **_columns("read", check.read),
            **_columns("entered", check.entered),
            **_who("entered", entered),
            **_columns("found", check.found),
            **_who("found", found),
            "sha256": event.body["sha256"],
            "page": event.body["page"],
            "box_mm": json.dumps(event.body["box_mm"]),
            "drawn_at": event.at,
            "decided_by": event.body.get("decided_by"),
        }


def _checked(drawn: Event, machine: Mapping[str, Answer], undone: Collection[str]) -> Held | None:
    """What is checked: what the machine accepts now, or a decision that stands; None where there is none any more."""
    body = drawn.body
    if "decision" in body:
        return None if body["decision"] in undone else Held(body["value"], body["missing"])
    return accepted(machine[body["question"]]) if body["question"] in machine else None


def _said_about(check: str, events: Sequence[Event]) -> tuple[Event | None, Event | None]:
    """What was entered and found last; a second look that agrees with neither asks for both once more."""
    entered: Event | None = None
    found: Event | None = None
    for event in events:
        if event.kind is EventKind.CHECK_ENTERED and event.body["check"] == check:
            entered = event
        elif event.kind is EventKind.CHECK_SETTLED and event.body["check"] == check:
            is_neither = event.body["right"] == Right.NEITHER
            entered, found = (None, None) if is_neither else (entered, event)
    return entered, found


def _held(event: Event | None) -> Held | None:
    return Held(event.body["value"], event.body["missing"]) if event else None


def _columns(name: str, held: Held | None) -> dict[str, str | None]:
    return {f"{name}_value": held.value if held else None, f"{name}_missing": held.missing if held else None}


def _who(name: str, event: Event | None) -> dict[str, str | None]:
    return {f"{name}_by": event.body["by"] if event else None, f"{name}_at": event.at if event else None}
