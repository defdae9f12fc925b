"""What keeps the public forms usable when somebody asks for too much: an allowance for each connection.

An allowance is a token bucket: whatever is asked for takes from it, and it fills again as time passes. Whose it is, is
kept as a keyed hash of the network address, in memory alone, for as long as the allowance is not full again: half a
minute at most. Nothing of it reaches a disk.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Lock
from time import monotonic
from typing import TypeVar

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

LOOKING, SENDING, GUESSING = 1, 4, 20
"""What a request takes: one for anything looked at; four for what is sent, which costs about four times the work. And
twenty for a code that is nobody's, wherever it is typed, so that trying codes one after another is hopeless."""

FULL_AFTER_S = 30
"""Seconds in which an empty allowance fills. So much may come at once: a library where sixty people begin together."""

MOST_KNOWN = 50_000
"""Connections remembered at once, about 10 MB; where more come within half a minute, the longest idle is forgotten."""

Explain = Callable[[Request, Exception], Awaitable[Response]]
Found = TypeVar("Found")


@dataclass(slots=True)
class _Allowance:
    left: float
    at_s: float


class Allowances:
    """How much each connection has left; `per_minute` is how fast it fills. For one thread: it never waits."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_s = per_minute / 60
        self._most = self._per_s * FULL_AFTER_S
        self._clock = clock
        self._known: OrderedDict[bytes, _Allowance] = OrderedDict()
        self._key = secrets.token_bytes(32)
        self._turn = Lock()

    def take(self, address: str, cost: int) -> int:
        """Take `cost` from the allowance of an address; returns 0, or the seconds to wait where too little is left."""
        with self._turn:
            known = self._filled_of(address)
            if known.left < cost:
                return max(1, math.ceil((cost - known.left) / self._per_s))
            known.left -= cost
            return 0

    def give_back(self, address: str, cost: int) -> None:
        """Give back to an address what was taken from its allowance a moment ago."""
        with self._turn:
            known = self._filled_of(address)
            known.left = min(self._most, known.left + cost)

    def __len__(self) -> int:
        return len(self._known)

    def _filled_of(self, address: str) -> _Allowance:
        """Return the allowance of an address as it has filled by now."""
        now = self._clock()
        self._forget_full(now)
        name = hashlib.blake2b(address.encode(), key=self._key, digest_size=16).digest()
        known = self._known.setdefault(name, _Allowance(self._most, now))
        self._known.move_to_end(name)
        known.left = min(self._most, known.left + (now - known.at_s) * self._per_s)
        known.at_s = now
        return known

    def _forget_full(self, now: float) -> None:
        """Forget whose allowance is full again; once nobody is known, earlier hashes mean nothing under the new key."""
        while self._known and (
            len(self._known) > MOST_KNOWN or next(iter(self._known.values())).at_s < now - FULL_AFTER_S
        ):
            self._known.popitem(last=False)
        if not self._known:
            self._key = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks, and what there is of allowances."""

    allowances: Allowances
    network: str


_asking: ContextVar[_Asking | None] = ContextVar("asking", default=None)


def try_code(look_up: Callable[[], Found | None]) -> Found | None:
    """Return what a code that somebody typed leads to; only a code that leads nowhere costs anything.

    It is paid for beforehand, so that nobody without allowance learns whether a code is somebody's. Raises
    HTTPException 429. Outside the residents' listener nothing is taken.
    """
    asking = _asking.get()
    if asking is None:
        return look_up()
    wait_s = asking.allowances.take(asking.network, GUESSING)
    if wait_s:
        raise _too_much(wait_s)
    found = look_up()
    if found is not None:
        asking.allowances.give_back(asking.network, GUESSING)
    return found


def _too_much(wait_s: int) -> HTTPException:
    return HTTPException(429, headers={"retry-after": str(wait_s)})


class Limited:
    """Wraps an application: whoever has used up the allowance is told so (429), and when to try again."""

    def __init__(self, app: ASGIApp, per_minute: int, explain: Explain) -> None:
        self._app = app
        self._explain = explain
        self._allowances = Allowances(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        network = network_of(scope)
        wait_s = self._allowances.take(network, SENDING if scope["method"] == "POST" else LOOKING)
        if wait_s:
            answer = await self._explain(Request(scope), _too_much(wait_s))
            await answer(scope, receive, send)
            return
        _asking.set(_Asking(self._allowances, network))
        await self._app(scope, receive, send)


def network_of(scope: Scope) -> str:
    """Return the network a request comes from: an IPv4 address, or the 64 bits of an IPv6 one that a household has.

    From this very machine comes what a reverse proxy passes on: the last address in its X-Forwarded-For is then the one
    that the proxy itself has seen, whether it lengthens a header that came or adds one of its own. What anybody else
    says in that header is not believed.
    """
    seen = _address(scope["client"][0] if scope.get("client") else "")
    forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    if forwarded and (seen is None or seen.is_loopback):
        seen = _address(forwarded.split(",")[-1].strip()) or seen
    if isinstance(seen, IPv6Address):
        return str(IPv6Network((seen, 64), strict=False))
    return str(seen)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
