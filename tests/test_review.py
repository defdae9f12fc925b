"""From measurements to answers: what is doubted, what a person decided, and what was not asked."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pipeline.form.answer import Authority, Missing, given, lacking
from pipeline.form.code import PageCode
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box
from pipeline.form.parse import parse_definition
from pipeline.page.measured import PageQuality
from pipeline.reading.readings import InkSignature, MarkReading, PageReading
from pipeline.reading.sheet import Sheet
from pipeline.reading.verdict import MarkMeasurement, Verdict
from pipeline.review.decisions import Decision, settled
from pipeline.review.doubts import Judged, Reason, judge

FORM = """
title: Parks
council: Glanmor
service: Parks
intro: Tell us.
privacy: We keep it.
return_to: The desk.
thanks: Thank you.
help_line: Ask us.
languages: [en]
minutes: 1
scans_kept_days: 30
answers_kept_days: 60
publish: false
questions:
  - id: visited
    kind: one
    text: Did you go?
    choices: [{value: yes, label: "Yes"}, {value: no, label: "No"}, {value: later, label: "Later"}]
  - id: why
    kind: many
    text: Why not?
    when: {visited: no}
    choices: [{value: far, label: "Far"}, {value: dark, label: "Dark"}, {value: wet, label: "Wet"}]
  - id: first
    kind: one
    text: Which?
    choices: [{value: a, label: "A"}, {value: b, label: "B"}]
  - id: second
    kind: one
    text: And which?
    choices: [{value: a, label: "A"}, {value: b, label: "B"}]
  - id: third
    kind: one
    text: And of these?
    choices: [{value: a, label: "A"}, {value: b, label: "B"}]
