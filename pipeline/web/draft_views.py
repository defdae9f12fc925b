"""The pages of a form that somebody has begun, from what was sent so far to HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import Response

from pipeline.form.code import is_copy_code, spoken_copy_code, tidy_copy_code
from pipeline.form.definition import FormDefinition, Question, Shape, Variable, variables_of
from pipeline.form.rules import Answers, split_values
from pipeline.form.words import long_date
from pipeline.web.answering import CODE, ToPutRight
from pipeline.web.drafts import Draft, spoken_return_code
from pipeline.web.form_page import Listed, closing_notes, summary, view_question
from pipeline.web.guard import last_of
from pipeline.web.in_words import in_words
from pipeline.web.pages import last_page, page
from pipeline.web.question_view import element_id
from pipeline.web.resident_pages import NAMES, shared
from pipeline.web.steps import asked_answers, asked_questions, first_unseen, question_before
from pipeline.web.words import shown, spoken

LocalDay = Callable[[datetime], date]
"""The site's local date at a moment."""

CHANGE = "change"
"""In an address: somebody came from the last page to change one answer, and is led back there."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A form that somebody has begun, and the language to go on in; `changing` if one answer is to be changed."""

    form: FormDefinition
    language: str
    draft: Draft
    changing: bool = False

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions this person is asked."""
        return asked_questions(self.form, self.draft.fields)

    @property
    def next_step(self) -> str:
        """The first question that was not met yet, or the last page."""
        unseen = first_unseen(self.form, self.draft.fields)
        return f"ask/{unseen.id}" if unseen else "check"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer on the last page: its question and where to change it; `parts` are (part of the question, answer)."""

    id: str
    number: int
    question: str
    parts: tuple[tuple[str, str], ...]
    change: str
    error: str


def address_of(begun: Begun, step: str, *, change: bool | None = None) -> str:
    """Return the address of a step: `check`, `code`, `back`, `erase`, or `ask/` and a question."""
    changing = begun.changing if change is None else change
    suffix = f"&{CHANGE}" if changing and step.startswith("ask/") else ""
    return f"{_path_of(begun, step)}?lang={begun.language}{suffix}"


def _path_of(begun: Begun, step: str) -> str:
    return f"/f/{begun.form.id}/draft/{begun.draft.address}/{step}"


def question_page(begun: Begun, question: Question, wrong: Sequence[ToPutRight] = ()) -> Response:
    """Show one question with what was typed in it."""
    form, language, fields = begun.form, begun.language, begun.draft.fields
    leading, item = view_question(form, question, fields, wrong, language)
    before = question_before(form, fields, question.id)
    return page(
        "question.html",
        422 if wrong else 200,
        **_around(begun),
        action=address_of(begun, f"ask/{question.id}"),
        back=_back(begun, before),
        step=spoken("question_of", language, number=item.number, questions=len(form.questions)),
        leading=leading,
        item=item,
        summary=summary(form, wrong, language),
        alone=True,
    )


def code_page(begun: Begun, wrong: Sequence[ToPutRight] = ()) -> Response:
    """Show the code of the paper copy, to be changed."""
    return page(
        "code.html",
        422 if wrong else 200,
        **_around(begun),
        action=address_of(begun, "code"),
        back=address_of(begun, "check"),
        code=last_of(begun.draft.fields, CODE),
        code_trouble=next((found.message for found in wrong), ""),
        summary=summary(begun.form, wrong, begun.language),
    )


def check_page(begun: Begun, wrong: Sequence[ToPutRight] = ()) -> Response:
    """Show everything that will be sent, with a way to change each answer."""
    form, language, fields = begun.form, begun.language, begun.draft.fields
    errors = {found.question: found.message for found in reversed(wrong)}
    code = tidy_copy_code(last_of(fields, CODE))
    return page(
        "check.html",
        422 if wrong else 200,
        **_around(begun),
        action=address_of(begun, "check"),
        here=_path_of(begun, "check"),
        back=_back(begun, question_before(form, fields, "")),
        lines=list(_lines(begun, errors)),
        code=spoken_copy_code(code) if is_copy_code(code) else code,
        code_error=errors.get(CODE, ""),
        change_code=address_of(begun, "code"),
        closing=closing_notes(form, language),
        summary=_to_their_lines(form, summary(form, wrong, language), wrong),
        erase=address_of(begun, "erase"),
        submission_key=begun.draft.submission_key,
    )


