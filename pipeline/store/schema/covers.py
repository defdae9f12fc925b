"""Finding the cover that lies before a page, however many pages lie between."""

from __future__ import annotations

from sqlite_utils import Database

from pipeline.store.schema.steps import create, migrations


@migrations()
def m020_covers(db: Database) -> None:
    """The covers of each file, in order: of 1,000 pages, looking through all before each took 0.2 ms a page."""
    create(db, "CREATE INDEX covers ON pages (sha256, page) WHERE status = 'cover'")
