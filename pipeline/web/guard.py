"""What stands before both listeners: strict headers on every answer, and a limit on what may be sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 256 * 1024
"""Bytes a request may carry: the longest form here, every comment filled to its limit, needs a quarter of it."""

MOST_FIELDS = 1000
"""Fields a request may carry: more than the ticks of any form that a person would finish."""

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Sent with everything. A page may hold no script and no style of its own, and may not be framed."""

LONGEST_PAUSE_S = 30
"""Seconds within which the next piece of a request must come: longer than any mobile connection drops out and
recovers. Whoever trickles bytes holds nothing but a socket, and not even that for longer."""

_WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")
"""What a number typed into a box of the desk may be. Python refuses to turn thousands of figures into a number."""

Fields = Mapping[str, tuple[str, ...]]
"""What a form sent: every value of each field, by name."""


class Guard:
    """Wraps an application so that nothing leaves it without HEADERS and nothing longer than LARGEST_BODY enters.

    `larger` are addresses to which more may be sent, and how many bytes.
    """

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        largest = self._larger.get(scope["path"], LARGEST_BODY)
        await self._app(scope, _limited(receive, Headers(scope=scope), largest), send_guarded)


def _limited(receive: Receive, headers: Headers, largest: int) -> Receive:
    """Return `receive` that refuses a body as soon as it is, or says it will be, too long."""
    announced = headers.get("content-length", "0")
    is_whole = False
    taken = int(announced) if announced.isdecimal() and int(announced) > largest else 0

    async def receive_limited() -> Message:
        nonlocal taken, is_whole
        if taken > largest:
            raise HTTPException(413)
        message = await (receive() if is_whole else _soon(receive))
        is_whole = not message.get("more_body", False)
        taken += len(message.get("body", b""))
        if taken > largest:
            raise HTTPException(413)
        return message

    return receive_limited


async def _soon(receive: Receive) -> Message:
    """Return the next piece of a request; raises HTTPException 408 where none comes."""
    try:
        async with asyncio.timeout(LONGEST_PAUSE_S):
            return await receive()
    except TimeoutError as late:
        raise HTTPException(408) from late


async def posted_fields(request: Request) -> Fields:
    """Return what a form sent; raises HTTPException 400 or 413 where it cannot be taken. Files are refused."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=LARGEST_BODY) as form:
        fields: dict[str, tuple[str, ...]] = {}
        for name, value in form.multi_items():
            if not isinstance(value, str):
                raise HTTPException(400)
            fields[name] = (*fields.get(name, ()), value)
        return fields


def last_of(fields: Fields, name: str) -> str:
    """Return the last value of a field, "" where it was not sent."""
    return (fields.get(name) or ("",))[-1]


def whole_number(typed: str) -> int | None:
    """Return the number that somebody typed, None where it is none that a desk could mean."""
    return int(typed) if _WHOLE_NUMBER.fullmatch(typed.strip()) else None
