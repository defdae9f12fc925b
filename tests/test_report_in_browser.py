"""The report in a real browser: accessible, no wider than a small phone, and on paper with every table open."""

from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from accessible import assert_fits_small_screens, assert_nothing_found_by_axe, assert_reached_by_keyboard
from browser import DESKTOP
from made_up_council import FORM, census, council_dataset
from playwright.sync_api import Browser, Page

from pipeline.practice.council import Council
from pipeline.tables.report import report_html
from pipeline.tables.weighing.census import read_census


@pytest.fixture(scope="module")
def page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Page:
    target: Path = tmp_path_factory.mktemp("report") / "report.html"
    answers, lives_here = council_dataset(Council(), 1500, 1), read_census(census(Council()), FORM)
    target.write_text(report_html(answers, "2027-01-10", lives_here), encoding="utf-8")
    page = chromium.new_page(viewport=DESKTOP)
    page.goto(target.as_uri())
    return page


def test_every_section_is_accessible_by_ear_and_keyboard_and_fits_a_phone(page: Page) -> None:
    assert page.locator("h2").count() >= 7
    assert_nothing_found_by_axe(page)
    assert_reached_by_keyboard(page)
    assert_fits_small_screens(page)


def test_printed_it_holds_every_table_within_the_sheet(page: Page) -> None:
    with pdfplumber.open(BytesIO(page.pdf(prefer_css_page_size=True))) as pdf:
        text = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
        assert all(word["x1"] < sheet.width - 20 for sheet in pdf.pages for word in sheet.extract_words())
    captions = page.locator("caption").all_inner_texts()
    assert len(captions) >= 12
    for caption in captions:
        assert " ".join(caption.split()) in text
