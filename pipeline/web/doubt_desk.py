"""The queue of doubts at the desk: one at a time, each to one person, and the last decision can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlite_utils import Database
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.crops import WholePage
from pipeline.form.answer import Held
from pipeline.store.catalogue import definition_of
from pipeline.store.characters import figures_of
from pipeline.store.pace import minutes_left
from pipeline.store.queue import (
    Decided,
    count_doubts,
    decision_about,
    find_doubt,
    taken_back,
    undo_last,
)
from pipeline.store.waiting import OpenDoubt, accept, settle_doubt, words_read
from pipeline.web.accounts import Signed
from pipeline.web.asked import MISSING, NAMES, VALUE, view_doubt
from pipeline.web.guard import Fields, last_of
from pipeline.web.leases import Leases, queue_for
from pipeline.web.pictures import CROPS_AHEAD, Pictures
from pipeline.web.roles import May
from pipeline.web.staff_pages import Clock, staff_page
from pipeline.web.stores import Stores
from pipeline.web.told import GONE, last_in_words, late, said_before, what_was_said

AFTER = "after"
"""Where somebody is in the queue: the turn of the doubt they were at."""

LATE = "late"
"""The doubt that was decided, otherwise or by somebody else, when this person's decision arrived."""


MINUTES_KNOWN_SECONDS = 10.0
"""How long the minutes that are left are told as they were: with 50,000 doubts, counting them by kind takes 5 ms."""


