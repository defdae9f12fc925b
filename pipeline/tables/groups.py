"""Groups of people beside all others who are alike but for that: who is served worse, whatever channel they chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipeline.form.definition import Kind, Shape, Variable, say
from pipeline.form.rules import split_values
from pipeline.store.coded import CodedDataset
from pipeline.tables.alike import Difference, Tables, difference, score
from pipeline.tables.describe import VariableSummary
from pipeline.tables.disclose import FEWEST, Disclosed
from pipeline.tables.intervals import Interval, level_for
from pipeline.tables.people_or_channel import FEWEST_ALIKE, LEAST_ALIKE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GroupGap:
    """How many more of a group give an answer than of others alike: `points` in parts of one, and its interval."""

    asked: str
    group: str
    number: int | None
    label: str
    answer: str
    points: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class GroupGaps:
    """Every difference that chance does not explain, the widest first, of so many `comparisons`."""

    found: tuple[GroupGap, ...]
    comparisons: int


@dataclass(frozen=True, slots=True)
class _Compared:
    """All groups of one question (groups,) in one answered variable, by its answers: differences (groups, answers)."""

    asked: Variable
    shown: Disclosed
    part: VariableSummary
    groups: tuple[str, ...]
    differences: Difference
    scores: Floats
    may_tell: NDArray[np.bool_]


def group_gaps(dataset: CodedDataset, shown: Sequence[Disclosed]) -> GroupGaps:
    """Compare every group that the form marks (`who: true`) with all others, in every question that may be shown.

    Others are alike who came by the same channel and gave the same answers to the other questions about themselves.
    A difference is found where the test of Mantel and Haenszel and its interval both leave chance out, with allowance
    for how many comparisons are made (Bonferroni).
    """
    compared = [
        one for each in shown if _tells_who(each) for one in _of_question(dataset, each, [*filter(_is_asked, shown)])
    ]
    comparisons = int(sum(one.may_tell.sum() for one in compared))
    if not comparisons:
        return GroupGaps((), 0)
    level = level_for(comparisons)
    found = (gap for one in compared for gap in _supported(one, level, dataset.form.languages[0]))
    return GroupGaps(tuple(sorted(found, key=lambda gap: -abs(gap.points))), comparisons)


def _tells_who(shown: Disclosed) -> bool:
    question = shown.question.question
    return question.who and question.kind is Kind.ONE and not shown.wholly_withheld


def _is_asked(shown: Disclosed) -> bool:
    question = shown.question.question
    kinds = (Kind.ONE, Kind.MANY, Kind.SCALE)
    return question.kind in kinds and not (question.who or question.sensitive or shown.wholly_withheld)


def _of_question(dataset: CodedDataset, who: Disclosed, asked: Sequence[Disclosed]) -> Iterator[_Compared]:
    variable = who.question.parts[0].variable
    column = dataset.answers[variable.name]
    if len(column.values) < 2:
        return
    told = column.codes >= 0
    stratum = _strata(dataset, variable, told)
    for each in asked:
        for part in each.question.parts:
            if part.everyone.counts:
                tables = _tables(dataset, column.codes, len(column.values), stratum, part)
                found = difference(tables)
                fewest = FEWEST if who.question.question.sensitive else 0
                yield _Compared(
                    variable, each, part, column.values, found, score(tables), _may_tell(tables, found, fewest)
                )


def _strata(dataset: CodedDataset, variable: Variable, told: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Who is alike: by channel and all else that tells who somebody is, or as much of it as leaves enough alike."""
    others = [
        dataset.answers[each.name]
        for each in dataset.variables
        if each.question.who and each.shape is Shape.CHOICE and each.name != variable.name
    ]
    column = dataset.answers[variable.name]
    for size in range(len(others), -1, -1):
        stratum = dataset.channel.codes.astype(np.int64)
        for other in others[:size]:
            stratum = stratum * (len(other.values) + 1) + np.maximum(other.codes.astype(np.int64) + 1, 0)
        _, stratum = np.unique(stratum, return_inverse=True)
        if size == 0 or _all_comparable(stratum[told], column.codes[told], len(column.values)):
            break
    return stratum


def _all_comparable(stratum: NDArray[np.int64], group: NDArray[np.integer], groups: int) -> bool:
    n = _crossed(stratum, group.astype(np.int64), groups)
    others = n.sum(axis=1, keepdims=True) - n
    alike = np.where(others > 0, n, 0).sum(axis=0)
    sizes = n.sum(axis=0)
    return bool((alike[sizes >= FEWEST_ALIKE] >= LEAST_ALIKE * sizes[sizes >= FEWEST_ALIKE]).all())


def _crossed(rows: NDArray[np.int64], columns: NDArray[np.int64], width: int) -> Floats:
    height = int(rows.max(initial=-1)) + 1
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width).astype(float)


def _tables(
    dataset: CodedDataset, group: NDArray[np.integer], groups: int, stratum: NDArray[np.int64], part: VariableSummary
) -> Tables:
    """How many of each group and of all others answered, and gave each answer: (groups, answers, strata)."""
    column = dataset.answers[part.variable.name]
    there = (group >= 0) & (column.codes >= 0)
    values = [count.value for count in part.everyone.counts]
    inner = groups * max(len(column.values), 1)
    place = group[there].astype(np.int64) * max(len(column.values), 1) + column.codes[there]
    counted = _crossed(stratum[there], place, inner).reshape(-1, groups, max(len(column.values), 1))
    holds = np.array([[value in split_values(whole) for value in values] for whole in column.values], float)
    said = np.moveaxis(counted @ holds.reshape(-1, len(values)), 0, -1)
    n = np.broadcast_to(np.moveaxis(counted.sum(axis=2), 0, -1)[:, None, :], said.shape)
    return Tables(said, n, said.sum(axis=0, keepdims=True) - said, n.sum(axis=0, keepdims=True) - n)


def _may_tell(tables: Tables, found: Difference, fewest: int) -> NDArray[np.bool_]:
    """Which differences rest on enough people alike, and, of a sensitive group, tell of no few (groups, answers)."""
    sizes = [each.sum(axis=-1) for each in (tables.first, tables.second)]
    alike = np.where(tables.second > 0, tables.first, 0.0).sum(axis=-1)
    cells = [
        each.sum(axis=-1)
        for each in (
            tables.first_said,
            tables.first - tables.first_said,
            tables.second_said,
            tables.second - tables.second_said,
        )
    ]
    return np.asarray(
        (np.minimum(*sizes) >= FEWEST_ALIKE)
        & (alike >= LEAST_ALIKE * sizes[0])
        & np.isfinite(found.points)
        & (np.minimum.reduce(cells) >= fewest)
    )


def _supported(one: _Compared, level: float, language: str) -> Iterator[GroupGap]:
    low, high = one.differences.interval(level)
    labels = {choice.value: say(choice.label, language) for choice in one.asked.choices}
    beyond = np.abs(one.scores) > NormalDist().inv_cdf((1 + level) / 2)
    for group, answer in np.argwhere(one.may_tell & beyond & ((low > 0) | (high < 0))).tolist():
        yield GroupGap(
            asked=say(one.asked.text, language),
            group=labels.get(one.groups[group], one.groups[group]),
            number=one.shown.question.number,
            label=one.part.label,
            answer=one.part.everyone.counts[answer].label,
            points=float(one.differences.points[group, answer]),
            interval=Interval(float(low[group, answer]), float(high[group, answer])),
        )
