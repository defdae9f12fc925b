"""From any cell to where it comes from: the page and its picture, what was measured, who decided, the original."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from browser import PASSWORD, copy_of
from click.testing import CliRunner
from made_up_dataset import FORMS
from webpages import NOON, Page

from pipeline.analysis.file import write_analysis
from pipeline.cli.main import main
from pipeline.site import Settings, Site, load_form
from pipeline.store.queue import undo_last
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.store.trace import trace
from pipeline.store.waiting import open_doubts, settle_doubt
from pipeline.web.gate import SESSION_COOKIE
from pipeline.web.server import running
from pipeline.web.sessions import check_sign_in

LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""After everything that was read: times of the record never run backwards."""


@pytest.fixture(scope="module")
def site(scanned_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site with scans, where one doubt is settled, taken back and settled again."""
    site = copy_of(scanned_folder, tmp_path_factory.mktemp("trace") / "site")
    db = site.open_store()
    doubt = next(each for each in open_doubts(db) if each.question == "rating.stock")
    assert settle_doubt(db, doubt.doubt, "poor", None, "mair", LATER) is None
    assert undo_last(db, "mair", LATER + timedelta(minutes=1))
    assert settle_doubt(db, doubt.doubt, "good", None, "meg", LATER + timedelta(minutes=2)) is None
    return site


def traced(site: Site, submission: str, variable: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["--site", str(site.root), "trace", submission, variable, "--json"])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def read_answers(site: Site) -> list[tuple[str, str, str]]:
    """Answers of every kind of question that stand on paper."""
    rows = site.open_store().execute(
        "SELECT p.submission, p.question, p.value FROM provenance p JOIN variables v ON v.variable = p.question"
        " AND v.form = p.form WHERE p.value IS NOT NULL AND p.sha256 IS NOT NULL GROUP BY v.shape, p.channel"
    )
    return rows.fetchall()


def test_an_answer_on_paper_leads_to_its_picture_measurement_and_original(site: Site) -> None:
    answers = read_answers(site)
    assert len(answers) >= 2
    for submission, variable, value in answers:
        found = traced(site, submission, variable)
        assert (found["value"], found["missing"], found["given"]) == (value, None, None)
        (scan,) = found["scans"]
        original = Path(scan["original"]).read_bytes()
        assert hashlib.sha256(original).hexdigest() == scan["sha256"]
        picture = cv2.imread(scan["crop"], cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        assert picture.min() < 128, "there is ink in the picture"
        x, y, w, h = scan["box_mm"]
        for each in scan["measured"].get("marks", ()):
            box = each["box"]
            assert x - 1 <= box["x"] <= x + w
            assert y - 1 <= box["y"] <= y + h
        assert scan["measured"].keys() & {"marks", "characters", "texts"}
        assert scan["reader"]


def test_the_mark_that_was_read_is_the_one_that_was_measured_as_marked(site: Site) -> None:
    row = (
        site.open_store()
        .execute(
            "SELECT submission, value FROM provenance WHERE question = 'rating.staff' AND authority = 1"
            " AND value IS NOT NULL"
        )
        .fetchone()
    )
    found = traced(site, row[0], "rating.staff")
    marked = [each["value"] for each in found["scans"][0]["measured"]["marks"] if each["verdict"] == "marked"]
    assert marked == [row[1]]


def test_who_decided_stands_beside_what_was_decided_and_taken_back(site: Site) -> None:
    (submission, variable) = (
        site.open_store().execute("SELECT submission, question FROM provenance WHERE decided_by = 'meg'").fetchone()
    )
    found = traced(site, submission, variable)
    assert (found["value"], found["authority"]) == ("good", 3)
    assert [(each["by"], each["value"], each["undone_by"]) for each in found["decisions"]] == [
        ("mair", "poor", "mair"),
        ("meg", "good", None),
    ]
    assert len(found["scans"][0]["measured"]["marks"]) == 2, "what the computer measured stays beside it"


def test_what_was_given_on_a_screen_or_typed_in_says_so(site: Site) -> None:
    form = load_form(site, "every-kind")
    for typed_by in (None, "mair"):
        arrival = Arrival(NOON, "2026-06-15")
        answers = {"visited": "no"}
        key = f"key-{typed_by}-00"
        returned = OnlineReturn(form, "en", "online", answers, None, key, arrival, typed_by=typed_by)
        submission = record_online(site.open_store(), returned).submission
        found = traced(site, submission, "visited")
        assert found["scans"] == []
        assert (found["given"]["typed_by"], found["given"]["imported"]) == (typed_by, None)


def test_what_came_from_another_tool_leads_to_its_row_and_file(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "library-visit.yaml").write_bytes((FORMS / "library-visit.yaml").read_bytes())
    (tmp_path / "map.yaml").write_text("{source: Tool 1, id: id, answers: {library: library}}", encoding="utf-8")
    (tmp_path / "answers.csv").write_text("id,library\nA7,central\n", encoding="utf-8")
    arguments = ["import", "library-visit", str(tmp_path / "answers.csv"), "--map", str(tmp_path / "map.yaml")]
    assert CliRunner().invoke(main, ["--site", str(tmp_path), *arguments]).exit_code == 0
    site = Site(tmp_path, Settings())
    (submission,) = site.open_store().execute("SELECT submission FROM submissions").fetchone()
    source = traced(site, submission, "library")["given"]["imported"]
    assert (source["file"], source["row"], source["source"], source["source_id"]) == ("answers.csv", 2, "Tool 1", "A7")
    assert Path(source["original"]).read_bytes() == (tmp_path / "answers.csv").read_bytes()


def test_sql_says_the_same_in_the_record_and_in_the_file_for_analysts(site: Site, tmp_path: Path) -> None:
    write_analysis(site.store, tmp_path / "analysis.db")
    record = site.open_store()
    record.execute("ATTACH ? AS handed", [str(tmp_path / "analysis.db")])
    columns = "submission, question, value, sha256, page, form_page, x, y, w, h, reader, confidence, decided_because"
    kept = "question NOT IN (SELECT variable FROM handed.left_out)"
    told = record.execute(f"SELECT {columns} FROM main.provenance WHERE {kept}").fetchall()
    handed = record.execute(f"SELECT {columns} FROM handed.provenance").fetchall()
    assert sorted(told, key=repr) == sorted(handed, key=repr)
    assert any(row[3] for row in handed)
    for submission, question, value, sha256, page, *_ in told:
        found = trace(record, submission, question)
        assert found.held.value == value
        assert [(scan.sha256, scan.page) for scan in found.scans] == ([(sha256, page)] if sha256 else [])


@pytest.mark.parametrize(
    ("submission", "variable", "said"), [("nobody", "x", "no response"), (None, "x", "no variable")]
)
def test_what_is_not_on_record_is_said(site: Site, submission: str | None, variable: str, said: str) -> None:
    (known,) = site.open_store().execute("SELECT submission FROM submissions LIMIT 1").fetchone()
    result = CliRunner().invoke(main, ["--site", str(site.root), "trace", submission or known, variable])
    assert result.exit_code == 3
    assert said in result.output


def test_what_was_taken_back_is_shown_no_more(scanned_folder: Path, tmp_path: Path) -> None:
    site = copy_of(scanned_folder, tmp_path / "site")
    (submission,) = site.open_store().execute("SELECT submission FROM provenance WHERE value = '17'").fetchone()
    done = CliRunner().invoke(main, ["--site", str(site.root), "withdraw", submission, "visits", "--as", "mair"])
    assert done.exit_code == 0
    found = traced(site, submission, "visits")
    assert (found["missing"], found["scans"], found["decisions"]) == ("withdrawn", [], [])
    done = CliRunner().invoke(main, ["--site", str(site.root), "trace", submission, "visits"])
    assert "took it back" in done.output


def test_it_is_told_in_words_too(site: Site) -> None:
    submission, variable, value = read_answers(site)[0]
    result = CliRunner().invoke(main, ["--site", str(site.root), "trace", submission, variable])
    assert result.exit_code == 0
    assert f"{variable}: “{value}”" in result.output
    assert "SHA-256" in result.output


@pytest.fixture(scope="module")
def desk(site: Site) -> Iterator[Callable[[str, str], httpx.Response]]:
    """Ask for a page of the desk as somebody."""
    sessions: dict[str, str] = {}
    with running(site) as urls:

        def ask(who: str, path: str) -> httpx.Response:
            sessions[who] = sessions.get(who) or str(
                check_sign_in(site.private, who, PASSWORD, "127.0.0.1", datetime.now(UTC))
            )
            cookies = {SESSION_COOKIE: sessions[who]}
            with httpx.Client(base_url=urls.staff_url, cookies=cookies) as client:
                return client.get(path)

        yield ask


def test_the_desk_leads_from_a_question_to_the_paper(site: Site, desk: Callable[[str, str], httpx.Response]) -> None:
    questions = desk("ana", "/answers").text
    assert "/answers/every-kind/visits" in questions
    answers = Page(desk("ana", "/answers/every-kind/visits").text)
    (listed,) = [link["href"] for link in answers.all("a") if "value=17" in link.get("href", "")]
    response = Page(desk("ana", listed).text)
    (trace_of,) = [link["href"] for link in response.all("a") if link.get("href", "").startswith("/traces/")]
    page = desk("ana", trace_of)
    assert "“17”" in page.text
    (picture,) = Page(page.text).all("img")
    assert desk("ana", picture["src"]).headers["content-type"] == "image/png"
    (submission,) = site.open_store().execute("SELECT submission FROM provenance WHERE value = '17'").fetchone()
    assert submission in trace_of
    found = desk("ana", f"/answers?response={submission}")
    assert found.headers["location"] == f"/answers/every-kind?response={submission}"
    assert f"/traces/{submission}/visits" in desk("ana", found.headers["location"]).text
    assert desk("ana", "/answers?response=nobody").status_code == 422


def test_an_analyst_sees_the_place_alone_and_nothing_personal(
    site: Site, desk: Callable[[str, str], httpx.Response]
) -> None:
    submission, file = (
        site.open_store().execute("SELECT submission, file FROM provenance WHERE value = '17'").fetchone()
    )
    for path in (f"/traces/{submission}/story", f"/traces/{submission}/story/picture", "/answers/every-kind/story"):
        assert (desk("ana", path).status_code, desk("meg", path).status_code) == (403, 200)
    assert "/story" not in desk("ana", "/answers").text + desk("ana", f"/answers/every-kind?response={submission}").text
    here = f"/traces/{submission}/visits"
    assert (file in desk("ana", here).text, file in desk("meg", here).text) == (False, True)
    assert (desk("ana", f"{here}/page").status_code, desk("meg", f"{here}/page").status_code) == (403, 200)
    pictures = [desk(who, f"{here}/picture").content for who in ("ana", "meg")]
    heights = [cv2.imdecode(np.frombuffer(each, np.uint8), 0).shape[0] for each in pictures]
    assert heights[0] < heights[1], "what is around the place is for those who work with the paper"


@pytest.mark.parametrize("path", ["/traces/nobody/visits", "/answers/nothing/visits", "/answers/every-kind/nothing"])
def test_what_is_not_there_has_no_page(desk: Callable[[str, str], httpx.Response], path: str) -> None:
    assert desk("meg", path).status_code == 404


def test_the_desk_says_who_entered_that_an_answer_was_taken_back(
    site: Site, desk: Callable[[str, str], httpx.Response]
) -> None:
    (submission,) = site.open_store().execute("SELECT submission FROM provenance WHERE value = '17'").fetchone()
    command = ["--site", str(site.root), "withdraw", submission, "--as", "rhys"]
    here, words = f"/traces/{submission}/visits", "The whole response was taken back."
    assert CliRunner().invoke(main, command).exit_code == 0
    assert [(words in desk(who, here).text, "by rhys" in desk(who, here).text) for who in ("meg", "ana")] == [
        (True, True),
        (True, False),
    ]
    assert "The whole response" in desk("meg", "/record").text
    assert CliRunner().invoke(main, [*command, "--undo"]).exit_code == 0
    assert words not in desk("meg", here).text
    assert "rhys put it back" in desk("meg", "/record").text
