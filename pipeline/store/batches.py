"""Stacks that came under a cover sheet: what was said of each, what arrived, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pipeline.form.code import spoken_copy_code
from pipeline.form.cover import MOST_FORMS
from pipeline.form.words import counted
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply

_MOST_NAMED = 20
"""Forms named one by one that lack a page; more are counted only."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A form of which pages (from 1) have not come back; `copy` is None where it carries no code of ours."""

    submission: str
    copy: str | None
    pages_missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One stack: its code, its library, the day on its cover, the number of forms `said`, and by whom if not the cover.

    `arrived` counts its forms, `before` those among them that had been scanned before, outside it; `uncounted` counts
    its pages that were not read or are not ours. `sentence` says all of it in words.
    """

    batch: str
    library: str
    day: str
    said: int | None
    said_by: str | None
    arrived: int
    before: int
    uncounted: int
    incomplete: tuple[Incomplete, ...]
    sentence: str

    @property
    def is_well(self) -> bool:
        """Whether as many forms arrived as were said, all of their pages with them."""
        return self.said == self.arrived and not self.uncounted and not self.incomplete


def all_batches(db: Database, most: int) -> list[Batch]:
    """Return the latest batches, the newest first, `most` at most."""
    rows = db.execute("SELECT batch FROM batches ORDER BY received_at DESC, batch LIMIT ?", [most])
    return list(find_batches(db, [batch for (batch,) in rows.fetchall()]))


def find_batches(db: Database, batches: Iterable[str]) -> Iterator[Batch]:
    """Yield how each of these batches stands."""
    for batch in batches:
        yield _find_batch(db, batch)


def count_batch(db: Database, batch: str, forms: int, by: str, now: datetime) -> str | None:
    """Record how many forms somebody says a batch holds; returns why not in words, or None once it is on record."""
    if not 1 <= forms <= MOST_FORMS:
        return f"A stack holds 1 to {MOST_FORMS} forms."
    with immediately(db):
        if not db.execute("SELECT 1 FROM batches WHERE batch = ?", [batch]).fetchone():
            return f"There is no stack {batch} here."
        apply(db, append(db, EventKind.BATCH_COUNTED, batch, {"forms": forms, "by": by}, now))
    return None


def _find_batch(db: Database, batch: str) -> Batch:
    library, day, said, by = db.execute(
        "SELECT library, day, said, said_by FROM batches WHERE batch = ?", [batch]
    ).fetchone()
    forms = db.execute(
        "SELECT s.submission, s.copy, s.pages_missing, s.batch FROM submissions s WHERE s.submission IN"
        " (SELECT submission FROM pages WHERE batch = ? AND status IN ('read', 'duplicate')) ORDER BY s.id",
        [batch],
    ).fetchall()
    (uncounted,) = db.execute(
        "SELECT COUNT(*) FROM pages WHERE batch = ? AND status IN ('refused', 'foreign')", [batch]
    ).fetchone()
    before = sum(home != batch for *_, home in forms)
    incomplete = tuple(
        Incomplete(submission, copy, tuple(map(int, pages.split(";")))) for submission, copy, pages, _ in forms if pages
    )
    told = _sentence(said, len(forms), before, uncounted, incomplete)
    return Batch(batch, library, day, said, by, len(forms), before, uncounted, incomplete, told)


def _sentence(said: int | None, arrived: int, before: int, uncounted: int, incomplete: Sequence[Incomplete]) -> str:
    """Say what was said, what arrived and what is missing: `You said 25 forms; 24 arrived.`"""
    if said is None:
        told = f"{counted(arrived, 'form')} arrived. The cover gives no number that could be read."
    else:
        told = f"You said {counted(said, 'form')}; {arrived} arrived."
    if incomplete:
        told += f" {_missing(incomplete)}"
    if before:
        told += f" {before} of them had been scanned before and {'counts' if before == 1 else 'count'} once."
    if uncounted:
        told += f" {counted(uncounted, 'page')} could not be counted."
    return told


def _missing(incomplete: Sequence[Incomplete]) -> str:
    """Say which pages are missing: `Page 2 of 7Q2M ABCD is missing.`"""
    named = [_pages_of(form) for form in incomplete[:_MOST_NAMED]]
    if more := len(incomplete) - len(named):
        named.append(f"pages of {counted(more, 'other form')}")
    listed = ", ".join(named)
    is_one = len(incomplete) == 1 and len(incomplete[0].pages_missing) == 1
    return f"{listed[0].upper()}{listed[1:]} {'is' if is_one else 'are'} missing."


def _pages_of(form: Incomplete) -> str:
    *others, last = map(str, form.pages_missing)
    pages = f"pages {', '.join(others)} and {last}" if others else f"page {last}"
    return f"{pages} of {spoken_copy_code(form.copy) if form.copy else 'a form'}"
