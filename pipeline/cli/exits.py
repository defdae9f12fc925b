"""One exit code for each kind of trouble, and the one place where trouble becomes a message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pipeline.form.lay_out import LayoutError
from pipeline.inbox.hold import InboxHeldError
from pipeline.inbox.shelf import NotKeptError
from pipeline.site import SiteError, UnknownFormError, WrongDefinitionError
from pipeline.store.database import StoreError

EXIT_CODES: dict[type[Exception], int] = {
    UnknownFormError: 3,
    WrongDefinitionError: 4,
    StoreError: 5,
    SiteError: 6,
    LayoutError: 7,
    InboxHeldError: 8,
    NotKeptError: 9,
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
        click.echo(str(error), err=True)
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind)))
