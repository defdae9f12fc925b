"""Practice pages are what they claim: ink only where it was meant, the same from the same seed, files that open."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition, Kind
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Field, Layout, PageLayout
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.form.rules import check, normalise
from pipeline.practice.answers import random_answers
from pipeline.practice.pens import FAINT_PENCIL, Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import Filled, Ink, fill, hard_resident, random_resident
from pipeline.practice.scanner import (
    Scanner,
    as_g4_tiff,
    as_jpeg,
    as_pdf,
    as_png,
    as_tiff,
    hard_scanner,
    ordinary_scanner,
    phone,
    photocopy,
    scan,
)

PX_PER_MM = 150 / 25.4
FORMS = sorted((Path(__file__).resolve().parent.parent / "forms").glob("*.yaml"))
ANSWERS = {
    "use": "books;wifi",
    "open.sat": "good",
    "born": "1987-03-14",
    "postcode": "LS6 3QD",
    "visits": "12",
    "comment": "Diolch! The dŵr in the tŷ bach is cold.",
}


def one_page() -> Layout:
    """Place one field or group of fields of every kind on a page."""
    rows = enumerate(("books", "wifi", "study", "other"))
    marks = [Field("use", "mark", Box(20, 30 + 11.3 * row, 6, 6), value=value) for row, value in rows]
    points = [
        Field(f"open.{day}", "mark", Box(110 + 18 * column, 30 + 11.3 * row, 6, 6), value=value)
        for row, day in enumerate(("sat", "sun"))
        for column, value in enumerate(("good", "fair", "bad"))
    ]
    return Layout(
        "L", "practice", "V", "clear", "en", "a4", (210.0, 297.0),
        (
            PageLayout(
                1, (),
                (
                    *marks,
                    Field("use.other", "text", Box(70, 62, 120, 9)),
                    *points,
                    *characters("born", 20, 90, (2, 2, 4), "0123456789"),
                    *characters("postcode", 110, 90, (8,), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                    *characters("visits", 20, 110, (3,), "0123456789"),
                    Field("comment", "text", Box(20, 130, 170, 54)),
                ),
            ),
        ),
    )  # fmt: skip


def characters(question: str, x: float, y: float, groups: tuple[int, ...], allowed: str) -> list[Field]:
    starts = [x + 8.2 * sum(groups[:number]) + 4 * number for number in range(len(groups))]
    lefts = [start + 8.2 * place for start, size in zip(starts, groups, strict=True) for place in range(size)]
    return [
        Field(question, "character", Box(left, y, 7, 8.5), index=index, allowed=allowed)
        for index, left in enumerate(lefts)
    ]


def printed(layout: Layout) -> Grey:
    """Draw the frames of a layout's only page."""
    width, height = (round(side * PX_PER_MM) for side in layout.paper_mm)
    page: Grey = np.full((height, width), 255, dtype=np.uint8)
    for field in layout.pages[0].fields:
        left, top, right, bottom = pixels(field.box)
        cv2.rectangle(page, (left, top), (right, bottom), 128, 1)
    return page


def pixels(box: Box) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(side * PX_PER_MM) for side in (box.x, box.y, box.right, box.bottom))
    return left, top, right, bottom


def ink(page: Grey, blank: Grey, box: Box) -> float:
    """Measure the share of `box` that has been darkened."""
    left, top, right, bottom = pixels(box)
    darkened = blank[top:bottom, left:right].astype(int) - page[top:bottom, left:right] > 25
    return float(darkened.mean())


def filled(seed: int, answers: dict[str, str] = ANSWERS, *, hard: bool = False) -> Filled:
    rng = np.random.default_rng(seed)
    resident = (hard_resident if hard else random_resident)(rng)
    layout = one_page()
    return fill([printed(layout)], layout, answers, resident, rng)


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=25)
def test_ink_lands_where_it_was_meant(seed: int) -> None:
    layout, copy = one_page(), filled(seed)
    blank = printed(layout)
    assert copy.truth == ANSWERS
    for field in layout.pages[0].fields:
        darkened = ink(copy.pages[0], blank, field.box.grown(-0.7))
        if field.kind == "mark":
            left = copy.marks[field.question, field.value]
            assert (left is Ink.MARKED) == (field.value in ANSWERS.get(field.question, "").split(";"))
            assert (darkened > 0.6) if left is Ink.CANCELLED else darkened < 0.004 or left is not Ink.EMPTY
        elif field.question not in ANSWERS:
            assert darkened < 0.004


@given(seeds)
@settings(max_examples=25)
def test_every_mark_leaves_ink_even_from_the_hardest_residents(seed: int) -> None:
    copy, blank = filled(seed, hard=True), printed(one_page())
    for field in one_page().pages[0].fields:
        if field.kind == "mark" and copy.marks[field.question, field.value] is not Ink.EMPTY:
            assert ink(copy.pages[0], blank, field.box.grown(3)) > 0


