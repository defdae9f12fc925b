"""Characters looked at together: all that were read as one figure, of many forms, and what a person says of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pipeline.review.evidence import Shown
from pipeline.store.catalogue import definition_of
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append, new_id
from pipeline.store.projection import apply
from pipeline.store.queue import Queue
from pipeline.store.second_checks import Seen, draw_decision
from pipeline.store.waiting import Refused, accept


@dataclass(frozen=True, slots=True)
class Character:
    """One box of a doubt, by its position from 0, read as `figure`; and where it is on a page of a kept file (mm)."""

    doubt: str
    position: int
    figure: str
    sha256: str
    page: int
    box_mm: tuple[float, float, float, float]

    @property
    def name(self) -> str:
        """The name under which its picture is asked for, and under which somebody speaks of it."""
        return f"{self.doubt}.{self.position}"

    @property
    def shown(self) -> Shown:
        """Its box alone."""
        return Shown.BOX


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking at characters: how many were right, how many another, and answers that are decided now."""

    right: int
    odd: int
    decided: int


def figures_waiting(db: Database, queue: Queue) -> Mapping[str, int]:
    """Return how many characters wait to be looked at, by what they were read as, the most first.

    Counted are those of everybody, which is quick; left out are figures of which none is for this person.
    """
    counted = db.execute("SELECT figure, COUNT(*) FROM characters GROUP BY figure ORDER BY COUNT(*) DESC, figure")
    return {figure: number for figure, number in counted.fetchall() if characters_read_as(db, figure, queue, 1)}


def characters_read_as(db: Database, figure: str, queue: Queue, most: int) -> list[Character]:
    """Return characters that were read as one figure, the longest waiting first."""
    clause = f"c.figure = ? AND {queue.clause} ORDER BY c.turn, c.position LIMIT ?"
    return _select(db, clause, [figure, *queue.taken, most])


def figures_of(db: Database, doubt: str) -> tuple[str, ...]:
    """Return what the boxes of a doubt that nobody has looked at yet were read as, along the boxes."""
    rows = db.execute("SELECT figure FROM characters WHERE doubt = ? ORDER BY position", [doubt]).fetchall()
    return tuple(figure for (figure,) in rows)


def find_character(db: Database, queue: Queue, name: str) -> Character | None:
    """Return the character of this name, None where it does not wait or is not for this person."""
    doubt, _, position = name.partition(".")
    if not position.isdecimal():
        return None
    found = _select(db, f"c.doubt = ? AND c.position = ? AND {queue.clause}", [doubt, int(position), *queue.taken])
    return found[0] if found else None


def look_at(db: Database, figure: str, shown: Iterable[str], odd: Collection[str], by: str, now: datetime) -> Looked:
    """Record what somebody says who was shown characters read as `figure`: those named in `odd` are another.

    An answer all of whose unclear characters people found right is decided with them, by this person. One with an odd
    character waits on, for somebody to see the whole of it. What no longer waits is passed over.
    """
    positions: dict[str, set[int]] = defaultdict(set)
    for doubt, _, position in (name.partition(".") for name in shown):
        if position.isdecimal():
            positions[doubt].add(int(position))
    with immediately(db):
        batch, came = new_id(now), [Looked(0, 0, 0)]
        for doubt, here in positions.items():
            waiting = dict(db.execute("SELECT position, figure FROM characters WHERE doubt = ?", [doubt]).fetchall())
            looked = {position for position in here if waiting.get(position) == figure}
            strange = {position for position in looked if f"{doubt}.{position}" in odd}
            if looked:
                is_whole = not strange and looked == waiting.keys()
                came.append(_record(db, doubt, looked - strange, strange, is_whole, by, batch, now))
        return Looked(*(sum(getattr(each, part) for each in came) for part in ("right", "odd", "decided")))


def _record(
    db: Database, doubt: str, right: set[int], odd: set[int], is_whole: bool, by: str, batch: str, now: datetime
) -> Looked:
    """Record what somebody says of characters of one doubt, and with it the answer if that is now certain."""
    submission, version, question, reason, guess, *place = db.execute(
        "SELECT s.submission, s.version, d.question, d.reason, d.guess, d.sha256, d.page, d.box_mm FROM doubts d"
        " JOIN submissions s ON s.id = d.submission WHERE d.doubt = ?",
        [doubt],
    ).fetchone()
    about: dict[str, Any] = {"question": question, "doubt": doubt, "reason": reason, "guess": guess, "by": by}
    seen = {**about, "batch": batch, "right": sorted(right), "odd": sorted(odd)}
    event = append(db, EventKind.CHARACTERS_SEEN, submission, seen, now)
    form = definition_of(db, version)
    held = accept(form, question, guess, None) if is_whole else None
    if held is None or isinstance(held, Refused):
        apply(db, event)
        return Looked(len(right), len(odd), decided=0)
    body = {**about, "batch": batch, "value": held.value, "missing": held.missing}
    decided = append(db, EventKind.DECIDED, submission, body, now)
    apply(db, decided)
    draw_decision(db, form, decided, Seen(*place), now)
    return Looked(len(right), len(odd), decided=1)


def _select(db: Database, clause: str, values: list[str | int]) -> list[Character]:
    rows = db.execute(
        "SELECT c.doubt, c.position, c.figure, c.sha256, c.page, c.box_mm FROM characters c"
        f" JOIN doubts d ON d.doubt = c.doubt WHERE {clause}",
        values,
    )
    return [
        Character(doubt, position, figure, sha256, page, tuple(json.loads(box)))
        for doubt, position, figure, sha256, page, box in rows
    ]
