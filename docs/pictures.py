"""The pictures of the staff guide, taken of the real pages: `make pictures`, which needs Chromium.

The demo makes the site, so that every picture shows what a desk shows, and none of it is anybody's.
"""

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.progress import Progress

from pipeline.demo import run_demo
from pipeline.web.accounts import add_user
from pipeline.web.server import running
from tests.browser import find_chromium

HERE = Path(__file__).parent
IMAGES = HERE / "images" / "staff"

SIZE = {"width": 1000, "height": 820}
COLOURS = 128
"""Of a picture: pages have few, and the files become a quarter as large."""

NAME, PASSWORD = "mair", "four plain words here"

SHOWN = {"today": "/", "hand-in": "/hand-in", "doubt": "/doubts", "forms": "/forms"}
"""Each picture, and the page it shows."""


def main() -> None:
    """Take every picture anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = run_demo(Path(folder, "site"), HERE.parent / "forms", Progress()).site
        add_user(site.private, NAME, "desk", PASSWORD)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        with running(site) as urls:
            sign_in(page, urls.staff_url)
            for name, path in SHOWN.items():
                page.goto(f"{urls.staff_url}{path}")
                skip_to_a_question(page)
                page.wait_for_load_state("networkidle")
                keep(name, page.screenshot())
        browser.close()


def sign_in(page: Page, staff_url: str) -> None:
    """Sign in, after a picture of the page for it."""
    page.goto(f"{staff_url}/sign-in")
    page.locator("#name").fill(NAME)
    keep("sign-in", page.screenshot())
    page.locator("#password").fill(PASSWORD)
    page.locator("button").click()


def skip_to_a_question(page: Page) -> None:
    """At the queue, skip copies that came back twice: an answer tells more."""
    while "/doubts/" in page.url and not page.locator(".doubt .number").count():
        page.locator("[data-key=s]").click()


def keep(name: str, png: bytes) -> None:
    """Keep a picture with as few colours as it needs."""
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(
        IMAGES / f"{name}.png", optimize=True
    )


if __name__ == "__main__":
    main()
