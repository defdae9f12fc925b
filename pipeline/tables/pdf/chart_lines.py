"""Every chart as lines of marks: words at the left, what is drawn in per cent of the space, and words after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.tables.charts import Bar, BarChart, Cell, GridChart
from pipeline.tables.process_chart import ProcessChart, ProcessRow
from pipeline.tables.range_chart import RangeChart
from pipeline.tables.sections.piece import Chart
from pipeline.tables.stack_charts import StackChart


@dataclass(frozen=True, slots=True)
class Box:
    """A bar: where it starts and how long it is, in per cent of the space, and in which style."""

    style: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """A thin line from `low` to `high`, with its ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: solid, hollow, or a signal."""

    at: float
    look: str


@dataclass(frozen=True, slots=True)
class Upright:
    """A line from top to bottom."""

    at: float


Mark = Box | Whisker | Dot | Upright


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of a chart; `height` in points. `is_heading` for words alone, across the whole width."""

    label: str
    marks: tuple[Mark, ...]
    words: str
    height: float = 13.0
    is_heading: bool = False


def lines_of(chart: Chart) -> Iterator[ChartLine]:
    """Yield the lines of any chart, from top to bottom."""
    match chart:
        case BarChart():
            yield from _cells(chart.cells)
        case GridChart():
            yield from _grid(chart)
        case StackChart():
            yield from _stacks(chart)
        case RangeChart():
            yield from _ranges(chart)
        case ProcessChart():
            yield from (line for row in chart.rows for line in _point(row))


def _cells(cells: Iterable[Cell]) -> Iterator[ChartLine]:
    for cell in cells:
        yield from _bars(cell.label, (cell.everyone, *cell.channels))


def _grid(chart: GridChart) -> Iterator[ChartLine]:
    for row in chart.rows:
        yield ChartLine(row.label, (), "", is_heading=True)
        yield from _cells(row.cells)


def _stacks(chart: StackChart) -> Iterator[ChartLine]:
    for row in chart.rows:
        boxes = (Box(each.style, float(each.start), float(each.length)) for each in row.segments)
        yield ChartLine(row.label, tuple(boxes), row.words)


def _bars(label: str, bars: tuple[Bar, ...]) -> Iterator[ChartLine]:
    for place, bar in enumerate(bars):
        marks: list[Mark] = [Box(bar.style, 0.0, float(bar.length))] if bar.length else []
        if bar.high:
            marks.append(Whisker(float(bar.low), float(bar.high)))
        said = f"{bar.who} {bar.words}" if place or len(bars) > 1 else bar.words
        yield ChartLine("" if place else label, tuple(marks), said, 10.0 if place else 13.0)


def _ranges(chart: RangeChart) -> Iterator[ChartLine]:
    yield ChartLine(f"Left: {chart.below}. Right: {chart.above}.", (), "", is_heading=True)
    for row in chart.rows:
        for place, mark in enumerate(row.marks):
            dot = Dot(float(mark.at), "solid" if mark.is_solid else "hollow")
            marks = (Upright(50.0), Whisker(float(mark.low), float(mark.high)), dot)
            yield ChartLine("" if place else row.label, marks, f"{mark.who} {mark.words}")


def _point(row: ProcessRow) -> Iterator[ChartLine]:
    if row.break_:
        yield ChartLine(row.break_, (), "", is_heading=True)
    marks: list[Mark] = []
    if row.high:
        marks += [Box("usual", float(row.low), float(row.high) - float(row.low)), Upright(float(row.middle))]
    if row.at:
        marks.append(Dot(float(row.at), "signal" if row.is_signal else "solid"))
    yield ChartLine(row.label, tuple(marks), row.words, 12.0)