@given(seeds)
@settings(max_examples=10)
def test_characters_stand_in_their_boxes(seed: int) -> None:
    copy, blank = filled(seed), printed(one_page())
    written = {
        question: [
            place
            for place, box in enumerate(field for field in one_page().pages[0].fields if field.question == question)
            if ink(copy.pages[0], blank, box.box.grown(-0.7)) > 0.02
        ]
        for question in ("born", "postcode", "visits")
    }
    assert written["born"] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert written["postcode"] in ([0, 1, 2, 4, 5, 6], [0, 1, 2, 3, 4, 5])
    assert written["visits"] in ([0, 1], [1, 2])


def test_a_date_is_written_day_first() -> None:
    asked: list[str] = []
    layout, rng = one_page(), np.random.default_rng(1)

    def glyph(character: str) -> NDArray[np.uint8]:
        asked.append(character)
        return np.full((28, 28), 255, dtype=np.uint8)

    answers = {"born": ANSWERS["born"]}
    fill([printed(layout)], layout, answers, random_resident(rng), rng, glyph)
    assert "".join(asked) == "14031987"


def test_real_handwritten_digits_can_be_written_in(shared_data: Path) -> None:
    with np.load(shared_data / "glyphs" / "emnist_byclass.npz") as emnist:
        sevens = emnist["images"][emnist["labels"] == emnist["labels"][0]][:5].astype(np.uint8)
    layout, rng = one_page(), np.random.default_rng(1)
    blank = printed(layout)
    copy = fill([blank], layout, {"visits": "77"}, random_resident(rng), rng, lambda _: sevens[0])
    boxes = [field.box for field in layout.pages[0].fields if field.question == "visits"]
    assert sum(ink(copy.pages[0], blank, box.grown(-0.7)) > 0.02 for box in boxes) == 2


def test_a_change_of_mind_fills_one_box_and_marks_the_one_meant() -> None:
    layout, rng = one_page(), np.random.default_rng(3)
    resident = replace(random_resident(rng), changes=1.0, strays=0.0)
    copy = fill([printed(layout)], layout, {"open.sat": "good"}, resident, rng)
    row = [copy.marks["open.sat", value] for value in ("good", "fair", "bad")]
    assert copy.truth == {"open.sat": "good"}
    assert row[0] is Ink.MARKED
    assert sorted(row[1:]) == [Ink.CANCELLED, Ink.EMPTY]


def test_what_is_not_printed_is_not_part_of_the_truth() -> None:
    assert filled(1, {"use": "wifi", "elsewhere": "yes", "visits": ""}).truth == {"use": "wifi"}


def test_faint_pencil_is_fainter_than_any_other_pen() -> None:
    layout, rng = one_page(), np.random.default_rng(4)
    resident = random_resident(rng)
    darkest = [
        int(fill([printed(layout)], layout, {"comment": "Thank you"}, replace(resident, pen=pen), rng).pages[0].min())
        for pen in (resident.pen, FAINT_PENCIL)
    ]
    assert darkest[0] < 100 < darkest[1]


