"""Forms without a network, in a real browser: kept on the device, sent once, told in words, never lost."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from accessible import assert_accessible
from between import WAIT_S, between
from browser import Served, find_chromium, serving
from playwright.sync_api import Browser, Page, expect

from pipeline.site import Site, open_site

SAVED = "Saved on this device, will be sent"
FORM = "/f/visit?lang=en"
VISIT = """
title: {en: Your visit, cy: Eich ymweliad}
council: {en: Glanmor Council, cy: Cyngor Glanmor}
service: Testing
languages: [en, cy]
minutes: 1
on_one_page: true
intro: {en: Why we ask., cy: Pam rydym yn gofyn.}
privacy: {en: Kept safe., cy: Yn cael eu cadw'n ddiogel.}
return_to: {en: The desk., cy: Y ddesg.}
thanks: {en: Thank you., cy: Diolch.}
help_line: {en: Ask at the desk., cy: Gofynnwch wrth y ddesg.}
questions:
  - id: visited
    kind: one
    required: true
    text: {en: Have you been?, cy: Ydych chi wedi bod?}
    choices:
      - {value: yes, label: {en: "Yes", cy: Ydw}}
      - {value: no, label: {en: "No", cy: Nac ydw}}
      - {value: nearby, label: {en: Near it, cy: Gerllaw}, other: true}
  - id: visits
    kind: number
    maximum: 31
    text: {en: How many times?, cy: Sawl gwaith?}
  - id: story
    kind: comment
    when: {visited: yes}
    text: {en: What happened?, cy: Beth ddigwyddodd?}
"""


def make_site(folder: Path) -> Site:
    (folder / "forms").mkdir(parents=True)
    (folder / "forms" / "visit.yaml").write_text(VISIT, encoding="utf-8")
    steps = VISIT.replace("on_one_page: true", "on_one_page: false").replace("en: Your visit", "en: One by one")
    (folder / "forms" / "steps.yaml").write_text(steps, encoding="utf-8")
    free = VISIT.replace("    required: true\n", "").replace("en: Your visit", "en: As you like")
    (folder / "forms" / "free.yaml").write_text(free, encoding="utf-8")
    return open_site(folder)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(make_site(tmp_path_factory.mktemp("offline") / "site")) as urls:
        yield urls


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of one more person's browser, in which nothing may go wrong with a script."""
    with chromium.new_context(reduced_motion="reduce") as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []


@contextmanager
def browsing(chromium: Browser, profile: Path) -> Iterator[Page]:
    """A browser that keeps what it was left in `profile`, from one start to the next."""
    context = chromium.browser_type.launch_persistent_context(
        profile,
        executable_path=find_chromium(),
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    yield context.pages[0]
    context.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def until(page: Page, script: str) -> None:
    """Wait until a script says that it is so; one that never says anything says no."""
    asked = script if script.startswith("async") else f"() => {script}"
    in_time = f"() => Promise.race([({asked})(), new Promise((no) => setTimeout(no, 10000, false))])"
    end = monotonic() + 30
    while monotonic() < end:
        if page.evaluate(in_time):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it never came to pass: {script}")


def at_hand(page: Page) -> None:
    """Wait until the form opens without a network."""
    until(
        page,
        "async () => Boolean(await caches.match('/f/visit?lang=en', {ignoreVary: true})"
        " && await caches.match('/on-this-device', {ignoreVary: true}) && navigator.serviceWorker.controller)",
    )


def fill_in(page: Page, story: str, **more: str) -> None:
    page.get_by_label("Yes").check()
    page.locator("#story").fill(story)
    for name, value in more.items():
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Send your answers").click()


def stories(site: Site, like: str) -> list[str]:
    query = "SELECT value FROM answers WHERE question = 'story' AND value LIKE ? ORDER BY value"
    return [story for (story,) in site.open_store().execute(query, [f"{like}%"])]


def waiting_on(page: Page) -> int:
    return int(page.evaluate("queue.all().then((all) => all.filter((each) => each.state === 'waiting').length)"))


def sent_from(page: Page) -> None:
    """Wait until nothing waits any more."""
    until(
        page,
        "async () => { await queue.sendAll(true); return (await queue.all()).every((form) => form.state === 'sent'); }",
    )


def test_whoever_starts_without_a_network_is_led_to_the_whole_form(chromium: Browser, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    with browsing(chromium, tmp_path / "profile") as page:
        with serving(site) as served:
            page.goto(f"{served.resident_url}/f/visit/start?lang=en")
            until(
                page,
                "async () => Boolean(await caches.match('/f/visit/all?lang=en', {ignoreVary: true})"
                " && navigator.serviceWorker.controller)",
            )
        page.locator("#code").fill("7Q2M ABCD")
        page.get_by_role("button", name="Start now").click()
        page.wait_for_url("**/f/visit/all?lang=en**")
        expect(page.locator("#code")).to_have_value("7Q2M ABCD")
        fill_in(page, "story of the start")
        expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)


def test_five_forms_finished_without_a_network_arrive_once_each(chromium: Browser, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    port = free_port()
    with browsing(chromium, tmp_path / "profile") as page:
        with serving(site, port) as served:
            page.goto(served.resident_url + FORM)
            at_hand(page)
        for number in range(5):
            page.context.set_offline(number % 2 == 0)  # the server is gone either way
            page.goto(served.resident_url + FORM)
            fill_in(page, f"story {number}")
            expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
            expect(page.locator("[data-counts=waiting] .count")).to_have_text(str(number + 1))
        assert_accessible(page)
    with browsing(chromium, tmp_path / "profile") as page:
        page.goto(f"{served.resident_url}/on-this-device")
        expect(page.locator("#kept > li")).to_have_count(5)
        assert waiting_on(page) == 5
        assert_accessible(page)
        assert stories(site, "story") == []
        with serving(site, port):
            page.goto(f"{served.resident_url}/on-this-device?lang=en")
            sent_from(page)
            assert stories(site, "story") == [f"story {number}" for number in range(5)]
            expect(page.locator("#kept .receipt")).to_have_count(5)
            assert "story" not in page.evaluate("queue.all().then(JSON.stringify)")
            assert_accessible(page)


def test_a_form_whose_answer_was_lost_counts_once(page: Page, served: Served) -> None:
    with between(served.resident_url) as proxy:
        page.goto(proxy.url + FORM)
        proxy.lose_answers = True
        fill_in(page, "told once")
        expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
        assert stories(served.site, "told once") == ["told once"]
        proxy.lose_answers = False
        sent_from(page)
        assert len(proxy.posts) >= 2
        assert stories(served.site, "told once") == ["told once"]


def test_nobody_waits_for_a_network_that_neither_answers_nor_fails(page: Page, served: Served) -> None:
    with between(served.resident_url) as proxy:
        page.goto(proxy.url + FORM)
        proxy.free.clear()
        fill_in(page, "late")
        expect(page.get_by_role("heading", level=1)).to_have_text(SAVED, timeout=10_000)
        proxy.free.set()
        until(page, "async () => (await queue.all()).every((form) => form.state === 'sent')")
        assert stories(served.site, "late") == ["late"]


def test_a_server_that_asks_to_wait_is_left_alone_and_two_pages_send_nothing_twice(page: Page, served: Served) -> None:
    with between(served.resident_url) as proxy:
        page.goto(proxy.url + FORM)
        proxy.busy = 1
        for number in range(3):
            page.goto(proxy.url + FORM)
            fill_in(page, f"polite {number}")
            expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
        assert len(proxy.posts) == 1, "the others were not even tried"
        other = page.context.new_page()
        other.goto(f"{proxy.url}/on-this-device")
        for each in (page, other):
            each.evaluate("setInterval(() => queue.sendAll(true), 50)")
        sent_from(page)
        assert len(proxy.posts) == 1 + 3
        assert proxy.posts[1] - proxy.posts[0] >= WAIT_S, "as Retry-After asked"
        assert stories(served.site, "polite") == ["polite 0", "polite 1", "polite 2"]


def test_a_form_that_is_refused_is_kept_and_told_and_the_others_go_on(page: Page, served: Served) -> None:
    page.goto(served.resident_url + FORM)
    at_hand(page)
    page.context.set_offline(True)
    for story, code in (("refused: its code", "nonsense"), ("refused: others", "")):
        page.goto(served.resident_url + FORM)
        fill_in(page, story, code=code)
        page.get_by_role("link", name="See what is on this device").click()
    page.context.set_offline(False)
    until(page, "queue.sendAll(true).then(() => queue.all()).then((all) => all.every((f) => f.state !== 'waiting'))")
    assert stories(served.site, "refused") == ["refused: others"]
    expect(page.locator("#kept .why")).to_contain_text("Check this code")
    page.get_by_text("Show the answers", exact=True).click()
    expect(page.locator("#kept .answers")).to_contain_text("refused: its code")
    assert_accessible(page)
    page.get_by_role("link", name="Open it again").click()
    expect(page.locator("#story")).to_have_value("refused: its code")
    page.locator("#code").fill("")
    page.get_by_role("button", name="Send your answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your answers")
    assert stories(served.site, "refused") == ["refused: its code", "refused: others"]
    page.goto(f"{served.resident_url}/on-this-device")
    expect(page.locator("#kept .receipt")).to_have_count(2)


def test_what_is_to_be_put_right_is_said_at_once_where_there_is_a_network(page: Page, served: Served) -> None:
    page.goto(served.resident_url + FORM)
    fill_in(page, "at once", visits="99")
    expect(page.get_by_role("alert")).to_contain_text("31")
    expect(page.locator("#story")).to_have_value("at once")
    page.locator("#visits").fill("9")
    page.get_by_role("button", name="Send your answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your answers")
    assert stories(served.site, "at once") == ["at once"]
    assert page.evaluate("queue.all().then((all) => all.map((form) => form.state))") == ["sent"]


def test_writing_beside_a_choice_is_no_answer_without_its_tick(page: Page, served: Served) -> None:
    page.goto(served.resident_url + FORM)
    at_hand(page)
    page.context.set_offline(True)
    page.locator("#visited-other").fill("In the park")
    page.get_by_role("button", name="Send your answers").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick one answer.")
    assert waiting_on(page) == 0


def test_a_form_that_has_changed_meanwhile_is_taken_as_it_was_filled_in(page: Page, served: Served) -> None:
    page.goto(served.resident_url + FORM)
    at_hand(page)
    page.context.set_offline(True)
    fill_in(page, "of the old form")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    definition = served.site.forms / "visit.yaml"
    definition.write_text(VISIT.replace("id: story", "id: tale"), encoding="utf-8")
    page.context.set_offline(False)
    sent_from(page)
    definition.write_text(VISIT, encoding="utf-8")
    assert stories(served.site, "of the old") == ["of the old form"]


def test_what_cannot_be_reached_is_said_and_what_opens_all_the_same(page: Page, served: Served) -> None:
    page.goto(f"{served.resident_url}/f/steps?lang=en")
    until(page, "async () => Boolean(await caches.match('/f/steps/all?lang=en', {ignoreVary: true}))")
    page.reload()
    page.get_by_role("button", name="Start").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no connection just now")
    assert_accessible(page)
    page.goto(f"{served.resident_url}/f/never-opened?lang=en")
    page.get_by_role("link", name="One by one").click()
    fill_in(page, "on the way")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAVED)
    page.goto(f"{served.resident_url}/f/steps?lang=en")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#story")).to_be_visible()


def test_a_device_that_is_full_shows_what_it_cannot_keep(page: Page, served: Served) -> None:
    page.goto(f"{served.resident_url}{FORM}")
    at_hand(page)
    quota = {"origin": served.resident_url, "quotaSize": 1}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    page.goto(f"{served.resident_url}/f/steps?lang=cy")
    expect(page.locator("h1")).to_have_text("Eich ymweliad")


def test_no_page_with_answers_is_kept_on_the_device(page: Page, served: Served) -> None:
    page.goto(f"{served.resident_url}/f/steps?lang=en")
    until(page, "async () => Boolean(await caches.match('/f/steps/all?lang=en', {ignoreVary: true}))")
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/ask/visits?**")
    past_the_worker = page.context.new_cdp_session(page)
    past_the_worker.send("Network.enable")
    past_the_worker.send("Network.setBypassServiceWorker", {"bypass": True})  # as a reload with Shift does
    page.goto(page.url.replace("ask/visits?lang=en", "ask/visited?lang=cy"))
    until(page, "async () => Boolean(await caches.match('/on-this-device?lang=cy', {ignoreVary: true}))")
    page.wait_for_timeout(300)
    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((each) => each.keys()))))"
        ".then((requests) => requests.flat().map((request) => request.url))"
    )
    assert any("/all?lang=en" in url for url in kept)
    assert not [url for url in kept if "/draft/" in url]


MOST_OF_A_FIRST_VISIT = 100_000


def test_a_first_visit_is_small_with_all_that_is_kept(page: Page, served: Served) -> None:
    sizes: list[int] = []
    page.context.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(served.resident_url + FORM)
    at_hand(page)
    page.wait_for_timeout(300)
    assert 30_000 < sum(sizes) < MOST_OF_A_FIRST_VISIT
