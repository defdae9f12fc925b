"""Which groups answered more or less than their share, and what everybody might say if each had answered by its share.

Weights that the answers cannot support are refused, with the reason in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.form.definition import Kind, say
from pipeline.form.rules import split_values
from pipeline.store.coded import CodedDataset
from pipeline.tables.describe import Count
from pipeline.tables.disclose import Disclosed
from pipeline.tables.weighing.census import Census
from pipeline.tables.weighing.estimates import Share, weighted_shares
from pipeline.tables.weighing.raking import Cells, Floats, Raked, design_effect, gather, rake, trim
from pipeline.tables.wording import quoted

FEWEST_PEOPLE = 100
"""Answers below which nothing is weighed: chance alone is then larger than what weights could put right."""

FEWEST_IN_GROUP = 10
"""Answers of a group below which it cannot stand for all of that group who live here."""

LARGEST = 5.0
"""The most that one answer may count for, in average answers: see `trim`."""

LARGEST_EFFECT = 4.0
"""The design effect above which weights are refused: four answers would tell no more than one drawn by chance."""

FURTHEST = 0.05
"""How far a group may stay from its share once weights are cut, in parts of one."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group: how many answered (`n` of those who told their group), and its share of all who live here."""

    label: str
    count: Count
    census: float

    @property
    def times(self) -> float:
        """How many times its share it is among the answers."""
        return self.count.share / self.census if self.census else float("inf")


@dataclass(frozen=True, slots=True)
class Weighed:
    """Weights that the answers support: the cell of each response, and what may be said of the weights."""

    cells: Cells
    cell: NDArray[np.int64]
    raked: Raked
    effect: float

    @property
    def worth(self) -> float:
        """How many answers drawn by chance would tell as much (Kish)."""
        return float(self.cells.n.sum()) / self.effect


@dataclass(frozen=True, slots=True)
class Moved:
    """One answer as it stands and as weighed."""

    number: int | None
    question: str
    label: str
    count: Count
    weighed: Share

    @property
    def by(self) -> float:
        """By how much weighing moves it, in parts of one."""
        return self.weighed.share - self.count.share


def groups_of(shown: Disclosed, census: Census) -> tuple[Group, ...]:
    """Return the groups of one question of the census, in the order asked; none where any may not be shown."""
    margin = census.margins[shown.question.question.id]
    counts = shown.question.parts[0].everyone.counts
    if shown.withheld or shown.wholly_withheld:
        return ()
    told = sum(count.n for count in counts if count.value in margin)
    return tuple(
        Group(count.label, Count(count.value, count.label, count.n, told), margin[count.value])
        for count in counts
        if count.value in margin
    )


def weigh(dataset: CodedDataset, census: Census) -> Weighed | str:
    """Return weights by which every group of the census has its share, or why there can be none, in a sentence.

    Who did not tell their group is taken to be like those who did: such people are a group of their own in that
    margin, and keep their share of the answers.
    """
    people = len(dataset)
    if people < FEWEST_PEOPLE:
        return f"Nothing is weighed, because only {people:,} people answered: at least {FEWEST_PEOPLE} are needed."
    codes, targets = [], []
    for question, margin in census.margins.items():
        code = _group_codes(dataset, question, list(margin))
        n = np.bincount(code, minlength=len(margin) + 1)
        if few := [
            value for value, size in zip(margin, n[1:], strict=True) if margin[value] and size < FEWEST_IN_GROUP
        ]:
            return _too_few(dataset, question, few)
        codes.append(code)
        untold = n[0] / people
        targets.append(np.array([untold, *(share * (1 - untold) for share in margin.values())]))
    cells, cell = gather(np.stack(codes, axis=1))
    return _supported(cells, cell, targets)


def moved(dataset: CodedDataset, shown: Sequence[Disclosed], weighed: Weighed) -> Iterator[Moved]:
    """Yield every answer that may be shown, as it stands and as weighed."""
    for each in shown:
        question = each.question.question
        is_open = not (question.sensitive or question.who or each.wholly_withheld)
        if not is_open or question.kind not in (Kind.ONE, Kind.MANY, Kind.SCALE):
            continue
        for part in each.question.parts:
            if part.everyone.answered < FEWEST_PEOPLE:
                continue
            counts = part.everyone.counts
            said, answered = _by_cell(dataset, part.variable.name, [count.value for count in counts], weighed)
            for count, share in zip(
                counts, weighted_shares(weighed.cells, weighed.raked.weights, said, answered), strict=True
            ):
                yield Moved(each.question.number, part.label, count.label, count, share)


def _group_codes(dataset: CodedDataset, question: str, values: Sequence[str]) -> NDArray[np.int64]:
    """Of each response the group it is in, from 1; 0 where it is in none that the census knows."""
    column = dataset.answers[question]
    groups = np.array([0, *(values.index(value) + 1 if value in values else 0 for value in column.values)])
    return groups[np.maximum(column.codes.astype(np.int64) + 1, 0)]


def _too_few(dataset: CodedDataset, question: str, values: Sequence[str]) -> str:
    asked = next(each for each in dataset.variables if each.name == question)
    language = dataset.form.languages[0]
    label = next((say(choice.label, language) for choice in asked.choices if choice.value == values[0]), values[0])
    return (
        f"Nothing is weighed, because fewer than {FEWEST_IN_GROUP} people answered {quoted(label)} to "
        f"{quoted(say(asked.text, language))}: so few cannot stand for all of them who live here. Join groups in the "
        "census table, or hear more of them."
    )


def _supported(cells: Cells, cell: NDArray[np.int64], targets: Sequence[Floats]) -> Weighed | str:
    raked = rake(cells, targets)
    if not raked.converged:
        return (
            "Nothing is weighed, because no weights give every group its share at once: who answered is too different "
            "from who lives here. Take fewer questions into the census table."
        )
    cut = trim(cells, raked, targets, LARGEST)
    effect = design_effect(cells, cut.weights)
    if effect > LARGEST_EFFECT or cut.furthest > FURTHEST:
        return (
            "Nothing is weighed, because few people would have to count for many: who answered is too different from "
            "who lives here, and what came out would be chance."
        )
    return Weighed(cells, cell, cut, effect)


def _by_cell(dataset: CodedDataset, variable: str, values: Sequence[str], weighed: Weighed) -> tuple[Floats, Floats]:
    """How many of each cell said each value (cells, values), and how many answered at all (cells,)."""
    column, cells = dataset.answers[variable], len(weighed.cells.n)
    answered = column.codes >= 0
    place = weighed.cell[answered] * len(column.values) + column.codes[answered]
    given = np.bincount(place, minlength=cells * len(column.values)).reshape(cells, -1).astype(float)
    holds = np.array([[value in split_values(whole) for value in values] for whole in column.values], float)
    return given @ holds.reshape(len(column.values), len(values)), given.sum(axis=1)
