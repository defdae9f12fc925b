"""Checking at the desk: nobody is told what the machine read, until they have said what they see."""

from collections.abc import Iterator

import httpx
import pytest
from read_sites import Read, ReadSite, always, exchanged, ingest_misread
from sqlite_utils import Database
from test_web_desk import PASSWORD, form_token, sign_in
from webpages import NOON, Page

from pipeline.store.checks import OpenCheck, open_checks, second_looks
from pipeline.store.sample import draw_checks
from pipeline.web.accounts import add_user
from pipeline.web.server import running

ANSWERS = [{"visited": "yes", "why": "books", "rating.staff": "good", "home": "CF10 1AA", "visits": "12"}]


def misread(read: Read) -> Read:
    return exchanged(read, "rating.staff", "good", "poor")


@pytest.fixture(scope="module")
def misread_site(tmp_path_factory: pytest.TempPathFactory) -> ReadSite:
    with pytest.MonkeyPatch.context() as monkeypatch:
        found = ingest_misread(monkeypatch, tmp_path_factory.mktemp("checks") / "site", ANSWERS, misread)
    for name, role in (("mair", "desk"), ("ana", "analyst")):
        add_user(found.site.private, name, role, PASSWORD)
    draw_checks(found.site.open_store(), None, 1000, 1, NOON, always)
    return found


@pytest.fixture(scope="module")
def staff_url(misread_site: ReadSite) -> Iterator[str]:
    with running(misread_site.site) as urls:
        yield urls.staff_url


@pytest.fixture(scope="module")
def mair(staff_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staff_url) as client:
        sign_in(client, "mair")
        yield client


@pytest.fixture
def db(misread_site: ReadSite) -> Database:
    return misread_site.site.open_store()


def check_of(db: Database, question: str) -> OpenCheck:
    [check] = [each for each in open_checks(db) if each.question == question]
    return check


def test_the_page_is_the_same_whatever_the_machine_read(mair: httpx.Client, db: Database) -> None:
    for check in open_checks(db):
        page = mair.get(f"/checks/{check.check}").text
        before = db["checks"].get(check.check)
        db["checks"].update(check.check, {"read_value": "something else entirely", "read_missing": None})
        assert mair.get(f"/checks/{check.check}").text == page
        db["checks"].update(check.check, {name: before[name] for name in ("read_value", "read_missing")})
        assert not any("checked" in found for found in Page(page).all("input")), "nothing is ticked beforehand"
        assert Page(page).broken() == []


def test_what_was_written_in_boxes_is_not_told(mair: httpx.Client, db: Database) -> None:
    for question, read in (("home", "CF10 1AA"), ("visits", "12")):
        listed = [check for check in open_checks(db) if check.question == question]
        for check in listed:
            page = Page(mair.get(f"/checks/{check.check}").text)
            assert page.with_id("answer")["value"] == ""
            assert read not in page.words


def test_the_picture_is_shown_with_the_question(mair: httpx.Client, db: Database) -> None:
    check = check_of(db, "visited")
    page = Page(mair.get(f"/checks/{check.check}").text)
    assert "Have you been?" in page.words
    assert "say what you see on the paper" in page.words
    [picture] = page.all("img")
    assert mair.get(picture["src"]).content.startswith(b"\x89PNG")


def test_the_overview_leads_to_what_is_to_be_checked(mair: httpx.Client, db: Database) -> None:
    page = Page(mair.get("/").text)
    assert f"{len(open_checks(db))} answers to check" in " ".join(page.words.split())
    assert page.broken() == []
    assert mair.get("/checks").headers["location"] == f"/checks/{open_checks(db)[0].check}"


def test_an_analyst_may_look_but_not_check(staff_url: str, db: Database) -> None:
    check = check_of(db, "visited")
    with httpx.Client(base_url=staff_url) as ana:
        sign_in(ana, "ana")
        fields = {"value": "yes", "form_token": form_token(ana)}
        assert ana.post(f"/checks/{check.check}", data=fields).status_code == 403
        assert ana.post("/checks", data=fields).status_code == 403
    assert check_of(db, "visited") == check


def test_what_cannot_be_taken_is_refused_and_stays_on_the_page(mair: httpx.Client, db: Database) -> None:
    check = check_of(db, "why.other")
    for value, why in (("", "Choose or type what you see first"), ("x" * 5001, "characters or fewer")):
        response = mair.post(f"/checks/{check.check}", data={"value": value, "form_token": form_token(mair)})
        assert (response.status_code, why in response.text) == (422, True)
        assert value in response.text
    assert check_of(db, "why.other") == check


def test_a_difference_is_told_afterwards_and_settled_by_a_second_look(mair: httpx.Client, db: Database) -> None:
    check = check_of(db, "rating.staff")
    path = f"/checks/{check.check}"
    following = mair.post(path, data={"value": "good", "form_token": form_token(mair)})
    assert following.headers["location"] not in ("/checks", path), "the next is shown first"
    page = Page(mair.get(path).text)
    assert page.broken() == []
    words = " ".join(page.words.split())
    assert "The computer read“Poor”" in words
    assert "mair wrote“Good”" in words
    again = mair.post(path, data={"value": "good", "form_token": form_token(mair)})
    assert again.headers["location"] == "/checks", "Enter pressed twice is no second look"
    assert mair.post(path, data={"right": "both", "form_token": form_token(mair)}).status_code == 422
    assert mair.post(path, data={"right": "checker", "form_token": form_token(mair)}).status_code == 303
    assert second_looks(db) == []
    assert db["checks"].get(check.check)["standing"] == "wrong"


def test_when_all_is_checked_the_desk_says_how_well_paper_is_read(mair: httpx.Client, db: Database) -> None:
    for check in open_checks(db):
        value = ANSWERS[0].get(check.question)
        fields = {"value": value} if value else {"missing": "blank"}
        response = mair.post(f"/checks/{check.check}", data={**fields, "form_token": form_token(mair)})
        assert response.status_code == 303
    page = Page(mair.get("/checks").text)
    assert page.broken() == []
    assert "1 had been read wrongly" in page.words
    assert mair.post("/checks", data={"form_token": form_token(mair)}).headers["location"] == "/", "none are left"
