"""The top of the report: how many answered, and by which way, at which place and when they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.tables import wording
from pipeline.tables.charts import style
from pipeline.tables.describe import Stack, Summary
from pipeline.tables.numbers import stack_table
from pipeline.tables.sections.piece import Piece
from pipeline.tables.spread import time_stacks
from pipeline.tables.stack_charts import stack_chart


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the large numbers at the top, and how its mark is drawn ("" for no mark)."""

    n: str
    words: str
    style: str


def lead(summary: Summary) -> str:
    """The main thing in a sentence or two."""
    if not summary.responses:
        return "Nobody has answered yet."
    came = ", ".join(f"{wording.number(n)} {wording.came(channel)}" for channel, n in summary.channels.items())
    who = f"{wording.people(summary.responses)} answered: {came}."
    waits = "waits" if summary.waiting == 1 else "wait"
    return f"{who} {wording.answers(summary.waiting) if summary.waiting else 'No answers'} {waits} for a person."


def not_counted(summary: Summary) -> Iterator[str]:
    """Yield how many responses are not counted, and why."""
    for status, (of_one, of_several) in wording.NOT_COUNTED.items():
        if n := summary.not_counted.get(status):
            yield f"{wording.number(n)} {of_one if n == 1 else of_several}."


def figures(summary: Summary) -> Iterator[Figure]:
    """Yield the large numbers: all, by channel, and what waits."""
    yield Figure(wording.number(summary.responses), f"{_noun(summary.responses, 'person', 'people')} answered", "")
    for channel, n in summary.channels.items():
        yield Figure(wording.number(n), wording.came(channel), style(channel))
    waits = _noun(summary.waiting, "answer waits", "answers wait")
    yield Figure(wording.number(summary.waiting), f"{waits} for a person", "waiting")


def _noun(n: int, of_one: str, of_several: str) -> str:
    return of_one if n == 1 else of_several


def arrived(summary: Summary) -> Iterator[Piece]:
    """Yield who answered by channel, place and day; nothing where nobody did."""
    if not summary.responses:
        return
    channels = [Stack(wording.head(channel), {channel: n}) for channel, n in summary.channels.items()]
    ways = [(wording.came(channel), n) for channel, n in summary.channels.items()]
    yield _arrival("By channel", channels, "Channel", _most_came(ways))
    places = [(f"in at {wording.quoted(stack.label)}", stack.n) for stack in summary.sites]
    yield _arrival("By place", summary.sites, "Place", _most_came(places))
    days = [(f"in on {wording.day(stack.label)}", stack.n) for stack in summary.days]
    yield _arrival("By day", time_stacks(summary.days), "Time", _most_came(days))


def _arrival(title: str, stacks: Sequence[Stack], of: str, sentence: str) -> Piece:
    chart = stack_chart(f"who answered, {title.lower()}", stacks)
    return Piece(title, (sentence,), chart, (stack_table(f"Who answered, {title.lower()}", of, stacks),))


def _most_came(ways: Sequence[tuple[str, int]]) -> str:
    """Say which way the most came, or that no way stands out."""
    most, total = max(n for _, n in ways), sum(n for _, n in ways)
    leading = [how for how, n in ways if n == most]
    share = f"{wording.number(most)} of {wording.number(total)} ({wording.percent(most, total)})"
    if len(ways) == 1:
        return f"All came {leading[0]}."
    if len(leading) > 2:
        return f"None of these stands out: {share} is the most that came in one."
    return f"The most, {share}{' each' if len(leading) > 1 else ''}, came {wording.joined(leading)}."
