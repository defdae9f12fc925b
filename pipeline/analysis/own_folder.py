"""A folder that is there as long as a process works in it, also where the process is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_PREFIX = ".explore-"
_LOCK = ".lock"


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """Make a folder in `root` for the length of the block, and clear those that processes left behind when killed.

    Raises OSError.
    """
    _clear_left_behind(root)
    folder = root / f"{_PREFIX}{uuid4().hex}"
    # Held before it is there: a folder that nobody holds is one that was left behind.
    with _lock_of(folder):
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _remove(folder)


def _clear_left_behind(root: Path) -> None:
    """Remove the folders whose process is gone. What cannot be removed now is tried again by the next."""
    for folder in root.glob(f"{_PREFIX}*"):
        if folder.is_dir():
            with suppress(Timeout, OSError), _lock_of(folder):
                _remove(folder)


def _lock_of(folder: Path) -> FileLock:
    return FileLock(folder.with_name(folder.name + _LOCK), timeout=0)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        # Windows removes no file that is open: there the lock itself does, as it lets go.
        with suppress(OSError):
            folder.with_name(folder.name + _LOCK).unlink(missing_ok=True)
