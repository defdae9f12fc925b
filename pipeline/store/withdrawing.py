"""What people take back: a whole response, or one answer of it. It stays known that there was one, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlite_utils import Database

from pipeline.form.answer import Authority, Missing, lacking
from pipeline.form.code import tidy_copy_code
from pipeline.review.decisions import Outcome
from pipeline.store.decision_rows import standing
from pipeline.store.events import Event, EventKind, append


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
    """Record that somebody took back an answer to `question`, or the whole response; returns the event to apply."""
    return append(db, EventKind.WITHDRAWN, submission, {"question": question, "by": by}, now)


def without_withdrawn(outcome: Outcome, events: Sequence[Event]) -> Outcome:
    """Return a submission without what was taken back; nothing of it waits for anybody any more."""
    taken = [event.body["question"] for event in standing(events, EventKind.WITHDRAWN)]
    if not taken:
        return outcome
    is_whole = None in taken
    names = {name for name in outcome.answers if is_whole or any(_is_part(name, each) for each in taken)}
    answers = {
        name: lacking(name, Missing.WITHDRAWN, Authority.RESIDENT) if name in names else answer
        for name, answer in outcome.answers.items()
    }
    doubts = {} if is_whole else {name: each for name, each in outcome.doubts.items() if name not in names}
    remarks = () if is_whole else outcome.remarks
    return replace(outcome, answers=answers, doubts=doubts, remarks=remarks, left_out=outcome.left_out or is_whole)


def _is_part(variable: str, question: str) -> bool:
    """Whether a variable is a question, a statement of it or what is written beside one of its choices."""
    return variable == question or variable.startswith(f"{question}.")
