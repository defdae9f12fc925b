"""Pictures from the paper, beside what staff are asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from sqlite_utils import Database

from pipeline.crops import OnPaper, crop_path, cut_crops
from pipeline.inbox.workers import Workers
from pipeline.site import Site

CROPS_AHEAD = 40
"""Pictures that are cut at once: starting the process that opens originals costs more than cutting them."""


class Pictures:
    """The pictures beside doubts and checks, cut by one worker process that starts when the first is asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._workers: Workers | None = None

    def of(self, db: Database, listed: Sequence[OnPaper], name: str) -> Path | None:
        """Return the picture of one of those `listed`; with one that is missing, those that follow are cut too."""
        place = next((place for place, each in enumerate(listed) if each.name == name), None)
        if place is None:
            return None
        found = crop_path(self._site, db, listed[place])
        if found is None:
            with self._lock:
                self._workers = self._workers or Workers(1)
                cut_crops(self._site, db, self._workers, listed[place : place + CROPS_AHEAD])
            found = crop_path(self._site, db, listed[place])
        return found

    def close(self) -> None:
        """Stop the worker."""
        if self._workers:
            self._workers.__exit__(None, None, None)
