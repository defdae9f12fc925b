"""Which files in the inbox have stopped changing, and taking one so that nothing can happen to it.

Scanners write slowly, close and reopen, give every file the same name, and sit on network shares that send no file
events. So the folder is listed again and again; a file counts as settled once its size and time have stayed the same
for a while; and it is claimed by renaming it in place, so that the scanner may use its name again at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

from pipeline.inbox.shelf import NOTE_SUFFIX, SET_ASIDE, shortened

CLAIMED: Final = ".claimed"
"""The hidden folder beside a file into which it is renamed while we work on it."""

_IGNORED_NAMES: Final = frozenset({"thumbs.db", "desktop.ini", "readme.md", "readme.txt"})
_IGNORED_STARTS: Final = (".", "~$")
_IGNORED_ENDS: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", NOTE_SUFFIX)
_EMPTY_PATIENCE: Final = 10
"""An empty file is given this many times as long: some scanners make the file first and fill it a minute later."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a listing tells of one file: its size in bytes and when it was last written, in nanoseconds."""

    size: int
    modified_ns: int


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

    def observe(self, listing: Mapping[str, Seen], now: float) -> list[str]:
        """Take in a listing made at `now` (seconds of a clock that never goes back); settled names, oldest first."""
        self._watched = {name: self._watch(name, seen, now) for name, seen in listing.items()}
        settled = [name for name, watched in self._watched.items() if self._is_settled(watched, now)]
        return sorted(settled, key=lambda name: (listing[name].modified_ns, name))

    def waiting(self) -> list[str]:
        """All names in the last listing, in order; those `observe` did not return are still settling."""
        return sorted(self._watched)

    def _watch(self, name: str, seen: Seen, now: float) -> _Watched:
        before = self._watched.get(name)
        return before if before is not None and before.seen == seen else _Watched(seen, since=now)

    def _is_settled(self, watched: _Watched, now: float) -> bool:
        patience = self.settle_s if watched.seen.size else self.settle_s * _EMPTY_PATIENCE
        return now - watched.since >= patience


def list_inbox(inbox: Path) -> dict[str, Seen]:
    """Every file in the inbox and one level of folders below (a desk, a library), by name: `town-hall/SCN_1.pdf`.

    Links, hidden and half-downloaded files and what we set aside are left out. Files that vanish meanwhile are too.
    """
    listing = {}
    for folder in (inbox, *_desks(inbox)):
        for path in folder.iterdir():
            if is_ignored(path.name) or path.is_symlink() or not path.is_file():
                continue
            try:
                status = path.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            listing[path.relative_to(inbox).as_posix()] = Seen(status.st_size, status.st_mtime_ns)
    return listing


def is_ignored(name: str) -> bool:
    """Whether a file of this name is never a scan: hidden, half-written, made by a file manager, or our own note."""
    lowered = name.lower()
    return lowered in _IGNORED_NAMES or lowered.startswith(_IGNORED_STARTS) or lowered.endswith(_IGNORED_ENDS)


def claim(path: Path) -> Path | None:
    """Rename the file into the hidden folder beside it; its new place, or None if it is gone or still held open."""
    folder = path.parent / CLAIMED
    folder.mkdir(exist_ok=True)
    claimed = folder / f"{uuid4().hex}-{shortened(path.name)}"
    try:
        path.rename(claimed)
    except (FileNotFoundError, PermissionError):
        return None
    return claimed


def claimed_before(inbox: Path) -> list[Path]:
    """What a run that was killed had claimed and not finished, oldest first, to be taken up again.

    Only for the one process that holds the site: to a second one, everything the first works on looks left behind.
    """
    left = [path for folder in (inbox, *_desks(inbox)) for path in (folder / CLAIMED).glob("*-*")]
    return sorted(left, key=lambda path: (path.stat().st_mtime_ns, path.name))


def name_of(claimed: Path, inbox: Path) -> str:
    """The name a claimed file had in the inbox: `town-hall/SCN_1.pdf`."""
    _, _, name = claimed.name.partition("-")
    return (claimed.parent.parent / name).relative_to(inbox).as_posix()


def give_back(claimed: Path, inbox: Path) -> None:
    """Rename a claimed file to what it was called, where people can see it, unless that name is taken again."""
    target = inbox / name_of(claimed, inbox)
    if not target.exists():
        claimed.rename(target)


def retire(claimed: Path) -> None:
    """Delete a claimed file. Only after its original is kept and what it says is recorded for good."""
    claimed.unlink(missing_ok=True)


def _desks(inbox: Path) -> list[Path]:
    """The folders within the inbox that a scanner may write to."""
    return sorted(
        path
        for path in inbox.iterdir()
        if path.name != SET_ASIDE and not is_ignored(path.name) and path.is_dir() and not path.is_symlink()
    )
