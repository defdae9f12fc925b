"""Pages read by another reader than today's: which they are, and what reading them again adds to the record.

Nothing is overwritten: a page read again is one more event, and the earlier reading stays in its own. Where a page
belongs stays as it was, and what a person decided outranks the machine as before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from pipeline.form.answer import Held, Missing
from pipeline.reading.readings import PageRead, PageReading, reading_to_json
from pipeline.review.reader import Reader
from pipeline.review.remarks import remark_on
from pipeline.store.database import immediately
from pipeline.store.events import EventKind
from pipeline.store.paper import Finding, PageOutcome, ScannedPage, find_out, page_outcome, record_finding


@dataclass(frozen=True, slots=True)
class KeptPage:
    """One page on record, of a kept original: page `index` (from 0) of the file called `name`, and where it belongs."""

    sha256: str
    index: int
    name: str
    desk: str
    received_at: datetime
    status: str
    submission: str | None


Standing = Mapping[str, Held]
"""What every variable of a submission holds, and whether remarks on each of its pages wait for a person; empty for one
that is not on record."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A page read again is on record; `before` is how its submission stood until then, if it belongs to one."""

    submission: str | None
    before: Standing


class Unrecorded(StrEnum):
    """Why nothing was recorded: the same was found by the same reader, or the page stands as it was read before."""

    NO_NEWS = "no_news"
    STANDS = "stands"


def pages_read_otherwise(db: Database, reader: Reader, form: str | None, of_any_reader: bool = False) -> list[KeptPage]:
    """Return the pages that another than this `reader` read or passed over; with `of_any_reader` those of it, too.

    With a form, its own pages; without, also those that no form could be found for. A sheet scanned twice is read
    where it counts and not again as its duplicate.
    """
    rows = db.execute(
        "SELECT p.sha256, p.page, f.name, f.desk, f.received_at, p.status, p.submission"
        " FROM pages p JOIN files f USING (sha256) LEFT JOIN submissions s USING (submission)"
        " WHERE p.status <> 'duplicate' AND COALESCE(s.channel, 'paper') = 'paper'"
        " AND (? OR p.reader IS NOT ?) AND (? IS NULL OR s.form = ?)"
        " ORDER BY f.received_at, p.sha256, p.page",
        [of_any_reader, reader.id, form, form],
    )
    return [
        KeptPage(sha256, page, name, desk, datetime.fromisoformat(received), status, submission)
        for sha256, page, name, desk, received, status, submission in rows
    ]


def record_again(db: Database, page: ScannedPage, read: PageRead) -> Recorded | Unrecorded:
    """Record what a page on record was found to be by the reader that read it again.

    A page that had been read and now is refused, or seems to be another, stays as it was read. One that had been
    passed over takes the way of a page that has just come in.
    """
    with immediately(db):
        before = page_outcome(db, page)
        assert before is not None, "only a page on record is read again"
        finding = _read_anew(db, page, before, read) if before.status == "read" else _try_anew(db, page, before, read)
        if isinstance(finding, Unrecorded):
            return finding
        submission = finding.subject if finding.kind is EventKind.PAGE_READ else None
        stood = standing(db, submission) if submission else {}
        record_finding(db, page, finding)
        return Recorded(submission, stood)


def standing(db: Database, submission: str) -> Standing:
    """Return what the answers of a submission hold, and what waits beside them."""
    rows = db.execute(
        "SELECT a.question, a.value, a.missing FROM answers a JOIN submissions s ON s.id = a.submission"
        " WHERE s.submission = ?",
        [submission],
    )
    answers = {question: Held(value, missing) for question, value, missing in rows}
    pages = db.execute("SELECT form_page FROM pages WHERE submission = ? AND status = 'read'", [submission])
    waiting = db.execute(
        "SELECT d.question FROM doubts d JOIN submissions s ON s.id = d.submission WHERE s.submission = ?", [submission]
    )
    waits = {question for (question,) in waiting}
    remarks = (remark_on(number) for (number,) in pages)
    return answers | {name: Held(None, Missing.WAITING if name in waits else Missing.BLANK) for name in remarks}


def _read_anew(db: Database, page: ScannedPage, before: PageOutcome, read: PageRead) -> Finding | Unrecorded:
    """Add a new reading of a page to the submission that it belongs to, with all that was said of it before."""
    if not isinstance(read, PageReading) or not _is_same_page(db, page, before, read):
        return Unrecorded.STANDS
    earlier, reading = _body(db, page), _plain(reading_to_json(read))
    if (earlier["reading"], earlier.get("reader")) == (reading, page.reader.id):
        return Unrecorded.NO_NEWS
    renewed = {
        "reading": reading,
        "layout": read.code.layout,
        "crops": dict(page.crops),
        "reader": page.reader.id,
        "again": True,
    }
    return Finding(EventKind.PAGE_READ, str(before.submission), {**earlier, **renewed})


def _is_same_page(db: Database, page: ScannedPage, before: PageOutcome, read: PageReading) -> bool:
    """Whether a page is still taken for the one it was: the same page of the same copy, or of the same form without."""
    same = (read.code.copy or None, read.code.form_page) == (before.copy, before.form_page)
    return same and (before.copy is not None or _form(db, _body(db, page)["layout"]) == _form(db, read.code.layout))


def _form(db: Database, layout: str) -> str:
    return str(db.execute("SELECT form FROM layouts WHERE layout = ?", [layout]).fetchone()[0])


def _try_anew(db: Database, page: ScannedPage, before: PageOutcome, read: PageRead) -> Finding | Unrecorded:
    """Take a page that had been passed over as if it had just come in."""
    finding = find_out(db, page, read)
    told = (finding.body["status"], finding.body["reason"], finding.body["reader"])
    is_news = told != (before.status, before.reason, _body(db, page).get("reader"))
    return finding if is_news else Unrecorded.NO_NEWS


def _plain(reading: Mapping[str, Any]) -> Any:
    """The reading as it comes back from the record."""
    return json.loads(json.dumps(reading))


def _body(db: Database, page: ScannedPage) -> dict[str, Any]:
    """The body of the event that a page's row goes by."""
    row = db.execute(
        "SELECT b.body FROM pages p JOIN event_bodies b ON b.event = p.event WHERE p.sha256 = ? AND p.page = ?",
        [page.sha256, page.index],
    ).fetchone()
    return dict(json.loads(row[0]))
