"""Paper on record: files, what became of each of their pages, and which return of a copy a page belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from pipeline.form.cover import spoken_batch_code
from pipeline.page.numbering import card_of, picture_of
from pipeline.page.refusal import BlankPage, Reason, Refusal
from pipeline.reading.readings import CheckPage, CoverPage, PageRead, PageReading, reading_to_json
from pipeline.reading.returns import AnotherReturn, Joins, SamePaper, place_page
from pipeline.review.reader import Reader
from pipeline.store.batch_rows import batch_before, cover_body
from pipeline.store.catalogue import PrintedCopy, find_copy, find_elsewhere, keep_reader
from pipeline.store.database import immediately, site_name
from pipeline.store.elsewhere import likeness_of, place_made_elsewhere, respondent_of, returns_of
from pipeline.store.events import EventKind, append, new_id
from pipeline.store.projection import apply
from pipeline.store.record import Arrival, arrived, earlier_return

WHOLE_PAGE = "@page"
"""What the picture of a page that was not read is kept as, among the crops of variables."""

_NOWHERE: Mapping[str, Any] = {"copy": None, "form_page": None, "submission": None}
"""What a page that belongs to no copy says of where it belongs."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a kept file: page `index` (from 0; of a card `number_in_file`), when it arrived, what read it, and
    the crops of its writing, by variable.

    Of a page that was not read, `crops` holds a small picture of all of it under the name `WHOLE_PAGE`.

    `again` is when it was read another time, None as long as it was read once. `batch` is that of the cover before it.
    """

    sha256: str
    index: int
    arrival: Arrival
    reader: Reader
    crops: Mapping[str, str]
    again: datetime | None = None
    batch: str | None = None

    @property
    def read_at(self) -> datetime:
        """When it was read, UTC: on arrival, or again later."""
        return self.again or self.arrival.at


class Finding(NamedTuple):
    """What a page amounts to, as the event that is to be appended about it."""

    kind: EventKind
    subject: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SubmissionOutcome:
    """How a submission stands: its status, the form pages that have not come back, and how many answers wait."""

    submission: str
    copy: str | None
    status: str
    pages_missing: tuple[int, ...]
    doubts: int


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of one page (from 0), or of one `card` of several in its picture.

    `status` is read, refused, duplicate, blank, foreign, cover or check, with the reason. `picture` is the SHA-256 of a
    small picture of a page that was not read, `advice` what is worth telling about how the page was scanned, `batch`
    the stack it came in.
    """

    page: int
    status: str
    reason: str
    copy: str | None
    form_page: int | None
    submission: str | None
    picture: str | None = None
    batch: str | None = None
    advice: tuple[str, ...] = ()
    card: int = 0


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


def deal_with(db: Database, sha256: str, page: int | None, by: str, now: datetime) -> bool:
    """Record that somebody has dealt with a file that was set aside, or with a page (from 0) that was not read.

    Returns whether there is such a one, that nobody has dealt with yet.
    """
    where, values = ("pages WHERE page = ? AND", [page]) if page is not None else ("files WHERE", [])
    with immediately(db):
        row = db.execute(f"SELECT 1 FROM {where} sha256 = ? AND dealt_with_by IS NULL", [*values, sha256]).fetchone()
        if row:
            apply(db, append(db, EventKind.DEALT_WITH, sha256, {"page": page, "by": by}, now))
        return row is not None


def file_status(db: Database, sha256: str) -> tuple[str, str]:
    """Return the status of a file on record (`reading` while pages are outstanding) and the reason in words."""
    status, reason = db.execute("SELECT status, reason FROM files WHERE sha256 = ?", [sha256]).fetchone()
    return str(status), str(reason)


def page_outcomes(db: Database, sha256: str) -> list[PageOutcome]:
    """Return what became of the pages of a file so far, in order."""
    outcomes = (_outcome(row) for row in db.execute(_OUTCOMES, [sha256]))
    return sorted(outcomes, key=lambda outcome: (outcome.page, outcome.card))


_OUTCOMES = (
    "SELECT page, status, reason, copy, form_page, submission, picture, batch, advice FROM pages WHERE sha256 = ?"
)


def _outcome(row: tuple[Any, ...]) -> PageOutcome:
    number, *facts, advice = row
    return replace(PageOutcome(picture_of(number), *facts), advice=_sentences(advice), card=card_of(number))


def _sentences(advice: str | None) -> tuple[str, ...]:
    return tuple(each["sentence"] for each in json.loads(advice or "[]"))


def submission_outcomes(db: Database, submissions: Iterable[str]) -> Iterator[SubmissionOutcome]:
    """Yield how each of these submissions stands."""
    for submission in submissions:
        copy, status, pages, doubts = db.execute(
            "SELECT copy, status, pages_missing, (SELECT COUNT(*) FROM doubts d WHERE d.submission = s.id)"
            " FROM submissions s WHERE submission = ?",
            [submission],
        ).fetchone()
        missing = tuple(int(page) for page in pages.split(";") if page)
        yield SubmissionOutcome(submission, copy, status, missing, doubts)


def record_pages(db: Database, pages: Iterable[tuple[ScannedPage, PageRead]]) -> None:
    """Record what pages were found to be, all or none of them; a page already on record is left as it is."""
    with immediately(db):
        for page, read in pages:
            if page_outcome(db, page) is None:
                record_finding(db, page, find_out(db, page, read))


