"""The variables of each form as rows, in all its versions: names, words and labels to look up and to join by in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlite_utils import Database

from pipeline.form.definition import Choice, FormDefinition, Question, Shape, Variable, is_personal, say
from pipeline.form.rules import following
from pipeline.form.stored import definition_from_json

FREE = (Shape.TEXT, Shape.COMMENT)
"""What people wrote in words of their own, to be searched."""


def versions_of(db: Database, form: str) -> Sequence[FormDefinition]:
    """Return the versions of a form that were used here, the oldest first."""
    rows = db.execute("SELECT definition FROM forms WHERE form = ? ORDER BY first_used, version", [form])
    return [definition_from_json(definition) for (definition,) in rows]


def merged_variables(versions: Sequence[FormDefinition]) -> tuple[Variable, ...]:
    """Return the variables of all versions once, in the order of the newest; those it no longer asks come last.

    So it is with the choices of each: what no newer version offers comes last, in the words it last had. What is
    sensitive or written freely in any version is so for all answers, whichever version they were given to. What follows
    from an answer to another variable always comes after that one.
    """
    questions = _merged_questions(versions)
    merged: dict[str, Variable] = {}
    for definition in reversed(versions):
        for variable in definition.variables:
            newer = merged.get(variable.name, variable)
            merged[variable.name] = replace(
                newer,
                question=questions[newer.question.id],
                shape=_shape_of_both(newer.shape, variable.shape),
                choices=_choices_of_both(newer, variable),
            )
    return tuple(_conditions_first(merged))


def _merged_questions(versions: Sequence[FormDefinition]) -> dict[str, Question]:
    """The questions of all versions, each as the newest has it that asks it.

    One that was asked only after a certain answer to something sensitive, at however many steps, tells that answer,
    even if a newer version asks it of everybody: its condition stays.
    """
    sensitive = {question.id for version in versions for question in version.questions if question.sensitive}
    told_by = {each for version in versions for question in sensitive for each in following(version, question)}
    telling = {
        variable.name
        for version in versions
        for variable in version.variables
        if variable.question.id in sensitive | told_by
    }
    merged: dict[str, Question] = {}
    for version in reversed(versions):
        for question in version.questions:
            newer = merged.get(question.id, question)
            is_told = newer.when is not None and newer.when.variable in telling
            tells = question.when is not None and question.when.variable in telling
            when = question.when if tells and not is_told else newer.when
            merged[question.id] = replace(newer, sensitive=question.id in sensitive, when=when)
    return merged


_TICKED = (Shape.CHOICE, Shape.CHOICES)


def _shape_of_both(newer: Shape, older: Shape) -> Shape:
    """A shape that holds the answers to both: what is not alike is words, of which nobody knows what they tell."""
    if newer is older:
        return newer
    if newer in _TICKED and older in _TICKED:
        return Shape.CHOICES
    return Shape.COMMENT if Shape.COMMENT in (newer, older) else Shape.TEXT


def _choices_of_both(newer: Variable, older: Variable) -> tuple[Choice, ...]:
    known = {choice.value for choice in newer.choices}
    return (*newer.choices, *(choice for choice in older.choices if choice.value not in known))


def _conditions_first(variables: Mapping[str, Variable]) -> Iterable[Variable]:
    """Each variable after the one that it follows from, which a newer version may no longer ask."""
    begun: set[str] = set()
    placed: list[Variable] = []

    def place(variable: Variable) -> None:
        if variable.name in begun:
            return
        begun.add(variable.name)
        if variable.question.when is not None:
            place(variables[variable.question.when.variable])
        placed.append(variable)

    for variable in variables.values():
        place(variable)
    return placed


def personal_variables(db: Database, form: str) -> frozenset[str]:
    """Return the variables of a form, of whatever version, that may tell who somebody is or what is sensitive."""
    rows = db.execute("SELECT variable FROM variables WHERE form = ? AND personal", [form])
    return frozenset(name for (name,) in rows)


def write_variables(db: Database, form: str) -> None:
    """Write the variables of a form and the labels of their values anew; the caller holds the write transaction.

    What a new version makes personal is so in doubts that wait already.
    """
    versions = versions_of(db, form)
    newest, variables = versions[-1], merged_variables(versions)
    db.execute("DELETE FROM labels WHERE form = ?", [form])
    db.execute("DELETE FROM variables WHERE form = ?", [form])
    db.conn.executemany(
        f"INSERT INTO variables ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",
        [_variable_row(newest, place, variable) for place, variable in enumerate(variables)],
    )
    db.conn.executemany(
        "INSERT INTO labels (form, variable, value, lang, place, label) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (form, variable.name, choice.value, language, place, say(choice.label, language))
            for variable in variables
            for place, choice in enumerate(variable.choices)
            for language in newest.languages
        ],
    )
    db.execute(
        "UPDATE doubts SET personal = 1 WHERE NOT personal"
        " AND submission IN (SELECT id FROM submissions WHERE form = ?)"
        " AND question IN (SELECT variable FROM variables WHERE form = ? AND personal)",
        [form, form],
    )


_COLUMNS = (
    "form", "variable", "place", "question", "shape", "lang", "asked", "part", "about", "standard", "sensitive",
    "personal",
)  # fmt: skip


def _variable_row(form: FormDefinition, place: int, variable: Variable) -> tuple[object, ...]:
    """In the order of `_COLUMNS`."""
    question, language = variable.question, form.languages[0]
    return (
        form.id,
        variable.name,
        place,
        question.id,
        variable.shape,
        language,
        say(question.text, language),
        "" if variable.text == question.text else say(variable.text, language),
        question.about,
        question.standard,
        question.sensitive,
        is_personal(variable),
    )
