"""Connections to the store, lent to one request at a time and kept for the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue

from sqlite_utils import Database

from pipeline.site import Site


class Stores:
    """Open connections to a site's store: as many as requests are served at once, none shared."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._idle: LifoQueue[Database] = LifoQueue()

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """Lend a connection; one that trouble happened on is closed and not lent again. Raises StoreError."""
        try:
            db = self._idle.get_nowait()
        except Empty:
            db = self._site.open_store()
        try:
            yield db
        except BaseException:
            db.conn.close()
            raise
        self._idle.put(db)

    def close(self) -> None:
        """Close every idle connection."""
        while not self._idle.empty():
            self._idle.get_nowait().conn.close()
