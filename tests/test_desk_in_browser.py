"""The queue of doubts in a real browser, by keyboard: quick, for two people at once, and nothing is lost by a slip."""

from collections.abc import Iterator
from time import monotonic

import pytest
from accessible import assert_accessible
from browser import PASSWORD, STAFF, Served, Visit, press, scan_copies, serving, sign_in, tab_to
from playwright.sync_api import Page
from webpages import make_site

from pipeline.store.queue import count_doubts
from pipeline.web.accounts import add_user

COPIES, STATEMENTS = 6, 12
"""Each with two marks at every statement but the last two: 60 doubts."""

POINTS = ("good", "fair", "poor")

FORM = f"""
title: How we did
council: Glanmor Council
service: Testing
languages: [en]
minutes: 2
intro: Why we ask.
privacy: Kept safe.
return_to: The desk.
thanks: Thank you.
help_line: Ask at the desk.
questions:
  - id: rated
    kind: scale
    text: How good were they?
    statements: [{", ".join(f"{{id: s{number}, text: Service {number}}}" for number in range(STATEMENTS))}]
    points: [{", ".join(f"{{value: {point}, label: {point.title()}}}" for point in POINTS)}]
"""

SECONDS_A_DOUBT = 2.0
"""What a doubt may take, keys and all: the desk promises about two seconds, most of which is the person's."""

LIGHT_BYTES = 200_000
"""A page and its picture: a fifth of a second on a line of 10 Mbit/s."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site where sixty answers wait, nearly all alike."""
    site = make_site(tmp_path_factory.mktemp("queue") / "site")
    (site.forms / "rated.yaml").write_text(FORM, encoding="utf-8")
    twice = {f"rated.s{number}": "good;poor" for number in range(STATEMENTS - 2)}
    scan_copies(site, [twice] * COPIES, "rated")
    for name, role in STAFF.items():
        add_user(site.private, name, role, PASSWORD)
    with serving(site) as urls:
        yield urls


def waiting(desk: Served) -> int:
    return count_doubts(desk.site.open_store())


def decided(desk: Served, by: str) -> list[str]:
    """What stands of somebody's decisions, the latest last."""
    rows = desk.site.open_store().execute(
        "SELECT value FROM decisions WHERE decided_by = ? AND undone_by IS NULL ORDER BY decided_at", [by]
    )
    return [value for (value,) in rows]


def here(page: Page) -> str:
    """Which doubt a page shows."""
    return page.url.split("/doubts/")[1].split("?")[0]


def start(page: Page, desk: Served, name: str) -> None:
    sign_in(page, desk.staff_url, name)
    tab_to(page, "main a.primary")
    press(page, "Enter")


def leave(page: Page) -> None:
    """Sign out, which lets others have what was open here."""
    tab_to(page, ".who button")
    press(page, "Enter")


def test_a_doubt_is_accessible_with_the_row_and_with_the_whole_page(desk: Served, visit: Visit) -> None:
    page = visit()
    start(page, desk, "mair")
    assert_accessible(page)
    press(page, "m")
    picture = page.locator("figure img")
    assert "framed in red" in str(picture.get_attribute("alt"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 800
    assert_accessible(page)
    press(page, "m")
    assert "whole page" not in str(page.locator("figure img").get_attribute("alt"))
    leave(page)


def test_a_slip_is_taken_back_with_one_key_and_both_stay_on_record(desk: Served, visit: Visit) -> None:
    page, before = visit(), waiting(desk)
    start(page, desk, "mair")
    first = here(page)
    page.keyboard.press("1")
    press(page, "Enter")
    assert here(page) != first
    assert "you said “Good”" in page.inner_text("main")
    assert_accessible(page)
    press(page, "u")
    assert here(page) == first
    assert "mair said “Good” and took it back. Both stay on record." in page.inner_text("main")
    assert_accessible(page)
    assert waiting(desk) == before
    page.keyboard.press("3")
    press(page, "Enter")
    assert decided(desk, "mair")[-1] == "poor"
    assert waiting(desk) == before - 1
    leave(page)


FETCHED = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((each) => each.transferSize > 0).map((each) => [new URL(each.name).pathname, each.transferSize])"""


def test_one_more_doubt_costs_a_page_and_its_picture(desk: Served, visit: Visit) -> None:
    page = visit()
    start(page, desk, "mair")
    page.keyboard.press("1")
    press(page, "Enter")
    fetched = dict(page.evaluate(FETCHED))
    doubt = f"/doubts/{here(page)}"
    assert fetched.keys() == {doubt, f"{doubt}/picture"}
    assert sum(fetched.values()) < LIGHT_BYTES
    leave(page)


def test_two_people_are_never_given_the_same_and_the_second_decision_is_told_kindly(desk: Served, visit: Visit) -> None:
    mair, rhys = visit(), visit()
    start(mair, desk, "mair")
    start(rhys, desk, "rhys")
    for _ in range(4):
        assert here(mair) != here(rhys)
        for page in (mair, rhys):
            page.keyboard.press("1")
            press(page, "Enter")

    before = waiting(desk)
    rhys.goto(f"{desk.staff_url}/doubts/{here(mair)}")
    assert "mair has this one open, too" in rhys.inner_text("main")
    mair.keyboard.press("1")
    press(mair, "Enter")
    rhys.keyboard.press("3")
    press(rhys, "Enter")
    assert "mair was a moment quicker" in rhys.inner_text("main")
    assert "said “Good”" in rhys.inner_text("main")
    assert_accessible(rhys)
    assert waiting(desk) == before - 1
    assert "poor" not in decided(desk, "rhys"), "nothing is overwritten in silence"
    leave(mair)
    leave(rhys)


def test_skipping_leads_on_and_typing_nothing_is_put_right(desk: Served, visit: Visit) -> None:
    page, before = visit(), waiting(desk)
    start(page, desk, "meg")
    first = here(page)
    press(page, "s")
    assert here(page) != first
    press(page, "Enter")
    assert "Choose or type an answer first" in page.inner_text("main")
    assert page.title().startswith("Error: ")
    assert_accessible(page)
    press(page, "s")
    assert waiting(desk) == before
    leave(page)


def test_the_desk_settles_a_doubt_without_javascript(desk: Served, visit: Visit) -> None:
    page, before = visit(java_script_enabled=False), waiting(desk)
    start(page, desk, "mair")
    tab_to(page, "input[type=radio]")
    page.keyboard.press("Space")
    press(page, "Enter")
    assert waiting(desk) == before - 1
    leave(page)


def test_all_that_waits_is_settled_by_two_keys_each(desk: Served, visit: Visit) -> None:
    page, left = visit(), waiting(desk)
    start(page, desk, "mair")
    began = monotonic()
    for _ in range(left):
        page.keyboard.press("2")
        press(page, "Enter")
    seconds = (monotonic() - began) / left
    assert "Nothing waits" in page.inner_text("h1")
    assert_accessible(page)
    assert waiting(desk) == 0
    assert decided(desk, "mair")[-left:] == ["fair"] * left
    everybody = sum(len(decided(desk, name)) for name in STAFF)
    assert everybody == COPIES * (STATEMENTS - 2), "each was asked once"
    assert seconds < SECONDS_A_DOUBT
