"""Reaching the disk: what these wrote, and the folder entries they synced, are there after a power cut."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import uuid4

ARRIVING: Final = ".arriving-"
"""What the name of a file begins with until all of it has been written."""


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk: what was made in it, or renamed into it, is then there for good.

    Windows has no such call and keeps its own journal of names.
    """
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_through(path: Path, pieces: Iterable[bytes]) -> str:
    """Write the pieces to the disk itself, not only to memory; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half-written, and is whole on the disk before it has its name."""
    arriving = path.with_name(f"{ARRIVING}{uuid4().hex}")
    try:
        write_through(arriving, [content])
        arriving.replace(path)
    except BaseException:
        arriving.unlink(missing_ok=True)
        raise


def move_unless_taken(path: Path, target: Path) -> bool:
    """Give a file another name on the same disk, unless there is a file of that name; whether it has it now.

    A rename would replace what a scanner wrote there a moment ago. So the file gets its second name first, which
    fails where the name is taken, and loses its first only once the second is on the disk. Disks without such
    links (FAT) answer that it cannot be done, and the file stays where it is.
    """
    try:
        os.link(path, target)
    except OSError:
        return False
    sync_folder(target.parent)
    path.unlink()
    return True


def holds(path: Path, pieces: Iterable[bytes]) -> bool:
    """Whether a file holds just these pieces, one after the other: a fifth of the time that hashing it takes."""
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


def hash_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
