"""The variables of each form as rows, in all its versions: names, words and labels to look up and to join by in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlite_utils import Database

from pipeline.form.definition import Choice, FormDefinition, Shape, Variable, is_personal, say
from pipeline.form.parse import definition_from_json

FREE = (Shape.TEXT, Shape.COMMENT)
"""What people wrote in words of their own, to be searched."""


def versions_of(db: Database, form: str) -> Sequence[FormDefinition]:
    """Return the versions of a form that were used here, the oldest first."""
    rows = db.execute("SELECT definition FROM forms WHERE form = ? ORDER BY first_used, version", [form])
    return [definition_from_json(definition) for (definition,) in rows]


def merged_variables(versions: Sequence[FormDefinition]) -> tuple[Variable, ...]:
    """Return the variables of all versions once, in the order of the newest; those it no longer asks come last.

    So it is with the choices of each: what no newer version offers comes last, in the words it last had.
    """
    merged: dict[str, Variable] = {}
    for definition in reversed(versions):
        for variable in definition.variables:
            newer = merged.setdefault(variable.name, variable)
            merged[variable.name] = replace(newer, choices=_choices_of_both(newer, variable))
    return tuple(merged.values())


def _choices_of_both(newer: Variable, older: Variable) -> tuple[Choice, ...]:
    known = {choice.value for choice in newer.choices}
    return (*newer.choices, *(choice for choice in older.choices if choice.value not in known))


def write_variables(db: Database, form: str) -> None:
    """Write the variables of a form and the labels of their values anew; the caller holds the write transaction."""
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
