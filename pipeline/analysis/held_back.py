"""Which variables stay out of a file that is handed out: those that may tell who somebody is, or what is sensitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pipeline.form.definition import FormDefinition, Shape, Variable

SENSITIVE = "It asks about something sensitive."
FOLLOWS = "It is asked only after a certain answer to a sensitive question, and so would tell that answer."
OWN_WORDS = "People answer in their own words, which may name them."
ONE_PERSON = "Few people share an answer, so that it may show who somebody is."
BIRTHDAY = "The dates it takes go back so far that it may be somebody's birthday."
"""Why a variable is left out, in the words the file says it in."""

LONGEST_SPAN = timedelta(days=3660)
"""Dates within ten years are of visits and letters; a question that takes others may be about birthdays."""

_WHY: Mapping[Shape, str] = {
    Shape.TEXT: OWN_WORDS,
    Shape.COMMENT: OWN_WORDS,
    Shape.POSTCODE: ONE_PERSON,
    Shape.CODE: ONE_PERSON,
}


def held_back(versions: Sequence[FormDefinition]) -> dict[str, str]:
    """Return the variables of a form to leave out, each with the reason; what one version holds back, all do."""
    variables = [variable for version in versions for variable in version.variables]
    found = _sensitive(variables)
    for variable in variables:
        why = BIRTHDAY if _may_be_birthday(variable) else _WHY.get(variable.shape)
        if why:
            found.setdefault(variable.name, why)
    return found


def _sensitive(variables: Sequence[Variable]) -> dict[str, str]:
    """What is sensitive, and what follows from it at however many steps."""
    found = {variable.name: SENSITIVE for variable in variables if variable.question.sensitive}
    while following := {
        variable.name: FOLLOWS
        for variable in variables
        if variable.name not in found and (when := variable.question.when) and when.variable in found
    }:
        found |= following
    return found


def _may_be_birthday(variable: Variable) -> bool:
    earliest, latest = variable.question.earliest, variable.question.latest
    is_open = earliest is None or latest is None or latest - earliest > LONGEST_SPAN
    return variable.shape is Shape.DATE and is_open
