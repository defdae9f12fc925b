"""One exit code for each kind of trouble, and the one place where trouble becomes a message."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pipeline.form.layout import LayoutError
from pipeline.inbox.hold import InboxHeldError
from pipeline.inbox.shelf import NotKeptError
from pipeline.site import SiteError, UnknownAnswerError, UnknownFormError, WrongDefinitionError
from pipeline.store.database import StoreError
from pipeline.tables.extras import ExtraMissingError

EXIT_CODES: dict[type[Exception], int] = {
    UnknownFormError: 3,
    UnknownAnswerError: 3,
    WrongDefinitionError: 4,
    StoreError: 5,
    sqlite3.DatabaseError: 5,
    SiteError: 6,
    LayoutError: 7,
    InboxHeldError: 8,
    NotKeptError: 9,
    OSError: 10,
    ExtraMissingError: 11,
}
"""Exit codes by kind of trouble, the more special kind first; 0 is done and 2 is a command used wrongly."""

OTHER_ERRORS = 1
"""The exit code of `check` when a definition is wrong and of `doctor` when something is missing."""


@contextmanager
def told() -> Iterator[None]:
    """Turn trouble inside the block into its message on standard error and its exit code."""
    try:
        yield
    except tuple(EXIT_CODES) as error:
        click.echo(_message(error), err=True)
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind)))


def _message(error: Exception) -> str:
    """Say what happened and what to do, also where a library only says what it could not do."""
    if isinstance(error, sqlite3.DatabaseError):
        return (
            f"The record could not be read or written ({error}). Nothing that was recorded is lost. "
            "Look whether the disk is full or another program holds pillarbox.db, then try again."
        )
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return f"A file could not be read or written:{where} ({error.strerror or error}). Mend that and try again."
    return str(error)
