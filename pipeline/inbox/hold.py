"""One process at a time works on an inbox: what it has claimed must not look left behind to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".pillarbox.lock"


class InboxHeldError(Exception):
    """Another process is reading this inbox; the message says what to do."""


@contextmanager
def held(inbox: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the inbox for the length of the block, making it if need be; a process that is killed holds it no more.

    Raises InboxHeldError when another process still has it after `wait_s` seconds, OSError when nobody may have it.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    lock = FileLock(inbox / LOCK)
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise InboxHeldError(
            f"Another pillarbox is reading {inbox} already. Let it finish, or stop it, and try again."
        ) from error
    try:
        yield
    finally:
        lock.release()
