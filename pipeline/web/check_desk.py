"""Checking how well the machine reads: staff say what they see on paper, and look again where it read otherwise."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

from sqlite_utils import Database
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.crops import can_show, is_kept
from pipeline.site import Site
from pipeline.store.catalogue import definition_of
from pipeline.store.checks import OpenCheck, SecondLook, enter_check, open_checks, second_looks, settle_check
from pipeline.store.sample import count_checks, draw_checks
from pipeline.store.second_checks import count_agreement
from pipeline.tables.accuracy import accuracy_sentence, agreement_sentence, measure_accuracy
from pipeline.web.accounts import Signed
from pipeline.web.asked import MISSING, NAMES, VALUE, view_check, view_second_look
from pipeline.web.guard import Fields, last_of
from pipeline.web.pictures import CROPS_AHEAD, Pictures
from pipeline.web.staff_pages import Clock, following, staff_page
from pipeline.web.stores import Stores

DRAWN_AT_ONCE = 50
"""Answers drawn at the desk: ten minutes' work, and with no mistake among them, at most 7 in 100 are wrong."""

RIGHT = "right"
_SEED_BITS = 32


class CheckDesk:
    """The pages where fields of the sample are checked: all of them blind, then those that differ once more."""

    def __init__(self, site: Site, stores: Stores, pictures: Pictures, clock: Clock) -> None:
        self._site = site
        self._stores = stores
        self._pictures = pictures
        self._clock = clock

    def next_check(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Lead to the next field to check, or to the one after `after`; or say how well paper is read."""
        with self._stores.lent() as db:
            name = following(self._names(db, signed), request.query_params.get("after", ""))
            if name is None:
                sentence = accuracy_sentence(measure_accuracy(count_checks(db)))
                agreed = agreement_sentence(count_agreement(db))
                return staff_page("desk_checked.html", signed, sentence=sentence, agreed=agreed, number=DRAWN_AT_ONCE)
        return RedirectResponse(f"/checks/{name}", 303)

    def draw(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Draw another sample, of all forms."""
        with self._stores.lent() as db:
            drawn = draw_checks(
                db, None, DRAWN_AT_ONCE, secrets.randbits(_SEED_BITS), self._clock(), partial(is_kept, self._site)
            )
        return RedirectResponse("/checks" if drawn else "/", 303)

    def check_page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show one field."""
        with self._stores.lent() as db:
            found = self._find(db, signed, request.path_params["check"])
            return self._show(db, signed, found) if found else RedirectResponse("/checks", 303)

    def answer(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Take what somebody sees there, or which is right, and lead to the next; or say why it cannot be taken."""
        with self._stores.lent() as db:
            found = self._find(db, signed, request.path_params["check"])
            if found is None or _is_late(found, fields):
                return RedirectResponse("/checks", 303)
            name = _field(found).check
            next_name = following(self._names(db, signed), name)
            chosen = [value for value in fields.get(VALUE, ()) if value.strip()]
            why = self._take(db, signed, found, chosen, fields)
            if why:
                return self._show(db, signed, found, why, chosen)
        return RedirectResponse(f"/checks/{next_name}" if next_name != name else "/checks", 303)

    def picture(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the picture of a field."""
        with self._stores.lent() as db:
            listed = [_field(each) for each in self._waiting(db, signed)]
            names, name = [each.check for each in listed], request.path_params["check"]
            if name not in names:
                raise HTTPException(404)
            wanted, *ahead = listed[names.index(name) :]
            return self._pictures.send(db, wanted, ahead[:CROPS_AHEAD])

    def _take(
        self, db: Database, signed: Signed, found: OpenCheck | SecondLook, chosen: Sequence[str], fields: Fields
    ) -> str | None:
        now, missing = self._clock(), last_of(fields, MISSING)
        if isinstance(found, SecondLook):
            return settle_check(db, found.field.check, last_of(fields, RIGHT), signed.name, now)
        if missing:
            return enter_check(db, found.check, None, missing, signed.name, now)
        if not chosen:
            return "Choose or type what you see first, or say that there is nothing or that it cannot be read."
        return enter_check(db, found.check, ";".join(chosen), None, signed.name, now)

    def _show(
        self, db: Database, signed: Signed, found: OpenCheck | SecondLook, why: str = "", chosen: Sequence[str] = ()
    ) -> Response:
        waiting, status = len(self._waiting(db, signed)), 422 if why else 200
        if isinstance(found, SecondLook):
            second = view_second_look(definition_of(db, found.field.version), found)
            values = {"view": second.asked, "second": second, "name": RIGHT, "waiting": waiting, "why": why}
            return staff_page("desk_second_look.html", signed, status, **values)
        view = view_check(definition_of(db, found.version), found, chosen)
        values = {"view": view, "waiting": f"{waiting} to check", "why": why, "names": NAMES, "room": "/checks"}
        values["skip"] = f"/checks?after={found.check}"
        return staff_page("desk_asked.html", signed, status, **values)

    def _waiting(self, db: Database, signed: Signed) -> list[OpenCheck | SecondLook]:
        """The fields that wait for this person and whose paper can be shown, those for a second look last."""
        others = [each for each in open_checks(db) if each.decided_by != signed.name]
        listed: list[OpenCheck | SecondLook] = [*others, *second_looks(db)]
        return [each for each in listed if can_show(self._site, db, _field(each))]

    def _names(self, db: Database, signed: Signed) -> list[str]:
        return [_field(each).check for each in self._waiting(db, signed)]

    def _find(self, db: Database, signed: Signed, name: str) -> OpenCheck | SecondLook | None:
        return next((each for each in self._waiting(db, signed) if _field(each).check == name), None)


def _is_late(found: OpenCheck | SecondLook, fields: Fields) -> bool:
    """Whether somebody sent once more what they see there: Enter pressed twice is no second look."""
    return isinstance(found, SecondLook) and not last_of(fields, RIGHT)


def _field(found: OpenCheck | SecondLook) -> OpenCheck:
    return found.field if isinstance(found, SecondLook) else found
