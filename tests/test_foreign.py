"""Forms made elsewhere: known by their print, placed by it to a fifth of a millimetre or refused, read as ours are."""

import json
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
import zxingcpp
from drawn_pages import printed
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.definition import FormDefinition
from pipeline.form.fixed import fixed_layout
from pipeline.form.layout import Box, Field, Layout, PrintedCode
from pipeline.form.parse import parse_definition
from pipeline.page.barcodes import read_barcodes
from pipeline.page.blank import photographed_blank
from pipeline.page.by_print import register_by_print
from pipeline.page.foreign import ForeignPage, recognise
from pipeline.page.frames import PlacedField
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.page.plane import local_scale
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.register import RegisteredPage
from pipeline.page.speckle import without_speckle
from pipeline.practice.answers import random_answers
from pipeline.practice.conditions import CONDITIONS, Condition
from pipeline.practice.elsewhere import ForeignForm, House, known_forms, print_elsewhere
from pipeline.practice.marks import Care, Mark
from pipeline.practice.pens import BLACK_BALLPOINT
from pipeline.practice.resident import Filled, Ink, Resident, fill, random_resident
from pipeline.practice.scanner import Taken, take
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import MarkReading, PageReading
from pipeline.reading.redraw import mark_on_page
from pipeline.reading.verdict import MarkMeasurement, Verdict, judge
from pipeline.review.remarks import is_writing

CHECKOUT = Path(__file__).parents[1]

PX_PER_MM = 300 / 25.4

FARTHEST_OFF_MM = 0.2

HOUSES = (
    House(),
    House("oval", size=0.6, outline_mm=0.35, filled="marked"),
    House("oval", size=0.75, lettered=True, filled="marked"),
    House("box", size=0.55, outline_mm=0.6),
)

ON_A4 = tuple(each for each in CONDITIONS if each.paper == "a4")


@cache
def elsewhere(form: str, house: House) -> ForeignForm:
    copy = printed(form)
    return print_elsewhere(copy.definition, copy.layout, house)


@cache
def known(form: str, house: House) -> KnownPaper:
    return known_forms([elsewhere(form, house)])


def filled(form: ForeignForm, resident: Resident, seed: int) -> Filled:
    rng = np.random.default_rng(seed)
    return fill(form.pages, form.layout, random_answers(form.definition, rng), resident, rng)


def scanned(page: np.ndarray, condition: Condition, seed: int) -> tuple[PageImage, Taken]:
    rng = np.random.default_rng(seed)
    scanner = condition.scanner(rng)
    taken = take(page, PX_PER_MM, scanner, rng)
    dpi = float(scanner.dpi), float(scanner.dpi_down or scanner.dpi)
    return PageImage(taken.grey, dpi, scanner.bitonal is not None), taken


def off_mm(page: RegisteredPage, taken: Taken) -> np.ndarray:
    """How far each box is from where it truly lies; an area to write in may lie half a millimetre off."""
    fields = [each for each in page.fields if each.field.kind != "text"]
    truth = taken.to_pixels(np.array([each.field.box.centre for each in fields]).reshape(-1, 2))
    found = page.to_pixels(np.array([each.box.centre for each in fields]).reshape(-1, 2))
    return np.linalg.norm(truth - found, axis=1) / local_scale(page.homography, (105.0, 148.0))


@settings(max_examples=10)
@given(
    form=st.sampled_from(["library-visit", "front-desk"]),
    house=st.sampled_from(HOUSES),
    condition=st.sampled_from(ON_A4),
    seed=st.integers(0, 2**16),
)
def test_every_box_is_placed_to_a_fifth_of_a_millimetre_or_the_page_refused(
    form: str, house: House, condition: Condition, seed: int
) -> None:
    sent = filled(elsewhere(form, house), random_resident(np.random.default_rng(seed)), seed)
    image, taken = scanned(sent.pages[0], condition, seed)
    found = recognise(image, known(form, house))
    page = register_by_print(found) if isinstance(found, ForeignPage) else found
    if isinstance(page, RegisteredPage):
        assert page.code.form_page == 1
        assert off_mm(page, taken).max() <= FARTHEST_OFF_MM
    else:
        assert page.reason in (Reason.FOREIGN, Reason.UNSURE_WHERE, Reason.TOO_COARSE)


