"""What comes out of the printer: the layout and nothing else, with codes that read back."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pdfplumber
import pikepdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.code import ALPHABET, COPY_LENGTH, PageCode, copy_code, parse_page_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Layout, TextRun
from pipeline.form.parse import parse_definition
from pipeline.form.printing import PrintedPage, corner_mark, print_copies, printed_pages, qr_modules

FORMS = Path(__file__).resolve().parent.parent / "forms"
NAMES = sorted(path.stem for path in FORMS.glob("*.yaml"))
CODES = st.integers(0, len(ALPHABET) ** (COPY_LENGTH - 1) - 1).map(copy_code)
ONE = copy_code(20_270_331)
TWO = copy_code(19_990_101)


def form(name: str = "library-visit") -> FormDefinition:
    parsed = parse_definition((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert isinstance(parsed, FormDefinition)
    return parsed


def rendered(pdf: bytes, dpi: int) -> list[np.ndarray]:
    """Every page as a grey picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy() for page in document]


def cut(picture: np.ndarray, box: Box, dpi: int) -> np.ndarray:
    left, top, right, bottom = (round(mm * dpi / 25.4) for mm in (box.x, box.y, box.right, box.bottom))
    return picture[top:bottom, left:right]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edition", ["clear", "giant"])
def test_both_codes_of_every_page_read_back_at_100_dpi(name: str, edition: str) -> None:
    layout = lay_out(form(name), edition)
    for page, picture in zip(layout.pages, rendered(print_copies(layout, [ONE], "one"), 100), strict=True):
        for code in (each for each in page.codes if each.kind == "qr"):
            (found,) = zxingcpp.read_barcodes(
                cut(picture, code.box.grown(3), 100), formats=zxingcpp.BarcodeFormat.QRCodeModel2
            )
            assert parse_page_code(found.text) == PageCode(layout.id, ONE, page.number)


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_corner_marks_are_found_where_the_layout_has_them(paper: str) -> None:
    layout = lay_out(form(), paper=paper)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100))
    for page, picture in zip(layout.pages, rendered(print_copies(layout, [ONE], "one"), 150), strict=True):
        corners, ids, _ = detector.detectMarkers(picture)
        found = {int(number): quad[0] * 25.4 / 150 for number, quad in zip(ids.ravel(), corners, strict=True)}
        marks = {code.id: code.box for code in page.codes if code.kind == "aruco"}
        assert found.keys() == marks.keys()
        for number, box in marks.items():
            outline = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
            assert np.abs(found[number] - outline).max() < 0.3


def test_every_frame_is_drawn_on_its_centre_line() -> None:
    dpi = 300
    layout = lay_out(form("opening-hours"))
    for page, picture in zip(layout.pages, rendered(print_copies(layout, [ONE], "one"), dpi), strict=True):
        for field in page.fields:
            outer, inner = cut(picture, field.box.grown(0.3), dpi), cut(picture, field.box.grown(-0.4), dpi)
            sides = outer[:8].min(axis=0), outer[-8:].min(axis=0), outer[:, :8].min(axis=1), outer[:, -8:].min(axis=1)
            assert all(np.median(side) < 60 for side in sides)
            assert inner.min() == 255


def test_nothing_is_printed_within_12_mm_of_the_edge() -> None:
    for paper in ("a4", "letter"):
        for picture in rendered(print_copies(lay_out(form(), paper=paper), [ONE]), 72):
            edge = int(12 * 72 / 25.4)
            inside = np.zeros_like(picture, dtype=bool)
            inside[edge:-edge, edge:-edge] = True
            assert (picture[~inside] == 255).all()


def test_the_words_on_the_page_are_the_words_of_the_layout() -> None:
    layout = lay_out(form(), lang="cy")
    with pdfplumber.open(BytesIO(print_copies(layout, [ONE]))) as pdf:
        for page, printed in zip(layout.pages, pdf.pages, strict=True):
            found = "".join(printed.extract_text().split())
            runs = [each for each in page.drawings if isinstance(each, TextRun)]
            assert all("".join(run.text.split()) in found for run in runs)
            assert f"{ONE}-{page.number}" in found
            assert f"{ONE}" in found


