"""Is every byte still somewhere, and every sheet on record once?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.faults.stacks import Stack
from pipeline.inbox.disk import ARRIVING
from pipeline.inbox.names import NOTE_SUFFIX, SET_ASIDE, is_ignored
from pipeline.inbox.shelf import Shelf
from pipeline.site import Site


@dataclass(frozen=True, slots=True)
class Account:
    """What is missing and what is there twice, in words."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]


def bytes_lost(site: Site, stack: Stack) -> tuple[str, ...]:
    """The files whose bytes are neither in the archive nor set aside nor in the inbox: true at any moment."""
    there = {_hash(path) for folder in (site.archive, site.inbox) for path in _files(folder)}
    return tuple(name for name, content in stack.files.items() if sha256(content).hexdigest() not in there)


def account(site: Site, stack: Stack) -> Account:
    """What holds once a run came to its end: all is kept, recorded and counted once, and the inbox is empty."""
    with closing(sqlite3.connect(site.store)) as db:
        lost = [*_not_kept(site, stack), *_not_done(site, stack, db), *_not_told(site)]
        doubled = []
        for copy in stack.copies:
            (pages,) = db.execute("SELECT COUNT(*) FROM pages WHERE copy = ? AND status = 'read'", [copy]).fetchone()
            (returns,) = db.execute("SELECT COUNT(*) FROM submissions WHERE copy = ?", [copy]).fetchone()
            if pages == 0 or returns == 0:
                lost.append(f"copy {copy} was not counted")
            if pages > 1 or returns > 1:
                doubled.append(f"copy {copy} was counted {max(pages, returns)} times")
    return Account(tuple(lost), tuple(doubled))


def _not_kept(site: Site, stack: Stack) -> Iterator[str]:
    shelf = Shelf(site.archive)
    for name, content in stack.files.items():
        digest = sha256(content).hexdigest()
        kept = shelf.find(digest)
        if kept is None or _hash(kept) != digest:
            yield f"{name} is not in the archive"


def _not_done(site: Site, stack: Stack, db: sqlite3.Connection) -> Iterator[str]:
    if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
        yield "the record is damaged"
    for name, content in stack.files.items():
        row = db.execute("SELECT status FROM files WHERE sha256 = ?", [sha256(content).hexdigest()]).fetchone()
        if row is None or row[0] not in ("read", "set_aside"):
            yield f"{name} is not on record as done"


def _not_told(site: Site) -> Iterator[str]:
    for path in _files(site.inbox):
        is_note = path.name.endswith(NOTE_SUFFIX)
        is_ours = path.name.startswith(ARRIVING) or is_note
        if path.parent == site.inbox / SET_ASIDE:
            if not is_note and not path.with_name(path.name + NOTE_SUFFIX).exists():
                yield f"{path.name} was set aside without a note"
        elif is_ours or not is_ignored(path.name):
            yield f"{path.name} was left in the inbox"


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
