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
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore

from pipeline.site import SiteError
from pipeline.web.roles import ROLES, May, allowed

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


class AccountError(SiteError):
    """An account cannot be made as asked; the message says what to do."""


class How(StrEnum):
    """How somebody signed in."""

    PASSWORD = "password"
    COUNCIL = "council sign-on"


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in, and what this person may do.

    `form_token` goes into every form of theirs and must come back with it.
    """

    name: str
    role: str
    form_token: str
    may: frozenset[May]
    how: How = How.PASSWORD

    @property
    def may_decide(self) -> bool:
        """Whether this person settles doubts."""
        return May.DECIDE in self.may

    @property
    def may_see_pages(self) -> bool:
        """Whether this person is shown whole pages, and not only the places in doubt."""
        return May.SEE_PAGES in self.may

    @property
    def may_see_personal(self) -> bool:
        """Whether this person is shown comments and answers to sensitive questions."""
        return May.SEE_PERSONAL in self.may

    def can(self, name: str) -> bool:
        """Return whether this person may do what is called `name` in `May`, as templates ask."""
        return May[name] in self.may


@dataclass(frozen=True, slots=True)
class Account:
    """One account as its keeper sees it: `last_sign_in` is a moment in UTC as text, None where there was none yet."""

    name: str
    role: str
    withheld: frozenset[str]
    last_sign_in: str | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, when (UTC, as text), and how."""

    name: str
    at: str
    how: str


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """Sign-in is closed for this name, or from this address, for some minutes."""


def add_user(private: Path, name: str, role: str, password: str | None, withheld: Collection[str] = ()) -> None:
    """Let `name` sign in, or give an account a new password and role and sign it out everywhere.

    `private` is the site's folder for secrets. Without a password only the council's own sign-on lets this person in.
    `withheld` (keys of `roles.WITHHELD`) is kept from this person whatever the role. Raises AccountError.
    """
    name = name.strip()
    if not name or len(name) > 60 or not name.isprintable():
        raise AccountError("Give a name of 1 to 60 letters, such as mair.evans.")
    if role not in ROLES:
        raise AccountError(f"There is no role “{role}”. The roles are {', '.join(ROLES)}.")
    if password is not None:
        _refuse_weak(password)
    salt = secrets.token_bytes(16)
    cost = ",".join(map(str, _SCRYPT_COST))
    hashed = b"" if password is None else _hash(password, salt, cost)
    with _staff(private) as db:
        db.execute("DELETE FROM sessions WHERE name = ?", [name])
        db.execute(
            "INSERT INTO users (name, role, salt, cost, hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET role = excluded.role, salt = excluded.salt, cost = excluded.cost, hash = excluded.hash",
            [name, role, salt, cost, hashed],
        )
        db.execute("DELETE FROM withheld WHERE name = ?", [name])
        db.executemany("INSERT INTO withheld VALUES (?, ?)", [(name, each) for each in sorted(set(withheld))])


def remove_user(private: Path, name: str) -> None:
    """Let `name` sign in no longer, and sign it out everywhere; what it did stays on record. Raises AccountError."""
    with _staff(private) as db:
        if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone() is None:
            raise AccountError(f"There is no account “{name}”. The command user list names them all.")
        for table in ("sessions", "withheld", "users"):
            db.execute(f"DELETE FROM {table} WHERE name = ?", [name])


def accounts(private: Path) -> tuple[Account, ...]:
    """Return every account, in the order of their names."""
    with _staff(private) as db:
        rows = db.execute(
            "SELECT name, role, (SELECT MAX(at) FROM sign_ins i WHERE i.name = u.name) FROM users u ORDER BY name"
        ).fetchall()
        return tuple(Account(name, role, _withheld(db, name), last) for name, role, last in rows)


def may_of(private: Path, name: str) -> frozenset[May]:
    """Return what somebody may do. Raises AccountError where there is no such account."""
    with _staff(private) as db:
        row = db.execute("SELECT role FROM users WHERE name = ?", [name.strip()]).fetchone()
        if row is None:
            raise AccountError(f"There is no account “{name}”. The command user list names them all.")
        return allowed(row[0], _withheld(db, name.strip()))


def sign_ins(private: Path, most: int) -> tuple[SignIn, ...]:
    """Return who signed in of late, the latest first."""
    with _staff(private) as db:
        rows = db.execute("SELECT name, at, how FROM sign_ins ORDER BY at DESC, rowid DESC LIMIT ?", [most]).fetchall()
        return tuple(SignIn(*row) for row in rows)


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
        return _begin(db, name, How.PASSWORD, now)


def sign_in_known(private: Path, name: str, now: datetime) -> str | None:
    """Begin a session for somebody whom the council's own sign-on has let in; None where there is no such account."""
    with _staff(private) as db:
        if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone() is None:
            return None
        return _begin(db, name, How.COUNCIL, now)


def _begin(db: sqlite3.Connection, name: str, how: How, now: datetime) -> str:
    """Begin a session, put it on record, and return its token."""
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO sessions (token_hash, name, form_token, began, last_seen, how) VALUES (?, ?, ?, ?, ?, ?)",
        [_fingerprint(token), name, secrets.token_urlsafe(32), _text(now), _text(now), how],
    )
    db.execute("INSERT INTO sign_ins (name, at, how) VALUES (?, ?, ?)", [name, _text(now), how])
    return token


def signed_in(private: Path, token: str, now: datetime) -> Signed | None:
    """Return who a session belongs to, and note that it is in use; None when it is not one or has ended."""
    with _staff(private) as db:
        db.execute(
            "DELETE FROM sessions WHERE began <= ? OR last_seen <= ?",
            [_text(now - timedelta(hours=SESSION_HOURS)), _text(now - timedelta(minutes=IDLE_MINUTES))],
        )
        row = db.execute(
            "SELECT name, u.role, s.form_token, s.how FROM sessions s JOIN users u USING (name) WHERE s.token_hash = ?",
            [_fingerprint(token)],
        ).fetchone()
        if row is None:
            return None
        db.execute(
            "UPDATE sessions SET last_seen = ? WHERE token_hash = ? AND last_seen < ?",
            [_text(now), _fingerprint(token), _text(now - timedelta(minutes=1))],
        )
        name, role, form_token, how = row
        return Signed(name, role, form_token, allowed(role, _withheld(db, name)), How(how))


def sign_out(private: Path, token: str) -> None:
    """End a session."""
    with _staff(private) as db:
        db.execute("DELETE FROM sessions WHERE token_hash = ?", [_fingerprint(token)])


def anybody(private: Path) -> bool:
    """Whether there is any account yet."""
    with _staff(private) as db:
        return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None


def _withheld(db: sqlite3.Connection, name: str) -> frozenset[str]:
    return frozenset(what for (what,) in db.execute("SELECT what FROM withheld WHERE name = ?", [name]))


def _refuse_weak(password: str) -> None:
    """Raise AccountError for a password that is too short or cannot be typed everywhere."""
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError(
            f"The password is too short: use {SHORTEST_PASSWORD} characters or more, such as four words."
        )
    if not password.isprintable() or not password.strip():
        raise AccountError("The password holds nothing, or signs that cannot be typed everywhere. Choose another.")


@contextmanager
def _staff(private: Path) -> Iterator[sqlite3.Connection]:
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