class DoubtDesk:
    """The pages where doubts are settled."""

    def __init__(self, stores: Stores, pictures: Pictures, leases: Leases, clock: Clock) -> None:
        self._stores = stores
        self._pictures = pictures
        self._leases = leases
        self._clock = clock
        self._minutes = (datetime.min.replace(tzinfo=UTC), 0)

    def next_doubt(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Lead to the doubt that waits longest, or to the one whose turn it is after another."""
        gone = request.query_params.get(LATE, "")
        with self._stores.lent() as db:
            response = self._lead_on(db, signed, request.query_params.get(AFTER, ""), gone)
            if response is not None:
                return response
            waiting, notice = count_doubts(db), self._notice(db, signed, gone)
            return staff_page(
                "desk_nothing.html",
                signed,
                waiting=waiting,
                notice=notice,
                last=last_in_words(db, signed, self._clock()),
            )

    def doubt_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show one doubt, with the whole page if that is asked for."""
        with self._stores.lent() as db:
            doubt = find_doubt(db, request.path_params["doubt"])
            if doubt is None or not queue_for(signed).shows(doubt):
                return RedirectResponse("/doubts", 303)
            notice = self._notice(db, signed, request.query_params.get(LATE, ""))
            return self._show(db, signed, doubt, notice=notice, is_whole="page" in request.query_params)

    def settle(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Take a decision and lead to the next doubt, or say why it cannot be taken."""
        name = request.path_params["doubt"]
        chosen, missing = [value for value in fields.get(VALUE, ()) if value.strip()], last_of(fields, MISSING)
        with self._stores.lent() as db:
            doubt = find_doubt(db, name)
            if doubt and not queue_for(signed).shows(doubt):
                raise HTTPException(403, f"You may not {May.SEE_PERSONAL}.")
            why = self._settle(db, signed, doubt, chosen, missing) if doubt else None
            still = find_doubt(db, name) if why else None
            if still:
                return self._show(db, signed, still, why=str(why), chosen=chosen)
            gone = "" if doubt and not why else _lost(db, signed, name, chosen, missing)
            turn = doubt.turn if doubt else last_of(fields, AFTER)
            return self._lead_on(db, signed, turn, gone) or RedirectResponse(_address("/doubts", gone), 303)

    def undo(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Take back the last decision of whoever asks, and lead to what waits again because of it."""
        with self._stores.lent() as db:
            undone = undo_last(db, signed.name, self._clock())
            if undone and undone.batch:
                return RedirectResponse("/characters", 303)
            doubt = find_doubt(db, str(undone.doubt)) if undone else None
            if doubt is None:
                return RedirectResponse("/doubts", 303)
            self._leases.give(signed.form_token, signed.name, lambda others: [doubt])
            return RedirectResponse(f"/doubts/{doubt.doubt}", 303)

    def picture(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the picture beside a doubt, and have those after it ready."""
        with self._stores.lent() as db:
            doubt = self._shown(db, signed, request)
            ahead = queue_for(signed).following(db, doubt.turn, CROPS_AHEAD)
            return self._pictures.send(db, doubt, ahead)

    def whole_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the whole page that a doubt is on, with its place marked."""
        with self._stores.lent() as db:
            return self._pictures.send(db, WholePage(self._shown(db, signed, request)))

    def _shown(self, db: Database, signed: Signed, request: Request) -> OpenDoubt:
        doubt = find_doubt(db, request.path_params["doubt"])
        if doubt is None:
            raise HTTPException(404)
        if not queue_for(signed).shows(doubt):
            raise HTTPException(403)
        return doubt

    def _lead_on(self, db: Database, signed: Signed, turn: str, gone: str) -> Response | None:
        """Lead to the next doubt that nobody else has before them; None where there is none."""

        def choose(others: Collection[str]) -> Sequence[OpenDoubt]:
            found = queue_for(signed, others).next(db, turn)
            return [found] if found else []

        given = self._leases.give(signed.form_token, signed.name, choose)
        return RedirectResponse(_address(f"/doubts/{given[0].doubt}", gone), 303) if given else None

    def _settle(
        self, db: Database, signed: Signed, doubt: OpenDoubt, chosen: Sequence[str], missing: str
    ) -> str | None:
        if missing:
            return settle_doubt(db, doubt.doubt, None, missing, signed.name, self._clock())
        if not chosen:
            return "Choose or type an answer first, or say that it is blank or cannot be read."
        return settle_doubt(db, doubt.doubt, ";".join(chosen), None, signed.name, self._clock())

    def _show(
        self,
        db: Database,
        signed: Signed,
        doubt: OpenDoubt,
        why: str = "",
        chosen: Sequence[str] | None = None,
        notice: str = "",
        is_whole: bool = False,
    ) -> Response:
        definition = definition_of(db, doubt.version)
        before = taken_back(db, doubt.doubt)
        values = {
            "view": view_doubt(definition, doubt, chosen, words_read(db, doubt), figures_of(db, doubt.doubt)),
            "waiting": self._how_much_waits(db),
            "why": why,
            "names": NAMES,
            "room": "/doubts",
            "skip": f"/doubts?{AFTER}={quote(doubt.turn)}",
            "after": AFTER,
            "turn": doubt.turn,
            "notice": notice,
            "other": self._leases.other_holder(signed.form_token, doubt.doubt),
            "before": f"{before.by} said {what_was_said(definition, before)} and took it back." if before else "",
            "has_page": doubt.box_mm is not None and doubt.sha256 is not None and signed.may_see_pages,
            "is_whole": is_whole and signed.may_see_pages,
            "last": last_in_words(db, signed, self._clock()),
        }
        return staff_page("desk_doubt.html", signed, 422 if why else 200, **values)

    def _how_much_waits(self, db: Database) -> str:
        minutes = self._minutes_left(db)
        return f"{count_doubts(db)} to look at, about {minutes} {'minute' if minutes == 1 else 'minutes'}"

    def _minutes_left(self, db: Database) -> int:
        """What minutes are left, worked out anew every few seconds: it goes through all that waits."""
        now = self._clock()
        until, minutes = self._minutes
        if now >= until:
            minutes = minutes_left(db)
            self._minutes = (now + timedelta(seconds=MINUTES_KNOWN_SECONDS), minutes)
        return minutes

    def _notice(self, db: Database, signed: Signed, gone: str) -> str:
        """Tell somebody whose decision came second what stands."""
        if not gone:
            return ""
        decided: Decided | None = decision_about(db, gone)
        if decided is None:
            return GONE
        tell = said_before if decided.by == signed.name else late
        return tell(definition_of(db, decided.version), decided)


def _lost(db: Database, signed: Signed, doubt: str, chosen: Sequence[str], missing: str) -> str:
    """The doubt to tell somebody of, whose decision came second; "" where nothing of it is lost: they sent it twice."""
    stands = decision_about(db, doubt)
    if stands is None or stands.by != signed.name:
        return doubt
    if not chosen and not missing:
        return ""
    value = None if missing else ";".join(chosen)
    sent = accept(definition_of(db, stands.version), stands.question, value, missing or None)
    return "" if isinstance(sent, Held) and (sent.value, sent.missing) == (stands.value, stands.missing) else doubt


def _address(path: str, gone: str) -> str:
    return f"{path}?{LATE}={quote(gone)}" if gone else path
