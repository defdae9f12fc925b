"""The scan journey on one page: inbox → original kept → pages read → recorded → let go.

Killed at any point and started again, nothing is lost and nothing counts twice: an original is in the archive
before it is read, each page is one durable transaction that a second run finds done, and only a file whose last
page is on record leaves the inbox.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from rich.progress import Progress
from sqlite_utils import Database

from pipeline.inbox.hold import held
from pipeline.inbox.shelf import NotKeptError, Shelf
from pipeline.inbox.trouble import SetAside
from pipeline.inbox.watch import Settling, claim, claimed_before, give_back, list_inbox, name_of, retire
from pipeline.inbox.workers import Workers
from pipeline.page.refusal import Reason, Refusal
from pipeline.reading.read_page import PageRead, PageReading
from pipeline.site import Site
from pipeline.store.batches import Batch, find_batches
from pipeline.store.kept_pages import PageTask, inspect_kept, read_kept
from pipeline.store.paper import (
    WHOLE_PAGE,
    PageOutcome,
    ScannedPage,
    SubmissionOutcome,
    file_status,
    finish_file,
    keep_file,
    page_outcomes,
    record_page,
    submission_outcomes,
)
from pipeline.store.record import Arrival

POLL_SECONDS = 1.0
"""How often the inbox is listed: network shares send no events, and a listing costs them little."""

TRY_AGAIN_SECONDS = 60.0
"""How often `watch` tries again what was blocked, by a full disk say: soon after somebody has made room."""


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
    """What one run of `ingest` did: its files, and the submissions and batches that their pages belong to."""

    files: tuple[FileOutcome, ...]
    submissions: tuple[SubmissionOutcome, ...]
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file to read: where it lies, what its scanner called it, and whether it is ours to take out of the inbox.

    `taken_before` tells a file that an earlier run had claimed and did not finish.
    """

    path: Path
    name: str
    in_inbox: bool
    taken_before: bool = False


@dataclass(frozen=True, slots=True)
class _Bench:
    """What reading needs at hand: the site, its open store, its shelf, the workers, and who is told."""

    site: Site
    db: Database
    shelf: Shelf
    workers: Workers
    progress: Progress


def ingest_files(site: Site, paths: Iterable[Path], progress: Progress) -> IngestReport:
    """Read these files at once and leave them where they are. Raises StoreError."""
    with Workers() as workers:
        bench = _bench(site, workers, progress)
        outcomes = [_take_in(bench, _Waiting(path, _told(path.name), in_inbox=False)) for path in paths]
        return _report(bench, outcomes)


def ingest_inbox(site: Site, settle_s: float, progress: Progress) -> IngestReport:
    """Read what lies in the inbox and has not changed for `settle_s` seconds. Raises StoreError, InboxHeldError."""
    with held(site.inbox), Workers() as workers:
        bench = _bench(site, workers, progress)
        bench.shelf.remove_leftovers()
        settling = Settling(settle_s)
        settled = settling.observe(list_inbox(site.inbox), time.monotonic())
        if settle_s and settling.waiting():
            time.sleep(settle_s)
            settled = settling.observe(list_inbox(site.inbox), time.monotonic())
        outcomes = [_take_in(bench, waiting) for waiting in chain(_left_behind(site), _claimed(site, settled))]
        outcomes += [_settling(name) for name in settling.waiting() if name not in settled]
        for blocked in claimed_before(site.inbox):
            give_back(blocked, site.inbox)
        return _report(bench, outcomes)


def watch_inbox(site: Site, settle_s: float, progress: Progress) -> Iterator[FileOutcome]:
    """Keep reading the inbox and yield what became of each file, for ever. Raises StoreError, InboxHeldError."""
    with held(site.inbox), Workers() as workers:
        bench = _bench(site, workers, progress)
        bench.shelf.remove_leftovers()
        settling, try_again_at = Settling(settle_s), -math.inf
        while True:
            if time.monotonic() >= try_again_at:
                yield from (_take_in(bench, waiting) for waiting in _left_behind(site))
                try_again_at = time.monotonic() + TRY_AGAIN_SECONDS
            settled = settling.observe(list_inbox(site.inbox), time.monotonic())
            yield from (_take_in(bench, waiting) for waiting in _claimed(site, settled))
            time.sleep(POLL_SECONDS)


def _take_in(bench: _Bench, waiting: _Waiting) -> FileOutcome:
    """Keep the original, read its pages, record them, and only then let the file go."""
    try:
        sha256, size = bench.shelf.keep(waiting.path), waiting.path.stat().st_size
    except (OSError, NotKeptError) as error:
        return FileOutcome(waiting.name, None, "blocked", _blocked(error), ())
    arrival = _arrival(bench.site, waiting)
    keep_file(bench.db, sha256, waiting.name, Path(waiting.name).suffix, size, arrival)
    status, reason = file_status(bench.db, sha256)
    was_done = status != "reading"
    if not was_done:
        status, reason = _read_file(bench, sha256, waiting, arrival)
    if waiting.in_inbox:
        _let_go(bench, waiting, status, reason, arrival)
    if was_done and status == "read" and not waiting.taken_before:
        status, reason = "duplicate", _again(page_outcomes(bench.db, sha256))
    return FileOutcome(waiting.name, sha256, status, reason, tuple(_outcomes(bench, sha256)))