def find_out(db: Database, page: ScannedPage, read: PageRead) -> Finding:
    """Say what one page amounts to and where it belongs, among the pages on record."""
    if isinstance(read, CoverPage):
        return _start_batch(page, read)
    page = _under_cover(db, page)
    if isinstance(read, CheckPage):
        measured = {"form_page": read.side, "check": asdict(read.check) if read.check else None}
        return _pass_over(page, "check", "The scanner's check sheet.", {**_NOWHERE, **measured})
    if isinstance(read, BlankPage):
        return _pass_over(page, "blank", "The page is empty.")
    if isinstance(read, Refusal):
        shown = {**_NOWHERE, "picture": page.crops.get(WHOLE_PAGE)}
        return _pass_over(page, "foreign" if read.reason is Reason.FOREIGN else "refused", read.sentence, shown)
    if not read.code.copy:
        return _find_out_elsewhere(db, page, read)
    printed = find_copy(db, read.code.copy)
    if printed is None:
        why = f"Copy {read.code.copy} was not printed here. Is it from another library, or a newer backup?"
        return _pass_over(page, "foreign", why)
    returns = returns_of(db, "copy", printed.copy)
    return _placed(
        db,
        page,
        read,
        printed,
        place_page(read.code.form_page, read.signature, returns, _return_before(db, page, printed)),
    )


def _start_batch(page: ScannedPage, read: CoverPage) -> Finding:
    reason = f"Cover sheet of stack {spoken_batch_code(read.cover.batch)}, {read.cover.library}."
    body = {**_found(page, "cover", reason), **_NOWHERE, **cover_body(read)}
    return Finding(EventKind.COVER_READ, read.cover.batch, body)


def _under_cover(db: Database, page: ScannedPage) -> ScannedPage:
    """The page with the batch of the cover that lies before it in its file; it came from that cover's library."""
    found = batch_before(db, page.sha256, picture_of(page.index))
    if found is None:
        return page
    batch, library = found
    return replace(page, batch=batch, arrival=replace(page.arrival, desk=library))


def _find_out_elsewhere(db: Database, page: ScannedPage, read: PageReading) -> Finding:
    """Say where a page of a form made elsewhere belongs, and what it can be known by again."""
    printed, elsewhere = find_elsewhere(db, read.code.layout)
    placed = place_made_elsewhere(db, page.sha256, page.index, read, elsewhere)
    finding = _placed(db, page, read, printed, placed)
    known_by = {"respondent": respondent_of(read, elsewhere), "likeness": likeness_of(read)}
    return finding._replace(body={**finding.body, **known_by})


def _placed(
    db: Database, page: ScannedPage, read: PageReading, printed: PrintedCopy, placed: SamePaper | Joins | AnotherReturn
) -> Finding:
    match placed:
        case SamePaper(submission):
            return _pass_over(page, "duplicate", _SCANNED_BEFORE, {**_code(read), "submission": submission})
        case Joins(submission):
            return _take_up(db, page, read, printed, submission, _second_of(db, submission))
        case AnotherReturn(second_of):
            earlier = second_of or earlier_return(db, printed.copy or None)
            return _take_up(db, page, read, printed, new_id(page.read_at), earlier)


def record_finding(db: Database, page: ScannedPage, finding: Finding) -> None:
    """Append what was found on a page, and bring the tables up to date; the caller holds the write transaction."""
    keep_reader(db, page.reader, page.read_at)
    apply(db, append(db, finding.kind, finding.subject, finding.body, page.read_at))


_SCANNED_BEFORE = "This sheet was scanned before, so it is counted once."


def _take_up(
    db: Database, page: ScannedPage, read: PageReading, printed: PrintedCopy, submission: str, second_of: str | None
) -> Finding:
    """The reading of a page adds to the submission it belongs to."""
    body = {
        **_found(page, "read", ""),
        **_code(read),
        "version": printed.version,
        "layout": printed.layout,
        "channel": "paper",
        "edition": printed.edition,
        "lang": printed.lang,
        "second_of": second_of,
        "reading": reading_to_json(read),
        "crops": dict(page.crops),
        **arrived(page.arrival, site_name(db)),
    }
    return Finding(EventKind.PAGE_READ, submission, body)


def _pass_over(page: ScannedPage, status: str, reason: str, belongs: Mapping[str, Any] = _NOWHERE) -> Finding:
    """A page adds no answers, and why."""
    return Finding(EventKind.PAGE_PASSED_OVER, page.sha256, {**_found(page, status, reason), **belongs})


def _found(page: ScannedPage, status: str, reason: str) -> dict[str, Any]:
    """What every event about a page says: which page, what became of it, what read it, and whether once more."""
    again = {"again": True} if page.again else {}
    batch = {"batch": page.batch} if page.batch else {}
    found = {"sha256": page.sha256, "page": page.index, "status": status, "reason": reason}
    return {**found, "reader": page.reader.id, **again, **batch}


def _code(read: PageReading) -> dict[str, Any]:
    return {"copy": read.code.copy or None, "form_page": read.code.form_page}


def _return_before(db: Database, page: ScannedPage, printed: PrintedCopy) -> str | None:
    """The return that the nearest earlier page of the same copy in the same file went to.

    Looked for among the few pages of the copy, not among the many of the file: the plus keeps SQLite from the latter.
    """
    row = db.execute(
        "SELECT submission FROM pages WHERE copy = ? AND +sha256 = ? AND page < ? ORDER BY page DESC LIMIT 1",
        [printed.copy, page.sha256, page.index],
    ).fetchone()
    return row[0] if row else None


def _second_of(db: Database, submission: str) -> str | None:
    row = db.execute("SELECT second_of FROM submissions WHERE submission = ?", [submission]).fetchone()
    return row[0] if row else None


def page_outcome(db: Database, page: ScannedPage) -> PageOutcome | None:
    """Return what became of a page so far, None before it was read."""
    row = db.execute(f"{_OUTCOMES} AND page = ?", [page.sha256, page.index]).fetchone()
    return _outcome(row) if row else None
