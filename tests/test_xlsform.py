"""XLSForm: what is written is the same form when read again, other programs take it, and nothing is lost unsaid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from pipeline.cli.main import main
from pipeline.form.definition import (
    Choice,
    Condition,
    FormDefinition,
    Item,
    Kind,
    Note,
    Question,
    Section,
    Statement,
    canonical_json,
)
from pipeline.form.parse import parse_definition
from pipeline.form.xlsform.reading import Imported, read_xlsform
from pipeline.form.xlsform.sheets import NotASpreadsheetError, write_book
from pipeline.form.xlsform.writing import write_xlsform

ROOT = Path(__file__).resolve().parent.parent
FORMS = {
    path.stem: parse_definition(path.read_text(encoding="utf-8"), path.stem)
    for path in [*(ROOT / "forms").glob("*.yaml"), *(ROOT / "benchmarks" / "speed").glob("*.yaml")]
}

WORDS = st.sampled_from(
    ["A question?", "=1+1", "'quoted'", '"both"', "yes", "007", "2027-01-31", "- a dash", "a: colon", "ŵ ŷ اردو", "#9"]
) | st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=30).map(
    lambda words: " ".join(words.split())
).filter(lambda words: words and "${" not in words)
VALUES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}", fullmatch=True)
WORDING = st.builds(lambda en, cy: {"en": en, "cy": cy}, WORDS, WORDS)


@st.composite
def choices(draw: st.DrawFn, *, other: bool) -> tuple[Choice, ...]:
    values = draw(st.lists(VALUES, min_size=2, max_size=4, unique=True))
    last = draw(st.booleans()) and other
    return tuple(Choice(value, draw(WORDING), last and value == values[-1], draw(easy("label"))) for value in values)


def easy(*fields: str) -> st.SearchStrategy[dict[str, Mapping[str, str]]]:
    """Easy Read wordings of some of these fields."""
    return st.dictionaries(st.sampled_from(fields), WORDING, max_size=len(fields))


@st.composite
def questions(draw: st.DrawFn, name: str, earlier: Sequence[Question]) -> Question:
    kind = draw(st.sampled_from(list(Kind)))
    rest: dict[str, object] = {}
    match kind:
        case Kind.ONE | Kind.MANY:
            rest["choices"] = draw(choices(other=True))
        case Kind.SCALE:
            statements = tuple(
                Statement(f"s{number}", draw(WORDING), draw(easy("text"))) for number in range(draw(st.integers(1, 3)))
            )
            rest |= {"statements": statements, "points": draw(choices(other=False))}
        case Kind.NUMBER:
            rest |= {"minimum": draw(st.integers(0, 9)), "maximum": draw(st.integers(10, 999_999_999))}
        case Kind.DATE:
            days = sorted((draw(st.dates()), draw(st.dates())))
            rest |= dict(zip(("earliest", "latest"), days, strict=True)) if days[0] < days[1] else {}
        case Kind.CODE:
            rest["pattern"] = draw(st.sampled_from(["A99", "AA-9999", "X.9 9/A"]))
        case Kind.TEXT:
            rest["length"] = draw(st.integers(1, 30))
        case Kind.COMMENT:
            rest["lines"] = draw(st.integers(2, 40))
    when = None
    if earlier and draw(st.booleans()):
        asked = draw(st.sampled_from(earlier))
        values = [choice.value for choice in asked.choices or asked.points]
        variable = asked.id if asked.choices else f"{asked.id}.{asked.statements[0].id}"
        when = Condition(variable, tuple(draw(st.lists(st.sampled_from(values), min_size=1, unique=True))))
    return Question(
        name,
        kind,
        draw(WORDING),
        draw(WORDING) if draw(st.booleans()) else {},
        required=draw(st.booleans()),
        sensitive=draw(st.booleans()),
        who=draw(st.booleans()),
        about=draw(st.none() | st.just("gets_what_they_need")),
        standard=draw(st.none() | st.just("age_8")),
        when=when,
        picture=draw(st.sampled_from(["", "bus"])),
        postcard=draw(st.booleans()),
        easy=draw(easy("text", "help")),
        **rest,
    )


@st.composite
def definitions(draw: st.DrawFn) -> FormDefinition:
    items: list[Item] = []
    for number in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            text = draw(WORDING) if draw(st.booleans()) else {}
            section = Section(draw(WORDING), text, draw(easy("title", "text")))
            items.append(draw(st.just(section) | st.builds(Note, WORDING, easy("text"))))
        chosen = [each for each in items if isinstance(each, Question) and (each.choices or each.points)]
        items.append(draw(questions(f"q{number}", chosen)))
    return replace(
        FORMS["library-visit"],
        title=draw(WORDING),
        items=tuple(items),
        return_address=draw(st.sampled_from([(), ("Libraries", "1 Harbour Street")])),
        destroy_by=draw(st.none() | st.just(date(2027, 6, 30))),
        receipt=draw(st.booleans()),
        postcard_return_to=draw(st.just({}) | WORDING),
        easy=draw(easy("title", "intro", "help_line")),
    )


@given(definitions())
def test_a_form_written_and_read_again_is_the_same_form(form: FormDefinition) -> None:
    again = read_xlsform(write_xlsform(form))
    assert again.left == ()
    read = parse_definition(again.text, form.id)
    assert isinstance(read, FormDefinition), [str(error) for error in read]
    assert canonical_json(read) == canonical_json(form)


@pytest.mark.parametrize("name", FORMS)
def test_another_program_takes_what_we_write(name: str, tmp_path: Path) -> None:
    form = FORMS[name]
    assert isinstance(form, FormDefinition)
    (tmp_path / f"{name}.xlsx").write_bytes(write_xlsform(form))
    warnings: list[str] = []
    xform = convert(tmp_path / f"{name}.xlsx", warnings=warnings, validate=False).xform
    assert warnings == []
    for variable in form.variables:
        assert f"<{variable.name.replace('.', '_')}" in xform, "every variable is asked there too"
    for question in form.questions:
        for words in question.text.values():
            assert words.replace("&", "&amp;") in xform


def spreadsheet(
    survey: Sequence[Mapping[str, str]],
    choices: Sequence[Mapping[str, str]] = (),
    settings: Mapping[str, str] | None = None,
) -> Imported:
    """Read what somebody else wrote."""
    return read_xlsform(write_book({"survey": survey, "choices": choices, "settings": [settings or {}]}))


YES_NO = [
    {"list_name": "yn", "name": "y e s", "label": "Yes"},
    {"list_name": "yn", "name": "no", "label": "No"},
    {"list_name": "yn", "name": "other", "label": "Something else"},
]
FROM_ELSEWHERE = [
    {"type": "start", "name": "start"},
    {"type": "begin group", "name": "visit", "label": "Your visit", "relevant": ""},
    {"type": "select one yn", "name": "Came-In", "label": "Did you come in?", "required": "true()"},
    {"type": "text", "name": "came_other", "label": "Which?", "relevant": "${Came-In} = 'other'"},
    {"type": "string", "name": "why", "label": "Why?", "relevant": "selected(${Came-In}, 'y e s')"},
    {"type": "int", "name": "times", "label": "How often?", "constraint": ". > 0 and . < 100"},
    {"type": "int", "name": "age", "label": "How old?", "constraint": "${times} < ."},
    {"type": "text", "name": "town", "label": "Which town?", "constraint": "string-length(.) < 21"},
    {"type": "end group"},
    {"type": "begin_group", "name": "rate", "label": "How were these?", "appearance": "table-list"},
    {"type": "select_one yn", "name": "staff", "label": "Staff"},
    {"type": "select_one yn", "name": "books", "label": "Books"},
    {"type": "end_group"},
    {"type": "geopoint", "name": "where", "label": "Where?"},
    {"type": "select_one yn", "name": "last", "label": "And ${why}?", "relevant": "${times} > 3", "image": "a.png"},
]


def test_a_form_from_elsewhere_keeps_what_it_can_and_names_every_cell_it_cannot() -> None:
    imported = spreadsheet(FROM_ELSEWHERE, YES_NO, {"form_title": "Your visit", "style": "pages"})
    head = "council: C\nservice: S\nminutes: 1\nintro: I\nprivacy: P\nreturn_to: R\nthanks: T\nhelp_line: H\n"
    form = parse_definition(head + imported.text, "visit")
    assert isinstance(form, FormDefinition), [str(error) for error in form]
    by_id = {question.id: question for question in form.questions}
    assert list(by_id) == ["came_in", "why", "times", "age", "town", "rate", "last"]
    assert [(choice.value, choice.other) for choice in by_id["came_in"].choices] == [
        ("y_e_s", False),
        ("no", False),
        ("other", True),
    ]
    assert by_id["came_in"].required
    assert by_id["why"].when == Condition("came_in", ("y_e_s",))
    assert (by_id["times"].minimum, by_id["times"].maximum) == (1, 99)
    assert (by_id["town"].kind, by_id["town"].length) == (Kind.TEXT, 20)
    assert [statement.id for statement in by_id["rate"].statements] == ["staff", "books"]
    assert by_id["last"].when is None
    places = {left.place for left in imported.left}
    assert places == {
        "survey!A2",  # start
        "survey!B4",  # a name that is no column
        "survey!C5",  # words of their own beside a choice
        "survey!F8",  # a rule over two answers: named as a rule, and as no largest number
        "survey!A15",  # a place on a map
        "survey!C16",  # words that quote an answer
        "survey!D16",  # a comparison as a condition
        "survey!H16",  # a picture
        "choices!B2",  # a value with spaces
        "settings!B2",  # a setting of another program
    }


def test_what_a_spreadsheet_does_not_say_comes_from_another_form() -> None:
    like = FORMS["library-visit"]
    assert isinstance(like, FormDefinition)
    book = write_book(
        {"survey": [{"type": "text", "name": "why", "label": "Why?"}], "settings": [{"form_title": "New"}]}
    )
    form = parse_definition(read_xlsform(book, like).text, "new")
    assert isinstance(form, FormDefinition)
    assert (form.council, form.title) == ({"en": like.council["en"]}, {"en": "New"})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"type,name,label\n", write_book({"other": [{"a": "b"}]})])
def test_what_is_no_such_spreadsheet_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(NotASpreadsheetError):
        read_xlsform(content)


def test_the_command_writes_and_reads(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "visit.yaml").write_bytes((ROOT / "forms" / "library-visit.yaml").read_bytes())
    sheet = tmp_path / "Visit 2.xlsx"
    wrote = CliRunner().invoke(main, ["--site", str(tmp_path), "xlsform", "export", "visit", "-o", str(sheet)])
    assert wrote.exit_code == 0, wrote.output
    read = CliRunner().invoke(main, ["--site", str(tmp_path), "xlsform", "import", str(sheet)])
    assert (read.exit_code, read.output) == (0, f"Written: {tmp_path / 'forms' / 'visit-2.yaml'}\n")
    again = CliRunner().invoke(main, ["--site", str(tmp_path), "xlsform", "import", str(sheet)])
    assert again.exit_code != 0
    assert "already" in again.output
