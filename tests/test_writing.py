"""Writing is noticed however faint; print is read; handwriting is never passed off as print."""

import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_pages import PX_PER_MM, filled, printed, registered, scanned
from PIL import Image, ImageDraw, ImageFont

from pipeline.form import fonts
from pipeline.form.layout import Box
from pipeline.practice.handwriting import FACES, Hand, write
from pipeline.practice.pens import FAINT_PENCIL, ORDINARY_PENS, Grey, curve, draw
from pipeline.practice.resident import random_resident
from pipeline.practice.scanner import Scanner, scan
from pipeline.reading import tesseract, writing
from pipeline.reading.letters import line_reader
from pipeline.reading.machine_print import are_sure, looks_printed, straightness
from pipeline.reading.readings import InkSignature, PageReading, TextReading
from pipeline.reading.sheet import Sheet
from pipeline.reading.tesseract import tesseract_language
from pipeline.reading.words import Word, transcript
from pipeline.reading.writing import Transcript, ink_area, read_texts, read_writing
from pipeline.review.doubts import Reason, judge

SENTENCES = (
    "The library should stay open on Saturday mornings. It is the only time I can come with my children.",
    "Please do not close the branch at Hilltop. My mother walks there twice a week.",
    "Very happy with the staff, but the toilets are dirty.",
    "the left till at the little hall is still full of lilies",
)

needs_tesseract = pytest.mark.skipif(tesseract.tesseract_version() is None, reason="Tesseract is not installed")
needs_reader = pytest.mark.skipif(line_reader() is None, reason="the reader of handwriting is not installed")


def paper(width: float = 160, height: float = 45) -> Grey:
    return np.full((round(height * PX_PER_MM), round(width * PX_PER_MM)), 255, np.uint8)


def typed(text: str, size_pt: float = 12) -> Grey:
    """Text set as a word processor would, in our own typeface."""
    picture = Image.fromarray(paper())
    with (fonts.files(fonts.__package__) / fonts.FACES["regular"]).open("rb") as file:
        font = ImageFont.truetype(file, size_pt * 300 / 72)
    canvas, line, y = ImageDraw.Draw(picture), "", 40.0
    for word in text.split():
        if canvas.textlength(line + word, font=font) > 150 * PX_PER_MM:
            canvas.text((40, y), line, font=font, fill=20)
            line, y = "", y + 1.4 * size_pt * 300 / 72
        line += word + " "
    canvas.text((40, y), line, font=font, fill=20)
    return np.array(picture, dtype=np.uint8)


def by_hand(text: str, face: str, seed: int) -> Grey:
    """Text in a steady hand: level, upright, as near to print as a face comes."""
    rng = np.random.default_rng(seed)
    page = paper()
    hand = Hand(face, height=float(rng.uniform(3, 4)), lean=0.0, slope=0.0, unrest=0.02)
    write(page, PX_PER_MM, text, Box(0, 0, 160, 45), hand, ORDINARY_PENS[seed % len(ORDINARY_PENS)], rng)
    return page


