"""Pictures from the paper, beside what staff are asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from sqlite_utils import Database
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from pipeline.crops import OnPaper, crop_path, cut_crops
from pipeline.inbox.workers import Workers
from pipeline.site import Site
from pipeline.web.stores import Stores

CROPS_AHEAD = 10
"""Pictures that are ready before they are asked for: somebody who answers by single keys waits for none."""

_MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg"}


class Pictures:
    """The pictures beside doubts and checks, cut by one worker process that starts when the first is asked for."""

    def __init__(self, site: Site, stores: Stores) -> None:
        self._site = site
        self._stores = stores
        self._lock = Lock()
        self._workers: Workers | None = None

    def send(self, db: Database, wanted: OnPaper, ahead: Sequence[OnPaper] = ()) -> FileResponse:
        """Send a picture, and then cut those that will be wanted next. Raises HTTPException 404 where there is none."""
        path = crop_path(self._site, db, wanted) or self._cut(db, wanted)
        if path is None:
            raise HTTPException(404)
        return FileResponse(
            path, media_type=_MEDIA_TYPES[path.suffix], background=BackgroundTask(self._cut_ahead, ahead)
        )

    def _cut_ahead(self, ahead: Sequence[OnPaper]) -> None:
        """Cut one after another, so that somebody else's picture is not kept waiting for all of them."""
        with self._stores.lent() as db:
            for wanted in ahead:
                if crop_path(self._site, db, wanted) is None:
                    self._cut(db, wanted)

    def _cut(self, db: Database, wanted: OnPaper) -> Path | None:
        with self._lock:
            self._workers = self._workers or Workers(1)
            cut_crops(self._site, db, self._workers, [wanted])
        return crop_path(self._site, db, wanted)

    def close(self) -> None:
        """Stop the worker."""
        if self._workers:
            self._workers.__exit__(None, None, None)
