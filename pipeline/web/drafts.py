"""Answers that somebody has begun and not sent yet: in a file of their own, under a random address, for a day.

They are no part of the record: nobody who works with that can come upon them, and what is erased here is gone.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from pipeline.form.code import ALPHABET
from pipeline.web.guard import Fields

IDLE_HOURS = 24
"""How long an address opens answers after the last page was sent. WCAG 2.2.1 asks for more than 20 hours where nothing
warns."""

KEPT_DAYS = 30
"""How long they wait for somebody who asked to come back, from the day of asking or of coming back; never longer than
the form is open."""

PRESSED_TWICE_S = 60
"""Seconds within which the same press may come once more: a second click, or a connection that broke on the way back,
which a person tries again within a minute."""

RETURN_LENGTH = 12
"""Symbols of the code to come back by: 31**12 of them (59 bits), so that none can be guessed, in three groups of four
to write down. Copies have 8 and receipts 10, so that a code says by its length what it is."""

_TABLES = """
CREATE TABLE IF NOT EXISTS drafts (
    address TEXT PRIMARY KEY, return_code TEXT NOT NULL UNIQUE, form TEXT NOT NULL, submission_key TEXT NOT NULL,
    fields TEXT NOT NULL, kept_on TEXT, erase_at TEXT NOT NULL, open_until TEXT
);
CREATE INDEX IF NOT EXISTS drafts_by_end ON drafts (erase_at);
"""

_COLUMNS = "address, return_code, form, submission_key, fields, kept_on, erase_at, open_until"


@dataclass(frozen=True, slots=True)
class Draft:
    """One form that somebody has begun. `address` is in the addresses of its pages; `return_code` a person writes down.

    The history of a shared computer holds the address. So it opens the answers only until `open_until`, and no longer
    (None) once somebody has asked to come back later, at `kept_on`: then the code does, and gives a new address.
    """

    address: str
    return_code: str
    form: str
    submission_key: str
    fields: Fields
    kept_on: datetime | None
    erase_at: datetime
    open_until: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether the address alone opens the answers."""
        return self.open_until is not None and now < self.open_until

    def was_just_kept(self, now: datetime) -> bool:
        """Whether somebody asked a moment ago to come back later, and may be asking once more with the same press."""
        return (
            self.open_until is None
            and self.kept_on is not None
            and now < self.kept_on + timedelta(seconds=PRESSED_TWICE_S)
        )


