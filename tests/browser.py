"""A real browser for tests: headless Chromium on a served site, driven by keyboard.

Everything here skips, saying why, where there is no Chromium.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright
from rich.progress import Progress
from webpages import NOON, make_site

from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.intake import ingest_files
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.site import Site, load_form, open_site
from pipeline.store.checks import enter_check, open_checks
from pipeline.store.record import Arrival, OnlineReturn, record_online, register_print
from pipeline.store.sample import draw_checks
from pipeline.web.accounts import ROLES, add_user

PASSWORD = "four plain words here"
STAFF = {"mair": "desk", "rhys": "reviewer", "ana": "analyst", "meg": "manager"}
"""Who may sign in at the sites made here, one for each role."""

NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")

DESKTOP = {"width": 1280, "height": 1024}

DPI = 200


def find_chromium() -> str | None:
    """Return the path of this system's Chromium: PILLARBOX_CHROMIUM, or what is found under its usual names."""
    named = os.environ.get("PILLARBOX_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES_OF_CHROMIUM)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests."""
    path = find_chromium()
    if path is None:
        pytest.skip("there is no Chromium here; `apt-get install chromium`, or set PILLARBOX_CHROMIUM to its path")
    with sync_playwright() as playwright:
        # As root, which CI often is, Chromium starts only without its sandbox; it meets no page but ours. Where it runs
        # in a container, shared memory is often too small for it.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Served:
    """A site that `pillarbox serve` serves."""

    site: Site
    resident_url: str
    staff_url: str


@contextmanager
def serving(site: Site, port: int = 0) -> Iterator[Served]:
    """Run `pillarbox serve` on a site, as a process of its own, for as long as the block runs; port 0 takes any."""
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "--site", str(site.root), "serve"]
    free = ["--port", str(port), "--staff-port", "0", "--json"]
    with subprocess.Popen([*command, *free], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            urls = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            yield Served(site, urls["resident_url"], urls["staff_url"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="session")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site where three copies came back as scans that leave doubts of several kinds, and a file that is no scan.

    Some answers wait to be checked, and one for a second look.

    Read once; a test that changes anything takes a copy of it (`copy_of`).
    """
    folder = tmp_path_factory.mktemp("browser") / "site"
    site = make_site(folder)
    twice = {"visited": "yes;no", "rating.staff": "good;poor", "rating.stock": "good;poor", "home": "CF10 1AA"}
    story = {"visited": "yes", "story": "The ramp is too steep for me", "rating.staff": "good", "visits": "17"}
    scan_copies(site, [twice, twice, story])
    _draw_checks(site)
    _answer_online(site)
    notes = folder.parent / "<b>notes.pdf"
    notes.write_bytes(b"not a scan at all")
    ingest_files(site, [notes], Progress(disable=True))
    for name, role in STAFF.items():
        assert role in ROLES
        add_user(site.private, name, role, PASSWORD)
    return folder


def _answer_online(site: Site) -> None:
    """Have somebody answer on the web, and be given a receipt."""
    form, arrival = load_form(site, "every-kind"), Arrival(NOON, "2026-06-15")
    returned = OnlineReturn(form, "en", "online", {"visited": "no"}, None, "a-key-of-one-answer", arrival)
    record_online(site.open_store(), returned)


def _draw_checks(site: Site) -> None:
    """Have answers drawn to be checked, and one of them entered otherwise than it was read."""
    db = site.open_store()
    draw_checks(db, None, 100, 1, NOON, lambda sha256: True)
    check = next(each.check for each in open_checks(db) if each.question == "rating.staff")
    assert enter_check(db, check, "poor", None, "rhys", NOON) is None


def scan_copies(site: Site, answers: list[dict[str, str]], name: str = "every-kind", seed: int = 4) -> None:
    """Print a copy of a form for each of `answers`, fill it in, scan and read it.

    Two values of a pick-one question, joined by `;`, are two marks.
    """
    form = load_form(site, name)
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, len(answers), NOON)
    pages = list(printed_pages(print_copies(layout, codes, "one"), DPI))
    rng = np.random.default_rng(seed)
    scanned = []
    for number, given in enumerate(answers):
        blank = tuple(pages[number * len(layout.pages) : (number + 1) * len(layout.pages)])
        scanned += fill(blank, layout, given, random_resident(rng), rng).pages
    scan = site.root.parent / f"{site.root.name}-scan-{seed}.pdf"
    scan.write_bytes(as_pdf(scanned, DPI))
    ingest_files(site, [scan], Progress(disable=True))


def copy_of(folder: Path, target: Path) -> Site:
    """A site of one's own, with everything that is in `folder`."""
    return open_site(Path(shutil.copytree(folder, target)))


@pytest.fixture(scope="session")
def served(scanned_folder: Path) -> Iterator[Served]:
    """The scanned site, served to every test that leaves it as it is."""
    with serving(open_site(scanned_folder)) as urls:
        yield urls


Visit = Callable[..., Page]
"""Opens a page of one more person, with cookies of their own: `visit(java_script_enabled=False, viewport=…)`."""


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Open pages; at the end of the test, whatever a browser complained of on any of them fails it."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce"} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        _note_complaints(page, complaints)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note_complaints(page: Page, complaints: list[str]) -> None:
    """Collect errors of scripts, breaches of the content policy, and whatever a page needs and does not get.

    A page itself may well answer 422: that is how the desk says that something is to be put right.
    """

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(f"{page.url}: {message.text}")

    def answered(response: Response) -> None:
        worst = 500 if response.request.is_navigation_request() else 400
        if response.status >= worst:
            complaints.append(f"{response.url}: {response.status}")

    page.on("console", heard)
    page.on("response", answered)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))


FIRST_VISIT_BYTES = 100_000
"""What everything that a first visit fetches may weigh, as it is sent, heads of answers included."""


def seen_by(page: Page, address: str) -> list[int]:
    """Open a page and return how many bytes each answer took that it fetched; all of them are from the same server."""
    answers: list[Response] = []
    page.context.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="networkidle")
    origin = "/".join(address.split("/")[:3])
    assert {answer.url.startswith(origin) for answer in answers} == {True}
    sizes = [answer.request.sizes() for answer in answers]
    return [size["responseBodySize"] + size["responseHeadersSize"] for size in sizes]


def sign_in(page: Page, staff_url: str, name: str = "mair") -> None:
    """Sign in by keyboard, and be at the overview."""
    page.goto(f"{staff_url}/sign-in")
    page.locator("#name:focus").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    assert "Sign in" not in page.title()


def press(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait until that is there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what `selector` finds has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")
