"""Answers of other tools: taken by the same rules, each once, every refusal with what to do, and taken back whole."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from made_up_dataset import EVERY_KIND, FORMS, define, load

from pipeline.cli.main import main
from pipeline.form.authoring.source import DefinitionError
from pipeline.form.brought.map import AnswerMap, read_map
from pipeline.form.brought.reading import Brought, MapDoesNotFitError, read_answers
from pipeline.form.brought.rows import NOT_TAKEN, NotAnswersError, read_rows
from pipeline.form.cells import FORMULA_STARTS, as_written, defused
from pipeline.form.definition import FormDefinition
from pipeline.store.database import open_store
from pipeline.store.projection import rebuild

PAGE = (FORMS.parent / "docs" / "answers-from-elsewhere.md").read_text(encoding="utf-8")
MAPS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
FILES = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
LIBRARY = load("library-visit")
SURVEY = define(EVERY_KIND, "survey")


def mapped(text: str, form: FormDefinition = SURVEY) -> AnswerMap:
    said = read_map(text, "map.yaml", form)
    assert isinstance(said, AnswerMap), said
    return said


def read(content: str | bytes, map_: str, form: FormDefinition = SURVEY) -> Brought:
    source = read_rows(content.encode() if isinstance(content, str) else content)
    return read_answers(source, mapped(map_, form), form, UTC)


EXPECTED = [
    [
        {"library": "central", "reasons": "borrow;event", "got_it": "some", "not_found": "The large print shelf"},
        {"library": "mobile", "reasons": "online", "got_it": "all", "change": "Mwy o gadeiriau"},
    ],
    [
        {
            "library": "porth_gwyn",
            "reasons": "online;other",
            "reasons.other": "Warmth",
            "got_it": "all",
            "change": "More sockets",
        },
        {"library": "central", "got_it": "none", "not_found": "A quiet desk"},
    ],
    [
        {"library": "central", "reasons": "borrow;event", "got_it": "some", "change": "Open on Sundays"},
        {"library": "mobile", "reasons": "stay", "got_it": "all"},
    ],
    [{"library": "pentre_helyg", "reasons": "borrow;stay", "got_it": "all"}],
]
"""What the example of each tool on the page amounts to."""


@pytest.mark.parametrize("number", range(4), ids=["LimeSurvey", "Microsoft Forms", "Google Forms", "Citizen Space"])
def test_the_example_of_each_tool_is_read_as_it_was_answered(number: int) -> None:
    brought = read(FILES[number], MAPS[number], LIBRARY)
    assert brought.refused == brought.unused == ()
    assert [dict(row.answers) for row in brought.rows] == EXPECTED[number]
    assert {row.received_at.date().isoformat() for row in brought.rows if row.received_at} == {"2026-03-02"}
    assert brought.passed_over == (1 if number == 3 else 0)


def as_workbook(text: str) -> bytes:
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("number", range(4))
def test_a_workbook_is_read_like_the_same_csv(number: int) -> None:
    assert read(as_workbook(FILES[number]), MAPS[number], LIBRARY) == read(FILES[number], MAPS[number], LIBRARY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_whatever_way_it_was_saved(encoding: str, delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["id", "Say"], ["7", "Café; £5, “quoted”\nsecond line"]])
    brought = read(out.getvalue().encode(encoding), "{source: x, id: id, answers: {remark: Say}}")
    assert brought.rows[0].answers == {"remark": "Café; £5, “quoted”\nsecond line"}


def test_cells_that_excel_knows_as_days_and_numbers_are_read_as_such() -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "came", "visits", "day"])
    book.active.append([3, datetime(2026, 3, 9, 14, 5), 4.0, datetime(2026, 3, 1)])  # noqa: DTZ001 - Excel has none
    out = io.BytesIO()
    book.save(out)
    said = "{source: x, id: id, received: {column: came}, answers: {visits: visits, visited_on: day}}"
    (row,) = read(out.getvalue(), said).rows
    assert row.answers == {"visits": "4", "visited_on": "2026-03-01"}
    assert row.received_at == datetime(2026, 3, 9, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("found", "Maybe", "is not one of the answers"),
        ("visits", "100", "Write a number from 0 to 99"),
        ("visits", "often", "Write a whole number"),
        ("visited_on", "31/02/2026", "Write a real date"),
        ("home", "CF10", "Write a full UK postcode"),
        ("came", "yesterday", "is not a moment in the form"),
        ("id", "", "Give it a name there"),
        ("effect", "", ""),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_what_to_do(column: str, cell: str, why: str) -> None:
    row = {"id": "1", "came": "2026-03-01 10:00", "found": "Yes", "visits": "3", "visited_on": "1/3/2026"}
    row |= {"home": "CF10 1AA", "effect": ""} | {column: cell}
    out = io.StringIO()
    csv.writer(out).writerows([list(row), list(row.values()), ["2", "", "", "", "", "", ""]])
    said = """{source: x, id: id, received: {column: came}, answers:
        {found: found, visits: visits, visited_on: visited_on, home: home, effect: effect}}"""
    brought = read(out.getvalue(), said)
    refused = {each.row: each.whys for each in brought.refused}
    assert "is not a moment" in refused.pop(3)[0]
    assert ([why in " ".join(refused[2])] if why else refused) == ([True] if why else {})


def test_what_is_to_be_skipped_is_not_taken_as_an_answer() -> None:
    said = "{source: x, id: id, answers: {condition: c, effect: e}}"
    brought = read("id,c,e\n1,no,a_lot\n2,yes,a_lot\n", said)
    assert [dict(row.answers) for row in brought.rows] == [
        {"condition": "no"},
        {"condition": "yes", "effect": "a_lot"},
    ], "ticks that the form would not have shown are passed over, as they are online"
    required = define(EVERY_KIND.replace("  - id: found\n", "  - id: found\n    required: true\n"))
    (refused,) = read("id,f\n1,\n", "{source: x, id: id, answers: {found: f}}", required).refused
    assert "the form asks for one" in refused.whys[0]


def test_the_same_name_twice_in_a_file_is_taken_once() -> None:
    brought = read("id,f\n1,yes\n1,no\n", "{source: x, id: id, answers: {found: f}}")
    assert [row.row for row in brought.rows] == [2]
    assert "Row 2 has the same" in brought.refused[0].whys[0]


def test_equal_rows_of_a_file_without_names_are_two_people() -> None:
    brought = read("f\nyes\nyes\n", "{source: x, answers: {found: f}}")
    assert len({row.source_id for row in brought.rows}) == 2


WRONG_MAPS = [
    ("source: x\nanswers:\n  fund: a\n", 3, "has no question fund"),
    ("source: x\nanswers:\n  found: {column: a, values: {Si: maybe}}\n", 3, "found has no answer maybe"),
    ("source: x\nanswers:\n  found: {columns: {yes: a}}\n", 3, "only one answer"),
    ("source: x\nanswers:\n  found: {delimiter: a}\n", 3, "neither a column nor columns"),
    ("source: x\nanswers:\n  visits: {column: a, other: true}\n", 3, "no room to write"),
    ("source: x\nanswer: {}\n", 2, "answer means nothing"),
    ("answers: {found: a}\n", 1, "source is not there"),
    ("source: [\n", 2, ""),
]


@pytest.mark.parametrize(("text", "line", "what"), WRONG_MAPS)
def test_a_wrong_map_says_on_which_line(text: str, line: int, what: str) -> None:
    found = read_map(text, "map.yaml", SURVEY)
    assert isinstance(found, tuple)
    assert isinstance(found[0], DefinitionError)
    assert any(what in each.what and (each.line == line or not what) for each in found)


def test_a_column_that_the_file_lacks_is_named_with_those_it_has() -> None:
    with pytest.raises(MapDoesNotFitError, match=r"no column “found”\. Its columns are “id”; “fund”"):
        read("id,fund\n1,yes\n", "{source: x, id: id, answers: {found: found}}")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04 not a workbook", b'a,b\n1,"2'])
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(NotAnswersError):
        read_rows(content)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "library-visit.yaml").write_bytes((FORMS / "library-visit.yaml").read_bytes())
    (tmp_path / "map.yaml").write_text(MAPS[0], encoding="utf-8")
    (tmp_path / "responses.csv").write_text(FILES[0], encoding="utf-8")
    return tmp_path


def run(site: Path, *arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(main, ["--site", str(site), "import", "library-visit", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    document: dict[str, object] = json.loads(result.stdout)
    return document


def bring_in(site: Path, *more: str) -> tuple[object, ...]:
    done = run(site, str(site / "responses.csv"), "--map", str(site / "map.yaml"), "--as", "mair", *more)
    refused = done["refused"]
    assert isinstance(refused, list)
    return done["new"], done["again"], done["before"], len(refused)


def told(site: Path) -> list[tuple[object, ...]]:
    db = open_store(site / "pillarbox.db", "main")
    return db.execute(
        "SELECT channel, status, lang, received_on, library FROM responses_library_visit JOIN submissions"
        " USING (submission, channel, status, lang) ORDER BY submission"
    ).fetchall()


def test_the_same_file_twice_changes_nothing(site: Path) -> None:
    assert bring_in(site, "--dry-run") == (2, 0, 0, 0)
    assert not (site / "archive").exists()
    assert bring_in(site) == (2, 0, 0, 0)
    first = told(site)
    assert first == [
        ("import", "complete", "en", "2026-03-02", "central"),
        ("import", "complete", "cy", "2026-03-02", "mobile"),
    ]
    db = open_store(site / "pillarbox.db", "main")
    events = db.execute("SELECT * FROM events").fetchall()
    assert bring_in(site) == bring_in(site, "--dry-run") == (0, 0, 2, 0)
    assert db.execute("SELECT * FROM events").fetchall() == events
    rebuild(db)
    assert told(site) == first


def test_a_longer_export_brings_in_what_is_new_and_asks_about_what_changed(site: Path) -> None:
    bring_in(site)
    longer = FILES[0].replace("Mwy o gadeiriau", "Llai") + "16,2026-03-03 08:00:00,4,en,1,central,,,,,A1,,\n"
    (site / "responses.csv").write_text(longer, encoding="utf-8")
    assert bring_in(site, "--refused", str(site / "no.csv")) == (1, 0, 1, 1)
    (row,) = csv.DictReader(io.StringIO((site / "no.csv").read_text("utf-8-sig")))
    assert (row["id"], row["change"]) == ("15", "Llai")
    assert "Take the earlier file back first" in row[NOT_TAKEN]


TRICKY = (
    "=SUM(A1)",
    "+44 29",
    "-5",
    "@home",
    "'=quoted",
    "''-twice",
    "'tis",
    "''",
    "plain",
    'a "b"; c,\nd',
    "'",
    "=",
    "",
)


def refused_file(site: Path, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Bring in rows, which the library each names keeps from being taken, and return the file of those refused."""
    with (site / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    assert bring_in(site, "--refused", str(site / "no.csv")) == (0, 0, 0, len(rows))
    return (site / "no.csv").read_text("utf-8-sig")


HEADINGS = ("id", "library", "note; or none; at all", "=HYPERLINK(1)", "'-5", "why")


def test_rows_that_were_refused_come_back_as_they_came_and_no_cell_is_a_formula(site: Path) -> None:
    (site / "map.yaml").write_text("{source: x, id: id, answers: {library: library, change: '=HYPERLINK(1)'}}")
    rows = [(str(number), "nowhere", words, words, words, "so") for number, words in enumerate(TRICKY, 1)]
    written = refused_file(site, HEADINGS, rows)
    assert not any(cell.startswith(FORMULA_STARTS) for row in csv.reader(io.StringIO(written)) for cell in row)
    source = read_rows(written.encode())
    assert source.columns == HEADINGS
    assert [tuple(row.cells.values()) for row in source.rows] == rows

    (site / "responses.csv").write_text(written.replace("nowhere", "central"), encoding="utf-8-sig")
    assert bring_in(site)[0] == len(rows)
    db = open_store(site / "pillarbox.db", "main")
    kept = db.execute(
        "SELECT r.source_id, v.change FROM imported r JOIN submissions s ON s.id = r.submission"
        " JOIN responses_library_visit v ON v.submission = s.submission"
    )
    assert dict(kept.fetchall()) == {str(number): words or None for number, words in enumerate(TRICKY, 1)}


def test_refused_rows_that_end_before_the_last_column_come_back_under_every_heading(site: Path) -> None:
    (site / "map.yaml").write_text("{source: x, answers: {library: library, change: note}}")
    written = refused_file(site, ("library", "note", "of"), [("nowhere",), ("nowhere", "So")])
    source = read_rows(written.encode())
    assert source.columns == ("library", "note", "of")
    assert [dict(row.cells) for row in source.rows] == [{"library": "nowhere"}, {"library": "nowhere", "note": "So"}]
    (site / "responses.csv").write_text(written.replace("nowhere", "central"), encoding="utf-8-sig")
    assert bring_in(site)[0] == 2


def test_a_refused_row_of_a_file_without_names_keeps_the_name_it_would_have_had(site: Path) -> None:
    (site / "map.yaml").write_text("{source: x, answers: {library: library, change: note}}")
    written = refused_file(site, ("library", "note"), [("nowhere", "-5")])
    (site / "map.yaml").write_text("{source: x, answers: {library: {column: library, values: {nowhere: central}}}}")
    assert bring_in(site)[:3] == (1, 0, 0)
    (site / "responses.csv").write_text(written, encoding="utf-8-sig")
    assert bring_in(site)[:3] == (0, 0, 1), "it is the same person"


@given(st.text("='+-@\t\ra", max_size=4))
def test_words_that_were_defused_are_had_back_exactly(words: str) -> None:
    assert not defused(words).startswith(FORMULA_STARTS)
    assert as_written(defused(words)) == words


def test_a_file_is_taken_back_as_a_whole_and_can_come_again(site: Path) -> None:
    bring_in(site)
    assert run(site, "--take-back", "responses.csv", "--as", "mair")["taken_back"] == 2
    assert [row[1] for row in told(site)] == ["withdrawn", "withdrawn"]
    (listed,) = run(site)["imports"]  # type: ignore[misc, attr-defined]
    assert (listed["rows"], listed["taken_back"], listed["brought_by"]) == (0, 2, "mair")
    rebuild(open_store(site / "pillarbox.db", "main"))
    assert [row[1] for row in told(site)] == ["withdrawn", "withdrawn"]
    assert bring_in(site) == (0, 2, 0, 0)
    assert [row[1] for row in told(site)] == ["complete", "complete"]
    assert run(site, "--take-back", str(listed["sha256"])[:8], "--as", "mair")["taken_back"] == 2


def test_an_answer_put_right_comes_in_once_the_earlier_file_is_taken_back(site: Path) -> None:
    bring_in(site)
    run(site, "--take-back", "responses.csv", "--as", "mair")
    (site / "responses.csv").write_text(FILES[0].replace("Mwy o gadeiriau", "Llai"), encoding="utf-8")
    assert bring_in(site) == (1, 1, 0, 0)
    assert [row[1] for row in told(site)].count("complete") == 2


def test_the_file_is_kept_among_the_originals(site: Path) -> None:
    bring_in(site)
    (listed,) = run(site)["imports"]  # type: ignore[misc, attr-defined]
    (kept,) = (site / "archive").rglob(f"{listed['sha256']}*")
    assert kept.read_bytes() == (site / "responses.csv").read_bytes()


@pytest.mark.parametrize("arguments", [["responses.csv"], ["--take-back", "responses.csv"]])
def test_what_is_not_said_is_asked_for(site: Path, arguments: list[str]) -> None:
    named = [str(site / each) if each == "responses.csv" and arguments[0] == each else each for each in arguments]
    result = CliRunner().invoke(main, ["--site", str(site), "import", "library-visit", *named])
    assert result.exit_code == 2
