"""One page from bytes to everything read on it: the same in a worker, the same from the record."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from drawn_pages import PX_PER_MM, filled, printed

from pipeline.page.known import KnownPaper
from pipeline.page.refusal import BlankPage, Reason, Refusal
from pipeline.practice.answers import random_answers
from pipeline.practice.resident import random_resident
from pipeline.practice.scanner import Scanner, as_jpeg, as_pdf, ordinary_scanner, scan
from pipeline.reading import tesseract
from pipeline.reading.read_file import read_page
from pipeline.reading.readings import PageReading, reading_from_json, reading_to_json


@pytest.fixture(autouse=True)
def _without_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "tesseract_version", lambda: None)


def known() -> KnownPaper:
    layout = printed().layout
    return KnownPaper({layout.id: layout})


def a_scan(seed: int = 3) -> tuple[bytes, dict[str, str]]:
    """A filled copy as a scanned PDF file, and the answers on it."""
    rng = np.random.default_rng(seed)
    copy = printed()
    answers = random_answers(copy.definition, rng)
    pages = filled(copy, answers, random_resident(rng), seed).pages
    scanner = ordinary_scanner(rng)
    return as_pdf([scan(page, PX_PER_MM, scanner, rng) for page in pages], scanner.dpi), answers


def test_every_field_of_every_page_is_read_once() -> None:
    data, answers = a_scan()
    for number, page in enumerate(printed().layout.pages):
        reading = read_page(data, number, known())
        assert isinstance(reading, PageReading)
        assert reading.code.form_page == page.number
        count = {kind: sum(field.kind == kind for field in page.fields) for kind in ("mark", "character", "text")}
        assert (len(reading.marks), len(reading.characters), len(reading.texts)) == tuple(count.values())
        for text in reading.texts:
            assert text.has_ink == (text.question in answers)
            assert (text.question in reading.text_crops) == text.has_ink
        for crop in reading.text_crops.values():
            assert crop.startswith(b"\x89PNG")


def test_a_reading_survives_the_record_and_the_way_to_a_worker() -> None:
    data, _ = a_scan()
    for number in range(len(printed().layout.pages)):
        reading = read_page(data, number, known())
        assert isinstance(reading, PageReading)
        stored = json.loads(json.dumps(reading_to_json(reading)))
        assert reading_from_json(stored) == replace(reading, text_crops={})
        assert pickle.loads(pickle.dumps(reading)) == reading


def test_the_same_bytes_are_read_the_same_again() -> None:
    data, _ = a_scan()
    assert read_page(data, 0, known()) == read_page(data, 0, known())


def refusal(data: bytes, paper: KnownPaper) -> Reason:
    found = read_page(data, 0, paper)
    assert isinstance(found, Refusal)
    return found.reason


def test_what_cannot_be_read_says_why() -> None:
    data, _ = a_scan()
    assert refusal(data, KnownPaper({})) is Reason.UNKNOWN_LAYOUT
    assert refusal(data[: len(data) // 2], known()) is Reason.NOT_OPENED
    white = np.full((3508, 2480), 250, np.uint8)
    assert isinstance(read_page(as_jpeg(white, 300), 0, known()), BlankPage)


def test_a_page_that_is_cut_off_is_refused_or_read_where_it_is_whole() -> None:
    copy = printed()
    half = copy.pages[0][: copy.pages[0].shape[0] // 2]
    found = read_page(as_jpeg(scan(half, PX_PER_MM, Scanner(), np.random.default_rng(0)), 300), 0, known())
    assert isinstance(found, Refusal)
