"""The pages of a library screen: setting it up, where everybody starts, and what it tells of itself."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline.form.definition import say
from pipeline.web.guard import last_of, posted_fields, whole_number
from pipeline.web.kiosk_mode import KIOSK_COOKIE, this_kiosk
from pipeline.web.kiosks import Kiosk, KioskTells, hear_from, kiosk_with
from pipeline.web.limits import try_code
from pipeline.web.pages import page
from pipeline.web.taking import Taking

START = "/kiosk"
TELLS = "/kiosk-tells"

COOKIE_DAYS = 400
"""As long as browsers keep a cookie at most (RFC 6265bis). Every visit to the start page begins them anew."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class KioskPages:
    """The pages, over one site."""

    def __init__(self, taking: Taking, private: Path) -> None:
        self._taking = taking
        self._private = private

    def routes(self) -> tuple[BaseRoute, ...]:
        """Return every address of a library screen."""
        return (
            Route(START, self.start_page, methods=["GET"]),
            Route(TELLS, self.tells, methods=["POST"]),
            Route(START + "/{code}", self.set_up_page, methods=["GET"]),
            Route(START + "/{code}", self.set_up, methods=["POST"]),
        )

    def set_up_page(self, request: Request) -> Response:
        """Ask whoever opened the address of a library screen whether this tablet is to be it."""
        return page("kiosk_set_up.html", language="en", council="", name=self._named(request).name)

    async def set_up(self, request: Request) -> Response:
        """Make this tablet a library screen, or an ordinary device again."""
        self._named(request)
        fields = await posted_fields(request)
        if last_of(fields, "leave"):
            response = RedirectResponse("/", 303)
            response.delete_cookie(KIOSK_COOKIE)
            return response
        response = RedirectResponse(START, 303)
        _give_cookie(response, request, request.path_params["code"])
        return response

    def start_page(self, request: Request) -> Response:
        """Show every open form in each of its languages."""
        kiosk = this_kiosk()
        if kiosk is None:
            return RedirectResponse("/", 303)
        forms = self._taking.forms.open_on(self._taking.clock())
        response = page(
            "kiosk.html",
            language="en",
            council=say(forms[0].council, "en") if forms else "",
            forms=[
                {
                    "address": f"/f/{form.id}/all?lang={language}",
                    "language": language,
                    "title": say(form.title, language),
                }
                for form in forms
                for language in form.languages
            ],
        )
        _give_cookie(response, request, request.cookies[KIOSK_COOKIE])
        return response

    async def tells(self, request: Request) -> Response:
        """Note how many forms wait on a library screen."""
        kiosk = this_kiosk()
        if kiosk is None:
            raise HTTPException(404)
        fields = await posted_fields(request)
        waiting, refused = (whole_number(last_of(fields, name)) or 0 for name in ("waiting", "refused"))
        oldest = last_of(fields, "oldest")
        tells = KioskTells(waiting, refused, oldest if _MOMENT.fullmatch(oldest) else None)
        hear_from(self._private, kiosk.name, tells, self._taking.clock())
        return Response(status_code=204)

    def _named(self, request: Request) -> Kiosk:
        kiosk = try_code(lambda: kiosk_with(self._private, request.path_params["code"]))
        if kiosk is None:
            raise HTTPException(404)
        return kiosk


def _give_cookie(response: Response, request: Request, code: str) -> None:
    response.set_cookie(
        KIOSK_COOKIE,
        code,
        max_age=COOKIE_DAYS * 86_400,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
