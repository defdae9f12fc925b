"""A second person for one decision in twenty: drawn by lot when it is made, and seen without what was decided."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pipeline.form.definition import FormDefinition
from pipeline.review.checks import Standing, field_kind
from pipeline.store.events import Event, EventKind, append
from pipeline.store.projection import apply

ONE_IN = 20
"""Decisions of which one is looked at again: 5 %."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many decisions a second person has looked at, and for how many that person said the same."""

    checked: int
    same: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a decision was made about: an original, a page of it (from 0) and a box on the paper (JSON, mm)."""

    sha256: str | None
    page: int | None
    box_mm: str | None


def draw_decision(db: Database, form: FormDefinition, decided: Event, seen: Seen, now: datetime) -> None:
    """Draw a decision, if the lot falls on it; the caller holds the transaction.

    The lot is the hash of the decision's own name, of which most is chance. Only what stands in one place on the paper
    can be looked at again.
    """
    asked = next((variable for variable in form.variables if variable.name == decided.body["question"]), None)
    if asked is None or seen.sha256 is None or seen.box_mm is None or not _is_drawn(decided):
        return
    kind = field_kind(asked, has_boxes=False)
    body = {
        "question": asked.name,
        "check": hashlib.sha256(f"check {decided.event}".encode()).hexdigest()[:12],
        "kind": kind,
        "field": kind,
        "value": decided.body["value"],
        "missing": decided.body["missing"],
        "decision": decided.event,
        "decided_by": decided.body["by"],
        "sha256": seen.sha256,
        "page": seen.page,
        "box_mm": json.loads(seen.box_mm),
    }
    apply(db, append(db, EventKind.CHECK_DRAWN, decided.subject, body, now))


def _is_drawn(decided: Event) -> bool:
    return int(hashlib.sha256(decided.event.encode()).hexdigest(), 16) % ONE_IN == 0


def count_agreement(db: Database) -> Agreement:
    """Return what second people said so far of the decisions that stand."""
    checked, same = db.execute(
        "SELECT COUNT(*), COALESCE(SUM(standing = ? AND found_by IS NULL), 0) FROM checks"
        " WHERE decided_by IS NOT NULL AND entered_by IS NOT NULL AND standing <> ?",
        [Standing.RIGHT, Standing.DROPPED],
    ).fetchone()
    return Agreement(checked, same)
