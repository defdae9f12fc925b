"""The file `staff.db` beside no answers: accounts, sessions and failed tries. Nothing in it signs anybody in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, salt BLOB NOT NULL, cost TEXT NOT NULL, hash BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS withheld (name TEXT NOT NULL, what TEXT NOT NULL, PRIMARY KEY (name, what));
CREATE TABLE IF NOT EXISTS sign_ins (name TEXT NOT NULL, at TEXT NOT NULL, how TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sign_ins_by_time ON sign_ins (at);
CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY, name TEXT NOT NULL REFERENCES users (name), form_token TEXT NOT NULL,
    began TEXT NOT NULL, last_seen TEXT NOT NULL, how TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS failed_tries (name TEXT NOT NULL, address TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS failed_tries_by_name ON failed_tries (name, at);
"""


@contextmanager
def staff_file(private: Path) -> Iterator[sqlite3.Connection]:
    """Open the file of accounts for one transaction, made so that only its owner can read it."""
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = private / "staff.db"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path, timeout=30)) as db:
        _drop_sessions_of_before(db)
        db.executescript(_TABLES)
        db.execute("BEGIN IMMEDIATE")
        with db:
            yield db


def _drop_sessions_of_before(db: sqlite3.Connection) -> None:
    """Do away with sessions from before they said how somebody signed in: after an update, everybody does once more."""
    columns = {row[1] for row in db.execute("PRAGMA table_info(sessions)")}
    if columns and "how" not in columns:
        db.execute("DROP TABLE sessions")


def as_kept(moment: datetime) -> str:
    """Return a moment as the file keeps it: in UTC, to the second, so that texts sort as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
