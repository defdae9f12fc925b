"""Dust on a scanner's glass draws a line down every page; it is no answer to anything."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.page.streaks import find_streaks, without_streaks
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.scanner import Scanner, scan
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import PageReading
from pipeline.reading.verdict import Verdict

DPI = 200
FORM = Path(__file__).parents[1] / "forms" / "opening-hours.yaml"


@pytest.fixture(scope="module")
def form() -> FormDefinition:
    parsed = parse_definition(FORM.read_text(encoding="utf-8"), FORM.stem)
    assert isinstance(parsed, FormDefinition)
    return parsed


@pytest.fixture(scope="module")
def pages(form: FormDefinition) -> list[Grey]:
    return list(printed_pages(print_copies(lay_out(form), [copy_code(1)], "one"), DPI))


def scanned(page: Grey, turn: float = 0.0) -> PageImage:
    picture = scan(page, DPI / 25.4, Scanner(dpi=DPI, turn=turn), np.random.default_rng(1))
    return PageImage(picture, (DPI, DPI), bitonal=False)


def streaked(image: PageImage, column: int, dark: int, wide: int = 2) -> PageImage:
    grey = image.grey.copy()
    strip = grey[:, column : column + wide]
    strip[:] = np.clip(strip.astype(int) - dark, 0, 255)
    return replace(image, grey=grey)


@pytest.mark.parametrize("turn", [0.0, 0.3, 3.0])
def test_a_page_without_streaks_is_left_as_it_is(pages: list[Grey], turn: float) -> None:
    for page in pages:
        image = scanned(page, turn)
        assert not find_streaks(image.grey).any()
        assert without_streaks(image) is image


@pytest.mark.parametrize("dark", [12, 40, 120])
def test_a_streak_is_found_where_it_is_and_taken_off(pages: list[Grey], dark: int) -> None:
    image = scanned(pages[1])
    found = np.flatnonzero(find_streaks(streaked(image, 700, dark).grey))
    assert set(found) >= {700, 701}
    assert set(found) <= set(range(697, 705))
    restored = without_streaks(streaked(image, 700, dark)).grey
    assert np.abs(restored[:, 700:702].astype(int) - image.grey[:, 700:702])[image.grey[:, 700:702] > 150].mean() < 4


@pytest.mark.parametrize("dark", [15, 30, 70])
def test_a_streak_through_a_column_of_boxes_marks_none_of_them(
    form: FormDefinition, pages: list[Grey], dark: int
) -> None:
    layout = lay_out(form)
    box = next(field.box for field in layout.pages[1].fields if field.kind == "mark")
    image = streaked(scanned(pages[1]), round(box.centre[0] * DPI / 25.4), dark)
    read = read_image(image, KnownPaper({layout.id: layout}))
    assert isinstance(read, PageReading)
    assert {mark.verdict for mark in read.marks} == {Verdict.EMPTY}
