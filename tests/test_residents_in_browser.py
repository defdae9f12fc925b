"""The online form in a real browser: by keyboard alone, without JavaScript, at 320 px, in Welsh, from right to left."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from accessible import ZOOMED_TO_400, assert_accessible, assert_fits_small_screens, assert_nothing_found_by_axe
from browser import FIRST_VISIT_BYTES, Visit, find_chromium, press, seen_by, tab_to
from playwright.sync_api import Browser, Page
from webpages import NOON, make_site

from pipeline.form.lay_out import lay_out
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.web.server import running

FORM = "/f/every-kind"
IN_URDU = """
title: {ur: آپ کی رائے, en: Your view}
council: {ur: گلانمور کونسل, en: Glanmor Council}
service: Testing
languages: [ur, en]
minutes: 1
intro: {ur: ہم کیوں پوچھتے ہیں۔, en: Why we ask.}
privacy: {ur: محفوظ رکھا گیا۔, en: Kept safe.}
return_to: {ur: میز پر۔, en: The desk.}
thanks: {ur: شکریہ۔, en: Thank you.}
help_line: {ur: میز پر پوچھیں۔, en: Ask at the desk.}
questions:
  - id: visited
    kind: one
    required: true
    text: {ur: کیا آپ لائبریری گئے؟, en: Did you visit the library?}
    choices:
      - {value: yes, label: {ur: ہاں, en: "Yes"}}
      - {value: no, label: {ur: نہیں, en: "No"}}
  - id: story
    kind: comment
    text: {ur: کیا ہوا؟, en: What happened?}
