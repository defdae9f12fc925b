"""What was typed at the desk when the session had ended: still there after signing in again, and led nowhere else."""

import json
from pathlib import Path

import httpx
import pytest
from accessible import assert_accessible
from browser import Visit, copy_of, press, serving, sign_in, tab_to
from counter import PASSWORD, Counter, signed_in, token_of
from webpages import Page


def test_what_is_typed_when_the_session_has_ended_is_not_lost(counter: Counter) -> None:
    address = "/forms/every-kind/paper"
    blank = Page(counter.mair.get(address).text)
    typed = {"visited": "yes", "why": ["books", "warm"], "story": "Twenty minutes\nof <b>typing</b>"}
    sent = {**typed, "submission_key": blank.hidden("submission_key"), "form_token": token_of(counter.mair)}
    before = counter.site.open_store()["submissions"].count
    counter.mair.cookies.clear()
    asked = Page(counter.mair.post(f"{address}?lang=cy", data=sent).text)
    assert "What you have just sent is still here" in asked.words
    who = {"name": "mair", "password": "wrong", "left_off": asked.hidden("left_off")}
    wrong = Page(counter.mair.post("/sign-in", data={**who, "form_token": asked.hidden("form_token")}).text)
    right = {**who, "password": PASSWORD, "form_token": wrong.hidden("form_token")}
    again = Page(counter.mair.post("/sign-in", data={**right, "left_off": wrong.hidden("left_off")}).text)
    assert again.broken() == []
    assert counter.site.open_store()["submissions"].count == before
    (form,) = again.all("form", action=f"{address}?lang=cy")
    fields: dict[str, list[str]] = {}
    for found in again.all("input", type="hidden"):
        fields.setdefault(found["name"], []).append(found["value"])
    fields["form_token"] = fields["form_token"][-1:]
    saved = counter.mair.post(form["action"], data=fields)
    assert (saved.status_code, saved.headers["location"].startswith(f"{address}?lang=cy&saved=")) == (303, True)
    query = (
        "SELECT question, value FROM answers WHERE value IS NOT NULL AND submission = (SELECT MAX(id) FROM submissions)"
    )
    assert dict(counter.site.open_store().execute(query).fetchall()) == {
        "visited": "yes", "why": "books;warm", "story": "Twenty minutes\nof <b>typing</b>",
    }  # fmt: skip


def test_whoever_signs_in_instead_is_told_under_whose_name_it_will_be_saved(counter: Counter) -> None:
    counter.mair.cookies.clear()
    asked = Page(counter.mair.post("/forms/every-kind/paper%3Flang=cy", data={"story": "Typed by Mair"}).text)
    assert "Typed by Mair" not in asked.words
    who = {"name": "nia", "password": PASSWORD, "form_token": asked.hidden("form_token")}
    again = Page(counter.mair.post("/sign-in", data={**who, "left_off": asked.hidden("left_off")}).text)
    assert "under your name, nia" in again.words
    assert "Typed by Mair" not in again.words
    assert again.all("form", action="/forms/every-kind/paper%3Flang%3Dcy"), "the address it was sent to, and no other"
    assert PASSWORD not in str(again.all("input"))


def test_what_a_page_of_an_earlier_session_sends_is_given_back(counter: Counter) -> None:
    earlier = token_of(counter.mair)
    signed_in(counter.mair, "mair")
    before = counter.site.open_store()["submissions"].count
    sent = counter.mair.post("/forms/every-kind/phone", data={"visited": "no", "form_token": earlier})
    assert (sent.status_code, counter.site.open_store()["submissions"].count) == (403, before)
    given_back = Page(sent.text)
    assert given_back.all("input", name="visited", value="no")
    fields = {"visited": "no", "form_token": given_back.all("input", name="form_token")[-1]["value"]}
    (form,) = given_back.all("form", action="/forms/every-kind/phone")
    assert counter.mair.post(form["action"], data=fields).is_redirect
    empty = counter.mair.post("/forms/every-kind/phone", data={"form_token": earlier})
    assert (empty.status_code, "open too long" in empty.text) == (403, True)


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
def test_whoever_signs_in_is_led_nowhere_else(counter: Counter, elsewhere: str) -> None:
    with httpx.Client(base_url=counter.staff_url) as client:
        token = Page(client.get("/sign-in").text).hidden("form_token")
        who = {"name": "mair", "password": PASSWORD, "form_token": token}
        answer = client.post("/sign-in", data={**who, "left_off": json.dumps([elsewhere, {"a": ["b"]}])})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


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
