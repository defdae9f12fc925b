"""Who of the staff may sign in: accounts, sessions and failed tries, in a file of their own beside no answers.

Passwords are hashed with scrypt (RFC 7914) at the cost OWASP's password storage guidance asks for; a session's
token is kept only as its SHA-256. Nothing in the file signs anybody in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore

from pipeline.site import SiteError

ROLES = ("desk", "reviewer", "analyst", "manager")
DECIDING = frozenset({"desk", "reviewer", "manager"})
"""Roles that may settle doubts; an analyst may look."""

SHORTEST_PASSWORD = 10
"""Characters. Length is what counts; NIST SP 800-63B asks for 8 at least and no rules about kinds of characters."""

SESSION_HOURS = 10
"""A working day: nobody is asked twice in one, and nobody stays signed in overnight."""

IDLE_MINUTES = 60
"""A desk left alone for an hour signs itself out."""

TRIES = 5
TRIES_PER_NAME = 30
TRY_MINUTES = 15
"""Failed tries within so many minutes: from one address for one name, and from anywhere for one name."""

_SCRYPT_COST = (2**15, 8, 3)
"""N, r, p: 32 MB and about a quarter of a second a try (OWASP password storage cheat sheet, 2024)."""

_SCRYPT_ROOM = 2**20
"""Bytes that scrypt may use beside its 128·N·r."""

_AT_ONCE = BoundedSemaphore(2)
"""Passwords checked at the same time: each takes 32 MB, and guessing must not slow the residents' forms."""

_TABLES = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, salt BLOB NOT NULL, cost TEXT NOT NULL, hash BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS crops_only (name TEXT PRIMARY KEY REFERENCES users (name));
CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY, name TEXT NOT NULL REFERENCES users (name), form_token TEXT NOT NULL,
    began TEXT NOT NULL, last_seen TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS failed_tries (name TEXT NOT NULL, address TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS failed_tries_by_name ON failed_tries (name, at);
"""


class AccountError(SiteError):
    """An account cannot be made as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in: `form_token` goes into every form of theirs and must come back with it.

    `crops_only`: this person is shown the places in doubt and never a whole page.
    """

    name: str
    role: str
    form_token: str
    crops_only: bool = False

    @property
    def may_decide(self) -> bool:
        """Whether the role settles doubts."""
        return self.role in DECIDING


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """Sign-in is closed for this name, or from this address, for some minutes."""


def add_user(private: Path, name: str, role: str, password: str, crops_only: bool = False) -> None:
    """Let `name` sign in, or give an account a new password and role and sign it out everywhere.

    `private` is the site's folder for secrets. `crops_only` keeps whole pages from somebody who is to see no more than
    the places in doubt. Raises AccountError.
    """
    name = name.strip()
    if not name or len(name) > 60 or not name.isprintable():
        raise AccountError("Give a name of 1 to 60 letters, such as mair.evans.")
    if role not in ROLES:
        raise AccountError(f"There is no role “{role}”. The roles are {', '.join(ROLES)}.")
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError(
            f"The password is too short: use {SHORTEST_PASSWORD} characters or more, such as four words."
        )
    if not password.isprintable() or not password.strip():
        raise AccountError("The password holds nothing, or signs that cannot be typed everywhere. Choose another.")
    salt = secrets.token_bytes(16)
    cost = ",".join(map(str, _SCRYPT_COST))
    with _staff(private) as db:
        db.execute("DELETE FROM sessions WHERE name = ?", [name])
        db.execute(
            "INSERT INTO users (name, role, salt, cost, hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET role = excluded.role, salt = excluded.salt, cost = excluded.cost, hash = excluded.hash",
            [name, role, salt, cost, _hash(password, salt, cost)],
        )
        db.execute("DELETE FROM crops_only WHERE name = ?", [name])
        if crops_only:
            db.execute("INSERT INTO crops_only VALUES (?)", [name])


def check_sign_in(private: Path, name: str, password: str, address: str, now: datetime) -> str | TooManyTries | None:
    """Begin a session and return its token; None when name and password do not belong together.

    Takes as long for a name that nobody has as for a wrong password.
    """
    name = name.strip()
    with _staff(private) as db:
        if _tried_too_often(db, name, address, now):
            return TooManyTries()
        row = db.execute("SELECT salt, cost, hash FROM users WHERE name = ?", [name]).fetchone()
    salt, cost, expected = row or (b"nobody", ",".join(map(str, _SCRYPT_COST)), b"")
    right = hmac.compare_digest(_hash(password, salt, cost), expected)
    with _staff(private) as db:
        if not right:
            db.execute("INSERT INTO failed_tries VALUES (?, ?, ?)", [name, address, _text(now)])
            return None
        db.execute("DELETE FROM failed_tries WHERE name = ? AND address = ?", [name, address])
        token = secrets.token_urlsafe(32)
        db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
            [_fingerprint(token), name, secrets.token_urlsafe(32), _text(now), _text(now)],
        )
        return token


def signed_in(private: Path, token: str, now: datetime) -> Signed | None:
    """Return who a session belongs to, and note that it is in use; None when it is not one or has ended."""
    with _staff(private) as db:
        db.execute(
            "DELETE FROM sessions WHERE began <= ? OR last_seen <= ?",
            [_text(now - timedelta(hours=SESSION_HOURS)), _text(now - timedelta(minutes=IDLE_MINUTES))],
        )
        row = db.execute(
            "SELECT name, u.role, s.form_token, c.name IS NOT NULL FROM sessions s JOIN users u USING (name)"
            " LEFT JOIN crops_only c USING (name) WHERE s.token_hash = ?",
            [_fingerprint(token)],
        ).fetchone()
        if row is None:
            return None
        db.execute(
            "UPDATE sessions SET last_seen = ? WHERE token_hash = ? AND last_seen < ?",
            [_text(now), _fingerprint(token), _text(now - timedelta(minutes=1))],
        )
        person, role, form_token, crops_only = row
        return Signed(person, role, form_token, bool(crops_only))


def sign_out(private: Path, token: str) -> None:
    """End a session."""
    with _staff(private) as db:
        db.execute("DELETE FROM sessions WHERE token_hash = ?", [_fingerprint(token)])


def anybody(private: Path) -> bool:
    """Whether there is any account yet."""
    with _staff(private) as db:
        return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None


@contextmanager
def _staff(private: Path) -> Iterator[sqlite3.Connection]:
    """Open the file of accounts for one transaction, made so that only its owner can read it."""
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = private / "staff.db"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.executescript(_TABLES)
        db.execute("BEGIN IMMEDIATE")
        with db:
            yield db


def _tried_too_often(db: sqlite3.Connection, name: str, address: str, now: datetime) -> bool:
    db.execute("DELETE FROM failed_tries WHERE at <= ?", [_text(now - timedelta(minutes=TRY_MINUTES))])
    for_name, from_here = db.execute(
        "SELECT COUNT(*), COALESCE(SUM(address = ?), 0) FROM failed_tries WHERE name = ?", [address, name]
    ).fetchone()
    (from_address,) = db.execute("SELECT COUNT(*) FROM failed_tries WHERE address = ?", [address]).fetchone()
    return bool(from_here >= TRIES or for_name >= TRIES_PER_NAME or from_address >= TRIES_PER_NAME)


def _hash(password: str, salt: bytes, cost: str) -> bytes:
    n, r, p = map(int, cost.split(","))
    with _AT_ONCE:
        return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_SCRYPT_ROOM + 128 * n * r)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
