"""What staff are asked, one answer a page: the question in words, why it is asked, and ways to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.form.code import spoken_copy_code
from pipeline.form.definition import FormDefinition, Shape, Variable, say
from pipeline.form.rules import split_values
from pipeline.reading.words import Word
from pipeline.review.decisions import COUNT, LEAVE_OUT
from pipeline.review.doubts import SECOND_RETURN, UNSURE_WORD
from pipeline.review.remarks import is_about_remark
from pipeline.store.checks import OpenCheck, SecondLook
from pipeline.store.waiting import OpenDoubt
from pipeline.web.in_words import held_in_words, in_words, part_of, variable_named

_KEYS = "123456789"

MOST_UNSURE = 6
"""Where more words than this are unsure, all need looking at, and none is named."""

VALUE = "value"
MISSING = "missing"
NAMES = {"value": VALUE, "missing": MISSING}
"""The fields of the page that answers it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that can be chosen, and the key that chooses it ("" after the ninth)."""

    value: str
    label: str
    key: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer to decide. `way` is how: `one`, `many`, `line` or `lines`; `guess` what the machine thinks, in words.

    `name` is that of the doubt or check; `sentence` says why it is asked; `unsure` are those words or characters of the
    guess that are likeliest to be wrong; `nothing` is how a person says that there is none.
    """

    name: str
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
    nothing: str = "It is blank"


@dataclass(frozen=True, slots=True)
class SecondView:
    """A check where two differ: the question as it was `asked`, and what each says, in words.

    `first` is who read it first, the computer or whoever decided; `by` who looked without knowing that.
    """

    asked: Asked
    first: str
    computer: str
    checker: str
    by: str


def view_doubt(
    definition: FormDefinition,
    doubt: OpenDoubt,
    chosen: Sequence[str] | None,
    words: Sequence[Word] = (),
    unclear: Sequence[str] = (),
) -> Asked:
    """Return a doubt as its page shows it; `chosen` is what somebody chose or typed that could not be taken.

    `words` are those that a machine read, where it is about free writing; `unclear` the characters of the guess that
    need looking at, where it is about boxes.
    """
    if doubt.question == SECOND_RETURN:
        return _view_second_return(definition, doubt)
    if is_about_remark(doubt.question):
        return _view_remark(definition, doubt, chosen)
    variable, language = variable_named(definition, doubt.question), definition.languages[0]
    ticked = chosen if chosen is not None else _ticked_already(variable, doubt)
    asked = _ask(definition, variable, doubt.name, doubt.copy, ticked)
    return replace(
        asked,
        sentence=doubt.sentence,
        guess=in_words(variable, doubt.guess, language),
        unsure=_unsure(words) + _unless_all(unclear, doubt.guess) if doubt.guess else (),
        typed="\n".join(chosen) if chosen is not None else doubt.guess,
        has_picture=doubt.sha256 is not None,
    )


def view_check(definition: FormDefinition, check: OpenCheck, chosen: Sequence[str] | None) -> Asked:
    """Return a field to be checked, without a word of what was read there."""
    asked = _ask(definition, variable_named(definition, check.question), check.name, check.copy, chosen or ())
    sentence = _SECOND_PERSON if check.decided_by else _SAY_WHAT_YOU_SEE
    return replace(asked, sentence=sentence, typed="\n".join(chosen or ()))


def view_second_look(definition: FormDefinition, look: SecondLook) -> SecondView:
    """Return a check where two differ, as its page shows it."""
    variable, language = variable_named(definition, look.field.question), definition.languages[0]
    return SecondView(
        asked=view_check(definition, look.field, None),
        first=look.field.decided_by or "The computer",
        computer=held_in_words(variable, look.read, language),
        checker=held_in_words(variable, look.entered, language),
        by=look.by,
    )


_SECOND_PERSON = "One decision in twenty is looked at by a second person. Please say what you see on the paper."
_SAY_WHAT_YOU_SEE = "The computer was sure here. To find out how well it reads, please say what you see on the paper."


def _ask(definition: FormDefinition, variable: Variable, name: str, copy: str | None, ticked: Sequence[str]) -> Asked:
    """One variable put to a person, with `ticked` ticked beforehand and nothing else said."""
    language = definition.languages[0]
    return Asked(
        name=name,
        form=say(definition.title, language),
        copy=spoken_copy_code(copy) if copy else "",
        number=str(definition.questions.index(variable.question) + 1),
        question=say(variable.question.text, language),
        statement=part_of(variable, language),
        sentence="",
        guess="",
        unsure=(),
        way=_way(variable),
        answers=tuple(
            Answer(
                choice.value,
                say(choice.label, language),
                _KEYS[place] if place < len(_KEYS) else "",
                choice.value in ticked,
            )
            for place, choice in enumerate(variable.choices)
        ),
        typed="",
        may_be_missing=True,
        has_picture=True,
    )


def _view_second_return(definition: FormDefinition, doubt: OpenDoubt) -> Asked:
    answers = (
        Answer(COUNT, "Yes, somebody else filled it in: count it", "1", False),
        Answer(LEAVE_OUT, "No, it is the same person again: leave it out", "2", False),
    )
    asked = _ask_beside(definition, doubt, "A copy that came back twice")
    return replace(asked, way="one", answers=answers, may_be_missing=False)


def _view_remark(definition: FormDefinition, doubt: OpenDoubt, chosen: Sequence[str] | None) -> Asked:
    asked = _ask_beside(definition, doubt, "Writing outside the boxes")
    return replace(asked, typed="\n".join(chosen or ()), nothing="It says nothing")


def _ask_beside(definition: FormDefinition, doubt: OpenDoubt, question: str) -> Asked:
    """Something on the paper put to a person that is no answer to any question of the form."""
    return Asked(
        name=doubt.name,
        form=say(definition.title, definition.languages[0]),
        copy=spoken_copy_code(doubt.copy) if doubt.copy else "",
        number="",
        question=question,
        statement="",
        sentence=doubt.sentence,
        guess="",
        unsure=(),
        way="lines",
        answers=(),
        typed="",
        may_be_missing=True,
        has_picture=doubt.sha256 is not None,
    )


def _unsure(words: Sequence[Word]) -> tuple[str, ...]:
    unsure = tuple(dict.fromkeys(word.text for word in words if word.confidence < UNSURE_WORD))
    return unsure if len(unsure) <= MOST_UNSURE else ()


def _unless_all(unclear: Sequence[str], guess: str) -> tuple[str, ...]:
    """Each unclear character of a guess; none is named where all need looking at."""
    return tuple(dict.fromkeys(unclear)) if len(unclear) < sum(map(str.isalnum, guess)) else ()


def _way(variable: Variable) -> str:
    ways = {Shape.CHOICE: "one", Shape.CHOICES: "many", Shape.COMMENT: "lines"}
    return ways.get(variable.shape, "line")


def _ticked_already(variable: Variable, doubt: OpenDoubt) -> tuple[str, ...]:
    """Ticks of a `many` that were read are ticked already; of a `one`, nothing is: a person should choose."""
    return split_values(doubt.guess) if variable.shape is Shape.CHOICES else ()
