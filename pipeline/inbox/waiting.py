"""What lies in the inbox and waits, why, and the note beside it that says so."""

import contextlib
import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.inbox.disk import ARRIVING
from pipeline.inbox.names import NOTE_SUFFIX, SET_ASIDE, desk_of, shortened, told
from pipeline.inbox.trouble import Hindrance
from pipeline.inbox.watch import claimed_before, folders_of, list_inbox, look, name_of

if sys.platform == "linux":
    import fcntl

ROOM_BYTES: Final = 64 << 20
"""Room that must be left on the disk after a file was kept: for the record, and for crops of a stack of pages."""

_WRITER_PATIENCE_S: Final = 600
"""A file that a program has open for writing is left alone so long after its last change. Some network shares say of
every file that it is open, and some programs never let go."""

_ARRIVING_NOTE: Final = f"{ARRIVING}note"
_LONGEST_NOTE_BYTES: Final = 4096
"""Ours have a few hundred."""


@dataclass(frozen=True, slots=True)
class WaitingScan:
    """A file in the inbox: its name there, its desk, when it last changed (UTC), and what stands in its way, if known.

    `sentence` is what to tell: empty where it only waits its turn.
    """

    name: str
    desk: str
    changed_at: datetime
    sentence: str


def hindered(path: Path, archive: Path) -> Hindrance | None:
    """What keeps this file from being taken at this moment, None where nothing does."""
    if not os.access(path.parent, os.W_OK):
        return Hindrance.READ_ONLY
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return None
    except OSError:
        return Hindrance.LOCKED
    if is_written_to(path):
        return Hindrance.IN_USE
    return None if _free_bytes(archive) >= size + ROOM_BYTES else Hindrance.DISK_FULL


def is_written_to(path: Path) -> bool:
    """Whether a program has the file open for writing, as far as Linux tells; other systems refuse to rename it then.

    Linux grants a lease for reading only where nobody writes (fcntl(2), F_SETLEASE). The signal to the holder of a
    lease, due if a program opens the file in that instant, is turned into one that is ignored.
    """
    if sys.platform != "linux":
        return False
    seen = look(path)
    if seen is None or abs(time.time() - seen.modified_ns / 1e9) > _WRITER_PATIENCE_S:
        return False
    try:
        with path.open("rb") as file:
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def waiting_in(inbox: Path, archive: Path) -> tuple[WaitingScan, ...]:
    """Every file that lies in the inbox, for the desk: those that need somebody first, then by name.

    A file somebody must look at has a note beside it, or what stands in its way is still there to be seen.
    """
    files = {name: inbox / name for name in list_inbox(inbox)}
    files |= {name_of(path, inbox): path for path in claimed_before(inbox)}
    waiting = (_waiting_scan(name, path, inbox, archive) for name, path in files.items())
    return tuple(sorted(filter(None, waiting), key=lambda scan: (not scan.sentence, scan.name)))


def leave_note(inbox: Path, name: str, sentence: str, when: datetime) -> None:
    """Lay a note beside a file that waits, unless it says so already. A folder or disk that takes none has none."""
    note = _note_of(inbox / name)
    arriving = note.with_name(_ARRIVING_NOTE)
    if sentence in _text(note):
        return
    with contextlib.suppress(OSError):
        arriving.unlink(missing_ok=True)
        with arriving.open("x", encoding="utf-8") as file:  # Never through a link that somebody put there.
            file.write(
                f"{told(Path(name).name)}\n\n{sentence}\n\nNoticed on {when:%A %d %B %Y at %H:%M}. "
                "This note goes away by itself once the file has been read.\n"
            )
        arriving.replace(note)
        return
    with contextlib.suppress(OSError):
        arriving.unlink(missing_ok=True)


def clear_notes(inbox: Path, still: Collection[str]) -> None:
    """Take away the notes beside files that no longer wait; those named in `still` do.

    Notes that a killed run did not finish go too. Only for the process that holds the inbox: nobody else writes any.
    """
    kept = {_note_of(inbox / name) for name in still}
    folders = folders_of(inbox)
    stale = {note for folder in folders for note in folder.glob(f"*{NOTE_SUFFIX}")} - kept
    unfinished = [folder / _ARRIVING_NOTE for folder in folders] + list((inbox / SET_ASIDE).glob(f"{ARRIVING}*"))
    for note in (*stale, *unfinished):
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)


def _waiting_scan(name: str, path: Path, inbox: Path, archive: Path) -> WaitingScan | None:
    seen = look(path)
    if seen is None:
        return None
    lines, hindrance = _text(_note_of(inbox / name)).split("\n\n"), hindered(path, archive)
    sentence = lines[1] if len(lines) > 1 else hindrance.sentence if hindrance else ""
    return WaitingScan(told(name), told(desk_of(name)), seen.changed_at, sentence)


def _note_of(path: Path) -> Path:
    return path.with_name(shortened(path.name) + NOTE_SUFFIX)


def _text(note: Path) -> str:
    """What a note of ours says; nothing of a link, or of the rest of a long file that only has such a name."""
    with contextlib.suppress(OSError):
        if look(note):
            with note.open("rb") as file:
                return file.read(_LONGEST_NOTE_BYTES).decode(errors="replace")
    return ""


def _free_bytes(folder: Path) -> int:
    """How much may still be written to the disk a folder is on, or will be on once it is made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
