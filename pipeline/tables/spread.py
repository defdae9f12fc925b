"""Numbers, dates and postcodes: where they lie, in a few figures and in ranges that can be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from pipeline.form.words import long_date, phrase
from pipeline.tables.describe import EVERYONE, Given, Stack, channel_place
from pipeline.tables.intervals import middle_range

_Place = TypeVar("_Place")

FEWEST_IN_AREA = 3
"""Areas that fewer people come from are put together."""

_MOST_BINS = 12
"""Ranges that a small chart of numbers shows at most."""

_MOST_DAYS, _MOST_WEEKS = 31, 26
"""Days shown one by one at most, then weeks, then months."""

_MOST_MONTHS = 24
"""Months of answers shown one by one at most, then years."""

_MONTHS = phrase("months", "en").split()


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the `n` numbers of one group lie: a quarter are at most `lower`, half `middle`, three quarters `upper`.

    `middle_low` and `middle_high` bound the 95 % interval of the middle.
    """

    group: str
    n: int
    lowest: float
    lower: float
    middle: float
    upper: float
    highest: float
    middle_low: float
    middle_high: float


@dataclass(frozen=True, slots=True)
class Period:
    """The `n` dates of one group: the first, the middle one (the earlier of two) and the last."""

    group: str
    n: int
    first: date
    middle: date
    last: date


def spreads(given: Sequence[Given]) -> tuple[Spread, ...]:
    """Return where numbers lie, for everyone and each channel; none if there are no numbers."""
    return tuple(_spread(group, counts) for group, counts in _groups(given).items())


def periods(given: Sequence[Given]) -> tuple[Period, ...]:
    """Return where dates lie, for everyone and each channel; none if there are no dates."""
    return tuple(_period(group, counts) for group, counts in _groups(given).items())


