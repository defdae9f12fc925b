"""Forms at the desk: print more of one, print a copy again, find a copy by its code and see what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.form.answer import Held, Missing
from pipeline.form.code import is_copy_code, spoken_copy_code, tidy_copy_code
from pipeline.form.definition import FormDefinition, say
from pipeline.form.languages import language_name
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout, LayoutError
from pipeline.form.paper.editions import PAPERS
from pipeline.form.paper.postcard import on_card
from pipeline.form.printing import print_copies
from pipeline.form.words import counted, long_date
from pipeline.site import Site
from pipeline.store.arrivals import arrived_with_receipt
from pipeline.store.catalogue import definition_of, layout_of
from pipeline.store.copies import KnownCopy, Return, known_copy
from pipeline.store.record import RECEIPT_LENGTH, register_print
from pipeline.web.accounts import Signed
from pipeline.web.guard import Fields, last_of, whole_number
from pipeline.web.in_words import in_words, part_of
from pipeline.web.open_forms import Forms
from pipeline.web.overview import CHANNELS
from pipeline.web.receipt_pages import arrival_in_words, spoken_receipt
from pipeline.web.staff_pages import Clock, staff_page
from pipeline.web.stores import Stores
from pipeline.web.withheld import withheld

MOST_COPIES = 500
"""Copies printed at the desk in one go: a box of paper, and half a second. The command `print` makes more."""

EDITION_NAMES = {
    "clear": "Clear print",
    "large": "Large print",
    "giant": "Giant print",
    "easyread": "Easy Read",
    "postcard": "Postcards, four to a sheet",
}

STATES = {
    "complete": "All of it has been read.",
    "partial": "What came back has been read.",
    "waiting": "Some of it waits for a person.",
    "to_confirm": "Somebody is to say whether it is another person's answer.",
    "withdrawn": "It is not counted.",
}
"""What the status of a return means."""

NO_ANSWER = {
    Missing.BLANK: "left blank",
    Missing.UNREADABLE: "could not be read",
    Missing.WAITING: "waits for a person",
    Missing.REFUSED: "would rather not say",
    Missing.NOT_ASKED: "was not asked",
    Missing.PAGE_NOT_RETURNED: "that page has not come back",
    Missing.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One return of a copy in words; `answers` are pairs of question and answer."""

    heading: str
    state: str
    pages: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CopyView:
    """One copy in words: its code as it is and as it is printed, what it is, and its returns."""

    copy: str
    code: str
    about: str
    returns: tuple[ReturnView, ...]


@dataclass(frozen=True, slots=True)
class FormLink:
    """A form by its name and its title."""

    name: str
    title: str


