"""A page of boxes to tick is read at half its size, every other whole, whichever is tried first."""

from functools import cache
from io import BytesIO

import numpy as np
import pikepdf
import pytest
from drawn_pages import PX_PER_MM, Copy, filled, printed, spoilt
from numpy.typing import NDArray
from PIL import Image

from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.inbox.trouble import SetAside
from pipeline.page.blank import drawn_blanks
from pipeline.page.image import OpenFile, PageImage, inspect
from pipeline.page.known import KnownPaper
from pipeline.page.picture import halved
from pipeline.practice.answers import random_answers
from pipeline.practice.pens import BLUE_BALLPOINT, curve, draw
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import random_resident
from pipeline.practice.scanner import Scanner, as_jpeg, as_pdf, pdf_of_jpegs, scan
from pipeline.reading.read_file import PageOfFile, is_of_boxes, read_page_of_file
from pipeline.reading.read_page import read_opened
from pipeline.reading.readings import PageReading, PictureRead
from pipeline.reading.same_ink import SameInk, same_ink

BOXES_ALONE = """
title: Your library
council: Glanmor Council
service: Libraries
languages: [en]
minutes: 1
intro: Three things to tick.
help_line: Ask at the desk.
privacy: Made-up answers.
return_to: The desk.
thanks: Thank you.
scans_kept_days: 30
answers_kept_days: 30
publish: false
questions:
  - id: rating
    kind: scale
    text: How good or poor are these?
    points: [{value: good, label: Good}, {value: neither, label: Neither}, {value: poor, label: Poor}]
    statements: [{id: s0, text: Opening hours}, {id: s1, text: Books}, {id: s2, text: Computers}]
"""


@cache
def boxes_alone() -> Copy:
    definition = parse_definition(BOXES_ALONE, "ticks")
    assert isinstance(definition, FormDefinition), definition
    layout, code = lay_out(definition), printed().code
    return Copy(definition, layout, code, tuple(printed_pages(print_copies(layout, [code], "one"), 300)))


