"""The desk: where staff see what came and what waits, and settle what only a person can read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from pipeline.inbox.shelf import Shelf
from pipeline.inbox.waiting import waiting_in
from pipeline.site import Site
from pipeline.store.characters import figures_waiting
from pipeline.store.paper import deal_with
from pipeline.web.accounts import Signed
from pipeline.web.character_desk import CharacterDesk
from pipeline.web.check_desk import CheckDesk
from pipeline.web.doubt_desk import DoubtDesk
from pipeline.web.form_desk import FormDesk
from pipeline.web.gate import CouncilSignOn, Gate
from pipeline.web.guard import Fields, Guard, whole_number
from pipeline.web.hand_in_desk import LARGEST, MOST_FILES, SCANS, HandInDesk
from pipeline.web.kiosks import kiosks
from pipeline.web.leases import Leases, queue_for
from pipeline.web.open_forms import Forms
from pipeline.web.overview import not_read_here, overview, told_of_kiosks, told_of_wrong_files
from pipeline.web.pages import StaticPages, page
from pipeline.web.pictures import Pictures
from pipeline.web.record_desk import RecordDesk
from pipeline.web.roles import May
from pipeline.web.stack_desk import StackDesk
from pipeline.web.staff_pages import Clock, staff_page
from pipeline.web.stores import Stores
from pipeline.web.trace_desk import TraceDesk
from pipeline.web.type_in_desk import TypeInDesk

HAND_IN = "/hand-in"
"""Where scans are handed in: the one address that takes more than a form."""


def desk_app(site: Site, clock: Clock, forms: Forms, council: CouncilSignOn | None = None) -> ASGIApp:
    """Return the application for the staff's listener; `clock` gives the present moment in UTC."""
    desk = Desk(site, clock, forms, council)
    app = Starlette(
        routes=[*desk.routes(), Mount("/static", StaticPages())],
        exception_handlers={HTTPException: explain_trouble, Exception: explain_trouble},
        lifespan=desk.lifespan,
    )
    return Guard(app, {HAND_IN: LARGEST})


