"""Copies at the desk: printed, printed again, found by their code, and what came back of them."""

import io
import re

import httpx
import pdfplumber
import pytest
from accessible import assert_accessible
from browser import Served, Visit, press, sign_in, tab_to
from counter import HOSTILE, Counter, a_scan, signed_in, token_of
from rich.progress import Progress
from webpages import Page

from pipeline.form.code import spoken_copy_code
from pipeline.hot_folder import ingest_inbox


def test_more_copies_are_printed_and_each_can_be_printed_again(counter: Counter) -> None:
    sent = {"form_token": token_of(counter.mair), "copies": "3", "edition": "large", "lang": "cy"}
    printed = counter.mair.post("/forms/every-kind/print", data=sent)
    assert printed.headers["content-type"] == "application/pdf"
    assert "attachment" in printed.headers["content-disposition"]
    codes = [code for (code,) in counter.site.open_store().execute("SELECT copy FROM copies ORDER BY rowid")]
    assert len(codes) == 3
    with pdfplumber.open(io.BytesIO(printed.content)) as pdf:
        assert spoken_copy_code(codes[0]) in (pdf.pages[0].extract_text() or "")
    again = counter.mair.post(f"/copies/{codes[1]}/print", data={"form_token": token_of(counter.mair)})
    with pdfplumber.open(io.BytesIO(again.content)) as pdf:
        assert spoken_copy_code(codes[1]) in (pdf.pages[0].extract_text() or "")
    count = counter.site.open_store().execute("SELECT COUNT(*) FROM copies").fetchone()
    assert count == (3,), "no new copy was registered"


def test_postcards_are_printed_four_to_a_sheet_and_say_what_they_leave_out(counter: Counter) -> None:
    page = counter.mair.get("/forms/every-kind/print").text
    assert "Postcards ask “" in page
    assert "and leave out" in page
    sent = {"form_token": token_of(counter.mair), "copies": "5", "edition": "postcard", "lang": "en"}
    with pdfplumber.open(io.BytesIO(counter.mair.post("/forms/every-kind/print", data=sent).content)) as pdf:
        assert len(pdf.pages) == 4, "two sheets, printed on one side of each"


@pytest.mark.parametrize(
    "change", [{"copies": "0"}, {"copies": "many"}, {"copies": "9" * 5000}, {"edition": "tiny"}, {"lang": "xx"}]
)
def test_what_cannot_be_printed_is_said(counter: Counter, change: dict[str, str]) -> None:
    sent = {"form_token": token_of(counter.mair), "copies": "3", "edition": "clear", "lang": "en"} | change
    answer = counter.mair.post("/forms/every-kind/print", data=sent)
    assert answer.status_code == 422
    assert Page(answer.text).broken() == []


def test_a_copy_is_found_by_its_code_however_it_is_typed(counter: Counter) -> None:
    code, _ = a_scan(counter.site, {})
    found = counter.mair.get("/copies", params={"code": f" {spoken_copy_code(code).lower()} "})
    assert found.headers["location"] == f"/copies/{code}"
    assert "It has not come back yet." in counter.mair.get(found.headers["location"]).text
    for typed in ("", "7Q2M", HOSTILE, "7Q2MABCD"):
        answer = counter.mair.get("/copies", params={"code": typed})
        assert answer.status_code == 422
        assert "<script>" not in answer.text


def test_what_came_back_is_shown_and_what_is_personal_only_to_some(counter: Counter) -> None:
    code, scan = a_scan(counter.site, {"visited": "no", "story": "My own words"})
    counter.site.inbox.mkdir(exist_ok=True)
    (counter.site.inbox / "scan.pdf").write_bytes(scan)
    ingest_inbox(counter.site, 0, Progress(disable=True))
    with httpx.Client(base_url=counter.staff_url) as client:
        signed_in(client, "mair")
        page = client.get(f"/copies/{code}").text
    assert "On paper, " in page
    assert re.search(r"<dt>Have you been\?</dt><dd><bdi>No</bdi></dd>", page), "what was ticked, in words"
    with httpx.Client(base_url=counter.staff_url) as client:
        signed_in(client, "nia")
        counter.site.open_store().execute(
            "UPDATE answers SET value = 'My own words', missing = NULL WHERE question = 'story'"
        )
        hidden = client.get(f"/copies/{code}").text
    assert "My own words" not in hidden


@pytest.mark.parametrize("path", ["/forms", "/forms/every-kind/print"])
def test_each_page_is_accessible(served: Served, visit: Visit, path: str) -> None:
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}{path}")
    assert_accessible(page)


def test_a_copy_that_came_back_is_accessible(served: Served, visit: Visit) -> None:
    [code, *_] = [code for (code,) in served.site.open_store().execute("SELECT copy FROM submissions ORDER BY id")]
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}/forms")
    tab_to(page, "#code")
    page.keyboard.type(code)
    press(page, "Enter")
    assert spoken_copy_code(code) in page.inner_text("h1")
    assert_accessible(page)
