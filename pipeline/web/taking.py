"""What it takes to take a form: it is one of ours, open today, its code is of it, and its answers go on record once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline.form.code import tidy_copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.rules import Answers
from pipeline.form.words import long_date
from pipeline.site import Site
from pipeline.store.arrivals import receipt_of_key
from pipeline.store.record import Arrival, OnlineReturn, Recorded
from pipeline.web.answering import CODE, ToPutRight
from pipeline.web.guard import Fields, last_of
from pipeline.web.kiosk_mode import this_kiosk
from pipeline.web.open_forms import Forms, Opening, opening
from pipeline.web.pages import page
from pipeline.web.paper_code import trouble_with_code
from pipeline.web.recorder import Recorder
from pipeline.web.resident_pages import shared, spoken_in
from pipeline.web.stores import Stores
from pipeline.web.words import spoken

Clock = Callable[[], datetime]

FINISHED = "finished-at"
"""The header in which a device says when somebody finished a form that it sends later, ISO 8601."""


class Taking:
    """Takes forms for one site; `clock` gives the present moment in UTC."""

    def __init__(self, site: Site, clock: Clock, forms: Forms) -> None:
        self.clock = clock
        self.forms = forms
        self.stores = Stores(site)
        self._recorder = Recorder(self.stores)
        self._site = site

    def form(self, request: Request, fields: Fields | None = None) -> tuple[FormDefinition, str]:
        """Return the form that is asked for and the language to show it in; raises HTTPException 404.

        The language is the one in the address, else the one that a program sent among its `fields`.
        """
        form = self.forms.current().get(request.path_params["form"])
        if form is None:
            raise HTTPException(404)
        return form, spoken_in(form, request.query_params.get("lang") or last_of(fields or {}, "lang"))

    def refused(self, request: Request, form: FormDefinition, language: str) -> Response | None:
        """Return what is said of a form that is not open today, None when it is."""
        today = opening(form, self.local_day(_finished_at(request) or self.clock()))
        if today is Opening.OPEN:
            return None
        status, name, day = (403, "not_open", form.opens) if today is Opening.NOT_YET else (410, "closed", form.closes)
        sentence = spoken(name, language, date=long_date(day, language) if day else "")
        if wants_json(request):
            return told([ToPutRight("", sentence)], status)
        heading = spoken(f"{name}_title", language)
        return page("message.html", status, **shared(form, language), heading=heading, message=sentence)

    def local_day(self, moment: datetime) -> date:
        """Return the site's local date at a moment."""
        return self.forms.local_day(moment)

    def end_of(self, form: FormDefinition) -> datetime | None:
        """Return the moment at which a form closes, None where it does not: the end of its last day."""
        if form.closes is None:
            return None
        return datetime.combine(form.closes + timedelta(days=1), time(), self._site.zone).astimezone(UTC)

    def wrong_code(self, form: FormDefinition, fields: Fields, language: str) -> list[ToPutRight]:
        """Return what is wrong with the code of a paper copy, if one was given."""
        typed = last_of(fields, CODE)
        if not typed:
            return []
        with self.stores.lent() as db:
            trouble = trouble_with_code(db, self.forms.current(), form.id, typed, language)
        return [ToPutRight(CODE, trouble)] if trouble else []

    def record(self, form: FormDefinition, language: str, answers: Answers, code: str, key: str) -> Recorded:
        """Put answers on record that are right as they are; `key` makes them count once, however often they come."""
        now, kiosk = self.clock(), this_kiosk()
        returned = OnlineReturn(
            definition=form,
            language=language,
            channel="kiosk" if kiosk else "online",
            answers=answers,
            copy=tidy_copy_code(code) or None,
            submission_key=key,
            arrival=Arrival(now, self._site.local_date(now), kiosk.name if kiosk else ""),
        )
        return self._recorder.record(returned)

    def receipt_of(self, form: FormDefinition, key: str) -> str | None:
        """Return the receipt of what was sent with a `submission_key`, None where nothing was."""
        with self.stores.lent() as db:
            return receipt_of_key(db, form.id, key)


def _finished_at(request: Request) -> datetime | None:
    """Return when a form was finished that comes from a library screen, None for everybody else.

    What was finished there in time counts, even if the screen was without a network until after the form had closed.
    Others are not believed: whoever writes a program may write any moment.
    """
    told = request.headers.get(FINISHED, "")
    if not this_kiosk() or not told:
        return None
    try:
        return datetime.fromisoformat(told).astimezone(UTC)
    except ValueError:
        return None


def received(form: FormDefinition, language: str, receipt: str, again: bool) -> Response:
    """Lead a browser on to the receipt, so that reloading sends nothing."""
    known = "&again" if again else ""
    return RedirectResponse(f"/f/{form.id}/received/{receipt}?lang={language}{known}", 303)


def told(wrong: Sequence[ToPutRight], status: int) -> Response:
    """Tell a program what is to be put right."""
    errors = [{"question": found.question, "message": found.message} for found in wrong]
    return JSONResponse({"errors": errors}, status)


def wants_json(request: Request) -> bool:
    """Whether it is a program that asks."""
    return "application/json" in request.headers.get("accept", "")
