"""A definition is read whole, or everything wrong with it is said at once: where, what, and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.form.authoring.explain import EXAMPLES, LIST_EXAMPLES
from pipeline.form.authoring.source import DefinitionError
from pipeline.form.authoring.written import (
    QUESTION_MODELS,
    WrittenChoice,
    WrittenForm,
    WrittenNote,
    WrittenSection,
    WrittenStatement,
)
from pipeline.form.definition import FormDefinition, Kind, Note, Question, Section, canonical_json
from pipeline.form.parse import check_listing, parse_definition
from pipeline.form.stored import definition_from_json

ROOT = Path(__file__).resolve().parent.parent
FORMS = sorted((ROOT / "forms").glob("*.yaml"))

HEAD = """\
title: A form
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
"""
FIRST_ITEM = HEAD.count("\n") + 1

POSTCODE = "  - {id: postcode, kind: postcode, text: Your postcode}\n"
VISITED = """\
  - id: visited
    kind: one
    text: Have you visited?
    choices:
      - {value: yes, label: Yes}
      - {value: no, label: No}
"""


def read(text: str, name: str = "library") -> FormDefinition:
    parsed = parse_definition(text, name)
    assert isinstance(parsed, FormDefinition), "\n".join(map(str, parsed))
    return parsed


def errors(text: str, name: str = "library") -> tuple[DefinitionError, ...]:
    parsed = parse_definition(text, name)
    assert not isinstance(parsed, FormDefinition)
    return parsed


def only_error(text: str) -> DefinitionError:
    (error,) = errors(text)
    return error


def shipped(path: Path) -> FormDefinition:
    return read(path.read_text(encoding="utf-8"), path.stem)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_in_the_repository_is_sound_in_all_its_languages(path: Path) -> None:
    form = shipped(path)

    assert form.id == path.stem
    assert form.questions
    assert form.languages == ("en", "cy")


def test_the_consultation_asks_in_every_way_a_council_needs() -> None:
    form = shipped(ROOT / "forms" / "opening-hours.yaml")

    assert {question.kind for question in form.questions} == set(Kind) - {Kind.TEXT, Kind.CODE}
    assert any(choice.other for question in form.questions for choice in question.choices)
    assert any(question.when for question in form.questions)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_stored_definition_comes_back_as_the_same_version(path: Path) -> None:
    form = shipped(path)
    again = definition_from_json(canonical_json(form))

    assert again.version == form.version
    assert again.variables == definition_from_json(canonical_json(again)).variables
    assert [list(question.text) for question in again.questions] == [list(q.text) for q in form.questions]


def test_what_is_asked_about_health_and_ethnic_group_is_marked_sensitive_and_can_be_declined() -> None:
    form = shipped(ROOT / "forms" / "opening-hours.yaml")
    sensitive = [question for question in form.questions if question.sensitive]

    assert {question.id for question in sensitive} == {"condition", "condition_effect", "ethnic_group"}
    assert all(question.choices[-1].value == "not_said" for question in sensitive)
    assert not any(question.required for question in sensitive)


def test_the_layout_of_the_file_does_not_change_the_version() -> None:
    spread = HEAD + "\n  # a remark\n  - id: postcode\n    text: 'Your postcode'\n\n    kind: postcode\n"

    assert read(spread).version == read(HEAD + POSTCODE).version


def test_plain_words_serve_the_only_language_and_figures_serve_every_language() -> None:
    note, section, question = read(HEAD + "  - {note: Words}\n  - {section: 25–34, text: More}\n" + POSTCODE).items

    assert note == Note({"en": "Words"})
    assert section == Section({"en": "25–34"}, {"en": "More"})
    assert isinstance(question, Question)
    assert question.line == FIRST_ITEM + 2


def test_every_value_stays_the_word_the_author_wrote() -> None:
    odd = "  - {id: n, kind: one, text: 2027-01-01, choices: [{value: 007, label: true}, {value: 1.50, label: No}]}\n"
    visited, question = read(HEAD + VISITED + odd).questions

    assert [choice.value for choice in visited.choices] == ["yes", "no"]
    assert [choice.value for choice in question.choices] == ["007", "1.50"]
    assert [choice.label["en"] for choice in question.choices] == ["true", "No"]
    assert question.text == {"en": "2027-01-01"}


def test_a_condition_may_name_one_value_or_several() -> None:
    one = read(HEAD + VISITED + "  - {id: x, kind: comment, text: Why, when: {visited: no}}\n").questions[1].when
    several = (
        read(HEAD + VISITED + "  - {id: x, kind: comment, text: Why, when: {visited: [yes, no]}}\n").questions[1].when
    )

    assert one is not None
    assert one.values == ("no",)
    assert several is not None
    assert several.values == ("yes", "no")


@pytest.mark.parametrize("name", ["true", "received_at"])
def test_a_question_is_not_called_what_no_column_can_be_called(name: str) -> None:
    found = only_error(HEAD + VISITED.replace("id: visited", f"id: {name}"))
    assert found.instead == f"Write another, such as id: {name}_answer."


def test_an_error_says_where_what_and_what_to_write() -> None:
    text = HEAD + POSTCODE + VISITED + "  - kind: postcode\n    text: Your postcode\n"
    line = FIRST_ITEM + 7

    assert str(only_error(text)) == (
        f'library.yaml, line {line}: question 3 ("Your postcode") has no id. Add a line such as id: postcode.'
    )


def test_all_errors_are_said_at_once_in_the_order_of_their_lines() -> None:
    found = errors(
        HEAD.replace("minutes: 2", "minutes: two").replace("intro:", "introo:")
        + VISITED.replace("value: no", "value: yes")
        + "  - {id: visited, kind: numbr, text: How many, colour: red}\n"
        + "  - {id: x, kind: comment, text: Why, when: {visted: yes}}\n"
    )

    assert [error.line for error in found] == sorted(error.line for error in found)
    said = "\n".join(map(str, found))
    for part in (
        "the form has no intro.",
        'minutes of the form is "two", which is not a whole number.',
        "Did you mean intro?",
        'has the value "yes", which line 16 already uses.',
        f'has the id "visited", which line {FIRST_ITEM} already uses.',
        "Did you mean number?",
        'has the key "colour", which means nothing here.',
        "Did you mean visited?",
    ):
        assert part in said
    assert len(found) == 8


# What an author might write as the only item of a form, and what the one error must say.
WRONG_ITEMS = {
    "a postcode with a maximum": (
        "{id: p, kind: postcode, text: P, maximum: 3}",
        "only questions of the kind number use",
    ),
    "a number without a maximum": (
        "{id: n, kind: number, text: N}",
        "has no maximum. Add a line such as maximum: 120.",
    ),
    "a number the wrong way round": (
        "{id: n, kind: number, text: N, minimum: 9, maximum: 3}",
        "has minimum 9 above maximum 3. Write the smaller number as minimum.",
    ),
    "dates the wrong way round": (
        "{id: d, kind: date, text: D, earliest: 2027-01-02, latest: 2027-01-01}",
        "Write the earlier date as earliest.",
    ),
    "a day that is none": ("{id: d, kind: date, text: D, latest: 2027-02-30}", "which is not a day."),
    "a scale without points": (
        "{id: s, kind: scale, text: S, statements: [{id: a, text: A}]}",
        "has no points. Add points: and indented below it lines such as - {value: good, label: Good}.",
    ),
    "a scale that has one point": (
        "{id: s, kind: scale, text: S, statements: [{id: a, text: A}], points: [{value: a, label: A}]}",
        "has 1 where at least 2 are needed",
    ),
    "a statement twice": (
        "{id: s, kind: scale, text: S, statements: [{id: a, text: A}, {id: a, text: B}],"
        " points: [{value: a, label: A}, {value: b, label: B}]}",
        'statement 2 of question 1 ("S") has the id "a"',
    ),
    "two others": (
        "{id: q, kind: one, text: Q, choices: [{value: a, label: A, other: true}, {value: b, label: B, other: true}]}",
        "is a second choice with room to write",
    ),
    "a point with room to write": (
        "{id: s, kind: scale, text: S, statements: [{id: a, text: A}],"
        " points: [{value: a, label: A}, {value: b, label: B, other: true}]}",
        "has room to write, which a scale has not",
    ),
    "a semicolon in a value": (
        "{id: q, kind: one, text: Q, choices: [{value: a;b, label: A}, {value: c, label: C}]}",
        "such as value: a_b.",
    ),
    "a capital in an id": ("{id: Your Name, kind: text, text: Q}", "which cannot name a column of the results"),
    "an id of the results": ("{id: status, kind: text, text: Q}", "such as id: status_answer."),
    "an id of no column": ('{id: "true", kind: text, text: Q}', "which no column of the results can have"),
    "an id of the button that keeps a form": ("{id: keep, kind: text, text: Q}", "which the online form uses"),
    "an id that hides what a browser's form has": ("{id: dataset, kind: text, text: Q}", "such as id: dataset_answer."),
    "a pattern without boxes": ("{id: q, kind: code, text: Q, pattern: '--'}", "Write 9 for a figure"),
    "a comma without quotes": ("{id: q, kind: text, text: {en: Yes, please}}", 'breaks off before "please"'),
    "a language the form has not": ("{id: q, kind: text, text: {en: A, ur: B}}", 'is given in "ur".'),
    "no words": ("{id: q, kind: text, text: ''}", "has no words."),
    "required that is neither": ("{id: q, kind: text, text: Q, required: maybe}", "neither true nor false"),
    "a comment of no lines": ("{id: q, kind: comment, text: Q, lines: 0}", "is 0, and the least is 2."),
    "a line too long to print": ("{id: q, kind: text, text: Q, length: 99}", "is 99, and the most is 30."),
    "a route to itself": (
        "{id: q, kind: comment, text: Q, when: {q: yes}}",
        'depends on "q", which is not asked before it.',
    ),
    "a route that is no route": ("{id: q, kind: text, text: Q, when: always}", "does not name one earlier question"),
    "words instead of a question": ("Your name", "is not a question, a section or a note"),
    "choices that are no list": ("{id: q, kind: many, text: Q, choices: yes}", "is not followed by a list"),
    "a choice that is a word": ("{id: q, kind: many, text: Q, choices: [yes]}", "is not made of keys and values"),
    "a section with an id": ("{section: A, id: b}", 'the section ("A") has the key "id"'),
}


@pytest.mark.parametrize(("item", "said"), WRONG_ITEMS.values(), ids=WRONG_ITEMS.keys())
def test_each_mistake_is_named_once(item: str, said: str) -> None:
    error = only_error(f"{HEAD}  - {item}\n")

    assert said in str(error)
    assert error.line == FIRST_ITEM


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("{visited: perhaps}", "Write one or more of: no, yes."),
        ("{postcode: CF10}", "A route can only follow the answer to a question with choices."),
        ("{why: yes}", "Move it below the question why."),
        ("{elsewhere: yes}", "Write the id of a question above it."),
    ],
)
def test_a_route_leads_from_an_earlier_choice(route: str, said: str) -> None:
    late = "  - {id: why, kind: many, text: Why, choices: [{value: yes, label: Yes}]}\n"
    item = f"  - {{id: x, kind: comment, text: More, when: {route}}}\n"

    assert said in str(only_error(HEAD + VISITED + POSTCODE + item + late))


def test_a_wording_in_one_language_of_two_is_an_error_unless_it_has_no_letters() -> None:
    welsh = HEAD.replace("[en]", "[en, cy]")
    choices = "[{value: a, label: 16–24}, {value: b, label: {en: Over, cy: Dros}}]"
    age = f"  - {{id: age, kind: one, text: Age, choices: {choices}}}\n"

    said = [str(error) for error in errors(welsh + age)]

    assert any('Write {en: "A form", cy: …}.' in one for one in said)
    assert any('text of question 1 ("Age") is in English (en) only and has no Welsh (cy).' in one for one in said)
    assert not any("16–24" in one for one in said)


def test_names_that_differ_by_a_dot_only_are_refused() -> None:
    scale = (
        "  - {id: q, kind: scale, text: S, statements: [{id: a, text: A}],"
        " points: [{value: a, label: A}, {value: b, label: B}]}\n"
    )

    assert 'too like "q.a"' in str(only_error(HEAD + scale + "  - {id: q_a, kind: text, text: Q}\n"))


def test_a_form_opens_before_it_closes_and_scans_go_first() -> None:
    closed = HEAD.replace("minutes", "opens: 2027-02-01\ncloses: 2027-01-01\nscans_kept_days: 900\nminutes") + POSTCODE

    said = [error.what for error in errors(closed)]

    assert said == [
        "the form has opens 2027-02-01 above closes 2027-01-01.",
        "the form keeps scans for 900 days, longer than the 730 days of its answers.",
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "the file is empty"),
        ("- a\n- b\n", 1, "not a form definition"),
        ("title: Your visit: how was it\n", 1, "a second colon"),
        ("title: A\nquestions:\n\t- id: a\n", 3, "starts with a tab"),
        ('title: "A\nminutes: 2\n', 1, "never closed"),
        ("title: A\ntitle: B\n", 2, "the same key is here twice"),
        ("title: [A, B\nminutes: 2\n", 1, "ends in the middle"),
        ("title: A\nminutes 2\nopens: 2026-01-01\n", 2, "no colon"),
        ("title: *A\n", 1, "a word starts with *"),
        ("title:\n    en: A\n  cy: B\n", 3, "does not line up"),
        ("title: A\n---\ntitle: B\n", 2, "second form"),
        ("%PDF-1.7\n1 0 obj\n", 2, "starts with %"),
        ("title: A\x00\n", 1, "a character that text cannot hold"),
        ('minutes: 2\ntitle: "A\\U00110000"\n', 2, "stands for no character"),
        ('minutes: 2\ntitle: "A\\ud800"\n', 2, "stands for no character"),
        ("title: A\nquestions: " + "[" * 5000, 2, "more than 20 deep"),
        ("title: A\nquestions:\n  " + "- " * 5000 + "a", 3, "more than 20 deep"),
        ("title: A\n" + "\n".join(" " * depth + "a:" for depth in range(500)), 21, "more than 20 deep"),
    ],
)
def test_text_that_is_no_yaml_is_explained_in_plain_words(text: str, line: int, said: str) -> None:
    error = only_error(text)

    assert said in error.what
    assert error.line == line
    assert error.instead


def test_a_file_name_must_serve_in_addresses() -> None:
    (error,) = errors(HEAD + POSTCODE, "Library Visit")

    assert "cannot be part of an address" in error.what


def test_the_listing_for_programs_holds_every_error() -> None:
    good = check_listing("library", parse_definition(HEAD + POSTCODE, "library"))
    bad = check_listing("library", parse_definition(HEAD + "  - {kind: postcode, text: Your postcode}\n", "library"))

    assert good == {"form": "library", "ok": True, "errors": []}
    assert bad["ok"] is False
    assert bad["errors"] == [
        {
            "file": "library.yaml",
            "line": FIRST_ITEM,
            "what": 'question 1 ("Your postcode") has no id.',
            "instead": "Add a line such as id: postcode.",
        }
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    assert read("\ufeff" + (HEAD + POSTCODE).replace("\n", "\r\n")).version == read(HEAD + POSTCODE).version


def keys() -> set[str]:
    models = [WrittenForm, WrittenSection, WrittenNote, WrittenChoice, WrittenStatement, *QUESTION_MODELS.values()]
    return {key for model in models for key in model.model_fields}


def test_every_key_has_an_example_and_a_place_in_the_docs() -> None:
    guide = (ROOT / "docs" / "form-definition.md").read_text(encoding="utf-8")

    assert keys() == EXAMPLES.keys() | LIST_EXAMPLES.keys()
    assert [key for key in sorted(keys()) if f"`{key}`" not in guide] == []
    assert [kind for kind in Kind if f"kind: {kind}" not in guide] == []


def blocks_of(guide: str) -> list[str]:
    return [block.split("```")[0] for block in guide.split("```yaml\n")[1:]]


def test_every_example_in_the_docs_can_be_used_as_it_stands() -> None:
    whole, *items = blocks_of((ROOT / "docs" / "form-definition.md").read_text(encoding="utf-8"))

    form = read(whole, "library-visit")
    for item in items:
        read(whole + "".join(f"  {line}\n" for line in item.splitlines()), "library-visit")
    assert form.languages == ("en", "cy")


SHIPPED = (ROOT / "forms" / "front-desk.yaml").read_text(encoding="utf-8")


@given(st.integers(0, len(SHIPPED)), st.integers(0, 40), st.text(" \n:-{}[]\"'#&*!|>%@,abyes0159\t", max_size=12))
def test_any_slip_of_the_keyboard_gives_a_form_or_errors_with_lines(start: int, length: int, typed: str) -> None:
    parsed = parse_definition(SHIPPED[:start] + typed + SHIPPED[start + length :], "front-desk")

    if not isinstance(parsed, FormDefinition):
        assert parsed
        assert all(1 <= error.line <= SHIPPED.count("\n") + typed.count("\n") + 1 for error in parsed)