def seen(page: Grey, seed: int = 0) -> Grey:
    return scan(page, PX_PER_MM, Scanner(noise=3, blur=0.04), np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_paper_alone_has_no_ink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shaded = scan(paper(), PX_PER_MM, Scanner(noise=5, unevenness=0.3, shadow=0.3, speckle=8), rng)
    assert ink_area(cv2.resize(shaded, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA), PX_PER_MM / 3) < 0.8


@pytest.mark.parametrize("pen", [*ORDINARY_PENS, FAINT_PENCIL], ids=lambda pen: pen.name)
def test_a_dash_in_any_pen_is_ink(pen: object) -> None:
    rng = np.random.default_rng(1)
    page = paper()
    draw(page, PX_PER_MM, [curve([(30, 20), (34, 20.4)], 0.05, rng)], pen, rng)  # type: ignore[arg-type]
    small = cv2.resize(seen(page), None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    assert ink_area(small, PX_PER_MM / 3) > 0.8


@needs_tesseract
@pytest.mark.parametrize("text", SENTENCES[:3])
def test_print_is_read_and_may_stand(text: str) -> None:
    reading = read_writing(seen(typed(text)), "en")
    assert transcript(reading.words) == text
    assert reading.printed
    assert (reading.reader or "").startswith("tesseract")


@needs_tesseract
@pytest.mark.parametrize("face", FACES)
def test_no_handwriting_passes_for_print(face: str) -> None:
    for seed, text in enumerate(SENTENCES):
        reading = read_as_print(seen(by_hand(text, face, seed), seed))
        assert not reading.printed, f"{face} passed for print: {transcript(reading.words)!r}"


@needs_tesseract
def test_faces_by_other_makers_do_not_pass_for_print_either(shared_data: object) -> None:
    passed, asked = [], 0
    for path in sorted((shared_data / "fonts").rglob("*.woff2")):  # type: ignore[operator]
        font = ImageFont.truetype(path, 78)
        for text in SENTENCES[1:]:
            picture = Image.fromarray(paper())
            ImageDraw.Draw(picture).text((40, 60), text, font=font, fill=30)
            asked += 1
            if read_as_print(seen(np.array(picture, dtype=np.uint8))).printed:
                passed.append((path.stem, text))
    print(f"\n{asked} lines in handwriting faces, taken for print: {len(passed)}")
    assert not passed


def read_as_print(picture: Grey) -> Transcript:
    """Read what looks like print with Tesseract, and say whether it passes for print."""
    words = tesseract.read_words(picture, "en") if looks_printed(picture) else ()
    return Transcript(words, "tesseract", are_sure(words))


def test_print_is_straight_and_handwriting_is_not() -> None:
    upright, level = straightness(seen(typed(SENTENCES[0])))
    assert (upright > 0.55, level > 0.25) == (True, True)
    for face in ("caveat", "indie-flower", "nothing-you-could-do"):
        upright, level = straightness(seen(by_hand(SENTENCES[0], face, 1)))
        assert upright < 0.5


def test_writing_on_a_page_is_found_in_its_own_field_only(monkeypatch: pytest.MonkeyPatch) -> None:
    without_readers(monkeypatch)
    copy = printed("front-desk")
    resident = replace(random_resident(np.random.default_rng(2)), strays=0.0)
    field = next(field for page in copy.layout.pages for field in page.fields if field.kind == "text")
    page = filled(copy, {field.question: "Thank you all"}, resident).pages[0]
    readings = {reading.question: reading for reading in read_texts(registered(copy, scanned(page)), "en")}
    assert readings[field.question].has_ink
    assert [reading.question for reading in readings.values() if reading.has_ink] == [field.question]


@needs_tesseract
@pytest.mark.parametrize("dpi", [200, 300])
def test_a_comment_typed_onto_a_page_is_read(dpi: int) -> None:
    copy = printed("front-desk")
    field = next(field for page in copy.layout.pages for field in page.fields if field.kind == "text")
    page, text = copy.pages[0].copy(), typed(SENTENCES[2])
    x, y = round((field.box.x + 2) * PX_PER_MM), round((field.box.y + 1) * PX_PER_MM)
    height = min(len(text), round((field.box.h - 3) * PX_PER_MM))
    width = min(text.shape[1], round((field.box.w - 4) * PX_PER_MM))
    part = page[y : y + height, x : x + width]
    np.minimum(part, text[:height, :width], out=part)
    image = scanned(page, Scanner(dpi=dpi, turn=1.2, scale=0.97))
    reading = next(r for r in read_texts(registered(copy, image), "en") if r.question == field.question)
    assert (reading.text, reading.printed) == (SENTENCES[2], True)


@needs_reader
def test_handwriting_is_read_as_a_guess_and_not_by_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "tesseract_version", lambda: "5.3.0")
    monkeypatch.setattr(tesseract, "read_words", lambda picture, lang: pytest.fail("Tesseract was asked"))
    reading = read_comment("Thank you all")
    assert (reading.text, reading.reader, reading.printed) == ("Thank you all", line_reader(), False)
    assert [word.text for word in reading.words] == ["Thank", "you", "all"]
    assert all(0.5 < word.confidence <= 1.0 for word in reading.words)


@needs_reader
def test_a_line_beside_other_is_read_like_a_comment() -> None:
    copy = printed("library-visit")
    page = filled(copy, {"reasons.other": "the garden"}, random_resident(np.random.default_rng(2))).pages[0]
    [reading] = [r for r in read_texts(registered(copy, scanned(page)), "en") if r.question == "reasons.other"]
    assert reading.text == "the garden"


@needs_tesseract
def test_without_its_own_reader_handwriting_is_guessed_by_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "can_read", lambda lang: False)
    reading = read_comment("Thank you all")
    assert (reading.reader or "").startswith("tesseract")
    assert not reading.printed


