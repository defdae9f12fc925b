"""How a writer marks boxes, as the whole copy shows, and what that says of those rubbed out or scribbled over."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.form.definition import Shape
from pipeline.reading.readings import MarkReading
from pipeline.reading.sheet import Sheet, marks_of
from pipeline.reading.verdict import Verdict, is_filled, is_half_filled


@dataclass(frozen=True, slots=True)
class Habit:
    """How this writer marks boxes, as the pick-one questions of the copy show that have one inked box each.

    `fills`: by filling them in, as in three of them or more, while no box anywhere holds a lighter mark. `darkest`: the
    largest share of such a box that is inked; all of it where fewer than three tell.
    """

    fills: bool
    darkest: float


_TELLING = 3
"""Questions that tell somebody's way of marking: on one, a filled box may be a mark or a change of mind."""


def habit_of(sheet: Sheet) -> Habit:
    """Return how the writer of a copy marks boxes."""
    alone: list[MarkReading] = []
    is_lighter = False
    for variable in sheet.definition.variables:
        inked = [mark for mark in marks_of(sheet, variable.name) if mark.verdict is not Verdict.EMPTY]
        is_lighter = is_lighter or any(not mark.filled for mark in inked)
        alone += inked if variable.shape is Shape.CHOICE and len(inked) == 1 else []
    tells = len(alone) >= _TELLING
    return Habit(tells and not is_lighter, max(mark.measured.fill for mark in alone) if tells else 1.0)


RUBBED_OUT = 0.7
"""Beside a bubble filled in solid, one that is not solid and no darker than this share of it was rubbed out."""


def without_rubbed_out(marks: tuple[MarkReading, ...]) -> tuple[MarkReading, ...]:
    """Return the marks of a pick-one question, without bubbles that were rubbed out in favour of a solid one."""
    solid = [mark for mark in marks if mark.bubble and mark.verdict is Verdict.MARKED and is_filled(mark.measured)]
    if len(solid) != 1:
        return marks
    lightest = RUBBED_OUT * solid[0].measured.darkness
    return tuple(mark for mark in marks if is_filled(mark.measured) or mark.measured.darkness > lightest)


SCRIBBLED_OVER = 0.65
"""Share inked from which a box beside a sure mark may be scribbled over to take it back."""

MUCH_LIGHTER = 0.6
"""And the sure mark, like every other that the writer has left alone, covers no more than this share of that."""


def without_scribbled_over(marks: tuple[MarkReading, ...], habit: Habit) -> tuple[MarkReading, ...]:
    """Return the marks of a pick-one question, without boxes scribbled over in a hurry by who marks lightly."""
    inked = [mark for mark in marks if mark.verdict is not Verdict.EMPTY]
    light = [mark for mark in inked if not _is_scribbled_over(mark)]
    if len(light) != 1 or light[0].verdict is not Verdict.MARKED:
        return marks
    usual = max(light[0].measured.fill, habit.darkest)
    return tuple(mark for mark in marks if not _is_scribbled_over(mark) or usual > MUCH_LIGHTER * mark.measured.fill)


def _is_scribbled_over(mark: MarkReading) -> bool:
    return mark.measured.fill >= SCRIBBLED_OVER and not is_half_filled(mark.measured)
