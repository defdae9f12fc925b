"""Doubts as rows: what waits for a person of one submission, each under a name of its own and with its turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from pipeline.review.doubts import Doubt
from pipeline.store.events import Event


def doubt_name(submission: str, variable: str) -> str:
    """Return the name of the doubt about one variable of one submission: the same whenever it is raised again."""
    return hashlib.sha256(f"{submission} {variable}".encode()).hexdigest()[:12]


def write_doubts(
    db: Database,
    key: int,
    submission: Mapping[str, Any],
    doubts: Mapping[str, Doubt],
    pages: Mapping[int, Event],
) -> None:
    """Write the doubts of a submission anew, by name; `submission` is its row, `pages` what was read, by form page."""
    db.execute("DELETE FROM doubts WHERE submission = ?", [key])
    if not doubts:
        return
    may_be_shown = _may_be_shown_to_all(db, submission["form"])
    db.conn.executemany(
        "INSERT INTO doubts (doubt, submission, question, reason, guess, confidence, sha256, page, box_mm, raised_at,"
        " turn, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (name, key, *_row(submission, doubt, pages), doubt.variable not in may_be_shown)
            for name, doubt in doubts.items()
        ],
    )


def _may_be_shown_to_all(db: Database, form: str) -> frozenset[str]:
    """The variables whose picture shows nothing personal; what no question asked for is taken to do so."""
    rows = db.execute("SELECT variable FROM variables WHERE form = ? AND NOT personal", [form])
    return frozenset(variable for (variable,) in rows)


def _row(submission: Mapping[str, Any], doubt: Doubt, pages: Mapping[int, Event]) -> tuple[object, ...]:
    source = pages.get(doubt.place.form_page if doubt.place else min(pages, default=0))
    box = doubt.place.box if doubt.place else None
    return (
        doubt.variable,
        doubt.reason,
        doubt.guess,
        doubt.confidence,
        source.body["sha256"] if source else None,
        source.body["page"] if source else None,
        json.dumps([box.x, box.y, box.w, box.h]) if box else None,
        source.at if source else submission["received_at"],
        _turn(submission, source.body["page"] if source else 0, doubt),
    )


def _turn(submission: Mapping[str, Any], page: int, doubt: Doubt) -> str:
    """The doubt's turn in the queue, as text that sorts: the longest waiting first, then down the pages as they lie."""
    x, y = (doubt.place.box.x, doubt.place.box.y) if doubt.place else (0.0, 0.0)
    return f"{submission['received_at']} {submission['submission']} {page:05d} {y:08.2f} {x:08.2f} {doubt.variable}"
