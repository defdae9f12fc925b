"""What residents meet: the forms that are open, each to answer, and what became of it. All works without a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from pipeline.form.definition import FormDefinition
from pipeline.form.rules import Answers
from pipeline.site import Site
from pipeline.web.answering import CODE, LANGUAGE, VERSION, ToPutRight, answers_in, submission_key, to_put_right
from pipeline.web.code_pages import CodePages
from pipeline.web.draft_pages import DraftPages
from pipeline.web.drafts import Drafts
from pipeline.web.form_page import routing_style
from pipeline.web.guard import Fields, Guard, last_of, posted_fields
from pipeline.web.kiosk_mode import KioskMode, this_kiosk
from pipeline.web.kiosk_pages import START, KioskPages
from pipeline.web.limits import Limited
from pipeline.web.offline import NO_CONNECTION, ON_DEVICE, WORKER, no_connection_page, on_device_page, worker_script
from pipeline.web.open_forms import Forms
from pipeline.web.pages import LEAVING, StaticPages, leaving_sheet
from pipeline.web.resident_pages import (
    Filled,
    erased_page,
    form_page,
    language_in,
    list_page,
    spoken_in,
    start_page,
    trouble_page,
)
from pipeline.web.taking import Clock, Taking, received, told, wants_json
from pipeline.web.versions import Versions, as_filled
from pipeline.web.words import spoken

ERASE_EVERY_S = 600
"""Seconds from one look for forms that were begun too long ago to the next."""


def residents_app(site: Site, clock: Clock, forms: Forms) -> ASGIApp:
    """Return the application for the residents' listener; `clock` gives the present moment in UTC."""
    residents = _Residents(site, clock, forms)
    app = Starlette(
        routes=[
            Route("/", residents.forms_page),
            Route("/f/{form}", residents.form_page, methods=["GET"]),
            Route("/f/{form}", residents.answer, methods=["POST"]),
            Route("/f/{form}/start", residents.start_page, methods=["GET"]),
            Route("/f/{form}/all", residents.whole_page, methods=["GET"]),
            Route("/f/{form}/check", residents.check_whole, methods=["POST"]),
            Route("/f/{form}/erased", residents.erased_page),
            Route("/f/{form}/routing.css", residents.routing_sheet),
            *residents.begun.routes(),
            *residents.codes.routes(),
            *residents.kiosks.routes(),
            Route(WORKER, worker_script),
            Route(ON_DEVICE, residents.on_device_page),
            Route(NO_CONNECTION, residents.no_connection_page),
            Route(LEAVING, leaving_sheet),
            Mount("/static", StaticPages()),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={HTTPException: explain_trouble, Exception: explain_trouble},
        lifespan=residents.lifespan,
    )
    allowed = Limited(KioskMode(app, site.private), site.settings.allowance_per_minute, explain_trouble)
    return Guard(allowed)


class _Residents:
    """The forms of one site. Pages that touch files or the store are plain functions, which run in threads."""

    def __init__(self, site: Site, clock: Clock, forms: Forms) -> None:
        self._taking = Taking(site, clock, forms)
        self._versions = Versions()
        self._drafts = Drafts(site.private)
        self.begun = DraftPages(self._taking, self._drafts)
        self.codes = CodePages(self._taking, self._drafts, self.begun)
        self.kiosks = KioskPages(self._taking, site.private)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Erase what waits too long for as long as the listener runs, and close the files when it stops."""
        erasing = asyncio.create_task(self._erase_old())
        yield
        erasing.cancel()
        with suppress(asyncio.CancelledError):
            await erasing
        self._drafts.close()
        self._taking.stores.close()

    def forms_page(self, request: Request) -> Response:
        """List the forms that are open today."""
        if this_kiosk():
            return RedirectResponse(START, 303)
        forms = self._taking.forms.open_on(self._taking.clock())
        return list_page(forms, language_in(request), request.query_params.get(CODE, ""), "")

    def on_device_page(self, request: Request) -> Response:
        """Tell which forms wait on the device that asks."""
        return on_device_page(language_in(request))

    def no_connection_page(self, request: Request) -> Response:
        """Show what devices keep for when nothing can be reached."""
        return no_connection_page(language_in(request))

    def form_page(self, request: Request) -> Response:
        """Show a form as its author wants it to begin."""
        form, _ = self._taking.form(request)
        return self.whole_page(request) if form.on_one_page else self.start_page(request)

    def start_page(self, request: Request) -> Response:
        """Show what a form is about, before its first question."""
        return self._blank(request, start_page)

    def whole_page(self, request: Request) -> Response:
        """Show all questions of a form on one page."""
        return self._blank(request, form_page)

    async def answer(self, request: Request) -> Response:
        """Take a filled-in form: a program's, or one from a page that was not shown once more before it was sent."""
        fields = await posted_fields(request)
        return await run_in_threadpool(self._take, request, fields, self._record)

    async def check_whole(self, request: Request) -> Response:
        """Take a form that was filled in on one page, to show it once more before it is sent."""
        fields = await posted_fields(request)
        return await run_in_threadpool(self._take, request, fields, self._show_once_more)

    def erased_page(self, request: Request) -> Response:
        """Tell somebody that what was begun is gone."""
        return erased_page(*self._taking.form(request))

    def routing_sheet(self, request: Request) -> Response:
        """Send the style sheet that hides questions which are not asked."""
        form, _ = self._taking.form(request)
        with self._taking.stores.lent() as db:
            shown = as_filled(db, form, request.query_params.get(VERSION, "")) or form
        return Response(routing_style(shown), media_type="text/css")

    def _blank(self, request: Request, show: Callable[[Filled], Response]) -> Response:
        """Show a form that nothing is filled in on yet but the code of a paper copy, where one is given."""
        form, language = self._taking.form(request)
        refused = self._taking.refused(request, form, language)
        if refused:
            return refused
        code = request.query_params.get(CODE, "")
        fields: Fields = {CODE: (code,)} if code else {}
        self._put_on_record(form)
        return show(Filled(form, language, fields, self._taking.wrong_code(form, fields, language)))

    def _put_on_record(self, form: FormDefinition) -> None:
        """Put on record that a form is shown as it stands, before anybody can fill it in."""
        with self._taking.stores.lent() as db:
            self._versions.show(db, form, self._taking.clock())

    def _whole(self, filled: Filled, status: int = 200) -> Response:
        """Show all questions on one page, with what is filled in so far. The page names the version that it shows."""
        self._put_on_record(filled.form)
        return form_page(filled, status)

    def _take(
        self,
        request: Request,
        fields: Fields,
        go_on: Callable[[Request, FormDefinition, str, Answers, Fields], Response],
    ) -> Response:
        """Go on with a form that is right as it is, or say what to put right."""
        form, language = self._taking.form(request, fields)
        if LANGUAGE in fields:
            return self._whole(Filled(form, spoken_in(form, last_of(fields, LANGUAGE)), fields))
        refused = self._taking.refused(request, form, language)
        if refused:
            return refused
        with self._taking.stores.lent() as db:
            filled = as_filled(db, form, last_of(fields, VERSION))
        form, changed = (filled, []) if filled else (form, [ToPutRight(VERSION, spoken("form_changed", language))])
        answers = answers_in(form, fields)
        wrong = [
            *changed,
            *to_put_right(form, answers, fields, language),
            *self._taking.wrong_code(form, fields, language),
        ]
        if not wrong:
            return go_on(request, form, language, answers, fields)
        return told(wrong, 422) if wants_json(request) else self._whole(Filled(form, language, fields, wrong), 422)

    def _record(
        self, request: Request, form: FormDefinition, language: str, answers: Answers, fields: Fields
    ) -> Response:
        recorded = self._taking.record(form, language, answers, last_of(fields, CODE), submission_key(fields))
        if wants_json(request):
            return JSONResponse({"receipt": recorded.receipt, "submission": recorded.submission}, 201)
        return received(form, language, recorded.receipt, recorded.again)

    def _show_once_more(
        self, request: Request, form: FormDefinition, language: str, answers: Answers, fields: Fields
    ) -> Response:
        return self.begun.begin_whole(form, language, fields)

    async def _erase_old(self) -> None:
        while True:
            await run_in_threadpool(self._drafts.erase_old, self._taking.clock())
            await asyncio.sleep(ERASE_EVERY_S)


_TROUBLE = {404: "not_found", 413: "too_long", 408: "too_slow", 429: "too_many", 500: "trouble"}


async def explain_trouble(request: Request, trouble: Exception) -> Response:
    """Say in words what an HTTP status means and what to do."""
    status, headers = (trouble.status_code, trouble.headers) if isinstance(trouble, HTTPException) else (500, None)
    language = language_in(request)
    name = _TROUBLE.get(status, "not_understood")
    if wants_json(request):
        answer = told([ToPutRight("", spoken(name, language))], status)
    else:
        answer = trouble_page(status, name, language)
    answer.headers.update(headers or {})
    return answer
