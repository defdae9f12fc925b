"""What was found when the editions of a form were held against it, kept with the version of the form."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from pipeline.store.database import immediately
from pipeline.store.events import instant


def keep_parity(db: Database, form: str, version: str, document: str, now: datetime) -> None:
    """Keep what was found of one version of a form, as JSON, in place of what was found of it before."""
    with immediately(db):
        db.execute(
            "INSERT INTO parity (version, form, checked_at, document) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (version) DO UPDATE SET checked_at = excluded.checked_at, document = excluded.document",
            [version, form, instant(now), document],
        )
