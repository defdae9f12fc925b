"""Which return of a copy a page belongs to: a copy may come back twice, and no page is dropped or merged in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.reading.ink import InkSignature, SameInk, same_ink


@dataclass(frozen=True, slots=True)
class Return:
    """One return of a copy so far: its submission, and the ink of each form page that came."""

    submission: str
    pages: Mapping[int, InkSignature]


@dataclass(frozen=True, slots=True)
class SamePaper:
    """The page is one that `submission` already holds, scanned again: it counts once."""

    submission: str


@dataclass(frozen=True, slots=True)
class Joins:
    """The page belongs to `submission`, which lacked it."""

    submission: str


@dataclass(frozen=True, slots=True)
class AnotherReturn:
    """The page starts a return of its own: the first of its copy, or `second_of` an earlier one."""

    second_of: str | None


def place_page(
    form_page: int, ink: InkSignature, returns: Sequence[Return], before: str | None
) -> SamePaper | Joins | AnotherReturn:
    """Say where a page goes among the `returns` of its copy; `before` is the return of the page scanned just before.

    The same ink is the same paper. Different ink where every return already has this page is a second person, or a
    second try. A page without any ink looks the same in every return: it goes to the one it was scanned with.
    """
    seen = {item.submission: same_ink(item.pages[form_page], ink) for item in returns if form_page in item.pages}
    for submission, likeness in seen.items():
        if likeness is SameInk.SAME:
            return SamePaper(submission)
    lacking = [item.submission for item in returns if form_page not in item.pages]
    if before in lacking:
        return Joins(before)
    for submission, likeness in seen.items():
        if likeness is SameInk.BOTH_BLANK:
            return SamePaper(submission)
    if lacking:
        return Joins(lacking[0])
    return AnotherReturn(returns[0].submission if returns else None)
