"""Count what people said: every question among everyone and among each channel, with every kind of missing apart.

Counts are exact and whole. What of them may be shown is `disclose`'s to say, in which words `sentences`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.form.answer import Missing
from pipeline.form.definition import Question, Shape, Variable, say
from pipeline.form.rules import split_values
from pipeline.store.coded import Coded, CodedDataset, Written, missing_code
from pipeline.tables.intervals import Interval, wilson

EVERYONE = "everyone"
"""The group of all counted responses, whatever their channel."""

CHANNELS = ("paper", "online", "kiosk", "pdf", "phone", "import")
"""Every channel, in the order in which tables and charts show them."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many people gave one answer: `n` of the `of` who answered, and the 95 % interval of that share."""

    value: str
    label: str
    n: int
    of: int

    @property
    def share(self) -> float:
        """The part of those who answered, in [0, 1]; 0 where nobody did."""
        return self.n / self.of if self.of else 0.0

    @property
    def interval(self) -> Interval:
        """Where the share may lie if those who answered were drawn by chance (Wilson 1927)."""
        return wilson(self.n, self.of)


@dataclass(frozen=True, slots=True)
class Tally:
    """One variable among one group: `responses` = `answered` + the sum of `missing`.

    `counts` holds every choice in the order asked, then values that only an older version of the form offered; it
    is empty where the answers are written and not ticked.
    """

    group: str
    responses: int
    answered: int
    missing: Mapping[Missing, int]
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One written answer as it stands, by which channel and in which language of the form it came."""

    value: str
    channel: str
    lang: str


@dataclass(frozen=True, slots=True)
class Given:
    """How many gave one figure, date, postcode district or code, by one channel."""

    value: str
    channel: str
    n: int


@dataclass(frozen=True, slots=True)
class VariableSummary:
    """One variable: its words, what everyone and each channel said, and what was written, earliest first.

    `said` holds free writing, evenly chosen where it is more than anybody reads; `given` counts what else is written.
    """

    variable: Variable
    label: str
    everyone: Tally
    channels: tuple[Tally, ...]
    said: tuple[Said, ...] = ()
    given: tuple[Given, ...] = ()

    @property
    def groups(self) -> tuple[Tally, ...]:
        """Everyone, then the channels where there is more than one to tell apart."""
        return (self.everyone, *self.channels) if len(self.channels) > 1 else (self.everyone,)


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """One question: `number` as it is printed, None if the newest version no longer asks it.

    `parts` are its answers proper (one, or one a statement of a scale), `other` what was written beside *other*.
    """

    question: Question
    number: int | None
    label: str
    parts: tuple[VariableSummary, ...]
    other: VariableSummary | None

    @property
    def variables(self) -> tuple[VariableSummary, ...]:
        """Every stored variable of the question."""
        return (*self.parts, self.other) if self.other else self.parts


@dataclass(frozen=True, slots=True)
class Stack:
    """How many came by each channel, of those that have `label` in common: a place, a day, a range of values."""

    label: str
    channels: Mapping[str, int]

    @property
    def n(self) -> int:
        """All of them."""
        return sum(self.channels.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole dataset, counted.

    `responses` are those that count, `not_counted` the others by status. `waiting` is how many single answers wait
    for a person, in `waiting_in` responses. `sites` come in the order of their names, `days` (ISO 8601, local) in
    the order of time and only where something arrived. `versions` are those answered, in the order of arrival.
    `remarks` are what people wrote beside the boxes, one for each response with any, the earliest first.
    """

    responses: int
    channels: Mapping[str, int]
    not_counted: Mapping[str, int]
    waiting: int
    waiting_in: int
    sites: tuple[Stack, ...]
    days: tuple[Stack, ...]
    versions: tuple[str, ...]
    questions: tuple[QuestionSummary, ...]
    remarks: tuple[Said, ...] = ()


def describe(dataset: CodedDataset) -> Summary:
    """Count a dataset, in the words of the form's first language."""
    channels = sorted(dataset.channel.values, key=channel_place)
    waits = [each.codes == missing_code(Missing.WAITING) for each in dataset.answers.values()]
    return Summary(
        responses=len(dataset),
        channels=_sizes(np.bincount(dataset.channel.codes, minlength=len(channels)), dataset.channel.values),
        not_counted=dataset.not_counted,
        waiting=sum(int(each.sum()) for each in waits),
        waiting_in=int(np.logical_or.reduce(waits).sum()) if waits else 0,
        sites=_stacks(dataset, dataset.site),
        days=_stacks(dataset, dataset.received_on),
        versions=dataset.version.values,
        questions=tuple(_questions(dataset, channels)),
        remarks=tuple(_said(dataset, dataset.remarks)),
    )


