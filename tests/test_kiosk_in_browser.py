"""A library screen in a real browser: large, cleared between people, nothing to go back to, good without a network."""

import re
from collections.abc import Iterator

import pytest
from accessible import assert_accessible, assert_large_targets, assert_nothing_found_by_axe
from browser import Served, serving, sign_in
from playwright.sync_api import Browser, Page, expect
from test_offline_in_browser import SAVED, fill_in, make_site, stories, until

from pipeline.web.accounts import add_user
from pipeline.web.kiosks import add_kiosk, kiosks, remove_kiosk

LARGE_PX = 60
"""What a finger finds at arm's length, CSS pixels: more than the 44 that every page keeps."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(make_site(tmp_path_factory.mktemp("kiosk") / "site")) as urls:
        yield urls


@pytest.fixture
def code(served: Served) -> str:
    return add_kiosk(served.site.private, "Penarth Library")


@pytest.fixture
def tablet(chromium: Browser, served: Served, code: str) -> Iterator[Page]:
    """A tablet just set up as a library screen, with a clock that a test may put on."""
    with chromium.new_context(viewport={"width": 1024, "height": 768}) as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.clock.install()
        page.goto(f"{served.resident_url}/kiosk/{code}")
        assert_accessible(page)
        page.get_by_role("button", name="Yes, make it Penarth Library").click()
        kept = "caches.match('/f/visit/all?lang=en', {ignoreVary: true})"
        until(page, f"async () => Boolean(await {kept} && navigator.serviceWorker.controller)")
        yield page
        assert errors == []


def begin(page: Page) -> None:
    page.get_by_role("link", name="Your visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit")


def test_a_person_after_another_without_a_network_and_staff_see_how_many_wait(tablet: Page, served: Served) -> None:
    assert_accessible(tablet)
    tablet.context.set_offline(True)
    for number in range(2):
        begin(tablet)
        fill_in(tablet, f"screen {number}")
        expect(tablet.get_by_role("heading", level=1)).to_have_text(SAVED)
        tablet.get_by_role("link", name="Done").click()
        expect(tablet.locator("[data-counts=waiting] .count")).to_have_text(str(number + 1))
    tablet.get_by_role("link", name="See what is on this device").click()
    expect(tablet.locator("#kept > li")).to_have_count(2)
    assert "screen" not in tablet.locator("#kept").inner_text(), "people's answers are not for the next person"
    assert_accessible(tablet)
    tablet.context.set_offline(False)
    until(tablet, "async () => { await queue.sendAll(true); return (await queue.all()).length === 0; }")
    assert stories(served.site, "screen") == ["screen 0", "screen 1"]
    channels = served.site.open_store().execute("SELECT DISTINCT channel, site FROM submissions").fetchall()
    assert channels == [("kiosk", "Penarth Library")]


def test_a_screen_that_is_left_alone_asks_and_then_clears_itself(tablet: Page) -> None:
    begin(tablet)
    tablet.locator("#story").fill("private")
    tablet.clock.run_for(95_000)
    dialog = tablet.get_by_role("dialog")
    expect(dialog).to_contain_text("Seconds left: 25")
    assert_nothing_found_by_axe(tablet)
    assert_large_targets(tablet)
    dialog.get_by_role("button", name="I need more time").click()
    expect(dialog).not_to_be_visible()
    tablet.clock.run_for(60_000)
    expect(tablet.locator("#story")).to_have_value("private")
    tablet.clock.run_for(65_000)
    expect(tablet).to_have_url(re.compile("/kiosk$"))
    tablet.go_back()
    assert "private" not in tablet.content()
    begin_again = tablet.locator("#story")
    assert begin_again.count() == 0 or begin_again.input_value() == ""


def test_nothing_of_one_person_is_there_for_the_next(tablet: Page) -> None:
    begin(tablet)
    assert all(
        each == "off" for each in tablet.eval_on_selector_all("#answers input, #answers textarea", _AUTOCOMPLETE)
    )
    tablet.locator("#story").fill("private")
    tablet.get_by_role("link", name="Start again").click()
    begin(tablet)
    expect(tablet.locator("#story")).to_have_value("")
    fill_in(tablet, "private")
    expect(tablet.get_by_role("heading", level=1)).to_have_text("We have your answers")
    for _ in range(3):
        tablet.go_back()
        fields = tablet.locator("#story")
        assert fields.count() == 0 or fields.input_value() == ""


_AUTOCOMPLETE = "fields => fields.filter((each) => each.type !== 'hidden').map((each) => each.autocomplete)"


def test_what_can_be_pressed_on_a_form_is_large(tablet: Page) -> None:
    begin(tablet)
    heights = tablet.eval_on_selector_all(
        ".choice, button:not(.unseen), input[inputmode], textarea, a.plain",
        "all => all.map((each) => each.getBoundingClientRect().height)",
    )
    assert min(filter(None, heights)) >= LARGE_PX, "but for what is not shown"


def test_what_is_to_be_put_right_is_said_before_somebody_leaves(tablet: Page) -> None:
    begin(tablet)
    tablet.context.set_offline(True)
    tablet.locator("#visits").fill("99")
    tablet.get_by_role("button", name="Send your answers").click()
    expect(tablet.get_by_role("alert")).to_contain_text("Question 1")
    expect(tablet.get_by_role("alert")).to_contain_text("Question 2")
    expect(tablet.locator("#visits-error")).to_contain_text("31")
    assert_accessible(tablet)
    assert tablet.evaluate("queue.all().then((all) => all.length)") == 0


def test_a_form_without_an_answer_is_not_kept_to_be_sent(tablet: Page) -> None:
    tablet.get_by_role("link", name="As you like").click()
    tablet.context.set_offline(True)
    tablet.get_by_role("button", name="Send your answers").click()
    expect(tablet.get_by_role("alert")).to_contain_text("You have not answered anything yet.")
    expect(tablet.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#answers")
    assert tablet.locator("#answers .error").count() == 0
    assert_accessible(tablet)
    assert tablet.evaluate("queue.all().then((all) => all.length)") == 0
    fill_in(tablet, "free of it")
    expect(tablet.get_by_role("heading", level=1)).to_have_text(SAVED)


def test_an_address_that_leads_elsewhere_is_never_kept(tablet: Page, served: Served) -> None:
    have_kept(tablet, "/", "/f/none/all")
    assert not is_kept(tablet, "/"), "on a library screen it leads on to the start of the screen"
    assert not is_kept(tablet, "/f/none/all")
    tablet.context.set_offline(True)
    tablet.goto(f"{served.resident_url}/kiosk")
    begin(tablet)
    tablet.context.set_offline(False)
    remove_kiosk(served.site.private, "Penarth Library")
    have_kept(tablet, "/kiosk")
    assert not is_kept(tablet, "/kiosk"), "it is a library screen no longer"


def have_kept(page: Page, *addresses: str) -> None:
    """Ask the worker to keep pages, as every page of ours does, and wait until it has; it tells the browser alone."""
    (worker,) = page.context.service_workers
    worker.evaluate(_NOTE_WORK, list(addresses))
    page.evaluate(
        "(addresses) => navigator.serviceWorker.ready.then(({ active }) => active.postMessage(addresses))",
        list(addresses),
    )
    worker.evaluate("() => asked")


_NOTE_WORK = """(addresses) => {
  self.asked = new Promise((done) => {
    ExtendableMessageEvent.prototype.waitUntil = function (work) {
      ExtendableEvent.prototype.waitUntil.call(this, work);
      if (`${this.data}` === `${addresses}`) work.then(done);
    };
  });
}"""
"""Makes `asked`, in the worker, end with the work on the message that asks for these addresses."""


def is_kept(page: Page, address: str) -> bool:
    return bool(page.evaluate("async (address) => Boolean(await caches.match(address, {ignoreVary: true}))", address))


def test_staff_see_what_needs_them_with_the_code_of_the_screen(tablet: Page, served: Served, code: str) -> None:
    begin(tablet)
    tablet.context.set_offline(True)
    tablet.locator("#code").fill("no such code")
    fill_in(tablet, "for staff")
    expect(tablet.get_by_role("heading", level=1)).to_have_text(SAVED)
    tablet.context.set_offline(False)
    until(tablet, "async () => { await queue.sendAll(true); return (await queue.all())[0].state === 'refused'; }")
    until_heard(served, tablet)
    tablet.goto(f"{served.resident_url}/on-this-device?lang=en")
    expect(tablet.locator("#kept .why")).to_contain_text("Check this code")
    assert tablet.get_by_text("Show the answers", exact=True).count() == 0
    tablet.locator("#staff_code").fill(code.lower())
    tablet.get_by_role("button", name="Show them").click()
    tablet.get_by_text("Show the answers", exact=True).click()
    expect(tablet.locator("#kept .answers")).to_contain_text("for staff")


def until_heard(served: Served, tablet: Page) -> None:
    """Wait until the screen has told that a form needs somebody, and that the desk tells it."""
    for _ in range(100):
        if kiosks(served.site.private)[0].refused == 1:
            break
        tablet.clock.run_for(500)
        tablet.wait_for_timeout(100)
    add_user(served.site.private, "mair", "desk", "four plain words here")
    with tablet.context.browser.new_context() as context:  # type: ignore[union-attr]
        desk = context.new_page()
        sign_in(desk, served.staff_url)
        expect(desk.locator("main")).to_contain_text("Penarth Library: nothing waits there, 1 needs somebody")
        assert_accessible(desk)
