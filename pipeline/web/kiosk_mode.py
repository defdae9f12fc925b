"""Whether a request comes from a library screen: found out once, before anything else looks at the request."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.web.kiosks import Kiosk, kiosk_with

KIOSK_COOKIE = "pillarbox_kiosk"

_kiosk: ContextVar[Kiosk | None] = ContextVar("kiosk", default=None)


def this_kiosk() -> Kiosk | None:
    """Return the library screen that the request at hand comes from, None where it comes from anywhere else."""
    return _kiosk.get()


class KioskMode:
    """Wraps an application so that `this_kiosk` knows. Only what carries the cookie is looked up."""

    def __init__(self, app: ASGIApp, private: Path) -> None:
        self._app = app
        self._private = private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        code = _code_in(scope) if scope["type"] == "http" else ""
        _kiosk.set(await run_in_threadpool(kiosk_with, self._private, code) if code else None)
        await self._app(scope, receive, send)


def _code_in(scope: Scope) -> str:
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(KIOSK_COOKIE, "")