def test_printed_twice_a_file_is_the_same_to_the_byte() -> None:
    layout = lay_out(form())
    again = subprocess.run(
        [
            sys.executable,
            "-c",
            "import hashlib, sys\n"
            "from pathlib import Path\n"
            "from pipeline.form.lay_out import lay_out\n"
            "from pipeline.form.parse import parse_definition\n"
            "from pipeline.form.printing import print_copies\n"
            "form = parse_definition(Path(sys.argv[1]).read_text(encoding='utf-8'), 'library-visit')\n"
            "sys.stdout.buffer.write(print_copies(lay_out(form), sys.argv[2:]))",
            str(FORMS / "library-visit.yaml"),
            ONE,
            TWO,
        ],
        capture_output=True,
        check=True,
    ).stdout
    assert print_copies(layout, [ONE, TWO]) == print_copies(layout, [ONE, TWO]) == again


def test_a_copy_is_on_its_pages_and_on_no_others() -> None:
    layout = lay_out(form())
    pdf = print_copies(layout, [ONE, TWO])
    with pdfplumber.open(BytesIO(pdf)) as document:
        for page in printed_pages(layout, [ONE, TWO]):
            assert f"{page.copy}-{page.form_page}" in document.pages[page.pdf_page - 1].extract_text()


def test_duplex_copies_start_on_a_fresh_sheet() -> None:
    layout = lay_out(form("front-desk"))
    assert len(layout.pages) == 1
    assert printed_pages(layout, [ONE, TWO]) == (PrintedPage(1, ONE, 1), PrintedPage(3, TWO, 1))
    assert printed_pages(layout, [ONE, TWO], "one") == (PrintedPage(1, ONE, 1), PrintedPage(2, TWO, 1))
    pictures = rendered(print_copies(layout, [ONE, TWO]), 36)
    assert [picture.min() == 255 for picture in pictures] == [False, True, False, True]
    assert len(rendered(print_copies(layout, [ONE, TWO], "one"), 36)) == 2


def test_the_file_says_what_it_is() -> None:
    layout = lay_out(form(), lang="cy")
    with pikepdf.open(BytesIO(print_copies(layout, [ONE]))) as pdf:
        assert str(pdf.docinfo.Title) == "Eich ymweliad â'r llyfrgell"
        assert str(pdf.docinfo.Author) == "Cyngor Glanmor"
        assert str(pdf.Root.Lang) == "cy"
        assert str(pdf.Root.ViewerPreferences.PrintScaling) == "/None"


def test_every_face_is_embedded_as_far_as_it_is_used() -> None:
    with pikepdf.open(BytesIO(print_copies(lay_out(form()), [ONE]))) as pdf:
        fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each]
        assert {str(font.FontName).split("-", 1)[-1] for font in fonts} >= {"Regular", "Bold"}
        assert all("+" in str(font.FontName) for font in fonts)


def test_one_more_copy_adds_only_its_codes() -> None:
    layout = lay_out(form())
    sizes = [len(print_copies(layout, [copy_code(number) for number in range(count)])) for count in (10, 110)]
    assert (sizes[1] - sizes[0]) / 100 / len(layout.pages) < 2_000


def test_no_copy_is_no_file() -> None:
    with pytest.raises(ValueError, match="give at least one copy code"):
        print_copies(lay_out(form()), [])


@settings(max_examples=50)
@given(CODES, CODES, st.integers(1, 99))
def test_a_page_code_makes_a_small_sturdy_qr(layout: str, copy: str, page: int) -> None:
    modules = qr_modules(str(PageCode(layout, copy, page)))
    assert modules.shape == (25, 25)
    picture = np.pad(np.where(modules, 0, 255).astype(np.uint8), 4, constant_values=255).repeat(4, 0).repeat(4, 1)
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCodeModel2)
    assert (found.ec_level, parse_page_code(found.text)) == ("M", PageCode(layout, copy, page))


def test_a_hundred_corner_marks_have_a_black_border_and_differ() -> None:
    marks = [corner_mark(number) for number in range(100)]
    assert all(mark[0].all() and mark[-1].all() and mark[:, 0].all() and mark[:, -1].all() for mark in marks)
    assert len({mark.tobytes() for mark in marks}) == 100


def test_fields_and_codes_of_a_printed_page_come_from_one_layout() -> None:
    layout: Layout = lay_out(form())
    with pikepdf.open(BytesIO(print_copies(layout, [ONE, TWO]))) as pdf:
        static = [set(page.Resources.XObject.keys()) for page in pdf.pages]
        assert static[0] == static[len(layout.pages)]
        forms = {each.objgen for page in pdf.pages for each in page.Resources.XObject.values()}
        assert len(forms) == len(layout.pages)
