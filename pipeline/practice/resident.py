"""A resident with a pen: fills in the pages of one printed copy and leaves the truth of what was meant beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np

from pipeline.form.layout import Box, Field, Layout, PageLayout
from pipeline.practice.handwriting import FACES, Hand, cropped, letter, write, write_in_box
from pipeline.practice.marks import Care, Mark, filling_traces, mark_traces
from pipeline.practice.pens import FAINT_PENCIL, ORDINARY_PENS, Cover, Grey, Pen, Trace, curve, draw

Glyphs = Callable[[str], Cover]
"""Gives a picture of one handwritten character: ink 255 on nothing 0, any size."""

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}")

_STRAY_AREA = 0.05
"""mm² of strange ink inside a box from which on it counts as a stray."""


class Ink(StrEnum):
    """What a resident left in a box to tick. `STRAY` is ink that means nothing."""

    EMPTY = "empty"
    MARKED = "marked"
    CANCELLED = "cancelled"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class Resident:
    """How one person fills in a form.

    `marks` are the ways this person marks a box, drawn from at random; `changes` is the share of questions
    answered first with another box, then filled in and taken back; `strays` the usual number of stray dots
    and strokes on a page; `careless` people let their strays run through boxes.
    """

    pen: Pen
    marks: tuple[Mark, ...]
    care: Care
    hand: Hand
    changes: float = 0.0
    strays: float = 0.0
    careless: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """The pages of a copy as filled in, and the truth: what the writer meant, and the ink in every box.

    `truth` maps a variable to its value; one that is absent was left blank. `marks` maps (variable, value) of
    every box to tick to its ink.
    """

    pages: tuple[Grey, ...]
    truth: Mapping[str, str]
    marks: Mapping[tuple[str, str], Ink]


def random_resident(rng: np.random.Generator) -> Resident:
    """Return an ordinary resident: any usual pen, one way of marking, a steady hand, a rare change of mind."""
    usual = (Mark.CROSS, Mark.TICK, Mark.SCRIBBLE, Mark.SLASH)
    mark = usual[int(rng.choice(4, p=(0.4, 0.45, 0.1, 0.05)))]
    care = Care(
        slip=float(rng.uniform(0.15, 0.5)), spread=float(rng.uniform(0.05, 0.15)), tremor=float(rng.uniform(0.02, 0.06))
    )
    return Resident(
        pen=ORDINARY_PENS[int(rng.choice(5, p=(0.38, 0.3, 0.14, 0.08, 0.1)))],
        marks=(mark,),
        care=care,
        hand=_random_hand(rng),
        changes=0.03,
        strays=0.5,
    )


def hard_resident(rng: np.random.Generator) -> Resident:
    """Return a resident who makes it hard: any pen and faint pencil, odd marks, a shaky hand, strays, many changes."""
    pens = (*ORDINARY_PENS, FAINT_PENCIL, FAINT_PENCIL)
    marks = tuple(Mark(value) for value in rng.choice([mark.value for mark in Mark], 2, replace=False))
    return Resident(
        pen=pens[int(rng.integers(len(pens)))],
        marks=marks,
        care=Care(
            slip=float(rng.uniform(0.4, 1.2)),
            spread=float(rng.uniform(0.12, 0.3)),
            tremor=float(rng.uniform(0.05, 0.15)),
        ),
        hand=_random_hand(rng),
        changes=0.12,
        strays=4.0,
        careless=True,
    )


def _random_hand(rng: np.random.Generator) -> Hand:
    return Hand(
        face=FACES[int(rng.integers(len(FACES)))],
        height=float(rng.uniform(2.8, 4.2)),
        lean=float(rng.normal(0.05, 0.12)),
        slope=float(np.clip(rng.normal(0.01, 0.012), -0.02, 0.035)),
        unrest=float(rng.uniform(0.05, 0.25)),
    )


def fill(
    pages: Sequence[Grey],
    layout: Layout,
    answers: Mapping[str, str],
    resident: Resident,
    rng: np.random.Generator,
    glyphs: Glyphs | None = None,
) -> Filled:
    """Return `pages` (one grey array for each page of `layout`, whole paper) filled in with `answers` by `resident`.

    Characters go into their boxes in the resident's own hand, or as pictures that `glyphs` gives. What is not
    printed in this layout is not answered, and so not part of the truth.
    """
    filled, inks = [], {}
    for page, printed in zip(pages, layout.pages, strict=True):
        sheet = _Sheet(page, page.copy(), page.shape[1] / layout.paper_mm[0], resident, rng)
        inks.update(_fill_page(sheet, printed, answers, glyphs))
        filled.append(sheet.inked)
    asked = {field.question for printed in layout.pages for field in printed.fields}
    truth = {variable: value for variable, value in answers.items() if variable in asked and value}
    return Filled(tuple(filled), truth, inks)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page under the pen: `blank` as printed, `inked` as written on so far (drawn on in place)."""

    blank: Grey
    inked: Grey
    px_per_mm: float
    resident: Resident
    rng: np.random.Generator

    def draw(self, traces: Sequence[Trace]) -> None:
        draw(self.inked, self.px_per_mm, traces, self.resident.pen, self.rng)

    def is_inked(self, box: Box) -> bool:
        """Whether ink has come into `box`, well inside its frame."""
        inner = box.grown(-0.5)
        left, top, right, bottom = (
            round(side * self.px_per_mm) for side in (inner.x, inner.y, inner.right, inner.bottom)
        )
        before = self.blank[top:bottom, left:right].astype(np.int16)
        darkened = np.count_nonzero(before - self.inked[top:bottom, left:right] > 25)
        return bool(darkened > _STRAY_AREA * self.px_per_mm**2)