def _outcomes(bench: _Bench, sha256: str) -> Iterator[PageOutcome]:
    """What became of the pages of a file, each picture as the path where it is kept."""
    for outcome in page_outcomes(bench.db, sha256):
        kept = bench.shelf.find(outcome.picture) if outcome.picture else None
        yield replace(outcome, picture=str(kept) if kept else None)


def _again(pages: Sequence[PageOutcome]) -> str:
    """What to say of a file that comes a second time."""
    if any(page.status in ("read", "duplicate") for page in pages):
        return "This very file was read before, so it is counted once."
    return "This very file was tried before, and nothing on it could be counted: scan the sheets again."


def _read_file(bench: _Bench, sha256: str, waiting: _Waiting, arrival: Arrival) -> tuple[str, str]:
    """Read the pages of a kept file that are not on record yet; returns its status and the reason in words."""
    original = bench.shelf.find(sha256)
    if original is None:
        raise NotKeptError(f"{sha256} was kept in {bench.site.archive} and is gone. Check the disk.")
    facts = bench.workers.run(inspect_kept, original)
    if isinstance(facts, SetAside):
        return _finish(bench, sha256, "set_aside", facts.sentence, 0)
    done = {outcome.page for outcome in page_outcomes(bench.db, sha256)}
    tasks = [PageTask(original, index, bench.site.store) for index in range(facts.pages) if index not in done]
    bar = bench.progress.add_task(waiting.name, total=len(tasks))
    for task, page in zip(tasks, read_pages(bench.workers, tasks), strict=True):
        record_page(bench.db, ScannedPage(sha256, task.index, arrival, keep_crops(bench.shelf, page)), page)
        bench.progress.advance(bar)
    bench.progress.remove_task(bar)
    return _finish(bench, sha256, "read", "", facts.pages)


def read_pages(workers: Workers, tasks: Iterable[PageTask]) -> Iterator[PageRead]:
    """Read pages in the workers and yield them in order; one that its reader did not survive is refused."""
    for read in workers.map_bounded(read_kept, tasks):
        yield _refused(read) if isinstance(read, SetAside) else read


def _refused(trouble: SetAside) -> Refusal:
    return Refusal(Reason.NOT_OPENED, f"{trouble.reason}: {trouble.detail}")


def keep_crops(shelf: Shelf, page: PageRead) -> dict[str, str]:
    """Keep the crop of every piece of writing: it is the record, whatever was made of it. Their hashes, by variable.

    Of a page that was refused, a small picture is kept, to be shown with the reason.
    """
    if isinstance(page, Refusal) and page.picture:
        return {WHOLE_PAGE: shelf.keep_bytes(page.picture, ".jpg")}
    if not isinstance(page, PageReading):
        return {}
    return {question: shelf.keep_bytes(crop, ".png") for question, crop in page.text_crops.items()}


def _finish(bench: _Bench, sha256: str, status: str, reason: str, pages: int) -> tuple[str, str]:
    finish_file(bench.db, sha256, status, reason, pages, datetime.now(UTC))
    return status, reason


def _let_go(bench: _Bench, waiting: _Waiting, status: str, reason: str, arrival: Arrival) -> None:
    if status == "set_aside":
        bench.shelf.set_aside(waiting.path, Path(waiting.name).name, bench.site.inbox, reason, arrival.at)
    else:
        retire(waiting.path)


def _left_behind(site: Site) -> Iterator[_Waiting]:
    for path in claimed_before(site.inbox):
        yield _Waiting(path, _told(name_of(path, site.inbox)), in_inbox=True, taken_before=True)


def _claimed(site: Site, names: Iterable[str]) -> Iterator[_Waiting]:
    for name in names:
        path = claim(site.inbox / name)
        if path is not None:
            yield _Waiting(path, _told(name), in_inbox=True)


def _told(name: str) -> str:
    """A file's name as it can be written down: old scanners and shares make names that are no text at all."""
    return name.encode(errors="replace").decode()


def _settling(name: str) -> FileOutcome:
    why = "This file is still changing. It is read once it has arrived whole."
    return FileOutcome(_told(name), None, "settling", why, ())


def _blocked(error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"This file could not be kept ({why}). It is left alone and tried again next time."


def _arrival(site: Site, waiting: _Waiting) -> Arrival:
    """A sub-folder of the inbox names the desk or library that the file came from."""
    now = datetime.now(UTC)
    desk = str(Path(waiting.name).parent) if waiting.in_inbox else "."
    return Arrival(now, site.local_date(now), "" if desk == "." else desk)


def _bench(site: Site, workers: Workers, progress: Progress) -> _Bench:
    workers.load(read_kept)
    return _Bench(site, site.open_store(), Shelf(site.archive), workers, progress)


def _report(bench: _Bench, outcomes: list[FileOutcome]) -> IngestReport:
    pages = [page for outcome in outcomes for page in outcome.pages]
    submissions = dict.fromkeys(page.submission for page in pages if page.submission)
    batches = dict.fromkeys(page.batch for page in pages if page.batch)
    return IngestReport(
        files=tuple(outcomes),
        submissions=tuple(submission_outcomes(bench.db, submissions)),
        batches=tuple(find_batches(bench.db, batches)),
    )
