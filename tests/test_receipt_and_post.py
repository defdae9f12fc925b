"""What a form prints for afterwards: the receipt to tear off, the address for the window, when paper is destroyed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_pages import PX_PER_MM, scanned, spoilt

from pipeline.form.authoring.source import DefinitionError
from pipeline.form.checking import check_definition
from pipeline.form.clear_print import faults
from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, CopyRun, Layout, LayoutError, PageLayout, Stroke, TextRun
from pipeline.form.layout_text import layout_from_text, layout_to_text
from pipeline.form.paper.editions import EDITIONS, MM_PER_PT, PAPERS
from pipeline.form.paper.post import ENVELOPE, FOLDS, FOR_THE_POST, SAFE, SEEN, WINDOW
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.form.shaping import text_width
from pipeline.page.blank import drawn_blanks
from pipeline.page.known import KnownPaper
from pipeline.page.refusal import Refusal
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.scanner import Scanner
from pipeline.reading.marks import Verdict
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import PageReading

FORMS = Path(__file__).resolve().parent.parent / "forms"
ADDRESS = ("Glanmor Libraries", "Freepost Your Visit", "1 Harbour Street", "Glanmor ZZ1 4GL")
CODE = copy_code(4711)


def form(**changes: object) -> FormDefinition:
    parsed = parse_definition((FORMS / "library-visit.yaml").read_text(encoding="utf-8"), "library-visit")
    assert isinstance(parsed, FormDefinition)
    return replace(parsed, **changes)


def ink(run: TextRun | CopyRun) -> Box:
    text = run.text if isinstance(run, TextRun) else "WWWW WWWW"
    size = run.size_pt * MM_PER_PT
    return Box(run.x, run.y - 0.72 * size, text_width(text, run.font, run.size_pt), 0.95 * size)


def is_address(run: object) -> bool:
    return isinstance(run, TextRun) and any(part.kind == FOR_THE_POST for part in run.tag)


def visible(box: Box, across: float, upwards: float, paper: str) -> tuple[bool, bool]:
    """Whether something on the folded sheet is seen whole, and in part, where the sheet lies so in the envelope."""
    x, y = box.x + across, box.y - FOLDS[0] + (ENVELOPE[1] - (FOLDS[1] - FOLDS[0])) - upwards
    corners = (x, y), (x + box.w, y + box.h)
    whole = all(WINDOW.holds(corner) for corner in corners)
    apart = x >= WINDOW.right or x + box.w <= WINDOW.x or y >= WINDOW.bottom or y + box.h <= WINDOW.y
    return whole, not apart


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("edition", ["clear", "large", "giant", "easyread"])
def test_the_address_and_nothing_else_shows_wherever_the_sheet_lies(edition: str, paper: str) -> None:
    layout = lay_out(form(return_address=ADDRESS, receipt=True), edition, paper, "cy")
    last = layout.pages[-1]
    address = [ink(run) for run in last.drawings if is_address(run) and isinstance(run, TextRun)]
    others = [ink(run) for run in last.drawings if isinstance(run, TextRun | CopyRun) and not is_address(run)]
    others += [field.box for field in last.fields] + [code.box for code in last.codes]
    assert len(address) == len(ADDRESS)
    room = ENVELOPE[0] - layout.paper_mm[0], ENVELOPE[1] - (FOLDS[1] - FOLDS[0])
    for across in np.linspace(0, room[0], 5):
        for upwards in np.linspace(0, room[1], 5):
            assert all(visible(box, across, upwards, paper)[0] for box in address)
            assert not any(visible(box, across, upwards, paper)[1] for box in others)
    assert list(faults(layout)) == []


def test_the_window_is_where_envelopes_have_it() -> None:
    assert ((220.0, 110.0), Box(20.0, 57.0, 90.0, 35.0)) == (ENVELOPE, WINDOW)
    assert (Box(20.0, 156.0, 80.0, 24.0), Box(10.0, 145.0, 100.0, 46.0)) == (SAFE, SEEN)
    marks = [line for line in lay_out(form(return_address=ADDRESS)).pages[-1].drawings if isinstance(line, Stroke)]
    assert {line.y for line in marks if line.x < 10} == set(FOLDS)


def test_an_address_too_wide_for_the_window_is_refused_in_words() -> None:
    with pytest.raises(LayoutError, match="does not fit in the window"):
        lay_out(form(return_address=("Glanmor Libraries and Customer Services Department, Room 14",)))


def test_keys_of_the_post_are_checked_in_the_file() -> None:
    text = (FORMS / "library-visit.yaml").read_text(encoding="utf-8")
    head = 'receipt: true\nreturn_address: ["Glanmor Libraries", "Glanmor ZZ1 4GL"]\ndestroy_by: 2027-06-30\n'
    assert check_definition(head + text, "library-visit").errors == ()
    errors = check_definition("return_address: 1 Harbour Street\n" + text, "library-visit").errors
    assert isinstance(errors[0], DefinitionError)
    assert "address of one to 4 lines" in errors[0].what
    late = check_definition("closes: 2027-07-31\n" + head + text, "library-visit").errors
    assert "closes 2027-07-31 above destroy_by 2027-06-30" in late[0].what


@pytest.mark.parametrize("edition", EDITIONS)
def test_destroy_by_date_and_help_line_are_printed_where_they_are_given(edition: str) -> None:
    layout = lay_out(form(destroy_by=date(2027, 6, 30)), edition)
    said = " ".join(run.text for page in layout.pages for run in page.drawings if isinstance(run, TextRun))
    assert "We destroy this paper, and every scan of it, by 30 June 2027." in said
    assert "029 2018 0456" in said
    assert "30 June 2027" not in " ".join(
        run.text for page in lay_out(form(), edition).pages for run in page.drawings if isinstance(run, TextRun)
    )


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("edition", ["clear", "large", "giant", "easyread"])
def test_the_receipt_has_the_code_and_nothing_the_reader_needs(edition: str, paper: str) -> None:
    layout = lay_out(form(receipt=True), edition, paper, "cy+en")
    for page in layout.pages[:2]:
        assert page.tear_at
        needed = [field.box for field in page.fields] + [code.box for code in page.codes]
        assert max(box.bottom for box in needed) <= page.tear_at - 19
    assert all(page.tear_at is None for page in layout.pages[2:])
    first, second = layout.pages[:2]
    below = [run for run in first.drawings if isinstance(run, CopyRun) and run.y > (first.tear_at or 0)]
    assert [run.words for run in below] == ["code"]
    assert not [run for run in second.drawings if isinstance(run, TextRun) and run.y > (second.tear_at or 0)]
    assert max(ink(run).bottom for run in first.drawings if isinstance(run, TextRun)) <= layout.paper_mm[1] - 12
    assert layout_from_text(layout_to_text(layout)).pages[0].tear_at == first.tear_at


def test_forms_without_these_keys_are_printed_as_before() -> None:
    assert all(page.tear_at is None for page in lay_out(form()).pages)
    assert "tear_at" not in layout_to_text(lay_out(form()))


RECEIPT = lay_out(form(receipt=True))
KNOWN = KnownPaper(
    {RECEIPT.id: RECEIPT},
    {CODE: RECEIPT.id},
    {(RECEIPT.id, number): blank for number, blank in drawn_blanks(RECEIPT).items()},
)


def filled(layout: Layout, number: int) -> tuple[Grey, dict[str, str]]:
    """A page with the first box of each of its questions ticked, and what was ticked."""
    page = list(printed_pages(print_copies(layout, [CODE])))[number - 1].copy()
    ticked: dict[str, str] = {}
    for field in layout.pages[number - 1].fields:
        if field.kind == "mark" and field.question not in ticked:
            ticked[field.question] = field.value
            box = field.box
            corners = ((0.15, 0.5), (0.4, 0.85), (1.0, 0.0))
            points = np.array([[(box.x + x * box.w, box.y + y * box.h) for x, y in corners]]) * PX_PER_MM
            cv2.polylines(page, np.rint(points).astype(np.int32), False, 30, 6, cv2.LINE_AA)
    return page, ticked


def torn(page: Grey, printed: PageLayout, off_mm: float) -> Grey:
    """The page without its strip, torn so many mm off the line."""
    return np.ascontiguousarray(page[: round(((printed.tear_at or 0) + off_mm) * PX_PER_MM)])


def on_glass(page: Grey, grey: int) -> Grey:
    glass = np.full((round(297 * PX_PER_MM), page.shape[1]), grey, np.uint8)
    glass[: page.shape[0]] = page
    return glass


SCANNERS = (Scanner(), Scanner(turn=2.0, upside_down=True), Scanner(dpi=200, bitonal=170, turn=-1.0))


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("paper", ["whole", "torn", "torn unevenly on a dark glass"])
def test_a_page_is_read_with_its_strip_and_without(scanner: Scanner, number: int, paper: str) -> None:
    page, ticked = filled(RECEIPT, number)
    printed = RECEIPT.pages[number - 1]
    if paper == "torn":
        page = torn(page, printed, -0.5)
    elif paper != "whole":
        page = on_glass(torn(page, printed, 2.0), 90)
    read = read_image(scanned(page, scanner), KNOWN)
    assert isinstance(read, PageReading), read
    assert {mark.question: mark.value for mark in read.marks if mark.verdict is Verdict.MARKED} == ticked
    assert read.remarks == ()


def test_what_is_written_on_the_strip_is_no_remark() -> None:
    page, _ = filled(RECEIPT, 1)
    below = round(((RECEIPT.pages[0].tear_at or 0) + 40) * PX_PER_MM)
    cv2.putText(page, "for me to keep", (900, below), cv2.FONT_HERSHEY_SIMPLEX, 3, 40, 6)
    read = read_image(scanned(page), KNOWN)
    assert isinstance(read, PageReading)
    assert read.remarks == ()


def test_a_torn_page_whose_codes_are_spoilt_is_known_by_its_serial() -> None:
    page, _ = filled(RECEIPT, 1)
    for code in RECEIPT.pages[0].codes:
        page = spoilt(page, code.box) if code.kind == "qr" else page
    read = read_image(scanned(torn(page, RECEIPT.pages[0], 0.0)), KNOWN)
    assert not isinstance(read, Refusal), read


@pytest.mark.parametrize("edition", ["clear", "giant", "easyread", "postcard"])
def test_a_printer_that_has_black_alone_tells_everything(edition: str) -> None:
    layout = lay_out(form(return_address=ADDRESS, receipt=True), edition)
    pages = list(printed_pages(print_copies(layout, [CODE])))
    for page, grey in zip(layout.pages, pages, strict=False):
        black = grey < 128
        for run in page.drawings:
            if isinstance(run, TextRun | CopyRun) and (run.text.strip() if isinstance(run, TextRun) else True):
                box = ink(run)
                left, top, right, bottom = (round(side * PX_PER_MM) for side in (box.x, box.y, box.right, box.bottom))
                assert black[top:bottom, left:right].mean() > 0.04, run
