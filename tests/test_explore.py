"""The file for analysts in a browser: every table and saved query is a page, and nothing comes from elsewhere."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browser import Visit
from click.testing import CliRunner
from made_up_dataset import EVERY_KIND, define, random_dataset

from pipeline.analysis.file import write_analysis
from pipeline.analysis.metadata import describe_file
from pipeline.cli.main import main
from pipeline.store.database import immediately, open_store, open_to_read
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply
from pipeline.store.record import Arrival, OnlineReturn, record_online

pytest.importorskip("datasette")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with answers to two forms, one with every kind of question and a name with a quotation mark in it."""
    root = tmp_path_factory.mktemp("explore")
    db, noon = open_store(root / "pillarbox.db", "central"), datetime(2026, 3, 1, 12, tzinfo=UTC)
    survey = define(EVERY_KIND.replace("title: Every kind", 'title: What\'s "it" like?'), "every-kind")
    library = random_dataset("library-visit", 25, 3)
    for number, told in enumerate(library.responses):
        returned = OnlineReturn(
            library.form, "en", "online", told.answers, None, f"key-{number:04}", Arrival(noon, "2026-03-01")
        )
        record_online(db, returned)
    answers = {"found": "partly", "needs": "books;warmth", "hours.early": "very", "remark": "Mind the step"}
    record_online(db, OnlineReturn(survey, "en", "kiosk", answers, None, "key-every", Arrival(noon, "2026-03-01")))
    left_out = {"found": "partly", "remark": "Two steps"}
    for form, said in ((survey, left_out), (library.form, {"library": "central", "got_it": "all"})):
        returned = OnlineReturn(form, "en", "kiosk", said, None, f"out-{form.id}", Arrival(noon, "2026-03-01"))
        not_counted = record_online(db, returned).submission
        with immediately(db):
            apply(db, append(db, EventKind.LEFT_OUT, not_counted, {"by": "mair", "why": ""}, noon))
    return root


ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def exploring(site: Path, *arguments: str, stopped_by: signal.Signals = signal.SIGINT) -> Iterator[str]:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "--site", str(site), "explore"]
    with subprocess.Popen(
        [*command, *arguments, "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")["url"]
        finally:
            process.send_signal(stopped_by)
            assert process.wait(20) == (0 if stopped_by in ASKED_TO_STOP else -stopped_by)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with exploring(site) as address:
        yield address


def links(page: str, pattern: str) -> set[str]:
    return set(re.findall(rf'href="({pattern})"', page))


def test_every_table_and_every_saved_query_is_a_page(site: Path, address: str, tmp_path: Path) -> None:
    write_analysis(site / "pillarbox.db", tmp_path / "analysis.db")
    described = describe_file(open_to_read(tmp_path / "analysis.db"), "analysis")["databases"]["analysis"]
    with httpx.Client(timeout=30) as client:
        front = client.get(address).text
        for name in (*described["tables"], *described["queries"]):
            answer = client.get(f"{address}/{name}.json", params={"submission": "x", "variable": "y"})
            assert answer.status_code == 200, (name, answer.text[:300])
            assert f"/analysis/{name}" in front, f"{name} is not named on the front page"
    assert "responses_library_visit_labelled" in described["tables"]
    assert "comments" not in described["tables"]


def test_titles_questions_facets_and_labels_come_from_the_definitions(address: str) -> None:
    with httpx.Client(timeout=30) as client:
        page = client.get(f"{address}/responses_library_visit_labelled").text
        assert "Your library visit – answers in words" in page
        assert "Which library did you visit?" in page
        assert "What was written outside the boxes" not in page, "only columns that are in the file are described"
        facets = client.get(f"{address}/responses_library_visit_labelled.json").json()["facet_results"]
        assert {"channel", "library", "got_it"} <= set(facets)
        assert {each["value"] for each in facets["library"]["results"]} <= {
            "Glanmor Central", "Porth Gwyn", "Pentre Helyg", "The mobile library",
        }  # fmt: skip
        counted = client.get(f"{address}/library_visit_got_it.json?_shape=array").json()
        assert sum(row["responses"] for row in counted) == 25
        assert {"Yes, all of it", "Left blank"} <= {row["answer"] for row in counted}
        ticked = client.get(f"{address}/every_kind_needs.json?_shape=array").json()
        assert [(row["answer"], row["channel"], row["responses"]) for row in ticked] == [
            ("Books", "kiosk", 1),
            ("Warmth", "kiosk", 1),
        ]


def test_saved_queries_count_only_responses_that_count(address: str) -> None:
    for query in ("every_kind_by_day", "every_kind_missing"):
        counted = httpx.get(f"{address}/{query}.json?_shape=array").json()
        assert {row["responses"] for row in counted} == {1}, query
    across, got_it = (
        httpx.get(f"{address}/{query}.json?_shape=array", timeout=30).json()
        for query in ("across", "library_visit_got_it")
    )
    told = [row["responses"] for row in across if row["label"] == "Yes, all of it"]
    assert told == [sum(row["responses"] for row in got_it if row["answer"] == "Yes, all of it")]


def test_nothing_is_fetched_from_elsewhere(address: str, visit: Visit) -> None:
    page, asked = visit(), []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "/responses_library_visit_labelled", "/library_visit_got_it", "/variables"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}


