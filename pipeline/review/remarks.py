"""Which ink outside all fields is writing that a person must see: asked once a page, and stored as no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot

from pipeline.form.layout import Box, around_all
from pipeline.reading.readings import Remark
from pipeline.reading.sheet import Place, Sheet

_PREFIX = "@remark."
"""What the questions of such doubts begin with; the number of the form page follows."""

LEAST_LENGTH_MM = 9.0
"""Length of strokes from which ink may be writing: the shortest two words take 13 mm, what is left of a long tick
outside its box 8 mm."""

LEAST_WINDING = 1.4
"""Length of writing's strokes over the diagonal of its box. Tails of ticks, creases and edges of tears have 1.0 to 1.2,
two that cross 1.4."""

LEAST_PIECES_LENGTH_MM, LEAST_PIECES, LEAST_SPREAD_MM = 6.0, 4, 0.45
"""Writing over print shows in pieces between its letters, which are shorter and wind less: so many, spread as wide as
writing is high, count all the same. A line that print cuts into pieces does not spread."""

MOST_THICKNESS_MM = 1.4
"""Ink over length: a felt pen's writing has 1.1, a staple with its shadow 1.6, a punch hole 2 and more."""


def remark_on(form_page: int) -> str:
    """Return the question of the doubt about what is written outside the fields of a page, `@remark.2`."""
    return f"{_PREFIX}{form_page}"


def is_about_remark(question: str) -> bool:
    """Whether a doubt or decision is about writing outside all fields."""
    return question.startswith(_PREFIX)


def remarks_in_order(decided: Mapping[str, str]) -> tuple[str, ...]:
    """Return what remarks say, by question, in the order of their pages."""
    return tuple(decided[question] for question in sorted(decided, key=lambda each: int(each.removeprefix(_PREFIX))))


def places_of_remarks(sheet: Sheet) -> dict[str, Place]:
    """Return the place of the writing outside all fields for each page that has any, by the question of its doubt."""
    written = {number: [each.box for each in page.remarks if is_writing(each)] for number, page in sheet.pages.items()}
    return {remark_on(number): Place(number, _around(boxes)) for number, boxes in sorted(written.items()) if boxes}


def _around(boxes: Sequence[Box]) -> Box:
    box = around_all(boxes)
    return Box(box.x, box.y, round(box.w, 2), round(box.h, 2))


def is_writing(ink: Remark) -> bool:
    """Whether ink is wound or scattered as writing is, and not a line, a hole or a blot."""
    if ink.ink > MOST_THICKNESS_MM * ink.length:
        return False
    if ink.length >= max(LEAST_LENGTH_MM, LEAST_WINDING * hypot(ink.box.w, ink.box.h)):
        return True
    return ink.length >= LEAST_PIECES_LENGTH_MM and ink.pieces >= LEAST_PIECES and ink.spread >= LEAST_SPREAD_MM
