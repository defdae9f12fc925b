"""What the parts of a definition must be to one another: ids once, routes to earlier answers, bounds in order.

Every check reads the tree as written and passes over what is missing or misshapen there, which the models
in `written` report; so that one reading of a file finds everything that is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline.form.authoring.entries import read_day
from pipeline.form.authoring.explain import subject
from pipeline.form.authoring.source import Finding, Steps, line_of
from pipeline.form.authoring.written import WrittenForm
from pipeline.form.definition import Kind

RESERVED = frozenset(
    {
        "channel", "code", "copy", "edition", "form", "form_token", "lang", "language", "missing", "received_at",
        "received_on", "remarks", "site", "status", "submission", "submission_key", "version",
    }
)  # fmt: skip
"""Names an exported row or an online form already uses for itself."""

NO_COLUMNS = frozenset({"false", "true"})
"""Names that SQLite gives no column of a view, however they are quoted."""

OF_THE_PAGE = frozenset({"answers", "dataset", "elements", "keep", "main", "reset", "saved", "submit"})
"""Names by which an online form knows its own parts. A field called so takes the place of what a form in a browser has
by that name: `form.dataset`, `form.submit`."""

_NOT_TO_BE_USED = {
    RESERVED: "which every row of the results already uses",
    NO_COLUMNS: "which no column of the results can have",
    OF_THE_PAGE: "which the online form uses for a part of its own",
}


@dataclass(slots=True)
class _Asked:
    """The variables so far: the values each can hold (None where the answer is in the resident's own words),
    the line each id is on, and the variable behind each column name.
    """

    values: dict[str, frozenset[str] | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


def cross_check(tree: CommentedMap) -> Iterator[Finding]:
    """Yield everything in `tree` that contradicts something else in it."""
    yield from _in_order(tree, (), "opens", "closes", "The form must open before it closes.")
    yield from _in_order(tree, (), "closes", "destroy_by", "The paper must be kept until the form has closed.")
    yield from _keeping(tree)
    questions = tree.get("questions")
    if not isinstance(questions, CommentedSeq):
        return
    later = frozenset(name for item in questions for name in _variables(item))
    asked = _Asked()
    for index, item in enumerate(questions):
        path: Steps = ("questions", index)
        if isinstance(item, CommentedMap):
            yield from _question(tree, item, path)
            yield from _route(tree, item, path, asked, later)
            yield from _name(tree, item, path, asked)


def _question(tree: CommentedMap, item: CommentedMap, path: Steps) -> Iterator[Finding]:
    yield from _in_order(tree, path, "minimum", "maximum", "Write the smaller number as minimum.")
    yield from _in_order(tree, path, "earliest", "latest", "Write the earlier date as earliest.")
    for parts, key in (("choices", "value"), ("points", "value"), ("statements", "id")):
        yield from _twice(tree, item, path, parts, key)
    yield from _writing_in(tree, item, path)


def _name(tree: CommentedMap, item: CommentedMap, path: Steps, asked: _Asked) -> Iterator[Finding]:
    name = item.get("id")
    if not isinstance(name, str):
        return
    here = (*path, "id")
    for why in (why for names, why in _NOT_TO_BE_USED.items() if name in names):
        what = f'{subject(tree, path)} has the id "{name}", {why}.'
        yield Finding(here, what, f"Write another, such as id: {name}_answer.")
    if name in asked.lines:
        what = f'{subject(tree, path)} has the id "{name}", which line {asked.lines[name]} already uses.'
        yield Finding(here, what, f"Write another, such as id: {name[:22]}_2.")
    asked.lines.setdefault(name, line_of(tree, here))
    for variable, values in _variables(item).items():
        same = asked.columns.setdefault(_column(variable), variable)
        if same != variable:
            what = f'{subject(tree, path)} is stored as "{variable}", too like "{same}" where no dots are allowed.'
            yield Finding(here, what, f"Write another, such as id: {name[:22]}_2.")
        asked.values[variable] = values


def _column(variable: str) -> str:
    """What a variable is called by programs whose columns allow no dots."""
    return variable.replace(".", "_")


def _variables(item: object) -> dict[str, frozenset[str] | None]:
    """The variables a question as written is stored in, each with the values it can hold."""
    if not isinstance(item, CommentedMap) or not isinstance(item.get("id"), str):
        return {}
    name = str(item["id"])
    if item.get("kind") == "scale":
        points = _values(item, "points", "value")
        return {f"{name}.{statement}": points for statement in sorted(_values(item, "statements", "id"))}
    variables = {name: None if item.get("kind") in _FREE else _values(item, "choices", "value")}
    if any(_is_other(one) for _, one in _listed(item, "choices")):
        variables[f"{name}.other"] = None
    return variables


_FREE = frozenset({Kind.NUMBER, Kind.DATE, Kind.POSTCODE, Kind.CODE, Kind.TEXT, Kind.COMMENT})


def _values(item: CommentedMap, parts: str, key: str) -> frozenset[str]:
    """The values or ids listed; none where the list is missing, which is reported elsewhere."""
    return frozenset(str(one[key]) for _, one in _listed(item, parts) if key in one)


def _listed(item: CommentedMap, parts: str) -> list[tuple[int, CommentedMap]]:
    """The choices, points or statements of a question that are made of keys and values, each with its place."""
    listed = item.get(parts)
    if not isinstance(listed, CommentedSeq):
        return []
    return [(index, one) for index, one in enumerate(listed) if isinstance(one, CommentedMap)]


def _is_other(one: CommentedMap) -> bool:
    return str(one.get("other")).lower() in {"true", "yes", "on", "y", "t", "1"}


def _route(
    tree: CommentedMap, item: CommentedMap, path: Steps, asked: _Asked, later: frozenset[str]
) -> Iterator[Finding]:
    when = item.get("when")
    if not isinstance(when, CommentedMap) or len(when) != 1:
        return
    variable, written = next(iter(when.items()))
    here = (*path, "when")
    owner = subject(tree, path)
    if variable not in asked.values:
        yield _no_such_answer(here, owner, str(variable), asked, later)
        return
    possible = asked.values[variable]
    if possible is None:
        what = f'{owner} depends on "{variable}", which is answered in the resident\'s own words.'
        yield Finding(here, what, "A route can only follow the answer to a question with choices.")
        return
    for value in written if isinstance(written, list) else [written]:
        if possible and str(value) not in possible:
            what = f'{owner} waits for the answer "{value}" to "{variable}", which is not one of its choices.'
            yield Finding(here, what, f"Write one or more of: {', '.join(sorted(possible))}.")


def _no_such_answer(here: Steps, owner: str, variable: str, asked: _Asked, later: frozenset[str]) -> Finding:
    if variable in later:
        what = f'{owner} depends on "{variable}", which is not asked before it.'
        return Finding(here, what, f"Move it below the question {variable}.")
    close = get_close_matches(variable, list(asked.values), n=1)
    meant = f"Did you mean {close[0]}?" if close else "Write the id of a question above it."
    return Finding(here, f'{owner} depends on "{variable}", which is no question of this form.', meant)


def _twice(tree: CommentedMap, item: CommentedMap, path: Steps, parts: str, key: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, one in _listed(item, parts):
        if key not in one:
            continue
        here = (*path, parts, index, key)
        value = str(one[key])
        if value in first:
            what = f'{subject(tree, here)} has the {key} "{value}", which line {first[value]} already uses.'
            yield Finding(here, what, f"Write another, such as {key}: {value}_2.")
        first.setdefault(value, line_of(tree, here))


def _writing_in(tree: CommentedMap, item: CommentedMap, path: Steps) -> Iterator[Finding]:
    """At most one choice has room to write, and points of a scale have none."""
    for index, point in _listed(item, "points"):
        if _is_other(point):
            here = (*path, "points", index, "other")
            yield Finding(here, f"{subject(tree, here)} has room to write, which a scale has not.", "Delete other.")
    others = [index for index, choice in _listed(item, "choices") if _is_other(choice)]
    for index in others[1:]:
        here = (*path, "choices", index, "other")
        what = f"{subject(tree, here)} is a second choice with room to write."
        yield Finding(here, what, "Keep other: true on one choice only, the last.")


def _in_order(tree: CommentedMap, path: Steps, low: str, high: str, instead: str) -> Iterator[Finding]:
    holder = tree if not path else tree["questions"][path[1]]
    least, most = holder.get(low), holder.get(high)
    if _is_above(least, most):
        yield Finding((*path, high), f"{subject(tree, path)} has {low} {least} above {high} {most}.", instead)


def _is_above(least: object, most: object) -> bool:
    days = read_day(least), read_day(most)
    if days[0] and days[1]:
        return days[0] > days[1]
    numbers = [int(str(one)) for one in (least, most) if re.fullmatch(r"\d{1,9}", str(one))]
    return len(numbers) == 2 and numbers[0] > numbers[1]


def _keeping(tree: CommentedMap) -> Iterator[Finding]:
    scans, answers = (
        tree.get(key, WrittenForm.model_fields[key].default) for key in ("scans_kept_days", "answers_kept_days")
    )
    if _is_above(scans, answers):
        what = f"the form keeps scans for {scans} days, longer than the {answers} days of its answers."
        yield Finding(("scans_kept_days",), what, "Scans show handwriting: keep them no longer than answers.")
