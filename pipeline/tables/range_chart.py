"""Differences as points with their whiskers around a line at nought, several to a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from pipeline.tables.intervals import Interval


@dataclass(frozen=True, slots=True)
class Mark:
    """One point and its whisker, in per cent of the space; solid or hollow, and the words at the end of its line."""

    who: str
    at: str
    low: str
    high: str
    is_solid: bool
    words: str


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One row: its label and its marks, one beneath the other."""

    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class RangeChart:
    """Rows around a line at nought in the middle of the space; `below` and `above` say what each side means."""

    told: str
    below: str
    above: str
    rows: tuple[RangeRow, ...]
    kind: str = "range"


@dataclass(frozen=True, slots=True)
class Ranged:
    """A difference to be drawn, in parts of one."""

    who: str
    value: float
    interval: Interval
    is_solid: bool


def range_chart(what: str, below: str, above: str, rows: Sequence[tuple[str, Sequence[Ranged]]]) -> RangeChart | None:
    """Return the chart of differences; None where there are none. `what` says what of."""
    found = [each for _, marks in rows for each in marks]
    if not found:
        return None
    widest = max(max(abs(each.interval.low), abs(each.interval.high)) for each in found)
    scale = max(0.1, ceil(10 * widest) / 10)
    drawn = tuple(RangeRow(label, tuple(_mark(each, scale) for each in marks)) for label, marks in rows)
    told = "; ".join(f"{row.label}: {', '.join(f'{mark.who} {mark.words}' for mark in row.marks)}" for row in drawn)
    return RangeChart(f"Chart of {what}. {told}.", below, above, drawn)


def points(share: float) -> str:
    """Return a difference in whole points with its sign: `+8`, `−3`, `0`."""
    whole = round(100 * share)
    return f"−{-whole}" if whole < 0 else f"+{whole}" if whole else "0"


def points_between(found: Interval) -> str:
    """Return an interval of differences in points: `−3 to +11`."""
    return f"{points(found.low)} to {points(found.high)}"


def _mark(each: Ranged, scale: float) -> Mark:
    low, at, high = (
        f"{50 + 50 * max(-1.0, min(1.0, value / scale)):.2f}"
        for value in (each.interval.low, each.value, each.interval.high)
    )
    return Mark(each.who, at, low, high, each.is_solid, points(each.value))
