"""Boxed characters: ink is told from paper and frame, characters are read, and a doubtful field says so."""

from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.practice.boxes import CLEAR, straight_scanner, usual_pen, write_boxes
from pipeline.practice.handwriting import letter
from pipeline.practice.pens import BLACK_BALLPOINT, FAINT_PENCIL
from pipeline.practice.scanner import Scanner
from pipeline.reading.characters import read_characters
from pipeline.reading.glyphs import PIXELS_PER_MM
from pipeline.reading.grammar import (
    SPECK_MM2,
    SURE,
    FieldReading,
    decode_code,
    decode_date,
    decode_number,
    decode_postcode,
    decode_text,
)
from pipeline.reading.readings import ALPHABET, CharacterReading

FIRST, LAST = date(1900, 1, 1), date(2026, 12, 31)
EMPTY = CharacterReading(ink=0.0, probabilities=(1 / 36,) * 36, spoilt=0.0)


def box_of(*likely: tuple[str, float], spoilt: float = 0.0) -> CharacterReading:
    """A box whose reading gives these characters these probabilities, the rest spread over all."""
    spread = (1.0 - sum(share for _, share in likely)) / len(ALPHABET)
    shares = {character: share + spread for character, share in likely}
    return CharacterReading(2.5, tuple(shares.get(character, spread) for character in ALPHABET), spoilt)


def plainly(text: str) -> list[CharacterReading]:
    """Boxes in which every character of `text` is read beyond doubt; a space is an empty box."""
    return [EMPTY if character == " " else box_of((character, 0.9999)) for character in text]


def drawn(text: str, face: str = "patrick-hand", scanner: Scanner | None = None) -> tuple[NDArray[np.uint8], ...]:
    """Pictures of boxes in which `text` was written with a ballpoint."""
    rng = np.random.default_rng(4)
    scanner = scanner or straight_scanner(rng, 300)
    return write_boxes(text, lambda character: letter(character, face), BLACK_BALLPOINT, scanner, rng)


@pytest.mark.parametrize("face", ["architects-daughter", "patrick-hand", "shadows-into-light", "indie-flower"])
@pytest.mark.parametrize("dpi", [200, 300])
def test_reads_figures_and_capitals_in_handwriting_faces(face: str, dpi: int) -> None:
    text = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    readings = read_characters(drawn(text, face, Scanner(dpi=dpi)))
    allowed = [ALPHABET[:10] if character.isdigit() else ALPHABET[10:] for character in text]
    read = "".join(max(some, key=box.chance) for box, some in zip(readings, allowed, strict=True))
    wrong = [f"{meant} read as {seen}" for meant, seen in zip(text, read, strict=True) if meant != seen]
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize("bitonal", [None, 120, 180])
@pytest.mark.parametrize("dpi", [200, 300])
def test_a_printed_box_without_writing_holds_no_ink(bitonal: int | None, dpi: int) -> None:
    rng = np.random.default_rng(1)
    for paper in (215, 235, 252):
        scanner = Scanner(dpi=dpi, paper=paper, noise=5.0, bitonal=bitonal)
        boxes = write_boxes(" " * 20, lambda character: letter(character, "caveat"), BLACK_BALLPOINT, scanner, rng)
        assert max(reading.ink for reading in read_characters(boxes)) < SPECK_MM2


def test_a_streak_of_dust_on_the_glass_is_no_ink() -> None:
    for box in drawn(" " * 5, scanner=Scanner(dpi=300, noise=3.0)):
        box[:, 20:22] = box[:, 20:22] * 0.8
        (reading,) = read_characters([box])
        assert reading.ink < SPECK_MM2


def test_faint_pencil_is_ink() -> None:
    rng = np.random.default_rng(3)
    boxes = write_boxes("1749", lambda character: letter(character, "caveat"), FAINT_PENCIL, Scanner(dpi=200), rng)
    assert min(reading.ink for reading in read_characters(boxes)) > 2 * SPECK_MM2


