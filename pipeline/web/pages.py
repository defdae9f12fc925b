"""Pages from templates: every value escaped, nothing fetched from elsewhere."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from pipeline.form.languages import language_name
from pipeline.form.words import long_date, phrase
from pipeline.web.kiosk_mode import this_kiosk
from pipeline.web.words import OTHER_SCRIPTS, direction, spoken

LEAVING = "/leaving"
"""Where the empty style sheet is. Its name ends like no file's, so that the service worker passes it over."""

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def stamped(name: str) -> str:
    """Return the address of a static file, with a stamp of its contents: a new version has a new address."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]}"


_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    static=stamped,
    direction=direction,
    language_name=language_name,
    spoken=spoken,
    phrase=phrase,
    this_kiosk=this_kiosk,
    other_scripts=OTHER_SCRIPTS,
)
_templates.filters["in_full"] = lambda day: long_date(date.fromisoformat(str(day)), "en")
"""A day (ISO 8601) as staff read it: 9 March 2027."""


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return the page that `template` makes of `values`; a name that is missing is an error, not a gap."""
    return HTMLResponse(_templates.get_template(template).render(**values), status)


def last_page(template: str, **values: Any) -> HTMLResponse:
    """Return a page that somebody leaves a form by, who may sit at a computer that others use: see `leaving_sheet`."""
    return page(template, **values, leaving=LEAVING)


def leaving_sheet(request: Request) -> Response:
    """Send an empty style sheet, with which a browser is asked to drop the pages it holds on to for the way back.

    Chromium holds on to them, answers and all, even where they say `no-store`; `Clear-Site-Data` (W3C) makes it let go
    of all but the page that is just being left. So the page after that asks for this sheet, by when it has been left,
    and as one for paper: Chromium may take many seconds to answer (its bug 40233601), and shows the page meanwhile.
    What the service worker keeps stays.
    """
    return Response("", media_type="text/css", headers={"clear-site-data": '"cache"'})


class StaticPages(StaticFiles):
    """The style sheets, fonts and scripts, which browsers may keep for a day."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def file_response(self, *arguments: Any, **named: Any) -> Any:
        """Return a file with leave to keep it (Starlette calls this)."""
        response = super().file_response(*arguments, **named)
        response.headers["cache-control"] = "public, max-age=86400"
        return response
