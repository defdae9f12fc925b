"""The same rows put into the same tables by nothing but `executemany`, to hold the product's recording against."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pipeline.store.database import immediately, open_store

TABLES = ("events", "event_bodies", "submissions", "answers", "answer_options", "comments")
"""Every table that a response answered on a screen adds rows to, with all of their keys, indexes and triggers."""

_KEY = {"events": "id", "event_bodies": "event", "submissions": "id"}
"""What each counts responses by; all others have `submission`."""


def bare_cpu_s(recorded: Path, folder: Path, responses: int, at_once: int) -> float:
    """Copy the rows of so many responses into a new store, as many in each transaction as were recorded together.

    The processor time, in seconds, of putting them there; fetching them is not counted.
    """
    source, target = open_store(recorded, "main"), open_store(folder / "bare.db", "main")
    _copy_forms(source, target)
    inserts = {table: _insert(source, table) for table in TABLES}
    spent = 0.0
    for start in range(0, responses, at_once):
        portion = {table: _rows(source, table, start, start + at_once) for table in TABLES}
        began = time.process_time()
        with immediately(target):
            for table, rows in portion.items():
                target.conn.executemany(inserts[table], rows)
        spent += time.process_time() - began
    (copied,) = target.execute("SELECT COUNT(*) FROM answers").fetchone()
    if copied != source.execute("SELECT COUNT(*) FROM answers").fetchone()[0]:
        raise RuntimeError("not every answer was copied")
    target.close()
    source.close()
    return spent


def _copy_forms(source: Database, target: Database) -> None:
    with immediately(target):
        target.conn.executemany(_insert(source, "forms"), source.execute("SELECT * FROM forms").fetchall())


def _insert(db: Database, table: str) -> str:
    columns = [column for _, column, *_ in db.execute(f"PRAGMA table_info({table})")]
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _rows(db: Database, table: str, after: int, last: int) -> Sequence[tuple[Any, ...]]:
    key = _KEY.get(table, "submission")
    return db.execute(f"SELECT * FROM {table} WHERE {key} > ? AND {key} <= ?", [after, last]).fetchall()