def test_a_box_inked_all_over_is_spoilt_and_not_paper() -> None:
    width, height = (round(side * PIXELS_PER_MM) for side in CLEAR.box_mm)
    (alone,) = read_characters([np.full((height, width), 30, np.uint8)])
    *_, among_others = read_characters([*drawn("2041"), np.full((height, width), 30, np.uint8)])
    for reading in (alone, among_others):
        assert reading.ink > 20.0
        assert reading.spoilt > 0.9


def test_a_character_scribbled_over_is_spoilt() -> None:
    boxes = drawn("3586")
    for box in boxes:
        height, width = box.shape
        turns = np.linspace(0.1, 0.9, 15)
        zigzag = np.stack([turns * width, np.where(np.arange(15) % 2, 0.12, 0.88) * height], axis=1)
        cv2.polylines(box, [np.rint(zigzag).astype(np.int32)], False, 40, 3, cv2.LINE_AA)
    readings = read_characters(boxes)
    assert min(reading.spoilt for reading in readings) > 0.9
    assert decode_number(readings, 0, 9999).value is None


@pytest.mark.parametrize("slope", [-8, 0, 8])
def test_a_line_from_side_to_side_strikes_a_box_out(slope: int) -> None:
    boxes = drawn("24708")
    assert max(reading.spoilt for reading in read_characters(boxes)) < 0.1
    for box in boxes:
        height, width = box.shape
        cv2.line(box, (0, height // 2 - slope), (width, height // 2 + slope), 60, 3, cv2.LINE_AA)
    readings = read_characters(boxes)
    assert min(reading.spoilt for reading in readings) > 0.8
    assert not any(decode_number([reading], 0, 9).sure for reading in readings)


def test_a_field_struck_through_is_not_read() -> None:
    boxes = drawn("12032019")
    for box in boxes:
        height, width = box.shape
        cv2.line(box, (0, height // 2), (width, height // 2 - 2), 40, 3, cv2.LINE_AA)
    found = decode_date(read_characters(boxes), FIRST, LAST)
    assert (found.blank, found.sure) == (False, False)


def test_boxes_read_together_and_alone_give_the_same() -> None:
    boxes = drawn("CF10 1AA")
    together = read_characters(boxes)
    alone = [read_characters([box])[0] for box in boxes]
    for one, other in zip(together, alone, strict=True):
        assert one.ink == pytest.approx(other.ink, abs=0.05)
        assert one.probabilities == pytest.approx(other.probabilities, abs=0.05)
        assert sum(one.probabilities) == pytest.approx(1.0, abs=1e-4)
    assert read_characters([]) == ()


def test_the_model_is_small() -> None:
    assert len(files("pipeline.reading").joinpath("models/characters.onnx").read_bytes()) < 2_000_000


@given(st.dates(FIRST, LAST))
def test_any_date_written_plainly_is_read_and_sure(day: date) -> None:
    found = decode_date(plainly(day.strftime("%d%m%Y")), FIRST, LAST)
    assert found.value == day.isoformat()
    assert found.sure


@pytest.mark.parametrize(
    ("boxes", "value"),
    [("5 3 2024", "2024-03-05"), (" 5 32024", "2024-03-05"), ("0503  24", None), ("3 1224  ", None)],
)
def test_a_date_with_boxes_left_empty(boxes: str, value: str | None) -> None:
    assert decode_date(plainly(boxes), FIRST, LAST).value == value


def test_a_year_of_two_figures_is_read_where_one_century_is_possible() -> None:
    assert decode_date(plainly("0503  26"), date(2026, 1, 1), LAST).value == "2026-03-05"


@pytest.mark.parametrize("boxes", ["31022024", "12252024", "05032031", "0503    "])
def test_what_is_no_date_of_the_field_gives_no_value(boxes: str) -> None:
    found = decode_date(plainly(boxes), FIRST, LAST)
    assert (found.value, found.blank, found.sure) == (None, False, False)


def test_the_calendar_decides_between_lookalikes() -> None:
    boxes = plainly("31122024")
    boxes[0] = box_of(("3", 0.45), ("8", 0.55))
    assert decode_date(boxes, FIRST, LAST).value == "2024-12-31"


def test_lookalikes_that_are_both_possible_are_not_sure_and_both_listed() -> None:
    boxes = plainly("01122024")
    boxes[1] = box_of(("1", 0.6), ("7", 0.4))
    found = decode_date(boxes, FIRST, LAST)
    assert not found.sure
    assert {found.value, found.alternatives[0][0]} == {"2024-12-01", "2024-12-07"}


@given(st.integers(0, 9999), st.booleans())
def test_any_number_in_bounds_is_read_from_either_end_of_its_boxes(number: int, from_right: bool) -> None:
    text = str(number).rjust(4) if from_right else str(number).ljust(4)
    found = decode_number(plainly(text), 0, 9999)
    assert (found.value, found.sure) == (str(number), True)


def test_a_number_out_of_bounds_is_not_bent_into_one_within() -> None:
    assert decode_number(plainly("250"), 0, 120).value is None


def test_a_letter_in_a_number_gives_no_sure_value() -> None:
    assert not decode_number(plainly("N4"), 0, 120).sure


def test_a_nought_that_looks_like_an_o_is_still_a_nought_in_a_number() -> None:
    found = decode_number([box_of(("4", 0.999)), box_of(("0", 0.5), ("O", 0.5))], 0, 120)
    assert (found.value, found.sure) == ("40", True)


def test_a_gap_within_a_number_is_for_a_person() -> None:
    found = decode_number(plainly("1 2"), 0, 120)
    assert (found.value, found.sure) == ("12", False)


@pytest.mark.parametrize("postcode", ["CF10 1AA", "M1 1AE", "B33 8TH", "CR2 6XH", "W1A 0AX", "EC1A 1BB"])
def test_every_form_of_postcode_is_read_with_and_without_its_space(postcode: str) -> None:
    for text in (postcode, postcode.replace(" ", "")):
        found = decode_postcode(plainly(text.ljust(8)))
        assert (found.value, found.sure) == (postcode, True)


@pytest.mark.parametrize("text", ["QF10 1AA", "CF10 1A ", "ZZ9 9ZZ ", "CARDIFF "])
def test_what_is_no_postcode_gives_no_value(text: str) -> None:
    assert decode_postcode(plainly(text)).value is None


def test_a_gap_elsewhere_in_a_postcode_is_for_a_person() -> None:
    found = decode_postcode(plainly("C F101AA"))
    assert (found.value, found.sure) == ("CF10 1AA", False)


def test_local_postcodes_decide_between_lookalikes() -> None:
    boxes = plainly("CF10 1AA")
    boxes[6] = box_of(("A", 0.5), ("H", 0.5))
    assert not decode_postcode(boxes).sure
    found = decode_postcode(boxes, {"CF10 1HA", "CF11 9ZZ"})
    assert found.value == "CF10 1HA"
    assert found.probability > 0.95


def test_a_plain_postcode_from_elsewhere_survives_the_local_list() -> None:
    found = decode_postcode(plainly("M1 1AE  "), {"CF10 1HA"})
    assert found.value == "M1 1AE"


def test_a_code_takes_figures_and_letters_where_its_pattern_has_them() -> None:
    lookalikes = [box_of(("0", 0.5), ("O", 0.5)), box_of(("S", 0.5), ("5", 0.5)), box_of(("7", 0.99))]
    found = decode_code(lookalikes, "A9-X")
    assert found.value == "O5-7"
    assert decode_code([*lookalikes[:2], EMPTY], "A9-X").value is None


def test_text_is_read_word_by_word() -> None:
    boxes = plainly("OLD MILL 12 ")
    boxes[0] = box_of(("O", 0.45), ("0", 0.55))
    found = decode_text(boxes)
    assert (found.value, found.blank) == ("OLD MILL 12", False)


def test_a_lone_stroke_in_text_is_for_a_person() -> None:
    found = decode_text([box_of(("1", 0.5), ("I", 0.5))])
    assert not found.sure
    assert {found.value, found.alternatives[0][0]} == {"1", "I"}


@pytest.mark.parametrize(
    "decode",
    [
        lambda boxes: decode_number(boxes, 0, 120),
        lambda boxes: decode_date(boxes, FIRST, LAST),
        decode_postcode,
        decode_text,
        lambda boxes: decode_code(boxes, "AA999999"),
    ],
)
def test_a_field_without_ink_is_blank_and_a_spoilt_one_is_not(
    decode: Callable[[Sequence[CharacterReading]], FieldReading],
) -> None:
    empty = decode([EMPTY] * 8)
    assert (empty.value, empty.blank, empty.sure) == (None, True, True)
    spoilt = decode([box_of(("4", 0.5), spoilt=0.999)] * 8)
    assert (spoilt.value, spoilt.blank, spoilt.sure) == (None, False, False)


def test_one_spoilt_box_makes_a_field_unsure() -> None:
    boxes = plainly("01122024")
    boxes[3] = box_of(("2", 0.9), spoilt=0.9)
    assert decode_date(boxes, FIRST, LAST).probability < SURE


def held_out(shared_data: Path) -> dict[str, NDArray[np.uint8]]:
    """Real handwritten characters that no training saw: those whose place in the file ends in 0."""
    with np.load(shared_data / "glyphs" / "emnist_byclass.npz") as archive:
        images, labels = archive["images"][::10], archive["labels"][::10]
    return {character: images[labels == character] for character in ALPHABET}


@pytest.mark.parametrize("dpi", [200, 300])
def test_real_handwriting_in_printed_boxes(shared_data: Path, dpi: int) -> None:
    glyphs = held_out(shared_data)
    rng = np.random.default_rng(dpi)

    def any_glyph(character: str) -> NDArray[np.uint8]:
        images = glyphs[character]
        return np.asarray(images[rng.integers(len(images))], dtype=np.uint8)

    def share_right(characters: str, rounds: int) -> float:
        right = 0
        for _ in range(rounds):
            boxes = write_boxes(characters, any_glyph, usual_pen(rng), straight_scanner(rng, dpi), rng)
            read = [max(characters, key=reading.chance) for reading in read_characters(boxes)]
            right += sum(meant == seen for meant, seen in zip(characters, read, strict=True))
        return right / (rounds * len(characters))

    digits, capitals = share_right(ALPHABET[:10], 50), share_right(ALPHABET[10:], 20)
    print(f"{dpi} dpi: {digits:.1%} of 500 handwritten figures and {capitals:.1%} of 520 capitals read rightly")
    assert digits > 0.98
    assert capitals > 0.94


def test_dates_in_real_handwriting_are_right_or_for_a_person(shared_data: Path) -> None:
    glyphs = held_out(shared_data)
    rng = np.random.default_rng(8)
    days = [date.fromordinal(int(rng.integers(FIRST.toordinal(), LAST.toordinal()))) for _ in range(60)]

    def any_glyph(character: str) -> NDArray[np.uint8]:
        images = glyphs[character]
        return np.asarray(images[rng.integers(len(images))], dtype=np.uint8)

    found = [
        decode_date(
            read_characters(
                write_boxes(day.strftime("%d%m%Y"), any_glyph, usual_pen(rng), straight_scanner(rng, 300), rng)
            ),
            FIRST,
            LAST,
        )
        for day in days
    ]
    exact = [field.value == day.isoformat() for field, day in zip(found, days, strict=True)]
    sure = [field.sure for field in found]
    print(f"{np.mean(exact):.1%} of {len(days)} handwritten dates read exactly, {np.mean(sure):.1%} without a person")
    assert np.mean(exact) > 0.9
    assert all(right for right, accepted in zip(exact, sure, strict=True) if accepted)