@pytest.mark.parametrize("house", HOUSES)
def test_boxes_and_bubbles_are_read_by_the_same_reader(house: House) -> None:
    way = Mark.FILLED if house.filled == "marked" else Mark.CROSS
    writer = Resident(BLACK_BALLPOINT, (way,), Care(0.2, 0.05, 0.03), random_resident(np.random.default_rng(1)).hand)
    form = elsewhere("front-desk", house)
    sent = filled(form, writer, 5)
    image, _ = scanned(sent.pages[0], ON_A4[0], 5)
    read = read_image(image, known("front-desk", house))
    assert isinstance(read, PageReading)
    meant = {Ink.MARKED: Verdict.MARKED, Ink.EMPTY: Verdict.EMPTY}
    verdicts = [(mark.verdict, meant[sent.marks[mark.question, mark.value]]) for mark in read.marks]
    assert any(truth is Verdict.MARKED for _, truth in verdicts)
    wrong = [each for each in verdicts if each[0] not in (each[1], Verdict.UNSURE)]
    assert not wrong
    assert sum(said is Verdict.UNSURE for said, _ in verdicts) <= len(verdicts) // 10
    assert not any(mark.filled for mark in read.marks)


@cache
def loosely_filled() -> MarkMeasurement:
    """What was measured in some box, as if most of it were inked and the network could not say what it is."""
    image, _ = scanned(elsewhere("front-desk", HOUSES[1]).pages[0], ON_A4[0], 1)
    read = read_image(image, known("front-desk", HOUSES[1]))
    assert isinstance(read, PageReading)
    chances = {"empty": 0.01, "marked": 0.3, "cancelled": 0.1, "unsure": 0.59}
    return replace(read.marks[0].measured, ink=20.0, darkness=0.6, deepest=0.9, fill=0.75, extent=1.0, **chances)


@pytest.mark.parametrize(
    ("filled", "changes", "verdict"),
    [
        ("marked", {}, Verdict.MARKED),
        ("marked", {"fill": 0.5}, Verdict.UNSURE),
        ("marked", {"darkness": 0.2}, Verdict.UNSURE),
        ("cancelled", {}, Verdict.UNSURE),
    ],
)
def test_a_bubble_filled_in_loosely_is_marked_and_a_box_is_for_a_person(
    filled: Literal["marked", "cancelled"], changes: dict[str, float], verdict: Verdict
) -> None:
    measured = replace(loosely_filled(), **changes)
    field = Field("seen", "mark", Box(10, 10, 3, 3), "yes", "oval", filled=filled)
    read = MarkReading("seen", "yes", Box(1, 1, 6, 6), measured, *judge(measured)[:1], False, 0.5)
    assert mark_on_page(read, PlacedField(field, field.box, 0.9, True)).verdict is verdict


def test_a_mark_where_the_place_is_not_sure_is_no_lone_mark_either() -> None:
    field = Field("seen", "mark", Box(10, 10, 5, 5), "yes")
    sure = replace(loosely_filled(), empty=0.0, marked=0.99, unsure=0.0, cancelled=0.0)
    read = MarkReading("seen", "yes", Box(1, 1, 6, 6), sure, Verdict.MARKED, False, 0.99)
    assert mark_on_page(read, PlacedField(field, field.box, 0.9, True)).verdict is Verdict.MARKED
    lost = mark_on_page(read, PlacedField(field, field.box, 0.1, False))
    assert (lost.verdict, lost.measured.marked) == (Verdict.UNSURE, 0.0)


