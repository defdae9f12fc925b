"""Which return a page belongs to: a copy may come back twice, and no page is dropped or merged in silence.

Pages of forms made elsewhere carry no code. They go by who was scanned beside them, and only where that is certain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.reading.readings import InkSignature
from pipeline.reading.same_ink import SameInk, same_ink


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


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A page without a code that was scanned beside another: its form page, and its return so far.

    `pages` are the form pages that the return holds, this one included.
    """

    form_page: int
    submission: str
    pages: frozenset[int]


def place_uncoded_page(form_page: int, before: Neighbour | None, overleaf: Neighbour | None) -> Joins | AnotherReturn:
    """Say where a page without a code goes: `before` was scanned just before it, `overleaf` on the back of its sheet.

    The two sides of one sheet belong together in whichever order they lie. Beyond that, a page joins the return
    before it as long as its number goes up; anything else, such as a page missing or upside down among others, would
    mix two people's answers, and so it starts a return of its own.
    """
    if overleaf and _is_other_side(form_page, overleaf.form_page) and form_page not in overleaf.pages:
        return Joins(overleaf.submission)
    if before and form_page > max(before.pages):
        return Joins(before.submission)
    return AnotherReturn(None)


def _is_other_side(page: int, other: int) -> bool:
    return page != other and (page - 1) // 2 == (other - 1) // 2
