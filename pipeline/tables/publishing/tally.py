"""One pass over the responses that counts, variable by variable, how many gave each answer by each channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.form.definition import Shape, Variable
from pipeline.form.rules import split_values
from pipeline.store.coded import COUNTED
from pipeline.store.responses import Response
from pipeline.tables.table import Column, Table, why_missing

COUNTED_SHAPES = frozenset({Shape.CHOICE, Shape.CHOICES, Shape.NUMBER, Shape.POSTCODE})
"""Shapes of which it is counted who gave which answer. Of the others nearly every answer is another."""

NO_ANSWER = ""
"""The row of those who were asked and gave no answer."""

_BAND = 10
"""Width of the bands in which larger figures are counted."""


@dataclass(frozen=True, slots=True)
class Tallied:
    """What one pass over the responses counts: by variable, how many gave each answer by each channel.

    `written` are comments, each with what the same person wrote elsewhere; `withheld` counts those of people who were
    not asked for leave to publish them.
    """

    channels: Counter[str] = field(default_factory=Counter)
    not_counted: Counter[str] = field(default_factory=Counter)
    asked: dict[str, Counter[str]] = field(default_factory=dict)
    given: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    written: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)


def tally(table: Table) -> Tallied:
    """Go through the responses once; those that do not count are counted by their status alone."""
    tallied = Tallied(
        asked={column.name: Counter() for column in table.columns},
        given={column.name: Counter() for column in table.columns},
    )
    for response in table.responses:
        status, channel = str(response.facts["status"]), str(response.facts["channel"])
        if status not in COUNTED:
            tallied.not_counted[status] += 1
            continue
        tallied.channels[channel] += 1
        for column in table.columns:
            _tally_answer(tallied, column, response, channel)
        _keep_written(tallied, table, response)
    return tallied


def _keep_written(tallied: Tallied, table: Table, response: Response) -> None:
    """Keep the comments of one response, or count them where nobody was asked for leave to publish them."""
    written = {
        column.name: response.answers[column.name]
        for column in table.columns
        if is_remark(column.variable) and response.answers.get(column.name)
    }
    if response.version in table.without_leave:
        tallied.withheld.update(written.keys())
    elif written:
        own = tuple(_own(table.columns, response))
        tallied.written.extend((name, words, own) for name, words in written.items())


def _tally_answer(tallied: Tallied, column: Column, response: Response, channel: str) -> None:
    if why_missing(response, column.name) == "not_asked":
        return
    tallied.asked[column.name][channel] += 1
    if column.shape in COUNTED_SHAPES:
        for answer in _answers(column.variable, response.answers.get(column.name)):
            tallied.given[column.name][answer, channel] += 1


def _own(columns: Sequence[Column], response: Response) -> Iterator[str]:
    """What a person wrote that may be a name, an address or a number of theirs."""
    for column in columns:
        if column.shape in (Shape.TEXT, Shape.POSTCODE, Shape.CODE) and not is_remark(column.variable):
            yield response.answers.get(column.name, "")


def is_remark(variable: Variable) -> bool:
    """Whether it holds opinions in words: comments, and what is written beside *other*."""
    return variable.shape is Shape.COMMENT or (variable.shape is Shape.TEXT and variable.name != variable.question.id)


def _answers(variable: Variable, value: str | None) -> tuple[str, ...]:
    """The rows of its table that an answer counts in."""
    if value is None:
        return (NO_ANSWER,)
    match variable.shape:
        case Shape.CHOICES:
            return split_values(value)
        case Shape.NUMBER:
            return (_band(int(value), variable.question.maximum),)
        case Shape.POSTCODE:
            return (value.split(" ")[0],)
        case _:
            return (value,)


def _band(n: int, most: int | None) -> str:
    """A figure by itself where there are few, else the band of ten it is in."""
    if most is not None and most <= _BAND:
        return str(n)
    least = n // _BAND * _BAND
    return f"{least}–{least + _BAND - 1}"
