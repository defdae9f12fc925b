"""What people took back, to be told without a word of what it said."""

from __future__ import annotations

from sqlite_utils import Database

from pipeline.store.schema.steps import create, migrations


@migrations()
def m019_withdrawals(db: Database) -> None:
    """Which answers were taken back, and with which other; the record is added up anew when it is opened."""
    create(
        db,
        """
        CREATE TABLE withdrawals (
            event TEXT NOT NULL,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT,
            named TEXT,
            withdrawn_by TEXT NOT NULL,
            withdrawn_at TEXT NOT NULL,
            undone_by TEXT,
            undone_at TEXT
        )
        """,
        "CREATE INDEX withdrawals_by_submission ON withdrawals (submission)",
        "CREATE INDEX withdrawals_by_time ON withdrawals (withdrawn_at)",
    )
