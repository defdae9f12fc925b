"""A model of power cuts: what a disk may hold after one, given what was written to it and which fsyncs returned.

At any moment the power may go. Then the disk holds what was synced and *any part* of the rest, in any order: each half
of a write or not, each name as if it had been given or not. That is all POSIX promises; most file systems keep more.
Assumed is the least help: syncing a file says nothing of its name, syncing a folder nothing of the folder's own name.

Two things are trusted. A rename is one change, never half of one, and a commit with `synchronous=FULL` is on the disk
when it returns: SQLite has its own tests of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product
from pathlib import PurePosixPath

from benchmarks.faults.changes import COMMITS, Change, Past, Record
from pipeline.inbox.names import NOTE_SUFFIX, SET_ASIDE

INBOX, ARCHIVE = "scanner_inbox", "archive"
DONE = frozenset({"read", "set_aside"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A power cut after which something is missing: after how many changes, and what, in words."""

    after: int
    missing: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What the disk holds after a power cut: the hash of every file that can be reached, by path, and the record."""

    files: Mapping[str, str]
    record: Record


def cuts_survived(past: Past, without: str = "") -> tuple[int, Cut | None]:
    """How many states of the disk were looked at, and the first in which something is missing.

    `without` is the label of an fsync that is taken out: as if its line were not there.
    """
    looked_at = 0
    wanted = {_hash(content) for path, content in past.before.items() if path.startswith(f"{INBOX}/")}
    whole = set(_applied(past, past.changes).files.values())
    for after in _moments(past.changes):
        for found in _states(past, past.changes[:after], without):
            looked_at += 1
            missing = next(_missing(found, wanted, whole), None)
            if missing:
                return looked_at, Cut(after, missing)
    return looked_at, None


def first_cut(pasts: Sequence[tuple[str, Past]], without: str) -> tuple[str, Cut] | None:
    """The first run, by name, that a power cut costs something once an fsync is taken out; None where none does."""
    for name, past in pasts:
        _, cut = cuts_survived(past, without) if without in labels_of(past) else (0, None)
        if cut:
            return name, cut
    return None


def _moments(changes: Sequence[Change]) -> Iterator[int]:
    """After how many changes to cut the power: just before something is synced or committed, and at the end.

    The states in between are among those: there, the change that follows is one that was lost.
    """
    for after in range(1, len(changes) + 1):
        is_before_sync = after == len(changes) or changes[after].kind in ("sync", "commit")
        if is_before_sync and changes[after - 1].kind != "sync":
            yield after


def labels_of(past: Past) -> set[str]:
    """Every fsync that a run made, and its commits, by label."""
    return {change.label for change in past.changes if change.kind in ("sync", "commit")}


def _states(past: Past, changes: Sequence[Change], without: str) -> Iterator[_Found]:
    """Every state the disk may be in after these changes, some twice where changes come to the same."""
    open_ = [number for number in range(len(changes)) if not _is_kept(number, changes, without)]
    commits = [number for number in open_ if changes[number].kind == "commit"]
    free = [number for number in open_ if changes[number].kind not in ("commit", "sync")]
    for choice in product((False, True), repeat=len(free)):
        lost = {number for number, is_kept in zip(free, choice, strict=True) if not is_kept}
        for first_lost in [*commits, len(changes)]:
            gone = lost.union(number for number in commits if number >= first_lost)
            yield _applied(past, [change for number, change in enumerate(changes) if number not in gone])


def _is_kept(number: int, changes: Sequence[Change], without: str) -> bool:
    """Whether a change is certainly on the disk: something after it synced it."""
    change = changes[number]
    if change.kind == "commit":
        return without != COMMITS
    folder = str(PurePosixPath(change.path).parent)
    for later in changes[number + 1 :]:
        if later.kind == "sync" and later.label != without:
            is_content = change.kind in ("front", "back")
            if later.file == change.file >= 0 if is_content else later.path == folder:
                return True
    return False


def _applied(past: Past, changes: Sequence[Change]) -> _Found:
    """The files that can be reached once these changes are on the disk, and no others."""
    names = {path: number for number, path in enumerate(past.before)}
    contents: dict[int, list[bytes]] = {number: [content] for number, content in enumerate(past.before.values())}
    folders, record = set(past.folders), Record()
    for change in changes:
        match change.kind:
            case "front" | "back":
                contents.setdefault(change.file, []).append(change.content)
            case "make":
                names[change.path] = change.file
            case "name":
                names[change.path] = change.file
                if names.get(change.old) == change.file:
                    del names[change.old]
            case "delete" if names.get(change.path) == change.file:
                del names[change.path]
            case "folder":
                folders.add(change.path)
            case "commit":
                record = change.record
    return _Found(
        {
            path: _hash_of(tuple(contents.get(file, ())))
            for path, file in names.items()
            if all(str(folder) in folders for folder in PurePosixPath(path).parents[:-1])
        },
        record,
    )


def _missing(found: _Found, wanted: set[str], whole: set[str]) -> Iterator[str]:
    """What is missing of the bytes that lay in the inbox, of what the record refers to, of notes that say why.

    Hidden files count only where a run looks for them: what it had claimed.
    """
    inbox = {path: digest for path, digest in found.files.items() if path.startswith(f"{INBOX}/")}
    set_aside = {path: digest for path, digest in inbox.items() if path.startswith(f"{INBOX}/{SET_ASIDE}/")}
    archive = {path: digest for path, digest in _seen(found.files) if path.startswith(f"{ARCHIVE}/")}
    waiting = {digest for path, digest in inbox.items() if path not in set_aside}
    for digest in wanted - {*inbox.values(), *archive.values()}:
        yield f"the bytes of {digest[:8]} are nowhere"
    for digest in wanted - waiting:
        status = found.record.files.get(digest)
        if status not in DONE:
            yield f"{digest[:8]} is gone from the inbox, and the record does not know what became of it"
        if status == "set_aside" and digest not in set_aside.values():
            yield f"{digest[:8]} was set aside, and does not lie there"
    for digest in found.record.kept - set(archive.values()):
        yield f"the record shows a picture, {digest[:8]}, that is not kept"
    for path, digest in archive.items():
        if PurePosixPath(path).stem != digest:
            yield f"{path} is not what its name says"
    for path, _ in _seen(set_aside):
        if not path.endswith(NOTE_SUFFIX) and set_aside.get(path + NOTE_SUFFIX) not in whole:
            yield f"{path} lies there without a note"


def _seen(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((path, digest) for path, digest in files.items() if not PurePosixPath(path).name.startswith("."))


@lru_cache(maxsize=4096)
def _hash_of(pieces: tuple[bytes, ...]) -> str:
    return _hash(b"".join(pieces))


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
