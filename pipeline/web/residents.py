"""What residents meet: the forms that are open, each form to answer, and the receipt. No script, no cookie, no name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

from sqlite_utils import Database
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from pipeline.form.code import tidy_copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.rules import Answers
from pipeline.form.words import long_date
from pipeline.site import Site
from pipeline.store.record import Arrival, OnlineReturn, Recorded, record_online
from pipeline.web.answering import (
    CODE,
    LANGUAGE,
    VERSION,
    ToPutRight,
    answers_in,
    submission_key,
    to_put_right,
)
from pipeline.web.form_page import routing_style
from pipeline.web.guard import Fields, Guard, last_of, posted_fields
from pipeline.web.offline import ON_DEVICE, WORKER, on_device_page, worker_script
from pipeline.web.open_forms import Forms, Opening, opening
from pipeline.web.pages import StaticPages, page
from pipeline.web.paper_code import copy_typed, trouble_with_code
from pipeline.web.resident_pages import Filled, form_page, list_page, shared, spoken_in, trouble_page
from pipeline.web.stores import Stores
from pipeline.web.versions import Versions, as_filled
from pipeline.web.words import SPOKEN, spoken

Clock = Callable[[], datetime]


def residents_app(site: Site, clock: Clock) -> ASGIApp:
    """Return the application for the residents' listener; `clock` gives the present moment in UTC."""
    residents = _Residents(site, clock)
    app = Starlette(
        routes=[
            Route("/", residents.forms_page),
            Route("/code", residents.code_page),
            Route("/f/{form}", residents.form_page, methods=["GET"]),
            Route("/f/{form}", residents.answer, methods=["POST"]),
            Route("/f/{form}/routing.css", residents.routing_sheet),
            Route("/f/{form}/received/{receipt}", residents.receipt_page),
            Route(WORKER, worker_script),
            Route(ON_DEVICE, residents.on_device_page),
            Mount("/static", StaticPages()),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={HTTPException: explain_trouble, Exception: explain_trouble},
        lifespan=residents.lifespan,
    )
    return Guard(app)


class _Residents:
    """The pages, over one site. Those that touch files or the store are plain functions, which run in threads."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._forms = Forms(site)
        self._stores = Stores(site)
        self._versions = Versions()

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Close the store when the listener stops."""
        yield
        self._stores.close()

    def forms_page(self, request: Request) -> Response:
        """List the forms that are open today."""
        return self._list_forms(request)

    def on_device_page(self, request: Request) -> Response:
        """Tell which forms wait on the device that asks."""
        return on_device_page(language_in(request))

    def code_page(self, request: Request) -> Response:
        """Lead from the code on a paper copy to its form."""
        language = language_in(request)
        typed = request.query_params.get(CODE, "")
        if not typed.strip():
            return self._list_forms(request, spoken("code_needed", language))
        with self._stores.lent() as db:
            copy = copy_typed(db, typed, language)
        if isinstance(copy, str):
            return self._list_forms(request, copy)
        chosen = request.query_params.get("lang") or copy.lang.split("+")[0]
        return RedirectResponse(f"/f/{copy.form}?lang={chosen}&code={copy.copy}", 303)

    def form_page(self, request: Request) -> Response:
        """Show a form, empty but for the code of a paper copy."""
        form, language = self._form(request)
        refused = self._refused(request, form, language)
        if refused:
            return refused
        code = request.query_params.get(CODE, "")
        fields: Fields = {CODE: (code,)} if code else {}
        with self._stores.lent() as db:
            self._versions.show(db, form, self._clock())
            wrong = self._wrong_code(db, form, fields, language)
        return form_page(Filled(form, language, fields, wrong))

    async def answer(self, request: Request) -> Response:
        """Take a filled-in form."""
        fields = await posted_fields(request)
        return await run_in_threadpool(self._answer, request, fields)

    def routing_sheet(self, request: Request) -> Response:
        """Send the style sheet that hides questions which are not asked."""
        form, _ = self._form(request)
        with self._stores.lent() as db:
            shown = as_filled(db, form, request.query_params.get(VERSION, "")) or form
        return Response(routing_style(shown), media_type="text/css")

    def receipt_page(self, request: Request) -> Response:
        """Show a receipt: that answers arrived, and when; never what they are."""
        form, language = self._form(request)
        receipt = request.path_params["receipt"]
        with self._stores.lent() as db:
            arrived = _arrived_on(db, form, receipt)
        if arrived is None:
            raise HTTPException(404)
        return page(
            "received.html",
            **shared(form, language),
            receipt=f"{receipt[:5]} {receipt[5:]}",
            arrived=spoken("received_on", language, date=long_date(arrived, language)),
            again="again" in request.query_params,
        )

    def _answer(self, request: Request, fields: Fields) -> Response:
        form, language = self._form(request)
        if LANGUAGE in fields:
            return form_page(Filled(form, spoken_in(form, fields[LANGUAGE][-1]), fields))
        refused = self._refused(request, form, language)
        if refused:
            return refused
        with self._stores.lent() as db:
            filled = as_filled(db, form, last_of(fields, VERSION))
            form, changed = (filled, []) if filled else (form, [ToPutRight(VERSION, spoken("form_changed", language))])
            answers = answers_in(form, fields)
            wrong = [
                *changed,
                *to_put_right(form, answers, fields, language),
                *self._wrong_code(db, form, fields, language),
            ]
            if not wrong:
                recorded = self._record(db, form, language, answers, fields)
                return _received(request, form, language, recorded)
        return _told(wrong, 422) if _wants_json(request) else form_page(Filled(form, language, fields, wrong), 422)

    def _record(self, db: Database, form: FormDefinition, language: str, answers: Answers, fields: Fields) -> Recorded:
        now = self._clock()
        return record_online(
            db,
            OnlineReturn(
                definition=form,
                language=language,
                channel="online",
                answers=answers,
                copy=tidy_copy_code(last_of(fields, CODE)) or None,
                submission_key=submission_key(fields),
                arrival=Arrival(now, self._site.local_date(now)),
            ),
        )

    def _form(self, request: Request) -> tuple[FormDefinition, str]:
        """Return the form that is asked for and the language to show it in; raises HTTPException 404."""
        form = self._forms.current().get(request.path_params["form"])
        if form is None:
            raise HTTPException(404)
        return form, spoken_in(form, request.query_params.get("lang", ""))

    def _refused(self, request: Request, form: FormDefinition, language: str) -> Response | None:
        """Return what is said of a form that is not open today, None when it is."""
        today = opening(form, self._forms.local_day(self._clock()))
        if today is Opening.OPEN:
            return None
        status, name, day = (403, "not_open", form.opens) if today is Opening.NOT_YET else (410, "closed", form.closes)
        sentence = spoken(name, language, date=long_date(day, language) if day else "")
        if _wants_json(request):
            return _told([ToPutRight("", sentence)], status)
        heading = spoken(f"{name}_title", language)
        return page("message.html", status, **shared(form, language), heading=heading, message=sentence)

    def _wrong_code(self, db: Database, form: FormDefinition, fields: Fields, language: str) -> list[ToPutRight]:
        trouble = trouble_with_code(db, self._forms.current(), form.id, last_of(fields, CODE), language)
        return [ToPutRight(CODE, trouble)] if trouble else []

    def _list_forms(self, request: Request, trouble: str = "") -> Response:
        forms = self._forms.open_on(self._clock())
        return list_page(forms, language_in(request), request.query_params.get(CODE, ""), trouble)


def _received(request: Request, form: FormDefinition, language: str, recorded: Recorded) -> Response:
    """Answer a return that is on record: a program is told, a browser is led on, so that reloading sends nothing."""
    if _wants_json(request):
        return JSONResponse({"receipt": recorded.receipt, "submission": recorded.submission}, 201)
    again = "&again" if recorded.again else ""
    return RedirectResponse(f"/f/{form.id}/received/{recorded.receipt}?lang={language}{again}", 303)


def _told(wrong: Sequence[ToPutRight], status: int) -> Response:
    errors = [{"question": found.question, "message": found.message} for found in wrong]
    return JSONResponse({"errors": errors}, status)


def _arrived_on(db: Database, form: FormDefinition, receipt: str) -> date | None:
    query = "SELECT received_on FROM submissions WHERE receipt = ? AND form = ?"
    row = db.execute(query, [receipt, form.id]).fetchone()
    return date.fromisoformat(row[0]) if row else None


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def language_in(request: Request) -> str:
    """Return the language a page outside any form is asked for in."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in SPOKEN else "en"


_TROUBLE = {404: "not_found", 413: "too_long", 500: "trouble"}


async def explain_trouble(request: Request, trouble: Exception) -> Response:
    """Say in words what an HTTP status means and what to do."""
    status = trouble.status_code if isinstance(trouble, HTTPException) else 500
    language = language_in(request)
    name = _TROUBLE.get(status, "not_understood")
    if _wants_json(request):
        return _told([ToPutRight("", spoken(name, language))], status)
    return trouble_page(status, name, language)
