"""Originals kept for good under their hash, and trouble set aside with a note in plain words.

A kept file is written whole under a temporary name, brought to the disk, read back, and only then given its name:
whatever is called by its hash is that file, also after a power cut. Without the fsyncs half of the simulated power
cuts lost bytes.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

SET_ASIDE: Final = "set-aside"
"""The folder within the inbox where people find what could not be read."""

NOTE_SUFFIX: Final = ".why.txt"

_PIECE: Final = 1 << 20
_TEMPORARY: Final = ".arriving-"
_GOOD_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_HASH_IN_NAME: Final = 8
"""Characters of the hash in the name of a file set aside: enough that two scans named alike stay apart."""

_LONGEST_NAME_BYTES: Final = 200
"""Most file systems allow a name of 255 bytes; ours put up to 41 around the scanner's."""


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
        with path.open("rb") as original:
            return self._keep(iter(lambda: original.read(_PIECE), b""), path.suffix)

    def keep_bytes(self, content: bytes, suffix: str) -> str:
        """Keep bytes we made ourselves, such as the crop an answer was read from; their SHA-256 in hex."""
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self.find(sha256)
        if kept is not None and kept.stat().st_size == len(content):
            return sha256
        return self._keep([content], suffix)

    def find(self, sha256: str) -> Path | None:
        """Where the file with this hash is kept, or None."""
        return next(iter(sorted((self.archive / sha256[:2]).glob(f"{sha256}.*"))), None)

    def set_aside(self, path: Path, name: str, inbox: Path, sentence: str, when: datetime) -> Path:
        """Keep the file, then move it to the inbox's `set-aside` folder with a note; where it is now.

        `name` is what the scanner called it, `sentence` says what happened and what to do. The new name carries a
        piece of the hash, so doing it again after an interruption ends in the same place.
        """
        sha256 = self.keep(path)
        folder = inbox / SET_ASIDE
        folder.mkdir(parents=True, exist_ok=True)
        given = Path(shortened(Path(name).name))
        target = folder / f"{given.stem}-{sha256[:_HASH_IN_NAME]}{given.suffix}"
        note = target.with_name(target.name + NOTE_SUFFIX)
        _write_whole(note, _note(name, sentence, sha256, when).encode())
        path.replace(target)
        sync_folder(folder)
        return target

    def remove_leftovers(self) -> None:
        """Delete half-written copies a killed run left behind. Only for the one process that holds the site."""
        for leftover in self.archive.glob(f"{_TEMPORARY}*"):
            leftover.unlink(missing_ok=True)

    def _keep(self, pieces: Iterable[bytes], suffix: str) -> str:
        self.archive.mkdir(parents=True, exist_ok=True)
        arriving = self.archive / f"{_TEMPORARY}{uuid4().hex}"
        try:
            sha256 = _write_through(arriving, pieces)
            kept = self.find(sha256)
            if kept is not None and _hash_of(kept) == sha256:
                arriving.unlink()
                return sha256
            if _hash_of(arriving) != sha256:
                raise NotKeptError(f"{arriving} does not hold what was written to it. Check the disk.")
            target = kept or self.archive / sha256[:2] / (sha256 + _plain_suffix(suffix))
            target.parent.mkdir(exist_ok=True)
            arriving.replace(target)
            sync_folder(target.parent)
            sync_folder(self.archive)
        except BaseException:
            arriving.unlink(missing_ok=True)
            raise
        return sha256


def shortened(name: str) -> str:
    """The name, or its end where it is too long to have something put before or after it."""
    return os.fsdecode(os.fsencode(name)[-_LONGEST_NAME_BYTES:])


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, so that a file just renamed into it is there after a power cut.

    Windows has no such call and keeps its own journal of names.
    """
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _note(name: str, sentence: str, sha256: str, when: datetime) -> str:
    """The text laid beside a file that was set aside."""
    return (
        f"{name}\n\n{sentence}\n\n"
        f"Set aside on {when:%A %d %B %Y at %H:%M}. Nothing from this file has been counted.\n"
        f"The original is also kept in the archive as {sha256}.\n"
        "You may delete this note and the file beside it once the sheets have been scanned again.\n"
    )


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half-written."""
    arriving = path.with_name(f"{_TEMPORARY}{uuid4().hex}")
    _write_through(arriving, [content])
    arriving.replace(path)


def _write_through(path: Path, pieces: Iterable[bytes]) -> str:
    """Write the pieces to the disk itself, not only to memory; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain_suffix(suffix: str) -> str:
    """The suffix in small letters, or `.bin` where it is none we would like to see in a file name."""
    lowered = suffix.lower()
    return lowered if _GOOD_SUFFIX.fullmatch(lowered) else ".bin"
