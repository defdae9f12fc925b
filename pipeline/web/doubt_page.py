"""One doubt as a page: the question in words, why it is asked, what it might say, and ways to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.form.code import spoken_copy_code
from pipeline.form.definition import FormDefinition, Kind, Shape, Variable, say
from pipeline.form.rules import split_values
from pipeline.form.words import long_date
from pipeline.reading.words import Word
from pipeline.review.decisions import COUNT, LEAVE_OUT
from pipeline.review.doubts import SECOND_RETURN
from pipeline.store.waiting import OpenDoubt

_KEYS = "123456789"

UNSURE = 0.5
"""Words whose chance of being right is less are named, so that they are looked at first."""

MOST_UNSURE = 6
"""Where more words than this are unsure, all need looking at, and none is named."""

VALUE = "value"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that can be chosen, and the key that chooses it ("" after the ninth)."""

    value: str
    label: str
    key: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class DoubtView:
    """A doubt to settle. `way` is how: `one`, `many`, `line` or `lines`; `guess` what the machine thinks, in words.

    `unsure` are those words of the guess that are likeliest to be wrong.
    """

    doubt: str
    form: str
    copy: str
    number: str
    question: str
    statement: str
    sentence: str
    guess: str
    unsure: tuple[str, ...]
    way: str
    answers: tuple[Answer, ...]
    typed: str
    may_be_missing: bool
    has_picture: bool


def view_doubt(
    definition: FormDefinition, doubt: OpenDoubt, chosen: Sequence[str] | None, words: Sequence[Word] = ()
) -> DoubtView:
    """Return a doubt as its page shows it; `chosen` is what somebody chose or typed that could not be taken.

    `words` are those that a machine read, where it is about free writing.
    """
    language = definition.languages[0]
    copy = spoken_copy_code(doubt.copy) if doubt.copy else ""
    form = say(definition.title, language)
    if doubt.question == SECOND_RETURN:
        return _view_second_return(doubt, form, copy)
    variable = next(each for each in definition.variables if each.name == doubt.question)
    number = definition.questions.index(variable.question) + 1
    return DoubtView(
        doubt=doubt.doubt,
        form=form,
        copy=copy,
        number=str(number),
        question=say(variable.question.text, language),
        statement=_part(variable, language),
        sentence=doubt.sentence,
        guess=_in_words(variable, doubt.guess, language),
        unsure=_unsure(words) if doubt.guess else (),
        way=_way(variable),
        answers=tuple(
            Answer(
                choice.value,
                say(choice.label, language),
                _KEYS[place] if place < len(_KEYS) else "",
                choice.value in (chosen if chosen is not None else _ticked_already(variable, doubt)),
            )
            for place, choice in enumerate(variable.choices)
        ),
        typed="\n".join(chosen) if chosen is not None else doubt.guess,
        may_be_missing=True,
        has_picture=doubt.sha256 is not None,
    )


def _view_second_return(doubt: OpenDoubt, form: str, copy: str) -> DoubtView:
    return DoubtView(
        doubt=doubt.doubt,
        form=form,
        copy=copy,
        number="",
        question="A copy that came back twice",
        statement="",
        sentence=doubt.sentence,
        guess="",
        unsure=(),
        way="one",
        answers=(
            Answer(COUNT, "Yes, somebody else filled it in: count it", "1", False),
            Answer(LEAVE_OUT, "No, it is the same person again: leave it out", "2", False),
        ),
        typed="",
        may_be_missing=False,
        has_picture=doubt.sha256 is not None,
    )


def _unsure(words: Sequence[Word]) -> tuple[str, ...]:
    unsure = tuple(dict.fromkeys(word.text for word in words if word.confidence < UNSURE))
    return unsure if len(unsure) <= MOST_UNSURE else ()


def _way(variable: Variable) -> str:
    ways = {Shape.CHOICE: "one", Shape.CHOICES: "many", Shape.COMMENT: "lines"}
    return ways.get(variable.shape, "line")


def _ticked_already(variable: Variable, doubt: OpenDoubt) -> tuple[str, ...]:
    """Ticks of a `many` that were read are ticked already; of a `one`, nothing is: a person should choose."""
    return split_values(doubt.guess) if variable.shape is Shape.CHOICES else ()


def _part(variable: Variable, language: str) -> str:
    """Return which part of a question is meant: the statement of a scale, the writing beside a choice."""
    if variable.name == variable.question.id:
        return ""
    words = say(variable.text, language)
    return words if variable.question.kind is Kind.SCALE else f"What is written beside “{words}”"


def _in_words(variable: Variable, value: str, language: str) -> str:
    """Return a stored value as a person would say it."""
    if variable.choices:
        labels = {choice.value: say(choice.label, language) for choice in variable.choices}
        return "; ".join(labels.get(each, each) for each in split_values(value))
    if variable.shape is Shape.DATE and value:
        try:
            return long_date(date.fromisoformat(value), language)
        except ValueError:
            return value
    return value
