"""Process-behaviour charts of single values (XmR): which values are signal, and which are noise.

W. A. Shewhart's limits in the form of D. J. Wheeler, Understanding Variation: The Key to Managing Chaos, 2nd ed.
(2000), with his three rules of detection (Making Sense of Data, 2003). They ask for no distribution of the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import fmean

LEAST_VALUES = 6
"""Values below which limits are not worked out. Wheeler uses as few as five or six; ten make them firm."""

PER_RANGE = 2.66
"""Limits lie so many mean moving ranges from the middle: 3 standard deviations, over 1.128 for ranges of two values."""

RUN, NEAR, OF = 8, 3, 4
"""So many values in a row on one side are a signal; so are three of four nearer to one limit than to the middle."""


class Rule(StrEnum):
    """By which rule a value is a signal."""

    BEYOND = "beyond"
    RUN = "run"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where values usually lie, and their middle, in the unit of the values."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Signal:
    """What stands out: the places `first` to `last`, by which rule, and whether they are above the middle or below."""

    rule: Rule
    first: int
    last: int
    is_above: bool


def limits_of(values: Sequence[float]) -> Limits | None:
    """Return the natural process limits of values in the order of time; None of too few."""
    if len(values) < LEAST_VALUES:
        return None
    middle = fmean(values)
    reach = PER_RANGE * fmean(abs(later - earlier) for earlier, later in pairwise(values))
    return Limits(middle - reach, middle, middle + reach)


def signals(values: Sequence[float], limits: Limits) -> tuple[Signal, ...]:
    """Return all that stands out, in the order of time; a value beyond the limits belongs to no other signal."""
    found = [*_beyond(values, limits), *_runs(values, limits), *_near(values, limits)]
    return tuple(sorted(found, key=lambda signal: (signal.last, signal.first)))


def _beyond(values: Sequence[float], limits: Limits) -> Iterator[Signal]:
    for place, value in enumerate(values):
        if not limits.low <= value <= limits.high:
            yield Signal(Rule.BEYOND, place, place, value > limits.middle)


def _runs(values: Sequence[float], limits: Limits) -> Iterator[Signal]:
    """Every longest run on one side of the middle; a value on the middle ends it."""
    start = 0
    sides = [(value > limits.middle) - (value < limits.middle) for value in values]
    for place in range(1, len(sides) + 1):
        if place == len(sides) or sides[place] != sides[start]:
            if sides[start] and place - start >= RUN:
                yield Signal(Rule.RUN, start, place - 1, sides[start] > 0)
            start = place


def _near(values: Sequence[float], limits: Limits) -> Iterator[Signal]:
    """Every stretch in which three of four in a row are nearer to one limit than to the middle, and within it."""
    for is_above in (True, False):
        outer = limits.high if is_above else limits.low
        near = [
            limits.low <= value <= limits.high and abs(value - outer) < abs(value - limits.middle) for value in values
        ]
        stretch: tuple[int, int] | None = None
        for last in range(OF - 1, len(values)):
            if sum(near[last - OF + 1 : last + 1]) < NEAR:
                continue
            first = next(place for place in range(last - OF + 1, last + 1) if near[place])
            if stretch and first <= stretch[1] + 1:
                stretch = (stretch[0], last)
                continue
            if stretch:
                yield Signal(Rule.NEAR, *stretch, is_above)
            stretch = (first, last)
        if stretch:
            yield Signal(Rule.NEAR, *stretch, is_above)
