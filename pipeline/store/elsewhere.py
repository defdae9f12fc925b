"""Pages of forms made elsewhere: without a copy's code, which return each belongs to.

A barcode that differs from person to person serves as the code, where the form's geometry names one. Otherwise a page
goes by what was scanned beside it in the same file; and a sheet scanned before is known by its ink.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlite_utils import Database

from pipeline.form.layout import Elsewhere
from pipeline.reading.readings import InkSignature, PageReading, signature_from_json
from pipeline.reading.returns import AnotherReturn, Joins, Neighbour, Return, SamePaper, place_page, place_uncoded_page
from pipeline.reading.same_ink import SameInk, same_ink
from pipeline.reading.verdict import Verdict


def respondent_of(read: PageReading, elsewhere: Elsewhere) -> str | None:
    """Return what tells this person's pages, or None where the form has no such barcode or it was not read."""
    told = {barcode.text for barcode in read.barcodes if barcode.kind == elsewhere.respondent}
    return f"{read.code.layout} {told.pop()}" if len(told) == 1 else None


def likeness_of(read: PageReading) -> str:
    """Return what two scans of one sheet have in common: the page, and which of its boxes hold something."""
    marked = [mark.verdict is not Verdict.EMPTY for mark in read.marks]
    written = [box.reading.ink > 0 for box in read.characters] + [text.has_ink for text in read.texts]
    told = json.dumps([read.code.layout, read.code.form_page, marked, written])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def place_made_elsewhere(
    db: Database, sha256: str, index: int, read: PageReading, elsewhere: Elsewhere
) -> SamePaper | Joins | AnotherReturn:
    """Say where page `index` (from 0) of a file goes among the returns on record."""
    respondent = respondent_of(read, elsewhere)
    if respondent and (returns := returns_of(db, "respondent", respondent)):
        return place_page(read.code.form_page, read.signature, returns, None)
    before = _neighbour(db, sha256, _index_before(db, sha256, index), read.code.layout)
    again = _scanned_before(db, read) if read.signature.fields else _beside_duplicate(db, sha256, index, read)
    if again:
        return SamePaper(again)
    overleaf = _neighbour(db, sha256, index ^ 1, read.code.layout) if elsewhere.sides == "both" else None
    placed = place_uncoded_page(read.code.form_page, before, overleaf)
    if respondent and isinstance(placed, Joins) and _is_another_persons(db, placed.submission, respondent):
        return AnotherReturn(None)
    return placed


def returns_of(db: Database, column: str, value: str) -> list[Return]:
    """Return the paper returns of one copy or respondent so far, the earliest first, each with the ink of its pages."""
    returns: dict[str, dict[int, InkSignature]] = {}
    rows = db.execute(
        "SELECT p.submission, p.form_page, b.body FROM pages p JOIN event_bodies b ON b.event = p.event"
        f" WHERE p.submission IN (SELECT submission FROM pages WHERE {column} = ?) AND p.status = 'read'"
        " AND p.reader IS NOT NULL"
        " ORDER BY p.event",
        [value],
    )
    for submission, form_page, body in rows:
        returns.setdefault(submission, {})[form_page] = _signature(body)
    return [Return(submission, pages) for submission, pages in returns.items()]


def _scanned_before(db: Database, read: PageReading) -> str | None:
    """The return that holds the very same sheet, by its ink; a sheet without ink looks like any other."""
    rows = db.execute(
        "SELECT p.submission, b.body FROM pages p JOIN event_bodies b ON b.event = p.event"
        " WHERE p.likeness = ? AND p.status = 'read' ORDER BY p.event",
        [likeness_of(read)],
    )
    alike = (each for each, body in rows if same_ink(_signature(body), read.signature) is SameInk.SAME)
    return next(alike, None)


def _beside_duplicate(db: Database, sha256: str, index: int, read: PageReading) -> str | None:
    """The return that holds an empty page already, where the page scanned before it came a second time, too."""
    row = db.execute(
        "SELECT d.submission FROM pages d JOIN pages h ON h.submission = d.submission AND h.status = 'read'"
        " WHERE d.sha256 = ? AND d.page = ? AND d.status = 'duplicate' AND h.form_page = ?",
        [sha256, index - 1, read.code.form_page],
    ).fetchone()
    return row[0] if row else None


def _index_before(db: Database, sha256: str, index: int) -> int:
    """The last page of the file before `index` that is not an empty back; -1 where there is none."""
    row = db.execute(
        "SELECT MAX(page) FROM pages WHERE sha256 = ? AND page < ? AND status <> 'blank'", [sha256, index]
    ).fetchone()
    return -1 if row[0] is None else int(row[0])


def _neighbour(db: Database, sha256: str, index: int, layout: str) -> Neighbour | None:
    """Page `index` of a file, if it was read as a page of the same form; a page refused may be anybody's."""
    row = db.execute(
        "SELECT form_page, submission FROM pages"
        " WHERE sha256 = ? AND page = ? AND status = 'read' AND copy IS NULL AND layout = ?",
        [sha256, index, layout],
    ).fetchone()
    if row is None:
        return None
    held = db.execute("SELECT form_page FROM pages WHERE submission = ? AND status = 'read'", [row[1]])
    return Neighbour(int(row[0]), str(row[1]), frozenset(int(page) for (page,) in held))


def _is_another_persons(db: Database, submission: str, respondent: str) -> bool:
    rows = db.execute(
        "SELECT 1 FROM pages WHERE submission = ? AND respondent IS NOT NULL AND respondent <> ?",
        [submission, respondent],
    )
    return rows.fetchone() is not None


def _signature(body: Any) -> InkSignature:
    return signature_from_json(json.loads(body)["reading"])
