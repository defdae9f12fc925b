"""The pictures of the README and of the staff guide, taken of the real thing: `make pictures`, which needs Chromium.

The demo makes the site, so that every picture shows what people see, and none of it is anybody's.
"""

import tempfile
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, sync_playwright
from rich.progress import Progress

from pipeline.demo import FORM, run_demo
from pipeline.form.code import copy_code
from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.site import Site, load_form, open_site
from pipeline.web.accounts import add_user
from pipeline.web.kiosks import add_kiosk
from pipeline.web.server import running
from tests.browser import find_chromium

HERE = Path(__file__).parent
IMAGES = HERE / "images"
STAFF_IMAGES = IMAGES / "staff"
LANGUAGE_IMAGES = IMAGES / "languages"

EXAMPLE = HERE / "examples" / "library-languages.yaml"
QUESTIONS_PAGE = 1
"""Of the example: the first page that is full of questions in every language, counted from 0."""

TWO_LANGUAGES = {"cy+en": 1, "ur+en": 2}
"""Pages of the example in two languages: the first that is full of questions, counted from 0."""

README_HEIGHT = 1000
"""Pixels high, form and report, so that they stand beside each other."""

A4 = {"width": 1000, "height": 1414}
PHONE = {"width": 390, "height": 760}
SMALL_PHONE = {"width": 320, "height": 900}
TABLET = {"width": 1000, "height": 700}
DESK = {"width": 1000, "height": 820}

SHORT_FORM = "library-visit"
"""The form whose pages residents are shown to meet: short enough for the answers to be seen at once."""

COLOURS = 128
"""Of a picture of pages: they have few, and the files become a quarter as large."""

NAME, PASSWORD = "mair", "four plain words here"

SHOWN = {"today": "/", "hand-in": "/hand-in", "doubt": "/doubts", "forms": "/forms"}
"""Each picture of the desk, and the page it shows."""


def main() -> None:
    """Take every picture anew."""
    STAFF_IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = run_demo(Path(folder, "site"), HERE.parent / "forms", Progress()).site
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        frame("form", printed_page(site))
        frame("report", report(site, browser))
        frame("online", online_form(site, browser))
        take_desk(site, browser)
        take_library_screen(site, browser)
        take_languages(Path(folder, "languages"), browser)
        browser.close()


def printed_page(site: Site) -> Image.Image:
    """Draw the first page that the demo printed."""
    with pypdfium2.PdfDocument(site.root / f"{FORM}.pdf") as document:
        page: Image.Image = document[0].render(scale=2).to_pil()
    return page


def report(site: Site, browser: Browser) -> Image.Image:
    """Take a picture of the upper part of the report."""
    page = browser.new_page(viewport=A4, device_scale_factor=1.5)
    page.goto((site.root / "report.html").resolve().as_uri())
    return Image.open(BytesIO(page.screenshot()))


def online_form(site: Site, browser: Browser) -> Image.Image:
    """Take pictures of a question, of the answers once more and of the receipt, as on a telephone."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=1.5, reduced_motion="reduce")
    taken = []

    def take() -> None:
        page.wait_for_load_state("networkidle")
        taken.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))

    def go_on() -> None:
        with page.expect_navigation():
            page.locator("button.primary").click()

    with running(site) as urls:
        page.goto(f"{urls.resident_url}/f/{SHORT_FORM}")
        go_on()
        page.locator("#library").check()
        take()
        go_on()
        page.locator("#reasons-3").check()
        go_on()
        page.locator("#got_it").check()
        while not page.url.split("?")[0].endswith("/check"):
            go_on()
        take()
        go_on()
        take()
    page.close()
    together = Image.new("RGB", (sum(each.width for each in taken), taken[0].height))
    for place, each in enumerate(taken):
        together.paste(each, (place * each.width, 0))
    return together


def frame(name: str, picture: Image.Image) -> None:
    """Keep a picture for the README, framed by a thin grey line."""
    width = round(picture.width * README_HEIGHT / picture.height)
    small = picture.convert("RGB").resize((width, README_HEIGHT), Image.Resampling.LANCZOS)
    framed = ImageOps.expand(small, border=1, fill="#b1b4b6").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    framed.save(IMAGES / f"{name}.png", optimize=True)


def take_desk(site: Site, browser: Browser) -> None:
    """Take the pictures of the desk, as somebody sees it who has just signed in."""
    add_user(site.private, NAME, "desk", PASSWORD)
    page = browser.new_page(viewport=DESK, reduced_motion="reduce")
    with running(site) as urls:
        page.goto(f"{urls.staff_url}/sign-in")
        page.locator("#name").fill(NAME)
        page.locator("#password").fill(PASSWORD)
        page.locator("button").click()
        for name, path in SHOWN.items():
            page.goto(f"{urls.staff_url}{path}")
            skip_to_a_question(page)
            page.wait_for_load_state("networkidle")
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
            picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(STAFF_IMAGES / f"{name}.png", optimize=True)


def take_library_screen(site: Site, browser: Browser) -> None:
    """Take the picture of a library screen with a form on it."""
    page = browser.new_page(viewport=TABLET, reduced_motion="reduce")
    with running(site) as urls:
        page.goto(f"{urls.resident_url}/kiosk/{add_kiosk(site.private, 'Penarth Library')}")
        page.locator("button.primary").click()
        page.goto(f"{urls.resident_url}/f/{SHORT_FORM}/all?lang=en")
        page.wait_for_load_state("networkidle")
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    page.close()
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(STAFF_IMAGES / "library-screen.png", optimize=True)


def take_languages(folder: Path, browser: Browser) -> None:
    """Draw a printed page of the example form in each language, and what it looks like in Urdu on a small telephone."""
    LANGUAGE_IMAGES.mkdir(parents=True, exist_ok=True)
    (folder / "forms").mkdir(parents=True)
    (folder / "forms" / EXAMPLE.name).write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    site = open_site(folder)
    form = load_form(site, EXAMPLE.stem)
    for lang, number in {**dict.fromkeys(form.languages[1:], QUESTIONS_PAGE), **TWO_LANGUAGES}.items():
        with pypdfium2.PdfDocument(print_copies(lay_out(form, lang=lang), [copy_code(1)])) as document:
            keep_small(lang, document[number].render(scale=0.8).to_pil())
    page = browser.new_page(viewport=SMALL_PHONE, reduced_motion="reduce")
    with running(site) as urls:
        page.goto(f"{urls.resident_url}/f/{form.id}/all?lang=ur")
        page.wait_for_load_state("networkidle")
        keep_small("ur-online", Image.open(BytesIO(page.screenshot())))
    page.close()


def keep_small(name: str, picture: Image.Image) -> None:
    """Keep a picture for the page on languages."""
    framed = ImageOps.expand(picture.convert("RGB"), border=1, fill="#b1b4b6")
    framed.quantize(16).save(LANGUAGE_IMAGES / f"{name}.png", optimize=True)


def skip_to_a_question(page: Page) -> None:
    """At the queue, skip copies that came back twice: an answer tells more."""
    while "/doubts/" in page.url and not page.locator(".doubt .number").count():
        page.locator("[data-key=s]").click()


if __name__ == "__main__":
    main()