def test_writing_beside_the_fields_is_noticed_but_not_what_differs_from_copy_to_copy() -> None:
    form = elsewhere("front-desk", HOUSES[0])
    page, height = form.pages[0].copy(), form.layout.paper_mm[1]
    at = Box(25.0, height - 16.0, 60.0, 8.0)
    foot = round(at.x * PX_PER_MM), round(at.bottom * PX_PER_MM)
    cv2.putText(page, "see over", foot, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2.5, 30, 5, cv2.LINE_AA)
    image, _ = scanned(page, ON_A4[0], 1)
    numbered = replace(form.layout.pages[0], codes=(PrintedCode("serial", at),))
    layout = replace(form.layout, pages=(numbered, *form.layout.pages[1:]))
    noticed = [
        remark
        for each in (form, replace(form, layout=layout))
        if isinstance(read := read_image(image, known_forms([each])), PageReading)
        for remark in read.remarks
        if is_writing(remark)
    ]
    assert len(noticed) == 1
    assert at.grown(3.0).holds(noticed[0].box.centre)


def test_what_is_kept_lies_on_the_page_and_not_on_the_sheet_redrawn() -> None:
    form = elsewhere("front-desk", HOUSES[1])
    sent = filled(form, random_resident(np.random.default_rng(2)), 2)
    image, taken = scanned(sent.pages[0], ON_A4[3], 2)
    read = read_image(image, known("front-desk", HOUSES[1]))
    assert isinstance(read, PageReading)
    assert read.code.copy == ""
    fields = [each for each in form.layout.pages[0].fields if each.kind == "mark"]
    for mark, field in zip(read.marks, fields, strict=True):
        assert np.hypot(mark.box.x - field.box.x, mark.box.y - field.box.y) < 3.0
    homography = np.array(read.homography).reshape(3, 3)
    middle = np.array([read.marks[0].box.centre])
    seen = cv2.perspectiveTransform(middle.reshape(1, 1, 2), homography).reshape(2)
    truth = taken.to_pixels(np.array([fields[0].box.centre]))[0]
    assert np.linalg.norm(seen - truth) / PX_PER_MM < 1.0


def test_another_form_is_refused_and_no_guess_is_made() -> None:
    other = elsewhere("library-visit", HOUSES[0])
    image, _ = scanned(other.pages[0], ON_A4[0], 1)
    read = read_image(image, known("front-desk", HOUSES[0]))
    assert isinstance(read, Refusal)
    assert read.reason is Reason.FOREIGN


def test_a_form_registered_again_is_read_by_what_is_known_of_it_last() -> None:
    form = elsewhere("front-desk", HOUSES[0])
    corrected = replace(form, layout=replace(form.layout, id="FTWINTWI"))
    image, _ = scanned(form.pages[0], ON_A4[0], 1)
    read = read_image(image, known_forms([corrected, form]))
    assert isinstance(read, PageReading)
    assert read.code.layout == corrected.layout.id


def test_two_forms_that_look_the_same_are_not_guessed_between() -> None:
    form = elsewhere("front-desk", HOUSES[0])
    twin = replace(form, layout=replace(form.layout, id="FTWINTWI", form="another-desk"))
    image, _ = scanned(form.pages[0], ON_A4[0], 1)
    read = read_image(image, known_forms([form, twin]))
    assert isinstance(read, Refusal)
    assert read.reason is Reason.LOOK_ALIKES


def test_a_form_of_ours_is_read_as_before_where_others_are_known() -> None:
    copy = printed("front-desk")
    fixed = known("front-desk", HOUSES[0])
    paper = KnownPaper({copy.layout.id: copy.layout, **fixed.layouts}, {}, fixed.blanks, fixed.fixed)
    image, _ = scanned(copy.pages[0], ON_A4[0], 1)
    read = read_image(image, paper)
    assert isinstance(read, PageReading)
    assert read.code.copy == copy.code


def test_a_box_that_cannot_be_placed_is_for_a_person() -> None:
    """Half the page is covered after printing: what was there is not there to be found."""
    form = elsewhere("front-desk", HOUSES[0])
    page = form.pages[0].copy()
    page[round(page.shape[0] * 0.45) :] = 255
    image, _ = scanned(page, ON_A4[0], 1)
    read = read_image(image, known("front-desk", HOUSES[0]))
    assert isinstance(read, Refusal) or all(
        mark.verdict is Verdict.UNSURE for mark in read.marks if mark.box.y > 0.6 * form.layout.paper_mm[1]
    )


