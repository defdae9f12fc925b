"""What waits for a person, and what a person decided about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pipeline.form import rules
from pipeline.form.answer import Held, Missing
from pipeline.form.definition import FormDefinition, Variable
from pipeline.reading.words import Word
from pipeline.review.decisions import COUNT, LEAVE_OUT
from pipeline.review.doubts import SECOND_RETURN, SENTENCES, Reason
from pipeline.review.evidence import Shown
from pipeline.review.remarks import is_about_remark
from pipeline.store.catalogue import definition_of
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply
from pipeline.store.second_checks import Seen, draw_decision


@dataclass(frozen=True, slots=True)
class OpenDoubt:
    """One answer that waits for a person, with what a person needs to decide it.

    `turn` is its place in the queue; `personal`, whether it shows what only some of the staff may see.
    """

    doubt: str
    submission: str
    form: str
    version: str
    copy: str | None
    question: str
    reason: str
    sentence: str
    guess: str
    confidence: float
    sha256: str | None
    page: int | None
    box_mm: tuple[float, float, float, float] | None
    turn: str = ""
    personal: bool = True

    @property
    def name(self) -> str:
        """The name under which its picture is asked for."""
        return self.doubt

    @property
    def shown(self) -> Shown:
        """Its row, or the whole page where it is about the whole return."""
        return Shown.ROW if self.box_mm else Shown.PAGE


def open_doubts(db: Database, form: str | None = None) -> list[OpenDoubt]:
    """Return every answer that waits for a person, the longest waiting first, in the order of the form's pages."""
    return select_doubts(db, "WHERE ? IS NULL OR s.form = ? ORDER BY d.turn", [form, form])


def select_doubts(db: Database, clause: str, values: Sequence[str | int | None]) -> list[OpenDoubt]:
    """Return the doubts `d` of submissions `s` that a clause of SQL finds, in its order."""
    rows = db.execute(
        "SELECT d.doubt, s.submission, s.form, s.version, s.copy, d.question, d.reason, d.guess, d.confidence,"
        " d.sha256, d.page, d.box_mm, d.turn, d.personal FROM doubts d JOIN submissions s ON s.id = d.submission"
        f" {clause}",
        list(values),
    )
    return [_open_doubt(row) for row in rows]


def words_read(db: Database, doubt: OpenDoubt) -> tuple[Word, ...]:
    """Return the words a machine read where `doubt` is about free writing on paper; none for any other."""
    row = db.execute(
        "SELECT b.body FROM pages p JOIN event_bodies b ON b.event = p.event WHERE p.sha256 = ? AND p.page = ?",
        [doubt.sha256, doubt.page],
    ).fetchone()
    texts = json.loads(row[0]).get("reading", {}).get("texts", ()) if row else ()
    words = next((text["words"] for text in texts if text["question"] == doubt.question), ())
    return tuple(Word(**word) for word in words)


def settle_doubt(
    db: Database, doubt: str, value: str | None, missing: str | None, by: str, now: datetime
) -> str | None:
    """Record what a person decided; returns None, or why it was refused, in words that say what to do."""
    if not by.strip():
        return "Say who decides: the name goes on record with the decision."
    with immediately(db):
        row = db.execute(
            "SELECT s.submission, s.version, d.question, d.reason, d.guess, d.sha256, d.page, d.box_mm FROM doubts d"
            " JOIN submissions s ON s.id = d.submission WHERE d.doubt = ?",
            [doubt],
        ).fetchone()
        if row is None:
            return "Nothing waits under this name. Somebody may have settled it already: look at the list again."
        submission, version, question, reason, guess, *seen = row
        form = definition_of(db, version)
        accepted = accept(form, question, value, missing)
        if isinstance(accepted, Refused):
            return accepted.why
        about = {"question": question, "doubt": doubt, "reason": reason, "guess": guess, "by": by}
        body = {**about, "value": accepted.value, "missing": accepted.missing}
        decided = append(db, EventKind.DECIDED, submission, body, now)
        apply(db, decided)
        draw_decision(db, form, decided, Seen(*seen), now)
    return None


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision that cannot be recorded, and why."""

    why: str


def accept(form: FormDefinition, question: str, value: str | None, missing: str | None) -> Held | Refused:
    """Return what somebody decided as it is stored, or why it cannot be."""
    if value is not None and missing is not None:
        return Refused("Give a value, or say why there is none, but not both.")
    if question == SECOND_RETURN:
        if value in (COUNT, LEAVE_OUT):
            return Held(value, None)
        return Refused(f"Say “{COUNT}” if it is another person's answer, or “{LEAVE_OUT}” if it is not to be counted.")
    if is_about_remark(question) and value is not None:
        return Held(value.strip(), None) if value.strip() else Held(None, Missing.BLANK)
    if value is None:
        allowed = (Missing.BLANK, Missing.UNREADABLE, Missing.REFUSED)
        if missing in allowed:
            return Held(None, missing)
        unknown = f"“{missing}” is no reason we know. " if missing else ""
        return Refused(f"{unknown}Give a value, or say why there is none: {', '.join(allowed)}.")
    variable = next(variable for variable in form.variables if variable.name == question)
    return _normalised(variable, form, value)


def _normalised(variable: Variable, form: FormDefinition, value: str) -> Held | Refused:
    stored = rules.normalise(variable, value)
    if isinstance(stored, rules.Problem):
        return Refused(rules.explain(stored, form.languages[0]))
    if not stored:
        return Held(None, Missing.BLANK)
    bounds = (found for found in rules.check(form, {variable.name: stored}) if found.code is rules.Code.RANGE)
    out_of_bounds = next((found for found in bounds if found.variable == variable.name), None)
    return Refused(rules.explain(out_of_bounds, form.languages[0])) if out_of_bounds else Held(stored, None)


def _open_doubt(row: tuple[Any, ...]) -> OpenDoubt:
    doubt, submission, form, version, copy, question, reason, guess, confidence, sha256, page, box, turn, personal = row
    return OpenDoubt(
        doubt,
        submission,
        form,
        version,
        copy,
        question,
        reason,
        SENTENCES[Reason(reason)],
        guess,
        confidence,
        sha256,
        page,
        tuple(json.loads(box)) if box else None,
        turn,
        bool(personal),
    )
