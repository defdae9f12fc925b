"""What the charts of a report show: lengths in per cent of the space they have, and the words beside every mark.

The marks are drawn as SVG by `templates/charts.html`. Lengths are relative and type is not, so that a chart is as
readable on a telephone as on paper. Paper is solid and online hatched everywhere; words at each bar say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from pipeline.form.definition import Shape
from pipeline.tables.describe import EVERYONE, Count, Tally, VariableSummary
from pipeline.tables.intervals import Interval
from pipeline.tables.wording import (
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
    """A row an answer: how many of everyone gave it, and beside that, or paired on one scale, how many of others."""

    told: str
    heads: tuple[Head, ...]
    cells: tuple[Cell, ...]
    is_paired: bool = False
    kind: str = "bar"


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
    kind: str = "grid"


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


def style(group: str) -> str:
    """Return how the marks of a group are drawn."""
    return STYLES.get(group, "another")


def _told(counts: Sequence[Count]) -> str:
    return "; ".join(f"{count.label}: {number(count.n)}, {percent(count.n, count.of)}" for count in counts) + "."


def _head(tally: Tally) -> Head:
    return Head(style(tally.group), f"{head(tally.group)} {number(tally.answered)}")


def _cell(value: str, label: str, tallies: Sequence[Tally], longest: float = 1.0) -> Cell:
    everyone, *channels = (
        share_bar(count, tally.group, longest) for tally in tallies for count in tally.counts if count.value == value
    )
    return Cell(label, everyone, tuple(channels))


def share_bar(count: Count, group: str, longest: float) -> Bar:
    """Return the bar of a share with its whisker; the share `longest` fills the space."""
    if not count.of:
        return Bar(style(group), "", "", "", "0", "nobody answered", mark(group))
    return drawn_bar(group, count.share, count.interval, longest, n_and_percent(count))


def drawn_bar(group: str, share: float, interval: Interval, longest: float, words: str) -> Bar:
    """Return the bar of any share and its interval; the share `longest` fills the space."""
    return Bar(
        style=style(group),
        length=place_of(share / longest) if share else "",
        low=place_of(interval.low / longest),
        high=place_of(interval.high / longest),
        end=place_of(interval.high / longest),
        words=words,
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


def place_of(share: float) -> str:
    """Return a part of one as a length in per cent of the space."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")