def channel_place(channel: str) -> tuple[int, str]:
    """Return a key that sorts channels as they are shown; one that is not known comes last."""
    return (CHANNELS.index(channel) if channel in CHANNELS else len(CHANNELS), channel)


def crossed(column: Coded, by: Coded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count a column by another that is never missing: its values (others, values), its gaps (others, kinds)."""
    kinds, wide = len(Missing), len(Missing) + len(column.values)
    place = by.codes.astype(np.int64) * wide + column.codes + kinds
    table = np.bincount(place, minlength=len(by.values) * wide).reshape(-1, wide)
    return table[:, kinds:], table[:, kinds - 1 :: -1]


def _questions(dataset: CodedDataset, channels: list[str]) -> Iterator[QuestionSummary]:
    """Summarise each question of all versions; the variables of one question stand together."""
    language = dataset.form.languages[0]
    numbers = {question.id: place for place, question in enumerate(dataset.form.questions, start=1)}
    by_question: dict[str, list[Variable]] = {}
    for variable in dataset.variables:
        by_question.setdefault(variable.question.id, []).append(variable)
    for name, variables in by_question.items():
        question = variables[0].question
        summaries = [_variable(dataset, variable, channels, language) for variable in variables]
        yield QuestionSummary(
            question=question,
            number=numbers.get(name),
            label=say(question.text, language),
            parts=tuple(each for each in summaries if not _is_other(each.variable)),
            other=next((each for each in summaries if _is_other(each.variable)), None),
        )


def _is_other(variable: Variable) -> bool:
    return variable.shape is Shape.TEXT and variable.name != variable.question.id


def _variable(dataset: CodedDataset, variable: Variable, channels: list[str], language: str) -> VariableSummary:
    column = dataset.answers[variable.name]
    ticked = variable.shape in (Shape.CHOICE, Shape.CHOICES)
    labels = _labels(variable, column, language) if ticked else {}
    values, missing = crossed(column, dataset.channel)
    rows = {channel: dataset.channel.values.index(channel) for channel in channels}
    everyone = _tally(EVERYONE, values.sum(axis=0), missing.sum(axis=0), column, labels)
    written = dataset.written.get(variable.name)
    return VariableSummary(
        variable=variable,
        label=say(variable.text, language),
        everyone=everyone,
        channels=tuple(_tally(name, values[row], missing[row], column, labels) for name, row in rows.items()),
        said=tuple(_said(dataset, written)) if written else (),
        given=() if ticked or written else tuple(_given(column, values, rows)),
    )


def _tally(
    group: str, values: NDArray[np.int64], missing: NDArray[np.int64], column: Coded, labels: Mapping[str, str]
) -> Tally:
    answered = int(values.sum())
    given = dict.fromkeys(labels, 0)
    for value, n in zip(column.values, values.tolist(), strict=True) if labels else ():
        for ticked in split_values(value):
            given[ticked] += n
    kinds = {kind: n for kind, n in zip(Missing, missing.tolist(), strict=True) if n}
    counts = tuple(Count(value, label, given[value], answered) for value, label in labels.items())
    return Tally(group, answered + sum(kinds.values()), answered, kinds, counts)


def _labels(variable: Variable, column: Coded, language: str) -> dict[str, str]:
    """Every value that can be ticked, as asked, then those that only an older version offered, under their own name."""
    labels = {choice.value: say(choice.label, language) for choice in variable.choices}
    given = {ticked for value in column.values for ticked in split_values(value)}
    return labels | {value: value for value in sorted(given - labels.keys())}


def _given(column: Coded, values: NDArray[np.int64], rows: Mapping[str, int]) -> Iterator[Given]:
    for channel, row in rows.items():
        for value, n in zip(column.values, values[row].tolist(), strict=True):
            if n:
                yield Given(value, channel, n)


def _said(dataset: CodedDataset, written: Written) -> Iterator[Said]:
    for row, text in zip(written.responses.tolist(), written.texts, strict=True):
        channel, lang = (fact.values[fact.codes[row]] for fact in (dataset.channel, dataset.lang))
        yield Said(text, channel, lang)


def _sizes(numbers: NDArray[np.int64], channels: tuple[str, ...]) -> dict[str, int]:
    """How many came by each channel that was used, in their fixed order."""
    found = {channel: n for channel, n in zip(channels, numbers.tolist(), strict=True) if n}
    return {channel: found[channel] for channel in sorted(found, key=channel_place)}


def _stacks(dataset: CodedDataset, fact: Coded) -> tuple[Stack, ...]:
    by_value, _ = crossed(dataset.channel, fact)
    sizes = dict(zip(fact.values, by_value, strict=True))
    return tuple(Stack(label, _sizes(sizes[label], dataset.channel.values)) for label in sorted(sizes))
