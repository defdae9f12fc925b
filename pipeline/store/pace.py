"""How long what waits will take, by how long people took lately."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from math import ceil

from sqlite_utils import Database

from pipeline.review.doubts import Reason
from pipeline.store.events import EventKind

LOOKED_BACK = 500
"""Decisions that the pace is taken from: a few hours' work, so that it is that of these forms and these people."""

AWAY_SECONDS = 120.0
"""A longer time between two decisions of somebody is a customer at the counter, and no part of the work."""

ENOUGH = 5
"""Decisions of one kind from which their pace is believed."""

USUAL_SECONDS = 3.0
USUAL_SECONDS_TO_TYPE = 15.0
"""What a decision takes until it has been measured here: by a key or two, and where words are read or typed."""

_TYPED = frozenset({Reason.HANDWRITING, Reason.REMARK})


def minutes_left(db: Database) -> int:
    """Return how long one person will need for all that waits, in minutes begun."""
    pace = seconds_a_doubt(db)
    waiting: list[tuple[str, int]] = db.execute("SELECT reason, COUNT(*) FROM doubts GROUP BY reason").fetchall()
    return ceil(sum(number * pace[reason] for reason, number in waiting) / 60)


def seconds_a_doubt(db: Database) -> Mapping[str, float]:
    """Return what a decision takes on average, for each reason to ask: as measured, or as usual."""
    rows = db.execute(
        "SELECT decided_by, decided_at, reason, kind FROM decisions WHERE doubt IS NOT NULL"
        " ORDER BY decided_at DESC LIMIT ?",
        [LOOKED_BACK],
    ).fetchall()
    before: dict[str, datetime] = {}
    taken: dict[str, float] = defaultdict(float)
    decided: Counter[str] = Counter()
    for person, at, reason, kind in reversed(rows):
        now = datetime.fromisoformat(at)
        if person in before and (now - before[person]).total_seconds() <= AWAY_SECONDS:
            taken[reason] += (now - before[person]).total_seconds()
            decided[reason] += kind == EventKind.DECIDED
        before[person] = now
    measured = {reason: taken[reason] / number for reason, number in decided.items() if number >= ENOUGH}
    return {reason: _usual(reason) for reason in Reason} | measured


def _usual(reason: Reason) -> float:
    return USUAL_SECONDS_TO_TYPE if reason in _TYPED else USUAL_SECONDS
