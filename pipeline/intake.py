"""The scan journey on one page: original kept → pages read → recorded → let go.

Killed at any point and started again, nothing is lost and nothing counts twice: an original is in the archive
before it is read, its pages are recorded in durable transactions of a few each that a second run finds done, and only
a file whose last page is on record leaves the inbox. `pipeline.hot_folder` says which files come here from the inbox,
and when.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

from rich.progress import Progress
from sqlite_utils import Database

from pipeline.inbox import trouble
from pipeline.inbox.disk import hash_of
from pipeline.inbox.names import desk_of, told
from pipeline.inbox.shelf import NotKeptError, Shelf, set_aside_only
from pipeline.inbox.trouble import SetAside, hindrance_in
from pipeline.inbox.waiting import is_written_to
from pipeline.inbox.watch import Seen, give_back, look, retire
from pipeline.inbox.workers import Workers
from pipeline.page.numbering import number_in_file
from pipeline.page.refusal import Reason, Refusal
from pipeline.reading.readings import PageRead, PageReading, PictureRead, pages_of
from pipeline.review.reader import Reader
from pipeline.site import Site
from pipeline.store.batches import Batch, find_batches
from pipeline.store.kept_pages import PageTask, inspect_kept, read_fields_kept, read_kept, reader_of_kept
from pipeline.store.paper import (
    WHOLE_PAGE,
    PageOutcome,
    ScannedPage,
    SubmissionOutcome,
    file_status,
    finish_file,
    keep_file,
    page_outcomes,
    record_pages,
    submission_outcomes,
)
from pipeline.store.record import Arrival
from pipeline.store.scanner_checks import CheckedScanner, scanner_checks_in
from pipeline.store.typed import record_typed

LARGEST_FILE_BYTES: Final = 4_000_000_000
"""2000 pages at 300 dpi in colour are half of that. Such a file is set aside as it is, and not copied."""


RECORDED_TOGETHER = 8
RECORDED_AFTER_SECONDS = 0.5
"""Pages recorded in one transaction, and how long the first of them waits for the others at most. Bringing each to the
disk by itself takes a sixth of what recording costs; those of a run that is killed in between are read again."""

Page = TypeVar("Page")


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file: `status` read, duplicate, set_aside, blocked or settling, and the reason in words."""

    name: str
    sha256: str | None
    status: str
    reason: str
    pages: tuple[PageOutcome, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one run of `ingest` did: its files, the submissions and batches that their pages belong to, and what the
    check sheets among them said of their scanners."""

    files: tuple[FileOutcome, ...]
    submissions: tuple[SubmissionOutcome, ...]
    batches: tuple[Batch, ...]
    scanners: tuple[CheckedScanner, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file to read: where it lies, what its scanner called it, and whether it is ours to take out of the inbox.

    `taken_before` tells a file that an earlier run had claimed and did not finish.
    """

    path: Path
    name: str
    in_inbox: bool
    taken_before: bool = False


@dataclass(frozen=True, slots=True)
class Bench:
    """What reading needs at hand: the site, its open store, its shelf, the workers, who is told, and when to stop.

    `reader` finds out what reads in the workers when it is first asked.
    """

    site: Site
    db: Database
    shelf: Shelf
    workers: Workers
    reader: Callable[[], Reader]
    progress: Progress
    stop: Event


class StoppedReading(Exception):  # noqa: N818
    """Reading was asked to stop between two pages; the file is taken up again by the next run."""


def bench_at(site: Site, workers: Workers, progress: Progress, stop: Event | None = None) -> Bench:
    """Return what reading needs. Raises StoreError."""
    reader = cache(partial(reader_in, workers))
    return Bench(site, site.open_store(), Shelf(site.archive), workers, reader, progress, stop or Event())


def ingest_files(site: Site, paths: Iterable[Path], progress: Progress) -> IngestReport:
    """Read these files at once and leave them where they are. Raises StoreError."""
    with Workers() as workers:
        workers.load(read_kept)
        bench = bench_at(site, workers, progress)
        outcomes = [take_in(bench, Arrived(path, path.name, in_inbox=False)) for path in paths]
        return report(bench, outcomes)


def take_in(bench: Bench, arrived: Arrived) -> FileOutcome:
    """Keep the original, read its pages, record them, and only then let the file go.

    Where the disk or the record stands in the way, the file stays where it is, and the outcome says so.
    """
    try:
        return _taken_in(bench, arrived)
    except (OSError, NotKeptError, sqlite3.OperationalError) as error:
        return FileOutcome(told(arrived.name), None, "blocked", hindrance_in(error).sentence, ())


def report(bench: Bench, outcomes: Sequence[FileOutcome]) -> IngestReport:
    """Return what came of these files, with the submissions and batches that their pages belong to."""
    pages = [page for outcome in outcomes for page in outcome.pages]
    submissions = dict.fromkeys(page.submission for page in pages if page.submission)
    batches = dict.fromkeys(page.batch for page in pages if page.batch)
    checked = dict.fromkeys(outcome.sha256 for outcome in outcomes if outcome.sha256)
    return IngestReport(
        files=tuple(outcomes),
        submissions=tuple(submission_outcomes(bench.db, submissions)),
        batches=tuple(find_batches(bench.db, batches)),
        scanners=tuple(scanner for sha256 in checked for scanner in scanner_checks_in(bench.db, sha256)),
    )


def _taken_in(bench: Bench, arrived: Arrived) -> FileOutcome:
    seen, name, arrival = Seen.of(arrived.path), told(arrived.name), _arrival(bench.site, arrived)
    sha256 = hash_of(arrived.path) if _is_too_big(seen) else bench.shelf.keep(arrived.path)
    keep_file(bench.db, sha256, name, Path(name).suffix, seen.size, arrival)
    status, reason = file_status(bench.db, sha256)
    was_done = status != "reading"
    if not was_done and _is_too_big(seen):
        status, reason = _finish(bench, sha256, "set_aside", SetAside(trouble.Reason.TOO_BIG).sentence, 0)
    elif not was_done:
        status, reason = _read_file(bench, sha256, arrived, arrival)
    if arrived.in_inbox and (look(arrived.path) != seen or is_written_to(arrived.path)):
        give_back(arrived.path, bench.site.inbox)  # A slow scanner went on writing to it: it arrives once more.
    elif arrived.in_inbox and status == "set_aside":
        set_aside = set_aside_only if _is_too_big(seen) else bench.shelf.set_aside
        set_aside(arrived.path, Path(name).name, bench.site.inbox, reason, arrival.at)
    elif arrived.in_inbox:
        retire(arrived.path)
    if was_done and status == "read" and not arrived.taken_before:
        status, reason = "duplicate", _again(page_outcomes(bench.db, sha256))
    return FileOutcome(name, sha256, status, reason, tuple(_outcomes(bench, sha256)))


def _is_too_big(seen: Seen) -> bool:
    return seen.size > LARGEST_FILE_BYTES


def _outcomes(bench: Bench, sha256: str) -> Iterator[PageOutcome]:
    """What became of the pages of a file, each picture as the path where it is kept."""
    for outcome in page_outcomes(bench.db, sha256):
        kept = bench.shelf.find(outcome.picture) if outcome.picture else None
        yield replace(outcome, picture=str(kept) if kept else None)


def _again(pages: Sequence[PageOutcome]) -> str:
    """What to say of a file that comes a second time."""
    if any(page.status in ("read", "duplicate") for page in pages):
        return "This very file was read before, so it is counted once."
    return "This very file was tried before, and nothing on it could be counted: scan the sheets again."


def _read_file(bench: Bench, sha256: str, arrived: Arrived, arrival: Arrival) -> tuple[str, str]:
    """Read the pages of a kept file that are not on record yet; returns its status and the reason in words."""
    original = bench.shelf.find(sha256)
    if original is None:
        raise NotKeptError(f"{sha256} was kept in {bench.site.archive} and is gone. Check the disk.")
    facts = bench.workers.run(inspect_kept, original)
    if isinstance(facts, SetAside):
        return _finish(bench, sha256, "set_aside", facts.sentence, 0)
    if facts.has_fields and (typed := _read_fields(bench, sha256, original, arrival)):
        return typed
    done = {outcome.page for outcome in page_outcomes(bench.db, sha256)}
    tasks = [PageTask(original, index, bench.site.store) for index in range(facts.pages) if index not in done]
    bar = bench.progress.add_task(told(arrived.name), total=len(tasks))
    for some in _a_few_at_a_time(zip(tasks, read_pages(bench.workers, tasks), strict=True)):
        if bench.stop.is_set():
            raise StoppedReading
        record_pages(bench.db, list(_pages_in(bench, sha256, arrival, some)))
        bench.progress.advance(bar, len(some))
    bench.progress.remove_task(bar)
    return _finish(bench, sha256, "read", "", facts.pages)


def _pages_in(
    bench: Bench, sha256: str, arrival: Arrival, pictures: Iterable[tuple[PageTask, PictureRead]]
) -> Iterator[tuple[ScannedPage, PageRead]]:
    """Yield the pages that pictures of a file show, their crops kept: one each, unless cards lay side by side."""
    for task, read in pictures:
        for card, page in enumerate(pages_of(read)):
            number = number_in_file(task.index, card)
            yield ScannedPage(sha256, number, arrival, bench.reader(), keep_crops(bench.shelf, page)), page


def _read_fields(bench: Bench, sha256: str, original: Path, arrival: Arrival) -> tuple[str, str] | None:
    """Take a filled-in PDF at its word; None where it is to be read as paper, also one whose fields cannot be read."""
    file = bench.workers.run(read_fields_kept, original)
    found = None if isinstance(file, SetAside) else record_typed(bench.db, sha256, file, arrival)
    if found is None or isinstance(file, SetAside):
        return None
    if isinstance(found, SetAside):
        return _finish(bench, sha256, "set_aside", found.sentence, 0)
    return _finish(bench, sha256, "read", "", file.pages)


def _a_few_at_a_time(pages: Iterable[Page]) -> Iterator[Sequence[Page]]:
    """Yield pages as they are read, those together that go into one transaction."""
    some, since = [], time.monotonic()
    for page in pages:
        some.append(page)
        if len(some) == RECORDED_TOGETHER or time.monotonic() - since >= RECORDED_AFTER_SECONDS:
            yield some
            some, since = [], time.monotonic()
    if some:
        yield some


def read_pages(workers: Workers, tasks: Iterable[PageTask]) -> Iterator[PictureRead]:
    """Read pages in the workers and yield them in order; one that its reader did not survive is refused."""
    for read in workers.map_bounded(read_kept, tasks):
        yield _refused(read) if isinstance(read, SetAside) else read


def reader_in(workers: Workers) -> Reader:
    """Return what reads in the workers. Raises RuntimeError where no worker lived to tell it."""
    reader = workers.run(reader_of_kept)
    if isinstance(reader, SetAside):
        raise RuntimeError(f"What reads here could not be found out ({reader.detail}). See “pillarbox doctor”.")
    return reader


def _refused(page: SetAside) -> Refusal:
    return Refusal(Reason.NOT_OPENED, f"{page.reason}: {page.detail}")


def keep_crops(shelf: Shelf, page: PageRead) -> dict[str, str]:
    """Keep the crop of every piece of writing: it is the record, whatever was made of it. Their hashes, by variable.

    Of a page that was refused, a small picture is kept, to be shown with the reason.
    """
    if isinstance(page, Refusal) and page.picture:
        return {WHOLE_PAGE: shelf.keep_bytes(page.picture, ".jpg")}
    if not isinstance(page, PageReading):
        return {}
    return {question: shelf.keep_bytes(crop, ".png") for question, crop in page.text_crops.items()}


def _finish(bench: Bench, sha256: str, status: str, reason: str, pages: int) -> tuple[str, str]:
    finish_file(bench.db, sha256, status, reason, pages, datetime.now(UTC))
    return status, reason


def _arrival(site: Site, arrived: Arrived) -> Arrival:
    """A sub-folder of the inbox names the desk or library that the file came from."""
    now = datetime.now(UTC)
    return Arrival(now, site.local_date(now), told(desk_of(arrived.name)) if arrived.in_inbox else "")
