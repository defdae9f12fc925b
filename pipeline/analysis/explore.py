"""The file for analysts in a browser, by Datasette: on this computer alone, and with nothing from elsewhere."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from sqlite_utils import Database
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pipeline.analysis.metadata import describe_file
from pipeline.store.database import StoreError, open_to_read

HOST = "127.0.0.1"
"""Only this computer: whoever opens the page needs no password."""

_SETTINGS = {
    "allow_download": False,
    "sql_time_limit_ms": 10_000,
    "facet_time_limit_ms": 2_000,
    "max_returned_rows": 10_000,
}
"""As large a file as a council has is searched within seconds; whoever waits for it is the only one there."""


def _metadata(path: Path) -> dict[str, Any]:
    try:
        with closing(open_to_read(path).conn) as connection:
            return describe_file(Database(connection), path.stem)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} is no file for analysts. Make one with the command analysis.") from error


def explore(path: Path, port: int, announce: Callable[[str], None]) -> None:
    """Serve the file at `path` until SIGINT or SIGTERM; port 0 takes any free one. `announce` is told the address.

    Raises OSError where the port is taken, StoreError where the file is none.
    """
    metadata = _metadata(path)
    served = Datasette([], immutables=[str(path)], metadata=metadata, settings=_SETTINGS)
    # A page of another site must not reach this one under a name of its own (DNS rebinding).
    app = TrustedHostMiddleware(served.app(), allowed_hosts=[HOST, "localhost"])
    with closing(socket.create_server((HOST, port))) as listening:
        announce(f"http://{HOST}:{listening.getsockname()[1]}/{path.stem}")
        config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, server_header=False)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
