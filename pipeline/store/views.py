"""One row a response: the views `responses_<form>` and `responses_<form>_labelled`, generated from the definitions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.form.definition import Choice, FormDefinition, Shape, Variable, say
from pipeline.store.variables import merged_variables, versions_of

FACTS = ("submission", "copy", "channel", "edition", "lang", "site", "received_at", "status")
"""What is told of every response before its answers."""

REMARKS = "remarks"
"""What was written beside the boxes: told of every response after its answers."""


def refresh_views(db: Database, form: str) -> None:
    """Make the views of a form anew, so that they hold the variables of all its versions."""
    versions = versions_of(db, form)
    for name, select in views(versions[-1], merged_variables(versions)).items():
        db.execute(f'DROP VIEW IF EXISTS "{name}"')
        db.execute(f'CREATE VIEW "{name}" AS {select}')


def views(
    form: FormDefinition,
    variables: Collection[Variable],
    before: Sequence[str] = FACTS,
    after: Sequence[str] = (REMARKS,),
) -> dict[str, str]:
    """Return the SELECT of each view of a form, by the view's name.

    `before` and `after` are the columns of `submissions` on either side of the answers.
    """
    name = view_name(form.id)
    language = form.languages[0]
    return {
        name: _select(form.id, variables, before, after, _plain),
        f"{name}_labelled": _select(form.id, variables, before, after, lambda each: _labelled(each, language)),
    }


def view_name(form: str) -> str:
    """Return the name of the view that holds the values of a form's responses."""
    return f"responses_{form.replace('-', '_')}"


def _select(
    form: str,
    variables: Iterable[Variable],
    before: Sequence[str],
    after: Sequence[str],
    column: Callable[[Variable], str],
) -> str:
    listed = tuple(variables)
    columns = [f"s.{fact}" for fact in before]
    columns += [f"{column(variable)} AS {_quoted(variable.name)}" for variable in listed]
    columns += [f"s.{fact}" for fact in after]
    columns.append(f"RTRIM({' || '.join(map(_missing, listed)) or _literal('')}, ';') AS missing")
    # Without the plus, SQLite looks the form up in an index and then sorts all its responses before it has the first.
    return (
        f"SELECT {', '.join(columns)} FROM submissions s LEFT JOIN answers a ON a.submission = s.id"
        f" WHERE +s.form = {_literal(form)} GROUP BY s.id"
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
    """Why there is no answer; one that the version answered did not have was not asked."""
    question, not_asked = _literal(variable.name), f"{variable.name}={Missing.NOT_ASKED};"
    said = f"{_literal(variable.name + '=')} || a.missing || ';'"
    told = f"MAX(CASE WHEN a.question = {question} THEN COALESCE({said}, '') END)"
    return f"COALESCE({told}, {_literal(not_asked)})"


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
