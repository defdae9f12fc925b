"""What runs change on the disk, one change after another, as a power cut would find it: recorded from real runs."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.faults.runs import in_a_process
from benchmarks.faults.steps import Step, Told
from pipeline.site import Site

COMMITS = "every commit"
"""The one label of all commits: `synchronous=FULL` holds for all or for none."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the record says after a commit: how far each file is, by hash, and every hash it refers to as kept."""

    files: Mapping[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a `file`, which has a number of its own however it is called, or to names in folders.

    `kind` is make, front or back (the halves of a write), name (`old` is the name lost), delete, folder, sync or
    commit. `path` is relative to the site; `label` says which line of the code did it.
    """

    kind: str
    label: str
    path: str = ""
    file: int = -1
    old: str = ""
    content: bytes = b""
    record: Record = field(default_factory=Record)


@dataclass(frozen=True, slots=True)
class Past:
    """A site before anything was read, by path, and the changes of its runs."""

    before: Mapping[str, bytes]
    folders: frozenset[str]
    changes: tuple[Change, ...]


def recorded(site: Site, runs: Iterable[Callable[[Told], object]]) -> Past:
    """The changes made by runs one after another, each in a process of its own, which may not survive it.

    A run is given whom to tell of each step that is done.
    """
    paths = sorted(site.root.rglob("*"))
    before = {_within(site.root, path): path.read_bytes() for path in paths if path.is_file()}
    folders = frozenset(_within(site.root, path) for path in paths if path.is_dir())
    files, numbers = {path: number for number, path in enumerate(before)}, count(len(before))
    changes: list[Change] = []
    for run in runs:
        log = site.root.with_suffix(".log")
        log.touch()
        in_a_process(lambda run=run, log=log: run(_writer(log, site)))  # type: ignore[misc]
        for step, record in _read(log):
            changes += _changes(step, record, site.root, files, numbers)
        log.unlink()
    return Past(before, folders, tuple(changes))


def _writer(log: Path, site: Site) -> Told:
    """Write each step down at once: the next may be the last."""

    def write(step: Step) -> None:
        record = _record(site) if step.effect == "commit" else Record()
        with log.open("ab") as file:
            pickle.dump((step, record), file)

    return write


def _read(log: Path) -> Iterator[tuple[Step, Record]]:
    with log.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)


def _record(site: Site) -> Record:
    with closing(sqlite3.connect(site.store)) as db:
        files = dict(db.execute("SELECT sha256, status FROM files"))
        pictures = {picture for (picture,) in db.execute("SELECT picture FROM pages WHERE picture IS NOT NULL")}
        bodies = [json.loads(body) for (body,) in db.execute("SELECT body FROM event_bodies")]
    crops = {crop for body in bodies for crop in body.get("crops", {}).values()}
    return Record(files, frozenset(pictures | crops))


def _changes(step: Step, record: Record, root: Path, files: dict[str, int], numbers: Iterator[int]) -> Iterator[Change]:
    """What one step changes; `files` says which file has which name now, and is kept up to date."""
    paths = [_within(root, path) for path in step.paths if path.is_relative_to(root)]
    match step.effect, paths:
        case "create", [path]:
            files[path] = next(numbers)
            yield Change("make", step.name, path, files[path])
        case "write", [path]:
            middle = len(step.content) // 2
            yield Change("front", step.name, path, files[path], content=step.content[:middle])
            yield Change("back", step.name, path, files[path], content=step.content[middle:])
        case "rename", [old, path]:
            files[path] = files.pop(old)
            yield Change("name", step.name, path, files[path], old=old)
        case "link", [old, path]:
            files[path] = files[old]
            yield Change("name", step.name, path, files[path])
        case "unlink", [path]:
            yield Change("delete", step.name, path, files.pop(path))
        case "mkdir", [path]:
            yield Change("folder", step.name, path)
        case "fsync", [path]:
            yield Change("sync", f"{step.name}, {_role(path)}", path, files.get(path, -1))
        case "commit", _:
            yield Change("commit", COMMITS, record=record)


def _role(path: str) -> str:
    """What a synced file or folder is, whatever it is called."""
    name = path.rpartition("/")[2]
    if name.startswith(".arriving-"):
        return "a file"
    return {".": "the site's folder"}.get(path, "a folder of the archive" if path.startswith("archive/") else name)


def _within(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