def test_another_site_cannot_reach_it_by_a_name_of_its_own(address: str) -> None:
    assert httpx.get(address, headers={"Host": "elsewhere.example"}).status_code == 400


def test_the_file_cannot_be_written_to_nor_be_taken_away_whole(site: Path, address: str) -> None:
    (served,) = site.glob(".explore-*/analysis.db")
    before = served.read_bytes()
    assert httpx.get(f"{address}.db").status_code in (403, 404)
    asked = httpx.get(f"{address}.json", params={"sql": "DELETE FROM answers"})
    assert asked.status_code == 400
    assert served.read_bytes() == before


@pytest.mark.parametrize("stopped_by", ASKED_TO_STOP)
def test_a_file_that_somebody_asked_for_stays_as_it_is(site: Path, stopped_by: signal.Signals) -> None:
    asked_for = site / "analysis.db"
    write_analysis(site / "pillarbox.db", asked_for, personal=True)
    before, there = asked_for.read_bytes(), {path.name for path in site.iterdir()}
    with exploring(site, stopped_by=stopped_by) as address:
        assert httpx.get(f"{address}/comments.json").status_code == 404, "what is served holds nothing personal"
    assert asked_for.read_bytes() == before
    assert {path.name for path in site.iterdir()} == there, "its own file is gone with it"


def test_what_a_run_that_was_killed_left_behind_is_cleared_and_nothing_of_one_that_goes_on(
    site: Path, tmp_path: Path
) -> None:
    shutil.copy(site / "pillarbox.db", tmp_path)
    there = {path.name for path in tmp_path.iterdir()}
    with exploring(tmp_path, stopped_by=signal.SIGKILL):
        (left,) = tmp_path.glob(".explore-*/analysis.db")
    assert left.exists()
    with exploring(tmp_path) as first:
        assert not left.parent.exists()
        with exploring(tmp_path) as second:
            assert len(list(tmp_path.glob(".explore-*/analysis.db"))) == 2
            for address in (first, second):
                assert httpx.get(f"{address}/forms.json").status_code == 200
    assert {path.name for path in tmp_path.iterdir()} == there


def test_a_file_that_was_handed_out_is_opened_as_it_is(site: Path, tmp_path: Path) -> None:
    handed = tmp_path / "handed.db"
    write_analysis(site / "pillarbox.db", handed, personal=True)
    with exploring(tmp_path, str(handed)) as address:
        assert address.endswith("/handed")
        found = httpx.get(f"{address}/search.json", params={"words": "steps", "_shape": "array"}).json()
    assert [row["text"] for row in found] == ["Mind the step"]


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"no database")
    done = CliRunner().invoke(main, ["--site", str(tmp_path), "explore", str(tmp_path / "other.db")])
    assert done.exit_code == 5
    assert "is no file for analysts" in done.output


def test_without_datasette_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pipeline.analysis.explore", raising=False)
    monkeypatch.setitem(sys.modules, "datasette", None)
    monkeypatch.setitem(sys.modules, "datasette.app", None)
    done = CliRunner().invoke(main, ["--site", str(tmp_path), "explore"])
    assert done.exit_code == 11
    assert 'pip install "pillarbox[explore]"' in done.output
