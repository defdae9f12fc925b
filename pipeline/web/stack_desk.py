"""Stacks and scanners at the desk: what arrived of each stack and what is missing, and how each scanner is set."""

from __future__ import annotations

from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.form.cover import LONGEST_LIBRARY, MOST_FORMS, Cover, new_batch, spoken_batch_code
from pipeline.form.paper.check_sheet import CHECK_COPY, lay_out_check_sheet
from pipeline.form.paper.cover import is_library, lay_out_cover
from pipeline.form.printing import print_copies, print_covers
from pipeline.form.words import long_date
from pipeline.site import Site
from pipeline.store.batches import all_batches, count_batch
from pipeline.store.scanner_checks import scanner_checks
from pipeline.web.accounts import Signed
from pipeline.web.guard import Fields, last_of, whole_number
from pipeline.web.staff_pages import Clock, staff_page
from pipeline.web.stores import Stores

MOST_STACKS, MOST_SCANNERS = 50, 20
"""Stacks and check sheets listed, the newest first: what is older is nobody's business of the day."""


class StackDesk:
    """The pages about stacks that came under a cover sheet, and about scanners."""

    def __init__(self, site: Site, stores: Stores, clock: Clock) -> None:
        self._site = site
        self._stores = stores
        self._clock = clock

    def stacks_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """List the latest stacks."""
        return self._stacks(signed)

    def count(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Take how many forms somebody says a stack holds."""
        with self._stores.lent() as db:
            number = whole_number(last_of(fields, "forms")) or 0
            why = count_batch(db, request.path_params["batch"], number, signed.name, self._clock())
        return self._stacks(signed, why) if why else RedirectResponse("/stacks", 303)

    def cover(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send a cover sheet to print, for the library and the number of forms asked for."""
        library, forms = (request.query_params.get(name, "").strip() for name in ("library", "forms"))
        if not is_library(library):
            return self._stacks(signed, f"Say which library, in at most {LONGEST_LIBRARY} letters.")
        number = whole_number(forms)
        if forms and (number is None or not 1 <= number <= MOST_FORMS):
            return self._stacks(signed, f"Give a number of forms from 1 to {MOST_FORMS}, or none.")
        today = date.fromisoformat(self._site.local_date(self._clock()))
        cover = Cover(new_batch(), library, today, number)
        return _pdf(print_covers([(cover, lay_out_cover(cover))]), f"cover-{cover.batch}.pdf")

    def scanner_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Tell what the latest check sheets said."""
        with self._stores.lent() as db:
            checks = [(check, _in_words(check.day)) for check in scanner_checks(db, MOST_SCANNERS)]
        return staff_page("desk_scanner.html", signed, checks=checks)

    def check_sheet(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the scanner's check sheet to print."""
        return _pdf(print_copies(lay_out_check_sheet(), [CHECK_COPY]), "check-sheet.pdf")

    def _stacks(self, signed: Signed, why: str = "") -> Response:
        with self._stores.lent() as db:
            found = all_batches(db, MOST_STACKS)
        stacks = [(batch, spoken_batch_code(batch.batch), _in_words(batch.day)) for batch in found]
        return staff_page("desk_stacks.html", signed, 422 if why else 200, stacks=stacks, why=why)


def _in_words(day: str) -> str:
    return long_date(date.fromisoformat(day), "en")


def _pdf(content: bytes, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)
