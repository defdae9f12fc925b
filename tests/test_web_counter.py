"""At the counter: scans are handed in, paper and phone calls typed in, copies printed and found again by their code."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pdfplumber
import pytest
from accessible import assert_accessible
from browser import Served, Visit, copy_of, press, serving, sign_in, tab_to
from rich.progress import Progress
from webpages import NOON, Page, make_site

from pipeline.form.code import spoken_copy_code
from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.hot_folder import ingest_inbox
from pipeline.inbox.hand_in import hand_in
from pipeline.inbox.names import is_ignored
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.web import passwords
from pipeline.web.accounts import add_user
from pipeline.web.guard import LARGEST_BODY
from pipeline.web.server import running

PASSWORD = "four plain words here"
HOSTILE = "../../<script>alert(1)</script>'; DROP TABLE files;--.pdf"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))
    site = make_site(tmp_path / "site")
    add_user(site.private, "mair", "desk", PASSWORD)
    add_user(site.private, "nia", "desk", PASSWORD, ["no_personal"])
    return site


@pytest.fixture
def staff_url(site: Site) -> Iterator[str]:
    with running(site, clock=lambda: NOON) as urls:
        yield urls.staff_url


@pytest.fixture
def mair(staff_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staff_url) as client:
        signed_in(client, "mair")
        yield client


def signed_in(client: httpx.Client, name: str) -> None:
    token = Page(client.get("/sign-in").text).hidden("form_token")
    client.post("/sign-in", data={"name": name, "password": PASSWORD, "form_token": token})


def token_of(client: httpx.Client) -> str:
    return Page(client.get("/").text).all("input", name="form_token")[0]["value"]


def a_scan(site: Site, answers: dict[str, str]) -> tuple[str, bytes]:
    """One copy, printed, filled in and scanned: its code and the PDF."""
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 1, NOON)
    blank = tuple(printed_pages(print_copies(layout, codes, "one"), 150))
    rng = np.random.default_rng(8)
    return codes[0], as_pdf(fill(blank, layout, answers, random_resident(rng), rng).pages, 150)


def test_files_handed_in_are_read_like_the_scanners_and_the_page_says_so(site: Site, mair: httpx.Client) -> None:
    _, scan = a_scan(site, {"visited": "no"})
    files = [("scans", ("SCN_0001.pdf", scan)), ("scans", ("SCN_0001.pdf", b"not a scan at all"))]
    answer = mair.post("/hand-in", data={"form_token": token_of(mair)}, files=files)
    assert answer.status_code == 303
    here = answer.headers["location"]
    assert mair.get(here).text.count("Waits for its turn.") == 2
    ingest_inbox(site, 0, Progress(disable=True))
    page = Page(mair.get(here).text)
    assert "read" in page.words
    assert "Waits for its turn." not in page.words
    assert page.with_id("handed-in")["data-going-on"] == "no"
    assert site.open_store().execute("SELECT COUNT(*) FROM submissions").fetchone() == (1,)


def test_a_hostile_name_is_made_harmless(site: Site, mair: httpx.Client) -> None:
    answer = mair.post("/hand-in", data={"form_token": token_of(mair)}, files=[("scans", (HOSTILE, b"%PDF-1.4 x"))])
    assert "<script>" not in mair.get(answer.headers["location"]).text
    [file] = [path for path in site.inbox.iterdir() if not path.name.startswith(".")]
    assert file.read_bytes() == b"%PDF-1.4 x"
    assert set(file.name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@pytest.mark.parametrize(
    "name", ["", ".hidden", "~$draft.pdf", "Thumbs.db", "scan.part", "a" * 400 + ".pdf", "..", "ŵ.pdf"]
)
def test_whatever_its_name_a_file_is_one_the_inbox_takes(tmp_path: Path, name: str) -> None:
    first, second = (hand_in(tmp_path, name, [b"one ", b"two"]) for _ in range(2))
    assert first.name != second.name
    assert (tmp_path / first.name).read_bytes() == b"one two"
    assert not is_ignored(first.name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((first.name, second.name))


def test_a_disk_that_is_full_is_said_and_leaves_nothing_half_written(
    site: Site, mair: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.inbox.hand_in.write_through", full)
    answer = mair.post("/hand-in", data={"form_token": token_of(mair)}, files=[("scans", ("a.pdf", b"%PDF"))])
    assert answer.status_code == 422
    assert "could not be taken" in answer.text
    assert list(site.inbox.iterdir()) == []


def test_nothing_chosen_is_said(mair: httpx.Client) -> None:
    answer = mair.post("/hand-in", data={"form_token": token_of(mair)}, files=[("other", ("a.pdf", b"x"))])
    assert answer.status_code == 422
    assert "Choose one file or more first." in answer.text


def test_only_scans_may_be_larger_than_a_form(mair: httpx.Client) -> None:
    assert mair.post("/undo", data={"form_token": token_of(mair), "x": "x" * LARGEST_BODY}).status_code == 413


def test_paper_is_typed_in_as_it_stands_with_who_typed_it(site: Site, mair: httpx.Client) -> None:
    code, _ = a_scan(site, {})
    address = "/forms/every-kind/paper"
    page = Page(mair.get(address).text)
    assert page.broken() == []
    fields = {
        "form_token": token_of(mair),
        "submission_key": page.hidden("submission_key"),
        "code": spoken_copy_code(code).lower(),
        "visited": "yes",
        "why": "other",
        "why.other": HOSTILE,
        "last.day": "9",
        "last.month": "3",
        "last.year": "2026",
    }
    for _ in range(2):  # sent twice, counted once
        answer = mair.post(address, data=fields)
        assert answer.status_code == 303
    saved = mair.get(answer.headers["location"])
    assert "Saved. The receipt is" in saved.text
    db = site.open_store()
    [(channel, edition, copy)] = db.execute("SELECT channel, edition, copy FROM submissions").fetchall()
    assert (channel, edition, copy) == ("paper", "typed", code)
    answers = dict(db.execute("SELECT question, value FROM answers WHERE value IS NOT NULL").fetchall())
    assert answers == {"visited": "yes", "why": "other", "why.other": HOSTILE, "last": "2026-03-09"}
    [(body,)] = db.execute("SELECT body FROM events JOIN event_bodies b ON b.event = id WHERE kind = 'answered'")
    assert json.loads(body)["typed_by"] == "mair"
    shown = mair.get(f"/copies/{code}").text
    assert "<script>" not in shown
    assert "DROP TABLE" in shown


def test_what_cannot_be_is_asked_about_and_nothing_typed_is_lost(site: Site, mair: httpx.Client) -> None:
    address = "/forms/every-kind/phone"
    page = Page(mair.get(address).text)
    fields = {"form_token": token_of(mair), "submission_key": page.hidden("submission_key")}
    wrong = mair.post(address, data=fields | {"visits": "99", "home": "CF10 1AA", "code": "7Q2MABCD"})
    assert wrong.status_code == 422
    again = Page(wrong.text)
    assert again.broken() == []
    assert again.all("input", name="visits")[0]["value"] == "99"
    assert again.all("input", name="home")[0]["value"] == "CF10 1AA"
    assert site.open_store().execute("SELECT COUNT(*) FROM submissions").fetchone() == (0,)
    right = mair.post(address, data=fields | {"visits": "9"})
    assert right.status_code == 303
    assert site.open_store().execute("SELECT channel FROM submissions").fetchall() == [("phone",)]


def test_a_page_sent_by_a_slip_is_no_answer(site: Site, mair: httpx.Client) -> None:
    form = load_form(site, "every-kind")
    (copy,) = register_print(site.open_store(), form, lay_out(form), 1, NOON)
    before = site.open_store()["submissions"].count
    for source in ("paper", "phone"):
        slip = mair.post(f"/forms/every-kind/{source}", data={"form_token": token_of(mair), "code": " "})
        assert (slip.status_code, "Nothing is typed yet." in slip.text) == (422, True)
        assert site.open_store()["submissions"].count == before
    blank = mair.post("/forms/every-kind/paper", data={"form_token": token_of(mair), "code": copy})
    assert blank.status_code == 303, "a paper that came back blank, known by its code"


def test_what_is_typed_when_the_session_has_ended_is_not_lost(site: Site, mair: httpx.Client) -> None:
    address = "/forms/every-kind/paper"
    blank = Page(mair.get(address).text)
    typed = {"visited": "yes", "why": ["books", "warm"], "story": "Twenty minutes\nof <b>typing</b>"}
    sent = {**typed, "submission_key": blank.hidden("submission_key"), "form_token": token_of(mair)}
    before = site.open_store()["submissions"].count
    mair.cookies.clear()
    asked = Page(mair.post(f"{address}?lang=cy", data=sent).text)
    assert "What you have just sent is still here" in asked.words
    who = {"name": "mair", "password": "wrong", "left_off": asked.hidden("left_off")}
    wrong = Page(mair.post("/sign-in", data={**who, "form_token": asked.hidden("form_token")}).text)
    right = {**who, "password": PASSWORD, "form_token": wrong.hidden("form_token")}
    again = Page(mair.post("/sign-in", data={**right, "left_off": wrong.hidden("left_off")}).text)
    assert again.broken() == []
    assert site.open_store()["submissions"].count == before
    (form,) = again.all("form", action=f"{address}?lang=cy")
    fields: dict[str, list[str]] = {}
    for found in again.all("input", type="hidden"):
        fields.setdefault(found["name"], []).append(found["value"])
    fields["form_token"] = fields["form_token"][-1:]
    saved = mair.post(form["action"], data=fields)
    assert (saved.status_code, saved.headers["location"].startswith(f"{address}?lang=cy&saved=")) == (303, True)
    query = (
        "SELECT question, value FROM answers WHERE value IS NOT NULL AND submission = (SELECT MAX(id) FROM submissions)"
    )
    assert dict(site.open_store().execute(query).fetchall()) == {
        "visited": "yes", "why": "books;warm", "story": "Twenty minutes\nof <b>typing</b>",
    }  # fmt: skip


def test_whoever_signs_in_instead_is_told_under_whose_name_it_will_be_saved(mair: httpx.Client) -> None:
    mair.cookies.clear()
    asked = Page(mair.post("/forms/every-kind/paper%3Flang=cy", data={"story": "Typed by Mair"}).text)
    assert "Typed by Mair" not in asked.words
    who = {"name": "nia", "password": PASSWORD, "form_token": asked.hidden("form_token")}
    again = Page(mair.post("/sign-in", data={**who, "left_off": asked.hidden("left_off")}).text)
    assert "under your name, nia" in again.words
    assert "Typed by Mair" not in again.words
    assert again.all("form", action="/forms/every-kind/paper%3Flang%3Dcy"), "the address it was sent to, and no other"
    assert PASSWORD not in str(again.all("input"))


def test_what_a_page_of_an_earlier_session_sends_is_given_back(site: Site, mair: httpx.Client) -> None:
    earlier = token_of(mair)
    signed_in(mair, "mair")
    before = site.open_store()["submissions"].count
    sent = mair.post("/forms/every-kind/phone", data={"visited": "no", "form_token": earlier})
    assert (sent.status_code, site.open_store()["submissions"].count) == (403, before)
    given_back = Page(sent.text)
    assert given_back.all("input", name="visited", value="no")
    fields = {"visited": "no", "form_token": given_back.all("input", name="form_token")[-1]["value"]}
    assert mair.post(given_back.all("form", action="/forms/every-kind/phone")[0]["action"], data=fields).is_redirect
    empty = mair.post("/forms/every-kind/phone", data={"form_token": earlier})
    assert (empty.status_code, "open too long" in empty.text) == (403, True)


def test_whoever_hands_in_scans_after_the_session_has_ended_is_told(site: Site, mair: httpx.Client) -> None:
    token = token_of(mair)
    mair.cookies.clear()
    answer = mair.post("/hand-in", data={"form_token": token}, files=[("scans", ("a.pdf", b"%PDF"))])
    assert (answer.status_code, "You are signed out" in answer.text) == (403, True)
    assert "This was not taken" in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//elsewhere.example/",
        "https://elsewhere.example/",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "/\n\\elsewhere.example",
    ],
)
def test_whoever_signs_in_is_led_nowhere_else(site: Site, staff_url: str, elsewhere: str) -> None:
    with httpx.Client(base_url=staff_url) as client:
        token = Page(client.get("/sign-in").text).hidden("form_token")
        who = {"name": "mair", "password": PASSWORD, "form_token": token}
        answer = client.post("/sign-in", data={**who, "left_off": json.dumps([elsewhere, {"a": ["b"]}])})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_form_is_typed_in_in_its_own_words(mair: httpx.Client) -> None:
    page = mair.get("/forms/every-kind/paper?lang=cy").text
    assert "Ydych chi wedi bod?" in page
    assert mair.get("/forms/every-kind/post").status_code == 404
    assert mair.get("/forms/none/paper").status_code == 404


def test_more_copies_are_printed_and_each_can_be_printed_again(site: Site, mair: httpx.Client) -> None:
    sent = {"form_token": token_of(mair), "copies": "3", "edition": "large", "lang": "cy"}
    printed = mair.post("/forms/every-kind/print", data=sent)
    assert printed.headers["content-type"] == "application/pdf"
    assert "attachment" in printed.headers["content-disposition"]
    codes = [code for (code,) in site.open_store().execute("SELECT copy FROM copies ORDER BY rowid")]
    assert len(codes) == 3
    with pdfplumber.open(io.BytesIO(printed.content)) as pdf:
        assert spoken_copy_code(codes[0]) in (pdf.pages[0].extract_text() or "")
    again = mair.post(f"/copies/{codes[1]}/print", data={"form_token": token_of(mair)})
    with pdfplumber.open(io.BytesIO(again.content)) as pdf:
        assert spoken_copy_code(codes[1]) in (pdf.pages[0].extract_text() or "")
    assert site.open_store().execute("SELECT COUNT(*) FROM copies").fetchone() == (3,), "no new copy was registered"


def test_postcards_are_printed_four_to_a_sheet_and_say_what_they_leave_out(mair: httpx.Client) -> None:
    page = mair.get("/forms/every-kind/print").text
    assert "Postcards ask “" in page
    assert "and leave out" in page
    sent = {"form_token": token_of(mair), "copies": "5", "edition": "postcard", "lang": "en"}
    with pdfplumber.open(io.BytesIO(mair.post("/forms/every-kind/print", data=sent).content)) as pdf:
        assert len(pdf.pages) == 4, "two sheets, printed on one side of each"


@pytest.mark.parametrize(
    "change", [{"copies": "0"}, {"copies": "many"}, {"copies": "9" * 5000}, {"edition": "tiny"}, {"lang": "xx"}]
)
def test_what_cannot_be_printed_is_said(mair: httpx.Client, change: dict[str, str]) -> None:
    sent = {"form_token": token_of(mair), "copies": "3", "edition": "clear", "lang": "en"} | change
    answer = mair.post("/forms/every-kind/print", data=sent)
    assert answer.status_code == 422
    assert Page(answer.text).broken() == []


def test_a_copy_is_found_by_its_code_however_it_is_typed(site: Site, mair: httpx.Client) -> None:
    code, _ = a_scan(site, {})
    found = mair.get("/copies", params={"code": f" {spoken_copy_code(code).lower()} "})
    assert found.headers["location"] == f"/copies/{code}"
    assert "It has not come back yet." in mair.get(found.headers["location"]).text
    for typed in ("", "7Q2M", HOSTILE, "7Q2MABCD"):
        answer = mair.get("/copies", params={"code": typed})
        assert answer.status_code == 422
        assert "<script>" not in answer.text


def test_what_came_back_is_shown_and_what_is_personal_only_to_some(site: Site, staff_url: str) -> None:
    code, scan = a_scan(site, {"visited": "no", "story": "My own words"})
    site.inbox.mkdir(exist_ok=True)
    (site.inbox / "scan.pdf").write_bytes(scan)
    ingest_inbox(site, 0, Progress(disable=True))
    with httpx.Client(base_url=staff_url) as client:
        signed_in(client, "mair")
        page = client.get(f"/copies/{code}").text
    assert "On paper, " in page
    assert re.search(r"<dt>Have you been\?</dt><dd><bdi>No</bdi></dd>", page), "what was ticked, in words"
    with httpx.Client(base_url=staff_url) as client:
        signed_in(client, "nia")
        site.open_store().execute("UPDATE answers SET value = 'My own words', missing = NULL WHERE question = 'story'")
        hidden = client.get(f"/copies/{code}").text
    assert "My own words" not in hidden


PAGES = ["/hand-in", "/forms", "/forms/every-kind/paper", "/forms/every-kind/phone?lang=cy", "/forms/every-kind/print"]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_accessible(served: Served, visit: Visit, path: str) -> None:
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}{path}")
    assert_accessible(page)


def test_the_record_is_accessible(served: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, served.staff_url, "meg")
    page.goto(f"{served.staff_url}/record")
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


@pytest.mark.parametrize("script", [True, False])
def test_scans_are_handed_in_and_read_with_and_without_javascript(
    scanned_folder: Path, visit: Visit, tmp_path: Path, script: bool
) -> None:
    site = copy_of(scanned_folder, tmp_path / "site")
    (site.root / "site.yaml").write_text("settle_seconds: 0.2\n", encoding="utf-8")
    _, scan = a_scan(site, {"visited": "yes"})
    (tmp_path / "stack.pdf").write_bytes(scan)
    with serving(site) as urls:
        page = visit(java_script_enabled=script)
        sign_in(page, urls.staff_url)
        page.goto(f"{urls.staff_url}/hand-in")
        page.locator("#scans").set_input_files(tmp_path / "stack.pdf")
        page.locator("#scans").focus()
        tab_to(page, "#hand-in button")
        press(page, "Enter")
        for _ in range(60):
            if page.locator("[data-going-on=no] .state").count():
                break
            page.wait_for_timeout(500)
            if not script:
                page.reload()
        assert "read" in page.inner_text("#handed-in")
        if script:
            assert_accessible(page)


def test_whoever_signs_in_again_saves_what_was_typed_with_one_key(
    scanned_folder: Path, visit: Visit, tmp_path: Path
) -> None:
    site = copy_of(scanned_folder, tmp_path / "site")
    with serving(site) as urls:
        page = visit()
        sign_in(page, urls.staff_url)
        page.goto(f"{urls.staff_url}/forms/every-kind/phone")
        page.locator("#visited").check()
        page.locator("[name=story]").fill("Kept while I was away")
        page.context.clear_cookies()
        tab_to(page, "main form .primary")
        press(page, "Enter")
        assert_accessible(page)
        page.locator("#name").fill("mair")
        page.locator("#password").fill(PASSWORD)
        press(page, "Enter")
        page.locator("main .primary:focus").wait_for()
        assert_accessible(page)
        page.locator("main .primary").focus()
        press(page, "Enter")
        assert "Saved. The receipt is" in page.inner_text("main")
    query = "SELECT COUNT(*) FROM answers WHERE value = 'Kept while I was away'"
    assert site.open_store().execute(query).fetchone() == (1,)


def test_a_form_is_typed_in_by_keyboard_alone(scanned_folder: Path, visit: Visit, tmp_path: Path) -> None:
    site = copy_of(scanned_folder, tmp_path / "site")
    before = site.open_store().execute("SELECT COUNT(*) FROM submissions").fetchone()[0]
    with serving(site) as urls:
        page = visit()
        sign_in(page, urls.staff_url)
        page.goto(f"{urls.staff_url}/forms/every-kind/phone")
        tab_to(page, "[name=visited]")
        page.keyboard.press("Space")
        tab_to(page, "[name=story]")
        page.keyboard.type("Nothing works")
        tab_to(page, "[name=visits]")
        page.keyboard.type("40")
        press(page, "Enter")
        assert "Write a number from 0 to 31" in page.inner_text(".summary")
        assert_accessible(page)
        tab_to(page, "[name=visits]")
        page.keyboard.press("Control+a")
        page.keyboard.type("4")
        press(page, "Enter")
        assert "Saved." in page.inner_text("main")
    count, channel = site.open_store().execute("SELECT COUNT(*), MAX(channel) FROM submissions").fetchone()
    assert (count, channel) == (before + 1, "phone")
