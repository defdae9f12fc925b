"""What a code leads to: a printed copy to its form, a receipt to what became of it, a return code to what was begun."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline.form.code import is_copy_code, tidy_copy_code
from pipeline.form.definition import FormDefinition
from pipeline.store.arrivals import arrived_of_copy, arrived_with_receipt
from pipeline.store.catalogue import find_copy
from pipeline.store.record import RECEIPT_LENGTH
from pipeline.web.answering import CODE
from pipeline.web.draft_pages import DraftPages
from pipeline.web.draft_views import Begun
from pipeline.web.drafts import RETURN_LENGTH, Drafts
from pipeline.web.guard import Fields, last_of, posted_fields
from pipeline.web.limits import try_code
from pipeline.web.paper_code import copy_typed
from pipeline.web.receipt_pages import arrived_page, receipt_page
from pipeline.web.resident_pages import language_in, list_page, spoken_in
from pipeline.web.taking import Taking
from pipeline.web.words import spoken

ERASE = "erase"
CARRY_ON = "carry_on"
"""The names of buttons beside a code to come back by: one erases what is kept, one goes straight on with it."""


class CodePages:
    """The pages behind codes. A code is typed in one place; its length says which kind it is."""

    def __init__(self, taking: Taking, drafts: Drafts, begun: DraftPages) -> None:
        self._taking = taking
        self._drafts = drafts
        self._begun = begun

    def routes(self) -> Sequence[BaseRoute]:
        """Return every address that a code leads to."""
        return [
            Route("/code", self.code_page, methods=["GET"]),
            Route("/code", self.take_code, methods=["POST"]),
            Route("/arrived/{copy}", self.arrived_page, methods=["GET"]),
            Route("/f/{form}/received/{receipt}", self.receipt_page, methods=["GET"]),
        ]

    def code_page(self, request: Request) -> Response:
        """Lead from a code in an address to what it belongs to. A code to come back by stands in none: see `drafts`."""
        typed = request.query_params.get(CODE, "")
        if len(tidy_copy_code(typed)) == RETURN_LENGTH:
            return self._list(request, "", "code_needed")
        return self._lead(request, typed)

    async def take_code(self, request: Request) -> Response:
        """Lead from a code, however it was typed, to what it belongs to."""
        return await run_in_threadpool(self._take_code, request, await posted_fields(request))

    def _take_code(self, request: Request, fields: Fields) -> Response:
        typed = last_of(fields, CODE)
        if len(tidy_copy_code(typed)) == RETURN_LENGTH:
            return self._come_back(request, typed, fields)
        return self._lead(request, typed)

    def _lead(self, request: Request, typed: str) -> Response:
        code = tidy_copy_code(typed)
        if len(code) == RECEIPT_LENGTH:
            return self._to_receipt(request, typed)
        if is_copy_code(code):
            return self._to_copy(request, typed)
        return self._list(request, typed, "any_code_misspelt" if code else "code_needed")

    def arrived_page(self, request: Request) -> Response:
        """Tell whoever has a printed code what came back with it."""
        copy = request.path_params["copy"]
        with self._taking.stores.lent() as db:
            printed = try_code(lambda: find_copy(db, copy)) if is_copy_code(copy) else None
            came = arrived_of_copy(db, copy)
        form = self._taking.forms.current().get(printed.form) if printed else None
        if form is None:
            raise HTTPException(404)
        return arrived_page(form, _language(request, form), copy, came)

    def receipt_page(self, request: Request) -> Response:
        """Show a receipt: that answers arrived, when, and whether anybody still reads them; never what they are."""
        form, language = self._taking.form(request)
        receipt = request.path_params["receipt"]
        with self._taking.stores.lent() as db:
            came = try_code(lambda: arrived_with_receipt(db, receipt))
        if came is None or came.form != form.id:
            raise HTTPException(404)
        return receipt_page(form, language, receipt, came, again="again" in request.query_params)

    def _come_back(self, request: Request, typed: str, fields: Fields) -> Response:
        """Open what is kept for whoever has its code, or erase it."""
        code = tidy_copy_code(typed)
        draft = try_code(lambda: self._drafts.find_kept(code, self._taking.clock()))
        form = self._taking.forms.current().get(draft.form) if draft else None
        if draft is None or form is None:
            return self._list(request, typed, "return_unknown")
        begun = Begun(form, _language(request, form), draft)
        if ERASE in fields:
            return self._begun.erase(begun)
        taken_up = self._begun.taken_up(begun)
        return self._begun.go_on(taken_up) if CARRY_ON in fields else self._begun.welcome_back(taken_up)

    def _to_receipt(self, request: Request, typed: str) -> Response:
        receipt = tidy_copy_code(typed)
        with self._taking.stores.lent() as db:
            came = try_code(lambda: arrived_with_receipt(db, receipt))
        form = self._taking.forms.current().get(came.form) if came else None
        if form is None:
            return self._list(request, typed, "receipt_unknown")
        return RedirectResponse(f"/f/{form.id}/received/{receipt}?lang={_language(request, form)}", 303)

    def _to_copy(self, request: Request, typed: str) -> Response:
        language = language_in(request)
        with self._taking.stores.lent() as db:
            copy = copy_typed(db, typed, language)
            came = () if isinstance(copy, str) else arrived_of_copy(db, copy.copy)
        if isinstance(copy, str):
            return list_page(self._taking.forms.open_on(self._taking.clock()), language, typed, copy)
        chosen = request.query_params.get("lang") or copy.lang.split("+")[0]
        if came and copy.form in self._taking.forms.current():
            return RedirectResponse(f"/arrived/{copy.copy}?lang={chosen}", 303)
        return RedirectResponse(f"/f/{copy.form}?lang={chosen}&code={copy.copy}", 303)

    def _list(self, request: Request, typed: str, trouble: str) -> Response:
        language = language_in(request)
        forms = self._taking.forms.open_on(self._taking.clock())
        return list_page(forms, language, typed, spoken(trouble, language))


def _language(request: Request, form: FormDefinition) -> str:
    return spoken_in(form, request.query_params.get("lang", ""))
