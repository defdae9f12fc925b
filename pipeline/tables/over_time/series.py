"""How a question was answered week by week or month by month, a series for each wording it had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.form.definition import FormDefinition, Kind, Variable, say
from pipeline.form.rules import split_values
from pipeline.form.words import long_date
from pipeline.store.coded import CodedDataset
from pipeline.tables.describe import Count, VariableSummary
from pipeline.tables.disclose import Disclosed
from pipeline.tables.spread import month_name

LONGEST_IN_WEEKS = 26
"""Weeks that are told one by one at most, then months."""

FEWEST_IN_PERIOD = 10
"""Answers below which a week or month is not shown: one person more or less would move it by ten points."""


@dataclass(frozen=True, slots=True)
class Point:
    """One week or month, from its first day: how many gave the answer, of how many."""

    label: str
    n: int
    of: int

    @property
    def share(self) -> float | None:
        """The part that gave the answer; None where too few answered."""
        return self.n / self.of if self.of >= FEWEST_IN_PERIOD else None


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one wording, in the order of time; `wording` is the question as it then read."""

    wording: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """One answer over time: a series for each wording, the oldest first. `period` is what a point stands for."""

    question: str
    number: int | None
    label: str
    answer: str
    period: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The period of each response, and what each is called."""

    period: str
    of_each: NDArray[np.int64]
    labels: tuple[str, ...]


def trends(dataset: CodedDataset, shown: Sequence[Disclosed]) -> tuple[Trend, ...]:
    """Return every question that is ticked and may be shown, by its most frequent answer (of a scale by its first)."""
    if not len(dataset):
        return ()
    calendar = _calendar(dataset)
    return tuple(
        _trend(dataset, calendar, each, part, count)
        for each in shown
        if _is_open(each)
        for part in each.question.parts
        if (count := _answer(each, part)) is not None
    )


def _is_open(shown: Disclosed) -> bool:
    question = shown.question.question
    kinds = (Kind.ONE, Kind.MANY, Kind.SCALE)
    return question.kind in kinds and not (question.sensitive or question.who or shown.wholly_withheld)


def _answer(shown: Disclosed, part: VariableSummary) -> Count | None:
    if not part.everyone.answered or not part.everyone.counts:
        return None
    if shown.question.question.kind is Kind.SCALE:
        return part.everyone.counts[0]
    return max(part.everyone.counts, key=lambda count: count.n)


def _trend(dataset: CodedDataset, calendar: _Calendar, shown: Disclosed, part: VariableSummary, count: Count) -> Trend:
    column = dataset.answers[part.variable.name]
    answered = column.codes >= 0
    holds = np.array([count.value in split_values(value) for value in column.values], bool)
    said = np.zeros(len(answered), bool)
    said[answered] = holds[column.codes[answered]]
    wordings, of_version = _wordings(dataset, part.variable)
    wording = of_version[dataset.version.codes]
    place = wording * len(calendar.labels) + calendar.of_each
    size = len(wordings) * len(calendar.labels)
    of, n = (np.bincount(place[chosen], minlength=size).reshape(len(wordings), -1) for chosen in (answered, said))
    series = [_series(wordings[row], calendar, n[row], of[row]) for row in _by_time(of)]
    return Trend(
        shown.question.question.id, shown.question.number, part.label, count.label, calendar.period, tuple(series)
    )


def _series(wording: str, calendar: _Calendar, n: NDArray[np.int64], of: NDArray[np.int64]) -> Series:
    """The points from the first to the last in which anybody answered."""
    there = np.flatnonzero(of)
    span = range(there[0], there[-1] + 1)
    return Series(wording, tuple(Point(calendar.labels[at], int(n[at]), int(of[at])) for at in span))


def _by_time(of: NDArray[np.int64]) -> list[int]:
    """The wordings that anybody answered, by when they were answered first."""
    return sorted(np.flatnonzero(of.any(axis=1)).tolist(), key=lambda row: (int(np.flatnonzero(of[row])[0]), row))


def _wordings(dataset: CodedDataset, variable: Variable) -> tuple[list[str], NDArray[np.int64]]:
    """Every wording of a variable, and which of them each version had."""
    known = {each.version: each for each in dataset.versions}
    places: dict[Any, int] = {}
    words: list[str] = []
    of_version = []
    for version in dataset.version.values:
        asked = _asked(known.get(version, dataset.form), variable)
        key = _read(asked, dataset.form.languages[0])
        if key not in places:
            places[key] = len(words)
            words.append(say(asked.question.text, dataset.form.languages[0]))
        of_version.append(places[key])
    return words, np.array(of_version, np.int64)


def _asked(form: FormDefinition, variable: Variable) -> Variable:
    return next((each for each in form.variables if each.name == variable.name), variable)


def _read(asked: Variable, language: str) -> tuple[str, ...]:
    """All that people read of it: the question, its help, the line of a scale, and what can be ticked."""
    question = asked.question
    choices = (say(choice.label, language) for choice in asked.choices)
    return (say(question.text, language), say(question.help, language), say(asked.text, language), *choices)


def _calendar(dataset: CodedDataset) -> _Calendar:
    days = [date.fromisoformat(day) for day in dataset.received_on.values]
    first, last = min(days), max(days)
    is_weekly = (last - first).days < 7 * LONGEST_IN_WEEKS
    starts = list(_weeks(first, last) if is_weekly else _months(first, last))
    labels = tuple(long_date(day, "en") if is_weekly else month_name(day) for day in starts)
    places = {day: place for place, day in enumerate(starts)}
    of_day = np.array([places[_start(day, is_weekly=is_weekly)] for day in days])
    return _Calendar("week" if is_weekly else "month", of_day[dataset.received_on.codes], labels)


def _start(day: date, *, is_weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if is_weekly else day.replace(day=1)


def _weeks(first: date, last: date) -> Iterator[date]:
    monday = _start(first, is_weekly=True)
    return (monday + timedelta(days=7 * count) for count in range((last - monday).days // 7 + 1))


def _months(first: date, last: date) -> Iterator[date]:
    ends = (first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return (date(month // 12, month % 12 + 1, 1) for month in range(*ends))
