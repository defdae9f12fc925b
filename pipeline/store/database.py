"""One SQLite file through sqlite-utils: opened durably, written only inside immediate transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import uniform
from time import monotonic, sleep

from sqlite_utils import Database

from pipeline.store.schema import migrations
from pipeline.store.share import is_on_network

BUSY_SECONDS = 30.0
"""How long a writer waits for another: longer than any transaction of ours takes, shorter than a person's patience."""

_PRIMARY = 0xFF
"""The part of an extended result code that says what kind it is (SQLite, result codes)."""

_LOOK_AGAIN_S = (0.0005, 0.002)
"""Pauses while another writes: short beside a transaction of 5 ms, long beside the 0.02 ms that looking takes."""


class StoreError(Exception):
    """The store cannot be opened or trusted; the message says what to do."""


def open_store(path: Path, site: str = "main") -> Database:
    """Open the store at `path`, creating it for `site` or bringing it up to date.

    Write-ahead logging with `synchronous=FULL`: a commit that returned has reached the disk, which the inbox
    relies on before it lets an original go. Raises StoreError when the file is no store of ours, or lies on a network
    share.
    """
    if is_on_network(path.parent):
        raise StoreError(
            f"{path} lies on a network share, where a record is not safe. Keep the site on a disk of this computer; "
            "only the scanner may write to it from elsewhere."
        )
    try:
        return _opened(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False), site)
    except sqlite3.DatabaseError as error:
        raise StoreError(_advice(path, error)) from error


def open_to_read(path: Path) -> Database:
    """Open the store at `path` without ever writing to it. Raises StoreError when there is none."""
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)
        connection.execute("PRAGMA query_only = ON")
        return Database(connection)
    except sqlite3.DatabaseError as error:
        raise StoreError(_advice(path, error)) from error


def _opened(connection: sqlite3.Connection, site: str) -> Database:
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        db = Database(connection)
        if _is_behind(db):
            with immediately(db):
                migrations.apply(db)
                if not db.table("site").count:
                    db.table("site").insert({"name": site})
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return db


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set the journal of a new store; SQLite does not wait here where another process is just doing the same."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.05)


def _advice(path: Path, error: sqlite3.DatabaseError) -> str:
    """Say what to do. A full disk must not read as a broken record: moving that away would lose what was printed."""
    if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return (
            f"{path} cannot be opened as a pillarbox store ({error}). "
            "Move it away and put back your last copy of it; start with none only if nothing was ever printed."
        )
    return (
        f"{path} could not be opened or written ({error}). Leave it where it is. "
        "Look whether the disk is full and whether the folder may be written to, then try again."
    )


@contextmanager
def immediately(db: Database) -> Iterator[None]:
    """Run the block in one write transaction, taken at its start, so that it cannot fail half-way for a lock.

    A plain BEGIN takes the write lock only at the first write, and SQLite then refuses at once, whatever the
    timeout, when another writer came between (SQLITE_BUSY_SNAPSHOT).
    """
    _take_turn(db)
    try:
        yield
        db.conn.commit()
    except BaseException:
        db.conn.rollback()
        raise


def _take_turn(db: Database) -> None:
    """Begin to write as soon as no other process does.

    SQLite's own waiting looks again after ever longer pauses, up to a tenth of a second: of several writers that are
    busy all the time, one may go on being passed over, and the disk stands idle meanwhile. Looking again every
    millisecond or so, at moments drawn by chance, lets each have its turn.
    """
    patience = monotonic() + BUSY_SECONDS
    db.conn.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                db.conn.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_BUSY
                if not is_busy or monotonic() > patience:
                    raise
                sleep(uniform(*_LOOK_AGAIN_S))
    finally:
        db.conn.execute(f"PRAGMA busy_timeout = {int(1000 * BUSY_SECONDS)}")


@contextmanager
def as_it_stands(db: Database) -> Iterator[None]:
    """Read in the block all from one moment, whatever is written meanwhile; the block itself writes nothing."""
    db.conn.execute("BEGIN")
    try:
        yield
    finally:
        db.conn.rollback()


def site_name(db: Database) -> str:
    """Return the name of the site this store was made for."""
    return str(db.execute("SELECT name FROM site").fetchone()[0])


def _is_behind(db: Database) -> bool:
    return bool(migrations.pending(db)) or not db.table("site").count
