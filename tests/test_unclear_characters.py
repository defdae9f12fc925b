"""Of an answer in boxes that is unsure, a person is asked about so many boxes that the others are sure, and no more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_characters import box_of, plainly

from pipeline.reading.grammar import decode_date, decode_number, decode_postcode, decode_text
from pipeline.reading.readings import ALPHABET, CharacterReading
from pipeline.reading.weighing import SURE_TOGETHER, Decode, decode_together, weigh_together

READ: dict[str, tuple[str, Decode]] = {
    "a word": ("MORGAN", decode_text),
    "two words": ("WYN LLOYD", decode_text),
    "a number": ("4071", partial(decode_number, minimum=0, maximum=None)),
    "a date": ("09032024", partial(decode_date, earliest=date(1900, 1, 1), latest=date(2099, 12, 31))),
    "a postcode": ("CF101AA ", decode_postcode),
}
CHANCES = st.floats(min_value=0.3, max_value=0.9999)


def torn(text: str, chances: Sequence[float]) -> list[CharacterReading]:
    """Boxes read as a text, each so clear, the rest of it going to the character after it."""
    after = dict(zip(ALPHABET, ALPHABET[1:] + ALPHABET[:1], strict=True))
    return [
        box if character == " " else box_of((character, chance), (after[character], (1 - chance) * 0.9))
        for character, chance, box in zip(text, chances, plainly(text), strict=True)
    ]


def settled(readings: Sequence[CharacterReading], spelt: str, places: Sequence[int]) -> list[CharacterReading]:
    """The readings after a person has seen some of the boxes, and found them right."""
    return [box_of((spelt[n], 1.0)) if n in places else box for n, box in enumerate(readings)]


@pytest.mark.parametrize("kind", READ)
@given(chances=st.lists(CHANCES, min_size=9, max_size=9))
def test_once_they_were_seen_the_answer_is_as_sure_as_any_that_is_taken(kind: str, chances: list[float]) -> None:
    text, decode = READ[kind]
    readings = torn(text, chances[: len(text)])
    found = decode_together(readings, decode)
    if found.sure or found.value is None:
        assert found.unclear == ()
        return
    assert found.unclear
    assert all(found.spelt[place] != " " for place in found.unclear)
    assert decode(settled(readings, found.spelt, found.unclear)).sure
    if found.probability >= 0.5:
        fewer = sorted(found.unclear, key=lambda place: chances[place])[:-1]
        assert not decode(settled(readings, found.spelt, fewer)).sure, "no fewer would do"


def test_one_unclear_letter_is_asked_about_alone() -> None:
    found = decode_together(torn("MORGAN", (0.999, 0.999, 0.6, 0.999, 0.999, 0.999)), decode_text)
    assert (found.value, found.unclear) == ("MORGAN", (2,))


def test_a_guess_that_is_likelier_wrong_than_right_is_asked_about_as_a_whole() -> None:
    found = decode_together(torn("AD OWEN", (0.999, 0.999, 0.0, 0.6, 0.6, 0.6, 0.999)), decode_text)
    assert found.probability < 0.5
    assert found.unclear == (0, 1, 3, 4, 5, 6)


def test_what_two_readers_were_needed_for_must_be_surer() -> None:
    row = [replace(box, in_line=box.probabilities) for box in torn("MORGAN", (0.9, 0.9, 0.7, 0.9, 0.9, 0.9))]
    found = decode_together(row, decode_text)
    assert found.value == "MORGAN"
    rest = settled([weigh_together(box) for box in row], found.spelt, found.unclear)
    assert decode_text(rest).probability >= SURE_TOGETHER
    assert not found.sure, "a person decides"
