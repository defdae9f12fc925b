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
from pipeline.web.pages import page
from pipeline.web.roles import May
from pipeline.web.sessions import TRY_MINUTES, TooManyTries, check_sign_in, sign_in_known, sign_out, signed_in
from pipeline.web.staff_pages import FORM_TOKEN, Clock, StaffPage

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


Endpoint = Callable[[Request], Awaitable[Response]]
FilesPage = Callable[[Request, Signed, Sequence[UploadFile]], Response]

_FIELDS_BESIDE_FILES = 10
"""Fields that may come with files: there is one, the token."""


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

        A post is taken only from a page of ours, with the token of its forms.
        """

        async def answer_staff(request: Request) -> Response:
            signed = await self._admitted(request, needed)
            if not isinstance(signed, Signed):
                return signed
            fields = await posted_fields(request) if request.method == "POST" else {}
            if request.method == "POST":
                _refuse_without_token(last_of(fields, FORM_TOKEN), signed)
            return await run_in_threadpool(answer, request, signed, fields)

        return answer_staff

    def opens_to_files(self, answer: FilesPage, name: str, most: int, *needed: May) -> Endpoint:
        """Return an endpoint like those of `opens`, for posts that carry up to `most` files in the field `name`."""

        async def answer_staff(request: Request) -> Response:
            signed = await self._admitted(request, needed)
            if not isinstance(signed, Signed):
                return signed
            async with request.form(max_files=most, max_fields=_FIELDS_BESIDE_FILES) as form:
                _refuse_without_token(str(form.get(FORM_TOKEN, "")), signed)
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
            return await run_in_threadpool(self._ask_who, request, "", "Please sign in once more.", 403)
        return await run_in_threadpool(self._sign_in, request, fields)

    def sign_out(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """End the session."""
        sign_out(self._private, request.cookies[SESSION_COOKIE])
        self._on_leaving(signed)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE)
        return response

    async def _admitted(self, request: Request, needed: Sequence[May]) -> Signed | Response:
        """Whoever asks, if this person may have what is asked for; or the way to signing in."""
        _refuse_other_sites(request)
        signed = await run_in_threadpool(self._who, request)
        if isinstance(signed, Signed) and (lacking := [each for each in needed if each not in signed.may]):
            raise HTTPException(403, f"You may not {lacking[0]}.")
        return signed

    def _who(self, request: Request) -> Signed | Response:
        """Whoever is signed in, or the way to signing in."""
        token = request.cookies.get(SESSION_COOKIE, "")
        signed = signed_in(self._private, token, self._clock()) if token else None
        named = self._council.names(request) if self._council else None
        if signed and (signed.how is How.PASSWORD or signed.name == named):
            return signed
        return self._let_in(request, named) if named else RedirectResponse("/sign-in", 303)

    def _let_in(self, request: Request, named: str) -> Response:
        """Begin a session for somebody whom the council's sign-on names, and lead to the page that was asked for."""
        token = sign_in_known(self._private, named, self._clock())
        if token is None:
            raise HTTPException(403, f"There is no account for “{named}” at this desk.")
        response = RedirectResponse(request.url.path if request.method == "GET" else "/", 303)
        _set_cookie(response, request, SESSION_COOKIE, token)
        return response

    def _sign_in(self, request: Request, fields: Fields) -> Response:
        name, now = last_of(fields, "name"), self._clock()
        address = request.client.host if request.client else ""
        token = check_sign_in(self._private, name, last_of(fields, "password"), address, now)
        if isinstance(token, TooManyTries):
            why = f"There were too many tries. Wait {TRY_MINUTES} minutes, then try again, or ask for a new password."
            return self._ask_who(request, name, why, 429)
        if token is None:
            return self._ask_who(request, name, "The name and the password do not belong together. Try again.", 422)
        response = RedirectResponse("/", 303)
        _set_cookie(response, request, SESSION_COOKIE, token)
        response.delete_cookie(SIGN_IN_COOKIE)
        return response

    def _ask_who(self, request: Request, name: str, why: str, status: int) -> Response:
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
        )
        _set_cookie(response, request, SIGN_IN_COOKIE, token)
        return response


def _refuse_without_token(sent: str, signed: Signed) -> None:
    if not _same(sent, signed.form_token):
        raise HTTPException(403, "The page was open too long.")


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
