"""The file for analysts: made from the record as it stood at one moment, whole or not at all, and read-only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlite_utils import Database

from pipeline.analysis.held_back import held_back
from pipeline.analysis.tables import AFTER_PERSONAL, BEFORE, BEFORE_PERSONAL, DESCRIBED, filled
from pipeline.form.definition import FormDefinition, say
from pipeline.form.stored import definition_from_json
from pipeline.store.schema import ACROSS_FORMS
from pipeline.store.variables import merged_variables
from pipeline.store.views import views
from pipeline.tables.table import MISSING_LABELS

_READ_ONLY, _READ_ONLY_BY_OWNER = 0o444, 0o400
"""Who may open the file: anybody who has it, or its owner alone where it holds personal answers."""

_BY_OWNER = 0o600
"""Who may open it while it is made."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a file for analysts holds: how many forms and responses, and how many variables were left out of it."""

    forms: int
    responses: int
    left_out: int


def _unrecorded(finished: Path) -> None:
    """What a file that holds nothing personal needs before it is handed out: nothing."""


def write_analysis(
    store: Path, target: Path, personal: bool = False, record: Callable[[Path], None] = _unrecorded
) -> Made:
    """Write the file for analysts to `target`; the same record gives the same bytes.

    Personal and sensitive variables are in it only where `personal`. `record` is given the finished file before it
    takes its place; where that fails, the file is thrown away and an older one stays. Raises OSError and
    sqlite3.DatabaseError.
    """
    arriving = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        arriving.touch(
            _BY_OWNER, exist_ok=False
        )  # Before anything is in it, so that nobody else can open it meanwhile.
        with closing(sqlite3.connect(arriving.absolute().as_uri(), uri=True, isolation_level=None)) as connection:
            made = _fill(Database(connection), store, personal)
        _bring_to_disk(arriving)
        arriving.chmod(_READ_ONLY_BY_OWNER if personal else _READ_ONLY)
        record(arriving)
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)
    return made


def _fill(db: Database, store: Path, personal: bool) -> Made:
    """Fill an empty file. One that fails is thrown away, so that it needs no journal."""
    for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
        db.execute(f"PRAGMA {setting}")
    db.execute("ATTACH ? AS store", [f"{store.resolve().as_uri()}?mode=rw"])
    db.execute("BEGIN")
    for statement in DESCRIBED:
        db.execute(statement)
    db.conn.executemany("INSERT INTO missing_kinds VALUES (?, ?)", list(MISSING_LABELS.items()))
    forms = _forms(db)
    for versions in forms:
        _describe(db, versions, personal)
    for statement in filled(personal):
        db.execute(statement)
    for versions in forms:
        _make_views(db, versions, personal)
    db.execute(f"CREATE VIEW across_forms AS {ACROSS_FORMS}")
    _tell_about(db, personal)
    made = Made(*(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in _COUNTED))
    db.execute("COMMIT")
    return made


_COUNTED = ("forms", "submissions", "left_out")
"""The tables whose rows `Made` counts."""


def _forms(db: Database) -> list[list[FormDefinition]]:
    """The versions of each form, oldest first."""
    rows = db.execute("SELECT form, definition FROM store.forms ORDER BY form, first_used, version")
    found: dict[str, list[FormDefinition]] = {}
    for form, definition in rows:
        found.setdefault(form, []).append(definition_from_json(definition))
    return list(found.values())


def _describe(db: Database, versions: Sequence[FormDefinition], personal: bool) -> None:
    newest = versions[-1]
    title = say(newest.title, newest.languages[0])
    db.execute("INSERT INTO forms VALUES (?, ?, ?, ?)", [newest.id, title, newest.service, len(versions)])
    left_out = {} if personal else held_back(versions)
    db.conn.executemany("INSERT INTO left_out VALUES (?, ?, ?)", [(newest.id, *each) for each in left_out.items()])


def _make_views(db: Database, versions: Sequence[FormDefinition], personal: bool) -> None:
    left_out = {} if personal else held_back(versions)
    kept = [variable for variable in merged_variables(versions) if variable.name not in left_out]
    before, after = (BEFORE_PERSONAL, AFTER_PERSONAL) if personal else (BEFORE, ())
    for name, select in views(versions[-1], kept, before, after).items():
        db.execute(f'CREATE VIEW "{name}" AS {select}')


def _tell_about(db: Database, personal: bool) -> None:
    (newest,) = db.execute("SELECT COALESCE(MAX(received_on), '') FROM submissions").fetchone()
    (site,) = db.execute("SELECT name FROM store.site").fetchone()
    told = {
        "site": site,
        "newest_response": newest,
        "personal_answers": "yes: keep it as you keep the forms themselves" if personal else "no",
    }
    db.conn.executemany("INSERT INTO about VALUES (?, ?)", list(told.items()))


def _bring_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
