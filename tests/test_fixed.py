"""A form made elsewhere on its way through a site: made readable, read, its pages put together, nothing mixed up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from drawn_pages import printed
from read_sites import Here

from pipeline import intake
from pipeline.cli import scans
from pipeline.cli.main import main
from pipeline.form.fixed import fixed_layout
from pipeline.form.layout import Layout
from pipeline.form.layout_text import layout_from_text, layout_json, layout_to_text
from pipeline.practice.answers import random_answers
from pipeline.practice.elsewhere import ForeignForm, House, print_elsewhere
from pipeline.practice.pens import Grey
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_g4_tiff
from pipeline.reading.returns import AnotherReturn, Joins, Neighbour, place_uncoded_page

FORM = "library-visit"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def form() -> ForeignForm:
    copy = printed(FORM)
    return print_elsewhere(copy.definition, copy.layout, House("oval", size=0.6, filled="marked"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: ForeignForm) -> Run:
    monkeypatch.setattr(intake, "Workers", Here)
    monkeypatch.setattr(scans, "Workers", Here)
    (tmp_path / "forms").mkdir()
    source = Path(__file__).parents[1] / "forms" / f"{FORM}.yaml"
    (tmp_path / "forms" / source.name).write_bytes(source.read_bytes())
    (tmp_path / "boxes.json").write_text(layout_to_text(form.layout), encoding="utf-8")
    for number, page in enumerate(form.pages, 1):
        cv2.imwrite(str(tmp_path / f"blank-{number}.png"), page)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(main, ["--site", str(tmp_path), *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run_command


def make_readable(run: Run, folder: Path, boxes: str = "boxes.json") -> Result:
    blanks = [part for number in (1, 2) for part in ("--blank", str(folder / f"blank-{number}.png"))]
    return run("fixed", f"{FORM}.yaml", "--layout", str(folder / boxes), *blanks, "--json")


def ingested(run: Run, path: Path, pages: list[Grey]) -> list[dict[str, Any]]:
    """Scan pages in black and white and read them: what became of each."""
    small = [cv2.resize(page, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA) for page in pages]
    path.write_bytes(as_g4_tiff([np.where(page < 170, 0, 255).astype(np.uint8) for page in small], 200))
    result = run("ingest", str(path), "--json")
    assert result.exit_code == 0, result.stderr
    return list(json.loads(result.stdout)["files"][0]["pages"])


def person(form: ForeignForm, seed: int) -> tuple[Grey, Grey]:
    rng = np.random.default_rng(seed)
    front, back = fill(form.pages, form.layout, random_answers(form.definition, rng), random_resident(rng), rng).pages
    return front, back


def test_sheets_are_read_put_together_and_never_mixed_up(run: Run, tmp_path: Path, form: ForeignForm) -> None:
    assert make_readable(run, tmp_path).exit_code == 0
    (first, first_back), (second, second_back), (third, third_back) = (person(form, seed) for seed in (1, 2, 3))
    black = np.where(np.indices(first.shape).sum(axis=0) % 40 < 20, 0, 255).astype(np.uint8)
    stack = [first, first_back, second_back, np.rot90(second, 2), black, third_back, third]
    pages = ingested(run, tmp_path / "stack.tif", stack)
    assert [page["status"] for page in pages] == ["read"] * 4 + ["foreign", "read", "read"]
    assert [page["form_page"] for page in pages] == [1, 2, 2, 1, None, 2, 1]
    whose = [page["submission"] for page in pages]
    assert whose[0] == whose[1] != whose[2] == whose[3]
    assert len({whose[0], whose[2], whose[5], whose[6]}) == 4, "after a page that was refused, nothing is put together"
    assert {page["copy"] for page in pages} == {None}

    again = ingested(run, tmp_path / "again.tif", [second, second_back])
    assert [page["status"] for page in again] == ["duplicate"] * 2
    assert {page["submission"] for page in again} == {whose[2]}

    doubts = json.loads(run("doubts", "--json").stdout)
    assert all(Path(doubt["crop"]).exists() for doubt in doubts)
    rows = json.loads(run("export", FORM, "--format", "json").stdout)["rows"]
    assert {row["edition"] for row in rows} == {"fixed"}
    assert len(rows) == 4


def test_a_form_that_is_retired_is_read_no_more_and_what_was_read_stays(
    run: Run, tmp_path: Path, form: ForeignForm
) -> None:
    layout = json.loads(make_readable(run, tmp_path).stdout)["layout"]
    first, second = person(form, 1)[0], person(form, 2)[0]
    assert [page["status"] for page in ingested(run, tmp_path / "first.tif", [first])] == ["read"]

    assert json.loads(run("fixed", FORM, "--retire", "--json").stdout) == {"form": FORM, "retired": [layout]}
    assert [page["status"] for page in ingested(run, tmp_path / "second.tif", [second])] == ["foreign"]
    assert len(json.loads(run("export", FORM, "--format", "json").stdout)["rows"]) == 1
    again = run("fixed", FORM, "--retire")
    assert again.exit_code == 3
    assert "nothing to retire" in again.stderr

    assert json.loads(make_readable(run, tmp_path).stdout)["layout"] == layout
    assert [page["status"] for page in ingested(run, tmp_path / "third.tif", [person(form, 3)[0]])] == ["read"]


def test_fixed_says_what_it_lacks(run: Run, tmp_path: Path) -> None:
    assert run("fixed", FORM).exit_code == 2
    both = run("fixed", FORM, "--retire", "--layout", str(tmp_path / "boxes.json"))
    assert both.exit_code == 2
    assert "without --layout" in both.stderr


def test_everything_that_is_wrong_is_said_at_once(run: Run, tmp_path: Path, form: ForeignForm) -> None:
    told = layout_json(form.layout)
    fields = told["pages"][0]["fields"]
    marks = [field for field in fields if field["kind"] == "mark"]
    marks[0]["value"], marks[1]["box_mm"], marks[2]["question"] = "nonsense", [205, 20, 9, 9], "no_such"
    marks[3]["box_mm"] = [100, 100, 60, 60]
    (tmp_path / "wrong.json").write_text(json.dumps(told), encoding="utf-8")
    result = make_readable(run, tmp_path, "wrong.json")
    assert result.exit_code == 7
    for words in ("nonsense is not one", "keep it there", "no_such: library-visit has no such", "60 by 60", "no box"):
        assert words in result.stderr
    assert not json.loads(run("doubts", "--json").stdout)


def test_a_blank_of_another_form_is_noticed(run: Run, tmp_path: Path, form: ForeignForm) -> None:
    cv2.imwrite(str(tmp_path / "blank-2.png"), np.full_like(form.pages[1], 255))
    result = make_readable(run, tmp_path)
    assert result.exit_code == 7
    assert "nothing is printed at" in result.stderr
    cv2.imwrite(str(tmp_path / "blank-2.png"), form.pages[1][:1500])
    assert "is not the shape of" in make_readable(run, tmp_path).stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ('{"pages": []}', "paper_mm is wrong"),
        (
            '{"paper_mm": [210, 297], "pages": [{"page": 1, "fields": [{"question": "a", "kind": "tick"}]}]}',
            "kind is wr",
        ),
    ],
)
def test_what_is_no_geometry_is_told_in_words(form: ForeignForm, text: str, words: str) -> None:
    errors = fixed_layout(form.definition, text, b"")
    assert isinstance(errors, tuple)
    assert any(words in str(error) for error in errors)


def test_a_geometry_is_kept_whole_and_named_by_its_blank(form: ForeignForm) -> None:
    text = layout_to_text(form.layout)
    layout = fixed_layout(form.definition, text, b"one")
    assert isinstance(layout, Layout)
    assert layout_from_text(layout_to_text(layout)) == layout
    assert layout.pages == tuple(form.layout.pages)
    other = fixed_layout(form.definition, text, b"another")
    assert isinstance(other, Layout)
    assert other.id != layout.id


def neighbour(form_page: int, *pages: int) -> Neighbour:
    return Neighbour(form_page, "A", frozenset(pages))


@pytest.mark.parametrize(
    ("form_page", "before", "overleaf", "joins"),
    [
        (2, neighbour(1, 1), None, True),
        (1, neighbour(2, 2), None, False),
        (1, neighbour(2, 2), neighbour(2, 2), True),
        (1, neighbour(2, 1, 2), neighbour(2, 1, 2), False),
        (3, neighbour(1, 1, 2), None, True),
        (3, neighbour(2, 2), neighbour(2, 2), True),
        (2, neighbour(2, 1, 2), None, False),
        (2, None, None, False),
    ],
)
def test_pages_without_a_code_are_put_together_only_where_that_is_certain(
    form_page: int, before: Neighbour | None, overleaf: Neighbour | None, joins: bool
) -> None:
    placed = place_uncoded_page(form_page, before, overleaf)
    assert placed == (Joins("A") if joins else AnotherReturn(None))
