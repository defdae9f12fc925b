"""What a person wrote is stored in one way, and one set of rules judges it on paper and online."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.form.normal import POSTCODE, pattern_example
from pipeline.form.parse import parse_definition
from pipeline.form.rules import (
    Code,
    Problem,
    asked,
    check,
    explain,
    join_date,
    join_values,
    missing_kinds,
    normalise,
    split_values,
    without_passed_over_ticks,
)

FORMS = Path(__file__).resolve().parent.parent / "forms"

EVERY_KIND = """\
title: Every kind
council: Glanmor Council
service: Libraries
languages: [en]
minutes: 2
intro: Why we ask.
privacy: What we do with it.
return_to: Any library.
thanks: Thank you.
help_line: Ask at the counter.
questions:
  - id: visited
    kind: one
    required: true
    text: Have you been?
    choices:
      - {value: yes, label: Yes}
      - {value: no, label: No}
      - {value: other, label: In another way, other: true}
  - {id: last, kind: date, text: When, earliest: 2026-01-01, latest: 2026-12-31, when: {visited: yes}}
  - id: reasons
    kind: many
    required: true
    text: Why
    when: {visited: [yes, other]}
    choices:
      - {value: books, label: Books}
      - {value: computers, label: Computers}
      - {value: other, label: Something else, other: true}
  - {id: which, kind: text, length: 12, text: Which books, when: {reasons: books}}
  - id: rating
    kind: scale
    required: true
    text: How good
    statements: [{id: staff, text: Staff}, {id: stock, text: Stock}]
    points: [{value: good, label: Good}, {value: poor, label: Poor}]
  - {id: why_poor, kind: comment, text: Why poor, when: {rating.staff: poor}}
  - {id: count, kind: number, text: How many, minimum: 1, maximum: 40}
  - {id: postcode, kind: postcode, text: Postcode}
  - {id: ticket, kind: code, pattern: GL-A99, text: Ticket}
  - {id: born, kind: date, text: Born}
