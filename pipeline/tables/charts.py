"""What the charts of a report show: lengths in per cent of the space they have, and the words beside every mark.

The marks are drawn as SVG by `templates/charts.html`. Lengths are relative and type is not, so that a chart is as
readable on a telephone as on paper. Paper is solid and online hatched everywhere; words at each bar say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape
from pipeline.tables.describe import EVERYONE, Count, Stack, Tally, VariableSummary
from pipeline.tables.disclose import Disclosed, named_tallies
from pipeline.tables.wording import (
    by_channel,
    head,
    mark,
    n_and_percent,
    number,
    people,
    percent,
)

STYLES = {EVERYONE: "everyone", "paper": "paper", "online": "online"}
"""How the marks of a group are drawn; all other channels look alike and are told apart by their words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `length` in per cent of the space, a whisker from `low` to `high`, and the words at its end.

    `end` is where the words start: behind the bar and its whisker. `who` names the group, beside the numbers.
    """

    style: str
    length: str
    low: str
    high: str
    end: str
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a group is called, how its marks are drawn, and how many of it answered."""

    style: str
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """The bars of one answer: everyone's, then a smaller one for each channel."""

    label: str
    everyone: Bar
    channels: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class BarChart:
    """A row an answer: how many of everyone gave it, and beside that how many of each channel."""

    told: str
    heads: tuple[Head, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One statement of a scale with a cell for each point; `heads` name its groups and how many of each answered."""

    label: str
    heads: tuple[Head, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GridChart:
    """A scale as one block: a row a statement, a column a point."""

    told: str
    points: tuple[str, ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar: where it starts and how long it is, in per cent of the space."""

    style: str
    start: str
    length: str


@dataclass(frozen=True, slots=True)
class StackRow:
    """One stacked bar: its segments, where they end, and the words there."""

    label: str
    segments: tuple[Segment, ...]
    end: str
    words: str


@dataclass(frozen=True, slots=True)
class StackChart:
    """Bars of counts, the longest filling the space; each is made up of its channels, or of answered and waiting."""

    told: str
    rows: tuple[StackRow, ...]

    @property
    def room(self) -> int:
        """How much space the words need at the end of the longest bar, in widths of a figure; letters are narrower."""
        return 2 + max(len(row.words) for row in self.rows) * 4 // 5


def bar_chart(part: VariableSummary) -> BarChart | None:
    """Return the chart of a question that is ticked; None where there is nothing to draw.

    Answers stand as asked, and most ticked first where all that apply could be: their order carries no meaning.
    """
    counts = part.everyone.counts
    if not part.everyone.answered or not counts:
        return None
    if part.variable.shape is Shape.CHOICES:
        others = {choice.value for choice in part.variable.choices if choice.other}
        counts = tuple(sorted(counts, key=lambda count: (count.value in others, -count.n)))
    tallies = part.groups
    return BarChart(
        told=f"Bar chart of {people(part.everyone.answered)}. {_told(counts)}",
        heads=tuple(map(_head, tallies)),
        cells=tuple(_cell(count.value, count.label, tallies) for count in counts),
    )


def grid_chart(parts: Sequence[VariableSummary]) -> GridChart | None:
    """Return the chart of a scale; None where nobody has answered any line."""
    drawn = [part for part in parts if part.everyone.answered and part.everyone.counts]
    if not drawn:
        return None
    points = {count.value: count.label for part in drawn for count in part.everyone.counts}
    lines = (f"{part.label}: {_told(part.everyone.counts)}" for part in drawn)
    return GridChart(
        told=f"Bar charts, a row for each line. {' '.join(lines)}",
        points=tuple(points.values()),
        rows=tuple(_grid_row(part, points, _longest(drawn)) for part in drawn),
    )


def stack_chart(what: str, stacks: Sequence[Stack]) -> StackChart | None:
    """Return the chart of how many came, channel by channel; None where there are none. `what` says what of."""
    longest, total = max((stack.n for stack in stacks), default=0), sum(stack.n for stack in stacks)
    if not longest:
        return None
    rows = tuple(
        _stack_row(
            stack.label,
            [(style(channel), n) for channel, n in stack.channels.items()],
            longest,
            by_channel(stack, total),
        )
        for stack in stacks
    )
    return StackChart(f"Bar chart of {what}. {'; '.join(f'{row.label}: {row.words}' for row in rows)}.", rows)


def answered_chart(questions: Iterable[Disclosed]) -> StackChart | None:
    """Return the chart of how many answered each question and how many answers wait; None where nobody has."""
    tallies = named_tallies(questions)
    if not any(tally.responses for _, tally in tallies):
        return None
    rows = tuple(
        _stack_row(name, _answered_segments(tally), tally.responses, _answered_said(tally)) for name, tally in tallies
    )
    told = " ".join(f"{row.label}: {row.words}." for row in rows)
    return StackChart(f"Bar chart of how many answered. {told}", rows)


def style(group: str) -> str:
    """Return how the marks of a group are drawn."""
    return STYLES.get(group, "another")


def _told(counts: Sequence[Count]) -> str:
    return "; ".join(f"{count.label}: {number(count.n)}, {percent(count.n, count.of)}" for count in counts) + "."


def _head(tally: Tally) -> Head:
    return Head(style(tally.group), f"{head(tally.group)} {number(tally.answered)}")


def _cell(value: str, label: str, tallies: Sequence[Tally], longest: float = 1.0) -> Cell:
    everyone, *channels = (
        _bar(count, tally.group, longest) for tally in tallies for count in tally.counts if count.value == value
    )
    return Cell(label, everyone, tuple(channels))


def _bar(count: Count, group: str, longest: float) -> Bar:
    found = count.interval
    if not count.of:
        return Bar(style(group), "", "", "", "0", "nobody answered", mark(group))
    return Bar(
        style=style(group),
        length=_place(count.share / longest) if count.n else "",
        low=_place(found.low / longest),
        high=_place(found.high / longest),
        end=_place(found.high / longest),
        words=n_and_percent(count),
        who=mark(group),
    )


def _longest(parts: Iterable[VariableSummary]) -> float:
    """The share that fills the narrow space of a grid's cell: the highest whisker, rounded up to a tenth."""
    highest = (
        count.interval.high for part in parts for tally in part.groups if tally.answered for count in tally.counts
    )
    return ceil(10 * max(highest)) / 10


def _grid_row(part: VariableSummary, points: Mapping[str, str], longest: float) -> GridRow:
    tallies = part.groups
    offered = {count.value for count in part.everyone.counts}
    return GridRow(
        label=part.label,
        heads=tuple(map(_head, tallies)),
        cells=tuple(_cell(value, label, tallies, longest) for value, label in points.items() if value in offered),
    )


def _stack_row(label: str, parts: Sequence[tuple[str, int]], longest: int, words: str) -> StackRow:
    segments, start = [], 0
    for name, n in parts:
        if n:
            segments.append(Segment(name, _place(start / longest), _place(n / longest)))
        start += n
    return StackRow(label, tuple(segments), _place(start / longest), words)


def _answered_segments(tally: Tally) -> list[tuple[str, int]]:
    waiting = tally.missing.get(Missing.WAITING, 0)
    return [("everyone", tally.answered), ("waiting", waiting), ("none", tally.responses - tally.answered - waiting)]


def _answered_said(tally: Tally) -> str:
    waiting = tally.missing.get(Missing.WAITING, 0)
    waits = f", {number(waiting)} {'waits' if waiting == 1 else 'wait'}" if waiting else ""
    return f"{number(tally.answered)} of {number(tally.responses)}{waits}"


def _place(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")