def kept_page(begun: Begun, local_day: LocalDay, host: str) -> Response:
    """Tell somebody who wants to come back how; `host` is where residents find us, as they typed it."""
    return last_page(
        "kept.html",
        **_around(begun),
        code=spoken_return_code(begun.draft.return_code),
        host=host,
        until=_until(begun, local_day),
    )


def back_page(begun: Begun, local_day: LocalDay) -> Response:
    """Ask somebody who has come back whether to carry on."""
    language, kept_on = begun.language, begun.draft.kept_on
    assert kept_on is not None, "what nobody asked to keep has no way back"
    return page(
        "back.html",
        **_around(begun),
        here=_path_of(begun, "back"),
        go_on=address_of(begun, begun.next_step),
        erase=address_of(begun, "erase"),
        since=spoken("kept_since", language, date=long_date(local_day(kept_on), language)),
        until=_until(begun, local_day),
    )


def gone_page(form: FormDefinition, language: str) -> Response:
    """Say that nothing is kept at an address any more."""
    heading, message = spoken("gone_title", language), spoken("gone", language)
    return page("message.html", 404, **shared(form, language), heading=heading, message=message)


def needs_code_page(form: FormDefinition, language: str, lost: str = "") -> Response:
    """Ask for the code of answers that somebody keeps to come back to; shows none of them.

    `lost` is the phrase for what was wanted of them in vain, from another window say: `not_added` or `not_sent`.
    """
    return page("needs_code.html", 403, **shared(form, language), names=NAMES, lost=lost)


def _until(begun: Begun, local_day: LocalDay) -> str:
    """Say until when something is kept: the last whole day."""
    last = local_day(begun.draft.erase_at - timedelta(days=1))
    return spoken("kept_until", begun.language, date=long_date(last, begun.language))


def _around(begun: Begun) -> dict[str, Any]:
    return {**shared(begun.form, begun.language), "names": NAMES}


def _back(begun: Begun, before: Question | None) -> str:
    """Return where the link back leads: to the question before, or to the last page for who came from there.

    From the first question it leads to the start while nothing is answered; to start again is to begin anew.
    """
    if begun.changing:
        return address_of(begun, "check")
    if before is None:
        return "" if begun.draft.fields.keys() - {CODE} else f"/f/{begun.form.id}?lang={begun.language}"
    return address_of(begun, f"ask/{before.id}")


def _lines(begun: Begun, errors: dict[str, str]) -> Iterator[Line]:
    form, language = begun.form, begun.language
    answers = asked_answers(form, begun.draft.fields)
    for question in begun.asked:
        own = list(variables_of(question))
        yield Line(
            id=f"line-{element_id(question.id)}",
            number=form.questions.index(question) + 1,
            question=shown(question.text, language),
            parts=tuple(_parts(own, answers, language)),
            change=address_of(begun, f"ask/{question.id}", change=True),
            error=next((errors[variable.name] for variable in own if variable.name in errors), ""),
        )


def _parts(variables: Sequence[Variable], answers: Answers, language: str) -> Iterator[tuple[str, str]]:
    """Yield each part of an answer with its words; what is written beside a choice follows it without any."""
    for variable in variables:
        said = _said(variable, answers.get(variable.name, ""), language)
        is_beside = variable.shape is Shape.TEXT and variable.name != variable.question.id
        if said or not is_beside:
            is_statement = variable.name != variable.question.id and not is_beside
            yield (shown(variable.text, language) if is_statement else ""), said or spoken("not_answered", language)


def _said(variable: Variable, value: str, language: str) -> str:
    """Return an answer in words, each of several ticks on a line of its own."""
    if variable.shape is Shape.CHOICES:
        return "\n".join(in_words(variable, each, language) for each in split_values(value))
    return in_words(variable, value, language)


def _to_their_lines(form: FormDefinition, listed: Sequence[Listed], wrong: Sequence[ToPutRight]) -> list[Listed]:
    """Let the summary of the last page lead to the lines on it: its fields are on other pages."""
    owners = {variable.name: variable.question.id for variable in form.variables}
    targets = [f"line-{element_id(owners.get(found.question, found.question))}" for found in wrong]
    return [Listed(target, line.message) for target, line in zip(targets, listed, strict=True)]
