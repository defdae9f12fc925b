"""A row of boxes that is unsure is read again as a line; what both readers see is weighed, and nothing else changes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from drawn_pages import printed, registered, scanned
from numpy.typing import NDArray
from pydantic import TypeAdapter
from test_characters import box_of, drawn, plainly

from pipeline.practice.scanner import Scanner
from pipeline.reading import read_page, second_opinion
from pipeline.reading.characters import read_characters
from pipeline.reading.glyphs import ink_alone
from pipeline.reading.grammar import decode_text
from pipeline.reading.letters import line_reader
from pipeline.reading.read_page import read_character_boxes
from pipeline.reading.readings import ALPHABET, CharacterReading
from pipeline.reading.second_opinion import ask_again
from pipeline.reading.weighing import decode_together, weigh_together

needs_reader = pytest.mark.skipif(line_reader() is None, reason="rapidocr, whose network reads lines, is not installed")
CAPITALS = ALPHABET[10:]


def unsure(text: str) -> list[CharacterReading]:
    """Boxes whose reading is torn between each character and another, a space is an empty box."""
    return [
        box if character == " " else box_of((character, 0.5), ("X", 0.45))
        for character, box in zip(text, plainly(text), strict=True)
    ]


def seen(reading: CharacterReading, spoilt: float = 0.0, **chances: float) -> CharacterReading:
    """The box as the network for thin strokes and the reader of lines see it, too."""
    characters = tuple(chances.get(character, 0.0) for character in ALPHABET)
    return replace(reading, in_line=characters, thin=(*characters, spoilt))


def agreeing(readings: Sequence[CharacterReading]) -> str:
    """The likeliest character of each box for the reader of lines; a dot where it was not asked."""
    return "".join("." if box.in_line is None else ALPHABET[int(np.argmax(box.in_line))] for box in readings)


@needs_reader
def test_an_unsure_row_is_read_as_a_line_and_each_character_found_in_its_box() -> None:
    text = "MORGAN LLOYD"
    for scanner in (Scanner(dpi=300), Scanner(dpi=200, bitonal=150)):
        again = ask_again(unsure(text), drawn(text, scanner=scanner), [CAPITALS] * len(text))
        assert agreeing(again) == text.replace(" ", ".")
        assert [box.probabilities for box in again] == [box.probabilities for box in unsure(text)]
        assert decode_text([weigh_together(box) for box in again]).value == text


@needs_reader
def test_a_long_word_is_read_in_pieces() -> None:
    text = "LLANFAIRPWLLGWYNGYLL"
    again = ask_again(unsure(text), drawn(text), [CAPITALS] * len(text))
    assert sum(one == other for one, other in zip(agreeing(again), text, strict=True)) >= 18


def test_a_row_that_is_sure_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "line_probabilities", pytest.fail)
    for text, allowed in (("MORGAN", CAPITALS), ("2041", ALPHABET[:10]), ("CF10 1AA", ALPHABET), ("   ", CAPITALS)):
        readings = plainly(text)
        assert ask_again(readings, drawn(text), [allowed] * len(text)) == tuple(readings)


def test_fields_of_figures_are_read_again_box_by_box_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "line_probabilities", pytest.fail)
    [again] = ask_again([box_of(("4", 0.5), ("9", 0.45))], drawn("4"), [ALPHABET[:10]])
    assert again.thin is not None
    assert max(zip(again.thin, ALPHABET, strict=False))[1] == "4"
    assert weigh_together(again).chance("4") > 0.9


def test_several_readers_give_a_better_guess_and_never_an_answer() -> None:
    torn = [box_of(("A", 0.45), ("H", 0.5)), box_of(("D", 0.9)), box_of(("A", 0.9))]
    asked = [seen(box, **{character: 1.0}) for box, character in zip(torn, "ADA", strict=True)]
    assert replace(decode_together(torn, decode_text), unclear=()) == decode_text(torn)
    found = decode_together(asked, decode_text)
    assert (found.value, found.sure) == ("ADA", False)
    assert found.probability > 0.9
    sure = [seen(box_of((character, 0.999)), X=1.0) for character in "ADA"]
    assert decode_together(sure, decode_text) == decode_text(sure)
    assert decode_together(sure, decode_text).sure


def test_without_the_reader_of_lines_the_other_two_are_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "line_reader", lambda: None)
    again = ask_again(unsure("MORGAN"), drawn("MORGAN"), [CAPITALS] * 6)
    assert agreeing(again) == "......"
    assert decode_text([weigh_together(box) for box in again]).value == "MORGAN"


def test_where_no_other_reader_was_asked_all_stays_as_it_was() -> None:
    readings = unsure("MORGAN")
    assert [weigh_together(box) for box in readings] == readings


def test_readers_that_agree_are_surer_together_and_readers_that_differ_are_not() -> None:
    torn = box_of(("A", 0.6), ("H", 0.35))
    agreed = weigh_together(seen(torn, A=0.99))
    differing = weigh_together(replace(seen(torn, K=0.99), thin=seen(torn, H=0.6, A=0.35).thin))
    assert agreed.chance("A") > 0.9 > torn.chance("A")
    assert max(map(differing.chance, ALPHABET)) < 0.7
    assert sum(agreed.probabilities) == pytest.approx(1.0)


def test_nothing_makes_a_spoilt_box_sure() -> None:
    struck, lost = box_of(("A", 0.9), spoilt=0.9), box_of(("A", 0.9), spoilt=1.0)
    assert weigh_together(seen(struck, spoilt=0.9, A=1.0)).chance("A") < 0.9
    assert weigh_together(seen(lost, A=1.0)).spoilt == 1.0


def test_frames_and_shade_are_gone_from_what_the_reader_of_lines_sees() -> None:
    boxes: tuple[NDArray[np.uint8], ...] = drawn("AB ", scanner=Scanner(dpi=300, paper=190, noise=3.0))
    first, _, empty = ink_alone(boxes)
    assert first.shape == boxes[0].shape
    assert empty.min() == 255
    assert first[0].min() == first[:, 0].min() == 255
    assert first.min() < 60


@needs_reader
def test_struck_characters_stay_unsure_though_the_line_can_be_read() -> None:
    boxes = drawn("MORGAN")
    for box in boxes:
        height, width = box.shape
        box[height // 2 - 1 : height // 2 + 2, :] = 60
        assert width
    again = ask_again(read_characters(boxes), boxes, [CAPITALS] * 6)
    assert not decode_text([weigh_together(box) for box in again]).sure


def test_readings_on_record_from_before_are_without_it() -> None:
    told = {"ink": 2.0, "probabilities": [1 / 36] * 36, "spoilt": 0.0}
    assert TypeAdapter(CharacterReading).validate_python(told).in_line is None


@pytest.mark.parametrize(("bitonal", "is_asked"), [(None, False), (150, True)])
def test_only_black_and_white_pages_are_asked_about(
    bitonal: int | None, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(
        readings: Sequence[CharacterReading], boxes: Sequence[NDArray[np.uint8]], allowed: Sequence[str]
    ) -> tuple[CharacterReading, ...]:
        asked.append(len(readings))
        return tuple(readings)

    monkeypatch.setattr(read_page, "ask_again", counted)
    copy = printed()
    number = next(page.number for page in copy.layout.pages if any(field.kind == "character" for field in page.fields))
    page = registered(copy, scanned(copy.pages[number - 1], Scanner(bitonal=bitonal)))
    boxes = read_character_boxes(page)
    assert boxes
    assert sum(asked) == (len(boxes) if is_asked else 0)
