"""Ink followed from box to box: tails of marks made elsewhere are no marks, and what ends where it began is no tail."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from drawn_pages import PX_PER_MM, Copy, printed, registered, scanned
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.layout import Box, Field
from pipeline.page.blank import drawn_blanks
from pipeline.page.known import KnownPaper
from pipeline.practice.pens import BLUE_BALLPOINT, FAINT_PENCIL, FELT_TIP, SOFT_PENCIL, Grey, Pen, curve, draw
from pipeline.practice.scanner import Scanner, ordinary_scanner
from pipeline.reading.marks import read_marks
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import Followed, Joined, MarkReading, PageReading
from pipeline.reading.sheet import Sheet
from pipeline.reading.strokes import with_followed
from pipeline.reading.verdict import Around, MarkMeasurement, Verdict
from pipeline.review.followed import settled_by_following

PAGE = 2
PENS = (BLUE_BALLPOINT, FELT_TIP, SOFT_PENCIL, FAINT_PENCIL)


def boxes_on(copy: Copy) -> list[Field]:
    return [field for field in copy.layout.pages[PAGE - 1].fields if field.kind == "mark"]


def drawn_over(page: Grey, points: Sequence[tuple[float, float]], pen: Pen, seed: int) -> None:
    rng = np.random.default_rng(seed)
    draw(page, PX_PER_MM, [curve(points, 0.03, rng)], pen, rng)


def followed_on(page: Grey, scanner: Scanner, seed: int) -> dict[tuple[str, str], Followed]:
    copy = printed()
    found = registered(copy, scanned(page, scanner, seed))
    doubted = [replace(mark, verdict=Verdict.UNSURE) for mark in read_marks(found)]
    marks = with_followed(doubted, found, copy.layout.paper_mm, drawn_blanks(copy.layout)[PAGE])
    return {(mark.question, mark.value): mark.followed for mark in marks if mark.followed}


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.sampled_from(PENS))
def test_a_stroke_from_box_to_box_joins_them_and_marks_that_stay_where_they_are_join_none(seed: int, pen: Pen) -> None:
    rng, copy = np.random.default_rng(seed), printed()
    boxes = boxes_on(copy)
    first = int(rng.choice([n for n in range(len(boxes) - 1) if boxes[n + 1].box.y - boxes[n].box.y < 15.0]))
    one, other, apart = boxes[first], boxes[first + 1], boxes[(first + 3) % len(boxes)]
    page = copy.pages[PAGE - 1].copy()
    (x, y), (x2, y2) = one.box.centre, other.box.centre
    drawn_over(page, [(x - 1.2, y - 0.5), (x, y + 1.0), (x2 + 0.5, y2)], pen, seed)
    (x, y) = apart.box.centre
    drawn_over(page, [(x - 1.5, y - 1.5), (x + 1.5, y + 1.5)], pen, seed)
    found = followed_on(page, ordinary_scanner(rng, int(rng.choice((200, 300)))), seed)
    keys = [(field.question, field.value) for field in (one, other, apart)]
    for here, there in (keys[:2], keys[1::-1]):
        shares = {(each.question, each.value): each.share for each in found[here].joined}
        assert shares[there] > 0.85
        assert keys[2] not in shares
    assert found[keys[2]].joined == ()
    assert found[keys[2]].ink > 0.5
    assert found[keys[2]].reach < 1.0 < 3.0 < found[keys[0]].reach


def test_nothing_is_followed_where_nothing_is_in_doubt() -> None:
    copy = printed()
    found = registered(copy, scanned(copy.pages[PAGE - 1]))
    marks = read_marks(found)
    assert with_followed(marks, found, copy.layout.paper_mm, drawn_blanks(copy.layout)[PAGE]) == marks


TAIL = MarkMeasurement(
    ink=4.0, ink_left=2.4, ink_right=0.0, darkness=0.2, deepest=0.6, fill=0.19, extent=1.0, gap=3.0,
    empty=0.0, marked=0.35, cancelled=0.0, unsure=0.0, stray=0.65, around=Around(0.0, 0.05, 0.0, 0.02, 0.93),
)  # fmt: skip
LINE = replace(
    TAIL, ink_left=0.0, marked=0.75, stray=0.24, unsure=0.01, around=Around(0.0, 0.4, 0.0, 0.0, 0.6), through=0.2
)
WHITE = replace(TAIL, ink=0.0, fill=0.0, extent=0.0, empty=0.4, marked=0.0, stray=0.6, around=Around(0.9, 0, 0, 0, 0.1))
ONE, MANY = "found_closed", "not_visited_why"
TO_MEANT = Followed(4.0, 9.0, 0.3, (Joined(ONE, "meant", 1.0),))
NOWHERE = Followed(4.0, 2.0, 0.3, ())


@pytest.mark.parametrize(
    ("measured", "followed", "verdict"),
    [
        (TAIL, TO_MEANT, Verdict.EMPTY),
        (TAIL, None, Verdict.UNSURE),
        (TAIL, NOWHERE, Verdict.UNSURE),
        (TAIL, replace(TO_MEANT, spread=0.9), Verdict.UNSURE),
        (TAIL, Followed(4.0, 9.0, 0.3, (Joined(MANY, "meant", 1.0),)), Verdict.UNSURE),
        (TAIL, Followed(4.0, 9.0, 0.3, (Joined(ONE, "meant", 0.7),)), Verdict.UNSURE),
        (TAIL, Followed(4.0, 9.0, 0.3, (Joined(ONE, "blank", 1.0),)), Verdict.UNSURE),
        (replace(TAIL, marked=0.7, stray=0.3), TO_MEANT, Verdict.UNSURE),
        (replace(TAIL, unsure=0.9, marked=0.0, stray=0.1), TO_MEANT, Verdict.UNSURE),
        (replace(TAIL, around=Around(0.0, 0.3, 0.0, 0.0, 0.7)), TO_MEANT, Verdict.UNSURE),
        (WHITE, TO_MEANT, Verdict.EMPTY),
        (LINE, NOWHERE, Verdict.MARKED),
        (LINE, Followed(4.0, 2.0, 0.3, (Joined(ONE, "blank", 1.0),)), Verdict.UNSURE),
        (LINE, Followed(4.0, 5.0, 0.3, ()), Verdict.UNSURE),
        (LINE, Followed(0.0, 0.0, 0.0, ()), Verdict.UNSURE),
        (replace(LINE, through=3.0), NOWHERE, Verdict.UNSURE),
        (replace(LINE, unsure=0.2, marked=0.56), NOWHERE, Verdict.UNSURE),
    ],
)
def test_following_settles_only_what_both_looks_leave_room_for(
    measured: MarkMeasurement, followed: Followed | None, verdict: Verdict
) -> None:
    meant = MarkReading(ONE, "meant", Box(0, 0, 6, 6), replace(TAIL, marked=1.0), Verdict.MARKED, False, 1.0)
    blank = replace(meant, value="blank", verdict=Verdict.EMPTY)
    doubted = replace(meant, value="doubted", measured=measured, verdict=Verdict.UNSURE, followed=followed)
    assert settled((meant, blank, doubted))[-1].verdict is verdict
    assert settled((blank, doubted))[0] is blank


def test_marks_of_a_question_that_takes_several_may_meet() -> None:
    meant = MarkReading(MANY, "meant", Box(0, 0, 6, 6), replace(TAIL, marked=1.0), Verdict.MARKED, False, 1.0)
    met = Followed(4.0, 9.0, 0.3, (Joined(MANY, "meant", 1.0),))
    doubted = replace(meant, value="doubted", measured=TAIL, verdict=Verdict.UNSURE, followed=met)
    assert settled((meant, doubted))[-1].verdict is Verdict.UNSURE


def test_chances_that_were_rounded_make_no_confidence_above_one() -> None:
    rounded = replace(LINE, marked=0.10001, stray=0.9, unsure=0.0, around=Around(0.0, 0.10001, 0.0, 0.0, 0.9))
    doubted = MarkReading(ONE, "a", Box(0, 0, 6, 6), rounded, Verdict.UNSURE, False, 0.5, followed=NOWHERE)
    (read,) = settled((doubted,))
    assert (read.verdict, read.confidence) == (Verdict.MARKED, 1.0)


@cache
def a_page() -> PageReading:
    copy = printed()
    page = read_image(scanned(copy.pages[PAGE - 1]), KnownPaper({copy.layout.id: copy.layout}))
    assert isinstance(page, PageReading)
    return page


def settled(marks: tuple[MarkReading, ...]) -> tuple[MarkReading, ...]:
    copy = printed()
    sheet = Sheet(copy.definition, copy.layout, {PAGE: replace(a_page(), marks=marks)})
    return settled_by_following(sheet).pages[PAGE].marks
