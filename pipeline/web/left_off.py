"""What somebody sent after the session had ended: carried through signing in, so that nothing typed is lost.

It travels in the pages alone, from the browser and back, and is taken like any other post: with the token of the new
session, and as far as whoever signs in may do it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from pipeline.web.guard import Fields, last_of
from pipeline.web.staff_pages import FORM_TOKEN

LEFT_OFF = "left_off"
"""The field of the page for signing in that carries it."""

_AS_SENT = TypeAdapter(tuple[str, dict[str, tuple[str, ...]]])


@dataclass(frozen=True, slots=True)
class LeftOff:
    """Fields that were sent to an address of the desk, without the token of the session that had ended.

    `address` is as it stands in a page, percent-encoded: what a path holds is not taken for a query.
    """

    address: str
    fields: Fields

    def as_field(self) -> str:
        """Return it as the page for signing in carries it."""
        return json.dumps((self.address, self.fields))


def left_off_at(request: Request, fields: Fields) -> LeftOff | None:
    """Return what was sent with a request, None where nothing was typed or chosen."""
    chosen = {name: values for name, values in fields.items() if name != FORM_TOKEN}
    return LeftOff(_address_of(request), chosen) if chosen else None


def asked_for(request: Request) -> str:
    """Return the address that somebody asked for, with its query; the overview's where it would lead elsewhere."""
    address = _address_of(request)
    return address if _is_ours(address) else "/"


def _address_of(request: Request) -> str:
    query = request["query_string"].decode("latin-1")
    return quote(request["path"]) + (f"?{query}" if query else "")


def left_off_in(fields: Fields) -> LeftOff | None:
    """Return what the page for signing in carried, None where it carried nothing, or nothing that leads here."""
    try:
        address, sent = _AS_SENT.validate_json(last_of(fields, LEFT_OFF))
    except ValidationError:
        return None
    return LeftOff(address, sent) if _is_ours(address) else None


def _is_ours(address: str) -> bool:
    """Whether an address leads nowhere else. Browsers read over tabs and line breaks, and `\\` as `/` (WHATWG URL)."""
    return address.isprintable() and address.startswith("/") and not address.startswith(("//", "/\\"))
