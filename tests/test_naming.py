"""A page whose square codes are both spoilt is known by its serial in letters, for certain or not at all."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_pages import Copy, printed, scanned, spoilt

from pipeline.form.code import PageCode
from pipeline.form.layout import Box
from pipeline.page.identify import IdentifiedPage, UnnamedPage, identify
from pipeline.page.known import KnownPaper
from pipeline.page.naming import name_by_serial
from pipeline.page.refusal import Reason, Refusal
from pipeline.practice.conditions import CONDITIONS, send
from pipeline.practice.pens import Grey
from pipeline.practice.scanner import Scanner
from pipeline.reading.read_file import read_page
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import PageReading


def without_codes(copy: Copy, page: int) -> Grey:
    """The page (from 0) with both codes blotted out."""
    grey = copy.pages[page]
    for code in copy.layout.pages[page].codes:
        grey = spoilt(grey, code.box.grown(-3), grey=50) if code.kind == "qr" else grey
    return grey


def box_of(copy: Copy, kind: str, which: int = 0) -> Box:
    return [code.box for code in copy.layout.pages[0].codes if code.kind == kind][which]


def named(grey: Grey, scanner: Scanner, copies: dict[str, str], seed: int = 0) -> IdentifiedPage | Refusal:
    page = identify(scanned(grey, scanner, seed))
    assert isinstance(page, UnnamedPage), page
    return name_by_serial(page, copies)


@pytest.mark.parametrize("number", [1_234_567, 27_512_614_110, 9_876_543_210])
@pytest.mark.parametrize(
    "scanner",
    [
        Scanner(turn=2.0, upside_down=True),
        Scanner(dpi=200, bitonal=160, blur=0.07),
        Scanner(dpi=150, blur=0.1, noise=6, paper=200, quarters=1),
    ],
    ids=["upside down", "black and white", "coarse"],
)
def test_a_copy_is_known_by_its_serial(number: int, scanner: Scanner) -> None:
    copy = printed(number=number)
    found = named(without_codes(copy, 1), scanner, {copy.code: copy.layout.id})
    assert isinstance(found, IdentifiedPage), found
    assert found.code == PageCode(copy.layout.id, copy.code, 2)


def test_a_page_known_by_its_serial_is_read() -> None:
    copy = printed()
    image = scanned(without_codes(copy, 0), Scanner(turn=-1))
    read = read_image(image, KnownPaper({copy.layout.id: copy.layout}, {copy.code: copy.layout.id}))
    assert isinstance(read, PageReading)
    assert read.quality.codes == 0
    assert read.quality.corner_marks == 4
    assert read.quality.frame_score > 0.9


def test_a_corner_mark_may_be_lost_as_well() -> None:
    copy = printed()
    grey = spoilt(without_codes(copy, 0), box_of(copy, "aruco", 2))
    found = named(grey, Scanner(turn=1.5), {copy.code: copy.layout.id})
    assert isinstance(found, IdentifiedPage)
    assert len(found.marks) == 3


@pytest.mark.parametrize("name", ["fax-standard", "photocopied-twice"])
def test_a_serial_survives_fax_and_photocopies(name: str) -> None:
    copy = printed()
    condition = next(each for each in CONDITIONS if each.name == name)
    grey, layout = without_codes(copy, 0), copy.layout
    returned = send(condition, grey, grey, layout.pages[0], layout.paper_mm, np.random.default_rng(5))
    read = read_page(returned.data, 0, KnownPaper({layout.id: layout}, {copy.code: layout.id}))
    assert isinstance(read, PageReading), read
    assert read.code == PageCode(layout.id, copy.code, 1)


def test_a_serial_that_was_not_printed_here_is_not_taken_for_another() -> None:
    copy = printed()
    found = named(without_codes(copy, 0), Scanner(), {"7Q2MABCD": copy.layout.id})
    assert isinstance(found, Refusal)
    assert found.reason is Reason.UNKNOWN_LAYOUT


@pytest.mark.parametrize("grey", [255, 30, 160])
def test_a_page_whose_serial_is_gone_too_is_refused(grey: int) -> None:
    copy = printed()
    page = spoilt(without_codes(copy, 0), box_of(copy, "serial").grown(1), grey)
    found = named(page, Scanner(), {copy.code: copy.layout.id})
    assert isinstance(found, Refusal)
    assert found.reason is Reason.NO_CODE


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5])
def test_a_serial_half_hidden_is_refused(share: float) -> None:
    copy = printed()
    box = box_of(copy, "serial")
    start = Box(box.x - 1, box.y - 1, box.w * share + 1, box.h + 2)
    found = named(spoilt(without_codes(copy, 0), start), Scanner(), {copy.code: copy.layout.id})
    assert isinstance(found, Refusal)


def test_a_page_without_its_codes_and_with_two_corner_marks_is_ours_but_not_known() -> None:
    copy = printed()
    page = without_codes(copy, 0)
    for which in (0, 1):
        page = spoilt(page, box_of(copy, "aruco", which))
    found = identify(scanned(page, replace(Scanner(), turn=1.0)))
    assert isinstance(found, Refusal)
    assert found.reason is Reason.NO_CODE
