"""What people take back: a whole response, or one answer of it. It stays known that there was one, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlite_utils import Database

from pipeline.form.answer import Authority, Missing, lacking
from pipeline.form.code import tidy_copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.rules import following
from pipeline.review.decisions import Outcome
from pipeline.review.doubts import SECOND_RETURN
from pipeline.store.catalogue import definition_of
from pipeline.store.decision_rows import standing
from pipeline.store.events import Event, EventKind, append, events_about
from pipeline.store.withdrawal_rows import is_taken, questions_taken


@dataclass(frozen=True, slots=True)
class Named:
    """A response that somebody means, by its name, its receipt or the code of its copy."""

    submission: str
    form: str
    channel: str
    received_on: str


def responses_named(db: Database, typed: str) -> tuple[Named, ...]:
    """Return the responses that what somebody typed names; several where one copy came back more than once."""
    rows = db.execute(
        "SELECT submission, form, channel, received_on FROM submissions WHERE submission = ? OR receipt = ? OR copy = ?"
        " ORDER BY received_at, submission",
        [typed.strip(), tidy_copy_code(typed), tidy_copy_code(typed)],
    )
    return tuple(Named(*row) for row in rows)


def record_withdrawn(db: Database, submission: str, question: str | None, by: str, now: datetime) -> Event:
    """Record that somebody took back an answer to `question`, or the whole response; returns the event to apply.

    It names the questions `with` it: those asked only after it, whose answers go, too.
    """
    body: dict[str, object] = {"question": question, "by": by}
    if question is not None:
        body["with"] = following(_definition(db, submission), question)
    return append(db, EventKind.WITHDRAWN, submission, body, now)


def record_put_back(db: Database, submission: str, question: str | None, by: str, now: datetime) -> list[Event]:
    """Record that what somebody took back by this name was taken back by mistake; returns the events to apply.

    None where nothing of that name is: an answer that went with another comes back with it.
    """
    taken = standing(events_about(db, submission), EventKind.WITHDRAWN)
    return [
        append(db, EventKind.UNDONE, submission, {"undoes": event.event, "question": question, "by": by}, now)
        for event in taken
        if event.body["question"] == question
    ]


def _definition(db: Database, submission: str) -> FormDefinition:
    (version,) = db.execute("SELECT version FROM submissions WHERE submission = ?", [submission]).fetchone()
    return definition_of(db, version)


def without_withdrawn(definition: FormDefinition, outcome: Outcome, events: Sequence[Event]) -> Outcome:
    """Return a submission without what was taken back; nothing of it waits for anybody any more."""
    taken = _taken_back(definition, events)
    if not taken:
        return outcome
    is_whole = None in taken
    names = {name for name in outcome.answers if _is_taken(name, taken)}
    answers = {
        name: lacking(name, Missing.WITHDRAWN, Authority.RESIDENT) if name in names else answer
        for name, answer in outcome.answers.items()
    }
    doubts = {} if is_whole else {name: each for name, each in outcome.doubts.items() if name not in names}
    remarks = () if is_whole else outcome.remarks
    return replace(outcome, answers=answers, doubts=doubts, remarks=remarks, left_out=outcome.left_out or is_whole)


def without_words(definition: FormDefinition, events: Sequence[Event]) -> list[Event]:
    """Return the events of a submission as tables may tell them: of what was taken back no check, and of a decision
    that there was one. Whether a return counts at all tells nothing that was said in it."""
    taken = _taken_back(definition, events)
    told = []
    for event in events:
        is_about_answer = event.kind in _ABOUT_ANSWERS and event.body["question"] != SECOND_RETURN
        if not (is_about_answer and _is_taken(event.body["question"], taken)):
            told.append(event)
        elif event.kind is EventKind.DECIDED:
            told.append(replace(event, body={**event.body, "value": None, "missing": Missing.WITHDRAWN}))
    return told


_ABOUT_ANSWERS = (EventKind.DECIDED, EventKind.CHECK_DRAWN, EventKind.CHECK_ENTERED, EventKind.CHECK_SETTLED)
"""Events that tell what an answer says."""


def _taken_back(definition: FormDefinition, events: Sequence[Event]) -> frozenset[str | None]:
    """The questions whose answers were taken back, None for the whole response."""
    taken = standing(events, EventKind.WITHDRAWN)
    return frozenset(question for event in taken for question in questions_taken(definition, event))


def _is_taken(variable: str, taken: Collection[str | None]) -> bool:
    return any(is_taken(variable, question) for question in taken)
