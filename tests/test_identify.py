"""A page is known whichever way it lies and whatever is spoilt; what is not ours, or empty, is told apart."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_pages import DPI, PX_PER_MM, identified, printed, scanned, spoilt
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.code import PageCode
from pipeline.form.layout import PrintedCode
from pipeline.page.identify import UnnamedPage, identify
from pipeline.page.image import PageImage
from pipeline.page.refusal import SENTENCES, BlankPage, Reason, Refusal
from pipeline.practice.pens import FAINT_PENCIL, Grey, curve, draw
from pipeline.practice.scanner import Scanner, hard_scanner, ordinary_scanner, phone


def code_of(form_page: int) -> PageCode:
    copy = printed()
    return PageCode(copy.layout.id, copy.code, form_page)


def codes(kind: str) -> list[PrintedCode]:
    return [code for code in printed().layout.pages[0].codes if code.kind == kind]


def white_paper() -> Grey:
    return np.full((round(297 * PX_PER_MM), round(210 * PX_PER_MM)), 255, np.uint8)


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("dpi", [200, 300])
def test_a_page_is_known_whichever_way_up_it_lies(quarters: int, dpi: int) -> None:
    image = scanned(printed().pages[1], Scanner(dpi=dpi, turn=2.5, scale=0.95))
    turned = replace(image, grey=np.ascontiguousarray(np.rot90(image.grey, quarters)))
    assert identified(turned).code == code_of(2)


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_a_page_is_known_from_any_ordinary_scan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dpi = int(rng.choice((200, 300)))
    assert identified(scanned(printed().pages[0], ordinary_scanner(rng, dpi), seed)).code == code_of(1)


@pytest.mark.parametrize("seed", range(6))
def test_a_page_is_known_from_a_phone_and_from_a_photocopy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert identified(scanned(printed().pages[0], phone(rng), seed)).code == code_of(1)
    copied_twice = replace(hard_scanner(rng), photocopies=2, bitonal=None)
    assert identified(scanned(printed().pages[0], copied_twice, seed)).code == code_of(1)


@pytest.mark.parametrize("which", [0, 1])
def test_either_code_may_be_spoilt(which: int) -> None:
    page = spoilt(printed().pages[0], codes("qr")[which].box)
    assert identified(scanned(page)).code == code_of(1)


def test_with_both_codes_spoilt_it_is_ours_but_not_known() -> None:
    page = printed().pages[0]
    for code in codes("qr"):
        page = spoilt(page, code.box.grown(-4), grey=40)
    found = identify(scanned(page))
    assert isinstance(found, UnnamedPage)
    assert sorted(mark.id for mark in found.marks) == [0, 1, 2, 3]


def test_two_sheets_in_one_picture_are_never_read_as_one() -> None:
    mixed = printed().pages[0].copy()
    half = mixed.shape[0] // 2
    mixed[half:] = printed(number=7_654_321).pages[0][half:]
    found = identify(scanned(mixed))
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TWO_SHEETS


def test_someone_elses_page_is_foreign() -> None:
    page = white_paper()
    for line in range(12):
        cv2.putText(page, "Dear Sir or Madam, about my bins", (200, 400 + 120 * line), 0, 2.0, 0, 4)
    found = identify(scanned(page))
    assert isinstance(found, Refusal)
    assert found.reason is Reason.FOREIGN


@pytest.mark.parametrize("seed", range(8))
def test_the_blank_back_of_a_sheet_is_blank_whatever_the_scanner_adds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert isinstance(identify(scanned(white_paper(), ordinary_scanner(rng), seed)), BlankPage)


def test_a_faint_word_on_the_back_is_not_blank() -> None:
    page, rng = white_paper(), np.random.default_rng(3)
    points = [(60 + 3.0 * n, 120 + (2.5 if n % 2 else -2.5)) for n in range(8)]
    draw(page, DPI / 25.4, [curve(points, 0.1, rng)], FAINT_PENCIL, rng)
    assert isinstance(identify(scanned(page, Scanner(noise=4))), Refusal)


def test_a_picture_without_any_paper_is_not_blank() -> None:
    assert isinstance(identify(PageImage(np.full((3508, 2480), 12, np.uint8), (300.0, 300.0), False)), Refusal)


@pytest.mark.parametrize("paper", [209, 215, 230])
def test_a_page_speckled_all_over_is_never_called_foreign(paper: int) -> None:
    rough = Scanner(dpi=200, paper=paper, bitonal=199, noise=8, turn=2.5, photocopies=1, blur=0.07)
    found = identify(scanned(printed().pages[0], rough, 3))
    assert not isinstance(found, BlankPage)
    assert not (isinstance(found, Refusal) and found.reason is Reason.FOREIGN)


@pytest.mark.parametrize("seed", range(4))
def test_a_harsh_black_and_white_copy_of_a_copy_is_read(seed: int) -> None:
    harsh = Scanner(dpi=200, paper=242, bitonal=199, noise=6, photocopies=2, blur=0.09)
    assert identified(scanned(printed().pages[0], harsh, seed)).code == code_of(1)


def test_every_reason_has_whole_plain_sentences() -> None:
    assert set(SENTENCES) == set(Reason)
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert not any(word in sentence.lower() for word in ("omr", "registration", "deskew", "confidence", "invalid"))
