"""What reading paper and deciding about it came to need: blanks, readers, checks, the queue, stacks, single figures."""

from __future__ import annotations

import json

from sqlite_utils import Database

from pipeline.store.schema.steps import create, migrations


@migrations()
def m004_blanks(db: Database) -> None:
    """Every page as it left the printer, as a PNG file, so that ink can be told from print."""
    create(
        db,
        """
        CREATE TABLE blanks (
            layout TEXT NOT NULL REFERENCES layouts (layout),
            page INTEGER NOT NULL,
            px_per_mm REAL NOT NULL,
            picture BLOB NOT NULL,
            PRIMARY KEY (layout, page)
        )
        """,
    )


@migrations()
def m004_readers(db: Database) -> None:
    """What read each page: kept in full once, named in short by every page."""
    create(
        db,
        """
        CREATE TABLE readers (
            reader TEXT PRIMARY KEY,
            version TEXT NOT NULL,
            description TEXT NOT NULL,
            first_used TEXT NOT NULL
        )
        """,
        "ALTER TABLE pages ADD COLUMN reader TEXT",
    )


@migrations()
def m005_checks(db: Database) -> None:
    """Fields drawn to be checked by a person who does not see what the machine read there."""
    create(
        db,
        """
        CREATE TABLE checks (
            check_id TEXT PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            kind TEXT NOT NULL,
            standing TEXT NOT NULL,
            read_value TEXT,
            read_missing TEXT,
            entered_value TEXT,
            entered_missing TEXT,
            entered_by TEXT,
            entered_at TEXT,
            found_value TEXT,
            found_missing TEXT,
            found_by TEXT,
            found_at TEXT,
            sha256 TEXT NOT NULL,
            page INTEGER NOT NULL,
            box_mm TEXT NOT NULL,
            drawn_at TEXT NOT NULL,
            UNIQUE (submission, question)
        )
        """,
    )


@migrations()
def m006_shown_and_advised(db: Database) -> None:
    """The small picture of a page that was not read, by its hash; what is worth telling about how it was scanned."""
    create(db, "ALTER TABLE pages ADD COLUMN picture TEXT", "ALTER TABLE pages ADD COLUMN advice TEXT")


@migrations()
def m006_elsewhere(db: Database) -> None:
    """The layout of every page read; of forms made elsewhere whose it is, if told, and what scans of a sheet share."""
    create(
        db,
        "ALTER TABLE pages ADD COLUMN layout TEXT",
        "ALTER TABLE pages ADD COLUMN respondent TEXT",
        "ALTER TABLE pages ADD COLUMN likeness TEXT",
        "CREATE INDEX pages_by_respondent ON pages (respondent)",
        "CREATE INDEX pages_by_likeness ON pages (likeness)",
    )


@migrations()
def m007_remarks(db: Database) -> None:
    """What was written outside the fields, as people typed it: one line a page."""
    create(db, "ALTER TABLE submissions ADD COLUMN remarks TEXT NOT NULL DEFAULT ''")


@migrations()
def m008_queue(db: Database) -> None:
    """The turn of each doubt in the queue, and what people decided, whether taken back or not: who, and when."""
    create(
        db,
        "ALTER TABLE doubts ADD COLUMN turn TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX doubts_by_turn ON doubts (turn)",
        "CREATE INDEX doubts_by_reason ON doubts (reason)",
        """
        CREATE TABLE decisions (
            event TEXT PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            doubt TEXT,
            reason TEXT NOT NULL,
            value TEXT,
            missing TEXT,
            decided_by TEXT NOT NULL,
            decided_at TEXT NOT NULL,
            batch TEXT,
            undone_by TEXT,
            undone_at TEXT
        )
        """,
        "CREATE INDEX decisions_by_submission ON decisions (submission)",
        "CREATE INDEX decisions_by_doubt ON decisions (doubt, decided_at)",
        "CREATE INDEX decisions_by_time ON decisions (decided_at)",
        "CREATE INDEX decisions_by_person ON decisions (decided_by, decided_at)",
    )
    _line_up(db)
    _tell_of_decisions(db)


@migrations()
def m009_retired(db: Database) -> None:
    """From when on sheets of a form made elsewhere are read no more, UTC."""
    create(db, "ALTER TABLE layouts ADD COLUMN retired_at TEXT")


def _line_up(db: Database) -> None:
    """Give doubts that wait already their turn, by pages; they come nearer to it when their form is next added up."""
    db.execute(
        "UPDATE doubts SET turn = (SELECT s.received_at || ' ' || s.submission || ' ' || COALESCE(doubts.page, 0)"
        " || ' ' || doubts.doubt FROM submissions s WHERE s.id = doubts.submission)"
    )


def _tell_of_decisions(db: Database) -> None:
    """List what was decided before, as `decision_rows` does."""
    decided = db.execute(
        "SELECT e.event, s.id, e.at, b.body FROM events e JOIN event_bodies b ON b.event = e.id"
        " JOIN submissions s ON s.submission = e.subject WHERE e.kind = 'decided'"
    ).fetchall()
    for event, submission, at, text in decided:
        body = json.loads(text)
        said = [body[name] for name in ("question", "doubt", "reason", "value", "missing", "by")]
        db.execute(
            "INSERT INTO decisions (event, submission, decided_at, question, doubt, reason, value, missing, decided_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [event, submission, at, *said],
        )


@migrations()
def m009_batches(db: Database) -> None:
    """Stacks that came under a cover: what was said of each, and which pages and submissions came in it."""
    create(
        db,
        """
        CREATE TABLE batches (
            batch TEXT PRIMARY KEY,
            library TEXT NOT NULL,
            day TEXT NOT NULL,
            said INTEGER,
            said_by TEXT,
            received_at TEXT NOT NULL
        )
        """,
        "ALTER TABLE pages ADD COLUMN batch TEXT",
        "CREATE INDEX pages_by_batch ON pages (batch)",
        "ALTER TABLE submissions ADD COLUMN batch TEXT",
    )


@migrations()
def m010_personal_doubts(db: Database) -> None:
    """Which doubts show what only some may see. Those that wait already are taken to, until their form is added up."""
    create(db, "ALTER TABLE doubts ADD COLUMN personal INTEGER NOT NULL DEFAULT 1")


@migrations()
def m011_characters(db: Database) -> None:
    """Boxed characters of doubts that people look at together with others that were read as the same."""
    create(
        db,
        """
        CREATE TABLE characters (
            doubt TEXT NOT NULL,
            position INTEGER NOT NULL,
            figure TEXT NOT NULL,
            turn TEXT NOT NULL,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            sha256 TEXT NOT NULL,
            page INTEGER NOT NULL,
            box_mm TEXT NOT NULL,
            PRIMARY KEY (doubt, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX characters_by_figure ON characters (figure, turn, position)",
        "CREATE INDEX characters_by_submission ON characters (submission)",
        "ALTER TABLE decisions ADD COLUMN kind TEXT NOT NULL DEFAULT 'decided'",
    )


@migrations()
def m012_second_checks(db: Database) -> None:
    """Checks of what a person decided, beside those of what the machine read: whose decision it was."""
    create(db, "ALTER TABLE checks ADD COLUMN decided_by TEXT")


@migrations()
def m013_dealt_with(db: Database) -> None:
    """Who has dealt with a file that was set aside, or with a page that was not read."""
    create(db, "ALTER TABLE files ADD COLUMN dealt_with_by TEXT", "ALTER TABLE pages ADD COLUMN dealt_with_by TEXT")
