"""Kept originals read again by a newer reader: pages found → read in the workers → recorded, one transaction each.

Killed at any point and started again, it goes on where it stopped: a page is found by the reader that its row names,
and that changes in the transaction that records its new reading.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import Progress
from sqlite_utils import Database

from pipeline.form.answer import Held, Missing
from pipeline.inbox.shelf import Shelf
from pipeline.inbox.workers import Workers
from pipeline.intake import keep_crops, read_pages, reader_in
from pipeline.page.numbering import picture_of
from pipeline.page.refusal import Refusal
from pipeline.reading.readings import PageRead, PageReading, page_numbered
from pipeline.site import Site
from pipeline.store.database import open_store
from pipeline.store.kept_pages import PageTask
from pipeline.store.paper import ScannedPage, page_outcome
from pipeline.store.record import Arrival
from pipeline.store.rereading import (
    KeptPage,
    Recorded,
    Standing,
    Unrecorded,
    pages_read_otherwise,
    record_again,
    standing,
)


@dataclass(frozen=True, slots=True)
class NotedPage:
    """A page worth telling of: page `page` (from 0) of the file called `name`, and what there is to say."""

    name: str
    page: int
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that was on record and now is another."""

    submission: str
    copy: str | None
    question: str
    old: Held
    new: Held


@dataclass(frozen=True, slots=True)
class RereadReport:
    """What reading again did, or would do.

    `pages` is how many were read; `gained` are those that had been passed over and now count, `stands` those that
    would be refused now and stay as they were read before, `gone` those whose original is kept no longer. A doubt is
    new where an answer waits for a person and did not before, and gone where it waited and is read now.
    """

    pages: int
    new_doubts: int
    doubts_gone: int
    changed: tuple[Change, ...]
    gained: tuple[NotedPage, ...]
    stands: tuple[NotedPage, ...]
    gone: tuple[NotedPage, ...]


@dataclass(frozen=True, slots=True)
class _Notes:
    """What is noted on the way: what each answer that changed was at first, by submission, and pages to tell of."""

    before: dict[str, dict[str, Held]]
    gained: list[NotedPage]
    stands: list[NotedPage]


KeepCrops = Callable[[PageRead], Mapping[str, str]]
"""Keeps the crops of a page's writing and returns their hashes, by variable."""


def reread(site: Site, form: str | None, of_any_reader: bool, progress: Progress) -> RereadReport:
    """Read again the pages that another reader read, of one form or of all; or those of any reader, today's included.

    Raises StoreError.
    """
    shelf = Shelf(site.archive)
    with closing(site.open_store().conn) as connection:
        return _reread(site, Database(connection), form, of_any_reader, progress, lambda read: keep_crops(shelf, read))


def would_reread(site: Site, form: str | None, of_any_reader: bool, progress: Progress) -> RereadReport:
    """Return what `reread` would do: it is done to a copy of the record, which is thrown away. Raises StoreError."""
    with TemporaryDirectory(dir=site.root, prefix=".reread-") as folder:
        copied = Path(folder) / site.store.name
        with closing(site.open_store().conn) as connection, closing(sqlite3.connect(copied)) as target:
            connection.backup(target)
        with closing(open_store(copied).conn) as connection:
            return _reread(site, Database(connection), form, of_any_reader, progress, _hashes)


def _reread(
    site: Site, db: Database, form: str | None, of_any_reader: bool, progress: Progress, keep: KeepCrops
) -> RereadReport:
    notes, shelf = _Notes({}, [], []), Shelf(site.archive)
    with Workers() as workers:
        reader = reader_in(workers)
        pages = pages_read_otherwise(db, reader, form, of_any_reader)
        kept = [(page, original) for page in pages if (original := shelf.find(page.sha256))]
        tasks = [PageTask(original, page.index, site.store) for page, original in kept]
        for (page, _), read in progress.track(
            zip(kept, read_pages(workers, tasks), strict=True), len(kept), description="Reading again"
        ):
            arrival = Arrival(page.received_at, site.local_date(page.received_at), page.desk)
            its = page_numbered(page.index, read)
            scanned = ScannedPage(page.sha256, page.index, arrival, reader, keep(its), again=datetime.now(UTC))
            _note(db, notes, page, scanned, its, record_again(db, scanned, its))
    changed = tuple(_changes(db, notes.before))
    return RereadReport(
        pages=len(kept),
        new_doubts=sum(change.new.missing == Missing.WAITING for change in changed),
        doubts_gone=sum(change.old.missing == Missing.WAITING for change in changed),
        changed=changed,
        gained=tuple(notes.gained),
        stands=tuple(notes.stands),
        gone=tuple(_noted(page, _GONE) for page in pages if not shelf.find(page.sha256)),
    )


_GONE = "The original is kept no longer, so this page stays as it was read."
_OTHER_PAGE = "This looks like another page now, so it stays as it was read. Please look at it."
_COUNTS_NOW = "This page could not be read before, and counts now."


def _note(
    db: Database,
    notes: _Notes,
    page: KeptPage,
    scanned: ScannedPage,
    read: PageRead,
    came: Recorded | Unrecorded,
) -> None:
    """Note the answers that changed, and a page that counts now or would not any more."""
    if isinstance(came, Recorded) and came.submission:
        first = notes.before.setdefault(came.submission, {})
        for question, old in _changed(came.before, standing(db, came.submission)):
            first.setdefault(question, old)
    if came is Unrecorded.STANDS:
        notes.stands.append(_noted(page, _why_it_stands(read)))
    now = page_outcome(db, scanned)
    if page.status != "read" and now and now.status == "read":
        notes.gained.append(_noted(page, _COUNTS_NOW))


def _noted(page: KeptPage, reason: str) -> NotedPage:
    return NotedPage(page.name, picture_of(page.index), reason)


def _why_it_stands(read: PageRead) -> str:
    if isinstance(read, Refusal):
        return f"{read.sentence} Until then it stays as it was read before."
    return _OTHER_PAGE


def _changes(db: Database, before: Mapping[str, Standing]) -> Iterator[Change]:
    """Every answer that is another in the end; one that changed with one page may have changed back with the next."""
    for submission, stood in before.items():
        (copy,) = db.execute("SELECT copy FROM submissions WHERE submission = ?", [submission]).fetchone()
        now = standing(db, submission)
        yield from (Change(submission, copy, question, old, now[question]) for question, old in _changed(stood, now))


def _changed(before: Standing, now: Standing) -> Iterator[tuple[str, Held]]:
    """The answers that are others now, as they were; what stands on a page that had not come before is no change."""
    for question, old in before.items():
        if old != now[question] and old.missing != Missing.PAGE_NOT_RETURNED:
            yield question, old


def _hashes(read: PageRead) -> dict[str, str]:
    """The hashes under which the crops would be kept."""
    crops = read.text_crops if isinstance(read, PageReading) else {}
    return {question: hashlib.sha256(crop).hexdigest() for question, crop in crops.items()}
