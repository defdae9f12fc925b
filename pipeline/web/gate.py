"""The gate of the desk: who comes in, by password or through the council's own sign-on, and what each may do."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.web.accounts import How, Signed, anybody
from pipeline.web.guard import Fields, last_of, posted_fields
from pipeline.web.left_off import LeftOff, asked_for, left_off_at, left_off_in
from pipeline.web.pages import page
from pipeline.web.roles import May
from pipeline.web.sessions import TRY_MINUTES, TooManyTries, check_sign_in, sign_in_known, sign_out, signed_in
from pipeline.web.staff_pages import FORM_TOKEN, Clock, StaffPage, staff_page

SESSION_COOKIE = "pillarbox_staff"
SIGN_IN_COOKIE = "pillarbox_sign_in"

_SAME_SITE = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` says of a request from our own page, or typed into the address bar (W3C Fetch Metadata)."""


@dataclass(frozen=True, slots=True)
class CouncilSignOn:
    """The council's own sign-on: a proxy that has found out who it is names that person in a header.

    Only requests that come straight from one of the `proxies` (addresses) are believed; the proxy must take the header
    off whatever comes from outside.
    """

    header: str
    proxies: frozenset[str]

    def names(self, request: Request) -> str | None:
        """Return whom the proxy names, None where it names nobody or the request did not come through it."""
        address = request.client.host if request.client else ""
        return (request.headers.get(self.header) or "").strip() or None if address in self.proxies else None


@dataclass(frozen=True, slots=True)
class _LetIn:
    """The token of a session that the council's sign-on has just begun."""

    token: str


Endpoint = Callable[[Request], Awaitable[Response]]
FilesPage = Callable[[Request, Signed, Sequence[UploadFile]], Response]

_FIELDS_BESIDE_FILES = 10
"""Fields that may come with files: there is one, the token."""

_TOO_LONG = "The page was open too long."