def test_the_same_seed_draws_the_same_copy_and_scan() -> None:
    def draw(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        resident, scanner = random_resident(rng), ordinary_scanner(rng, 150)
        copy = fill([printed(one_page())], one_page(), ANSWERS, resident, rng)
        return as_pdf([scan(page, PX_PER_MM, scanner, rng) for page in copy.pages], scanner.dpi, scanner.jpeg_quality)

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_made_up_answers_follow_the_form(path: Path) -> None:
    form = parse_definition(path.read_text(encoding="utf-8"), path.stem)
    assert isinstance(form, FormDefinition)
    rng = np.random.default_rng(11)
    variables = {variable.name: variable for variable in form.variables}
    copies = [random_answers(form, rng) for _ in range(200)]
    for answers in copies:
        assert check(form, answers) == ()
        assert {name: normalise(variables[name], value) for name, value in answers.items()} == answers
    comments = [question.id for question in form.questions if question.kind is Kind.COMMENT]
    assert all(40 < sum(name in answers for answers in copies) < 120 for name in comments)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_printed_copy_is_filled_in_where_it_asks(path: Path) -> None:
    form = parse_definition(path.read_text(encoding="utf-8"), path.stem)
    assert isinstance(form, FormDefinition)
    layout, rng = lay_out(form), np.random.default_rng(21)
    blanks = list(printed_pages(print_copies(layout, [copy_code(7)], "one"), dpi=150))
    copy = fill(blanks, layout, random_answers(form, rng), random_resident(rng), rng)
    for page, blank, place in zip(copy.pages, blanks, layout.pages, strict=True):
        for field in place.fields:
            darkened = ink(page, blank, field.box.grown(-0.7))
            if field.kind == "mark":
                assert (copy.marks[field.question, field.value] is Ink.EMPTY) == (darkened < 0.004)
            elif field.kind == "text":
                assert (darkened > 0.004) == (field.question in copy.truth)
        assert all(ink(page, blank, code.box) == 0 for code in place.codes)


def test_a_straight_scan_keeps_every_millimetre() -> None:
    page = printed(one_page())
    straight = Scanner(dpi=150, noise=0, blur=0, paper=255, ink=0)
    assert np.abs(scan(page, PX_PER_MM, straight, np.random.default_rng(0)).astype(int) - page).max() <= 1


def test_an_upside_down_scan_is_the_scan_turned_round() -> None:
    page = printed(one_page())
    upright = Scanner(dpi=100)
    pictures = [
        scan(page, PX_PER_MM, scanner, np.random.default_rng(0))
        for scanner in (upright, replace(upright, upside_down=True))
    ]
    assert np.array_equal(pictures[0], pictures[1][::-1, ::-1])


@pytest.mark.parametrize("dpi", [200, 300])
def test_a_scan_is_as_large_as_the_paper(dpi: int) -> None:
    rng = np.random.default_rng(2)
    height, width = scan(printed(one_page()), PX_PER_MM, ordinary_scanner(rng, dpi), rng).shape
    assert (width / dpi * 25.4, height / dpi * 25.4) == pytest.approx((210, 297), abs=0.3)


@given(seeds)
@settings(max_examples=10)
def test_a_turned_scan_still_holds_the_ink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for scanner in (ordinary_scanner(rng, 100), replace(hard_scanner(rng, 100), bitonal=None), phone(rng)):
        picture = scan(filled(1).pages[0], PX_PER_MM, replace(scanner, dpi=100), rng)
        middle = picture[picture.shape[0] // 4 : -picture.shape[0] // 4]
        assert middle.min() < 150 < middle.max()


def test_a_bitonal_scan_is_black_and_white() -> None:
    picture = scan(filled(1).pages[0], PX_PER_MM, Scanner(dpi=150, bitonal=150), np.random.default_rng(0))
    assert set(np.unique(picture)) == {0, 255}


def test_a_photocopy_keeps_the_frames_and_loses_faint_grey() -> None:
    page = printed(one_page())
    page[1500:1600] = 225
    copy = photocopy(page, PX_PER_MM, np.random.default_rng(0))
    assert copy.shape == page.shape
    assert copy[1530:1570].mean() > 245
    left, top, right, bottom = pixels(one_page().pages[0].fields[0].box.grown(2))
    assert copy[top:bottom, left:right].min() < 100


@pytest.mark.parametrize(
    ("write", "kind", "pages"),
    [
        (lambda pictures: as_tiff(pictures, 150), "TIFF", 2),
        (lambda pictures: as_g4_tiff(pictures, 150), "TIFF", 2),
        (lambda pictures: as_jpeg(pictures[0], 150, 70), "JPEG", 1),
        (lambda pictures: as_png(pictures[0], 150), "PNG", 1),
    ],
)
def test_each_picture_file_opens(write: Callable[[list[Grey]], bytes], kind: str, pages: int) -> None:
    picture = scan(filled(1).pages[0], PX_PER_MM, Scanner(dpi=150), np.random.default_rng(0))
    with Image.open(io.BytesIO(write([picture, picture]))) as image:
        assert (image.format, getattr(image, "n_frames", 1), image.size) == (kind, pages, picture.shape[::-1])
        assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_a_scanned_pdf_holds_one_full_page_jpeg_a_page() -> None:
    picture = scan(filled(1).pages[0], PX_PER_MM, Scanner(dpi=150), np.random.default_rng(0))
    with pikepdf.open(io.BytesIO(as_pdf([picture, picture, picture], 150, 75))) as pdf:
        assert len(pdf.pages) == 3
        for page in pdf.pages:
            [image] = page.get_images().values()
            assert image.Filter == pikepdf.Name.DCTDecode
            assert (image.Width, image.Height) == picture.shape[::-1]
            assert [float(side) for side in page.mediabox[2:]] == pytest.approx([595, 842], abs=1)


def test_every_face_came_with_its_licence() -> None:
    fonts = Path(__file__).resolve().parent.parent / "pipeline" / "practice" / "fonts"
    readme = (fonts / "README.md").read_text(encoding="utf-8")
    faces = {face.stem for face in fonts.glob("*.ttf")}
    assert faces
    assert faces == {licence.stem.removeprefix("OFL-") for licence in fonts.glob("OFL-*.txt")}
    assert faces == set(re.findall(r"^\| `([a-z-]+)` \|", readme, re.MULTILINE))
