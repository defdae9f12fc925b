"""What happened, what was printed and asked, and the tables that what happened adds up to."""

from __future__ import annotations

from sqlite_utils import Database

from pipeline.store.schema.steps import create, migrations

PROJECTIONS = (
    "imported",
    "imports",
    "comments",
    "answer_options",
    "answers",
    "doubts",
    "characters",
    "decisions",
    "checks",
    "withdrawals",
    "submissions",
    "pages",
    "files",
    "batches",
)
"""Tables that the events add up to, in an order in which they can be emptied and built again."""


@migrations()
def m001_events(db: Database) -> None:
    """The truth. A header and its hash are append-only; its body can be erased and leaves the chain whole."""
    create(
        db,
        "CREATE TABLE site (name TEXT NOT NULL)",
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            event TEXT NOT NULL UNIQUE,
            site TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            body_hash TEXT NOT NULL,
            UNIQUE (site, sequence)
        )
        """,
        "CREATE INDEX events_by_subject ON events (subject, kind)",
        """
        CREATE TABLE event_bodies (
            event INTEGER PRIMARY KEY REFERENCES events (id),
            salt TEXT NOT NULL,
            body TEXT NOT NULL
        )
        """,
        """
        CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
        """,
        """
        CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
        """,
    )


@migrations()
def m002_printed(db: Database) -> None:
    """What reading goes by: definitions, layouts and copies as they were when printed, and the local postcodes."""
    create(
        db,
        """
        CREATE TABLE forms (
            version TEXT PRIMARY KEY,
            form TEXT NOT NULL,
            definition TEXT NOT NULL,
            first_used TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE layouts (
            layout TEXT PRIMARY KEY,
            form TEXT NOT NULL,
            version TEXT NOT NULL REFERENCES forms (version),
            edition TEXT NOT NULL,
            lang TEXT NOT NULL,
            paper TEXT NOT NULL,
            paper_width REAL NOT NULL,
            paper_height REAL NOT NULL,
            geometry TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE copies (
            copy TEXT PRIMARY KEY,
            layout TEXT NOT NULL REFERENCES layouts (layout),
            printed_at TEXT NOT NULL
        )
        """,
        "CREATE TABLE local_postcodes (postcode TEXT PRIMARY KEY) WITHOUT ROWID",
    )


@migrations()
def m003_record(db: Database) -> None:
    """What the events add up to: files, their pages, submissions, answers, and what waits for a person."""
    create(
        db,
        """
        CREATE TABLE files (
            sha256 TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            suffix TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            pages INTEGER,
            status TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            desk TEXT NOT NULL DEFAULT '',
            received_at TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE pages (
            sha256 TEXT NOT NULL REFERENCES files (sha256),
            page INTEGER NOT NULL,
            status TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            copy TEXT,
            form_page INTEGER,
            submission TEXT,
            event INTEGER REFERENCES events (id),
            PRIMARY KEY (sha256, page)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX pages_by_copy ON pages (copy, form_page)",
        """
        CREATE TABLE submissions (
            id INTEGER PRIMARY KEY,
            submission TEXT NOT NULL UNIQUE,
            form TEXT NOT NULL,
            version TEXT NOT NULL REFERENCES forms (version),
            copy TEXT,
            channel TEXT NOT NULL,
            edition TEXT NOT NULL,
            lang TEXT NOT NULL,
            site TEXT NOT NULL,
            received_at TEXT NOT NULL,
            received_on TEXT NOT NULL,
            status TEXT NOT NULL,
            pages_missing TEXT NOT NULL,
            submission_key TEXT UNIQUE,
            receipt TEXT UNIQUE,
            second_of TEXT
        )
        """,
        "CREATE INDEX submissions_by_form ON submissions (form, channel)",
        "CREATE INDEX submissions_by_copy ON submissions (copy)",
        """
        CREATE TABLE answers (
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            value TEXT,
            missing TEXT,
            authority INTEGER NOT NULL,
            confidence REAL NOT NULL,
            PRIMARY KEY (submission, question),
            CHECK ((value IS NULL) <> (missing IS NULL))
        ) WITHOUT ROWID
        """,
        "CREATE INDEX answers_by_value ON answers (question, value)",
        """
        CREATE TABLE answer_options (
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (submission, question, value)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE doubts (
            doubt TEXT PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            reason TEXT NOT NULL,
            guess TEXT NOT NULL,
            confidence REAL NOT NULL,
            sha256 TEXT,
            page INTEGER,
            box_mm TEXT,
            raised_at TEXT NOT NULL
        )
        """,
        "CREATE INDEX doubts_by_submission ON doubts (submission)",
    )
