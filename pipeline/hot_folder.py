"""The hot folder: which files are taken from the inbox, when, and what is said of those that are not.

The inbox is listed again and again, because network shares send no events. Whoever lists it holds it meanwhile, so that
two processes on one folder take turns, and what is found claimed was left behind by a run that was killed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from rich.progress import Progress

from pipeline.inbox.hold import InboxHeldError, held
from pipeline.inbox.names import told
from pipeline.inbox.trouble import Hindrance, hindrance_in
from pipeline.inbox.waiting import clear_notes, hindered, leave_note
from pipeline.inbox.watch import Seen, Settling, claim, claimed_before, give_back, list_inbox, look, name_of
from pipeline.inbox.workers import Workers
from pipeline.intake import Arrived, Bench, FileOutcome, IngestReport, StoppedReading, bench_at, report, take_in
from pipeline.site import Site
from pipeline.store.kept_pages import read_kept

POLL_SECONDS = 1.0
"""How often the inbox is listed: a listing costs a network share little, and nobody waits for a second.

File events, where there are any, could only save that second of the five that a file must rest.
"""

TRY_AGAIN_SECONDS = 60.0
"""How often a file is tried again that something stood in the way of: soon after somebody has made room, say."""

LOOK_AGAIN_SECONDS = 5.0
"""How often a file is looked at again that is locked, or lies in a folder we may not write to: that costs little."""

TURN_SECONDS = 10.0
"""How long `ingest` waits for its turn where another process reads the inbox: longer than most stacks take."""

_LOG = logging.getLogger("pillarbox")
"""For whoever looks after the computer: what nobody had thought of."""


def ingest_inbox(site: Site, settle_s: float, progress: Progress) -> IngestReport:
    """Read what lies in the inbox and has not changed for `settle_s` seconds. Raises StoreError, InboxHeldError."""
    with Workers() as workers:
        workers.load(read_kept)
        folder = _HotFolder(bench_at(site, workers, progress), Settling(settle_s))
        folder.settling.observe(list_inbox(site.inbox), time.monotonic())
        if folder.settling.waiting():
            time.sleep(settle_s)
        with held(site.inbox, TURN_SECONDS):
            outcomes = [*folder.take_what_settled(), *folder.still_settling()]
        return report(folder.bench, outcomes)


def watch_inbox(site: Site, settle_s: float, progress: Progress, stop: Event | None = None) -> Iterator[FileOutcome]:
    """Keep reading the inbox until told to stop, and yield what became of each file. Raises StoreError."""
    stop = stop or Event()
    with Workers() as workers:
        folder = _HotFolder(bench_at(site, workers, progress, stop), Settling(settle_s))
        while not stop.is_set():
            try:
                with held(site.inbox):
                    yield from folder.take_what_settled()
            except (InboxHeldError, StoppedReading):
                pass
            except OSError as error:
                yield from folder.away(error)
            stop.wait(POLL_SECONDS)


@contextmanager
def reading_inbox(site: Site, settle_s: float) -> Iterator[None]:
    """Keep reading the inbox from a thread for as long as the block runs."""
    stop = Event()
    thread = Thread(target=_read_on, args=(site, settle_s, stop), name="pillarbox inbox")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _read_on(site: Site, settle_s: float, stop: Event) -> None:
    """Whatever happens to one round, there is another; the desk shows what waits meanwhile."""
    while not stop.is_set():
        try:
            for _ in watch_inbox(site, settle_s, Progress(disable=True), stop):
                pass
        except Exception:  # noqa: BLE001
            _LOG.exception("Reading the inbox broke off. It is tried again in a minute.")
            stop.wait(TRY_AGAIN_SECONDS)


@dataclass(frozen=True, slots=True)
class _LeftAlone:
    """A file that something stands in the way of: its name in the inbox, what was said, and when it is tried again."""

    name: str
    sentence: str
    until: float


@dataclass(slots=True)
class _HotFolder:
    """One process's view of the inbox: what it saw settle, and what it leaves alone for now, by where that lies."""

    bench: Bench
    settling: Settling
    _left_alone: dict[Path, _LeftAlone] = field(default_factory=dict)

    def take_what_settled(self) -> Iterator[FileOutcome]:
        """Take what earlier runs left behind, then what has settled. Only for the process that holds the inbox."""
        inbox = self.bench.site.inbox
        self.bench.shelf.remove_leftovers()
        for path in claimed_before(inbox):
            if not self._is_left_alone(path):
                yield from self._taken(Arrived(path, name_of(path, inbox), in_inbox=True, taken_before=True))
        listing = list_inbox(inbox)
        for name in self.settling.observe(listing, time.monotonic()):
            if not self._is_left_alone(inbox / name):
                yield from self._claimed(name, listing[name])
        self._left_alone = {path: alone for path, alone in self._left_alone.items() if path.exists()}
        clear_notes(inbox, [alone.name for alone in self._left_alone.values()])

    def still_settling(self) -> Iterator[FileOutcome]:
        """Say what is there and has not settled."""
        for name in self.settling.unsettled():
            if look(self.bench.site.inbox / name):
                yield FileOutcome(told(name), None, "settling", Hindrance.ARRIVING.sentence, ())

    def away(self, error: OSError) -> Iterator[FileOutcome]:
        """Say that the inbox itself cannot be worked on."""
        inbox = self.bench.site.inbox
        hindrance = Hindrance.READ_ONLY if inbox.is_dir() else hindrance_in(error)
        yield from self._blocked(inbox, inbox.name, hindrance.sentence, LOOK_AGAIN_SECONDS)

    def _claimed(self, name: str, seen: Seen) -> Iterator[FileOutcome]:
        """Claim a file and take it in; nothing where it is gone or has changed by now."""
        path = self.bench.site.inbox / name
        hindrance = hindered(path, self.bench.site.archive)
        try:
            claimed = None if hindrance else claim(path, seen)
        except OSError:
            hindrance = Hindrance.READ_ONLY
        if hindrance:
            yield from self._blocked(path, name, hindrance.sentence, LOOK_AGAIN_SECONDS)
        elif claimed:
            self._left_alone.pop(path, None)
            yield from self._taken(Arrived(claimed, name, in_inbox=True))

    def _taken(self, arrived: Arrived) -> Iterator[FileOutcome]:
        """Take a file in, whatever it does; what is blocked goes back to where people see it."""
        inbox = self.bench.site.inbox
        try:
            outcome = take_in(self.bench, arrived)
        except StoppedReading:
            raise
        except Exception:  # noqa: BLE001
            _LOG.exception("%s could not be taken in.", told(arrived.name))
            outcome = FileOutcome(told(arrived.name), None, "blocked", Hindrance.UNFORESEEN.sentence, ())
        if outcome.status != "blocked":
            yield outcome
        else:
            path = inbox / name_of(arrived.path, inbox) if give_back(arrived.path, inbox) else arrived.path
            yield from self._blocked(path, arrived.name, outcome.reason, TRY_AGAIN_SECONDS)

    def _blocked(self, path: Path, name: str, sentence: str, seconds: float) -> Iterator[FileOutcome]:
        """Leave a file alone for a while, with a note beside it; said once, as long as the reason is the same."""
        before = self._left_alone.get(path)
        self._left_alone[path] = _LeftAlone(name, sentence, time.monotonic() + seconds)
        leave_note(self.bench.site.inbox, name, sentence, datetime.now(UTC))
        if before is None or before.sentence != sentence:
            yield FileOutcome(told(name), None, "blocked", sentence, ())

    def _is_left_alone(self, path: Path) -> bool:
        alone = self._left_alone.get(path)
        return alone is not None and time.monotonic() < alone.until
