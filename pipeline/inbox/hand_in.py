"""A file that somebody hands in: put into the inbox whole, under a name that can hurt nothing and meets no other."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import uuid4

from pipeline.inbox.disk import sync_folder, write_through
from pipeline.inbox.names import is_ignored

_TELLING: Final = 60
"""Characters kept of a name: enough to know a file again."""

_MARK: Final = 6
"""Characters that keep files apart which are called alike."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that lies in the inbox now: its name there, and the SHA-256 of its bytes."""

    name: str
    sha256: str


def hand_in(inbox: Path, name: str, pieces: Iterable[bytes]) -> HandedIn:
    """Put a file called `name` by whoever sent it into the inbox; it is on the disk when this returns. Raises OSError.

    Until it is whole, it has a name that the inbox does not look at.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    arriving = inbox / f".handed-in-{uuid4().hex}.part"
    try:
        sha256 = write_through(arriving, pieces)
        target = inbox / _safe_name(name)
        arriving.replace(target)
        sync_folder(inbox)
    finally:
        arriving.unlink(missing_ok=True)
    return HandedIn(target.name, sha256)


def _safe_name(name: str) -> str:
    """Return a name made from letters, figures and a few signs of another, with a mark of its own."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    stem, dot, suffix = plain.rpartition(".")
    tidy = re.sub(r"[^\w-]+", "-", stem if dot else plain)[:_TELLING].strip("-_") or "scan"
    ending = re.sub(r"[^a-z0-9]+", "", suffix.lower())[:5] if dot else ""
    marked = f"{tidy}-{uuid4().hex[:_MARK]}" + (f".{ending}" if ending else "")
    return f"{marked}.scan" if is_ignored(marked) else marked
