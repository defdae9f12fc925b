"""Library screens: tablets that staff have set up for people to answer on, one after another, also without a network.

Each has a code, which only whoever sets the tablet up sees. The tablet shows it with everything it asks and sends, in a
cookie that scripts cannot read, so that nobody else can pass for a library screen. Kept in a file of its own beside the
staff accounts; of the code only a hash.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.form.code import ALPHABET
from pipeline.site import SiteError

CODE_LENGTH = 16
"""Symbols of a kiosk's code: 31**16 of them (79 bits). It is typed once, when the tablet is set up."""

LONGEST_NAME = 60

_TABLES = """
CREATE TABLE IF NOT EXISTS kiosks (
    name TEXT PRIMARY KEY, code_hash TEXT NOT NULL UNIQUE, heard_at TEXT, waiting INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0, oldest TEXT
)
"""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """One library screen, as it last told about itself.

    `heard_at` is a moment in UTC as text, None where it was never heard of; `waiting` forms were on it to be sent, the
    oldest finished at `oldest`, and `refused` forms need somebody.
    """

    name: str
    code_hash: str
    heard_at: str | None
    waiting: int
    refused: int
    oldest: str | None


@dataclass(frozen=True, slots=True)
class KioskTells:
    """What a library screen tells of the forms on it."""

    waiting: int
    refused: int
    oldest: str | None


def add_kiosk(private: Path, name: str) -> str:
    """Let a tablet be the library screen `name`, and return its code. A name used again gets another code.

    Raises SiteError for a name that cannot be shown.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SiteError(f"Give a name of 1 to {LONGEST_NAME} letters, such as “Penarth Library”.")
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with _kiosks(private) as db:
        db.execute(
            "INSERT INTO kiosks (name, code_hash) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
            " SET code_hash = excluded.code_hash",
            [name, fingerprint(code)],
        )
    return code


def remove_kiosk(private: Path, name: str) -> None:
    """Let a tablet be a library screen no longer; what it has sent stays on record. Raises SiteError."""
    with _kiosks(private) as db:
        if db.execute("DELETE FROM kiosks WHERE name = ?", [name]).rowcount == 0:
            raise SiteError(f"There is no library screen “{name}”. The command kiosk list names them all.")


def kiosks(private: Path) -> tuple[Kiosk, ...]:
    """Return every library screen, in the order of their names."""
    with _kiosks(private) as db:
        rows = db.execute("SELECT name, code_hash, heard_at, waiting, refused, oldest FROM kiosks ORDER BY name")
        return tuple(Kiosk(*row) for row in rows)


def kiosk_with(private: Path, code: str) -> Kiosk | None:
    """Return the library screen that a code belongs to, None where it is nobody's."""
    return next((each for each in kiosks(private) if each.code_hash == fingerprint(code)), None)


def hear_from(private: Path, name: str, tells: KioskTells, now: datetime) -> None:
    """Note what a library screen tells of the forms on it."""
    heard = now.astimezone(UTC).isoformat(timespec="seconds")
    with _kiosks(private) as db:
        db.execute(
            "UPDATE kiosks SET heard_at = ?, waiting = ?, refused = ?, oldest = ? WHERE name = ?",
            [heard, tells.waiting, tells.refused, tells.oldest, name],
        )


def fingerprint(code: str) -> str:
    """Return what is kept of a code, however it was typed. The tablet makes the same of what staff type on it."""
    tidy = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(tidy.encode()).hexdigest()


def spoken_kiosk_code(code: str) -> str:
    """Return a code in groups of four, as it stands in the address that sets a tablet up."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


@contextmanager
def _kiosks(private: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for one transaction, made so that only its owner can read it."""
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = private / "kiosks.db"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.execute(_TABLES)
        with db:
            yield db
