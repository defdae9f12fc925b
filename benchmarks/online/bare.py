"""What the online form is held against: a server that only says hello, and a store that only keeps a row durably."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter

import uvicorn
from starlette.types import Receive, Scope, Send

HELLO = b'{"receipt": "hello"}'


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Take whatever is sent and say hello (ASGI)."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    length = (b"content-length", str(len(HELLO)).encode())
    await send({"type": "http.response.start", "status": 201, "headers": [length]})
    await send({"type": "http.response.body", "body": HELLO})


def inserts_per_second(file: Path, bodies: Sequence[bytes]) -> float:
    """Return how many rows a second reach the disk, each in a transaction of its own, as our store opens its file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE answers (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        began = perf_counter()
        for body in bodies:
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO answers (body) VALUES (?)", [body])
            db.execute("COMMIT")
        return len(bodies) / (perf_counter() - began)


if __name__ == "__main__":
    uvicorn.run(hello, port=int(sys.argv[1]), loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None)