"""


@dataclass(frozen=True)
class Open:
    """A site whose forms are open, and where it is served."""

    site: Site
    url: str

    def answers(self, receipt: str) -> dict[str, str]:
        query = (
            "SELECT question, value FROM answers a JOIN submissions s ON s.id = a.submission"
            " WHERE receipt = ? AND value IS NOT NULL"
        )
        return dict(self.site.open_store().execute(query, [receipt]).fetchall())


@pytest.fixture(scope="module")
def site_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    site = make_site(tmp_path_factory.mktemp("residents") / "site")
    (site.forms / "urdu.yaml").write_text(IN_URDU, encoding="utf-8")
    with running(site, clock=lambda: NOON) as urls:
        yield Open(site, urls.resident_url)


ANSWERS: dict[str, Callable[[Page], None]] = {
    "visited": lambda page: page.locator("#visited").check(),
    "why": lambda page: page.locator("#why-1").check(),
    "story": lambda page: page.locator("#story").fill("The ramp is steep"),
    "rating": lambda page: page.locator("#rating-staff").check(),
    "visits": lambda page: page.locator("#visits").fill("3"),
    "last": lambda page: None,
    "home": lambda page: page.locator("#home").fill("cf10 1aa"),
    "ticket": lambda page: None,
    "name": lambda page: page.locator("#name").fill("Mair"),
}
STORED = {
    "visited": "yes",
    "why": "warm",
    "story": "The ramp is steep",
    "rating.staff": "good",
    "visits": "3",
    "home": "CF10 1AA",
    "name": "Mair",
}


def step_of(page: Page) -> str:
    return urlsplit(page.url).path.split("/")[-1]


def go_on(page: Page, button: str = ".primary") -> None:
    """Press a button that leads to another page, and wait until that is there."""
    with page.expect_navigation():
        page.locator(f"button{button}").click()


def walk(page: Page, start: str, look: Callable[[Page], None] = lambda page: None) -> str:
    """Fill in a form page by page, looking at each; returns the receipt."""
    page.goto(start)
    look(page)
    go_on(page)
    for _ in ANSWERS:
        if step_of(page) == "check":
            break
        look(page)
        ANSWERS[step_of(page)](page)
        go_on(page)
    look(page)
    go_on(page)
    look(page)
    return step_of(page)


def test_a_form_is_filled_in_by_keyboard_alone(site_open: Open, visit: Visit) -> None:
    page = visit()
    page.goto(f"{site_open.url}{FORM}")
    tab_to(page, ".primary")
    press(page, "Enter")
    keys: dict[str, Callable[[], None]] = {
        "visited": lambda: (tab_to(page, "#visited"), page.keyboard.press("Space")),
        "why": lambda: (tab_to(page, "#why-1"), page.keyboard.press("Space")),
        "story": lambda: (tab_to(page, "#story"), page.keyboard.type("The ramp is steep")),
        "rating": lambda: (tab_to(page, "#rating-staff"), page.keyboard.press("Space")),
        "visits": lambda: (tab_to(page, "#visits"), page.keyboard.type("3")),
        "home": lambda: (tab_to(page, "#home"), page.keyboard.type("cf10 1aa")),
        "name": lambda: (tab_to(page, "#name"), page.keyboard.type("Mair")),
    }
    press_enter_in = {"visits", "home", "name"}
    for _ in ANSWERS:
        step = step_of(page)
        keys.get(step, lambda: None)()
        if step not in press_enter_in:
            tab_to(page, ".primary")
        press(page, "Enter")
    tab_to(page, "[href*='/visits?']")
    press(page, "Enter")
    tab_to(page, "#visits")
    page.keyboard.press("Control+A")
    page.keyboard.type("4")
    press(page, "Enter")
    assert step_of(page) == "check"
    tab_to(page, ".primary")
    press(page, "Enter")
    assert site_open.answers(step_of(page)) == STORED | {"visits": "4"}


def test_every_page_is_accessible_and_needs_no_cookie(site_open: Open, visit: Visit) -> None:
    page = visit()
    receipt = walk(page, f"{site_open.url}{FORM}", assert_nothing_found_by_axe)
    assert site_open.answers(receipt) == STORED
    assert page.context.cookies() == []


def test_pages_beside_the_questions_are_accessible(site_open: Open, visit: Visit) -> None:
    form = load_form(site_open.site, "every-kind")
    (copy,) = register_print(site_open.site.open_store(), form, lay_out(form), 1, NOON)
    page = visit()
    for address in ("/", "/code?code=", f"{FORM}?lang=cy&code={copy}", f"{FORM}/all", f"/arrived/{copy}", "/f/another"):
        page.goto(site_open.url + address)
        assert_accessible(page)
    page.goto(f"{site_open.url}{FORM}")
    go_on(page)
    assert_accessible(page)
    go_on(page)
    assert page.locator(".summary").evaluate("summary => summary === document.activeElement")
    assert_accessible(page)
    page.goto(page.url.replace("ask/visited", "check"))
    go_on(page)
    assert_accessible(page)
    go_on(page, "[name=keep]")
    assert_accessible(page)
    code = page.locator(".receipt .code").inner_text()
    page.goto(page.url)
    assert_accessible(page)
    page.locator("#code").fill(code)
    go_on(page)
    assert_accessible(page)
    go_on(page, ".link")
    assert_accessible(page)


@pytest.fixture(scope="module")
def chromium_that_holds_pages(chromium: Browser) -> Iterator[Browser]:
    """A browser as people have it, which shows a page once more as it was left: tests are usually run without that."""
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(),
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.mark.parametrize(
    ("leave", "scripts"), [("[name=keep]", False), (".primary", True)], ids=["saved without a script", "sent"]
)
def test_the_way_back_shows_no_answers_to_the_next_person(
    site_open: Open, chromium_that_holds_pages: Browser, leave: str, scripts: bool
) -> None:
    with chromium_that_holds_pages.new_context(java_script_enabled=scripts) as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(f"{site_open.url}{FORM}")
        go_on(page)
        while step_of(page) != "check":
            ANSWERS[step_of(page)](page)
            go_on(page)
        with page.expect_response("**/leaving"):
            go_on(page, leave)
        for _ in range(4):
            page.go_back()
            assert "Mair" not in page.content()
            assert "The ramp" not in page.content()


def test_the_code_to_come_back_is_seen_while_the_browser_drops_its_pages(site_open: Open, visit: Visit) -> None:
    page = visit(service_workers="block")
    page.route("**/leaving", lambda route: None)  # never answered: in Chromium it may take many seconds
    page.goto(f"{site_open.url}{FORM}")
    go_on(page)
    page.locator("[name=keep]").click(no_wait_after=True)
    page.locator(".receipt .code").wait_for()
    is_painted = "performance.getEntriesByName('first-contentful-paint').length > 0"
    for _ in range(50):  # waiting for a function would evaluate it as a string within the page, which forbids that
        if page.evaluate(is_painted):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(is_painted)


def test_the_request_to_drop_pages_is_kept_on_no_device(site_open: Open, visit: Visit) -> None:
    page = visit()
    page.goto(f"{site_open.url}{FORM}")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{site_open.url}{FORM}/erased")
    page.wait_for_load_state("networkidle")
    kept = page.evaluate(
        "caches.keys().then(([name]) => caches.open(name)).then((cache) => cache.keys())"
        ".then((requests) => requests.map((each) => new URL(each.url).pathname))"
    )
    assert FORM in kept
    assert not [address for address in kept if "leaving" in address]


def test_long_words_and_words_from_right_to_left_leave_the_last_page_in_shape(site_open: Open, visit: Visit) -> None:
    page = visit()
    page.goto(f"{site_open.url}{FORM}/all")
    page.locator("#visited").check()
    page.locator("#story").fill("مرحبا بكم 12:30 abc\n" + "W" * 300)
    go_on(page, "[formaction*='/check']")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert_fits_small_screens(page)
    assert page.locator("#line-story bdi").inner_text().startswith("مرحبا")


def test_a_form_needs_no_javascript_and_fits_320_px(site_open: Open, visit: Visit) -> None:
    page = visit(viewport=ZOOMED_TO_400, has_touch=True, java_script_enabled=False)
    receipt = walk(page, f"{site_open.url}{FORM}", assert_fits_small_screens)
    assert site_open.answers(receipt) == STORED


def test_a_form_is_filled_in_in_welsh(site_open: Open, visit: Visit) -> None:
    page = visit()
    seen: list[str] = []

    def look(page: Page) -> None:
        assert page.locator("html").get_attribute("lang") == "cy"
        seen.append(page.inner_text("main"))

    receipt = walk(page, f"{site_open.url}{FORM}?lang=cy", look)
    assert site_open.answers(receipt) == STORED
    words = "\n".join(seen)
    for welsh in ("Dechrau nawr", "Cwestiwn 4 o 9", "Lle cynnes", "Gwiriwch eich atebion", "drwy ein gwefan"):
        assert welsh in words
    for english in ("Continue", "Question", "Change", "Send", "Arrived"):
        assert english not in words


def test_a_form_is_filled_in_from_right_to_left(site_open: Open, visit: Visit) -> None:
    page = visit()

    def look(page: Page) -> None:
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert_nothing_found_by_axe(page)
        if step_of(page) == "visited":
            box, label = page.locator("#visited").bounding_box(), page.locator("label[for=visited]").bounding_box()
            assert box
            assert label
            assert box["x"] > label["x"], "the box stands to the right of its words"

    receipt = walk(page, f"{site_open.url}/f/urdu?lang=ur", look)
    assert site_open.answers(receipt) == {"visited": "yes", "story": "The ramp is steep"}


def test_going_back_in_the_browser_shows_what_was_answered(site_open: Open, visit: Visit) -> None:
    page = visit()
    page.goto(f"{site_open.url}{FORM}")
    go_on(page)
    page.locator("#visited").check()
    go_on(page)
    page.go_back()
    assert page.locator("#visited").is_checked()
    page.reload()
    assert page.locator("#visited").is_checked()


@pytest.mark.parametrize("address", [f"{FORM}?lang=en", f"{FORM}?lang=cy", f"{FORM}/all?lang=cy", "/f/urdu?lang=ur"])
def test_a_first_visit_is_light_and_fetches_nothing_from_elsewhere(site_open: Open, visit: Visit, address: str) -> None:
    assert sum(seen_by(visit(), site_open.url + address)) < FIRST_VISIT_BYTES
