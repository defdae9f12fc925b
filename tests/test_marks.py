"""Marks: a sure verdict is right, everything else is for a person; no ink vanishes into an empty box."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from drawn_pages import PX_PER_MM, Copy, filled, printed, registered, scanned
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.layout import Box, Field
from pipeline.practice.answers import random_answers
from pipeline.practice.marks import Care, Mark, filling_traces, mark_traces
from pipeline.practice.pens import FAINT_PENCIL, ORDINARY_PENS, Grey, Pen, curve, draw
from pipeline.practice.resident import Ink, hard_resident, random_resident
from pipeline.practice.scanner import Scanner, ordinary_scanner
from pipeline.reading.boxes import Views, box_pictures, views
from pipeline.reading.marks import read_marks
from pipeline.reading.readings import MarkReading
from pipeline.reading.verdict import Around, MarkMeasurement, Verdict, judge, passes_through

STEADY = Care(slip=0.25, spread=0.1, tremor=0.04)

RIGHT = {
    Ink.EMPTY: {Verdict.EMPTY, Verdict.UNSURE},
    Ink.MARKED: {Verdict.MARKED, Verdict.UNSURE},
    Ink.CANCELLED: {Verdict.CANCELLED, Verdict.UNSURE},
    Ink.STRAY: {Verdict.EMPTY, Verdict.UNSURE},
}


def pages_with_marks(copy: Copy) -> list[int]:
    return [n for n, page in enumerate(copy.layout.pages) if any(field.kind == "mark" for field in page.fields)]


def by_field(readings: Sequence[MarkReading]) -> dict[tuple[str, str], MarkReading]:
    return {(reading.question, reading.value): reading for reading in readings}


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_every_box_of_an_ordinary_copy_is_judged_rightly_or_left_to_a_person(seed: int) -> None:
    rng = np.random.default_rng(seed)
    copy = printed()
    written = filled(copy, random_answers(copy.definition, rng), random_resident(rng), seed)
    for number in pages_with_marks(copy):
        scan = scanned(written.pages[number], ordinary_scanner(rng, int(rng.choice((200, 300)))), seed)
        for key, reading in by_field(read_marks(registered(copy, scan))).items():
            assert reading.verdict in RIGHT[written.marks[key]], (key, written.marks[key], reading)


@pytest.mark.parametrize("seed", range(6))
def test_a_dark_box_never_vanishes_and_a_mark_is_never_called_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    copy = printed()
    written = filled(copy, random_answers(copy.definition, rng), hard_resident(rng), seed)
    for number in pages_with_marks(copy):
        for key, reading in by_field(read_marks(registered(copy, scanned(written.pages[number])))).items():
            if written.marks[key] in (Ink.MARKED, Ink.CANCELLED):
                assert reading.verdict is not Verdict.EMPTY, (key, reading)
            if written.marks[key] is Ink.CANCELLED:
                assert reading.verdict is not Verdict.MARKED


def one_box(copy: Copy) -> tuple[int, Field]:
    number = pages_with_marks(copy)[0]
    return number, next(field for field in copy.layout.pages[number].fields if field.kind == "mark")


def verdict_on(page: Grey, copy: Copy, field: Field, scanner: Scanner | None = None) -> MarkReading:
    return by_field(read_marks(registered(copy, scanned(page, scanner))))[field.question, field.value]


@pytest.mark.parametrize("mark", [Mark.CROSS, Mark.TICK, Mark.SLASH], ids=lambda mark: mark.value)
@pytest.mark.parametrize("pen", ORDINARY_PENS, ids=lambda pen: pen.name)
def test_usual_marks_in_usual_pens_are_marks(mark: Mark, pen: Pen) -> None:
    copy = printed()
    number, field = one_box(copy)
    page, rng = copy.pages[number].copy(), np.random.default_rng(7)
    draw(page, PX_PER_MM, mark_traces(mark, field.box, STEADY, rng), pen, rng)
    reading = verdict_on(page, copy, field)
    assert (reading.verdict, reading.filled) == (Verdict.MARKED, False)


@pytest.mark.parametrize("pen", [*ORDINARY_PENS, FAINT_PENCIL], ids=lambda pen: pen.name)
def test_a_box_filled_in_is_cancelled_and_said_to_be_filled(pen: Pen) -> None:
    copy = printed()
    number, field = one_box(copy)
    page, rng = copy.pages[number].copy(), np.random.default_rng(7)
    for trace in filling_traces(field.box, pen, STEADY, rng):
        draw(page, PX_PER_MM, [trace], pen, rng)
    reading = verdict_on(page, copy, field)
    assert (reading.verdict, reading.filled) == (Verdict.CANCELLED, True)


@pytest.mark.parametrize("mark", [Mark.CIRCLE, Mark.DOT], ids=lambda mark: mark.value)
def test_a_ring_round_a_box_and_a_dot_in_it_are_for_a_person(mark: Mark) -> None:
    copy = printed()
    number, field = one_box(copy)
    page, rng = copy.pages[number].copy(), np.random.default_rng(7)
    draw(page, PX_PER_MM, mark_traces(mark, field.box, STEADY, rng), ORDINARY_PENS[0], rng)
    assert verdict_on(page, copy, field).verdict is Verdict.UNSURE


def test_a_tick_beside_a_box_is_for_a_person() -> None:
    copy = printed()
    number, field = one_box(copy)
    page, rng = copy.pages[number].copy(), np.random.default_rng(7)
    beside = Box(field.box.x - 4.6, field.box.y, 4, 6)
    draw(page, PX_PER_MM, mark_traces(Mark.TICK, beside, Care(0.05, 0.02, 0.02), rng), ORDINARY_PENS[0], rng)
    assert verdict_on(page, copy, field).verdict is Verdict.UNSURE


@pytest.mark.parametrize("seed", range(4))
def test_faint_pencil_is_never_called_empty(seed: int) -> None:
    copy = printed()
    number = pages_with_marks(copy)[0]
    page, rng = copy.pages[number].copy(), np.random.default_rng(seed)
    fields = [field for field in copy.layout.pages[number].fields if field.kind == "mark"]
    for field in fields:
        draw(page, PX_PER_MM, mark_traces(Mark.TICK, field.box, STEADY, rng), FAINT_PENCIL, rng)
    readings = read_marks(registered(copy, scanned(page, ordinary_scanner(rng), seed)))
    assert len(readings) == len(fields)
    assert not [reading for reading in readings if reading.verdict is Verdict.EMPTY]


def test_specks_of_dust_are_no_marks_and_most_of_them_nothing_at_all() -> None:
    copy = printed()
    number = max(pages_with_marks(copy), key=lambda number: len(copy.layout.pages[number].fields))
    page, rng = copy.pages[number].copy(), np.random.default_rng(7)
    dust = replace(ORDINARY_PENS[0], width=0.2)
    for field in (field for field in copy.layout.pages[number].fields if field.kind == "mark"):
        x, y = np.array(field.box.centre) + rng.uniform(-1.5, 1.5, 2)
        draw(page, PX_PER_MM, [curve([(x, y), (x + 0.05, y + 0.05)], 0.0, rng)], dust, rng)
    verdicts = [reading.verdict for reading in read_marks(registered(copy, scanned(page, ordinary_scanner(rng), 7)))]
    assert not {Verdict.MARKED, Verdict.CANCELLED} & set(verdicts)
    assert verdicts.count(Verdict.EMPTY) > verdicts.count(Verdict.UNSURE)


CROSSED = MarkMeasurement(
    ink=6.0, ink_left=0.0, ink_right=0.2, darkness=0.2, deepest=0.8, fill=0.25, extent=1.0, gap=3.0,
    empty=0.0, marked=0.999, cancelled=0.0, unsure=0.001,
)  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (CROSSED, Verdict.MARKED),
        (replace(CROSSED, marked=0.6, unsure=0.4), Verdict.UNSURE),
        (replace(CROSSED, empty=0.999, marked=0.0), Verdict.UNSURE),
        (replace(CROSSED, cancelled=0.999, marked=0.0), Verdict.UNSURE),
        (replace(CROSSED, ink=0.3, extent=0.1), Verdict.UNSURE),
    ],
)
def test_a_verdict_needs_the_network_and_the_measurements_to_agree(measured: MarkMeasurement, verdict: Verdict) -> None:
    assert judge(measured)[0] is verdict


PASSED = replace(CROSSED, marked=0.02, stray=0.98, unsure=0.0, ink_left=2.0, ink_right=2.0)
DUSTY = replace(
    CROSSED, ink=0.08, ink_right=0.0, fill=0.004, extent=0.08, deepest=0.01, marked=0.0, empty=0.7, unsure=0.3
)
SURE_OF = {name: replace(Around(0.0, 0.0, 0.0, 0.0, 0.0), **{name: 0.99}) for name in ("empty", "marked", "stray")}


@pytest.mark.parametrize(
    ("measured", "around", "verdict"),
    [
        (PASSED, "stray", Verdict.UNSURE),
        (PASSED, "marked", Verdict.UNSURE),
        (DUSTY, "empty", Verdict.EMPTY),
        (replace(DUSTY, ink=0.3), "empty", Verdict.UNSURE),
        (replace(DUSTY, marked=0.1), "empty", Verdict.UNSURE),
        (replace(CROSSED, marked=0.6, unsure=0.4), "marked", Verdict.MARKED),
        (replace(CROSSED, marked=0.3, unsure=0.7), "marked", Verdict.UNSURE),
        (replace(CROSSED, marked=0.6, unsure=0.4), "empty", Verdict.UNSURE),
    ],
)
def test_a_second_look_settles_a_doubt_only_with_the_first(
    measured: MarkMeasurement, around: str, verdict: Verdict
) -> None:
    assert judge(measured)[0] is Verdict.UNSURE
    assert judge(replace(measured, around=SURE_OF[around]))[0] is verdict


@pytest.mark.parametrize(
    ("measured", "around", "passes"),
    [(PASSED, "stray", True), (replace(PASSED, fill=0.45), "stray", False), (PASSED, "marked", False)],
)
def test_a_stroke_passes_through_where_both_looks_see_it(measured: MarkMeasurement, around: str, passes: bool) -> None:
    assert passes_through(replace(measured, around=SURE_OF[around])) is passes
    assert not passes_through(measured)


def test_a_second_look_sees_what_is_too_far_off_for_the_first() -> None:
    copy = printed()
    number, field = one_box(copy)
    page, rng, x, y = copy.pages[number].copy(), np.random.default_rng(1), field.box.x, field.box.centre[1]
    draw(page, PX_PER_MM, [curve([(x - 8.0, y - 1.0), (x - 5.0, y + 1.0)], 0.0, rng)], ORDINARY_PENS[0], rng)
    near, around = view_of(page, copy, field).astype(int) - view_of(copy.pages[number], copy, field) > 100
    assert not near.any()
    assert around.sum() > 10


def view_of(page: Grey, copy: Copy, field: Field) -> Views:
    found = registered(copy, scanned(page))
    boxes = [placed.box for placed in found.fields if placed.field == field]
    return views(found, boxes, box_pictures(found, boxes))[0]
