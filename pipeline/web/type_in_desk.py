"""Typing in at the desk: a paper form that cannot be scanned, or what somebody says on the telephone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.form.code import tidy_copy_code
from pipeline.form.definition import FormDefinition, say
from pipeline.form.rules import Code, check, explain
from pipeline.site import Site
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.web.accounts import Signed
from pipeline.web.answering import CODE, SUBMISSION_KEY, ToPutRight, answers_in, around, submission_key
from pipeline.web.form_page import summary, view_items
from pipeline.web.guard import Fields, last_of
from pipeline.web.open_forms import Forms
from pipeline.web.paper_code import trouble_with_code
from pipeline.web.resident_pages import spoken_in
from pipeline.web.staff_pages import FORM_TOKEN, Clock, staff_page
from pipeline.web.stores import Stores

SAVED = "saved"
"""The receipt of what was typed in just before."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where what is typed in comes from: its channel on record, and the words around it."""

    channel: str
    heading: str
    explained: str
    code_hint: str
    nothing_typed: str


SOURCES = {
    "paper": Source(
        "paper",
        "Type in a paper form",
        "For paper that cannot be scanned. Type what is there and nothing more: what is left blank stays blank.",
        "The eight letters and figures at the foot of the page. Leave it out if there is none.",
        "Nothing is typed yet. Type an answer, or the code of the form if the paper came back blank.",
    ),
    "phone": Source(
        "phone",
        "Type in a phone call",
        "Read the questions out as they stand. What somebody would rather not say stays blank.",
        "If the person has a printed form: the eight letters and figures at its foot.",
        "Nothing is typed yet. Type what the person says, or leave this page if the call came to nothing.",
    ),
}


class TypeInDesk:
    """The page of one form for staff, laid out like the paper, and what is done with it."""

    def __init__(self, site: Site, forms: Forms, stores: Stores, clock: Clock) -> None:
        self._site = site
        self._forms = forms
        self._stores = stores
        self._clock = clock

    def blank_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show a form to type in, and say that the last one was saved."""
        saved = request.query_params.get(SAVED, "")
        notice = f"Saved. The receipt is {saved[:5]} {saved[5:10]}." if saved.isalnum() and saved.isascii() else ""
        return self._show(request, signed, {}, [], notice)

    def take(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Record what was typed in and show the next blank form, or say what to put right."""
        form, source, language = self._asked_for(request)
        sent = {name: values for name, values in fields.items() if name != FORM_TOKEN}
        answers = answers_in(form, sent)
        wrong = [
            ToPutRight(found.variable, explain(found, language))
            for found in check(form, answers)
            if found.code is not Code.REQUIRED
        ]
        wrong += around(form, sent, language)
        if not answers and not last_of(sent, CODE).strip():
            wrong.append(ToPutRight(CODE, source.nothing_typed))
        with self._stores.lent() as db:
            trouble = trouble_with_code(db, self._forms.current(), form.id, last_of(sent, CODE), "en")
            wrong += [ToPutRight(CODE, trouble)] if trouble else []
            if wrong:
                return self._show(request, signed, sent, wrong)
            now = self._clock()
            recorded = record_online(
                db,
                OnlineReturn(
                    definition=form,
                    language=language,
                    channel=source.channel,
                    answers=answers,
                    copy=tidy_copy_code(last_of(sent, CODE)) or None,
                    submission_key=submission_key(sent),
                    arrival=Arrival(now, self._site.local_date(now)),
                    edition="typed",
                    typed_by=signed.name,
                ),
            )
        return RedirectResponse(f"{request.url.path}?lang={language}&{SAVED}={quote(recorded.receipt)}", 303)

    def _asked_for(self, request: Request) -> tuple[FormDefinition, Source, str]:
        form = self._forms.current().get(request.path_params["form"])
        source = SOURCES.get(request.path_params["source"])
        if form is None or source is None:
            raise HTTPException(404)
        return form, source, spoken_in(form, request.query_params.get("lang", ""))

    def _show(
        self, request: Request, signed: Signed, fields: Fields, wrong: list[ToPutRight], notice: str = ""
    ) -> Response:
        form, source, language = self._asked_for(request)
        return staff_page(
            "desk_type_in.html",
            signed,
            422 if wrong else 200,
            heading=f"{source.heading}: {say(form.title, language)}",
            explained=source.explained,
            notice=notice,
            languages=form.languages,
            language_shown=language,
            address=request.url.path,
            items=view_items(form, fields, wrong, language),
            summary=summary(form, wrong, language),
            code=last_of(fields, CODE),
            code_label="Code of the form",
            code_hint=source.code_hint,
            code_trouble=next((found.message for found in wrong if found.question == CODE), ""),
            submission_key=submission_key(fields),
            names={"code": CODE, "key": SUBMISSION_KEY},
        )
