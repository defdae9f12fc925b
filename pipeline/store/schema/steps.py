"""The order of the migrations, and how each runs its statements."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("pillarbox")


def create(db: Database, *statements: str) -> None:
    """Run each statement inside the transaction at hand; a script would first commit it."""
    for statement in statements:
        db.execute(statement)
