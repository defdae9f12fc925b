"""Fields that people check: read once more without the machine's answer, and looked at again where the two differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pipeline.form.answer import Held
from pipeline.review.checks import Right, Standing
from pipeline.review.evidence import Shown
from pipeline.store.catalogue import definition_of
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply
from pipeline.store.waiting import Refused, accept


@dataclass(frozen=True, slots=True)
class OpenCheck:
    """One field to be checked, with what a person needs to say what it holds, and nothing of what was read there.

    `decided_by` is who decided what is checked, None where it is the machine's reading.
    """

    check: str
    submission: str
    form: str
    version: str
    copy: str | None
    question: str
    sha256: str
    page: int
    box_mm: tuple[float, float, float, float]
    decided_by: str | None

    @property
    def name(self) -> str:
        """The name under which its picture is asked for."""
        return self.check

    @property
    def shown(self) -> Shown:
        """Its row."""
        return Shown.ROW


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A check where the machine and a person differ: what each says, and who the person is."""

    field: OpenCheck
    read: Held
    entered: Held
    by: str


def open_checks(db: Database, form: str | None = None) -> list[OpenCheck]:
    """Return the fields that wait to be checked, in an order of chance: those checked so far are a sample, too."""
    return [field for field, _ in _fields(db, Standing.OPEN, form)]


def second_looks(db: Database, form: str | None = None) -> list[SecondLook]:
    """Return the checks where the machine and a person differ."""
    return [SecondLook(field, *said) for field, said in _fields(db, Standing.DIFFERS, form)]


def enter_check(db: Database, check: str, value: str | None, missing: str | None, by: str, now: datetime) -> str | None:
    """Record what a person reads there; returns None, or why it was refused, in words that say what to do.

    Where the machine reads the same, a person has now said so, and a newer reader will not change it.
    """
    if not by.strip():
        return _WHO
    with immediately(db):
        found = next((each for each in open_checks(db) if each.check == check), None)
        if found is None:
            return _GONE
        if found.decided_by == by:
            return "You decided this one: somebody else is to look at it."
        held = accept(definition_of(db, found.version), found.question, value, missing)
        if isinstance(held, Refused):
            return held.why
        body = {"question": found.question, "check": check, "value": held.value, "missing": held.missing, "by": by}
        apply(db, append(db, EventKind.CHECK_ENTERED, found.submission, body, now))
        if _standing(db, check) is Standing.RIGHT:
            _decide(db, found, held, by, now)
    return None


def settle_check(db: Database, check: str, right: str, by: str, now: datetime) -> str | None:
    """Record which is right, the machine or the checker; returns None, or why it was refused, in words.

    The answer is then what is right. If neither is, the field waits to be checked once more.
    """
    if not by.strip():
        return _WHO
    if right not in set(Right):
        return f"Say which is right: {', '.join(Right)}."
    with immediately(db):
        found = next((each for each in second_looks(db) if each.field.check == check), None)
        if found is None:
            return _GONE
        held = {Right.COMPUTER: found.read, Right.CHECKER: found.entered}.get(Right(right))
        body = {
            "question": found.field.question,
            "check": check,
            "right": right,
            "value": held.value if held else None,
            "missing": held.missing if held else None,
            "by": by,
        }
        apply(db, append(db, EventKind.CHECK_SETTLED, found.field.submission, body, now))
        if held:
            _decide(db, found.field, held, by, now)
    return None


_WHO = "Say who checks: the name goes on record."
_GONE = "Nothing waits under this name. Somebody may have checked it already: look at the list again."

_FIELD = (
    "SELECT c.check_id, s.submission, s.form, s.version, s.copy, c.question, c.sha256, c.page, c.box_mm,"
    " c.decided_by, c.read_value, c.read_missing, c.entered_value, c.entered_missing, c.entered_by"
    " FROM checks c JOIN submissions s ON s.id = c.submission"
    " WHERE c.standing = ? AND (? IS NULL OR s.form = ?) ORDER BY c.check_id"
)
"""Checks that stand so, ordered by their names: these are hashes and so as good as drawn by lot."""


def _decide(db: Database, field: OpenCheck, held: Held, by: str, now: datetime) -> None:
    """Record what a checked answer is, as any decision of a person is recorded."""
    body = {
        "question": field.question,
        "value": held.value,
        "missing": held.missing,
        "by": by,
        "doubt": None,
        "reason": "checked",
        "guess": "",
    }
    apply(db, append(db, EventKind.DECIDED, field.submission, body, now))


def _standing(db: Database, check: str) -> Standing:
    return Standing(db.execute("SELECT standing FROM checks WHERE check_id = ?", [check]).fetchone()[0])


def _fields(db: Database, standing: Standing, form: str | None) -> Iterator[tuple[OpenCheck, tuple[Any, ...]]]:
    """Every check that stands so, and what was read and entered there."""
    for row in db.execute(_FIELD, [standing, form, form]):
        check, submission, name, version, copy, question, sha256, page, box, decided_by, *said, by = row
        place = tuple(json.loads(box))
        field = OpenCheck(check, submission, name, version, copy, question, sha256, page, place, decided_by)
        yield field, (Held(*said[:2]), Held(*said[2:]), by)