class Drafts:
    """The file `drafts.db` in a site's folder for secrets; one connection, which requests take turns at."""

    def __init__(self, private: Path) -> None:
        self._private = private
        self._turn = Lock()
        self._db: sqlite3.Connection | None = None

    def begin(self, form: str, submission_key: str, fields: Fields, now: datetime) -> Draft:
        """Begin a form."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(RETURN_LENGTH))
        end = now + timedelta(hours=IDLE_HOURS)
        draft = Draft(_new_address(), code, form, submission_key, fields, None, end, end)
        with self._open() as db:
            db.execute(
                f"INSERT INTO drafts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, NULL, ?, ?)",
                [draft.address, code, form, submission_key, json.dumps(fields), _text(end), _text(end)],
            )
        return draft

    def find(self, form: str, address: str, now: datetime) -> Draft | None:
        """Return what was begun of a form under an address, None where nothing is kept there any more."""
        with self._open() as db:
            return _one(db, "address = ? AND form = ?", [address, form], now)

    def add(self, draft: Draft, fields: Fields, now: datetime) -> Draft | None:
        """Lay newly sent fields over those of before, and return the draft; None where it is gone or closed."""
        with self._open() as db:
            known = _one(db, "address = ?", [draft.address], now)
            if known is None or not known.is_open(now):
                return None
            idle = now + timedelta(hours=IDLE_HOURS)
            db.execute(
                "UPDATE drafts SET fields = ?, erase_at = ?, open_until = ? WHERE address = ?",
                [
                    json.dumps({**known.fields, **fields}),
                    _text(max(known.erase_at, idle)),
                    _text(idle),
                    draft.address,
                ],
            )
            return _one(db, "address = ?", [draft.address], now)

    def keep(self, draft: Draft, now: datetime, until: datetime) -> Draft:
        """Keep a draft for somebody who wants to come back by its code, and return it: its address opens it no more."""
        with self._open() as db:
            db.execute(
                "UPDATE drafts SET kept_on = ?, erase_at = ?, open_until = NULL WHERE address = ?",
                [_text(now), _text(until), draft.address],
            )
        return replace(draft, kept_on=now, erase_at=until, open_until=None)

    def find_kept(self, return_code: str, now: datetime) -> Draft | None:
        """Return what is kept for whoever has a code, None where nothing is."""
        with self._open() as db:
            return _one(db, "return_code = ? AND kept_on IS NOT NULL", [return_code], now)

    def take_up(self, draft: Draft, now: datetime, until: datetime) -> Draft:
        """Open a kept draft at a new address, so that the one of before leads nowhere, and keep it anew."""
        address, idle = _new_address(), now + timedelta(hours=IDLE_HOURS)
        with self._open() as db:
            db.execute(
                "UPDATE drafts SET address = ?, erase_at = ?, open_until = ? WHERE return_code = ?",
                [address, _text(until), _text(idle), draft.return_code],
            )
        return replace(draft, address=address, erase_at=until, open_until=idle)

    def erase(self, draft: Draft) -> None:
        """Erase a draft: it was sent, or its owner wants it gone."""
        with self._open() as db:
            db.execute("DELETE FROM drafts WHERE return_code = ?", [draft.return_code])

    def erase_old(self, now: datetime) -> None:
        """Erase whatever has waited too long, and take what was erased before out of the file's journal as well."""
        with self._open() as db:
            db.execute("DELETE FROM drafts WHERE erase_at <= ?", [_text(now)])
        with self._turn:
            assert self._db is not None
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            if self._db is not None:
                self._db.close()
                self._db = None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for one transaction."""
        with self._turn:
            if self._db is None:
                self._db = _connected(self._private)
            with self._db:
                yield self._db


def _connected(private: Path) -> sqlite3.Connection:
    """Open the file, made so that only its owner can read it.

    Nothing is lost of it when a process ends, however it ends; a power cut may cost the last pages somebody sent
    (`synchronous=NORMAL`), who then sends them again. `secure_delete` overwrites what is erased.
    """
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = private / "drafts.db"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    db = sqlite3.connect(path, timeout=30, check_same_thread=False)
    for setting in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
        db.execute(f"PRAGMA {setting}")
    db.executescript(_TABLES)
    _close_what_was_kept_before(db)
    return db


def _close_what_was_kept_before(db: sqlite3.Connection) -> None:
    """Bring a file up to date that is from before addresses were closed: what is kept there opens by its code alone."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        if "open_until" not in {row[1] for row in db.execute("PRAGMA table_info(drafts)")}:
            db.execute("ALTER TABLE drafts ADD COLUMN open_until TEXT")
            db.execute("UPDATE drafts SET open_until = erase_at WHERE kept_on IS NULL")


def _one(db: sqlite3.Connection, condition: str, values: list[str], now: datetime) -> Draft | None:
    row = db.execute(
        f"SELECT {_COLUMNS} FROM drafts WHERE {condition} AND erase_at > ?", [*values, _text(now)]
    ).fetchone()
    if row is None:
        return None
    address, code, form, key, fields, kept_on, erase_at, open_until = row
    return Draft(
        address,
        code,
        form,
        key,
        {name: tuple(sent) for name, sent in json.loads(fields).items()},
        datetime.fromisoformat(kept_on) if kept_on else None,
        datetime.fromisoformat(erase_at),
        datetime.fromisoformat(open_until) if open_until else None,
    )


def _new_address() -> str:
    return secrets.token_urlsafe(16)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def spoken_return_code(code: str) -> str:
    """Return the code to come back by in groups of four, as a person writes it down: `7Q2M ABCD EFGH`."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))
