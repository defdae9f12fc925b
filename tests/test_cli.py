"""The command line as people and programs use it: one JSON document, one exit code a kind of trouble."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.main import main
from pipeline.form.definition import Kind
from pipeline.form.words import counted
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import Scanner, as_pdf, scan
from pipeline.site import load_form, open_site
from pipeline.store.catalogue import layout_of

FORMS = Path(__file__).parents[1] / "forms"
DPI = 200
Run = Callable[..., Result]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(FORMS, tmp_path / "forms")
    (tmp_path / "scanner_inbox").mkdir()
    return tmp_path


@pytest.fixture
def run(site: Path) -> Run:
    def run_command(*arguments: str, given: str | None = None) -> Result:
        result = CliRunner().invoke(main, ["--site", str(site), *arguments], input=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run_command


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_forms_that_come_along_are_right(run: Run) -> None:
    assert [listing["ok"] for listing in document(run("check", "--json"))] == [True, True, True]


def test_check_tells_every_error_of_a_wrong_form_and_fails(run: Run, site: Path) -> None:
    (site / "forms" / "wrong.yaml").write_text("title: Wrong\nquestions:\n  - kind: oen\n    text: What?\n", "utf-8")
    result = run("check", "wrong")
    assert result.exit_code == 1
    assert result.stdout.count("wrong.yaml, line") >= 3


def test_check_tells_of_brackets_without_end_as_of_any_mistake(run: Run, site: Path) -> None:
    (site / "forms" / "wrong.yaml").write_text("title: Wrong\nquestions: " + "[" * 5000, "utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert "wrong.yaml, line 2: this lies more than 20 deep in brackets" in result.stdout
    assert "library-visit: all is well." in result.stdout


def test_a_form_that_does_not_exist_is_named_with_those_that_do(run: Run) -> None:
    result = run("print", "libary-visit")
    assert result.exit_code == 3
    assert "library-visit" in result.stderr


def test_the_geometry_of_a_printed_copy_is_that_of_its_layout(run: Run, site: Path) -> None:
    printed = document(run("print", "library-visit", "-n", "2", "-o", str(site / "out.pdf"), "--json"))
    assert (site / "out.pdf").read_bytes().startswith(b"%PDF")
    assert [page["form_page"] for page in printed["pages"]] == [1, 2, 1, 2]
    geometry = document(run("layout", "--copy", printed["pages"][0]["copy"], "--json"))
    assert geometry == document(run("layout", "library-visit", "--json"))
    assert geometry["layout"] == printed["layout"]
    assert geometry["paper_mm"] == [210.0, 297.0]
    assert {code["kind"] for code in geometry["pages"][0]["codes"]} == {"qr", "aruco", "serial"}


def test_from_print_to_export_every_answer_is_what_was_written(run: Run, site: Path) -> None:
    printed = document(run("print", "front-desk", "-n", "2", "--sides", "one", "-o", str(site / "out.pdf"), "--json"))
    outcome, comment = load_form(open_site(site), "front-desk").questions
    assert (outcome.kind, comment.kind) == (Kind.ONE, Kind.COMMENT)
    first, last = outcome.choices[0].value, outcome.choices[-1].value
    written = [{outcome.id: first}, {outcome.id: last, comment.id: "The door is too heavy."}]
    return_filled(site, printed, written)
    report = document(run("ingest", "--settle", "0", "--json"))
    assert [file["status"] for file in report["files"]] == ["read", "read"]
    (doubt,) = document(run("doubts", "--json"))
    assert Path(doubt["crop"]).read_bytes().startswith(b"\x89PNG")
    assert doubt["reason"] == "handwriting"
    decisions = site / "decisions.json"
    decisions.write_text(json.dumps([{"doubt": doubt["doubt"], "value": "The door is too heavy."}]), "utf-8")
    assert document(run("settle", str(decisions), "--as", "Mair", "--json")) == {"settled": 1, "refused": []}
    rows = {row["copy"]: row for row in document(run("export", "front-desk", "--format", "json"))["rows"]}
    for page, answers in zip(printed["pages"], written, strict=True):
        assert rows[page["copy"]]["answers"] == answers
        assert (rows[page["copy"]]["channel"], rows[page["copy"]]["status"]) == ("paper", "complete")
    table = csv.DictReader(io.StringIO(run("export", "front-desk", "--format", "csv").stdout))
    assert {row["copy"]: row[outcome.id] for row in table} == {
        page["copy"]: answers[outcome.id] for page, answers in zip(printed["pages"], written, strict=True)
    }


def return_filled(site: Path, printed: dict[str, Any], written: list[dict[str, str]]) -> None:
    """Fill in every copy and scan it into the inbox, a file each."""
    db = open_site(site).open_store()
    layout = layout_of(db, printed["layout"])
    db.close()
    rng = np.random.default_rng(4)
    pages = printed_pages(Path(printed["pdf"]).read_bytes(), DPI)
    for page, copy, answers in zip(pages, printed["pages"], written, strict=True):
        filled = fill([page], layout, answers, random_resident(rng), rng)
        picture = scan(filled.pages[0], DPI / 25.4, Scanner(dpi=DPI, turn=0.7), rng)
        (site / "scanner_inbox" / f"{copy['copy']}.pdf").write_bytes(as_pdf([picture], DPI))


def test_decisions_that_cannot_be_are_refused_with_the_reason(run: Run, site: Path) -> None:
    path = site / "decisions.json"
    path.write_text('[{"doubt": "none", "value": "yes"}]', "utf-8")
    (refused,) = document(run("settle", str(path), "--as", "Mair", "--json"))["refused"]
    assert "settled it already" in refused["why"]
    path.write_text("{}", "utf-8")
    assert run("settle", str(path), "--as", "Mair").exit_code == 6


def test_nothing_to_export_is_said(run: Run) -> None:
    result = run("export", "library-visit", "--format", "csv")
    assert result.exit_code == 3
    assert "nothing to show" in result.stderr


def test_a_member_of_staff_is_added_without_the_password_being_shown(run: Run, site: Path) -> None:
    result = run("user", "add", "mair", "--role", "desk", "--password-stdin", given="a long enough password\n")
    assert result.exit_code == 0
    assert "password" not in result.stdout
    assert (site / "private" / "staff.db").stat().st_mode & 0o077 == 0


def test_doctor_names_what_is_there(run: Run) -> None:
    findings = json.loads(run("doctor", "--json").stdout)
    assert {"forms", "inbox", "record", "tesseract", "handwriting"} <= {finding["what"] for finding in findings}


def test_local_postcodes_are_told_in_any_spelling_and_wrong_lines_are_named(run: Run, site: Path) -> None:
    path = site / "postcodes.txt"
    path.write_text("cf101aa\nCF10  1AB\n\n", "utf-8")
    assert "2 postcodes are known" in run("postcodes", str(path)).stdout
    path.write_text("\n", "utf-8")
    assert run("postcodes", str(path)).exit_code == 6
    path.write_text("CF10 1AA\nCardiff\n", "utf-8")
    result = run("postcodes", str(path))
    assert result.exit_code == 6
    assert "line 2 (“Cardiff”)" in result.stderr


def test_a_form_that_is_not_saved_as_utf_8_is_an_error_like_any_other(run: Run, site: Path) -> None:
    (site / "forms" / "latin.yaml").write_bytes(b"title: x\ncouncil: caf\xe9\n")
    (site / "forms" / "folder.yaml").mkdir()
    result = run("check")
    assert result.exit_code == 1
    assert "latin.yaml, line 2: the file is not saved as UTF-8." in result.stdout
    assert "library-visit: all is well." in result.stdout


def test_a_decision_needs_a_name_and_one_meaning(run: Run, site: Path) -> None:
    path = site / "decisions.json"
    path.write_text('[{"doubt": "x", "value": "yes", "missing": "blank"}]', "utf-8")
    (refused,) = document(run("settle", str(path), "--as", " ", "--json"))["refused"]
    assert "Say who decides" in refused["why"]


def test_what_cannot_be_written_is_said_and_registers_nothing(run: Run, site: Path) -> None:
    result = run("print", "front-desk", "-o", str(site / "no folder" / "a.pdf"))
    assert result.exit_code == 10
    assert not (site / "pillarbox.db").exists()
    assert run("doubts", "no-such-form").exit_code == 3


def test_a_record_that_cannot_be_opened_is_not_to_be_moved_away(run: Run, site: Path) -> None:
    (site / "pillarbox.db").mkdir()
    result = run("doubts")
    assert result.exit_code == 5
    assert "Leave it where it is" in result.stderr
    assert json.loads(run("doctor", "--json").stdout)


def test_a_site_without_forms_is_told(run: Run, site: Path) -> None:
    shutil.rmtree(site / "forms")
    assert run("check").exit_code == 3


@pytest.mark.parametrize(
    ("number", "thing", "said"),
    [(1, "copy", "1 copy"), (0, "copy", "0 copies"), (1, "file", "1 file"), (1200, "new doubt", "1,200 new doubts")],
)
def test_things_are_counted_as_people_do(number: int, thing: str, said: str) -> None:
    assert counted(number, thing) == said
