"""The same rules for paper and online: what must be answered, within which bounds, and what is not asked at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pipeline.form.answer import Missing
from pipeline.form.catalogue import LANGUAGES, said
from pipeline.form.definition import Condition, FormDefinition, Shape, Variable, say
from pipeline.form.normal import join_date, join_values, normalise, split_values
from pipeline.form.problems import Code, Problem, explain, problem

__all__ = [
    "Answers",
    "Code",
    "Problem",
    "asked",
    "check",
    "explain",
    "following",
    "join_date",
    "join_values",
    "missing_kinds",
    "normalise",
    "split_values",
    "without_passed_over_ticks",
]

_TICKED = (Shape.CHOICE, Shape.CHOICES)

Answers = Mapping[str, str]
"""Variable name to stored value. A variable that is absent or "" is not answered; `many` joins its values by `;`."""


def asked(definition: FormDefinition, answers: Answers) -> frozenset[str]:
    """Return the variables that routing asks, given the answers so far.

    What is written beside *other* is asked with its question. The answer to a question that is itself not
    asked leads nowhere.
    """
    names: set[str] = set()
    for variable in definition.variables:
        when = variable.question.when
        if when is None or (when.variable in names and _is_met(when, answers)):
            names.add(variable.name)
    return frozenset(names)


def following(definition: FormDefinition, question: str) -> tuple[str, ...]:
    """Return the questions that are asked only after an answer to `question`, at however many steps, in their order."""
    questions = {variable.name: variable.question.id for variable in definition.variables}
    found = {question: None}
    for each in definition.questions:
        if each.when is not None and questions[each.when.variable] in found:
            found[each.id] = None
    return tuple(found)[1:]


def without_passed_over_ticks(definition: FormDefinition, answers: Answers) -> dict[str, str]:
    """Return what was answered, in the order of the form, without ticks in questions that routing passes over.

    People tick, change their mind further up, and a round button cannot be cleared. Words written there stay: `check`
    asks about them.
    """
    names = asked(definition, answers)
    return {
        variable.name: answers[variable.name]
        for variable in definition.variables
        if answers.get(variable.name) and (variable.name in names or variable.shape not in _TICKED)
    }


def check(definition: FormDefinition, answers: Answers) -> tuple[Problem, ...]:
    """Return every problem in one person's normalised answers, in the order of the form; none means it is complete."""
    names = asked(definition, answers)
    return tuple(
        found
        for variable in definition.variables
        for found in _problems(definition, variable, answers, variable.name in names)
    )


def missing_kinds(definition: FormDefinition, answers: Answers) -> dict[str, Missing]:
    """Return for each variable without an answer whether it was left blank or not asked."""
    names = asked(definition, answers)
    return {
        variable.name: Missing.BLANK if variable.name in names else Missing.NOT_ASKED
        for variable in definition.variables
        if not answers.get(variable.name)
    }


def _is_met(when: Condition, answers: Answers) -> bool:
    return not set(when.values).isdisjoint(split_values(answers.get(when.variable, "")))


def _problems(definition: FormDefinition, variable: Variable, answers: Answers, is_asked: bool) -> Iterator[Problem]:
    value = answers.get(variable.name, "")
    if not value:
        needed = needed_answer(variable)
        if is_asked and needed:
            yield needed
        return
    if not is_asked:
        yield _not_asked(definition, variable)
        return
    stored = normalise(variable, value)
    if isinstance(stored, Problem):
        yield stored
        return
    yield from out_of_bounds(variable, stored)
    yield from _other_without_tick(variable, answers)


def _is_writing_in(variable: Variable) -> bool:
    return variable.name == f"{variable.question.id}.other" and variable.shape is Shape.TEXT


def needed_answer(variable: Variable) -> Problem | None:
    """Return what is said where a variable is asked and left blank, None where it may be."""
    if not variable.question.required or _is_writing_in(variable):
        return None
    sentence = {Shape.CHOICE: "required_one", Shape.CHOICES: "required_many"}.get(variable.shape, "required_written")
    return problem(variable.name, Code.REQUIRED, sentence)


def _not_asked(definition: FormDefinition, variable: Variable) -> Problem:
    when = variable.question.when
    if when is None:
        raise ValueError(f"{variable.name} has no condition and so is always asked")
    route = next(one for one in definition.variables if one.name == when.variable)
    labels = [choice.label for choice in route.choices if choice.value in when.values]
    answers = {
        language: said("problem", "or", language).join(f"“{say(label, language)}”" for label in labels)
        for language in LANGUAGES
    }
    return problem(variable.name, Code.NOT_ASKED, "not_asked", answers=answers, question=route.text)


def out_of_bounds(variable: Variable, stored: str) -> Iterator[Problem]:
    """Yield what is wrong with a number or date that is too small, too large, too early or too late."""
    question = variable.question
    if variable.shape is Shape.NUMBER and not _within(int(stored), question.minimum, question.maximum):
        least, most = question.minimum or 0, question.maximum or 0
        yield problem(variable.name, Code.RANGE, "numbers", least=least, most=most)
    if variable.shape is Shape.DATE:
        yield from _wrong_time(variable, date.fromisoformat(stored))


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _wrong_time(variable: Variable, day: date) -> Iterator[Problem]:
    least, most = variable.question.earliest, variable.question.latest
    if (least is None or day >= least) and (most is None or day <= most):
        return
    if least and most:
        yield problem(variable.name, Code.RANGE, "dates", least=least, most=most)
    elif least:
        yield problem(variable.name, Code.RANGE, "not_before", least=least)
    elif most:
        yield problem(variable.name, Code.RANGE, "not_after", most=most)


def _other_without_tick(variable: Variable, answers: Answers) -> Iterator[Problem]:
    if not _is_writing_in(variable):
        return
    other = next(choice for choice in variable.question.choices if choice.other)
    if other.value not in split_values(answers.get(variable.question.id, "")):
        yield problem(variable.name, Code.OTHER_WITHOUT_TICK, "other_without_tick", choice=other.label)
