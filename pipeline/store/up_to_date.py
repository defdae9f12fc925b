"""A record that an earlier release added up otherwise is brought up to date as it is opened: nobody has to know."""

from __future__ import annotations

from sqlite_utils import Database

from pipeline.store.database import immediately
from pipeline.store.events import EventKind
from pipeline.store.variables import write_variables
from pipeline.store.views import refresh_views

RULES = 1
"""The rules by which events add up to tables, as a number that the record keeps (`user_version`); 0 before it did.

1: of an answer that was taken back, no table says what people decided about it or saw in a check, nor what followed
from it; a variable is as sensitive as in any version of its form.
"""


def bring_up_to_date(db: Database) -> None:
    """Add up anew what other rules added up: all that was taken back, and the variables of every form."""
    if _rules(db) >= RULES:
        return
    # Adding up loads whatever reads paper, for which a command does not wait that finds its record up to date.
    from pipeline.store.projection import fold

    with immediately(db):
        if _rules(db) >= RULES:
            return  # another process was quicker
        for (form,) in db.execute("SELECT DISTINCT form FROM forms").fetchall():
            write_variables(db, form)
            refresh_views(db, form)
        taken = db.execute("SELECT DISTINCT subject FROM events WHERE kind = ?", [EventKind.WITHDRAWN]).fetchall()
        for (submission,) in taken:
            fold(db, submission)
        db.execute(f"PRAGMA user_version = {RULES}")


def _rules(db: Database) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