def test_without_any_reader_the_ink_is_noticed_and_nothing_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    without_readers(monkeypatch)
    reading = read_comment("Thank you all")
    assert (reading.has_ink, reading.text, reading.words, reading.reader) == (True, None, (), None)
    assert not reading.printed


def test_pandas_is_not_loaded_to_read_where_it_is_installed() -> None:
    told = (
        "import sys, pipeline.intake; from pipeline.reading.tesseract import tesseract_version; tesseract_version();"
        "print('pandas' in sys.modules, 'pytesseract' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]


def test_paper_without_ink_is_given_to_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "read_writing", lambda picture, lang, most: pytest.fail("a reader was asked"))
    copy = printed("front-desk")
    readings = [each for page in copy.pages for each in read_texts(registered(copy, scanned(page)), "en")]
    assert readings
    assert not any(reading.has_ink for reading in readings)


def read_comment(text: str) -> TextReading:
    """What is read of a comment written on a page, in its field."""
    copy = printed("front-desk")
    field = next(field for page in copy.layout.pages for field in page.fields if field.kind == "text")
    page = filled(copy, {field.question: text}, random_resident(np.random.default_rng(2))).pages[0]
    return next(r for r in read_texts(registered(copy, scanned(page)), "en") if r.question == field.question)


def without_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is installed that reads writing."""
    monkeypatch.setattr(tesseract, "tesseract_version", lambda: None)
    monkeypatch.setattr(writing, "can_read", lambda lang: False)


@pytest.mark.parametrize(
    ("lang", "installed", "asked"),
    [
        ("en", {"eng"}, "eng"),
        ("cy+en", {"eng", "cym"}, "cym+eng"),
        ("cy", {"eng"}, "eng"),
        ("tlh", {"eng"}, "eng"),
    ],
)
def test_the_edition_says_what_language_to_read(lang: str, installed: set[str], asked: str) -> None:
    assert tesseract_language(lang, frozenset(installed)) == asked


@pytest.mark.parametrize(
    ("confidence", "printed_surely", "answer", "guess"),
    [(0.99, False, None, "Thank you"), (0.2, False, None, ""), (0.97, True, "Thank you", None)],
)
def test_handwriting_however_sure_is_never_an_answer(
    confidence: float, printed_surely: bool, answer: str | None, guess: str | None
) -> None:
    copy = printed("front-desk")
    page = registered(copy, scanned(copy.pages[0]))
    field = next(each.field for each in page.fields if each.field.kind == "text")
    words = (Word("Thank", confidence), Word("you", confidence))
    text = TextReading(field.question, field.box, 9.0, True, "Thank you", words, "a reader", printed_surely)
    homography = tuple(page.homography.ravel().tolist())
    reading = PageReading(page.code, page.quality, homography, (), (), (text,), InkSignature(()))
    judged = judge(Sheet(copy.definition, copy.layout, {1: reading}))
    doubt = judged.doubts.get(field.question)
    assert judged.answers[field.question].value == answer
    assert (doubt.guess if doubt else None) == guess
    assert doubt is None or doubt.reason is Reason.HANDWRITING
