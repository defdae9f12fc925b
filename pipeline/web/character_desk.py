"""Characters at the desk: a page of those read as one figure or letter, of which the odd ones are marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from sqlite_utils import Database
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.store.characters import Character, characters_read_as, figures_waiting, find_character, look_at
from pipeline.web.accounts import Signed
from pipeline.web.guard import Fields
from pipeline.web.leases import Leases, queue_for
from pipeline.web.pictures import Pictures
from pipeline.web.staff_pages import Clock, following, staff_page
from pipeline.web.stores import Stores
from pipeline.web.told import last_in_words

AT_ONCE = 40
"""Characters on a page: they fit a screen, and are looked over in the time that a few answers take one by one."""

SHOWN, ODD = "shown", "odd"
"""The fields of the page: every character on it, and those that are marked."""


class CharacterDesk:
    """The pages where characters are looked at together."""

    def __init__(self, stores: Stores, pictures: Pictures, leases: Leases, clock: Clock) -> None:
        self._stores = stores
        self._pictures = pictures
        self._leases = leases
        self._clock = clock

    def next_figure(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Lead to the figure of which most wait, or to the one after `after`; to single doubts where none do."""
        with self._stores.lent() as db:
            waiting = list(figures_waiting(db, queue_for(signed)))
        figure = following(waiting, request.query_params.get("after", ""))
        return RedirectResponse(f"/characters/{figure}" if figure else "/doubts", 303)

    def page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show characters that were read as one figure, and that nobody else has before them."""
        figure = request.path_params["figure"]
        with self._stores.lent() as db:
            shown = self._leases.give(signed.form_token, signed.name, partial(self._choose, db, signed, figure))
            if not shown:
                return RedirectResponse("/doubts", 303)
            values = {
                "figure": figure,
                "kind": "figure" if figure.isdecimal() else "letter",
                "characters": shown,
                "names": {"shown": SHOWN, "odd": ODD},
                "last": last_in_words(db, signed, self._clock()),
            }
            return staff_page("desk_characters.html", signed, **values)

    def take(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Record what somebody says of the characters that were shown, and lead to the next."""
        shown, odd = fields.get(SHOWN, ()), frozenset(fields.get(ODD, ()))
        with self._stores.lent() as db:
            theirs = [name for name in shown if find_character(db, queue_for(signed), name)]
            look_at(db, request.path_params["figure"], theirs, odd, signed.name, self._clock())
        return RedirectResponse("/characters", 303)

    def picture(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Send the picture of one character."""
        with self._stores.lent() as db:
            character = find_character(db, queue_for(signed), request.path_params["name"])
            if character is None:
                raise HTTPException(404)
            return self._pictures.send(db, character)

    def _choose(self, db: Database, signed: Signed, figure: str, others: Collection[str]) -> Sequence[Character]:
        return characters_read_as(db, figure, queue_for(signed, others), AT_ONCE)
