"""Accounts of staff: who may sign in, and what each of them may do."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.site import SiteError
from pipeline.web.passwords import kept_of, why_weak
from pipeline.web.roles import ROLES, May, allowed
from pipeline.web.staff_file import staff_file


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
    if password is not None and (weak := why_weak(password)):
        raise AccountError(weak)
    kept = kept_of(password)
    with staff_file(private) as db:
        db.execute("DELETE FROM sessions WHERE name = ?", [name])
        db.execute(
            "INSERT INTO users (name, role, salt, cost, hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET role = excluded.role, salt = excluded.salt, cost = excluded.cost, hash = excluded.hash",
            [name, role, kept.salt, kept.cost, kept.hash],
        )
        db.execute("DELETE FROM withheld WHERE name = ?", [name])
        db.executemany("INSERT INTO withheld VALUES (?, ?)", [(name, each) for each in sorted(set(withheld))])


def remove_user(private: Path, name: str) -> None:
    """Let `name` sign in no longer, and sign it out everywhere; what it did stays on record. Raises AccountError."""
    with staff_file(private) as db:
        if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone() is None:
            raise AccountError(f"There is no account “{name}”. The command user list names them all.")
        for table in ("sessions", "withheld", "users"):
            db.execute(f"DELETE FROM {table} WHERE name = ?", [name])


def accounts(private: Path) -> tuple[Account, ...]:
    """Return every account, in the order of their names."""
    with staff_file(private) as db:
        rows = db.execute(
            "SELECT name, role, (SELECT MAX(at) FROM sign_ins i WHERE i.name = u.name) FROM users u ORDER BY name"
        ).fetchall()
        return tuple(Account(name, role, withheld_from(db, name), last) for name, role, last in rows)


def may_of(private: Path, name: str) -> frozenset[May]:
    """Return what somebody may do. Raises AccountError where there is no such account."""
    with staff_file(private) as db:
        row = db.execute("SELECT role FROM users WHERE name = ?", [name.strip()]).fetchone()
        if row is None:
            raise AccountError(f"There is no account “{name}”. The command user list names them all.")
        return allowed(row[0], withheld_from(db, name.strip()))


def anybody(private: Path) -> bool:
    """Whether there is any account yet."""
    with staff_file(private) as db:
        return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None


def withheld_from(db: sqlite3.Connection, name: str) -> frozenset[str]:
    """Return what is kept from somebody whatever the role (keys of `roles.WITHHELD`)."""
    return frozenset(what for (what,) in db.execute("SELECT what FROM withheld WHERE name = ?", [name]))
