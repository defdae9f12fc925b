"""Count what people said: every question among everyone and among each channel, with every kind of missing apart.

Counts are exact and whole. What of them may be shown is `disclose`'s to say, in which words `sentences`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.form.answer import Missing
from pipeline.form.definition import Question, Shape, Variable, say
from pipeline.form.rules import split_values
from pipeline.store.responses import Dataset, Response
from pipeline.tables.intervals import Interval, wilson

COUNTED = frozenset({"complete", "waiting", "partial"})
"""The statuses of responses that count. A second return that is to be confirmed and a withdrawn one do not."""

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
class VariableSummary:
    """One variable: its words, what everyone and each channel said, and every written answer, earliest first."""

    variable: Variable
    label: str
    everyone: Tally
    channels: tuple[Tally, ...]
    said: tuple[Said, ...]

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


def describe(dataset: Dataset) -> Summary:
    """Count a dataset, in the words of the form's first language."""
    counted = [response for response in dataset.responses if _fact(response, "status") in COUNTED]
    groups = {EVERYONE: counted, **_by_channel(counted)}
    waits = [_waiting(response, dataset.variables) for response in counted]
    return Summary(
        responses=len(counted),
        channels=_sizes(counted),
        not_counted=Counter(
            _fact(response, "status") for response in dataset.responses if _fact(response, "status") not in COUNTED
        ),
        waiting=sum(waits),
        waiting_in=sum(map(bool, waits)),
        sites=_stacks((_fact(response, "site"), response) for response in counted),
        days=_stacks((response.received_on, response) for response in counted),
        versions=tuple(dict.fromkeys(response.version for response in counted)),
        questions=tuple(_questions(dataset, groups)),
        remarks=tuple(
            Said(each.remarks, _fact(each, "channel"), _fact(each, "lang")) for each in counted if each.remarks
        ),
    )


def tally(variable: Variable, responses: Sequence[Response], group: str, labels: Mapping[str, str]) -> Tally:
    """Count one variable among some responses; `labels` are the values to count, none where answers are written."""
    values = [response.answers[variable.name] for response in responses if variable.name in response.answers]
    return Tally(
        group,
        len(responses),
        len(values),
        Counter(missing_of(response, variable) for response in responses if variable.name not in response.answers),
        _counts(values, labels),
    )


def missing_of(response: Response, variable: Variable) -> Missing:
    """Return why a response holds no answer in a variable; what its version did not have, it was not asked."""
    return response.missing.get(variable.name, Missing.NOT_ASKED)


def _counts(values: Sequence[str], labels: Mapping[str, str]) -> tuple[Count, ...]:
    given = Counter(ticked for value in values for ticked in split_values(value)) if labels else Counter()
    return tuple(Count(value, label, given[value], len(values)) for value, label in labels.items())


def _labels(variable: Variable, responses: Iterable[Response], language: str) -> dict[str, str]:
    """Every value that can be ticked, as asked, then those that only an older version offered, under their own name."""
    labels = {choice.value: say(choice.label, language) for choice in variable.choices}
    given = {value for response in responses for value in split_values(response.answers.get(variable.name, ""))}
    return labels | {value: value for value in sorted(given - labels.keys())}


def _questions(dataset: Dataset, groups: Mapping[str, Sequence[Response]]) -> Iterator[QuestionSummary]:
    """Summarise each question of all versions; the variables of one question stand together."""
    language = dataset.form.languages[0]
    numbers = {question.id: place for place, question in enumerate(dataset.form.questions, start=1)}
    by_question: dict[str, list[Variable]] = {}
    for variable in dataset.variables:
        by_question.setdefault(variable.question.id, []).append(variable)
    for name, variables in by_question.items():
        question = variables[0].question
        summaries = [_variable(variable, groups, language) for variable in variables]
        yield QuestionSummary(
            question=question,
            number=numbers.get(name),
            label=say(question.text, language),
            parts=tuple(each for each in summaries if not _is_other(each.variable)),
            other=next((each for each in summaries if _is_other(each.variable)), None),
        )


def _is_other(variable: Variable) -> bool:
    return variable.shape is Shape.TEXT and variable.name != variable.question.id


def _variable(variable: Variable, groups: Mapping[str, Sequence[Response]], language: str) -> VariableSummary:
    ticked = variable.shape in (Shape.CHOICE, Shape.CHOICES)
    labels = _labels(variable, groups[EVERYONE], language) if ticked else {}
    everyone, *channels = (tally(variable, responses, name, labels) for name, responses in groups.items())
    return VariableSummary(
        variable=variable,
        label=say(variable.text, language),
        everyone=everyone,
        channels=tuple(channels),
        said=() if ticked else tuple(_said(variable, groups[EVERYONE])),
    )


def _said(variable: Variable, responses: Iterable[Response]) -> Iterator[Said]:
    for response in responses:
        if variable.name in response.answers:
            yield Said(response.answers[variable.name], _fact(response, "channel"), _fact(response, "lang"))


def _by_channel(responses: Iterable[Response]) -> dict[str, list[Response]]:
    """The responses of every channel that was used, in their fixed order."""
    groups: dict[str, list[Response]] = {}
    for response in responses:
        groups.setdefault(_fact(response, "channel"), []).append(response)
    return {channel: groups[channel] for channel in sorted(groups, key=channel_place)}


def channel_place(channel: str) -> tuple[int, str]:
    """Return a key that sorts channels as they are shown; one that is not known comes last."""
    return (CHANNELS.index(channel) if channel in CHANNELS else len(CHANNELS), channel)


def _sizes(responses: Iterable[Response]) -> dict[str, int]:
    return {channel: len(found) for channel, found in _by_channel(responses).items()}


def _stacks(labelled: Iterable[tuple[str, Response]]) -> tuple[Stack, ...]:
    arrived: dict[str, list[Response]] = {}
    for label, response in labelled:
        arrived.setdefault(label, []).append(response)
    return tuple(Stack(label, _sizes(arrived[label])) for label in sorted(arrived))


def _waiting(response: Response, variables: Iterable[Variable]) -> int:
    return sum(response.missing.get(variable.name) is Missing.WAITING for variable in variables)


def _fact(response: Response, name: str) -> str:
    return response.facts[name] or ""
