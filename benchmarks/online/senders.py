"""People who send filled-in forms over loopback, many at once, with as little work of their own as can be.

Connections stay open, requests are whole before the clock starts, and of an answer only status and receipt are read:
what is measured is the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one post: the key it was sent under, the answer, and how long that took."""

    key: str
    status: int
    receipt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Filled:
    """One filled-in form, ready to be sent."""

    key: str
    request: bytes


def filled_form(path: str, key: str, fields: Sequence[tuple[str, str]]) -> Filled:
    """Return the request that sends a form."""
    body = urlencode([*fields, ("submission_key", key)]).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return Filled(key, head.encode() + body)


def send_all(addresses: Sequence[str], forms: Sequence[Filled], at_once: int) -> tuple[list[Sent], float]:
    """Send every form, `at_once` at a time, to the servers in turn; returns what came of each, and the seconds."""
    return asyncio.run(_send_all(addresses, forms, at_once))


async def _send_all(addresses: Sequence[str], forms: Sequence[Filled], at_once: int) -> tuple[list[Sent], float]:
    waiting = iter(forms)
    sent: list[Sent] = []

    async def send_some(address: str) -> None:
        where = urlsplit(address)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        for form in waiting:
            began = perf_counter()
            writer.write(form.request)
            status, body = await _answer(reader)
            seconds = perf_counter() - began
            sent.append(Sent(form.key, status, json.loads(body).get("receipt", ""), seconds))
        writer.close()
        await writer.wait_closed()

    began = perf_counter()
    await asyncio.gather(*(send_some(addresses[place % len(addresses)]) for place in range(at_once)))
    return sent, perf_counter() - began


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)
