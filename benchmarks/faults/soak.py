"""A long day in miniature: thousands of files through `pillarbox watch`, with everything going wrong now and then."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.faults.account import Account, account
from benchmarks.faults.stacks import KINDS, Sheet, Stack
from benchmarks.speed.runs import family, pss_kb
from pipeline.inbox.names import SET_ASIDE, is_ignored
from pipeline.site import Site

COMMAND = "from pipeline.cli import main; main()"
SETTLE_S = 0.3
OUTSTANDING = 40
"""Files that may lie in the inbox before the scanners pause."""

EVERY = {"killed": 120, "locked": 60, "slow": 25}
"""A fault of each kind comes once in so many files, by lot. Kills only in the first half: memory needs a long life."""

LONGEST_S = 600
JUNK = {
    ".DS_Store": b"\0\0\0\1Bud1",
    "Thumbs.db": b"\xd0\xcf\x11\xe0",
    "~$letter.docx": b"me",
    "half.pdf.part": b"%PDF",
}


class Soaked(NamedTuple):
    """What came of it: files sent and sheets among them, faults by kind, memory (MB) early and late in one life."""

    files: int
    sheets: int
    faults: dict[str, int]
    early_mb: float
    late_mb: float
    seconds: float
    account: Account


@dataclass(slots=True)
class _Watcher:
    """`pillarbox watch` as anybody would start it, killed and started again now and then, its memory looked at."""

    site: Site
    memory: list[tuple[float, float]] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says of trouble; also that semaphores were left behind, each time it was killed."""
        return self.site.root / "watch.log"

    def start(self) -> None:
        command = [sys.executable, "-c", COMMAND, "--site", str(self.site.root), "watch", "--settle", str(SETTLE_S)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        self.memory.clear()

    def stop(self, by: signal.Signals) -> None:
        assert self.process
        workers = family(self.process.pid)[1:]
        self.process.send_signal(by)
        self.process.wait()
        end = time.monotonic() + 10
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < end:
            time.sleep(0.05)

    def look(self) -> None:
        assert self.process
        assert self.process.poll() is None, f"watch must not end by itself: {self.log.read_text(errors='replace')}"
        now = time.monotonic()
        if not self.memory or now - self.memory[-1][0] > 0.5:
            self.memory.append((now, sum(pss_kb(pid) for pid in family(self.process.pid)) / 1024))


def soak(site: Site, sheets: tuple[Sheet, ...], number: int, seed: int) -> Soaked:
    """Send `number` files, among them each of the sheets, to a watched inbox; then take stock."""
    start, rng = time.monotonic(), random.Random(seed)
    sent: dict[str, bytes] = {}
    faults = dict.fromkeys(EVERY, 0)
    watcher = _Watcher(site)
    for name in JUNK:
        (site.inbox / name).write_bytes(b"no scan")
    watcher.start()
    for count, (suffix, content) in enumerate(_files(sheets, number, rng)):
        watcher.look()
        _wait_for_room(site, watcher)
        for kind in (kind for kind, every in EVERY.items() if rng.randrange(every) == 0):
            faults[kind] += kind != "killed" or count < number // 2
            if kind == "killed" and count < number // 2:
                watcher.stop(signal.SIGKILL)
                watcher.start()
            elif kind == "locked":
                _lock(site, rng.uniform(0.1, 1.5))
        path = _free_name(site, suffix, rng)
        _send(path, content, rng.uniform(0.1, 1.0) if rng.randrange(EVERY["slow"]) == 0 else 0.0)
        sent[f"{count}{suffix}"] = content
    _wait_until(lambda: not _outstanding(site), watcher)
    watcher.stop(signal.SIGTERM)
    found = account(site, Stack(sent, tuple(sheet.copy for sheet in sheets)))
    assert all((site.inbox / name).exists() for name in JUNK), "what is no scan is nobody's to take"
    early, late = _early_and_late([mb for _, mb in watcher.memory])
    return Soaked(number, len(sheets), faults, early, late, time.monotonic() - start, found)


def _files(sheets: tuple[Sheet, ...], number: int, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Each sheet once, in every kind of file; in between, by lot, what else scanners and people leave there."""
    kinds = list(KINDS)
    whole = [(f".{kind}", KINDS[kind](sheet.page)) for sheet, kind in zip(sheets, kinds * len(sheets), strict=False)]
    others = [rng.choice(whole) for _ in range(number - len(whole))]
    every = whole + [_spoilt(suffix, content, rng) for suffix, content in others]
    rng.shuffle(every)
    return iter(every)


def _spoilt(suffix: str, content: bytes, rng: random.Random) -> tuple[str, bytes]:
    """The same file again, or cut short, or no scan at all, or empty."""
    match rng.randrange(8):
        case 0 | 1 | 2:
            return suffix, content
        case 3 | 4:
            return suffix, content[: rng.randrange(len(content) // 2, len(content) - 40)]
        case 5:
            return rng.choice([".docx", ".mp4", ".pdf"]), rng.randbytes(rng.randrange(1, 60_000))
        case 6:
            return ".pdf", b"%PDF-1.7\n" + rng.randbytes(3000)
        case _:
            return suffix, b""


def _send(path: Path, content: bytes, pause_s: float) -> None:
    """Write a file as scanners do: in two goes, with a pause."""
    with path.open("xb") as file:
        file.write(content[: len(content) // 2])
        if pause_s:
            file.flush()
            time.sleep(pause_s)
        file.write(content[len(content) // 2 :])


def _free_name(site: Site, suffix: str, rng: random.Random) -> Path:
    """The first name of the scanner's few that is free, at one of three desks."""
    folder = site.inbox / rng.choice(["", "town-hall", "library/children"])
    folder.mkdir(parents=True, exist_ok=True)
    return next(path for n in range(10**6) if not (path := folder / f"SCN_{n:04}{suffix}").exists())


def _lock(site: Site, seconds: float) -> None:
    with closing(sqlite3.connect(site.store, timeout=30)) as db:
        db.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)


def _outstanding(site: Site) -> int:
    """How many files have not been dealt with: what is claimed counts too."""
    paths = (path for path in site.inbox.rglob("*") if path.relative_to(site.inbox).parts[0] != SET_ASIDE)
    return sum(path.parent.name == ".claimed" or (path.is_file() and not is_ignored(path.name)) for path in paths)


def _wait_for_room(site: Site, watcher: _Watcher) -> None:
    _wait_until(lambda: _outstanding(site) < OUTSTANDING, watcher)


def _wait_until(is_so: object, watcher: _Watcher) -> None:
    end = time.monotonic() + LONGEST_S
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end, "the inbox was not read to its end"
        watcher.look()
        time.sleep(0.05)


def _early_and_late(memory: list[float]) -> tuple[float, float]:
    """The median memory in the second fifth of a life, once all is loaded, and in the last, in MB."""
    fifth = max(1, len(memory) // 5)
    return median(memory[fifth : 2 * fifth] or memory), median(memory[-fifth:])
