"""The demo: everything that was done badly on purpose is told, and nothing is read wrongly."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import cv2
import pytest
from rich.progress import Progress

from pipeline.crops import crop_path, cut_crops
from pipeline.demo import COPIES, ONLINE, DemoOutcome, run_demo
from pipeline.inbox.shelf import Shelf
from pipeline.inbox.workers import Workers
from pipeline.site import SiteError
from pipeline.store.trace import trace

FORMS = Path(__file__).parents[1] / "forms"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> DemoOutcome:
    return run_demo(tmp_path_factory.mktemp("demo") / "site", FORMS, Progress(disable=True))


def test_every_copy_and_every_online_answer_arrives_once(outcome: DemoOutcome) -> None:
    channels = Counter(response.facts["channel"] for response in outcome.dataset.responses)
    assert channels == {"paper": COPIES + 1, "online": ONLINE}, "one copy was photocopied and returned twice"
    statuses = [response.facts["status"] for response in outcome.dataset.responses]
    assert statuses.count("to_confirm") == 1


def test_the_sheet_scanned_twice_and_the_missing_page_are_told(outcome: DemoOutcome) -> None:
    pages = [page for file in outcome.ingested.files for page in file.pages]
    assert Counter(page.status for page in pages)["duplicate"] == 1
    assert sum(bool(submission.pages_missing) for submission in outcome.ingested.submissions) == 1


def test_nothing_is_read_wrongly(outcome: DemoOutcome) -> None:
    right, waiting, wrong = outcome.compared
    assert wrong == 0
    assert right > 5 * waiting


def test_the_report_is_one_page_that_needs_no_network(outcome: DemoOutcome) -> None:
    page = outcome.report.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


@dataclass(frozen=True)
class Figure:
    """A number of the report: how many people gave an answer to a question on paper, and online."""

    asked: str
    answer: str
    paper: int
    online: int


def figures(page: str) -> Iterator[Figure]:
    """The numbers in the tables of the report that put paper beside online, as a reader sees them."""
    for table in re.findall(r'<table class="shares">.*?</table>', page, re.DOTALL):
        asked = unescape(re.findall(r"<caption>(.*?)</caption>", table)[0])
        spans = re.findall(r'<th scope="colgroup" colspan="3">(.*?)</th>', table)
        if spans != ["Everyone", "Paper", "Online"]:
            continue  # sensitive: the channels are not told
        for answer, cells in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table):
            numbers = re.findall(r"<td>(.*?)</td>", cells)
            yield Figure(asked, unescape(answer), int(numbers[3]), int(numbers[6]))


def test_ten_numbers_of_the_report_lead_to_the_paper(outcome: DemoOutcome) -> None:
    """Each number is as many responses, and each of these leads to its box, its picture and the original's bytes."""
    found = [figure for figure in figures(outcome.report.read_text(encoding="utf-8")) if figure.paper > 1]
    ten = found[:: max(1, len(found) // 10)][:10]
    assert len(ten) == 10
    assert len({figure.asked for figure in ten}) > 4, "from all over the report"
    db = outcome.site.open_store()
    traced = 0
    for figure in ten:
        variable, value = db.execute(
            "SELECT v.variable, l.value FROM variables v JOIN labels l USING (form, variable)"
            " WHERE ? IN (v.asked, v.part) AND l.label = ? AND l.lang = v.lang",
            [figure.asked, figure.answer],
        ).fetchone()
        told = db.execute(
            "SELECT s.channel, s.submission FROM submissions s JOIN answers a ON a.submission = s.id"
            " WHERE a.question = ? AND ';' || a.value || ';' LIKE ? AND s.status IN ('complete', 'waiting', 'partial')",
            [variable, f"%;{value};%"],
        ).fetchall()
        assert Counter(channel for channel, _ in told) == Counter(paper=figure.paper, online=figure.online)
        traces = [trace(db, submission, variable) for channel, submission in told if channel == "paper"]
        with Workers(1) as workers:
            cut_crops(outcome.site, db, workers, [each.scans[0] for each in traces])
        for each in traces:
            (scan,) = each.scans
            original = Shelf(outcome.site.archive).find(scan.sha256)
            assert original is not None
            assert hashlib.sha256(original.read_bytes()).hexdigest() == scan.sha256
            picture = crop_path(outcome.site, db, scan)
            assert picture is not None
            assert cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE).min() < 128
            marked = [mark["value"] for mark in scan.measured["marks"] if mark["verdict"] == "marked"]
            assert value in marked or each.decisions, "what was measured there is what was counted"
            traced += 1
        online = [trace(db, submission, variable) for channel, submission in told if channel == "online"]
        assert all(each.given and not each.scans for each in online)
    assert traced >= 20


def test_a_folder_that_is_not_a_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work", "utf-8")
    with pytest.raises(SiteError, match="is not empty"):
        run_demo(tmp_path, FORMS, Progress(disable=True))
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "three years of work"
