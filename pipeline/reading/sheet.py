"""The pages of one copy joined, whatever their order, file or day, and what was read for each variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.form.definition import FormDefinition
from pipeline.form.layout import Box, Field, Layout
from pipeline.reading.readings import CharacterReading, MarkReading, PageReading, TextReading


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the copy something stands: its form page (from 1) and a box in millimetres on that page."""

    form_page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Sheet:
    """One copy as it came back: its pages by form page number. Pages that have not come back are not in `pages`."""

    definition: FormDefinition
    layout: Layout
    pages: Mapping[int, PageReading]

    @property
    def pages_missing(self) -> tuple[int, ...]:
        """The form pages with something to answer that have not come back; pages of words alone are not missed."""
        return tuple(page.number for page in self.layout.pages if page.fields and page.number not in self.pages)


def is_returned(sheet: Sheet, variable: str) -> bool:
    """Whether every page that has room for `variable` came back."""
    return all(number in sheet.pages for number, _ in _fields(sheet.layout, variable))


def marks_of(sheet: Sheet, variable: str) -> tuple[MarkReading, ...]:
    """Return the marks read for `variable`, in print order."""
    return tuple(mark for page in _in_order(sheet) for mark in page.marks if mark.question == variable)


def characters_of(sheet: Sheet, variable: str) -> tuple[CharacterReading, ...]:
    """Return the boxed characters read for `variable`, in the order of their boxes; empty without such boxes."""
    boxes = [item for page in _in_order(sheet) for item in page.characters if item.question == variable]
    return tuple(item.reading for item in sorted(boxes, key=lambda item: item.index))


def text_of(sheet: Sheet, variable: str) -> TextReading | None:
    """Return what was read in the writing area of `variable`, or None when it has no such area."""
    return next((text for page in _in_order(sheet) for text in page.texts if text.question == variable), None)


def places_of(layout: Layout) -> dict[str, Place]:
    """Return for each variable the smallest box around all its fields on the first page that has any."""
    places: dict[str, Place] = {}
    for page in layout.pages:
        for name in dict.fromkeys(field.question for field in page.fields):
            boxes = [field.box for field in page.fields if field.question == name]
            places.setdefault(name, Place(page.number, _around(boxes)))
    return places


def _around(boxes: Sequence[Box]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _in_order(sheet: Sheet) -> list[PageReading]:
    return [sheet.pages[number] for number in sorted(sheet.pages)]


def _fields(layout: Layout, variable: str) -> list[tuple[int, Field]]:
    return [(page.number, field) for page in layout.pages for field in page.fields if field.question == variable]