"""
EMPTY, LIGHT, DARK, VAGUE, SCRIBBLED, CROSSED = "empty", "light", "dark", "vague", "scribbled", "crossed by a slip"
LIKELY = "likely a mark"
FAINT, SHADE = "faint", "a shadow of something"
INKED = {LIGHT: 0.2, LIKELY: 0.2, FAINT: 0.2, DARK: 0.98, VAGUE: 0.008, SCRIBBLED: 0.75, CROSSED: 0.1}
QUALITY = PageQuality(
    dpi=300.0, scale_percent=100.0, skew_degrees=0.0, turned=0, bitonal=False, frame_score=1.0, corner_marks=4, codes=2
)


@pytest.fixture(scope="module")
def form() -> FormDefinition:
    parsed = parse_definition(FORM, "parks")
    assert isinstance(parsed, FormDefinition), parsed
    return parsed


def marked(form: FormDefinition, inks: Mapping[tuple[str, str], str], quality: PageQuality = QUALITY) -> Judged:
    """Judge a copy whose boxes hold `inks`; those not named are empty."""
    layout = lay_out(form)
    pages = {
        page.number: PageReading(
            PageCode(layout.id, "22222222", page.number),
            quality,
            (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
            tuple(
                mark(field.question, field.value, inks.get((field.question, field.value), EMPTY))
                for field in page.fields
            ),
            (),
            (),
            InkSignature(()),
        )
        for page in layout.pages
    }
    return judge(Sheet(form, layout, pages))


def mark(question: str, value: str, ink: str) -> MarkReading:
    unsure = dict.fromkeys((VAGUE, CROSSED, LIKELY), Verdict.UNSURE)
    verdicts = {EMPTY: Verdict.EMPTY, SHADE: Verdict.EMPTY, DARK: Verdict.CANCELLED, **unsure}
    chances = {
        **dict.fromkeys((EMPTY, SHADE), (0.99, 0.01, 0.0, 0.0)),
        DARK: (0.0, 0.0, 1.0, 0.0),
        VAGUE: (0.3, 0.2, 0.0, 0.5),
        CROSSED: (0.0, 0.01, 0.0, 0.0),
        LIKELY: (0.0, 0.85, 0.0, 0.15),
    }
    empty, sure, cancelled, doubtful = chances.get(ink, (0.0, 1.0, 0.0, 0.0))
    measured = MarkMeasurement(
        **dict.fromkeys(("ink_left", "ink_right", "gap"), 0.0),
        **dict.fromkeys(("darkness", "deepest", "extent"), 0.1 if ink == FAINT else 0.7 if ink in INKED else 0.0),
        ink=24.0 * INKED.get(ink, 0.0),
        fill=INKED.get(ink, 0.0),
        rim=1.0 if ink == CROSSED else 0.0,
        empty=empty,
        marked=sure,
        cancelled=cancelled,
        unsure=doubtful,
        stray=0.99 if ink == CROSSED else 0.0,
        darkest=0.06 if ink == SHADE else 0.0,
    )
    return MarkReading(question, value, Box(0, 0, 6, 6), measured, verdicts.get(ink, Verdict.MARKED), ink == DARK, 0.9)


@pytest.mark.parametrize(
    ("inks", "value", "reason"),
    [
        ({}, None, None),
        ({"yes": LIGHT}, "yes", None),
        ({"yes": DARK, "no": LIGHT}, "no", None),
        ({"yes": DARK, "no": DARK, "later": LIGHT}, "later", None),
        ({"yes": LIGHT, "no": LIGHT}, None, Reason.TWO_MARKS),
        ({"yes": DARK}, None, Reason.FILLED_ALONE),
        ({"yes": DARK, "no": DARK}, None, Reason.ALL_FILLED),
        ({"yes": VAGUE}, None, Reason.UNCLEAR_MARK),
        ({"yes": LIGHT, "no": VAGUE}, None, Reason.UNCLEAR_MARK),
        ({"yes": LIGHT, "no": CROSSED}, "yes", None),
        ({"no": CROSSED}, None, Reason.UNCLEAR_MARK),
        ({"no": LIKELY}, "no", None),
        ({"yes": DARK, "no": LIKELY}, "no", None),
        ({"yes": LIKELY, "no": LIKELY}, None, Reason.UNCLEAR_MARK),
        ({"yes": LIKELY, "no": VAGUE}, None, Reason.UNCLEAR_MARK),
    ],
)
def test_pick_one(form: FormDefinition, inks: Mapping[str, str], value: str | None, reason: Reason | None) -> None:
    # A light mark elsewhere says that this writer does not fill boxes in.
    judged = marked(form, {**{("visited", name): ink for name, ink in inks.items()}, ("first", "a"): LIGHT})
    assert judged.answers["visited"].value == value
    assert (judged.doubts["visited"].reason if "visited" in judged.doubts else None) == reason


def test_tick_all_that_apply_doubts_a_box_filled_in(form: FormDefinition) -> None:
    ticked = {("why", "far"): LIGHT, ("why", "wet"): LIGHT}
    assert marked(form, ticked).answers["why"].value == "far;wet"
    assert marked(form, {**ticked, ("why", "dark"): DARK}).doubts["why"].reason is Reason.FILLED_ALONE


def test_a_white_box_proves_nothing_where_black_and_white_lost_faint_marks(form: FormDefinition) -> None:
    inks = {("visited", "yes"): LIGHT, ("first", "a"): VAGUE}
    assert marked(form, inks).doubts.keys() == {"first"}
    bitonal = marked(form, inks, replace(QUALITY, bitonal=True))
    assert bitonal.answers["visited"].value == "yes"
    assert {name: doubt.reason for name, doubt in bitonal.doubts.items()} == {
        "first": Reason.UNCLEAR_MARK,
        **dict.fromkeys(("why", "second", "third"), Reason.FADED),
    }


def test_a_faint_page_is_asked_about_where_a_box_shows_a_shadow_even_beside_a_tick(form: FormDefinition) -> None:
    faint, shadow = {("why", "far"): FAINT, ("visited", "yes"): FAINT}, {("why", "wet"): SHADE}
    assert marked(form, faint).doubts == {}
    assert {name: each.reason for name, each in marked(form, faint | shadow).doubts.items()} == {"why": Reason.FADED}
    assert marked(form, {**shadow, ("why", "far"): LIGHT, ("visited", "yes"): LIGHT}).doubts == {}
    assert marked(form, {**faint, ("visited", "no"): SHADE}).answers["visited"].value == "yes"


def test_somebody_who_fills_every_box_in_is_understood(form: FormDefinition) -> None:
    filled = {("visited", "yes"): DARK, ("first", "a"): DARK, ("second", "b"): DARK}
    judged = marked(form, filled)
    assert [judged.answers[name].value for name in ("visited", "first", "second")] == ["yes", "a", "b"]
    assert marked(form, {**filled, ("first", "b"): LIGHT}).doubts.keys() == {"visited", "second"}


LIGHTLY = {("first", "a"): LIGHT, ("second", "b"): LIGHT, ("third", "a"): LIGHT}


def test_a_box_scribbled_over_beside_a_mark_was_taken_back(form: FormDefinition) -> None:
    judged = marked(form, {**LIGHTLY, ("visited", "yes"): SCRIBBLED, ("visited", "no"): LIGHT})
    assert judged.answers["visited"].value == "no"
    assert marked(form, {**LIGHTLY, ("visited", "yes"): SCRIBBLED}).answers["visited"].value == "yes"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {("first", "a"): LIGHT, ("second", "b"): LIGHT},
        {**LIGHTLY, ("third", "a"): SCRIBBLED},
        {**LIGHTLY, ("visited", "later"): LIGHT},
    ],
)
def test_a_box_scribbled_over_is_doubted_where_it_may_be_a_mark(
    form: FormDefinition, elsewhere: Mapping[tuple[str, str], str]
) -> None:
    """Too few other marks tell how this writer marks, one is as dark, or two light marks are left."""
    judged = marked(form, {**elsewhere, ("visited", "yes"): SCRIBBLED, ("visited", "no"): LIGHT})
    assert judged.doubts["visited"].reason is Reason.TWO_MARKS


def test_a_skipped_question_is_not_asked_and_one_answered_all_the_same_is_doubted(form: FormDefinition) -> None:
    light = {("visited", "yes"): LIGHT}
    assert settled(form, marked(form, light), []).answers["why"].missing is Missing.NOT_ASKED
    doubted = settled(form, marked(form, {**light, ("why", "far"): LIGHT}), [])
    assert doubted.doubts["why"].reason is Reason.NOT_EXPECTED
    assert doubted.doubts["why"].place is not None


def test_while_the_routing_answer_waits_nothing_behind_it_is_called_unasked(form: FormDefinition) -> None:
    waits = marked(form, {("visited", "yes"): LIGHT, ("visited", "no"): LIGHT, ("why", "far"): LIGHT})
    outcome = settled(form, waits, [])
    assert (outcome.answers["why"].value, set(outcome.doubts)) == ("far", {"visited"})
    decided = settled(form, waits, [decision("visited", "yes")])
    assert set(decided.doubts) == {"why"}, "once it is known that the question was to be skipped, a person is asked"


def test_an_answer_behind_a_blank_stands(form: FormDefinition) -> None:
    outcome = settled(form, marked(form, {("why", "far"): LIGHT}), [])
    assert outcome.answers["why"].value == "far"


def decision(variable: str, value: str, at: str = "2026-03-01T12:00:00Z", event: str = "a") -> Decision:
    return Decision(variable, value, None, "Mair", at, event)


def test_the_latest_decision_counts_in_whatever_order_they_arrive(form: FormDefinition) -> None:
    judged = marked(form, {("visited", "yes"): LIGHT, ("visited", "no"): LIGHT})
    decisions = [decision("visited", "yes", event="a"), decision("visited", "no", event="b")]
    for order in (decisions, decisions[::-1]):
        outcome = settled(form, judged, order)
        assert outcome.answers["visited"] == given("visited", "no", Authority.REVIEWED)
        assert not outcome.doubts
    later = decision("visited", "later", at="2026-03-02T12:00:00Z")
    assert settled(form, judged, [later, *decisions]).answers["visited"].value == "later"


def test_a_decision_may_say_why_there_is_no_answer(form: FormDefinition) -> None:
    judged = marked(form, {("first", "a"): VAGUE})
    unreadable = Decision("first", None, Missing.UNREADABLE, "Mair", "2026-03-01T12:00:00Z", "a")
    outcome = settled(form, judged, [unreadable])
    assert outcome.answers["first"] == lacking("first", Missing.UNREADABLE, Authority.REVIEWED)