class Desk:
    """The pages, over one site."""

    def __init__(self, site: Site, clock: Clock, forms: Forms, council: CouncilSignOn | None = None) -> None:
        self._site = site
        self._clock = clock
        self._forms = forms
        self._stores = Stores(site)
        self._pictures = Pictures(site, self._stores)
        self._leases = Leases(clock)
        self._doubts = DoubtDesk(self._stores, self._pictures, self._leases, clock)
        self._characters = CharacterDesk(self._stores, self._pictures, self._leases, clock)
        self._checks = CheckDesk(site, self._stores, self._pictures, clock)
        self._papers = FormDesk(site, self._forms, self._stores, clock)
        self._typing = TypeInDesk(site, self._forms, self._stores, clock)
        self._scans = HandInDesk(site, self._stores)
        self._stacks = StackDesk(site, self._stores, clock)
        self._record = RecordDesk(site, self._stores)
        self._traces = TraceDesk(site, self._stores, self._pictures)
        self._gate = Gate(site.private, clock, council, on_leaving=self._leave)

    def routes(self) -> Sequence[BaseRoute]:
        """Return every address of the desk, and what somebody must be allowed to do to be answered there."""
        opens, takes_files = self._gate.opens, self._gate.opens_to_files
        doubts, characters, checks = self._doubts, self._characters, self._checks
        papers, stacks, traces = self._papers, self._stacks, self._traces
        decide, pages = (May.DECIDE,), (May.SEE_PAGES,)
        check = (May.DECIDE, May.SEE_PERSONAL)
        return [
            Route("/sign-in", self._gate.sign_in_page, methods=["GET"]),
            Route("/sign-in", self._gate.sign_in, methods=["POST"]),
            Route("/sign-out", opens(self._gate.sign_out), methods=["POST"]),
            Route("/", opens(self.overview_page, May.LOOK), methods=["GET"]),
            Route("/doubts", opens(doubts.next_doubt, *decide), methods=["GET"]),
            Route("/doubts/{doubt}", opens(doubts.doubt_page, *decide), methods=["GET"]),
            Route("/doubts/{doubt}", opens(doubts.settle, *decide), methods=["POST"]),
            Route("/doubts/{doubt}/picture", opens(doubts.picture, *decide), methods=["GET"]),
            Route("/doubts/{doubt}/page", opens(doubts.whole_page, *decide, *pages), methods=["GET"]),
            Route("/characters", opens(characters.next_figure, *decide), methods=["GET"]),
            Route("/characters/{figure}", opens(characters.page, *decide), methods=["GET"]),
            Route("/characters/{figure}", opens(characters.take, *decide), methods=["POST"]),
            Route("/characters/pictures/{name}", opens(characters.picture, *decide), methods=["GET"]),
            Route("/undo", opens(doubts.undo, *decide), methods=["POST"]),
            Route("/pages/{sha256}/{page}/picture", opens(self.page_picture, *pages), methods=["GET"]),
            Route("/scans/{sha256}/done", opens(self.done_with_scan, *decide), methods=["POST"]),
            Route("/scans/{sha256}/{page}/done", opens(self.done_with_scan, *decide), methods=["POST"]),
            Route("/checks", opens(checks.next_check, *check), methods=["GET"]),
            Route("/checks", opens(checks.draw, *check), methods=["POST"]),
            Route("/checks/{check}", opens(checks.check_page, *check), methods=["GET"]),
            Route("/checks/{check}", opens(checks.answer, *check), methods=["POST"]),
            Route("/checks/{check}/picture", opens(checks.picture, *check), methods=["GET"]),
            Route("/forms", opens(papers.list_page, May.SEARCH), methods=["GET"]),
            Route("/forms/{form}/print", opens(papers.print_page, May.PRINT), methods=["GET"]),
            Route("/forms/{form}/print", opens(papers.print_more, May.PRINT), methods=["POST"]),
            Route("/forms/{form}/{source}", opens(self._typing.blank_page, May.HAND_IN), methods=["GET"]),
            Route("/forms/{form}/{source}", opens(self._typing.take, May.HAND_IN), methods=["POST"]),
            Route("/copies", opens(papers.find, May.SEARCH), methods=["GET"]),
            Route("/copies/{copy}", opens(papers.copy_page, May.SEARCH), methods=["GET"]),
            Route("/receipts/{receipt}", opens(papers.receipt_page, May.SEARCH), methods=["GET"]),
            Route("/copies/{copy}/print", opens(papers.print_again, May.PRINT), methods=["POST"]),
            Route(HAND_IN, opens(self._scans.page, May.HAND_IN), methods=["GET"]),
            Route(HAND_IN, takes_files(self._scans.take, SCANS, MOST_FILES, May.HAND_IN), methods=["POST"]),
            Route("/stacks", opens(stacks.stacks_page, May.LOOK), methods=["GET"]),
            Route("/stacks/cover.pdf", opens(stacks.cover, May.PRINT), methods=["GET"]),
            Route("/stacks/{batch}", opens(stacks.count, May.HAND_IN), methods=["POST"]),
            Route("/scanner", opens(stacks.scanner_page, May.LOOK), methods=["GET"]),
            Route("/scanner/check-sheet.pdf", opens(stacks.check_sheet, May.PRINT), methods=["GET"]),
            Route("/answers", opens(traces.forms_page, May.TRACE), methods=["GET"]),
            Route("/answers/{form}", opens(traces.response_page, May.TRACE), methods=["GET"]),
            Route("/answers/{form}/{variable}", opens(traces.answers_page, May.TRACE), methods=["GET"]),
            Route("/traces/{submission}/{variable}", opens(traces.trace_page, May.TRACE), methods=["GET"]),
            Route("/traces/{submission}/{variable}/picture", opens(traces.picture, May.TRACE), methods=["GET"]),
            Route("/traces/{submission}/{variable}/page", opens(traces.whole_page, May.TRACE, *pages), methods=["GET"]),
            Route("/record", opens(self._record.page, May.SEE_RECORD), methods=["GET"]),
        ]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Close what was opened when the listener stops."""
        yield
        self._stores.close()
        self._pictures.close()

    def overview_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show what came today, what waits, and what could not be read."""
        with self._stores.lent() as db:
            waiting = waiting_in(self._site.inbox, self._site.archive)
            state = overview(db, self._forms.current(), self._site.local_date(self._clock()), waiting)
            alike = bool(figures_waiting(db, queue_for(signed)))
        screens = told_of_kiosks(kiosks(self._site.private), self._site.zone)
        return staff_page(
            "desk_overview.html",
            signed,
            state=state,
            alike=alike,
            unread=not_read_here(),
            screens=screens,
            to_mend=told_of_wrong_files(self._forms.wrong()),
        )

    def done_with_scan(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Take a file that was set aside, or a page that was not read, off the list: somebody has dealt with it."""
        with self._stores.lent() as db:
            if "page" in request.path_params:
                deal_with(db, *_page_meant(request), signed.name, self._clock())
            else:
                deal_with(db, request.path_params["sha256"], None, signed.name, self._clock())
        return RedirectResponse("/#scans", 303)

    def _leave(self, signed: Signed) -> None:
        """Let others have what somebody had before them, who leaves."""
        self._leases.end(signed.form_token)

    def page_picture(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the small picture of a page that was not read."""
        with self._stores.lent() as db:
            row = db.execute("SELECT picture FROM pages WHERE sha256 = ? AND page = ?", _page_meant(request)).fetchone()
        path = Shelf(self._site.archive).find(row[0]) if row and row[0] else None
        if path is None:
            raise HTTPException(404)
        return FileResponse(path, media_type="image/jpeg")


def _page_meant(request: Request) -> tuple[str, int]:
    """The original and the page of it (from 0) that an address names; raises HTTPException where it names none."""
    page = whole_number(request.path_params["page"])
    if page is None:
        raise HTTPException(404)
    return request.path_params["sha256"], page


_TROUBLE = {
    403: ("This was not taken", "Go back and load the page again, or ask whoever made your account."),
    404: ("There is no page at this address", "Start again from the overview."),
    409: ("This copy cannot be printed again", "Forms are laid out otherwise by now. Print a new copy instead."),
    413: ("That is more than we can take", "Go back and type less."),
}
_BROKEN = ("Sorry, something went wrong here", "Nothing was changed. Go back and try again.")


async def explain_trouble(request: Request, trouble: Exception) -> Response:
    """Say in words what an HTTP status means and what to do."""
    status = trouble.status_code if isinstance(trouble, HTTPException) else 500
    heading, message = _TROUBLE.get(status, _BROKEN)
    if isinstance(trouble, HTTPException) and status == 403 and trouble.detail != "Forbidden":
        message = f"{trouble.detail} {message}"
    return page("desk_message.html", status, language="en", council="The desk", heading=heading, message=message)