def _fill_page(
    sheet: _Sheet, printed: PageLayout, answers: Mapping[str, str], glyphs: Glyphs | None
) -> dict[tuple[str, str], Ink]:
    """Fill in one page and return the ink in each of its boxes to tick."""
    meant: dict[tuple[str, str], Ink] = {}
    for question, group in groupby(printed.fields, key=lambda field: field.question):
        fields = tuple(group)
        value = answers.get(question, "")
        meant |= _mark(sheet, [field for field in fields if field.kind == "mark"], value)
        if value:
            _write_characters(sheet, [field for field in fields if field.kind == "character"], value, glyphs)
            for field in fields:
                if field.kind == "text":
                    write(
                        sheet.inked,
                        sheet.px_per_mm,
                        value,
                        field.box,
                        sheet.resident.hand,
                        sheet.resident.pen,
                        sheet.rng,
                    )
    _leave_strays(sheet, printed)
    boxes = {(field.question, field.value): field.box for field in printed.fields if field.kind == "mark"}
    return {key: _ink_in(sheet, boxes[key], ink) for key, ink in meant.items()}


def _ink_in(sheet: _Sheet, box: Box, meant: Ink) -> Ink:
    return Ink.STRAY if meant is Ink.EMPTY and sheet.is_inked(box) else meant


def _mark(sheet: _Sheet, fields: Sequence[Field], value: str) -> dict[tuple[str, str], Ink]:
    """Mark the boxes of one question that stand for `value` (several joined by `;`), now and then after another one."""
    wanted = set(value.split(";"))
    inks = {(field.question, field.value): Ink.EMPTY for field in fields}
    unmeant = [field for field in fields if field.value not in wanted]
    if unmeant and value and sheet.rng.random() < sheet.resident.changes:
        first = unmeant[int(sheet.rng.integers(len(unmeant)))]
        _take_back(sheet, first)
        inks[first.question, first.value] = Ink.CANCELLED
    for field in fields:
        if field.value in wanted:
            sheet.draw(_mark_on(sheet, field))
            inks[field.question, field.value] = Ink.MARKED
    return inks


def _mark_on(sheet: _Sheet, field: Field) -> list[Trace]:
    resident, rng = sheet.resident, sheet.rng
    mark = resident.marks[int(rng.integers(len(resident.marks)))]
    return mark_traces(mark, field.box, resident.care, rng)


def _take_back(sheet: _Sheet, field: Field) -> None:
    """Mark a box, then fill it in completely, going over it twice."""
    sheet.draw(_mark_on(sheet, field))
    for trace in filling_traces(field.box, sheet.resident.pen, sheet.resident.care, sheet.rng):
        sheet.draw([trace])


def _write_characters(sheet: _Sheet, fields: Sequence[Field], value: str, glyphs: Glyphs | None) -> None:
    resident = sheet.resident
    for field, character in _in_boxes(fields, _as_written(value, len(fields), sheet.rng)):
        glyph = cropped(glyphs(character)) if glyphs else letter(character, resident.hand.face)
        write_in_box(sheet.inked, sheet.px_per_mm, glyph, field.box, resident.hand, resident.pen, sheet.rng)


def _as_written(value: str, boxes: int, rng: np.random.Generator) -> str:
    """Return what goes into `boxes` boxes, in capitals.

    A date goes in as day, month, year; some people close up a postcode, or end a number in the last box.
    """
    at_random = rng.random()
    if iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value):
        return "".join(reversed(iso.groups()))
    if at_random < 0.3 and _POSTCODE.fullmatch(value):
        return value.replace(" ", "")
    if at_random < 0.2 and value.isdecimal():
        return value.rjust(boxes)
    return value.upper()


def _in_boxes(fields: Sequence[Field], text: str) -> Iterator[tuple[Field, str]]:
    """Yield each box that is written in with its character. A space leaves a box free.

    Characters that the next box does not take are those printed between the boxes, and passed over.
    """
    boxes = iter(fields)
    box = next(boxes, None)
    for character in text:
        if box is None:
            return
        if character == " ":
            box = next(boxes, None)
        elif not box.allowed or character in box.allowed:
            yield box, character
            box = next(boxes, None)


def _leave_strays(sheet: _Sheet, printed: PageLayout) -> None:
    """Leave a few dots and short strokes near the boxes; unless careless, none through a box."""
    resident, rng = sheet.resident, sheet.rng
    if not printed.fields:
        return
    for _ in range(int(rng.poisson(resident.strays))):
        near = printed.fields[int(rng.integers(len(printed.fields)))].box
        trace = _stray(near, resident.care, rng)
        if resident.careless or not _touches(trace, printed.fields):
            sheet.draw([trace])


def _stray(near: Box, care: Care, rng: np.random.Generator) -> Trace:
    """A dot, or a stroke of up to 15 mm, that starts within about 8 mm of a box."""
    x, y = np.array(near.centre) + rng.normal(0, 6, 2)
    length = 0.15 if rng.random() < 0.6 else float(rng.uniform(3, 15))
    angle = float(rng.uniform(0, 2 * np.pi))
    end = (x + length * np.cos(angle), y + length * np.sin(angle))
    bend = ((x + end[0]) / 2 + 0.05 * length, (y + end[1]) / 2)
    return curve([(x, y), bend, end], min(care.tremor, 0.2 * length), rng)


def _touches(trace: Trace, fields: Sequence[Field]) -> bool:
    """Whether any point of `trace` lies in or on the frame of a field."""
    for field in fields:
        box = field.box.grown(0.8)
        inside = (trace > (box.x, box.y)) & (trace < (box.right, box.bottom))
        if inside.all(axis=1).any():
            return True
    return False