def test_scattered_dots_are_taken_off_and_thin_lines_stay() -> None:
    rng = np.random.default_rng(3)
    page = np.full((600, 600), 255, np.uint8)
    page[100:102, 50:550] = 0
    page[300, 50:550] = 0
    speckled = page.copy()
    dots = rng.random(page.shape) < 0.02
    speckled[dots] = rng.choice(np.array([0, 255], np.uint8), int(dots.sum()))
    calm = without_speckle(PageImage(speckled, None, True)).grey
    assert np.count_nonzero(calm[400:] == 0) < 0.1 * np.count_nonzero(speckled[400:] == 0)
    assert np.mean(calm[100:102, 50:550] == 0) > 0.97
    assert np.mean(calm[300, 50:550] == 0) > 0.9
    assert without_speckle(PageImage(page, None, True)).grey is page


@pytest.mark.parametrize(
    ("format_", "kind", "text"),
    [
        (zxingcpp.BarcodeFormat.Code128, "code128", "28292339400002"),
        (zxingcpp.BarcodeFormat.ITF, "itf", "00000101"),
        (zxingcpp.BarcodeFormat.QRCode, "qr", "Ward 7"),
        (zxingcpp.BarcodeFormat.DataMatrix, "datamatrix", "A-1009"),
    ],
)
def test_barcodes_are_read_and_placed(format_: zxingcpp.BarcodeFormat, kind: str, text: str) -> None:
    page = np.full((1200, 1600), 255, np.uint8)
    drawn = np.array(zxingcpp.create_barcode(text, format_).to_image(scale=6))
    page[200 : 200 + drawn.shape[0], 300 : 300 + drawn.shape[1]] = drawn
    (found,) = read_barcodes(page, np.diag([10.0, 10.0, 1.0]))
    assert (found.kind, found.text) == (kind, text)
    assert 28 <= found.box.x <= 40
    assert 18 <= found.box.y <= 40


def test_short_interleaved_codes_are_not_believed() -> None:
    page = np.full((600, 900), 255, np.uint8)
    drawn = np.array(zxingcpp.create_barcode("1234", zxingcpp.BarcodeFormat.ITF).to_image(scale=4))
    page[100 : 100 + drawn.shape[0], 100 : 100 + drawn.shape[1]] = drawn
    assert read_barcodes(page, np.eye(3)) == ()


def test_a_real_survey_of_another_maker(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """queXF's, black and white: one page known by the PDF it was printed from; its crosses and its empty boxes."""
    monkeypatch.syspath_prepend(CHECKOUT)
    quexf, pictures = import_module("benchmarks.foreign.quexf"), import_module("benchmarks.foreign.pictures")
    folder = shared_data / "marks" / "quexf"
    definition = parse_definition(
        (CHECKOUT / "benchmarks" / "foreign" / "quexf.yaml").read_text(encoding="utf-8"), "quexf"
    )
    assert isinstance(definition, FormDefinition)
    layout = fixed_layout(definition, json.dumps(quexf.geometry(folder)), b"")
    assert isinstance(layout, Layout)
    blanks = {
        (layout.id, number): photographed_blank(page.grey, layout.paper_mm)
        for number, page in enumerate(pictures.pages_of(folder / "test_original.pdf"), 1)
    }
    paper = KnownPaper({layout.id: layout}, {}, blanks, (layout.id,))
    read = read_image(pictures.pages_of(folder / "test_filled_2.pdf")[1], paper)
    assert isinstance(read, PageReading)
    assert read.code.form_page == 2
    assert {(mark.question, mark.value): mark.verdict for mark in read.marks} == {
        ("c1", "2"): Verdict.MARKED,
        ("c1", "1"): Verdict.EMPTY,
        ("c2", "1"): Verdict.EMPTY,
        ("c2", "2"): Verdict.MARKED,
    }
    assert [barcode.text for barcode in read.barcodes] == ["00000102"]
