"""Lines of writing are found whichever way they run, each whole and by itself, and dirt is none."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.form.layout import Box
from pipeline.practice.handwriting import FACES, Hand, write
from pipeline.practice.pens import FAINT_PENCIL, ORDINARY_PENS, Grey, Pen
from pipeline.practice.scanner import Scanner, scan
from pipeline.reading.handwriting import _Character, _with_spaces, alphabet, can_read, read_handwriting
from pipeline.reading.letters import line_reader
from pipeline.reading.lines import PX_PER_MM, find_lines
from pipeline.reading.words import transcript

needs_reader = pytest.mark.skipif(line_reader() is None, reason="the reader of handwriting is not installed")

TEXT = "We miss the story time for toddlers. Buses stop at six so late opening is no use to us at all."
HAND = Hand("patrick-hand", height=3.2, lean=0.1, slope=0.01, unrest=0.15)


def written(text: str, hand: Hand = HAND, pen: Pen = ORDINARY_PENS[0], seed: int = 0, room: Box | None = None) -> Grey:
    """A field someone wrote `text` in, as a scan shows it."""
    rng = np.random.default_rng(seed)
    page = np.full((round(50 * PX_PER_MM), round(150 * PX_PER_MM)), 255, np.uint8)
    write(page, PX_PER_MM, text, room or Box(0, 0, 150, 50), hand, pen, rng)
    return scan(page, PX_PER_MM, Scanner(dpi=round(25.4 * PX_PER_MM), noise=3, blur=0.04), rng)


def bent(page: Grey, wave_mm: float, fan: float) -> Grey:
    """A field whose lines run in waves, and apart from each other to the right."""
    rows, columns = np.mgrid[: page.shape[0], : page.shape[1]].astype(np.float32)
    waves = wave_mm * PX_PER_MM * np.sin(columns / (14 * PX_PER_MM))
    fanned = fan * (rows / page.shape[0] - 0.5) * (columns - page.shape[1] / 2)
    return cv2.remap(page, columns, rows + waves + fanned, cv2.INTER_LINEAR, borderValue=255)


@pytest.mark.parametrize(("wave_mm", "fan", "slope"), [(0, 0, 0.0), (1.0, 0, 0.02), (0, 0.08, 0.0), (1.0, -0.06, 0.06)])
def test_lines_are_found_whichever_way_they_run(wave_mm: float, fan: float, slope: float) -> None:
    hand = Hand(HAND.face, HAND.height, HAND.lean, slope, HAND.unrest)
    lines = find_lines(bent(written(TEXT, hand, room=Box(0, 6, 150, 44)), wave_mm, fan))
    assert len(lines) == 2
    assert all(len(line) < 9 * PX_PER_MM for line in lines)


@needs_reader
@pytest.mark.parametrize("pen", [*ORDINARY_PENS, FAINT_PENCIL], ids=lambda pen: pen.name)
def test_what_is_written_is_read_in_order(pen: Pen) -> None:
    assert transcript(read_handwriting(find_lines(bent(written(TEXT, pen=pen), 0.7, 0.03)), "en")) == TEXT


@needs_reader
@pytest.mark.parametrize("face", FACES)
def test_faces_are_read(face: str) -> None:
    hand = Hand(face, height=3.5, lean=0.05, slope=0.01, unrest=0.1)
    read = read_handwriting(find_lines(written("Please open earlier on Saturdays", hand)), "en")
    assert len({word.text for word in read} & {"Please", "open", "earlier", "on", "Saturdays"}) >= 4


@needs_reader
def test_words_in_capitals_are_kept_apart() -> None:
    line = written("MAIR EVANS HIGH STREET", Hand("patrick-hand", height=4.0, lean=0.0, slope=0.0, unrest=0.0))
    assert transcript(read_handwriting(find_lines(line), "en")) == "MAIR EVANS HIGH STREET"


def test_paper_between_characters_tells_spaces_the_network_missed() -> None:
    line = np.full((40, 200), 255, np.uint8)
    for left in (5, 25, 45, 110, 130):
        line[5:35, left : left + 14] = 0
    read = [
        _Character(letter, 1.0, (left + 7) / 200) for letter, left in zip("TOMOX", (5, 25, 45, 110, 130), strict=True)
    ]
    assert "".join(character.text for character in _with_spaces(read, line)) == "TOM OX"
    evenly = [_Character(letter, 1.0, (40 * place + 7) / 200) for place, letter in enumerate("TOMOX")]
    wide = np.full((40, 200), 255, np.uint8)
    for place in range(5):
        wide[5:35, 40 * place : 40 * place + 14] = 0
    assert "".join(character.text for character in _with_spaces(evenly, wide)) == "TOMOX"


@needs_reader
def test_a_word_that_is_hard_to_read_is_less_sure() -> None:
    plain = written("Saturdays")
    smeared = cv2.GaussianBlur(plain, (0, 0), 6)
    sure, unsure = (read_handwriting(find_lines(page), "en") for page in (plain, smeared))
    assert sure[0].confidence > 0.85
    assert all(word.confidence < 0.6 for word in unsure)


REAL = {
    "Everything is good": (0, False, (171, 2636, 2293, 3189)),
    "Quiz OMR": (2, True, (1080, 1731, 2292, 1861)),
    "Hello": (4, False, (356, 1325, 1160, 1437)),
    "Just some text": (4, False, (171, 1852, 2294, 2056)),
    "python powered": (5, False, (185, 2610, 2260, 3203)),
}
"""What people wrote in the fields of SDAPS' example scan, read by eye: its page, whether that lies upside down, and the
field's left, top, right and bottom in pixels. The last shows a drawing, too. These were looked at while dirt was told
from full stops, so they prove that it works, not how often."""


@needs_reader
@pytest.mark.parametrize("text", REAL)
def test_real_handwriting_is_read_amid_dirt(shared_data: Path, text: str) -> None:
    frame, upside_down, (left, top, right, bottom) = REAL[text]
    with Image.open(shared_data / "marks" / "sdaps" / "example.tif") as scanned:
        scanned.seek(frame)
        page = np.array(scanned.convert("L"))
    upright = page[::-1, ::-1] if upside_down else page
    zoom = 25.4 * PX_PER_MM / 300
    field = cv2.resize(upright[top:bottom, left:right], None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    read = transcript(read_handwriting(find_lines(np.asarray(field, np.uint8)), "en"))
    assert set(text.split()) <= set(read.replace("!", "").split())


def test_dirt_is_no_line_and_does_not_stretch_one() -> None:
    rng = np.random.default_rng(3)
    page = written("Hello")
    [clean] = find_lines(page)
    for x, y in zip(rng.integers(5, page.shape[1] - 5, 40), rng.integers(5, page.shape[0] - 5, 40), strict=True):
        if x > 60 * PX_PER_MM or y > 25 * PX_PER_MM:
            cv2.circle(page, (int(x), int(y)), 2, 0, -1)
    [dirty] = find_lines(page)
    assert dirty.shape == clean.shape
    assert find_lines(np.full((200, 800), 240, np.uint8)) == ()


def test_a_rule_is_no_writing() -> None:
    page = np.full((200, 1000), 245, np.uint8)
    cv2.line(page, (40, 120), (960, 124), 60, 2)
    assert find_lines(page) == ()


def test_an_edition_s_languages_say_what_may_be_read() -> None:
    assert set("ŵŷâêîôû") <= set(alphabet("cy+en"))
    assert not set("ŵŷłș") & set(alphabet("en"))
    assert set("łș") <= set(alphabet("pl+ro"))
    assert not can_read("ur")
    assert not can_read("ur+en")


@pytest.mark.parametrize("seed", range(8))
def test_whatever_stands_in_a_field_every_line_is_a_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = int(rng.integers(20, 400)), int(rng.integers(20, 1200))
    page = np.full((height, width), int(rng.integers(120, 255)), np.uint8)
    points = rng.integers(0, (width, height), (40, 2)).astype(np.int32)
    match seed % 4:
        case 0:
            cv2.polylines(page, [points], False, 30, 3)
        case 1:
            page = rng.integers(0, 255, page.shape).astype(np.uint8)
        case 2:
            for x, y in points:
                cv2.circle(page, (int(x), int(y)), int(rng.integers(0, 5)), 0, -1)
        case _:
            cv2.line(page, (width // 2, 2), (width // 2, height - 2), 0, 4)
    assert all(line.ndim == 2 and line.size and line.dtype == np.uint8 for line in find_lines(page))
