"""Say on paper what the web form does by itself: which question comes next, and whom a question is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.form.definition import (
    Condition,
    FormDefinition,
    Kind,
    Question,
    Variable,
    Wording,
    say,
)
from pipeline.form.words import phrase


def leads(definition: FormDefinition, question: Question, languages: tuple[str, ...]) -> Iterator[Wording]:
    """Yield what to print under a question: `If you ticked ‘No’, go to question 7.`, a line for each destination."""
    following = _number(definition, question) + 1
    if question.kind is not Kind.ONE or following > len(definition.questions):
        return
    destinations: dict[int | None, list[str]] = {}
    for choice in question.choices:
        destinations.setdefault(_next_question(definition, question, choice.value), []).append(choice.value)
    for number, values in destinations.items():
        if number is None:
            yield _routed("finish", definition, Condition(question.id, tuple(values)), languages)
        elif number != following:
            yield _routed("go_to", definition, Condition(question.id, tuple(values)), languages, number)


def for_whom(definition: FormDefinition, question: Question, languages: tuple[str, ...]) -> Wording:
    """Return what to print above a question that is not for everybody, unless the others are led past it."""
    condition = question.when
    if condition is None or _others_are_led_past(definition, question, condition):
        return {}
    variable = next(each for each in definition.variables if each.name == condition.variable)
    number = _number(definition, variable.question)
    if variable.question.kind is Kind.SCALE:
        return _routed("only_if_statement", definition, condition, languages, number)
    ticked = variable.question.kind in (Kind.ONE, Kind.MANY)
    return _routed("only_if" if ticked else "only_if_written", definition, condition, languages, number)


def _next_question(definition: FormDefinition, question: Question, value: str) -> int | None:
    """Return the number of the first later question that somebody who ticked `value` may be asked, None at the end."""
    for later in definition.questions[_number(definition, question) :]:
        elsewhere = later.when is None or later.when.variable != question.id
        if elsewhere or (later.when is not None and value in later.when.values):
            return _number(definition, later)
    return None


def _others_are_led_past(definition: FormDefinition, question: Question, condition: Condition) -> bool:
    source = next((each for each in definition.questions if each.id == condition.variable), None)
    if source is None or source.kind is not Kind.ONE:
        return False
    others = (choice.value for choice in source.choices if choice.value not in condition.values)
    destinations = [_next_question(definition, source, value) for value in others]
    return all(number is None or number > _number(definition, question) for number in destinations)


def _number(definition: FormDefinition, question: Question) -> int:
    return [each.id for each in definition.questions].index(question.id) + 1


def _routed(
    name: str,
    definition: FormDefinition,
    condition: Condition,
    languages: tuple[str, ...],
    number: int | None = None,
) -> Wording:
    variable = next(each for each in definition.variables if each.name == condition.variable)
    return {
        language: phrase(
            name,
            language,
            question=number,
            statement=say(variable.text, language),
            answers=phrase("or", language).join(_quoted(variable, condition.values, language)),
        )
        for language in languages
    }


def _quoted(variable: Variable, values: Iterable[str], language: str) -> Iterator[str]:
    labels = {choice.value: say(choice.label, language) for choice in variable.choices}
    for value in values:
        yield phrase("quoted", language, answer=labels.get(value, value))