def marked(copy: Copy, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return filled(copy, random_answers(copy.definition, rng), random_resident(rng), seed).pages[0]


def returned(page: NDArray[np.uint8], scanner: Scanner, seed: int = 0) -> bytes:
    return as_pdf([scan(page, PX_PER_MM, scanner, np.random.default_rng(seed))], scanner.dpi)


def known(copy: Copy) -> KnownPaper:
    blanks = {(copy.layout.id, number): blank for number, blank in drawn_blanks(copy.layout).items()}
    return KnownPaper({copy.layout.id: copy.layout}, blanks=blanks)


def read(data: bytes, copy: Copy, *, half_first: bool) -> tuple[PictureRead, list[str]]:
    """What is read on the first page of a file, and in which sizes it was asked for."""
    file, asked = OpenFile(data), list[str]()

    def whole() -> PageImage | SetAside:
        asked.append("whole")
        return file.page(0)

    def half() -> PageImage | SetAside | None:
        asked.append("half")
        return file.half(0)

    return read_page_of_file(PageOfFile(whole, half), known(copy), half_first=half_first), asked


@pytest.mark.parametrize(
    "scanner", [Scanner(turn=1.5, streaks=1), Scanner(upside_down=True, scale=0.95), Scanner(dpi=600, noise=5.0)]
)
def test_boxes_are_read_at_half_the_size_as_on_the_whole(scanner: Scanner) -> None:
    copy, rng = boxes_alone(), np.random.default_rng(5)
    page = marked(copy, 5)
    draw(page, PX_PER_MM, [curve([(60.0, 200.0), (80.0, 205.0), (120.0, 204.0)], 0.03, rng)], BLUE_BALLPOINT, rng)
    data = returned(page, scanner)
    found, asked = read(data, copy, half_first=True)
    whole = read_opened(OpenFile(data).page(0), known(copy))
    assert asked == ["half"]
    assert isinstance(found, PageReading)
    assert isinstance(whole, PageReading)
    assert is_of_boxes(found)
    assert [(mark.value, mark.verdict, mark.filled) for mark in found.marks] == [
        (mark.value, mark.verdict, mark.filled) for mark in whole.marks
    ]
    for one, other in zip(found.marks, whole.marks, strict=True):
        assert (one.box.x, one.box.y) == pytest.approx((other.box.x, other.box.y), abs=0.1)
    assert found.quality.dpi == pytest.approx(whole.quality.dpi, abs=0.5)
    assert found.quality.streaks_mm == pytest.approx(whole.quality.streaks_mm, abs=0.2)
    assert same_ink(found.signature, whole.signature) is SameInk.SAME, "the sheet is known again, whichever was read"
    assert found.remarks
    for beside, seen in zip(found.remarks, whole.remarks, strict=True):
        assert (beside.box.x, beside.box.y, beside.box.w, beside.box.h) == pytest.approx(
            (seen.box.x, seen.box.y, seen.box.w, seen.box.h), abs=2.5
        )
    corners = np.array([(10.0, 10.0, 1.0), (200.0, 10.0, 1.0), (10.0, 280.0, 1.0)]).T
    here, there = (np.array(each.homography).reshape(3, 3) @ corners for each in (found, whole))
    assert np.abs(here[:2] / here[2] - there[:2] / there[2]).max() < 1.0


def test_a_page_comes_out_the_same_whichever_size_is_tried_first() -> None:
    boxes, mixed = boxes_alone(), printed()
    torn = spoilt(boxes.pages[0], next(code.box for code in boxes.layout.pages[0].codes if code.kind == "qr").grown(2))
    white = np.full_like(boxes.pages[0], 255)
    for page, copy, half_first, asked in (
        (marked(boxes, 1), boxes, False, ["whole", "half"]),
        (marked(mixed, 2), mixed, True, ["half", "whole"]),
        (marked(mixed, 2), mixed, False, ["whole"]),
        (torn, boxes, True, ["half", "whole"]),
        (torn, boxes, False, ["whole", "half"]),
        (white, boxes, True, ["half", "whole"]),
        (white, boxes, False, ["whole"]),
    ):
        data = returned(page, Scanner())
        found, sizes = read(data, copy, half_first=half_first)
        other, _ = read(data, copy, half_first=not half_first)
        assert sizes == asked
        assert type(found) is type(other)
        if isinstance(found, PageReading) and isinstance(other, PageReading):
            assert [mark.verdict for mark in found.marks] == [mark.verdict for mark in other.marks]
            assert found.homography == other.homography
            assert is_of_boxes(found) == is_of_boxes(other) == (copy is boxes)


def test_a_coarse_scan_is_read_whole() -> None:
    copy = boxes_alone()
    data = returned(marked(copy, 3), Scanner(dpi=200))
    found, asked = read(data, copy, half_first=False)
    assert isinstance(found, PageReading)
    assert asked == ["whole"]
    assert OpenFile(data).half(0) is None
    assert not is_of_boxes(found)


def photo(width: int, height: int, orientation: int = 1, **options: object) -> bytes:
    """A JPEG of soft shapes, no two sides alike, at 300 dpi, as a camera or scanner saves it."""
    rng = np.random.default_rng(width)
    shapes = Image.fromarray(rng.integers(0, 256, (height // 20, width // 20), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    shapes.resize((width, height), Image.Resampling.BICUBIC).save(
        file, "JPEG", quality=85, dpi=(300, 300), exif=exif, **options
    )
    return file.getvalue()


def turned_pdf(data: bytes, turn: int) -> bytes:
    file = pikepdf.open(BytesIO(pdf_of_jpegs([data], 300)))
    file.pages[0].rotate(turn, relative=False)
    turned = BytesIO()
    file.save(turned)
    return turned.getvalue()


def is_half_of(half: PageImage | SetAside | None, page: PageImage | SetAside) -> bool:
    assert isinstance(half, PageImage)
    assert isinstance(page, PageImage)
    assert half.dpi == pytest.approx((150, 150), rel=0.002)
    averaged = halved(page.grey).astype(int)
    return half.grey.shape == averaged.shape and bool(np.abs(half.grey - averaged).mean() < 1.0)


@pytest.mark.parametrize("turn", range(8))
def test_the_half_lies_on_the_whole_however_a_page_is_turned(turn: int) -> None:
    as_photo, odd_photo = (photo(*size, orientation=turn + 1) for size in ((640, 902), (641, 903)))
    assert is_half_of(OpenFile(as_photo).half(0), OpenFile(as_photo).page(0))
    as_pdf, odd_pdf = (turned_pdf(photo(*size), turn % 4 * 90) for size in ((640, 902), (641, 903)))
    assert is_half_of(OpenFile(as_pdf).half(0), OpenFile(as_pdf).page(0))
    for odd, is_upright in ((odd_photo, turn == 0), (odd_pdf, turn % 4 == 0)):
        half = OpenFile(odd).half(0)
        assert is_half_of(half, OpenFile(odd).page(0)) if is_upright else half is None


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 20}])
def test_the_half_of_a_damaged_jpeg_is_no_more_to_be_had_than_the_whole(options: dict[str, object]) -> None:
    sound, rng = photo(640, 902, **options), np.random.default_rng(7)
    start = sound.index(b"\xff\xda")
    seen = set()
    for _ in range(60):
        broken = bytearray(sound)
        for at in rng.integers(start, len(sound) - 2, 2):
            broken[at] = rng.integers(0, 255)
        cut = int(rng.integers(start, len(sound)))
        for data in (bytes(broken), sound[:cut], sound[:cut] + b"\xff\xd9"):
            for kept in (data, pdf_of_jpegs([data], 300) if not isinstance(inspect(data), SetAside) else data):
                half, page = OpenFile(kept).half(0), OpenFile(kept).page(0)
                assert isinstance(half, SetAside) == isinstance(page, SetAside)
                assert not isinstance(half, SetAside) or half == page
                seen.add(type(page))
    assert seen == {SetAside, PageImage}


def test_only_jpegs_are_halved() -> None:
    picture = np.full((902, 640), 200, np.uint8)
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG", dpi=(300, 300))
    assert OpenFile(file.getvalue()).half(0) is None
    assert isinstance(OpenFile(as_jpeg(picture, 300)).half(0), PageImage)
    assert OpenFile(as_jpeg(picture, 300)).half(1) is None
