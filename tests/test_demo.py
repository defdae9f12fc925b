"""The demo: everything that was done badly on purpose is told, and nothing is read wrongly."""

from collections import Counter
from pathlib import Path

import pytest
from rich.progress import Progress

from pipeline.demo import COPIES, ONLINE, DemoOutcome, run_demo
from pipeline.site import SiteError

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


def test_a_folder_that_is_not_a_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work", "utf-8")
    with pytest.raises(SiteError, match="is not empty"):
        run_demo(tmp_path, FORMS, Progress(disable=True))
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "three years of work"
