"""Where paper and online differ: is it the channel, or who chooses it? People who are alike are compared.

People are alike who gave the same answers to the questions that say who somebody is (`who: true`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pipeline.form.definition import Kind, Shape, say
from pipeline.form.rules import split_values
from pipeline.store.coded import CodedDataset
from pipeline.tables.alike import Tables, difference, interval_of
from pipeline.tables.disclose import Disclosed
from pipeline.tables.gaps import Gap, leaves_out_nought, widest_gap
from pipeline.tables.intervals import Interval
from pipeline.tables.range_chart import points_between
from pipeline.tables.wording import joined, quoted

LEAST_ALIKE = 0.5
"""The part of those on paper, and of those online, that must have somebody like them on the other side. Of less, what
is found among them says little of the rest."""

FEWEST_ALIKE = 30
"""People alike on each side, below which nothing is said of them."""

STAYS = 0.75
"""The part of a difference that must remain among people alike to say that it stays."""


class Cause(StrEnum):
    """What a difference between paper and online comes from, as far as can be told."""

    CHANNEL = "The channel, or something not asked"
    PEOPLE = "Who answered"
    BOTH = "Partly who answered"
    HIDDEN = "The channel, hidden by who answered"
    CHANCE = "May be chance"
    UNKNOWN = "Cannot be told"


@dataclass(frozen=True, slots=True)
class Alike:
    """What makes people alike: the `questions` in words, and for each response its `stratum`."""

    questions: tuple[str, ...]
    stratum: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Compared:
    """The widest gap of one question, as it stands and `among` people alike (paper less online, parts of one).

    `among` and its interval are None where too few are alike.
    """

    question: str
    number: int | None
    gap: Gap
    among: float | None
    interval: Interval | None
    cause: Cause


def find_alike(dataset: CodedDataset) -> Alike | None:
    """Return what makes people alike: all that tells who somebody is, or the first of it that leaves enough alike.

    None where the form tells nothing, or not even its first question leaves enough people with somebody like them.
    """
    known = [each for each in dataset.variables if each.question.who and each.shape is Shape.CHOICE]
    for size in range(len(known), 0, -1):
        chosen = known[:size]
        stratum = np.zeros(len(dataset), np.int64)
        for variable in chosen:
            column = dataset.answers[variable.name]
            stratum = stratum * (len(column.values) + 1) + np.maximum(column.codes.astype(np.int64) + 1, 0)
        _, stratum = np.unique(stratum, return_inverse=True)
        if _part_alike(dataset, stratum) >= LEAST_ALIKE:
            return Alike(tuple(say(each.text, dataset.form.languages[0]) for each in chosen), stratum)
    return None


def compare(dataset: CodedDataset, shown: Sequence[Disclosed], alike: Alike) -> tuple[Compared, ...]:
    """Compare paper with online, question by question, by the answer with the widest gap."""
    return tuple(_compared(dataset, alike, summary, gap) for summary, gap in comparable(shown))


def comparable(shown: Sequence[Disclosed]) -> Iterator[tuple[Disclosed, Gap]]:
    """Yield the questions that may be compared, but those that tell who people are, with their widest gap."""
    for each in shown:
        question = each.question.question
        is_open = not each.wholly_withheld and not each.channels_withheld and not question.who
        if is_open and question.kind in (Kind.ONE, Kind.MANY, Kind.SCALE):
            gap = widest_gap(each.question.parts)
            if gap is not None:
                yield each, gap


def among_alike(compared: Compared) -> str:
    """Say what becomes of a gap among people alike, and what that tells of its cause; "" where it adds nothing."""
    if compared.cause is Cause.CHANCE:
        return ""
    if compared.among is None or compared.interval is None:
        return "Too few people on paper are like somebody online to tell whether it is the channel or who chose it."
    found = f"{_points(compared.among)} ({interval_said(compared.interval)})"
    return f"Among people alike, {found}: {_SAID[compared.cause]}"


def interval_said(found: Interval) -> str:
    """Return an interval of differences in points: `95% interval +3 to +11`."""
    return f"95% interval {points_between(found)}"


_SAID = {
    Cause.CHANNEL: (
        "the difference stays when like is compared with like. It is the channel, or something the form does not ask; "
        "it is not who answered."
    ),
    Cause.PEOPLE: "the difference is who answered, and not the channel. What is left may be chance.",
    Cause.BOTH: (
        "part of the difference is who answered. The rest is the channel, or something the form does not ask."
    ),
    Cause.HIDDEN: (
        "they do differ when like is compared with like, which who answered hides. It is the channel, or something the "
        "form does not ask."
    ),
    Cause.UNKNOWN: "too few are alike to tell whether it is the channel or who chose it.",
}


def alike_said(alike: Alike) -> str:
    """Say what makes people alike."""
    questions = joined([quoted(each) for each in alike.questions])
    return f"People are taken to be alike who gave the same answer to {questions}."


def _compared(dataset: CodedDataset, alike: Alike, summary: Disclosed, gap: Gap) -> Compared:
    found = difference(_tables(dataset, alike, gap))
    question = summary.question
    if np.isnan(found.points) or found.compared < LEAST_ALIKE or _fewest(gap) * found.compared < FEWEST_ALIKE:
        cause = Cause.UNKNOWN if gap.is_supported else Cause.CHANCE
        return Compared(question.question.id, question.number, gap, None, None, cause)
    among, interval = float(found.points), interval_of(found, gap.level)
    return Compared(question.question.id, question.number, gap, among, interval, _cause(gap, among, interval))


def _cause(gap: Gap, among: float, interval: Interval) -> Cause:
    remains = leaves_out_nought(interval)
    if not gap.is_supported:
        return Cause.HIDDEN if remains else Cause.CHANCE
    if remains:
        same_way = among * gap.share > 0
        return Cause.CHANNEL if same_way and abs(among) >= STAYS * abs(gap.share) else Cause.BOTH
    return Cause.UNKNOWN if interval.low <= gap.share <= interval.high else Cause.PEOPLE


def _tables(dataset: CodedDataset, alike: Alike, gap: Gap) -> Tables:
    column = dataset.answers[gap.variable]
    holds = np.array([gap.paper.value in split_values(value) for value in column.values], bool)
    answered = column.codes >= 0
    said = np.zeros(len(answered), bool)
    said[answered] = holds[column.codes[answered]]
    return Tables(
        *(array for channel in ("paper", "online") for array in _counted(dataset, alike, channel, said, answered))
    )


def _counted(
    dataset: CodedDataset, alike: Alike, channel: str, said: NDArray[np.bool_], answered: NDArray[np.bool_]
) -> Iterator[NDArray[np.float64]]:
    there = dataset.channel.codes == dataset.channel.values.index(channel)
    for chosen in (there & said, there & answered):
        yield np.bincount(alike.stratum[chosen], minlength=int(alike.stratum.max()) + 1).astype(float)


def _part_alike(dataset: CodedDataset, stratum: NDArray[np.int64]) -> float:
    """The part of those on paper or online, whichever is smaller, that has somebody like them on the other side."""
    if not {"paper", "online"} <= set(dataset.channel.values):
        return 0.0
    counted = [
        np.bincount(
            stratum[dataset.channel.codes == dataset.channel.values.index(channel)], minlength=stratum.max() + 1
        )
        for channel in ("paper", "online")
    ]
    both = np.logical_and(*counted)
    return float(min(each[both].sum() / max(each.sum(), 1) for each in counted))


def _fewest(gap: Gap) -> int:
    return min(gap.paper.of, gap.online.of)


def _points(share: float) -> str:
    points = round(100 * abs(share))
    if points == 0:
        return "paper and online say the same"
    return f"paper is {points} {'point' if points == 1 else 'points'} {'higher' if share > 0 else 'lower'}"
