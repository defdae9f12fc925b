"""A form asked one question a page: each page keeps what was sent, the last shows it all, and then it goes on record.

Between pages the answers wait on this computer (`drafts`) under a random address that is part of the pages' own. So
going back, reloading and changing the language work as on any page, without a cookie and without a script, and all
that stays on the device is addresses that soon lead nowhere: at once where somebody saves and goes, see `Draft`. Hidden
fields would leave nothing here, but a browser that goes back to a page it sent asks first whether to send it again, and
holds on to what was sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline.form.definition import FormDefinition, Question, variables_of
from pipeline.web.answering import (
    CODE,
    KEEP,
    LANGUAGE,
    OWN_FIELDS,
    SUBMISSION_KEY,
    around,
    submission_key,
    to_put_right,
)
from pipeline.web.draft_views import (
    CHANGE,
    Begun,
    address_of,
    back_page,
    check_page,
    code_page,
    gone_page,
    kept_page,
    needs_code_page,
    question_page,
)
from pipeline.web.drafts import KEPT_DAYS, Draft, Drafts
from pipeline.web.guard import Fields, last_of, posted_fields
from pipeline.web.resident_pages import Filled, spoken_in, start_page
from pipeline.web.steps import asked_answers, emptied, next_question, sent_for
from pipeline.web.taking import Taking, received

Show = Callable[[Begun, Request], Response]
Act = Callable[[Begun, Request, Fields], Response]


class _ClosedMeanwhileError(Exception):
    """A draft was sent, erased or saved to come back to between being found and being added to."""


class DraftPages:
    """The pages of forms that somebody has begun."""

    def __init__(self, taking: Taking, drafts: Drafts) -> None:
        self._taking = taking
        self._drafts = drafts

    def routes(self) -> Sequence[BaseRoute]:
        """Return every address of a form that is begun."""
        at = "/f/{form}/draft/{address}"
        shows, takes = self._shows, self._takes
        return [
            Route("/f/{form}/start", self.start, methods=["POST"]),
            Route(f"{at}/ask/{{question}}", shows(self._ask_page), methods=["GET"]),
            Route(f"{at}/ask/{{question}}", takes(self._take_answer), methods=["POST"]),
            Route(f"{at}/code", shows(lambda begun, request: code_page(begun)), methods=["GET"]),
            Route(f"{at}/code", takes(self._take_code), methods=["POST"]),
            Route(f"{at}/check", shows(lambda begun, request: check_page(begun)), methods=["GET"]),
            Route(f"{at}/check", takes(self._send), methods=["POST"]),
            Route(
                f"{at}/back", shows(lambda begun, request: back_page(begun, self._taking.local_day)), methods=["GET"]
            ),
            Route(f"{at}/erase", takes(lambda begun, request, fields: self.erase(begun)), methods=["POST"]),
        ]

    async def start(self, request: Request) -> Response:
        """Begin a form, and lead to its first question."""
        return await run_in_threadpool(self._start, request, await posted_fields(request))

    def begin_whole(self, form: FormDefinition, language: str, fields: Fields) -> Response:
        """Keep a form that was filled in on one page and is right, and lead to where it is shown once more."""
        met = {name: () for question in form.questions for name in emptied(question)}
        answers = {name: sent for name, sent in fields.items() if name not in OWN_FIELDS - {CODE}}
        draft = self._drafts.begin(form.id, submission_key(fields), {**met, **answers}, self._taking.clock())
        return _lead(Begun(form, language, draft), "check")

    def go_on(self, begun: Begun) -> Response:
        """Lead to the first question that was not met yet, or to the last page."""
        return _lead(begun, begun.next_step)

    def taken_up(self, begun: Begun) -> Begun:
        """Take up what was kept for somebody who has come back, under a new address."""
        until = self._keep_until(begun.form)
        return replace(begun, draft=self._drafts.take_up(begun.draft, self._taking.clock(), until))

    def welcome_back(self, begun: Begun) -> Response:
        """Lead somebody who has come back to where they are asked whether to carry on."""
        return _lead(begun, "back")

    def erase(self, begun: Begun) -> Response:
        """Erase what was begun."""
        self._drafts.erase(begun.draft)
        return RedirectResponse(f"/f/{begun.form.id}/erased?lang={begun.language}", 303)

    def _start(self, request: Request, fields: Fields) -> Response:
        form, language = self._taking.form(request)
        refused = self._taking.refused(request, form, language)
        if refused:
            return refused
        wrong = [*around(form, fields, language), *self._taking.wrong_code(form, fields, language)]
        if wrong:
            return start_page(Filled(form, language, fields, wrong), 422)
        code = {CODE: (last_of(fields, CODE),)}
        draft = self._drafts.begin(form.id, submission_key(fields), code, self._taking.clock())
        return self.go_on(Begun(form, language, draft))

    def _ask_page(self, begun: Begun, request: Request) -> Response:
        question = _question_in(request, begun)
        if question is None:
            return self.go_on(begun)
        return question_page(begun, question) if question in begun.asked else _lead(begun, "check")

    def _take_answer(self, begun: Begun, request: Request, fields: Fields) -> Response:
        form, language = begun.form, begun.language
        question = _question_in(request, begun)
        if question is None:
            return self.go_on(begun)
        answer = sent_for(question, fields)
        if KEEP in fields and not any(map("".join, answer.values())):
            return self._keep(begun, request)
        sent = {**begun.draft.fields, **emptied(question), **answer}
        own = {variable.name for variable in variables_of(question)}
        wrong = [each for each in to_put_right(form, asked_answers(form, sent), {}, language) if each.question in own]
        if wrong and not fields.keys() & {LANGUAGE, KEEP}:
            return question_page(replace(begun, draft=replace(begun.draft, fields=sent)), question, wrong)
        begun = self._add(begun, sent)
        if LANGUAGE in fields:
            return _lead(_in_language(begun, fields), f"ask/{question.id}")
        if KEEP in fields:
            return self._keep(begun, request)
        if begun.changing:
            return self.go_on(begun)
        following = next_question(form, begun.draft.fields, question.id)
        return _lead(begun, f"ask/{following.id}" if following else "check")

    def _take_code(self, begun: Begun, request: Request, fields: Fields) -> Response:
        code = {CODE: (last_of(fields, CODE),)}
        wrong = [] if LANGUAGE in fields else self._taking.wrong_code(begun.form, code, begun.language)
        if wrong:
            sent = {**begun.draft.fields, **code}
            return code_page(replace(begun, draft=replace(begun.draft, fields=sent)), wrong)
        begun = self._add(begun, code)
        return _lead(_in_language(begun, fields), "code") if LANGUAGE in fields else _lead(begun, "check")

    def _send(self, begun: Begun, request: Request, fields: Fields) -> Response:
        if KEEP in fields:
            return self._keep(begun, request)
        form, language, draft = begun.form, begun.language, begun.draft
        answers = asked_answers(form, draft.fields)
        code = {CODE: draft.fields.get(CODE, ())}
        wrong = [*to_put_right(form, answers, code, language), *self._taking.wrong_code(form, code, language)]
        if wrong:
            return check_page(begun, wrong)
        recorded = self._taking.record(form, language, answers, last_of(code, CODE), draft.submission_key)
        self._drafts.erase(draft)
        return received(form, language, recorded.receipt, recorded.again)

    def _keep(self, begun: Begun, request: Request) -> Response:
        """Close a draft to everybody without its code, and show the code.

        The code is the answer to what was sent, and stands at no address: the history shows it to nobody.
        """
        kept = self._drafts.keep(begun.draft, self._taking.clock(), self._keep_until(begun.form))
        return self._kept_page(replace(begun, draft=kept), request)

    def _kept_page(self, begun: Begun, request: Request) -> Response:
        return kept_page(begun, self._taking.local_day, request.url.netloc)

    def _keep_until(self, form: FormDefinition) -> datetime:
        month = self._taking.clock() + timedelta(days=KEPT_DAYS)
        return min(month, self._taking.end_of(form) or month)

    def _shows(self, show: Show) -> Callable[[Request], Response]:
        """Return what answers an address with a page of a form that is begun."""

        def answer(request: Request) -> Response:
            begun = self._begun(request, {})
            return show(begun, request) if isinstance(begun, Begun) else begun

        return answer

    def _takes(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        """Return what takes the fields sent to an address of a form that is begun."""

        def take(request: Request, fields: Fields) -> Response:
            begun = self._begun(request, fields)
            try:
                return act(begun, request, fields) if isinstance(begun, Begun) else begun
            except _ClosedMeanwhileError:
                return take(request, fields)

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(take, request, await posted_fields(request))

        return answer

    def _begun(self, request: Request, fields: Fields) -> Begun | Response:
        """Return the form that is begun at an address, or what is said where there is none, or none is taken today.

        Somebody who presses twice sends a page twice. Of the last page, its key finds the receipt of the first time; of
        one that was saved to come back to, the code is shown once more.
        """
        form, language = self._taking.form(request)
        refused = self._taking.refused(request, form, language)
        if refused:
            return refused
        now = self._taking.clock()
        draft = self._drafts.find(form.id, request.path_params["address"], now)
        if draft is None:
            receipt = self._taking.receipt_of(form, last_of(fields, SUBMISSION_KEY))
            return received(form, language, receipt, again=False) if receipt else gone_page(form, language)
        begun = Begun(form, language, draft, changing=CHANGE in request.query_params)
        if draft.is_open(now):
            return begun
        lost = _lost(draft, fields)
        if KEEP in fields and draft.was_just_kept(now) and not lost:
            return self._kept_page(begun, request)
        return needs_code_page(form, language, lost)

    def _add(self, begun: Begun, fields: Fields) -> Begun:
        """Keep what was sent. Raises _ClosedMeanwhileError where another press closed the draft at that very moment."""
        kept = self._drafts.add(begun.draft, fields, self._taking.clock())
        if kept is None:
            raise _ClosedMeanwhileError
        return replace(begun, draft=kept)


def _lost(draft: Draft, fields: Fields) -> str:
    """The phrase for what a page of a closed draft wanted in vain: to send the answers, or to add to them."""
    if SUBMISSION_KEY in fields:
        return "" if KEEP in fields else "not_sent"
    answers = {name: sent for name, sent in fields.items() if name not in (LANGUAGE, KEEP)}
    entered = {name: said for name, sent in answers.items() if (said := _said(sent))}
    is_new = any(said != _said(draft.fields.get(name, ())) for name, said in entered.items())
    return "not_added" if is_new else ""


def _said(sent: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in sent if value.strip())


def _lead(begun: Begun, step: str) -> Response:
    return RedirectResponse(address_of(begun, step), 303)


def _in_language(begun: Begun, fields: Fields) -> Begun:
    return replace(begun, language=spoken_in(begun.form, last_of(fields, LANGUAGE)))


def _question_in(request: Request, begun: Begun) -> Question | None:
    """Return the question that an address names, None where the form has it no more: it has changed meanwhile."""
    return next((each for each in begun.form.questions if each.id == request.path_params["question"]), None)
