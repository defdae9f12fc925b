"""Boxed characters as rows: those of each doubt that people may still look at, beside others read as the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from pipeline.review.doubts import Doubt
from pipeline.store.decision_rows import standing
from pipeline.store.events import Event, EventKind


def write_characters(
    db: Database, key: int, names: Mapping[str, Doubt], pages: Iterable[Event], events: Sequence[Event]
) -> None:
    """Write anew the unclear characters of a submission; `names` are its doubts, on record, by name.

    None are left of a doubt with a character that somebody found to be another: it is for whoever sees the whole field.
    """
    db.execute("DELETE FROM characters WHERE submission = ?", [key])
    spelt = {doubt.variable: (name, doubt) for name, doubt in names.items() if doubt.spelt}
    right, odd = _seen(events)
    rows = []
    for page, box in _boxes(pages) if spelt else ():
        name, doubt = spelt.get(box["question"], ("", None))
        position = box["index"]
        if doubt is None or (doubt.variable, doubt.guess) in odd or position not in doubt.unclear:
            continue
        if position not in right[doubt.variable, doubt.guess]:
            place = json.dumps([box["box"][side] for side in ("x", "y", "w", "h")])
            rows.append((position, doubt.spelt[position], key, page.body["sha256"], page.body["page"], place, name))
    db.conn.executemany(
        "INSERT INTO characters (doubt, position, figure, turn, submission, sha256, page, box_mm)"
        " SELECT doubt, ?, ?, turn, ?, ?, ?, ? FROM doubts WHERE doubt = ?",
        rows,
    )


_About = tuple[str, str]
"""A variable and what was read there: what people say of its characters holds as long as that is what is read."""


def _seen(events: Sequence[Event]) -> tuple[Mapping[_About, set[int]], set[_About]]:
    """The positions that people found right, and where they found a character to be another."""
    right: dict[_About, set[int]] = defaultdict(set)
    odd: set[_About] = set()
    for event in standing(events, EventKind.CHARACTERS_SEEN):
        about = event.body["question"], event.body["guess"]
        right[about].update(event.body["right"])
        if event.body["odd"]:
            odd.add(about)
    return right, odd


def _boxes(pages: Iterable[Event]) -> Iterator[tuple[Event, Mapping[str, Any]]]:
    return ((page, box) for page in pages for box in page.body["reading"]["characters"])
