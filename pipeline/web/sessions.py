"""Who of the staff is signed in: sessions, failed tries, and who signed in when.

A session's token is kept only as its SHA-256. Too many failed tries close sign-in for some minutes.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.web.accounts import How, Signed, withheld_from
from pipeline.web.passwords import KeptPassword, is_right
from pipeline.web.roles import allowed
from pipeline.web.staff_file import as_kept, staff_file

SESSION_HOURS = 10
"""A working day: nobody is asked twice in one, and nobody stays signed in overnight."""

IDLE_MINUTES = 60
"""A desk left alone for an hour signs itself out."""

TRIES = 5
TRIES_PER_NAME = 30
TRY_MINUTES = 15
"""Failed tries within so many minutes: from one address for one name, and from anywhere for one name."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, when (UTC, as text), and how."""

    name: str
    at: str
    how: str


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """Sign-in is closed for this name, or from this address, for some minutes."""


def sign_ins(private: Path, most: int) -> tuple[SignIn, ...]:
    """Return who signed in of late, the latest first."""
    with staff_file(private) as db:
        rows = db.execute("SELECT name, at, how FROM sign_ins ORDER BY at DESC, rowid DESC LIMIT ?", [most]).fetchall()
        return tuple(SignIn(*row) for row in rows)


def check_sign_in(private: Path, name: str, password: str, address: str, now: datetime) -> str | TooManyTries | None:
    """Begin a session and return its token; None when name and password do not belong together.

    Takes as long for a name that nobody has as for a wrong password.
    """
    name = name.strip()
    with staff_file(private) as db:
        if _tried_too_often(db, name, address, now):
            return TooManyTries()
        row = db.execute("SELECT salt, cost, hash FROM users WHERE name = ?", [name]).fetchone()
    right = is_right(password, KeptPassword(*row) if row else None)
    with staff_file(private) as db:
        if not right:
            db.execute("INSERT INTO failed_tries VALUES (?, ?, ?)", [name, address, as_kept(now)])
            return None
        db.execute("DELETE FROM failed_tries WHERE name = ? AND address = ?", [name, address])
        return _begin(db, name, How.PASSWORD, now)


def sign_in_known(private: Path, name: str, now: datetime) -> str | None:
    """Begin a session for somebody whom the council's own sign-on has let in; None where there is no such account."""
    with staff_file(private) as db:
        if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone() is None:
            return None
        return _begin(db, name, How.COUNCIL, now)


def _begin(db: sqlite3.Connection, name: str, how: How, now: datetime) -> str:
    """Begin a session, put it on record, and return its token."""
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO sessions (token_hash, name, form_token, began, last_seen, how) VALUES (?, ?, ?, ?, ?, ?)",
        [_fingerprint(token), name, secrets.token_urlsafe(32), as_kept(now), as_kept(now), how],
    )
    db.execute("INSERT INTO sign_ins (name, at, how) VALUES (?, ?, ?)", [name, as_kept(now), how])
    return token


def signed_in(private: Path, token: str, now: datetime) -> Signed | None:
    """Return who a session belongs to, and note that it is in use; None when it is not one or has ended."""
    with staff_file(private) as db:
        db.execute(
            "DELETE FROM sessions WHERE began <= ? OR last_seen <= ?",
            [as_kept(now - timedelta(hours=SESSION_HOURS)), as_kept(now - timedelta(minutes=IDLE_MINUTES))],
        )
        row = db.execute(
            "SELECT name, u.role, s.form_token, s.how FROM sessions s JOIN users u USING (name) WHERE s.token_hash = ?",
            [_fingerprint(token)],
        ).fetchone()
        if row is None:
            return None
        db.execute(
            "UPDATE sessions SET last_seen = ? WHERE token_hash = ? AND last_seen < ?",
            [as_kept(now), _fingerprint(token), as_kept(now - timedelta(minutes=1))],
        )
        name, role, form_token, how = row
        return Signed(name, role, form_token, allowed(role, withheld_from(db, name)), How(how))


def sign_out(private: Path, token: str) -> None:
    """End a session."""
    with staff_file(private) as db:
        db.execute("DELETE FROM sessions WHERE token_hash = ?", [_fingerprint(token)])


def _tried_too_often(db: sqlite3.Connection, name: str, address: str, now: datetime) -> bool:
    db.execute("DELETE FROM failed_tries WHERE at <= ?", [as_kept(now - timedelta(minutes=TRY_MINUTES))])
    for_name, from_here = db.execute(
        "SELECT COUNT(*), COALESCE(SUM(address = ?), 0) FROM failed_tries WHERE name = ?", [address, name]
    ).fetchone()
    (from_address,) = db.execute("SELECT COUNT(*) FROM failed_tries WHERE address = ?", [address]).fetchone()
    return bool(from_here >= TRIES or for_name >= TRIES_PER_NAME or from_address >= TRIES_PER_NAME)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
