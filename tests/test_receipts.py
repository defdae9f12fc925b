"""What a receipt and a printed code tell: that a form arrived, when and how, and whether a person still reads it."""

from collections.abc import Iterator

import httpx
import pytest
from click.testing import CliRunner
from counter import a_scan, signed_in
from rich.progress import Progress
from test_web_residents import as_program
from webpages import NOON, Page, make_site

from pipeline.cli.main import main
from pipeline.intake import ingest_files
from pipeline.review.decisions import LEAVE_OUT
from pipeline.review.doubts import SECOND_RETURN
from pipeline.site import Site
from pipeline.store.waiting import settle_doubt
from pipeline.web.accounts import add_user
from pipeline.web.server import Addresses, running
from pipeline.web.words import spoken

STORY = "Half a loaf"


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("receipts") / "site")


@pytest.fixture
def urls(site: Site) -> Iterator[Addresses]:
    with running(site, clock=lambda: NOON) as urls:
        yield urls


@pytest.fixture
def web(urls: Addresses) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=urls.resident_url, follow_redirects=True) as client:
        yield client


def answer(web: httpx.Client, code: str = "") -> str:
    """Answer online; returns the receipt."""
    sent = as_program(web, {"visited": "yes", "story": STORY, "code": code})
    return str(sent.json()["receipt"])


def scan_in(site: Site, scan: bytes) -> None:
    path = site.root.parent / "scan.pdf"
    path.write_bytes(scan)
    ingest_files(site, [path], Progress(disable=True))


def told(web: httpx.Client, code: str) -> str:
    """What somebody reads who types a code on the first page."""
    page = Page(web.get("/code", params={"code": code}).text)
    assert page.broken() == []
    assert STORY not in page.words
    return page.words


def state(name: str) -> str:
    return spoken(f"state_{name}", "en")


def statuses(site: Site) -> list[tuple[str, str]]:
    return [tuple(row) for row in site.open_store().execute("SELECT channel, status FROM submissions ORDER BY id")]


def test_a_receipt_tells_when_and_how_and_never_what(web: httpx.Client) -> None:
    receipt = answer(web)
    words = told(web, f"{receipt[:5].lower()} {receipt[5:]}")
    assert "Arrived on 15 June 2026, through our website" in words
    assert state("complete") in words


def test_paper_that_waits_for_a_person_says_so_to_whoever_has_its_code(web: httpx.Client, site: Site) -> None:
    code, scan = a_scan(site, {"visited": "yes;no", "rating.staff": "good"})
    scan_in(site, scan)
    words = told(web, code)
    assert ", on paper" in words
    assert state("waiting") in words
    assert "Our staff" not in words


def test_online_after_paper_is_a_second_voice_that_staff_are_asked_about(web: httpx.Client, site: Site) -> None:
    code, scan = a_scan(site, {"visited": "no"})
    scan_in(site, scan)
    receipt = answer(web, code)
    assert statuses(site) == [("paper", "complete"), ("online", "to_confirm")]
    assert state("to_confirm") in told(web, receipt)
    both = told(web, code)
    assert state("complete") in both
    assert state("to_confirm") in both
    settle_second(site, receipt)
    assert state("withdrawn") in told(web, receipt)
    assert len(statuses(site)) == 2, "what is left out stays on record"


def test_who_took_a_form_back_is_not_told_that_somebody_mistook_it(web: httpx.Client, site: Site) -> None:
    receipt = answer(web)
    done = CliRunner().invoke(main, ["--site", str(site.root), "withdraw", receipt, "--as", "mair"])
    assert done.exit_code == 0, done.output
    assert state("taken_back") in told(web, receipt)


def settle_second(site: Site, receipt: str) -> None:
    db = site.open_store()
    query = (
        "SELECT d.doubt FROM doubts d JOIN submissions s ON s.id = d.submission WHERE s.receipt = ? AND question = ?"
    )
    (doubt,) = db.execute(query, [receipt, SECOND_RETURN]).fetchone()
    assert settle_doubt(db, doubt, LEAVE_OUT, None, "mair", NOON) is None


def test_paper_after_online_is_a_second_voice_that_staff_are_asked_about(web: httpx.Client, site: Site) -> None:
    code, scan = a_scan(site, {"visited": "no"})
    receipt = answer(web, code)
    scan_in(site, scan)
    assert statuses(site) == [("online", "complete"), ("paper", "to_confirm")]
    assert state("complete") in told(web, receipt), "the first is not held up by the second"
    assert state("to_confirm") in told(web, code)


def test_two_people_online_with_a_photocopied_code_are_two_voices(web: httpx.Client, site: Site) -> None:
    code, _ = a_scan(site, {"visited": "no"})
    first, second = answer(web, code), answer(web, code)
    assert first != second
    assert statuses(site) == [("online", "complete"), ("online", "to_confirm")]


def test_answers_without_a_code_are_welcome(web: httpx.Client, site: Site) -> None:
    answer(web)
    answer(web)
    assert statuses(site) == [("online", "complete")] * 2


def test_the_desk_tells_of_a_receipt_what_the_web_tells(urls: Addresses, web: httpx.Client, site: Site) -> None:
    receipt = answer(web)
    add_user(site.private, "mair", "desk", "four plain words here")
    with httpx.Client(base_url=urls.staff_url, follow_redirects=True) as desk:
        signed_in(desk, "mair")
        page = desk.get("/copies", params={"code": f"{receipt[:5]} {receipt[5:].lower()}"})
        assert str(page.url).endswith(f"/receipts/{receipt}")
        words = Page(page.text).words
        assert "Arrived on 15 June 2026, through our website" in words
        assert state("complete") in words
        assert STORY not in words
        unknown = desk.get("/copies", params={"code": "2" * 10})
        assert (unknown.status_code, "given this receipt" in unknown.text) == (422, True)
        assert desk.get("/receipts/2222222222").status_code == 404
