"""What following the ink of boxes in doubt settles: a mark from elsewhere, or one that came from nowhere."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from pipeline.reading.marks import Followed, MarkReading
from pipeline.reading.sheet import Sheet
from pipeline.reading.verdict import Around, MarkMeasurement, Verdict, looks_meant, passes_through

ALL_OF_IT = 0.9
"""Share of the ink in and beside a box that is one piece with a mark elsewhere: dust and noise may be the rest."""

NOT_MEANT, MAY_BE_MEANT, MAY_BE_OPEN = 0.85, 0.65, 0.5
"""Chance of *empty* or *stray* at the second look from which a box so joined is empty, and the chances up to which the
first look may have thought otherwise: of *marked* or *cancelled*, and of *unsure*."""

ALMOST_NONE_MM2 = 0.2
"""Ink inside a box, at most, that a stroke passing through another leaves on its way past."""

NOWHERE_MM = 4.0
"""How far the ink in a box runs on beyond its frame, at most, and into no other box, where it came from nowhere else:
the tail of a mark in the next box comes 5 mm, a pen that slips as much on both sides."""

MOST_OF_IT = 0.5
"""Share of the ink in a box that was followed, at least, to say that it leads nowhere. The page is looked at less
finely than the box: of boxes so settled on pages used to make this, seven tenths of the ink and more was found."""

MEANT_IF_NOT_STRAY, NOT_ONLY_STRAY = 0.95, 0.05
"""Chance of *marked* from which a box is, at both looks, once it cannot be *stray*; and what it must be even so."""

Key = tuple[str, str]
"""A box by its question and value."""


def settled_by_following(sheet: Sheet) -> Sheet:
    """Return a copy with those boxes in doubt settled whose ink was followed to where it came from."""
    pages = {}
    for number, page in sheet.pages.items():
        sure = {(mark.question, mark.value) for mark in page.marks if mark.verdict is Verdict.MARKED}
        passed = {(mark.question, mark.value) for mark in page.marks if passes_through(mark.measured)}
        pages[number] = replace(page, marks=tuple(_settled(mark, sure, passed) for mark in page.marks))
    return replace(sheet, pages=pages)


def _settled(mark: MarkReading, sure: Set[Key], passed: Set[Key]) -> MarkReading:
    look = mark.measured.around
    if mark.verdict is not Verdict.UNSURE or mark.followed is None or look is None:
        return mark
    if _came_from_nowhere(mark.measured, mark.followed) and _is_meant_if_not_stray(mark.measured, look):
        return replace(mark, verdict=Verdict.MARKED, confidence=_rounded(look.marked / (1.0 - look.stray)))
    joined = {(each.question, each.value) for each in mark.followed.joined if each.share >= ALL_OF_IT}
    is_tail = bool(joined & sure) or (bool(joined & passed) and mark.measured.ink <= ALMOST_NONE_MM2)
    if is_tail and _may_be_not_meant(mark.measured, look):
        return replace(mark, verdict=Verdict.EMPTY, confidence=_rounded(look.empty + look.stray))
    return mark


def _rounded(confidence: float) -> float:
    """A confidence made of chances that were rounded one by one, and so may come to a little more than 1."""
    return round(min(1.0, confidence), 4)


def _came_from_nowhere(ink: MarkMeasurement, followed: Followed) -> bool:
    return followed.ink >= MOST_OF_IT * ink.ink and followed.reach <= NOWHERE_MM and not followed.joined


def _is_meant_if_not_stray(ink: MarkMeasurement, look: Around) -> bool:
    chances = ((ink.marked, ink.stray), (look.marked, look.stray))
    enough = (marked >= max(NOT_ONLY_STRAY, MEANT_IF_NOT_STRAY * (1.0 - stray)) for marked, stray in chances)
    return all(enough) and looks_meant(ink)


def _may_be_not_meant(ink: MarkMeasurement, look: Around) -> bool:
    at_first = ink.marked + ink.cancelled <= MAY_BE_MEANT and ink.unsure <= MAY_BE_OPEN
    return at_first and look.empty + look.stray >= NOT_MEANT
