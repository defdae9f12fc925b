"""Originals kept for good under their hash, and trouble set aside with a note in plain words.

A kept file is written whole under a temporary name, brought to the disk, read back, and only then given its name:
whatever is called by its hash is that file, also after a power cut. `make bench NAME=desk-faults` takes each fsync
out in turn and shows the power cut that then loses bytes.
"""

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from pipeline.inbox.disk import ARRIVING, hash_of, holds, sync_folder, write_through, write_whole
from pipeline.inbox.names import NOTE_SUFFIX, SET_ASIDE, shortened

_PIECE: Final = 1 << 20
_GOOD_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_HASH_IN_NAME: Final = 8
"""Characters of the hash in the name of a file set aside: enough that two scans named alike stay apart."""

_LEFT_BEHIND_S: Final = 3600
"""A copy not finished for an hour was left by a run that was killed: the largest file takes minutes."""


class NotKeptError(Exception):
    """The disk gave back other bytes than were written, or none: nothing may be deleted now."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The archive folder of a site: `ab/abcdef….pdf`, each file named by the SHA-256 of its bytes."""

    archive: Path

    def keep(self, path: Path) -> str:
        """Keep a copy of the file for good; its SHA-256 in hex. Kept already: checked, and mended if need be.

        Raises OSError where the disk is full or away, NotKeptError where it does not give back what was written.
        """
        return self._keep(lambda: _pieces_of(path), path.suffix)

    def keep_bytes(self, content: bytes, suffix: str) -> str:
        """Keep bytes we made ourselves, such as the crop an answer was read from; their SHA-256 in hex.

        Kept already, their name is brought to the disk all the same: a run that was killed may have got no further
        than giving it. The folders above were synced when the original was kept.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self.find(sha256)
        if kept is not None and kept.stat().st_size == len(content):
            sync_folder(kept.parent)
            return sha256
        return self._keep(lambda: iter([content]), suffix)

    def find(self, sha256: str) -> Path | None:
        """Where the file with this hash is kept, or None."""
        folder = self.archive / sha256[:2]
        kept = (path for path in folder.iterdir() if path.name.startswith(f"{sha256}.")) if folder.is_dir() else ()
        return min(kept, default=None)

    def set_aside(self, path: Path, name: str, inbox: Path, sentence: str, when: datetime) -> Path:
        """Keep the file, then move it to the inbox's `set-aside` folder with a note; where it is now.

        `name` is what the scanner called it, `sentence` says what happened and what to do. The new name carries a
        piece of the hash, so doing it again after an interruption ends in the same place.
        """
        sha256 = self.keep(path)
        return _lay_aside(path, name, inbox, sha256, _note(name, sentence, _kept(sha256), when))

    def remove_leftovers(self, older_than_s: float = _LEFT_BEHIND_S) -> None:
        """Delete half-written copies that killed runs left behind; others may be finishing theirs meanwhile."""
        for leftover in self.archive.glob(f"{ARRIVING}*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime >= older_than_s:
                    leftover.unlink()

    def _keep(self, pieces: Callable[[], Iterator[bytes]], suffix: str) -> str:
        self.archive.mkdir(parents=True, exist_ok=True)
        arriving = self.archive / f"{ARRIVING}{uuid4().hex}"
        try:
            sha256 = write_through(arriving, pieces())
            kept = self.find(sha256)
            if kept is None or hash_of(kept) != sha256:
                # What is compared may have changed since it was written, and then its hash decides.
                if not holds(arriving, pieces()) and hash_of(arriving) != sha256:
                    raise NotKeptError(f"{arriving} does not hold what was written to it. Check the disk.")
                kept = kept or self.archive / sha256[:2] / (sha256 + _plain_suffix(suffix))
                kept.parent.mkdir(exist_ok=True)
                arriving.replace(kept)
            self._sync(kept)
        finally:
            arriving.unlink(missing_ok=True)
        return sha256

    def _sync(self, kept: Path) -> None:
        """Bring the names that lead to a kept file to the disk: its own, and those of the folders it lies in.

        Also of what was there already: a run that was killed may have got no further than giving it its name.
        """
        for folder in (kept.parent, self.archive, self.archive.parent):
            sync_folder(folder)


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_PIECE), b"")


def set_aside_only(path: Path, name: str, inbox: Path, sentence: str, when: datetime) -> Path:
    """Move a file that is not kept to `set-aside` with a note that says so; where it is now."""
    return _lay_aside(path, name, inbox, hash_of(path), _note(name, sentence, _NOT_KEPT, when))


def _lay_aside(path: Path, name: str, inbox: Path, sha256: str, note: str) -> Path:
    """Move the file once its note is on the disk: nobody finds it there without knowing why."""
    folder = inbox / SET_ASIDE
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(inbox)
    given = Path(shortened(Path(name).name))
    target = folder / f"{given.stem}-{sha256[:_HASH_IN_NAME]}{given.suffix}"
    write_whole(target.with_name(target.name + NOTE_SUFFIX), note.encode())
    sync_folder(folder)
    path.replace(target)
    return target


def _note(name: str, sentence: str, where: str, when: datetime) -> str:
    """The text laid beside a file that was set aside."""
    return (
        f"{name}\n\n{sentence}\n\n"
        f"Set aside on {when:%A %d %B %Y at %H:%M}. Nothing from this file has been counted.\n"
        f"{where}\n"
    )


def _kept(sha256: str) -> str:
    return (
        f"The original is also kept in the archive as {sha256}.\n"
        "You may delete this note and the file beside it once the sheets have been scanned again."
    )


_NOT_KEPT: Final = (
    "The file is too large to be kept in the archive as well: this is the only one. Delete it only once the sheets "
    "have been scanned again."
)


def _plain_suffix(suffix: str) -> str:
    """The suffix in small letters, or `.bin` where it is none we would like to see in a file name."""
    lowered = suffix.lower()
    return lowered if _GOOD_SUFFIX.fullmatch(lowered) else ".bin"
