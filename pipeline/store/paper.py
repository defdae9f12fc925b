"""Paper on record: files, what became of each of their pages, and which return of a copy a page belongs to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pipeline.page.register import Refusal
from pipeline.reading.read_page import BlankPage, PageReading, reading_from_json, reading_to_json
from pipeline.reading.returns import AnotherReturn, Joins, Return, SamePaper, place_page
from pipeline.store.catalogue import PrintedCopy, find_copy
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append, new_id
from pipeline.store.projection import apply
from pipeline.store.record import Arrival, arrived, earlier_return


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of one page: `status` read, refused, duplicate, blank or foreign, and the reason in words."""

    page: int
    status: str
    reason: str
    copy: str | None
    form_page: int | None
    submission: str | None


def keep_file(db: Database, sha256: str, name: str, suffix: str, size: int, arrival: Arrival) -> None:
    """Record that an original is in the archive; once it is, a second time changes nothing."""
    with immediately(db):
        if db.execute("SELECT 1 FROM files WHERE sha256 = ?", [sha256]).fetchone():
            return
        body = {"name": name, "suffix": suffix, "bytes": size, "desk": arrival.desk}
        apply(db, append(db, EventKind.FILE_KEPT, sha256, body, arrival.at))


def finish_file(db: Database, sha256: str, status: str, reason: str, pages: int, now: datetime) -> None:
    """Record that a file is done with: `status` read or set_aside, with the reason in words."""
    with immediately(db):
        body = {"status": status, "reason": reason, "pages": pages}
        apply(db, append(db, EventKind.FILE_READ, sha256, body, now))


def file_status(db: Database, sha256: str) -> tuple[str, str] | None:
    """Return the status and reason of a file on record (`reading` while pages are outstanding), or None."""
    row = db.execute("SELECT status, reason FROM files WHERE sha256 = ?", [sha256]).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def page_outcomes(db: Database, sha256: str) -> list[PageOutcome]:
    """Return what became of the pages of a file so far, in order."""
    rows = db.execute(
        "SELECT page, status, reason, copy, form_page, submission FROM pages WHERE sha256 = ? ORDER BY page",
        [sha256],
    )
    return [PageOutcome(*row) for row in rows]


def record_page(
    db: Database, sha256: str, page: int, read: PageReading | Refusal | BlankPage, arrival: Arrival
) -> PageOutcome:
    """Record what one page of a file (from 0) was found to be; a page already on record is left as it is."""
    with immediately(db):
        known = _page_outcome(db, sha256, page)
        if known:
            return known
        if isinstance(read, PageReading):
            _record_reading(db, sha256, page, read, arrival)
        elif isinstance(read, BlankPage):
            _pass_over(db, sha256, page, "blank", "The page is empty.", arrival)
        else:
            _pass_over(db, sha256, page, "foreign" if read.is_foreign else "refused", read.sentence, arrival)
        outcome = _page_outcome(db, sha256, page)
        assert outcome is not None, "an event about a page was applied without its row"
        return outcome


def _record_reading(db: Database, sha256: str, page: int, read: PageReading, arrival: Arrival) -> None:
    printed = find_copy(db, read.code.copy)
    if printed is None:
        why = f"Copy {read.code.copy} was not printed here. Is it from another library, or a newer backup?"
        _pass_over(db, sha256, page, "foreign", why, arrival)
        return
    match place_page(
        read.code.form_page, read.signature, _returns(db, printed), _return_before(db, sha256, page, printed)
    ):
        case SamePaper(submission):
            why = "This sheet was scanned before, so it is counted once."
            _pass_over(db, sha256, page, "duplicate", why, arrival, read, submission)
        case Joins(submission):
            _append_reading(db, sha256, page, read, arrival, printed, submission, _second_of(db, submission))
        case AnotherReturn(second_of):
            earlier = second_of or earlier_return(db, printed.copy)
            _append_reading(db, sha256, page, read, arrival, printed, new_id(arrival.at), earlier)


def _append_reading(
    db: Database,
    sha256: str,
    page: int,
    read: PageReading,
    arrival: Arrival,
    printed: PrintedCopy,
    submission: str,
    second_of: str | None,
) -> None:
    body = {
        **_page_body(sha256, page, "read", "", read),
        "version": printed.version,
        "layout": printed.layout,
        "channel": "paper",
        "edition": printed.edition,
        "lang": printed.lang,
        "second_of": second_of,
        "reading": reading_to_json(read),
        **arrived(db, arrival),
    }
    apply(db, append(db, EventKind.PAGE_READ, submission, body, arrival.at))


def _pass_over(
    db: Database,
    sha256: str,
    page: int,
    status: str,
    reason: str,
    arrival: Arrival,
    read: PageReading | None = None,
    submission: str | None = None,
) -> None:
    body = {**_page_body(sha256, page, status, reason, read), "submission": submission}
    apply(db, append(db, EventKind.PAGE_PASSED_OVER, sha256, body, arrival.at))


def _page_body(sha256: str, page: int, status: str, reason: str, read: PageReading | None) -> dict[str, Any]:
    return {
        "sha256": sha256,
        "page": page,
        "status": status,
        "reason": reason,
        "copy": read.code.copy if read else None,
        "form_page": read.code.form_page if read else None,
    }


def _returns(db: Database, printed: PrintedCopy) -> list[Return]:
    """The paper returns of a copy so far, the earliest first, each with the ink of its pages."""
    returns: dict[str, dict[int, Any]] = {}
    rows = db.execute(
        "SELECT p.submission, p.form_page, b.body FROM pages p JOIN event_bodies b ON b.event = p.event"
        " WHERE p.copy = ? AND p.status = 'read' ORDER BY p.event",
        [printed.copy],
    )
    for submission, form_page, body in rows:
        reading = reading_from_json(json.loads(body)["reading"])
        returns.setdefault(submission, {})[form_page] = reading.signature
    return [Return(submission, pages) for submission, pages in returns.items()]


def _return_before(db: Database, sha256: str, page: int, printed: PrintedCopy) -> str | None:
    """The return that the nearest earlier page of the same copy in the same file went to."""
    row = db.execute(
        "SELECT submission FROM pages WHERE sha256 = ? AND page < ? AND copy = ? ORDER BY page DESC LIMIT 1",
        [sha256, page, printed.copy],
    ).fetchone()
    return row[0] if row else None


def _second_of(db: Database, submission: str) -> str | None:
    row = db.execute("SELECT second_of FROM submissions WHERE submission = ?", [submission]).fetchone()
    return row[0] if row else None


def _page_outcome(db: Database, sha256: str, page: int) -> PageOutcome | None:
    return next((outcome for outcome in page_outcomes(db, sha256) if outcome.page == page), None)
