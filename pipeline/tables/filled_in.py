"""How people filled the form in on each channel: what they left out, and who ticked one point all down a scale."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipeline.form.answer import Missing
from pipeline.form.definition import Kind, Shape
from pipeline.store.coded import CodedDataset, missing_code
from pipeline.tables.describe import EVERYONE, channel_place
from pipeline.tables.intervals import LEVEL, Interval, wilson

LEFT_OUT = (Missing.BLANK, Missing.REFUSED)
"""Kinds of missing that are the person's own doing."""

NOT_PUT = (Missing.NOT_ASKED, Missing.PAGE_NOT_RETURNED, Missing.WITHDRAWN, Missing.WAITING, Missing.UNREADABLE)
"""Kinds of missing that say nothing of whether the person answered."""

_PUT = frozenset({Shape.CHOICE, Shape.NUMBER, Shape.DATE, Shape.POSTCODE, Shape.CODE})
"""Shapes for which nothing is no answer: of all that apply, none may; and comments are for who has one."""

FEWEST_LINES = 3
"""Lines a scale must have for one point all the way down to be remarkable."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened in one group: `n` of `of`, and the interval of its share."""

    group: str
    n: int
    of: int
    interval: Interval

    @property
    def share(self) -> float:
        """The part in [0, 1]."""
        return self.n / self.of if self.of else 0.0


def left_out(dataset: CodedDataset, names: Collection[str]) -> tuple[Rate, ...]:
    """Return how many of the answers asked for were left out, of everyone and by channel, in the variables of `names`.

    A person who leaves one out leaves out others too, which the interval of a ratio of sums knows of: W. G. Cochran,
    Sampling Techniques, 3rd ed. (1977), section 6.4.
    """
    size = len(dataset)
    blank, put = np.zeros(size, np.int32), np.zeros(size, np.int32)
    for variable in dataset.variables:
        if variable.shape in _PUT and variable.name in names:
            codes = dataset.answers[variable.name].codes
            blank += np.isin(codes, [missing_code(kind) for kind in LEFT_OUT])
            put += ~np.isin(codes, [missing_code(kind) for kind in NOT_PUT])
    return tuple(
        ratio(group, blank[there], put[there]) for group, there in _groups(dataset).items() if put[there].any()
    )


def straight_lines(dataset: CodedDataset) -> Mapping[str, tuple[Rate, ...]]:
    """Return for each scale, by its question, how many ticked one point in all lines, of those who ticked every line.

    The simple measure of Y. Kim, J. Dykema, J. Stevenson, P. Black, D. P. Moberg, Straightlining: overview of
    measurement, comparison of indicators, and effects in mail–web mixed-mode surveys, Social Science Computer Review 37
    (2019), 214–233.
    """
    found = {}
    for question in dict.fromkeys(each.question.id for each in dataset.variables if each.question.kind is Kind.SCALE):
        lines = [each for each in dataset.variables if each.question.id == question and each.shape is Shape.CHOICE]
        if len(lines) >= FEWEST_LINES:
            same, whole = _same(dataset, [each.name for each in lines])
            rates = (_plain(group, same[there], whole[there]) for group, there in _groups(dataset).items())
            found[question] = tuple(rate for rate in rates if rate.of)
    return found


def _same(dataset: CodedDataset, lines: list[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each response whether one point stands in all lines, and whether every line is answered."""
    points = sorted({value for name in lines for value in dataset.answers[name].values})
    first, whole, same = None, np.ones(len(dataset), bool), np.ones(len(dataset), bool)
    for name in lines:
        column = dataset.answers[name]
        whole &= column.codes >= 0
        if not column.values:
            return np.zeros(len(dataset), bool), np.zeros(len(dataset), bool)
        value = np.array([points.index(each) for each in column.values])[np.maximum(column.codes, 0)]
        first = value if first is None else first
        same &= value == first
    return same & whole, whole


def _groups(dataset: CodedDataset) -> dict[str, NDArray[np.bool_]]:
    channels = sorted(dataset.channel.values, key=channel_place)
    by_channel = {name: dataset.channel.codes == dataset.channel.values.index(name) for name in channels}
    return {EVERYONE: np.ones(len(dataset), bool), **(by_channel if len(channels) > 1 else {})}


def _plain(group: str, same: NDArray[np.bool_], whole: NDArray[np.bool_]) -> Rate:
    n, of = int(same.sum()), int(whole.sum())
    return Rate(group, n, of, wilson(n, of))


def ratio(group: str, blank: NDArray[np.int32], put: NDArray[np.int32]) -> Rate:
    """Return how many were left `blank` (people,) of those `put` to each; at least one was put to somebody."""
    n, of, people = int(blank.sum()), int(put.sum()), len(put)
    share = n / of
    spread = float(((blank - share * put) ** 2).sum()) * people / max(people - 1, 1)
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * sqrt(spread) / of
    return Rate(group, n, of, Interval(max(0.0, share - half), min(1.0, share + half)))


def differ(rates: tuple[Rate, ...]) -> Iterator[tuple[Rate, Rate]]:
    """Yield paper and online where their difference is more than chance would usually bring."""
    by_group = {rate.group: rate for rate in rates}
    if {"paper", "online"} <= by_group.keys():
        paper, online = by_group["paper"], by_group["online"]
        half = sqrt(_half(paper) ** 2 + _half(online) ** 2)
        if abs(paper.share - online.share) > half:
            yield paper, online


def _half(rate: Rate) -> float:
    return (rate.interval.high - rate.interval.low) / 2
