"""A record as large as asked for: one copy read from paper and one form answered on a screen, multiplied.

Everything of both is repeated under new names, events with their bodies included, so that adding up any of them again
gives the rows that are there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress
from sqlite_utils import Database

from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.intake import ingest_files
from pipeline.practice.answers import random_answers
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.site import Site, load_form, open_site
from pipeline.store.database import immediately
from pipeline.store.doubt_rows import doubt_name
from pipeline.store.events import EventKind, instant, new_id
from pipeline.store.record import Arrival, OnlineReturn, record_online, register_print

FORM = "opening-hours"
TWICE = {"visited": "yes;no", "found_closed": "yes;no", "age": "16_24;25_34", "condition": "yes;no"}
"""Two marks at each of these, and at every line of `hours`: nine doubts."""

DPI = 200
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
ROWS_AT_ONCE = 10_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Return:
    """Everything that the record holds of one submission: its events with their bodies, and the rows they add up to."""

    submission: Row
    events: tuple[tuple[EventKind, Mapping[str, Any]], ...]
    rows: Mapping[str, tuple[Row, ...]]

    def count(self, table: str) -> int:
        """How many rows of a table are of this submission."""
        return len(self.rows[table])


def large_site(folder: Path, forms: Path, doubts: int, answers: int, seed: int) -> Site:
    """Make a site with at least so many doubts waiting, and answers on record."""
    (folder / "forms").mkdir(parents=True)
    shutil.copy(forms / f"{FORM}.yaml", folder / "forms")
    site = open_site(folder)
    rng = np.random.default_rng(seed)
    with closing(site.open_store()) as db:
        _read_one_copy(site, db, rng)
        _answer_online(site, db, rng)
        paper, online = (_return(db, channel) for channel in ("paper", "online"))
        copies = ceil(doubts / paper.count("doubts")) - 1
        screens = max(1, ceil((answers - (copies + 1) * paper.count("answers")) / online.count("answers"))) - 1
        with immediately(db):
            _repeat(db, [(paper, copies), (online, screens)])
        db.execute("ANALYZE")
    return site


def _read_one_copy(site: Site, db: Database, rng: np.random.Generator) -> None:
    form = load_form(site, FORM)
    layout = lay_out(form)
    hours = {variable.name: "agree;disagree" for variable in form.variables if variable.name.startswith("hours.")}
    codes = register_print(db, form, layout, 1, FIRST_DAY)
    pages = tuple(printed_pages(print_copies(layout, codes, "one"), DPI))[: len(layout.pages)]
    scan = site.root / "scan.pdf"
    scan.write_bytes(as_pdf(fill(pages, layout, TWICE | hours, random_resident(rng), rng).pages, DPI))
    ingest_files(site, [scan], Progress(disable=True))


def _answer_online(site: Site, db: Database, rng: np.random.Generator) -> None:
    form = load_form(site, FORM)
    arrival = Arrival(FIRST_DAY, "2026-01-01")
    record_online(db, OnlineReturn(form, "en", "online", random_answers(form, rng), None, "the-first-key", arrival))


def _return(db: Database, channel: str) -> Return:
    (submission,) = db["submissions"].rows_where("channel = ?", [channel])
    events = db.execute(
        "SELECT e.kind, b.body FROM events e JOIN event_bodies b ON b.event = e.id WHERE e.subject = ? ORDER BY e.id",
        [submission["submission"]],
    ).fetchall()
    tables = ("answers", "answer_options", "doubts")
    rows = {table: tuple(db[table].rows_where("submission = ?", [submission["id"]])) for table in tables}
    rows["pages"] = tuple(db["pages"].rows_where("submission = ?", [submission["submission"]]))
    return Return(submission, tuple((EventKind(kind), json.loads(body)) for kind, body in events), rows)


def _repeat(db: Database, wanted: Sequence[tuple[Return, int]]) -> None:
    """Write so many more of each return, table by table in lots."""
    site, sequence = db.execute("SELECT site, MAX(sequence) FROM events").fetchone()
    numbers = iter(range(sequence + 1, 10**9))
    keys = iter(range(db.execute("SELECT MAX(id) + 1 FROM submissions").fetchone()[0], 10**9))
    lots: dict[str, list[Row]] = {}
    for returned, times in wanted:
        for nth in range(1, times + 1):
            for table, row in _again(returned, nth, next(keys), site, numbers):
                lots.setdefault(table, []).append(row)
            if nth % ROWS_AT_ONCE == 0 or nth == times or len(lots.get("event_bodies", ())) >= ROWS_AT_ONCE:
                _write(db, lots)


_ORDER = ("events", "event_bodies", "pages", "submissions", "answers", "answer_options", "doubts")
"""Tables in an order in which what refers to a row comes after it."""


def _write(db: Database, lots: dict[str, list[Row]]) -> None:
    for table in _ORDER:
        for row in lots.get(table, [])[:1]:
            columns, places = ", ".join(row), ", ".join("?" for _ in row)
            values = (tuple(each.values()) for each in lots[table])
            db.conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
    lots.clear()


def _again(returned: Return, nth: int, key: int, site: str, numbers: Iterator[int]) -> Iterable[tuple[str, Row]]:
    """The rows of the `nth` repetition of a return, one that arrived `nth` minutes later."""
    moment = FIRST_DAY + timedelta(minutes=nth)
    name, at = new_id(moment), instant(moment)
    is_online = returned.submission["submission_key"] is not None
    renewed = {"received_at": at, "copy": None if is_online else f"R{nth:07d}"}
    if is_online:
        renewed |= {"submission_key": f"repeated-{nth}", "receipt": f"R{nth:09d}"}
    yield "submissions", {**returned.submission, **renewed, "id": key, "submission": name}
    event_of_page = {}
    for kind, body in returned.events:
        number = next(numbers)
        told = {**body, **{field: value for field, value in renewed.items() if field in body}}
        if kind is EventKind.PAGE_READ:
            told["page"] = number
            event_of_page[body["page"]] = number
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        header = {"id": number, "event": new_id(moment), "site": site, "sequence": number, "at": at}
        yield "events", {**header, "kind": kind, "subject": name, "body_hash": digest}
        yield "event_bodies", {"event": number, "salt": "", "body": text}
    for table in ("answers", "answer_options"):
        for row in returned.rows[table]:
            yield table, {**row, "submission": key}
    for row in returned.rows["doubts"]:
        page = event_of_page[row["page"]]
        place = row["turn"].split(" ", 3)[3]
        turn = f"{at} {name} {page:05d} {place}"
        yield (
            "doubts",
            {**row, "doubt": doubt_name(name, row["question"]), "submission": key, "page": page, "turn": turn},
        )
    for row in returned.rows["pages"]:
        page = event_of_page[row["page"]]
        yield "pages", {**row, "copy": renewed["copy"], "submission": name, "page": page, "event": page}
