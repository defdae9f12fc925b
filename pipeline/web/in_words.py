"""Questions and answers as a person would say them, where staff look."""

from __future__ import annotations

from datetime import date

from pipeline.form.answer import Held, Missing
from pipeline.form.definition import FormDefinition, Kind, Shape, Variable, say
from pipeline.form.rules import split_values
from pipeline.form.words import long_date


def variable_named(definition: FormDefinition, name: str) -> Variable:
    """Return a variable of a form."""
    return next(each for each in definition.variables if each.name == name)


def part_of(variable: Variable, language: str) -> str:
    """Return which part of a question is meant: the statement of a scale, the writing beside a choice; or ""."""
    if variable.name == variable.question.id:
        return ""
    words = say(variable.text, language)
    return words if variable.question.kind is Kind.SCALE else f"What is written beside “{words}”"


def in_words(variable: Variable, value: str, language: str) -> str:
    """Return a stored value as a person would say it."""
    if variable.choices:
        labels = {choice.value: say(choice.label, language) for choice in variable.choices}
        return "; ".join(labels.get(each, each) for each in split_values(value))
    if variable.shape is Shape.DATE and value:
        try:
            return long_date(date.fromisoformat(value), language)
        except ValueError:
            return value
    return value


_MISSING = {
    Missing.BLANK: "nothing",
    Missing.NOT_ASKED: "nothing",
    Missing.UNREADABLE: "that it cannot be read",
    Missing.REFUSED: "that the person would rather not say",
}
"""What somebody says who gives no value, to stand after "read" and "wrote"."""


def held_in_words(variable: Variable, held: Held, language: str) -> str:
    """Return what an answer holds, to stand after "read" or "wrote": `“Good”`, or `nothing`."""
    if held.value is None:
        return _MISSING[Missing(str(held.missing))]
    return f"“{in_words(variable, held.value, language)}”"