"""


def form_of(text: str, name: str) -> FormDefinition:
    parsed = parse_definition(text, name)
    assert isinstance(parsed, FormDefinition), parsed
    return parsed


FORM = form_of(EVERY_KIND, "every-kind")
VARIABLES: Mapping[str, Variable] = {variable.name: variable for variable in FORM.variables}
COMPLETE = {"visited": "no", "rating.staff": "good", "rating.stock": "poor"}


def stored(name: str, raw: str) -> str:
    value = normalise(VARIABLES[name], raw)
    assert isinstance(value, str), explain(value, "en")
    return value


def refused(name: str, raw: str) -> Code:
    value = normalise(VARIABLES[name], raw)
    assert isinstance(value, Problem), value
    assert value.variable == name
    return value.code


def codes(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(problem.variable, str(problem.code)) for problem in check(FORM, answers)]


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("postcode", "cf101aa", "CF10 1AA"),
        ("postcode", " Cf10 - 1aa ", "CF10 1AA"),
        ("postcode", "m1 1ae", "M1 1AE"),
        ("postcode", "W1A0AX", "W1A 0AX"),
        ("postcode", "gir 0aa", "GIR 0AA"),
        ("born", "3/4/2026", "2026-04-03"),
        ("born", "03.04.2026", "2026-04-03"),
        ("born", "3 4 2026", "2026-04-03"),
        ("born", "03042026", "2026-04-03"),
        ("born", "2026-4-3", "2026-04-03"),
        ("born", "3rd April 2026", "2026-04-03"),
        ("born", "3 apr 2026", "2026-04-03"),
        ("born", "3 Ebrill 2026", "2026-04-03"),
        ("born", "1af Mawrth 1936", "1936-03-01"),
        ("count", " 07 ", "7"),
        ("count", "1,200", "1200"),
        ("count", "٣", "3"),
        ("count", "0", "0"),
        ("ticket", "gl-b27", "GL-B27"),
        ("ticket", "b 27", "GL-B27"),
        ("ticket", "GLB27", "GL-B27"),
        ("visited", " yes ", "yes"),
        ("reasons", "other;books", "books;other"),
        ("reasons", "books; books", "books"),
        ("reasons", " ; ", ""),
        ("which", "  Mabinogi\n 2\t", "Mabinogi 2"),
        ("visited.other", "by\u0000 post\ud800", "by post"),
        ("why_poor", " Noisy. \r\n\r\n Cold.\x07\n", "Noisy.\n\n Cold."),
        ("why_poor", "w\u0302y\u0302", "ŵŷ"),
        ("why_poor", "", ""),
        ("born", "  ", ""),
    ],
)
def test_however_it_is_written_one_value_is_stored(name: str, raw: str, value: str) -> None:
    assert stored(name, raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("postcode", "CF10", Code.NOT_A_POSTCODE),
        ("postcode", "QF10 1AA", Code.NOT_A_POSTCODE),
        ("postcode", "CF10 1CA", Code.NOT_A_POSTCODE),
        ("born", "31/2/2026", Code.NOT_A_DATE),
        ("born", "3/4/26", Code.NOT_A_DATE),
        ("born", "4/2026", Code.NOT_A_DATE),
        ("born", "3/4/0206", Code.NOT_A_DATE),
        ("born", "3 Ma 2026", Code.NOT_A_DATE),
        ("born", "last week", Code.NOT_A_DATE),
        ("count", "3.5", Code.NOT_A_NUMBER),
        ("count", "1,20", Code.NOT_A_NUMBER),
        ("count", "-3", Code.NOT_A_NUMBER),
        ("count", "three", Code.NOT_A_NUMBER),
        ("count", "9" * 5000, Code.NOT_A_NUMBER),
        ("ticket", "B2", Code.PATTERN),
        ("ticket", "GL-227", Code.PATTERN),
        ("visited", "maybe", Code.UNKNOWN_CHOICE),
        ("visited", "yes;no", Code.UNKNOWN_CHOICE),
        ("reasons", "books;tea", Code.UNKNOWN_CHOICE),
        ("which", "thirteen long", Code.TOO_LONG),
        ("visited.other", "x" * 201, Code.TOO_LONG),
        ("why_poor", "x" * 5001, Code.TOO_LONG),
    ],
)
def test_what_has_no_stored_form_is_named(name: str, raw: str, code: Code) -> None:
    assert refused(name, raw) is code


def test_a_problem_says_what_to_do_in_the_language_of_the_reader() -> None:
    found = normalise(VARIABLES["ticket"], "2")
    assert isinstance(found, Problem)

    assert explain(found, "en") == "Write it in the form GL-B27."
    assert explain(found, "cy") == "Ysgrifennwch hwn ar ffurf GL-B27."
    assert explain(found, "ro") == explain(found, "en")


def test_what_must_be_answered_is_asked_for() -> None:
    assert codes({}) == [("visited", "required"), ("rating.staff", "required"), ("rating.stock", "required")]
    assert codes(COMPLETE) == []
    assert codes(COMPLETE | {"visited": "yes"}) == [("reasons", "required")]


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"count": "0"}, ("count", "range")),
        ({"count": "41"}, ("count", "range")),
        ({"count": "many"}, ("count", "not_a_number")),
        ({"visited": "yes", "reasons": "books", "last": "2027-01-01"}, ("last", "range")),
        ({"visited": "yes", "reasons": "books", "last": "2025-12-31"}, ("last", "range")),
        ({"last": "2026-03-01"}, ("last", "not_asked")),
        ({"visited": "yes", "reasons": "books", "reasons.other": "tea"}, ("reasons.other", "other_without_tick")),
        ({"visited.other": "by post"}, ("visited.other", "other_without_tick")),
        ({"reasons.other": "tea"}, ("reasons.other", "not_asked")),
    ],
)
def test_one_wrong_answer_gives_one_problem(answers: Mapping[str, str], problem: tuple[str, str]) -> None:
    assert codes(COMPLETE | answers) == [problem]


def test_bounds_are_told_in_words() -> None:
    number, day = check(FORM, COMPLETE | {"visited": "yes", "reasons": "books", "last": "2027-01-01", "count": "99"})[
        ::-1
    ]

    assert explain(number, "en") == "Write a number from 1 to 40."
    assert explain(day, "cy") == "Ysgrifennwch ddyddiad o 1 Ionawr 2026 i 31 Rhagfyr 2026."


def test_an_answer_that_was_not_asked_for_is_explained_by_the_route() -> None:
    (found,) = check(FORM, COMPLETE | {"why_poor": "Noisy"})

    assert explain(found, "en").startswith("Only answer this if you chose “Poor” for “Staff”.")


def test_routing_follows_answers_and_stops_behind_a_question_that_was_not_asked() -> None:
    assert {"last", "reasons", "which", "why_poor"}.isdisjoint(asked(FORM, {"visited": "no"}))
    assert asked(FORM, {"visited": "yes", "reasons": "computers;books"}) >= {
        "last",
        "reasons",
        "reasons.other",
        "which",
    }
    assert "which" not in asked(FORM, {"visited": "no", "reasons": "books"})
    assert "why_poor" in asked(FORM, {"rating.staff": "poor"})


def test_ticks_that_routing_passes_over_go_and_words_stay() -> None:
    passed_over = {"reasons": "books;other", "reasons.other": "Chess", "why_poor": "Noisy", "visited": "no"}

    assert without_passed_over_ticks(FORM, passed_over) == {
        "visited": "no", "reasons.other": "Chess", "why_poor": "Noisy",
    }  # fmt: skip


def test_blank_is_not_the_same_as_not_asked() -> None:
    missing = missing_kinds(FORM, {"visited": "other", "reasons": "books"})

    assert missing["last"] is Missing.NOT_ASKED
    assert missing["which"] is Missing.BLANK
    assert missing["rating.staff"] is Missing.BLANK
    assert {"visited", "reasons"}.isdisjoint(missing)


def test_three_boxes_make_a_date_and_empty_boxes_none() -> None:
    assert stored("born", join_date(" 3", "4 ", "2026")) == "2026-04-03"
    assert join_date("", " ", "") == ""
    assert refused("born", join_date("3", "", "2026")) is Code.NOT_A_DATE


def test_a_pattern_shows_an_example_that_fits_it() -> None:
    assert pattern_example("A99") == "B27"
    assert stored("ticket", pattern_example("GL-A99")) == pattern_example("GL-A99")


@given(st.sampled_from(sorted(VARIABLES)), st.text(max_size=40))
def test_normalising_again_changes_nothing(name: str, raw: str) -> None:
    once = normalise(VARIABLES[name], raw)

    assert isinstance(once, Problem) or normalise(VARIABLES[name], once) == once


@given(st.from_regex(POSTCODE, fullmatch=True), st.sampled_from(["", " ", "  ", "-"]), st.booleans())
def test_any_postcode_is_known_however_spaced(postcode: str, gap: str, small: bool) -> None:
    raw = postcode.replace(" ", gap)

    assert stored("postcode", raw.lower() if small else raw) == postcode


@given(
    st.dates(date(1900, 1, 1)),
    st.sampled_from(["{0}/{1}/{2:04}", "{0:02}{1:02}{2:04}", "{2:04}-{1:02}-{0:02}", "{0}. {1}. {2:04}"]),
)
def test_any_day_is_read_day_first(day: date, style: str) -> None:
    assert stored("born", style.format(day.day, day.month, day.year)) == day.isoformat()


@given(st.lists(st.sampled_from(["books", "computers", "other"])))
def test_values_are_joined_in_the_order_of_the_form(ticked: list[str]) -> None:
    joined = join_values(ticked, VARIABLES["reasons"])

    assert split_values(joined) == tuple(value for value in ("books", "computers", "other") if value in ticked)


def written_for(variable: Variable) -> st.SearchStrategy[str]:
    """What a careful resident may write in one variable, before it is normalised."""
    question = variable.question
    values = [choice.value for choice in variable.choices]
    match variable.shape:
        case Shape.CHOICE:
            return st.sampled_from(values)
        case Shape.CHOICES:
            return st.lists(st.sampled_from(values), min_size=1).map(";".join)
        case Shape.NUMBER:
            return st.integers(question.minimum or 0, question.maximum).map(str)
        case Shape.DATE:
            least, most = question.earliest or date(1900, 1, 1), question.latest or date(2100, 1, 1)
            days = st.integers(0, (most - least).days).map(lambda count: least + timedelta(count))
            return days.map(lambda day: f"{day.day}/{day.month}/{day.year}")
        case Shape.POSTCODE:
            return st.from_regex(POSTCODE, fullmatch=True).map(str.lower)
        case Shape.CODE:
            return st.just(pattern_example(question.pattern).lower())
        case Shape.TEXT:
            return st.text(st.characters(codec="ascii", min_codepoint=48), min_size=1, max_size=question.length or 40)
        case Shape.COMMENT:
            return st.text(min_size=1, max_size=80)


@st.composite
def careful_answers(draw: st.DrawFn, form: FormDefinition) -> dict[str, str]:
    """Normalised answers of somebody who follows the routes, and leaves out only what may be left out."""
    answers: dict[str, str] = {}
    for variable in form.variables:
        ticked = split_values(answers.get(variable.question.id, ""))
        is_other = variable.name.endswith(".other")
        wanted = variable.name in asked(form, answers) and (not is_other or "other" in ticked)
        if wanted and (variable.question.required or draw(st.booleans())):
            value = normalise(variable, draw(written_for(variable)))
            assert isinstance(value, str), explain(value, "en")
            answers[variable.name] = value
    return answers


SHIPPED = [FORM, *(form_of(path.read_text(encoding="utf-8"), path.stem) for path in sorted(FORMS.glob("*.yaml")))]


@settings(max_examples=40)
@given(st.sampled_from(SHIPPED).flatmap(lambda form: st.tuples(st.just(form), careful_answers(form))))
def test_careful_answers_have_no_problems(drawn: tuple[FormDefinition, dict[str, str]]) -> None:
    form, answers = drawn

    assert check(form, answers) == ()


@settings(max_examples=40)
@given(careful_answers(FORM))
def test_every_variable_is_answered_or_missing_for_one_reason(answers: dict[str, str]) -> None:
    given_answers = {name for name, value in answers.items() if value}
    missing = missing_kinds(FORM, answers)

    assert given_answers | missing.keys() == VARIABLES.keys()
    assert given_answers.isdisjoint(missing)
    assert {name for name, kind in missing.items() if kind is Missing.NOT_ASKED} == VARIABLES.keys() - asked(
        FORM, answers
    )
