"""Boxes beside the one surely marked of a pick-one question: taken back, passed through, or as good as white."""

from __future__ import annotations

from pipeline.form.layout import Box
from pipeline.reading.readings import MarkReading
from pipeline.reading.verdict import MarkMeasurement, passes_through

TAKEN_BACK, PASSED_THROUGH, NOTHING_MEANT, DUST = 0.95, 0.95, 0.97, 0.9
"""Chances from which a box beside the one mark of its question is not the answer, though by itself it would be for a
person: of *cancelled*, of *stray*, of *empty* or *stray* with ink on one side, of *empty* with a speck inside."""

LIKELY_PASSED_THROUGH, SEEN_PASSING_THROUGH = 0.7, 0.98
"""Chances of *stray* at the first and at the second look that are together enough of it."""

WELL_FILLED, LEAST_CROSSING_MM = 0.7, 0.4
"""Share inked of a box that was scribbled out, and how much of its edge is inked where a stroke came in from elsewhere:
half filled is less, and a dot lies within."""

PALEST_INK, MOST_OF_A_CREASE_MM2 = 0.16, 1.0
"""Darkness of the darkest spot in a box up to which it may be the shadow of a crease, and how much of it lies on either
side: faint pencil is 0.2 and more."""

RUNS_OUT_MM2, ALMOST_NONE_MM2 = 0.3, 0.2
"""Ink of a mark beside its box from which it may be what is beside the next: the tail of a tick. Inside and on its
other side that one has no more than the second, or it may hold a dot, or a ring be drawn round it."""

SAME_STROKE, WIDEST_TAIL_MM2 = 1.1, 2.3
"""Ink that the tail of a mark leaves beside another box, at most, for what it leaves beside its own on the way there,
and at all: one thin stroke across 3 mm. A tick beside a box leaves 2.4 to 6 mm²."""


def is_set_aside(mark: MarkReading, meant: MarkReading) -> bool:
    """Whether a box is surely not the answer, given the one that is surely marked."""
    ink = mark.measured
    taken_back = ink.cancelled >= TAKEN_BACK and ink.fill >= WELL_FILLED
    passed_through = _is_passed_through(ink) and ink.rim >= LEAST_CROSSING_MM
    return mark.filled or taken_back or passed_through or _is_as_good_as_white(mark, meant)


def _is_passed_through(ink: MarkMeasurement) -> bool:
    """Whether the ink in a box came in from elsewhere, at the first look or at both."""
    seen = ink.around is not None and ink.around.stray >= SEEN_PASSING_THROUGH
    return passes_through(ink) or ink.stray >= PASSED_THROUGH or (seen and ink.stray >= LIKELY_PASSED_THROUGH)


def _is_as_good_as_white(mark: MarkReading, meant: MarkReading) -> bool:
    """Whether a box holds a crease or a speck at most, and beside it at most the tail of the mark that is meant."""
    ink = mark.measured
    less, more = sorted((ink.ink_left, ink.ink_right))
    if ink.darkest <= PALEST_INK and more <= MOST_OF_A_CREASE_MM2 and ink.empty >= DUST:
        return True
    if ink.ink > ALMOST_NONE_MM2 or less > ALMOST_NONE_MM2:
        return False
    runs_out = max(meant.measured.ink_left, meant.measured.ink_right) >= RUNS_OUT_MM2
    is_tail = runs_out and ink.empty + ink.stray >= NOTHING_MEANT
    return is_tail or _is_seen_beside_a_tail(mark, meant) or (more <= ALMOST_NONE_MM2 and ink.empty >= DUST)


def _is_seen_beside_a_tail(mark: MarkReading, meant: MarkReading) -> bool:
    """Whether a second look sees nothing in a box, and a stroke from the mark in its row explains what is beside it."""
    look, ink, of = mark.measured.around, mark.measured, meant.measured
    if look is None or look.empty + look.stray < NOTHING_MEANT or not _are_in_one_row(mark.box, meant.box):
        return False
    sides = ink.ink_left, ink.ink_right
    towards, away = sides if meant.box.x < mark.box.x else sides[::-1]
    leaves = of.ink_right if meant.box.x < mark.box.x else of.ink_left
    return away <= ALMOST_NONE_MM2 < towards <= min(SAME_STROKE * leaves, WIDEST_TAIL_MM2)


def _are_in_one_row(one: Box, other: Box) -> bool:
    return one.y < other.centre[1] < one.bottom