class FormDesk:
    """The pages about forms and their copies."""

    def __init__(self, site: Site, forms: Forms, stores: Stores, clock: Clock) -> None:
        self._site = site
        self._forms = forms
        self._stores = stores
        self._clock = clock

    def list_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show every form, and where to type a code."""
        return self._list(signed)

    def find(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Lead from a code, however it was typed, to its copy."""
        code = tidy_copy_code(request.query_params.get("code", ""))
        if len(code) == RECEIPT_LENGTH:
            return self._find_receipt(signed, code)
        if not is_copy_code(code):
            return self._list(signed, code, "A code has eight letters and figures, a receipt ten. Look at it again.")
        with self._stores.lent() as db:
            found = known_copy(db, code)
        if found is None:
            return self._list(signed, code, "No copy with this code was printed here.")
        return RedirectResponse(f"/copies/{code}", 303)

    def copy_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show what is known of a copy; what is personal, only to those who may see it."""
        with self._stores.lent() as db:
            found = known_copy(db, request.path_params["copy"])
            if found is None:
                raise HTTPException(404)
            versions = {each.version for each in found.returns} | {found.printed.version}
            definitions = {version: definition_of(db, version) for version in versions}
            hidden = withheld(db, found.printed.form, signed)
        return staff_page("desk_copy.html", signed, copy=self._copy_view(found, definitions, hidden))

    def receipt_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show what may be told to whoever holds a receipt, and nothing more."""
        receipt = request.path_params["receipt"]
        with self._stores.lent() as db:
            came = arrived_with_receipt(db, receipt)
            if came is None:
                raise HTTPException(404)
            form = definition_of(db, came.version)
        return staff_page(
            "desk_receipt.html",
            signed,
            receipt=spoken_receipt(receipt),
            title=say(form.title, form.languages[0]),
            arrival=arrival_in_words(came, "en"),
        )

    def print_again(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the PDF of a copy once more, as it was printed; or say that it no longer can be."""
        with self._stores.lent() as db:
            found = known_copy(db, request.path_params["copy"])
            if found is None:
                raise HTTPException(404)
            form, kept = definition_of(db, found.printed.version), layout_of(db, found.printed.layout)
        layout = lay_out(form, kept.edition, kept.paper, kept.lang)
        if layout.id != kept.id:
            raise HTTPException(409)
        return _pdf(layout, (found.printed.copy,))

    def print_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Ask how many copies, in which print and language."""
        return self._ask(signed, self._form(request), fields)

    def print_more(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Register new copies and send them as a PDF, or say what is wrong."""
        form = self._form(request)
        copies = whole_number(last_of(fields, "copies"))
        edition, lang = last_of(fields, "edition"), last_of(fields, "lang") or form.languages[0]
        if copies is None or not 1 <= copies <= MOST_COPIES:
            return self._ask(signed, form, fields, f"Write a number from 1 to {MOST_COPIES}.")
        if edition not in EDITION_NAMES or lang not in form.languages:
            return self._ask(signed, form, fields, "Choose a print and a language from the lists.")
        try:
            layout = lay_out(form, edition, "a4", lang)
        except LayoutError as trouble:
            return self._ask(signed, form, fields, str(trouble))
        with self._stores.lent() as db:
            codes = register_print(db, form, layout, copies, self._clock())
        return _pdf(layout, codes)

    def _list(self, signed: Signed, code: str = "", why: str = "") -> Response:
        forms = [FormLink(name, say(form.title, form.languages[0])) for name, form in self._forms.current().items()]
        return staff_page("desk_forms.html", signed, 422 if why else 200, forms=forms, code=code, why=why)

    def _find_receipt(self, signed: Signed, receipt: str) -> Response:
        with self._stores.lent() as db:
            known = arrived_with_receipt(db, receipt) is not None
        if known:
            return RedirectResponse(f"/receipts/{receipt}", 303)
        return self._list(signed, receipt, "Nothing arrived here that was given this receipt. Look at it again.")

    def _form(self, request: Request) -> FormDefinition:
        form = self._forms.current().get(request.path_params["form"])
        if form is None:
            raise HTTPException(404)
        return form

    def _ask(self, signed: Signed, form: FormDefinition, fields: Fields, why: str = "") -> Response:
        return staff_page(
            "desk_print.html",
            signed,
            422 if why else 200,
            name=form.id,
            title=say(form.title, form.languages[0]),
            most=MOST_COPIES,
            copies=last_of(fields, "copies") or "10",
            editions=list(EDITION_NAMES.items()),
            edition=last_of(fields, "edition") or "clear",
            on_cards=_told_of_cards(form),
            languages=[(tag, language_name(tag)) for tag in form.languages],
            lang=last_of(fields, "lang") or form.languages[0],
            why=why,
        )

    def _copy_view(self, found: KnownCopy, definitions: dict[str, FormDefinition], hidden: Collection[str]) -> CopyView:
        form = definitions[found.printed.version]
        title = say(form.title, form.languages[0])
        printed = long_date(date.fromisoformat(found.printed_at[:10]), "en")
        return CopyView(
            copy=found.printed.copy,
            code=spoken_copy_code(found.printed.copy),
            about=f"{title}, {EDITION_NAMES.get(found.printed.edition, found.printed.edition)}, printed on {printed}.",
            returns=tuple(_return_view(each, definitions[each.version], hidden) for each in found.returns),
        )


def _return_view(came: Return, form: FormDefinition, hidden: Collection[str]) -> ReturnView:
    waiting = f" {counted(came.waiting, 'answer')} to look at." if came.waiting else ""
    missing = f" Not back yet: page {', '.join(map(str, came.pages_missing))}." if came.pages_missing else ""
    return ReturnView(
        heading=f"{CHANNELS[came.channel]}, {long_date(date.fromisoformat(came.received_on), 'en')}",
        state=STATES[came.status] + waiting + missing,
        pages=f"Page {', '.join(map(str, came.pages))} came back." if came.pages else "",
        answers=tuple(_answers(came, form, hidden)),
    )


def _answers(came: Return, form: FormDefinition, hidden: Collection[str]) -> Iterator[tuple[str, str]]:
    language = form.languages[0]
    for variable in form.variables:
        held = came.answers.get(variable.name, Held(None, Missing.NOT_ASKED))
        question = " – ".join(filter(None, (say(variable.question.text, language), part_of(variable, language))))
        if held.value is None:
            yield question, NO_ANSWER[Missing(held.missing or Missing.BLANK)]
        elif variable.name in hidden:
            yield question, "answered; not shown to you"
        else:
            yield question, in_words(variable, held.value, language)


def _told_of_cards(form: FormDefinition) -> str:
    """What postcards of a form ask, and how many questions they leave out; nothing where no question fits on one."""
    found = on_card(form, form.languages[:1], PAPERS["a4"])
    if not found.asked:
        return ""
    asked = " and ".join(f"“{say(question.text, form.languages[0])}”" for question in found.asked)
    return f"Postcards ask {asked} and leave out {counted(len(found.left_out), 'question')}."


def _pdf(layout: Layout, codes: tuple[str, ...]) -> Response:
    name = f"{layout.form}-{layout.lang}-{layout.edition}-{codes[0]}.pdf"
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(print_copies(layout, codes, "both"), media_type="application/pdf", headers=disposition)
