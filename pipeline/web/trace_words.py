"""Answers and where they come from, in the words of the pages that lead from a number to the paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from pipeline.form.answer import Authority, Held, Missing
from pipeline.form.definition import FormDefinition, Variable, say
from pipeline.form.words import long_date
from pipeline.review.doubts import SENTENCES, Reason
from pipeline.store.trace import DecidedBy, Given, OnScan
from pipeline.store.withdrawal_rows import Withdrawal
from pipeline.web.form_desk import NO_ANSWER, STATES
from pipeline.web.in_words import in_words, part_of
from pipeline.web.overview import CHANNELS

_WHOSE = {
    Authority.MACHINE: "The computer read it from the paper.",
    Authority.RESIDENT: "The person gave it so.",
    Authority.REVIEWED: "A person looked at the paper and decided.",
    Authority.REVIEWED_TWICE: "Two people looked at the paper and agree.",
}
"""Whose word an answer is."""

_UNKNOWN = {
    Missing.WAITING: "The computer was not sure, and a person is to look.",
    Missing.PAGE_NOT_RETURNED: "Nobody knows yet.",
    Missing.WITHDRAWN: "The person took it back, so nothing more of it is shown.",
    Missing.NOT_ASKED: "An earlier answer led past it, or the form did not have it then.",
}
"""What there is to say where it is nobody's word."""

_VERDICTS = {
    "empty": "empty",
    "marked": "marked",
    "cancelled": "filled in, so taken back",
    "unsure": "not clear by itself",
}
"""What the computer made of a box, in words."""


def question_in_words(variable: Variable, form: FormDefinition) -> str:
    """Return the words of a question, with its part where it has several."""
    language = form.languages[0]
    return " – ".join(filter(None, (say(variable.question.text, language), part_of(variable, language))))


def answer_in_words(variable: Variable, held: Held, form: FormDefinition) -> str:
    """Return what an answer holds, or why it holds nothing."""
    if held.value is None:
        kinds = {str(kind): words for kind, words in NO_ANSWER.items()}
        return kinds.get(str(held.missing), "no answer")
    return f"“{in_words(variable, held.value, form.languages[0])}”"


def response_in_words(channel: str, received_on: str, status: str) -> str:
    """Return how and when a response came, and how it stands."""
    return f"{CHANNELS[channel]}, {long_date(date.fromisoformat(received_on), 'en')}. {STATES[status]}"


def whose_word(held: Held, authority: int) -> str:
    """Return whose word an answer is."""
    unknown = {str(kind): words for kind, words in _UNKNOWN.items()}
    return unknown.get(str(held.missing)) or _WHOSE[Authority(authority)]


def day_of(at: str, zone: tzinfo) -> str:
    """Return the local day of a moment of the record (UTC, as text), written out."""
    return long_date(datetime.fromisoformat(at).astimezone(zone).date(), "en")


def decision_in_words(made: DecidedBy, variable: Variable, form: FormDefinition, zone: tzinfo, with_names: bool) -> str:
    """Return what a person decided, when and why it was asked; names of staff are for those who work with them."""
    who = made.by if with_names else "Somebody at the desk"
    answer = answer_in_words(variable, Held(made.value, made.missing), form)
    asked = f" It was asked because: {SENTENCES[Reason(made.because)]}" if made.because in set(Reason) else ""
    undone = " This was taken back." if made.undone_by else ""
    return f"{who} said on {day_of(made.at, zone)}: {answer}.{asked}{undone}"


def withdrawal_in_words(
    taken: Withdrawal, variable: Variable, form: FormDefinition, zone: tzinfo, with_names: bool
) -> str:
    """Return who entered that an answer was taken back, when, and with which other it went."""
    entered = f"It was entered{f' by {taken.by}' if with_names else ''} on {day_of(taken.at, zone)}."
    if taken.named is None:
        return f"{entered} The whole response was taken back."
    if taken.named == variable.question.id:
        return entered
    named = next(each for each in form.questions if each.id == taken.named)
    return f"{entered} It went with the answer to “{say(named.text, form.languages[0])}”: it is asked only after that."


def given_in_words(given: Given, zone: tzinfo, with_names: bool) -> str:
    """Return how an answer was given that did not come on paper."""
    day = day_of(given.at, zone)
    if given.imported:
        name = given.imported.file if with_names else "a file"
        return f"It is row {given.imported.row} of {name}, brought in from {given.imported.source} on {day}."
    if given.typed_by:
        return f"It was typed in {f'by {given.typed_by}' if with_names else 'at the desk'} on {day}."
    return f"It was given on a screen on {day}."


def measured_in_words(scan: OnScan, variable: Variable) -> Iterator[str]:
    """Yield what was measured in the fields of an answer, a line a field or group of boxes."""
    labels = {choice.value: say(choice.label, "en") for choice in variable.choices}
    for mark in scan.measured.get("marks", ()):
        ink = mark["measured"]["ink"]
        yield f"{labels.get(mark['value'], mark['value'])}: {_VERDICTS[mark['verdict']]}, {ink:.1f} mm² of ink"
    for text in scan.measured.get("texts", ()):
        read = f", read as “{text['text']}”" if text["text"] else ""
        yield f"Writing: {text['ink']:.1f} mm² of ink{read}"
    boxes = scan.measured.get("characters", ())
    if boxes:
        inked = sum(box["reading"]["ink"] > 0 for box in boxes)
        yield f"Boxes: {inked} of {len(boxes)} written in"