class Gate:
    """Lets staff in and out. Every page of the desk but those for signing in is behind `opens`."""

    def __init__(
        self, private: Path, clock: Clock, council: CouncilSignOn | None, on_leaving: Callable[[Signed], None]
    ) -> None:
        self._private = private
        self._clock = clock
        self._council = council
        self._on_leaving = on_leaving

    def opens(self, answer: StaffPage, *needed: May) -> Endpoint:
        """Return an endpoint that answers only somebody signed in who may do all that is `needed`.

        A post is taken only from a page of ours, with the token of its forms. What a page of an earlier session sends,
        from another window say, is given back to be sent once more.
        """

        async def answer_staff(request: Request) -> Response:
            signed = await self._admitted(request, needed)
            fields = await posted_fields(request) if request.method == "POST" else {}
            if not isinstance(signed, Signed):
                return await run_in_threadpool(self._way_in, request, signed, left_off_at(request, fields))
            if request.method == "POST" and not _same(last_of(fields, FORM_TOKEN), signed.form_token):
                return _once_more(signed, left_off_at(request, fields))
            return await run_in_threadpool(answer, request, signed, fields)

        return answer_staff

    def opens_to_files(self, answer: FilesPage, name: str, most: int, *needed: May) -> Endpoint:
        """Return an endpoint like those of `opens`, for posts that carry up to `most` files in the field `name`."""

        async def answer_staff(request: Request) -> Response:
            signed = await self._admitted(request, needed)
            if not isinstance(signed, Signed):
                if request.headers.get("content-type", "").startswith("multipart/"):
                    raise HTTPException(403, "You are signed out by now.")  # said, or the paper may be thrown away
                return await run_in_threadpool(self._way_in, request, signed, None)
            async with request.form(max_files=most, max_fields=_FIELDS_BESIDE_FILES) as form:
                if not _same(str(form.get(FORM_TOKEN, "")), signed.form_token):
                    raise HTTPException(403, _TOO_LONG)
                files = [each for each in form.getlist(name) if isinstance(each, UploadFile) and each.filename]
                return await run_in_threadpool(answer, request, signed, files)

        return answer_staff

    def sign_in_page(self, request: Request) -> Response:
        """Ask who it is."""
        return self._ask_who(request, "", "", 200)

    async def sign_in(self, request: Request) -> Response:
        """Let somebody in, or say why not."""
        _refuse_other_sites(request)
        fields = await posted_fields(request)
        if not _same(last_of(fields, FORM_TOKEN), request.cookies.get(SIGN_IN_COOKIE, "")):
            once_more = "Please sign in once more."
            return await run_in_threadpool(self._ask_who, request, "", once_more, 403, left_off_in(fields))
        return await run_in_threadpool(self._sign_in, request, fields)

    def sign_out(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """End the session."""
        sign_out(self._private, request.cookies[SESSION_COOKIE])
        self._on_leaving(signed)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE)
        return response

    async def _admitted(self, request: Request, needed: Sequence[May]) -> Signed | _LetIn | None:
        """Whoever asks, if this person may have what is asked for, or was let in just now; None for nobody we know."""
        _refuse_other_sites(request)
        signed = await run_in_threadpool(self._who, request)
        if isinstance(signed, Signed) and (lacking := [each for each in needed if each not in signed.may]):
            raise HTTPException(403, f"You may not {lacking[0]}.")
        return signed

    def _who(self, request: Request) -> Signed | _LetIn | None:
        """Whoever is signed in, or is let in because the council's sign-on names this person."""
        token = request.cookies.get(SESSION_COOKIE, "")
        signed = signed_in(self._private, token, self._clock()) if token else None
        named = self._council.names(request) if self._council else None
        if signed and (signed.how is How.PASSWORD or signed.name == named):
            return signed
        if not named:
            return None
        begun = sign_in_known(self._private, named, self._clock())
        if begun is None:
            raise HTTPException(403, f"There is no account for “{named}” at this desk.")
        return _LetIn(begun)

    def _way_in(self, request: Request, let_in: _LetIn | None, left_off: LeftOff | None) -> Response:
        """Lead somebody who was let in to the page that was asked for, anybody else to signing in."""
        if let_in is None:
            return self._ask_who(request, "", "", 403, left_off) if left_off else RedirectResponse("/sign-in", 303)
        return self._begin(request, let_in.token, left_off, asked_for(request) if request.method == "GET" else "/")

    def _begin(self, request: Request, token: str, left_off: LeftOff | None, address: str) -> Response:
        """Give somebody the cookie of a new session, and what was sent before it, or lead to an address."""
        if left_off:
            signed = signed_in(self._private, token, self._clock())
            assert signed is not None, "the session has begun a moment ago"
            response: Response = _go_on(signed, left_off)
        else:
            response = RedirectResponse(address, 303)
        _set_cookie(response, request, SESSION_COOKIE, token)
        return response

    def _sign_in(self, request: Request, fields: Fields) -> Response:
        name, now, left_off = last_of(fields, "name"), self._clock(), left_off_in(fields)
        address = request.client.host if request.client else ""
        token = check_sign_in(self._private, name, last_of(fields, "password"), address, now)
        if isinstance(token, TooManyTries):
            why = f"There were too many tries. Wait {TRY_MINUTES} minutes, then try again, or ask for a new password."
            return self._ask_who(request, name, why, 429, left_off)
        if token is None:
            why = "The name and the password do not belong together. Try again."
            return self._ask_who(request, name, why, 422, left_off)
        response = self._begin(request, token, left_off, "/")
        response.delete_cookie(SIGN_IN_COOKIE)
        return response

    def _ask_who(self, request: Request, name: str, why: str, status: int, left_off: LeftOff | None = None) -> Response:
        token = secrets.token_urlsafe(32)
        accounts = anybody(self._private)
        response = page(
            "desk_sign_in.html",
            status,
            language="en",
            council="The desk",
            token=token,
            name=name,
            why=why,
            accounts=accounts,
            left_off=left_off.as_field() if left_off else "",
        )
        _set_cookie(response, request, SIGN_IN_COOKIE, token)
        return response


def _go_on(signed: Signed, left_off: LeftOff, status: int = 200) -> Response:
    """Give somebody who has signed in again what was sent before, to be sent once more."""
    return staff_page("desk_go_on.html", signed, status, address=left_off.address, fields=left_off.fields)


def _once_more(signed: Signed, left_off: LeftOff | None) -> Response:
    """Take nothing without the token of somebody's own forms, but give back what was typed, if anything was."""
    if left_off is None:
        raise HTTPException(403, _TOO_LONG)
    return _go_on(signed, left_off, 403)


def _refuse_other_sites(request: Request) -> None:
    """Raise HTTPException for a post that a page of another site sent.

    `SameSite` cookies and the token of our forms stop it as well; each of the three would do alone.
    """
    if request.method != "POST":
        return
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if (origin and urlsplit(origin).netloc != request.headers.get("host")) or (site and site not in _SAME_SITE):
        raise HTTPException(403, "It came from a page of another site.")


def _set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, httponly=True, samesite="strict", secure=secure)


def _same(sent: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(sent.encode(), expected.encode())
