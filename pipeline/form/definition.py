"""The questions as the author wrote them: the value every edition of a form is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

Wording = Mapping[str, str]
"""The same words in each language: language tag (`en`, `cy`) to text."""

EasyWords = Mapping[str, Wording]
"""What Easy Read says in other words: the name of a field of the value it belongs to, to the wording there instead."""


class Kind(StrEnum):
    """What a question asks for, and so how it is answered on paper and online."""

    ONE = "one"
    MANY = "many"
    SCALE = "scale"
    NUMBER = "number"
    DATE = "date"
    POSTCODE = "postcode"
    CODE = "code"
    TEXT = "text"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be ticked. `value` is stored, `label` is read; `other` leaves room to write."""

    value: str
    label: Wording
    other: bool = False
    easy: EasyWords = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """One row of a scale grid; its answer is stored under `question.id`."""

    id: str
    text: Wording
    easy: EasyWords = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """A question is asked only when `variable` holds one of `values`."""

    variable: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Fields that a kind does not use hold their empty value.

    `choices` serves `one` and `many`; `statements` × `points` serve `scale`; `minimum`/`maximum` bound a
    `number`, `earliest`/`latest` a `date`; `pattern` is the boxed pattern of a `code` (`9` a digit, `A` a
    letter, `X` either, anything else printed as it stands); `length` is the boxes of a `text`; `lines` the
    height of a `comment` in handwriting lines. `about` names the outcome it speaks to and `standard` the question it
    is, each by the same word in every form: they join the answers of several services. `picture` names the symbol
    beside it in Easy Read, "" the one of its kind; `postcard` chooses it for the card. `line` is where the question
    starts in its file (from 1).
    """

    id: str
    kind: Kind
    text: Wording
    help: Wording
    choices: tuple[Choice, ...] = ()
    statements: tuple[Statement, ...] = ()
    points: tuple[Choice, ...] = ()
    required: bool = False
    when: Condition | None = None
    sensitive: bool = False
    about: str | None = None
    standard: str | None = None
    who: bool = False
    minimum: int | None = None
    maximum: int | None = None
    earliest: date | None = None
    latest: date | None = None
    pattern: str = ""
    length: int = 0
    lines: int = 0
    picture: str = ""
    postcard: bool = False
    easy: EasyWords = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that groups the questions after it; not a question."""

    title: Wording
    text: Wording
    easy: EasyWords = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph between questions; not a question."""

    text: Wording
    easy: EasyWords = field(default_factory=dict)


Item = Question | Section | Note


class Shape(StrEnum):
    """What kind of value a variable holds."""

    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    POSTCODE = "postcode"
    CODE = "code"
    TEXT = "text"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Variable:
    """One stored answer: a question, one statement of a scale (`q.statement`), or its writing-in (`q.other`)."""

    name: str
    question: Question
    shape: Shape
    text: Wording
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class FormDefinition:
    """A whole form. Without slots, so that what follows from it is worked out once: it is asked for at every answer.

    `id` is the file's stem; `languages` in the author's order, the first is the default.
    `minutes` is how long it takes; `return_to` where paper goes back; `retention_days` how long (scans, answers)
    are kept; `publish` whether answers may be published; `help_line` whom to ask for help. `return_address`, in lines,
    is printed to show in a window envelope; `destroy_by` says until when paper and scans are destroyed; `receipt`
    whether residents tear off a strip to keep; `postcard_return_to` where a card goes, if that needs other words;
    `on_one_page` whether a screen shows it whole.
    """

    id: str
    title: Wording
    council: Wording
    service: str
    intro: Wording
    privacy: Wording
    return_to: Wording
    thanks: Wording
    help_line: Wording
    languages: tuple[str, ...]
    minutes: int
    opens: date | None
    closes: date | None
    scans_kept_days: int
    answers_kept_days: int
    publish: bool
    items: tuple[Item, ...]
    return_address: tuple[str, ...] = ()
    destroy_by: date | None = None
    receipt: bool = False
    postcard_return_to: Wording = field(default_factory=dict)
    easy: EasyWords = field(default_factory=dict)
    on_one_page: bool = False

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions alone, in the order asked."""
        return tuple(item for item in self.items if isinstance(item, Question))

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Every stored variable, in the order of the form."""
        return tuple(variable for question in self.questions for variable in variables_of(question))

    @cached_property
    def version(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the canonical definition."""
        return hashlib.sha256(canonical_json(self).encode()).hexdigest()[:16]


def is_personal(variable: Variable) -> bool:
    """Whether an answer may say who somebody is, or what nobody else should know: free writing and `sensitive`."""
    return variable.question.sensitive or variable.shape in (Shape.TEXT, Shape.COMMENT)


_SHAPES = {
    Kind.ONE: Shape.CHOICE,
    Kind.MANY: Shape.CHOICES,
    Kind.NUMBER: Shape.NUMBER,
    Kind.DATE: Shape.DATE,
    Kind.POSTCODE: Shape.POSTCODE,
    Kind.CODE: Shape.CODE,
    Kind.TEXT: Shape.TEXT,
    Kind.COMMENT: Shape.COMMENT,
}


def variables_of(question: Question) -> Iterator[Variable]:
    """Yield the variables a question is stored in: `q`, or `q.statement` for a scale, then `q.other` if it has one."""
    if question.kind is Kind.SCALE:
        for statement in question.statements:
            yield Variable(f"{question.id}.{statement.id}", question, Shape.CHOICE, statement.text, question.points)
        return
    yield Variable(question.id, question, _SHAPES[question.kind], question.text, question.choices)
    for choice in question.choices:
        if choice.other:
            yield Variable(f"{question.id}.other", question, Shape.TEXT, choice.label)


def in_easy_words(definition: FormDefinition) -> FormDefinition:
    """Return the form as Easy Read asks it: the same questions, in easier words wherever its author gave some."""
    return _reworded(definition, definition.easy, items=tuple(_easier(item) for item in definition.items))


def _easier(item: Item) -> Item:
    if not isinstance(item, Question):
        return _reworded(item, item.easy)
    return _reworded(
        item,
        item.easy,
        choices=tuple(_reworded(choice, choice.easy) for choice in item.choices),
        statements=tuple(_reworded(statement, statement.easy) for statement in item.statements),
        points=tuple(_reworded(point, point.easy) for point in item.points),
    )


Worded = TypeVar("Worded", bound=FormDefinition | Item | Choice | Statement)


def _reworded(worded: Worded, easy: EasyWords, **changes: Any) -> Worded:
    return replace(worded, **{**easy, **changes})


def say(wording: Wording, language: str) -> str:
    """Return the words in `language`, else in the first language there is, else nothing."""
    return wording.get(language) or next(iter(wording.values()), "")


def canonical_json(definition: FormDefinition) -> str:
    """Return the definition as JSON with sorted keys and no line numbers: equal for equal meaning.

    What a definition can say only since a later release is left out where it says nothing, so that no version changes.
    """
    return json.dumps(_said(asdict(definition)), ensure_ascii=False, sort_keys=True, default=_plain)


_SAID_SINCE = frozenset(
    {
        "standard",
        "who",
        "easy",
        "picture",
        "postcard",
        "return_address",
        "destroy_by",
        "receipt",
        "on_one_page",
        "postcard_return_to",
    }
)
"""Keys that came after the first definitions were printed."""


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a form definition")


def _said(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: _said(inner)
            for key, inner in value.items()
            if key != "line" and not (key in _SAID_SINCE and not inner)
        }
    if isinstance(value, list | tuple):
        return [_said(inner) for inner in value]
    return value
