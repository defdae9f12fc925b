"""Run `ingest` on a site and kill it, as kill -9 does, just before its N-th effect: `killed_ingest.py SITE N`.

With `reread` as a third word, that is run instead, without workers.

An effect is what a power cut could fall between: a rename, a deletion, an fsync, a transaction begun or committed.
Prints the number of effects when there were fewer than N.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

from read_sites import Here
from rich.progress import Progress

import pipeline.intake
import pipeline.reread
from pipeline.hot_folder import ingest_inbox
from pipeline.reread import reread
from pipeline.site import open_site


class Countdown:
    """Counts effects, and ends the process at the one it was told."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.seen = 0

    def tick(self) -> None:
        self.seen += 1
        if self.seen == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def counting(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.tick()
            return effect(*args, **options)

        return counted

    def trace(self, statement: str) -> None:
        if statement.startswith(("BEGIN", "COMMIT")):
            self.tick()


def main(site: str, fatal: str, command: str = "ingest") -> None:
    countdown = Countdown(int(fatal))
    for name in ("rename", "replace", "unlink", "fsync"):
        setattr(os, name, countdown.counting(getattr(os, name)))
    connect = sqlite3.connect

    def watched(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.set_trace_callback(countdown.trace)
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]
    pipeline.intake.RECORDED_AFTER_SECONDS = inf  # a slow page would add a transaction: every run has the same effects
    if command == "reread":
        pipeline.reread.Workers = Here  # type: ignore[misc, assignment]
        reread(open_site(Path(site)), None, False, Progress(disable=True))
    else:
        ingest_inbox(open_site(Path(site)), 0.0, Progress(disable=True))
    print(countdown.seen)


if __name__ == "__main__":
    main(*sys.argv[1:])
