"""One row a response: the views `responses_<form>` and `responses_<form>_labelled`, generated from the definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlite_utils import Database

from pipeline.form.definition import Choice, FormDefinition, Shape, Variable, say
from pipeline.store.catalogue import versions_of

FACTS = ("submission", "copy", "channel", "edition", "lang", "site", "received_at", "status")
"""What is told of every response before its answers."""


def refresh_views(db: Database, form: str) -> None:
    """Make the views of a form anew, so that they hold the variables of all its versions."""
    versions = versions_of(db, form)
    for name, select in views(versions).items():
        db.execute(f'DROP VIEW IF EXISTS "{name}"')
        db.execute(f'CREATE VIEW "{name}" AS {select}')


def views(versions: Sequence[FormDefinition]) -> dict[str, str]:
    """Return the SELECT of each view of a form, by the view's name; `versions` oldest first, at least one."""
    newest = versions[-1]
    name = f"responses_{newest.id.replace('-', '_')}"
    variables = merged_variables(versions)
    return {
        name: _select(newest.id, variables, _plain),
        f"{name}_labelled": _select(newest.id, variables, lambda variable: _labelled(variable, newest.languages[0])),
    }


def merged_variables(versions: Sequence[FormDefinition]) -> tuple[Variable, ...]:
    """Return the variables of all versions once, in the order of the newest; those it no longer asks come last."""
    merged: dict[str, Variable] = {}
    for definition in reversed(versions):
        for variable in definition.variables:
            merged.setdefault(variable.name, variable)
    return tuple(merged.values())


def _select(form: str, variables: Iterable[Variable], column: Callable[[Variable], str]) -> str:
    listed = tuple(variables)
    columns = [f"s.{fact}" for fact in FACTS]
    columns += [f"{column(variable)} AS {_quoted(variable.name)}" for variable in listed]
    columns.append("s.remarks")
    columns.append(f"RTRIM({' || '.join(map(_missing, listed))}, ';') AS missing")
    return (
        f"SELECT {', '.join(columns)} FROM submissions s JOIN answers a ON a.submission = s.id"
        f" WHERE s.form = {_literal(form)} GROUP BY s.id"
    )


def _plain(variable: Variable) -> str:
    return f"MAX(CASE WHEN a.question = {_literal(variable.name)} THEN a.value END)"


def _labelled(variable: Variable, language: str) -> str:
    """The value in words; for *tick all that apply* the words of every ticked choice, in the order of the form."""
    if not variable.choices:
        return _plain(variable)
    question = _literal(variable.name)
    if variable.shape is Shape.CHOICES:
        return (
            f"(SELECT GROUP_CONCAT(label, '; ') FROM (SELECT {_label('o.value', variable.choices, language)} AS label"
            f" FROM answer_options o WHERE o.submission = s.id AND o.question = {question}"
            f" ORDER BY {_position('o.value', variable.choices)}))"
        )
    return f"MAX(CASE WHEN a.question = {question} THEN {_label('a.value', variable.choices, language)} END)"


def _missing(variable: Variable) -> str:
    question = _literal(variable.name)
    said = f"{_literal(variable.name + '=')} || a.missing || ';'"
    return f"COALESCE(MAX(CASE WHEN a.question = {question} THEN {said} END), '')"


def _label(column: str, choices: Sequence[Choice], language: str) -> str:
    cases = " ".join(f"WHEN {_literal(item.value)} THEN {_literal(say(item.label, language))}" for item in choices)
    return f"CASE {column} {cases} ELSE {column} END"


def _position(column: str, choices: Sequence[Choice]) -> str:
    cases = " ".join(f"WHEN {_literal(item.value)} THEN {place}" for place, item in enumerate(choices))
    return f"CASE {column} {cases} ELSE {len(choices)} END"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
