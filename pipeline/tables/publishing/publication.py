"""A form's dataset as it may be published: counts and comments, and a log of what was removed and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from pipeline.form.definition import FormDefinition, Variable, say
from pipeline.tables.disclose import FEWEST
from pipeline.tables.publishing.counting import (
    FOLLOWS,
    NO_LEAVE,
    NOT_COUNTED,
    ONE_PERSON,
    SENSITIVE,
    TOO_FEW,
    Counted,
    CountRow,
    Removed,
    groups_of,
)
from pipeline.tables.publishing.scrub import scrub
from pipeline.tables.publishing.tally import Tallied, is_remark, tally
from pipeline.tables.table import Table


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote, without personal details."""

    variable: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What may be published of a form, and the log of what was removed; `responses` is how many count."""

    form: FormDefinition
    responses: int
    counts: tuple[CountRow, ...]
    comments: tuple[Comment, ...]
    removed: tuple[Removed, ...]


def publication_of(table: Table, names: Collection[str] = ()) -> Publication:
    """Return what may be published of a dataset; `names` of staff and others are taken out of comments."""
    tallied = tally(table)
    responses = tallied.channels.total()
    removed = [Removed("", "", status, n, NOT_COUNTED) for status, n in sorted(tallied.not_counted.items())]
    if responses < FEWEST:
        return Publication(table.form, 0, (), (), (*removed, Removed("", "", "everything", 1, TOO_FEW)))
    counted = Counted(table, tallied, groups_of(tallied.channels))
    rows = tuple(chain.from_iterable(counted.rows(column) for column in table.columns))
    comments, scrubbed = _comments(table, tallied, counted, names)
    return Publication(table.form, responses, rows, comments, (*removed, *counted.removed, *scrubbed))


def _comments(
    table: Table, tallied: Tallied, counted: Counted, names: Collection[str]
) -> tuple[tuple[Comment, ...], list[Removed]]:
    """The comments that may be published, in an order that tells nothing, and the log of what was taken out of them."""
    removed, closed = [], set()
    for column in table.columns:
        if is_remark(column.variable) and (why := _why_not(column.variable, table.form, counted)):
            closed.add(column.name)
            removed.append(Removed("comments.csv", column.name, "everything", 1, why))
        elif column.name in tallied.withheld:
            removed.append(Removed("comments.csv", column.name, "comments", tallied.withheld[column.name], NO_LEAVE))
    questions = {column.name: say(column.wording, table.language) for column in table.columns}
    found = sorted(
        ((name, scrub(text, names, own)) for name, text, own in tallied.written if name not in closed),
        key=lambda each: (list(questions).index(each[0]), each[1].text.casefold(), each[1].text, each[1].removed),
    )
    comments = tuple(Comment(name, questions[name], cleaned.text) for name, cleaned in found)
    for number, (name, cleaned) in enumerate(found, start=2):
        for kind, times in sorted(Counter(cleaned.removed).items()):
            removed.append(Removed(f"comments.csv, row {number}", name, kind, times, ONE_PERSON))
    return comments, removed


def _why_not(variable: Variable, form: FormDefinition, counted: Counted) -> str | None:
    if not form.publish:
        return NO_LEAVE
    if variable.question.sensitive:
        return SENSITIVE
    is_beside_hidden = variable.question.id in counted.incomplete
    return FOLLOWS if is_beside_hidden or counted.follows_hidden(variable) else None
