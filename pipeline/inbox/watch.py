"""Which files in the inbox have stopped changing, and taking one so that nothing can happen to it.

Scanners write slowly, close and reopen, give every file the same name, and sit on network shares that send no file
events. So the folder is listed again and again; a file counts as settled once its size and time have stayed the same
for a while; and it is claimed by renaming it in place, so that the scanner may use its name again at once.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

from pipeline.inbox.disk import move_unless_taken, sync_folder
from pipeline.inbox.names import CLAIMED, SET_ASIDE, is_ignored, shortened

_EMPTY_PATIENCE: Final = 10
"""An empty file is given this many times as long: some scanners make the file first and fill it a minute later."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a listing tells of one file: its size in bytes and when it was last written, in nanoseconds."""

    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """How a file looks now. Raises OSError."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)

    @property
    def changed_at(self) -> datetime:
        """When it was last written, UTC, by the clock of whoever wrote it."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)


@dataclass(frozen=True, slots=True)
class _Watched:
    """How a file was last seen, and since when it has looked like that."""

    seen: Seen
    since: float


@dataclass(slots=True)
class Settling:
    """Remembers listings and tells which files have not changed for `settle_s` seconds (0: at first sight)."""

    settle_s: float
    _watched: dict[str, _Watched] = field(default_factory=dict)
    _now: float = 0.0

    def observe(self, listing: Mapping[str, Seen], now: float) -> list[str]:
        """Take in a listing made at `now` (seconds of a clock that never goes back); settled names, oldest first."""
        self._now = now
        self._watched = {name: self._watch(name, seen, now) for name, seen in listing.items()}
        settled = [name for name, watched in self._watched.items() if self._is_settled(watched, now)]
        return sorted(settled, key=lambda name: (listing[name].modified_ns, name))

    def waiting(self) -> list[str]:
        """All names in the last listing, in order."""
        return sorted(self._watched)

    def unsettled(self) -> list[str]:
        """Those names in the last listing that `observe` did not return, in order."""
        return sorted(name for name, watched in self._watched.items() if not self._is_settled(watched, self._now))

    def _watch(self, name: str, seen: Seen, now: float) -> _Watched:
        before = self._watched.get(name)
        return before if before is not None and before.seen == seen else _Watched(seen, since=now)

    def _is_settled(self, watched: _Watched, now: float) -> bool:
        patience = self.settle_s if watched.seen.size else self.settle_s * _EMPTY_PATIENCE
        return now - watched.since >= patience


def list_inbox(inbox: Path) -> dict[str, Seen]:
    """Every file in the inbox and the folders within it (a desk, a library), by name: `town-hall/SCN_1.pdf`.

    Links, hidden and half-downloaded files and what we set aside are left out. Files and folders that vanish
    meanwhile are too. Raises OSError where the inbox itself is away.
    """
    listing = {}
    for path in chain.from_iterable(_entries(folder) for folder in folders_of(inbox)):
        seen = None if is_ignored(path.name) else look(path)
        if seen is not None:
            listing[path.relative_to(inbox).as_posix()] = seen
    return listing


def look(path: Path) -> Seen | None:
    """How a file looks now, None where there is none: neither a folder nor a link is a file."""
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return Seen(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def folders_of(inbox: Path) -> list[Path]:
    """The inbox and every folder within it that a scanner may write to, however deep; no links, for they lead out."""
    found = [inbox]
    for folder in found:
        found += sorted(path for path in _entries(folder) if _is_for_scans(path, inbox))
    return found


def claim(path: Path, as_seen: Seen | None = None) -> Path | None:
    """Rename the file into the hidden folder beside it; its new place, or None if it is gone or another by now.

    `as_seen` is how it looked when it was chosen. Raises OSError where files may not be taken out of the folder, or
    one is still held open where that forbids it.
    """
    folder = path.parent / CLAIMED
    claimed = folder / f"{uuid4().hex}-{shortened(path.name)}"
    try:
        if folder.is_symlink():
            folder.unlink()  # It would lead out of the inbox.
        folder.mkdir(exist_ok=True)
        sync_folder(path.parent)
        path.rename(claimed)
    except FileNotFoundError:
        return None
    found = look(claimed)
    if found is None or (as_seen is not None and found != as_seen):
        move_unless_taken(claimed, path)
        return None
    return claimed


def claimed_before(inbox: Path) -> list[Path]:
    """What a run that was killed had claimed and not finished, oldest first, to be taken up again.

    Only for the one process that holds the inbox: to a second one, all the first works on looks left behind.
    """
    claiming = (folder / CLAIMED for folder in folders_of(inbox))
    left = chain.from_iterable(folder.glob("*-*") for folder in claiming if not folder.is_symlink())
    seen = {path: look(path) for path in left}
    return [path for _, _, path in sorted((at.modified_ns, path.name, path) for path, at in seen.items() if at)]


def name_of(claimed: Path, inbox: Path) -> str:
    """The name a claimed file had in the inbox: `town-hall/SCN_1.pdf`."""
    _, _, name = claimed.name.partition("-")
    return (claimed.parent.parent / name).relative_to(inbox).as_posix()


def give_back(claimed: Path, inbox: Path) -> bool:
    """Call a claimed file again what it was called, where people see it; False where that name is taken again."""
    return move_unless_taken(claimed, inbox / name_of(claimed, inbox))


def retire(claimed: Path) -> None:
    """Delete a claimed file. Only after its original is kept and what it says is recorded for good."""
    claimed.unlink(missing_ok=True)


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder of the inbox; nothing where it has vanished, or may not be looked into."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def _is_for_scans(path: Path, inbox: Path) -> bool:
    return not is_ignored(path.name) and path != inbox / SET_ASIDE and path.is_dir() and not path.is_symlink()
