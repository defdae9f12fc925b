"""Paper and phone calls typed in at the desk: as they stand, with who typed them, and nothing typed is lost."""

import json
from pathlib import Path

import pytest
from accessible import assert_accessible
from browser import Served, Visit, copy_of, press, serving, sign_in, tab_to
from counter import HOSTILE, Counter, a_scan, token_of
from webpages import NOON, Page

from pipeline.form.code import spoken_copy_code
from pipeline.form.lay_out import lay_out
from pipeline.site import load_form
from pipeline.store.record import register_print


def test_paper_is_typed_in_as_it_stands_with_who_typed_it(counter: Counter) -> None:
    code, _ = a_scan(counter.site, {})
    address = "/forms/every-kind/paper"
    page = Page(counter.mair.get(address).text)
    assert page.broken() == []
    fields = {
        "form_token": token_of(counter.mair),
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
        answer = counter.mair.post(address, data=fields)
        assert answer.status_code == 303
    saved = counter.mair.get(answer.headers["location"])
    assert "Saved. The receipt is" in saved.text
    db = counter.site.open_store()
    [(channel, edition, copy)] = db.execute("SELECT channel, edition, copy FROM submissions").fetchall()
    assert (channel, edition, copy) == ("paper", "typed", code)
    answers = dict(db.execute("SELECT question, value FROM answers WHERE value IS NOT NULL").fetchall())
    assert answers == {"visited": "yes", "why": "other", "why.other": HOSTILE, "last": "2026-03-09"}
    [(body,)] = db.execute("SELECT body FROM events JOIN event_bodies b ON b.event = id WHERE kind = 'answered'")
    assert json.loads(body)["typed_by"] == "mair"
    shown = counter.mair.get(f"/copies/{code}").text
    assert "<script>" not in shown
    assert "DROP TABLE" in shown


def test_what_cannot_be_is_asked_about_and_nothing_typed_is_lost(counter: Counter) -> None:
    address = "/forms/every-kind/phone"
    page = Page(counter.mair.get(address).text)
    fields = {"form_token": token_of(counter.mair), "submission_key": page.hidden("submission_key")}
    wrong = counter.mair.post(address, data=fields | {"visits": "99", "home": "CF10 1AA", "code": "7Q2MABCD"})
    assert wrong.status_code == 422
    again = Page(wrong.text)
    assert again.broken() == []
    assert again.all("input", name="visits")[0]["value"] == "99"
    assert again.all("input", name="home")[0]["value"] == "CF10 1AA"
    assert counter.site.open_store().execute("SELECT COUNT(*) FROM submissions").fetchone() == (0,)
    right = counter.mair.post(address, data=fields | {"visits": "9"})
    assert right.status_code == 303
    assert counter.site.open_store().execute("SELECT channel FROM submissions").fetchall() == [("phone",)]


def test_a_page_sent_by_a_slip_is_no_answer(counter: Counter) -> None:
    form = load_form(counter.site, "every-kind")
    (copy,) = register_print(counter.site.open_store(), form, lay_out(form), 1, NOON)
    before = counter.site.open_store()["submissions"].count
    for source in ("paper", "phone"):
        slip = counter.mair.post(
            f"/forms/every-kind/{source}", data={"form_token": token_of(counter.mair), "code": " "}
        )
        assert (slip.status_code, "Nothing is typed yet." in slip.text) == (422, True)
        assert counter.site.open_store()["submissions"].count == before
    blank = counter.mair.post("/forms/every-kind/paper", data={"form_token": token_of(counter.mair), "code": copy})
    assert blank.status_code == 303, "a paper that came back blank, known by its code"


def test_a_form_is_typed_in_in_its_own_words(counter: Counter) -> None:
    page = counter.mair.get("/forms/every-kind/paper?lang=cy").text
    assert "Ydych chi wedi bod?" in page
    assert counter.mair.get("/forms/every-kind/post").status_code == 404
    assert counter.mair.get("/forms/none/paper").status_code == 404


@pytest.mark.parametrize("path", ["/forms/every-kind/paper", "/forms/every-kind/phone?lang=cy"])
def test_each_page_is_accessible(served: Served, visit: Visit, path: str) -> None:
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}{path}")
    assert_accessible(page)


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
