"""The desk: where staff sign in, see what came and what waits, and settle what only a person can read."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from pipeline.inbox.shelf import Shelf
from pipeline.inbox.waiting import waiting_in
from pipeline.site import Site
from pipeline.web.accounts import TRY_MINUTES, Signed, TooManyTries, anybody, check_sign_in, sign_out, signed_in
from pipeline.web.check_desk import CheckDesk
from pipeline.web.doubt_desk import DoubtDesk
from pipeline.web.guard import Fields, Guard, last_of, posted_fields
from pipeline.web.open_forms import Forms
from pipeline.web.overview import not_read_here, overview
from pipeline.web.pages import StaticPages, page
from pipeline.web.pictures import Pictures
from pipeline.web.staff_pages import FORM_TOKEN, Clock, StaffPage, staff_page
from pipeline.web.stores import Stores

SESSION_COOKIE = "pillarbox_staff"
SIGN_IN_COOKIE = "pillarbox_sign_in"


def desk_app(site: Site, clock: Clock) -> ASGIApp:
    """Return the application for the staff's listener; `clock` gives the present moment in UTC."""
    desk = _Desk(site, clock)
    app = Starlette(
        routes=[
            Route("/sign-in", desk.sign_in_page, methods=["GET"]),
            Route("/sign-in", desk.sign_in, methods=["POST"]),
            Route("/sign-out", desk.for_staff(desk.sign_out), methods=["POST"]),
            Route("/", desk.for_staff(desk.overview_page), methods=["GET"]),
            Route("/doubts", desk.for_staff(desk.doubts.next_doubt), methods=["GET"]),
            Route("/doubts/{doubt}", desk.for_staff(desk.doubts.doubt_page), methods=["GET"]),
            Route("/doubts/{doubt}", desk.for_staff(desk.doubts.settle), methods=["POST"]),
            Route("/doubts/{doubt}/picture", desk.for_staff(desk.doubts.picture), methods=["GET"]),
            Route("/doubts/{doubt}/page", desk.for_staff(desk.doubts.whole_page), methods=["GET"]),
            Route("/undo", desk.for_staff(desk.doubts.undo), methods=["POST"]),
            Route("/pages/{sha256}/{index:int}/picture", desk.for_staff(desk.page_picture), methods=["GET"]),
            Route("/checks", desk.for_staff(desk.checks.next_check), methods=["GET"]),
            Route("/checks", desk.for_staff(desk.checks.draw), methods=["POST"]),
            Route("/checks/{check}", desk.for_staff(desk.checks.check_page), methods=["GET"]),
            Route("/checks/{check}", desk.for_staff(desk.checks.answer), methods=["POST"]),
            Route("/checks/{check}/picture", desk.for_staff(desk.checks.picture), methods=["GET"]),
            Mount("/static", StaticPages()),
        ],
        exception_handlers={HTTPException: explain_trouble, Exception: explain_trouble},
        lifespan=desk.lifespan,
    )
    return Guard(app)


class _Desk:
    """The pages, over one site. Every one of them but signing in goes through `for_staff`."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._forms = Forms(site)
        self._stores = Stores(site)
        self._pictures = Pictures(site, self._stores)
        self.doubts = DoubtDesk(self._stores, self._pictures, clock)
        self.checks = CheckDesk(site, self._stores, self._pictures, clock)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Close what was opened when the listener stops."""
        yield
        self._stores.close()
        self._pictures.close()

    def for_staff(self, answer: StaffPage) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that answers only somebody signed in, and a post only with the token of their forms."""

        async def answer_staff(request: Request) -> Response:
            token = request.cookies.get(SESSION_COOKIE, "")
            signed = await run_in_threadpool(signed_in, self._site.private, token, self._clock()) if token else None
            if signed is None:
                return RedirectResponse("/sign-in", 303)
            fields = await posted_fields(request) if request.method == "POST" else {}
            if request.method == "POST" and not _same(last_of(fields, FORM_TOKEN), signed.form_token):
                raise HTTPException(403)
            return await run_in_threadpool(answer, request, signed, fields)

        return answer_staff

    def sign_in_page(self, request: Request) -> Response:
        """Ask who it is."""
        return self._ask_who(request, "", "", 200)

    async def sign_in(self, request: Request) -> Response:
        """Let somebody in, or say why not."""
        fields = await posted_fields(request)
        if not _same(last_of(fields, FORM_TOKEN), request.cookies.get(SIGN_IN_COOKIE, "")):
            return await run_in_threadpool(self._ask_who, request, "", "Please sign in once more.", 403)
        return await run_in_threadpool(self._sign_in, request, fields)

    def sign_out(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """End the session."""
        sign_out(self._site.private, request.cookies[SESSION_COOKIE])
        self.doubts.leave(signed)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE)
        return response

    def overview_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show what came today, what waits, and what could not be read."""
        with self._stores.lent() as db:
            waiting = waiting_in(self._site.inbox, self._site.archive)
            state = overview(db, self._forms.current(), self._site.local_date(self._clock()), waiting)
        return staff_page("desk_overview.html", signed, state=state, unread=not_read_here())

    def page_picture(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the small picture of a page that was not read."""
        if signed.crops_only:
            raise HTTPException(403)
        with self._stores.lent() as db:
            sha256, index = request.path_params["sha256"], request.path_params["index"]
            row = db.execute("SELECT picture FROM pages WHERE sha256 = ? AND page = ?", [sha256, index]).fetchone()
        path = Shelf(self._site.archive).find(row[0]) if row and row[0] else None
        if path is None:
            raise HTTPException(404)
        return FileResponse(path, media_type="image/jpeg")

    def _sign_in(self, request: Request, fields: Fields) -> Response:
        name, now = last_of(fields, "name"), self._clock()
        address = request.client.host if request.client else ""
        token = check_sign_in(self._site.private, name, last_of(fields, "password"), address, now)
        if isinstance(token, TooManyTries):
            why = f"There were too many tries. Wait {TRY_MINUTES} minutes, then try again, or ask for a new password."
            return self._ask_who(request, name, why, 429)
        if token is None:
            return self._ask_who(request, name, "The name and the password do not belong together. Try again.", 422)
        response = RedirectResponse("/", 303)
        _set_cookie(response, request, SESSION_COOKIE, token)
        response.delete_cookie(SIGN_IN_COOKIE)
        return response

    def _ask_who(self, request: Request, name: str, why: str, status: int) -> Response:
        token = secrets.token_urlsafe(32)
        accounts = anybody(self._site.private)
        response = page(
            "desk_sign_in.html",
            status,
            language="en",
            council="The desk",
            token=token,
            name=name,
            why=why,
            accounts=accounts,
        )
        _set_cookie(response, request, SIGN_IN_COOKIE, token)
        return response


def _set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, httponly=True, samesite="strict", secure=secure)


def _same(sent: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(sent.encode(), expected.encode())


_TROUBLE = {
    403: ("This was not taken", "Your role may not do this, or the page was open too long. Go back and load it again."),
    404: ("There is no page at this address", "Start again from the overview."),
    413: ("That is more than we can take", "Go back and type less."),
}
_BROKEN = ("Sorry, something went wrong here", "Nothing was changed. Go back and try again.")


async def explain_trouble(request: Request, trouble: Exception) -> Response:
    """Say in words what an HTTP status means and what to do."""
    status = trouble.status_code if isinstance(trouble, HTTPException) else 500
    heading, message = _TROUBLE.get(status, _BROKEN)
    return page("desk_message.html", status, language="en", council="The desk", heading=heading, message=message)
