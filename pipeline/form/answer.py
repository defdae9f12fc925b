"""What one variable of one submission holds: a value, or the reason why there is none, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Missing(StrEnum):
    """Why an answer holds no value. Missing is never one thing."""

    BLANK = "blank"
    UNREADABLE = "unreadable"
    WAITING = "waiting"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"
    PAGE_NOT_RETURNED = "page_not_returned"
    WITHDRAWN = "withdrawn"


class Authority(IntEnum):
    """Whose word an answer is; within one submission the higher authority counts, then the later time."""

    MACHINE = 1
    RESIDENT = 2
    REVIEWED = 3
    REVIEWED_TWICE = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer in one variable: `value` or `missing`, never both; `confidence` in [0, 1] is the reader's own."""

    variable: str
    value: str | None
    missing: Missing | None
    authority: Authority
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """What an answer holds, whoever says so: a value, or the kind of missing; exactly one of the two."""

    value: str | None
    missing: str | None


def given(variable: str, value: str, authority: Authority, confidence: float = 1.0) -> Answer:
    """Return an answer that holds a value."""
    return Answer(variable, value, None, authority, confidence)


def lacking(variable: str, missing: Missing, authority: Authority, confidence: float = 1.0) -> Answer:
    """Return an answer that holds none, and why."""
    return Answer(variable, None, missing, authority, confidence)
