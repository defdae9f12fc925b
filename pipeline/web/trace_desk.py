"""From a number to the paper: what was answered, by how many, by which responses, and where each answer comes from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sqlite_utils import Database
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.crops import OnPaper, WholePage, can_show
from pipeline.form.answer import Held, Missing
from pipeline.form.definition import FormDefinition, Variable, say
from pipeline.page.numbering import page_in_words
from pipeline.review.evidence import Shown
from pipeline.site import Site
from pipeline.store.catalogue import definition_of
from pipeline.store.trace import OnScan, Trace, holders, holdings, trace
from pipeline.store.variables import merged_variables, versions_of
from pipeline.web.accounts import Signed
from pipeline.web.guard import Fields, whole_number
from pipeline.web.in_words import variable_named
from pipeline.web.pictures import Pictures
from pipeline.web.roles import May
from pipeline.web.staff_pages import staff_page
from pipeline.web.stores import Stores
from pipeline.web.trace_words import (
    answer_in_words,
    day_of,
    decision_in_words,
    given_in_words,
    measured_in_words,
    question_in_words,
    response_in_words,
    whose_word,
    withdrawal_in_words,
)
from pipeline.web.withheld import withheld

MOST_RESPONSES = 100
"""Responses listed for one answer; all of them are in the exports."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer that was given, in words, by how many, and where they are listed."""

    words: str
    responses: int
    address: str


