"""What was decided, said in words: by whom, and what it means for somebody who decides about the same."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, say
from pipeline.review.decisions import COUNT, LEAVE_OUT
from pipeline.review.doubts import SECOND_RETURN
from pipeline.review.remarks import is_about_remark
from pipeline.store.catalogue import definition_of
from pipeline.store.queue import Decided, count_answers, last_decision
from pipeline.store.withdrawal_rows import Withdrawal
from pipeline.web.accounts import Signed
from pipeline.web.in_words import in_words, part_of, variable_named

LONGEST_QUOTED = 60
"""Signs of an answer that are quoted: enough to know it again."""

GONE = "Nothing is to be decided there any more: the form was read again, or more of it came in. Nothing was changed."

_WITHOUT_VALUE = {
    Missing.BLANK: "that it is blank",
    Missing.NOT_ASKED: "that it is blank",
    Missing.UNREADABLE: "that it cannot be read",
    Missing.REFUSED: "that the person would rather not say",
    Missing.WITHDRAWN: "what the person has taken back since",
}

_SAID_OF_A_RETURN = {COUNT: "to count it", LEAVE_OUT: "to leave it out"}


def what_was_said(definition: FormDefinition, decided: Decided) -> str:
    """Return what somebody decided, to stand after "said": `“Good”`, or `that it is blank`."""
    if decided.value is None:
        return _WITHOUT_VALUE[Missing(str(decided.missing))]
    if decided.question == SECOND_RETURN:
        return _SAID_OF_A_RETURN[decided.value]
    if is_about_remark(decided.question):
        return _quoted(decided.value)
    return _quoted(in_words(variable_named(definition, decided.question), decided.value, definition.languages[0]))


def which_question(definition: FormDefinition, question: str) -> str:
    """Return the words of a question, with its part where it has several."""
    if question == SECOND_RETURN:
        return "A copy that came back twice"
    if is_about_remark(question):
        return "Writing outside the boxes"
    variable, language = variable_named(definition, question), definition.languages[0]
    return " – ".join(filter(None, (say(variable.question.text, language), part_of(variable, language))))


def which_withdrawn(definition: FormDefinition, taken: Withdrawal) -> str:
    """Return what somebody took back: the words of the question, with those of the one it went with."""
    if taken.question is None:
        return "The whole response"
    words = {each.id: say(each.text, definition.languages[0]) for each in definition.questions}
    question = words.get(taken.question, taken.question)
    return question if taken.question == taken.named else f"{question} (with “{words[str(taken.named)]}”)"


def late(definition: FormDefinition, decided: Decided) -> str:
    """Tell somebody that another person had decided already."""
    question, said = which_question(definition, decided.question), what_was_said(definition, decided)
    return (
        f"{decided.by} was a moment quicker at “{question}” and said {said}. That stands, and what you sent was not"
        f" kept. If you see it otherwise, tell {decided.by}, who can take it back."
    )


def said_before(definition: FormDefinition, decided: Decided) -> str:
    """Tell somebody that they had decided otherwise already, as who has two windows open may."""
    question, said = which_question(definition, decided.question), what_was_said(definition, decided)
    return (
        f"You said {said} at “{question}” before, in another window perhaps. That stands, and what you have sent now"
        " was not kept. To change it, take back what you said."
    )


def last_in_words(db: Database, signed: Signed, now: datetime) -> str:
    """Return what somebody decided last and may take back; "" where there is nothing."""
    last = last_decision(db, signed.name, now)
    if last is None:
        return ""
    if last.batch:
        number = count_answers(db, last)
        return f"You looked at characters of {number} {'answer' if number == 1 else 'answers'} together."
    definition = definition_of(db, last.version)
    return f"At “{which_question(definition, last.question)}” you said {what_was_said(definition, last)}."


def _quoted(words: str) -> str:
    shown = words if len(words) <= LONGEST_QUOTED else f"{words[:LONGEST_QUOTED].rstrip()} …"
    return f"“{shown}”"
