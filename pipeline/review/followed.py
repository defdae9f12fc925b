"""What following the ink of boxes in doubt settles: a mark from elsewhere, or one that came from nowhere."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from pipeline.form.definition import Shape
from pipeline.reading.readings import Followed, MarkReading
from pipeline.reading.sheet import Sheet
from pipeline.reading.verdict import Around, MarkMeasurement, Verdict, looks_meant

ALL_OF_IT = 0.9
"""Share of the ink in and beside a box that is one piece with a mark elsewhere: dust and noise may be the rest."""

NOT_MEANT, MAY_BE_MEANT, MAY_BE_OPEN = 0.85, 0.65, 0.06
"""Chance of *empty* or *stray* at the second look from which a box so joined is empty, and the chances up to which the
first look may have thought otherwise: of *marked* or *cancelled*, and of *unsure*."""

STRAIGHT_MM = 0.5
"""Spread of what is in and beside a box across its main direction, at most, for the tail of a mark. Of a hundred tails
on pages used to make this one was over 0.48; two ticks made beside a box, touching the mark next to it, had 0.87 and
1.06."""

NOWHERE_MM = 4.0
"""How far the ink in a box runs on beyond its frame, at most, and into no other box, where it came from nowhere else:
the tail of a mark in the next box comes 5 mm, a pen that slips as much on both sides."""

MOST_OF_IT = 0.5
"""Share of the ink in a box that was followed, at least, to say that it leads nowhere. The page is looked at less
finely than the box: of boxes so settled on pages used to make this, seven tenths of the ink and more was found."""

MEANT_IF_NOT_STRAY, NOT_ONLY_STRAY = 0.95, 0.05
"""Chance of *marked* from which a box is, at both looks, once it cannot be *stray*; and what it must be even so."""


def settled_by_following(sheet: Sheet) -> Sheet:
    """Return a copy with those boxes in doubt settled whose ink was followed to where it came from."""
    pick_one = {variable.name for variable in sheet.definition.variables if variable.shape is Shape.CHOICE}
    pages = {}
    for number, page in sheet.pages.items():
        sure = {
            (mark.question, mark.value)
            for mark in page.marks
            if mark.verdict is Verdict.MARKED and mark.question in pick_one
        }
        pages[number] = replace(page, marks=tuple(_settled(mark, sure) for mark in page.marks))
    return replace(sheet, pages=pages)


def _settled(mark: MarkReading, sure: Set[tuple[str, str]]) -> MarkReading:
    """The mark settled, if it can be; `sure` are the boxes surely marked in questions that take one mark.

    Boxes of other questions, or of one that takes several, may be joined since marks that run far out meet.
    """
    look = mark.measured.around
    if mark.verdict is not Verdict.UNSURE or mark.followed is None or look is None:
        return mark
    if _came_from_nowhere(mark.measured, mark.followed) and _is_meant_if_not_stray(mark.measured, look):
        return replace(mark, verdict=Verdict.MARKED, confidence=round(min(1.0, look.marked / (1.0 - look.stray)), 4))
    beside = (each for each in mark.followed.joined if each.question == mark.question and each.share >= ALL_OF_IT)
    is_tail = mark.followed.spread <= STRAIGHT_MM and any((each.question, each.value) in sure for each in beside)
    if is_tail and _may_be_not_meant(mark.measured, look):
        return replace(mark, verdict=Verdict.EMPTY, confidence=round(min(1.0, look.empty + look.stray), 4))
    return mark


def _came_from_nowhere(ink: MarkMeasurement, followed: Followed) -> bool:
    return followed.ink >= MOST_OF_IT * ink.ink and followed.reach <= NOWHERE_MM and not followed.joined


def _is_meant_if_not_stray(ink: MarkMeasurement, look: Around) -> bool:
    chances = ((ink.marked, ink.stray), (look.marked, look.stray))
    enough = (marked >= max(NOT_ONLY_STRAY, MEANT_IF_NOT_STRAY * (1.0 - stray)) for marked, stray in chances)
    return all(enough) and looks_meant(ink)


def _may_be_not_meant(ink: MarkMeasurement, look: Around) -> bool:
    at_first = ink.marked + ink.cancelled <= MAY_BE_MEANT and ink.unsure <= MAY_BE_OPEN
    return at_first and look.empty + look.stray >= NOT_MEANT
