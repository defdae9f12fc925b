"""What every page of the desk shares: somebody signed in, the token of their forms, and the way to the next answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pipeline.web.accounts import Signed
from pipeline.web.guard import Fields
from pipeline.web.pages import page

Clock = Callable[[], datetime]
StaffPage = Callable[[Request, Signed, Fields], Response]

FORM_TOKEN = "form_token"


def staff_page(template: str, signed: Signed, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page for somebody signed in."""
    return page(template, status, language="en", council="The desk", signed=signed, form_token=FORM_TOKEN, **values)


def following(names: Sequence[str], name: str) -> str | None:
    """Return the name after `name`, the first after the last or when it is not there, None when there are none."""
    place = names.index(name) + 1 if name in names else 0
    return names[place % len(names)] if names else None
