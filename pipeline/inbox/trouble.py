"""Why a file could not become pages, or not yet, and the plain sentence each reason is told in."""

import errno
import sqlite3
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Everything that can keep a file from being read. Each has one sentence in `sentences`."""

    EMPTY = "empty"
    CUT_SHORT = "cut_short"
    PASSWORD = "password"
    WRONG_TYPE = "wrong_type"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_BIG = "too_big"
    TOO_MANY_PAGES = "too_many_pages"
    NO_PAGES = "no_pages"
    NOT_FILLED_IN = "not_filled_in"
    DRAWN_BY_PROGRAM = "drawn_by_program"
    TOO_SLOW = "too_slow"
    TOO_MUCH_MEMORY = "too_much_memory"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file, or one page of it, that was not read: the reason, and the technical detail for the log."""

    reason: Reason
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What happened and what to do, for the people at the desk."""
        return sentences[self.reason]


class OpeningError(Exception):
    """Raised where a reader of one format finds trouble; `page.image` hands it on as a `SetAside`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


sentences: dict[Reason, str] = {
    Reason.EMPTY: "The file is empty: nothing arrived from the scanner. Please scan the sheets again.",
    Reason.CUT_SHORT: (
        "The end of the file is missing, so part of a page may be missing too. "
        "Please scan the sheets again, and wait until the scanner has finished."
    ),
    Reason.PASSWORD: (
        "The file is locked with a password. "
        "Please save it without a password, or switch this off at the scanner, and drop it in again."
    ),
    Reason.WRONG_TYPE: (
        "We cannot read this kind of file. "
        "Please scan to PDF, TIFF, JPEG or PNG (a phone photo: save it as JPEG) and drop it in again."
    ),
    Reason.UNREADABLE: "The file is damaged and we could not read it safely. Please scan the sheets again.",
    Reason.TOO_LARGE: (
        "The picture of a page is far larger than a form needs. "
        "Please scan at 300 dots per inch in grey and drop it in again."
    ),
    Reason.TOO_BIG: (
        "The file is larger than 4 GB, and no stack of forms needs that. "
        "Please scan at 300 dots per inch in grey, in smaller batches, and drop them in again."
    ),
    Reason.TOO_MANY_PAGES: (
        "The file holds more than 2000 pages. Please scan the stack in smaller batches and drop them in again."
    ),
    Reason.NO_PAGES: "There is no page in the file. Please scan the sheets again.",
    Reason.NOT_FILLED_IN: (
        "This is one of our forms to fill in on a screen, but nothing is filled in. "
        "Please ask whoever sent it to fill it in, to save it, and to send it again."
    ),
    Reason.DRAWN_BY_PROGRAM: (
        "This form shows itself only in the program it was made with, so there is nothing in it that we can read. "
        "Please print it there and scan it, or ask for it on paper."
    ),
    Reason.TOO_SLOW: (
        "Reading the file took so long that we stopped. "
        "Please scan the sheets again; if it happens twice, tell whoever looks after the scanner."
    ),
    Reason.TOO_MUCH_MEMORY: (
        "Reading the file needed more memory than one file may have. "
        "Please scan at 300 dots per inch in grey and drop it in again."
    ),
    Reason.CRASHED: (
        "The file made the reader stop working, so we left it out and went on with the others. "
        "Please scan the sheets again."
    ),
}


class Hindrance(StrEnum):
    """What keeps a file in the inbox for now; it is taken by itself once that has passed."""

    ARRIVING = "arriving"
    IN_USE = "in_use"
    LOCKED = "locked"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    NOT_KEPT = "not_kept"
    RECORD_AWAY = "record_away"
    UNFORESEEN = "unforeseen"

    @property
    def sentence(self) -> str:
        """What stands in the way and what to do, for the people at the desk."""
        return hindrances[self]


hindrances: dict[Hindrance, str] = {
    Hindrance.ARRIVING: "This file is still changing. It is read once it has arrived whole.",
    Hindrance.IN_USE: (
        "The scanner or another program is still writing this file. It is read once they have let go of it."
    ),
    Hindrance.LOCKED: (
        "We could not open this file: another program holds it, or we have no right to read it. "
        "Close the program that has it open; if it stays here, tell whoever looks after this computer."
    ),
    Hindrance.READ_ONLY: (
        "We may not take files out of this folder, so nothing in it is read. "
        "Ask whoever looks after this computer to let pillarbox write to it."
    ),
    Hindrance.DISK_FULL: (
        "The disk is full, so this file could not be kept safely. It stays here and is read once there is room. "
        "Ask whoever looks after this computer to make some."
    ),
    Hindrance.NOT_KEPT: (
        "The disk did not keep this file as it should. It stays here and is tried again every minute. "
        "Tell whoever looks after this computer."
    ),
    Hindrance.RECORD_AWAY: (
        "The record could not be written to just now. This file stays here and is tried again every minute. "
        "If that lasts, tell whoever looks after this computer."
    ),
    Hindrance.UNFORESEEN: (
        "Something went wrong with this file that we had not thought of. It stays here and is tried again every "
        "minute. Tell whoever looks after pillarbox here."
    ),
}


def hindrance_in(error: Exception) -> Hindrance:
    """What an error that a file met on its way into the record amounts to."""
    if isinstance(error, sqlite3.Error):
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        return Hindrance.DISK_FULL if full else Hindrance.RECORD_AWAY
    if isinstance(error, OSError):
        return Hindrance.DISK_FULL if error.errno in _FULL else Hindrance.NOT_KEPT
    return Hindrance.UNFORESEEN


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
