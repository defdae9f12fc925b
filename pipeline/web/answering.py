"""From the fields that a browser or a program sent to answers that can be recorded, or to what is to be put right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.form.rules import (
    Answers,
    Problem,
    check,
    explain,
    join_date,
    normalise,
    without_passed_over_ticks,
)
from pipeline.web.guard import Fields, last_of
from pipeline.web.words import spoken

CODE = "code"
SUBMISSION_KEY = "submission_key"
LANGUAGE = "language"
KEEP = "keep"
"""The button that keeps a form for later."""
VERSION = "version"
ANSWERS = "answers"
"""All answers together, where nothing is answered. No question has this name, and the form on a page does."""
OWN_FIELDS = frozenset({CODE, SUBMISSION_KEY, LANGUAGE, VERSION, "lang"})
"""Fields beside the answers; a definition allows no question of these names."""

DATE_PARTS = ("day", "month", "year")
"""A date is typed in three fields, `visited_on.day` and so on, or sent as one, `visited_on`."""

_TICKED = (Shape.CHOICE, Shape.CHOICES)
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class ToPutRight:
    """What keeps a form from being taken: the variable, or another field's name, and what to do about it."""

    question: str
    message: str


def answers_in(definition: FormDefinition, fields: Fields) -> dict[str, str]:
    """Return what was answered, each answer as stored where it can be, else as it was typed."""
    answers = {variable.name: _tidied(variable, _typed(variable, fields)) for variable in definition.variables}
    return without_passed_over_ticks(definition, answers)


def to_put_right(definition: FormDefinition, answers: Answers, fields: Fields, language: str) -> list[ToPutRight]:
    """Return everything that must be put right in the answers and the fields around them, in the form's order.

    Where nothing needs an answer, one is wanted all the same: a form without any says nothing, and is most often sent
    by a slip. A blank sheet of paper is another matter: somebody brought it back.
    """
    problems = [ToPutRight(found.variable, explain(found, language)) for found in check(definition, answers)]
    if not answers and not problems:
        problems = [ToPutRight(ANSWERS, spoken("nothing_answered", language))]
    return [*problems, *around(definition, fields, language)]


def field_names(variable: Variable) -> tuple[str, ...]:
    """Return the fields one variable may be sent in."""
    parts = DATE_PARTS if variable.shape is Shape.DATE else ()
    return (variable.name, *(f"{variable.name}.{part}" for part in parts))


def submission_key(fields: Fields) -> str:
    """Return the key that makes a repeated post count once: the one sent, or a new one."""
    return last_of(fields, SUBMISSION_KEY) or str(uuid4())


def _typed(variable: Variable, fields: Fields) -> str:
    """Return one variable as it was sent, the values of a `many` joined, the parts of a date put together."""
    sent = [value for value in fields.get(variable.name, ()) if value.strip()]
    if variable.shape is Shape.DATE and not sent:
        day, month, year = (last_of(fields, f"{variable.name}.{part}") for part in DATE_PARTS)
        return join_date(day, month, year)
    return (";" if variable.shape in _TICKED else "\n").join(sent)


def _tidied(variable: Variable, typed: str) -> str:
    stored = normalise(variable, typed)
    return typed if isinstance(stored, Problem) else stored


def around(definition: FormDefinition, fields: Fields, language: str) -> Iterator[ToPutRight]:
    """Yield what is wrong beside the answers: fields that the form does not have, a key that cannot be one."""
    known = {name for variable in definition.variables for name in field_names(variable)}
    for name in sorted(fields.keys() - known - OWN_FIELDS):
        yield ToPutRight(name, spoken("no_such_question", language, question=name))
    if not _KEY.fullmatch(submission_key(fields)):
        yield ToPutRight(SUBMISSION_KEY, spoken("key_misspelt", language))