def number_stacks(given: Sequence[Given]) -> tuple[Stack, ...]:
    """Return how many numbers lie in each of at most twelve equal ranges from the lowest to the highest."""
    if not given:
        return ()
    numbers = [int(each.value) for each in given]
    width = _bin_width(max(numbers) - min(numbers) + 1)
    starts = range(min(numbers) // width * width, max(numbers) + 1, width)
    return _stacked(given, lambda value: int(value) // width * width, {start: _range(start, width) for start in starts})


def date_stacks(given: Sequence[Given]) -> tuple[Stack, ...]:
    """Return how many dates lie in each month, or in each year or range of years where there are too many months."""
    if not given:
        return ()
    days = [date.fromisoformat(each.value) for each in given]
    months = list(_months(min(days), max(days)))
    if len(months) > _MOST_MONTHS:
        return _year_stacks(given, months[0].year, months[-1].year)
    return _stacked(given, lambda value: date.fromisoformat(value).replace(day=1), {m: month_name(m) for m in months})


def _year_stacks(given: Sequence[Given], first: int, last: int) -> tuple[Stack, ...]:
    width = _bin_width(last - first + 1)
    starts = range(first // width * width, last + 1, width)
    labels = {start: f"{start}" if width == 1 else f"{start}–{start + width - 1}" for start in starts}
    return _stacked(given, lambda value: date.fromisoformat(value).year // width * width, labels)


def area_stacks(given: Sequence[Given]) -> tuple[Stack, ...]:
    """Return how many come from each postcode district (`CF10`), the most first; small ones are put together, last."""
    sizes: Counter[str] = Counter()
    for each in given:
        sizes[each.value] += each.n
    large = sorted((name for name, n in sizes.items() if n >= FEWEST_IN_AREA), key=lambda name: (-sizes[name], name))
    small = len(sizes) - len(large)
    labels = {name: name for name in large}
    if small:
        labels[""] = f"{small} {'area' if small == 1 else 'areas'} with fewer than {FEWEST_IN_AREA} people each"
    return _stacked(given, lambda value: value if value in labels else "", labels)


def value_stacks(given: Sequence[Given]) -> tuple[Stack, ...]:
    """Return how often each written answer was given, in alphabetical order."""
    return _stacked(given, str, {value: value for value in sorted({each.value for each in given})})


def largest_area(given: Sequence[Given]) -> Stack | None:
    """Return the postcode district most come from, None where every one of them is small."""
    stacks = area_stacks(given)
    return stacks[0] if stacks and stacks[0].n >= FEWEST_IN_AREA and " " not in stacks[0].label else None


def areas(given: Iterable[Given]) -> int:
    """Return how many postcode districts the postcodes are in."""
    return len({each.value for each in given})


def time_stacks(days: Sequence[Stack]) -> tuple[Stack, ...]:
    """Return arrivals by day, week or month, whichever can be looked at; those between in which none came as well."""
    if not days:
        return ()
    first, last = date.fromisoformat(days[0].label), date.fromisoformat(days[-1].label)
    length = (last - first).days + 1
    if length <= _MOST_DAYS:
        return _days_stacked(days, lambda day: day, {day: long_date(day, "en") for day in _every(first, last, 1)})
    monday = _monday(first)
    if (last - monday).days < 7 * _MOST_WEEKS:
        weeks = {day: f"Week of {long_date(day, 'en')}" for day in _every(monday, last, 7)}
        return _days_stacked(days, _monday, weeks)
    months = {month: month_name(month) for month in _months(first, last)}
    return _days_stacked(days, lambda day: day.replace(day=1), months)


def month_name(day: date) -> str:
    """Return the month of a day in words: `March 2026`."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _groups(given: Sequence[Given]) -> dict[str, Counter[str]]:
    """How many gave each value, of everyone and of each channel."""
    groups: dict[str, Counter[str]] = {EVERYONE: Counter()} if given else {}
    for each in sorted(given, key=lambda each: channel_place(each.channel)):
        groups[EVERYONE][each.value] += each.n
        groups.setdefault(each.channel, Counter())[each.value] += each.n
    return groups


def _spread(group: str, counts: Mapping[str, int]) -> Spread:
    numbers = np.sort(np.repeat(np.array([float(value) for value in counts]), list(counts.values())))
    lower, middle, upper = np.percentile(numbers, (25, 50, 75)).tolist()
    low, high = (float(numbers[place]) for place in middle_range(len(numbers)))
    return Spread(group, len(numbers), float(numbers[0]), lower, middle, upper, float(numbers[-1]), low, high)


def _period(group: str, counts: Mapping[str, int]) -> Period:
    days = np.sort(
        np.repeat(np.array([date.fromisoformat(value).toordinal() for value in counts]), list(counts.values()))
    )
    first, middle, last = (date.fromordinal(int(days[place])) for place in (0, (len(days) - 1) // 2, -1))
    return Period(group, len(days), first, middle, last)


def _bin_width(length: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … that parts so many whole numbers into few enough ranges."""
    widths = (int(step * 10**power) for power in range(13) for step in (1, 2, 5))
    return next(width for width in widths if -(-length // width) < _MOST_BINS)


def _range(start: int, width: int) -> str:
    return f"{start}" if width == 1 else f"{start:,}–{start + width - 1:,}"


def _months(first: date, last: date) -> Iterable[date]:
    return (
        date(month // 12, month % 12 + 1, 1)
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    )


def _every(first: date, last: date, step: int) -> Iterable[date]:
    return (first + timedelta(days=count) for count in range(0, (last - first).days + 1, step))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _stacked(given: Iterable[Given], place: Callable[[str], _Place], labels: Mapping[_Place, str]) -> tuple[Stack, ...]:
    return _gathered(((place(each.value), each.channel, each.n) for each in given), labels)


def _days_stacked(
    days: Iterable[Stack], place: Callable[[date], date], labels: Mapping[date, str]
) -> tuple[Stack, ...]:
    arrived = (
        (place(date.fromisoformat(day.label)), channel, n) for day in days for channel, n in day.channels.items()
    )
    return _gathered(arrived, labels)


def _gathered(found: Iterable[tuple[_Place, str, int]], labels: Mapping[_Place, str]) -> tuple[Stack, ...]:
    """Add up what is found at each place, and name the places in the order of `labels`."""
    sizes: dict[_Place, Counter[str]] = {place: Counter() for place in labels}
    for place, channel, n in found:
        sizes[place][channel] += n
    return tuple(
        Stack(label, {channel: sizes[place][channel] for channel in sorted(sizes[place], key=channel_place)})
        for place, label in labels.items()
    )