@dataclass(frozen=True, slots=True)
class ResponseLine:
    """One response in words, and where its answer is traced."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class ScanView:
    """A place on paper in words: where it is, what was measured, where its picture and the whole page are shown."""

    where: str
    place: str
    sha256: str
    reader: str
    measured: tuple[str, ...]
    picture: str | None
    page: str | None


@dataclass(frozen=True, slots=True)
class _AsShown:
    """A place on paper with as much of the page around it as somebody may see."""

    scan: OnScan
    shown: Shown

    @property
    def name(self) -> str:
        """The name under which its picture is asked for."""
        return self.scan.name

    @property
    def sha256(self) -> str | None:
        """The file that it is in."""
        return self.scan.sha256

    @property
    def page(self) -> int | None:
        """Its page in the file, from 0."""
        return self.scan.page

    @property
    def box_mm(self) -> tuple[float, float, float, float] | None:
        """Its place on the page."""
        return self.scan.box_mm


class TraceDesk:
    """The pages that lead from a number to the paper."""

    def __init__(self, site: Site, stores: Stores, pictures: Pictures) -> None:
        self._site = site
        self._stores = stores
        self._pictures = pictures

    def forms_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show every question that has answers, and where to type the name of a response."""
        meant = request.query_params.get("response", "").strip()
        with self._stores.lent() as db:
            forms = [form for (form,) in db.execute("SELECT DISTINCT form FROM submissions ORDER BY form")]
            if meant:
                found = db.execute("SELECT form FROM submissions WHERE submission = ?", [meant]).fetchone()
                if found:
                    return RedirectResponse(f"/answers/{quote(found[0])}?response={quote(meant)}", 303)
            listed = [self._form(db, form, signed) for form in forms]
        why = "There is no response of this name. It stands in the first column of every export." if meant else ""
        return staff_page("desk_answers.html", signed, 422 if why else 200, forms=listed, meant=meant, why=why)

    def response_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show the answers of one response, each with the way to where it comes from."""
        form, submission = request.path_params["form"], request.query_params.get("response", "")
        with self._stores.lent() as db:
            row = db.execute(
                "SELECT id, version, channel, received_on, status FROM submissions WHERE submission = ? AND form = ?",
                [submission, form],
            ).fetchone()
            if row is None:
                return RedirectResponse("/answers", 303)
            key, version, *facts = row
            definition, hidden = definition_of(db, version), withheld(db, form, signed)
            answers = {
                name: Held(value, missing)
                for name, value, missing in db.execute(
                    "SELECT question, value, missing FROM answers WHERE submission = ?", [key]
                )
            }
        lines = [
            (
                question_in_words(each, definition),
                answer_in_words(each, answers[each.name], definition),
                _address(submission, each.name),
            )
            for each in definition.variables
            if each.name in answers and each.name not in hidden
        ]
        about = response_in_words(*facts)
        return staff_page("desk_response.html", signed, name=submission, about=about, lines=lines)

    def answers_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show what was answered to one question, by how many, and for one of the answers by which responses."""
        form, name = request.path_params["form"], request.path_params["variable"]
        with self._stores.lent() as db:
            definition, variable = _variable(db, form, name, signed)
            counted = holdings(db, form, name)
            asked_for = _asked_for(request)
            listed = holders(db, form, name, asked_for, MOST_RESPONSES) if asked_for else ()
        here = f"/answers/{quote(form)}/{quote(name)}"
        answers = [
            AnswerLine(
                answer_in_words(variable, each.held, definition),
                each.responses,
                f"{here}?{_query(each.held)}#responses",
            )
            for each in counted
        ]
        responses = [
            ResponseLine(
                response_in_words(each.channel, each.received_on, each.status), _address(each.submission, name)
            )
            for each in listed
        ]
        return staff_page(
            "desk_answers_to.html",
            signed,
            title=say(definition.title, definition.languages[0]),
            question=question_in_words(variable, definition),
            answers=answers,
            chosen=answer_in_words(variable, asked_for, definition) if asked_for else "",
            responses=responses,
            is_cut=len(responses) == MOST_RESPONSES,
        )

    def trace_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show where one answer comes from."""
        with self._stores.lent() as db:
            found, definition, variable = self._traced(db, request, signed)
            zone, with_names = self._site.zone, signed.may_decide
            scans = [self._scan(db, found, number, signed) for number in range(len(found.scans))]
        return staff_page(
            "desk_trace.html",
            signed,
            question=question_in_words(variable, definition),
            said=answer_in_words(variable, found.held, definition),
            is_withdrawn=found.held.missing == Missing.WITHDRAWN,
            withdrawn=(
                withdrawal_in_words(found.withdrawn, variable, definition, zone, with_names) if found.withdrawn else ""
            ),
            whose=whose_word(found.held, found.authority),
            about=response_in_words(found.channel, found.received_on, found.status),
            name=found.submission,
            scans=scans,
            decisions=[decision_in_words(each, variable, definition, zone, with_names) for each in found.decisions],
            given=given_in_words(found.given, zone, with_names) if found.given else "",
            others=f"/answers/{quote(found.form)}/{quote(variable.name)}?{_query(found.held)}#responses",
            whole=f"/answers/{quote(found.form)}?response={quote(found.submission)}",
        )

    def picture(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the picture of an answer: the row on paper to those who work with it, to others the place alone."""
        with self._stores.lent() as db:
            return self._pictures.send(db, _as_shown(self._meant(db, request, signed), signed))

    def whole_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the whole page that an answer is on, with its place marked."""
        with self._stores.lent() as db:
            return self._pictures.send(db, WholePage(self._meant(db, request, signed)))

    def _form(self, db: Database, form: str, signed: Signed) -> tuple[str, list[tuple[str, str]]]:
        """A form's title, and each of its questions with its address."""
        versions, hidden = versions_of(db, form), withheld(db, form, signed)
        variables = [each for each in merged_variables(versions) if each.name not in hidden]
        questions = [
            (question_in_words(each, versions[-1]), f"/answers/{quote(form)}/{quote(each.name)}") for each in variables
        ]
        return say(versions[-1].title, versions[-1].languages[0]), questions

    def _traced(self, db: Database, request: Request, signed: Signed) -> tuple[Trace, FormDefinition, Variable]:
        try:
            found = trace(db, request.path_params["submission"], request.path_params["variable"])
        except LookupError as error:
            raise HTTPException(404) from error
        _refuse_withheld(db, found.form, found.variable, signed)
        definition = definition_of(db, found.version)
        return found, definition, variable_named(definition, found.variable)

    def _meant(self, db: Database, request: Request, signed: Signed) -> OnScan:
        found, _, _ = self._traced(db, request, signed)
        number = whole_number(request.query_params.get("scan", "0"))
        if number is None or number >= len(found.scans):
            raise HTTPException(404)
        return found.scans[number]

    def _scan(self, db: Database, found: Trace, number: int, signed: Signed) -> ScanView:
        scan = found.scans[number]
        x, y, _, _ = scan.box_mm
        name = f"{page_in_words(scan.page)} of {scan.file if signed.may_decide else 'a scan'}"
        here = f"/traces/{quote(found.submission)}/{quote(found.variable)}"
        shown = can_show(self._site, db, _as_shown(scan, signed))
        return ScanView(
            where=f"Page {scan.form_page} of the form, {name}, read on {day_of(scan.read_at, self._site.zone)}.",
            place=f"{x:.0f} mm from the left of the paper, {y:.0f} mm from its top",
            sha256=scan.sha256,
            reader=scan.reader or "",
            measured=tuple(measured_in_words(scan, variable_named(definition_of(db, found.version), found.variable))),
            picture=f"{here}/picture?scan={number}" if shown else None,
            page=f"{here}/page?scan={number}" if shown and signed.may_see_pages else None,
        )


def _refuse_withheld(db: Database, form: str, variable: str, signed: Signed) -> None:
    """Raise HTTPException where answers in a variable are not for this person."""
    if variable in withheld(db, form, signed):
        raise HTTPException(403, f"You may not {May.SEE_PERSONAL}.")


def _variable(db: Database, form: str, name: str, signed: Signed) -> tuple[FormDefinition, Variable]:
    """A variable of a form, of whatever version. Raises HTTPException where there is none, or none for this person."""
    versions = versions_of(db, form)
    variable = next((each for each in merged_variables(versions) if each.name == name), None) if versions else None
    if variable is None:
        raise HTTPException(404)
    _refuse_withheld(db, form, name, signed)
    return versions[-1], variable


def _asked_for(request: Request) -> Held | None:
    value, missing = (request.query_params.get(name) for name in ("value", "missing"))
    return Held(value, missing) if (value is None) != (missing is None) else None


def _query(held: Held) -> str:
    return urlencode({"value": held.value} if held.value is not None else {"missing": held.missing})


def _as_shown(scan: OnScan, signed: Signed) -> OnPaper:
    return _AsShown(scan, Shown.ROW if signed.may_decide else Shown.BOX)


def _address(submission: str, variable: str) -> str:
    return f"/traces/{quote(submission)}/{quote(variable)}"
