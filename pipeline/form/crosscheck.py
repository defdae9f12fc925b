"""What the parts of a definition must be to one another: ids once, routes to earlier answers, bounds in order.

Every check reads the tree as written and passes over what is missing or misshapen there, which the models
in `written` report; so that one reading of a file finds everything that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline.form.explain import subject
from pipeline.form.source import Finding, Steps, line_of

RESERVED = frozenset(
    {
        "channel", "code", "copy", "edition", "form", "lang", "language", "missing", "received_at",
        "received_on", "site", "status", "submission", "submission_key", "version",
    }
)  # fmt: skip
"""Names an exported row or an online form already uses for itself."""


@dataclass(slots=True)
class _Asked:
    """What the questions so far can be answered with: None where the answer is free."""

    values: dict[str, frozenset[str] | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def cross_check(tree: CommentedMap) -> Iterator[Finding]:
    """Yield everything in `tree` that contradicts something else in it."""
    yield from _in_order(tree, (), "opens", "closes", "The form must open before it closes.")
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
    yield from _twice(tree, path, "choices", "value")
    yield from _twice(tree, path, "points", "value")
    yield from _twice(tree, path, "statements", "id")
    yield from _writing_in(tree, item, path)


def _name(tree: CommentedMap, item: CommentedMap, path: Steps, asked: _Asked) -> Iterator[Finding]:
    name = item.get("id")
    if not isinstance(name, str):
        return
    here = (*path, "id")
    if name in RESERVED:
        what = f'{subject(tree, path)} has the id "{name}", which every row of the results already uses.'
        yield Finding(here, what, f"Write another, such as id: {name}_answer.")
    if name in asked.lines:
        what = f'{subject(tree, path)} has the id "{name}", which line {asked.lines[name]} already uses.'
        yield Finding(here, what, f"Write another, such as id: {name[:22]}_2.")
    asked.lines.setdefault(name, line_of(tree, here))
    asked.values.update(_variables(item))


def _variables(item: object) -> dict[str, frozenset[str] | None]:
    """The variables a question as written is stored in, each with the values it can hold."""
    if not isinstance(item, CommentedMap) or not isinstance(item.get("id"), str):
        return {}
    name = str(item["id"])
    if item.get("kind") == "scale":
        points = _values(item, "points", "value")
        return {f"{name}.{statement}": points for statement in _values(item, "statements", "id") or ()}
    return {name: _values(item, "choices", "value")}


def _values(item: CommentedMap, parts: str, key: str) -> frozenset[str] | None:
    listed = item.get(parts)
    if not isinstance(listed, CommentedSeq):
        return None
    return frozenset(str(one[key]) for one in listed if isinstance(one, CommentedMap) and key in one)


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
        if str(value) not in possible:
            what = f'{owner} waits for the answer "{value}" to "{variable}", which is not one of its choices.'
            yield Finding(here, what, f"Write one or more of: {', '.join(sorted(possible))}.")


def _no_such_answer(here: Steps, owner: str, variable: str, asked: _Asked, later: frozenset[str]) -> Finding:
    if variable in later:
        what = f'{owner} depends on "{variable}", which is not asked before it.'
        return Finding(here, what, f"Move it below the question {variable}.")
    close = get_close_matches(variable, list(asked.values), n=1)
    meant = f"Did you mean {close[0]}?" if close else "Write the id of a question above it."
    return Finding(here, f'{owner} depends on "{variable}", which is no question of this form.', meant)


def _twice(tree: CommentedMap, path: Steps, parts: str, key: str) -> Iterator[Finding]:
    item = tree["questions"][path[1]]
    listed = item.get(parts)
    if not isinstance(listed, CommentedSeq):
        return
    first: dict[str, int] = {}
    for index, one in enumerate(listed):
        if not isinstance(one, CommentedMap) or key not in one:
            continue
        here = (*path, parts, index, key)
        value = str(one[key])
        if value in first:
            what = f'{subject(tree, here)} has the {key} "{value}", which line {first[value]} already uses.'
            yield Finding(here, what, f"Write another, such as {key}: {value}_2.")
        first.setdefault(value, line_of(tree, here))


def _writing_in(tree: CommentedMap, item: CommentedMap, path: Steps) -> Iterator[Finding]:
    """At most one choice has room to write, and points of a scale have none."""
    found = 0
    for parts in ("choices", "points"):
        listed = item.get(parts)
        for index, one in enumerate(listed if isinstance(listed, CommentedSeq) else ()):
            if not isinstance(one, CommentedMap) or one.get("other") not in (True, "yes", "true"):
                continue
            found += 1
            here = (*path, parts, index, "other")
            if parts == "points":
                yield Finding(here, f"{subject(tree, here)} has room to write, which a scale has not.", "Delete other.")
            elif found > 1:
                what = f"{subject(tree, here)} is a second choice with room to write."
                yield Finding(here, what, "Keep other: true on one choice only, the last.")


def _in_order(tree: CommentedMap, path: Steps, low: str, high: str, instead: str) -> Iterator[Finding]:
    holder = tree if not path else tree["questions"][path[1]]
    least, most = holder.get(low), holder.get(high)
    if not _comparable(least, most):
        return
    if least > most:
        yield Finding((*path, high), f"{subject(tree, path)} has {low} {least} above {high} {most}.", instead)


def _comparable(least: object, most: object) -> bool:
    return any(isinstance(least, kind) and isinstance(most, kind) for kind in (int, date))


def _keeping(tree: CommentedMap) -> Iterator[Finding]:
    scans, answers = tree.get("scans_kept_days"), tree.get("answers_kept_days")
    if isinstance(scans, int) and isinstance(answers, int) and scans > answers:
        what = f"the form keeps scans for {scans} days, longer than the {answers} days of its answers."
        yield Finding(("scans_kept_days",), what, "Scans show handwriting: keep them no longer than answers.")
