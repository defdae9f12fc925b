"""What the check sheet said of each scanner: whether it is set well, or what to change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.page.advice import SENTENCES, Advice, Hint

SET_WELL = "The scanner is set well."
"""Said where nothing need be done."""


@dataclass(frozen=True, slots=True)
class CheckedScanner:
    """What came of one check sheet: its file, the desk it came from, the day, and every sentence told of it."""

    sha256: str
    name: str
    desk: str
    day: str
    is_well: bool
    sentences: tuple[str, ...]


def scanner_checks(db: Database, most: int) -> list[CheckedScanner]:
    """Return the latest check sheets, the newest first, `most` at most."""
    rows = db.execute(f"{_FRONTS} ORDER BY f.received_at DESC, p.page LIMIT ?", [most])
    return [_checked(*row) for row in rows.fetchall()]


def scanner_checks_in(db: Database, sha256: str) -> list[CheckedScanner]:
    """Return the check sheets in one file."""
    rows = db.execute(f"{_FRONTS} AND p.sha256 = ? ORDER BY p.page", [sha256])
    return [_checked(*row) for row in rows.fetchall()]


def told_of_scanner(advice: Sequence[Advice], has_back: bool) -> tuple[bool, tuple[str, ...]]:
    """Return whether nothing need be done about a scanner, and what there is to say."""
    told = [*advice, *([] if has_back else [Advice(Hint.ONE_SIDED, SENTENCES[Hint.ONE_SIDED])])]
    is_well = all(each.harmless for each in told)
    return is_well, (*([SET_WELL] if is_well else []), *(each.sentence for each in told))


_FRONTS = (
    "SELECT p.sha256, f.name, f.desk, f.received_at, p.advice,"
    " EXISTS (SELECT 1 FROM pages b WHERE b.sha256 = p.sha256 AND b.status = 'check' AND b.form_page = 2)"
    " FROM pages p JOIN files f USING (sha256) WHERE p.status = 'check' AND p.form_page = 1"
)


def _checked(sha256: str, name: str, desk: str, at: str, advice: str | None, has_back: bool) -> CheckedScanner:
    told = [Advice(Hint(each["hint"]), each["sentence"]) for each in json.loads(advice or "[]")]
    return CheckedScanner(sha256, name, desk, at[:10], *told_of_scanner(told, has_back))
