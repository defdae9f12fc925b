"""Runs of `ingest` that a fault is put to, each in a process of its own, and what is there afterwards."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.progress import Progress

from benchmarks.faults.stacks import InThisProcess
from benchmarks.faults.steps import Step, Told, Watch
from pipeline.hot_folder import ingest_inbox
from pipeline.site import Site, open_site

QUIET = Progress(disable=True)
LONGEST_S = 120
"""A run that takes longer hangs: it is ended, and counts as one that broke off."""

BUSY_S = 0.05
"""How long a run waits for a locked record here, where nobody is going to let go of it."""

RUNS_AFTER = 4
"""How often `ingest` may be started again until all is done; a person would see to it by then."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and at which step of the run (from 1)."""

    kind: str
    step: int


ERRORS: dict[str, tuple[frozenset[str], int]] = {
    "disk full": (frozenset({"create", "write", "fsync", "mkdir", "link", "commit"}), errno.ENOSPC),
    "disk error": (frozenset({"write", "fsync"}), errno.EIO),
    "refused": (frozenset({"create", "rename", "link", "unlink", "mkdir"}), errno.EACCES),
}
"""Errors of the system by kind of fault: the steps that can meet them, and their number."""


def in_a_process(do: Callable[[], object]) -> int:
    """Do something in a copy of this process; how it ended: 0, 1 after an exception, minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(LONGEST_S)
            do()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def ingest(site: Site) -> None:
    """Read the inbox, in this process."""
    with patch("pipeline.hot_folder.Workers", InThisProcess), patch("pipeline.store.database.BUSY_SECONDS", BUSY_S):
        ingest_inbox(open_site(site.root), 0.0, QUIET)


def ingest_to_the_end(site: Site) -> None:
    """Start again as often as may be needed until the inbox holds nothing more to do."""
    for _ in range(RUNS_AFTER):
        ingest(site)
        if not any(path for path in site.inbox.rglob("*-*") if path.parent.name == ".claimed"):
            return


def ingest_watched(site: Site, before: Told, after: Told, read: Callable[[Site], object] = ingest) -> None:
    """Read the inbox, telling of every step."""
    with Watch(site.root, before, after).installed():
        read(site)


def ingest_with(site: Site, fault: Fault | None, told: Told | None = None) -> None:
    """Read the inbox and let the fault happen at its step; `told` hears of each step that was done."""
    before = after = _nothing
    match fault:
        case Fault("killed before", number):
            before = _at(site, number, _kill)
        case Fault("killed after", number):
            after = _at(site, number, _kill)
        case Fault("record locked", number):
            before = _at(site, number, _Lock(site))
        case Fault():
            before = _Failing(site, fault)
    ingest_watched(site, before, _both(told or _nothing, after))


def _both(first: Told, second: Told) -> Told:
    def tell(step: Step) -> None:
        first(step)
        second(step)

    return tell


@contextmanager
def clock_set_back(by: timedelta) -> Iterator[None]:
    """Let pillarbox, in this process, see an earlier time than the files in the inbox carry."""
    now = time.time

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.fromtimestamp(now() - by.total_seconds(), tz)

    with ExitStack() as patched:
        for module in ("intake", "hot_folder"):
            patched.enter_context(patch(f"pipeline.{module}.datetime", Earlier))
        patched.enter_context(patch("time.time", lambda: now() - by.total_seconds()))
        yield


def _nothing(step: Step) -> None:
    pass


def _kill(step: Step) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def happens(site: Site) -> None:
    """Write down that the fault is about to happen: a run may be over before it comes to the step that was meant."""
    happened(site).touch()


def happened(site: Site) -> Path:
    """The file that is there once the fault has happened."""
    return site.root / "fault"


def _at(site: Site, number: int, act: Told) -> Told:
    def act_there(step: Step) -> None:
        if step.number == number:
            happens(site)
            act(step)

    return act_there


class _Lock:
    """Another program takes the record for itself, and keeps it for the rest of the run."""

    def __init__(self, site: Site) -> None:
        self._store = site.store
        self._connect = sqlite3.connect
        self._held: list[sqlite3.Connection] = []

    def __call__(self, step: Step) -> None:
        connection = self._connect(self._store)
        connection.execute("BEGIN IMMEDIATE")
        self._held.append(connection)


class _Failing:
    """One step fails with an error of the system; a disk that is full stays so for the rest of the run."""

    def __init__(self, site: Site, fault: Fault) -> None:
        self._site, self._fault = site, fault
        self._effects, self._number = ERRORS[fault.kind]

    def __call__(self, step: Step) -> None:
        lasts = self._fault.kind == "disk full" and step.number > self._fault.step
        if step.effect not in self._effects or not (lasts or step.number == self._fault.step):
            return
        happens(self._site)
        if step.effect != "commit":
            raise OSError(self._number, os.strerror(self._number), str(step.paths[0]))
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error
