"""What staff find guessed of rows of letters that are unclear in black and white: by one reader, and by both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.characters.texts import random_letters, random_names, random_postcodes
from benchmarks.characters.written import CAPITALS, DIGITS, Writer
from pipeline.reading.characters import read_characters
from pipeline.reading.grammar import FieldReading, decode_postcode, decode_text
from pipeline.reading.letters import line_reader
from pipeline.reading.readings import ALPHABET, CharacterReading
from pipeline.reading.second_opinion import ask_again
from pipeline.reading.weighing import decode_by_both

Decode = Callable[[Sequence[CharacterReading]], FieldReading]


def guesses_by_kind(writer: Writer, count: int) -> dict[str, dict[str, int]] | None:
    """Count guesses at names, at letters that make no word, and at postcodes; None without the reader of lines."""
    if line_reader() is None:
        return None
    everywhere = random_postcodes(writer.rng)
    return {
        "names": _guesses(writer, random_names(writer.rng, count), decode_text),
        "no words": _guesses(writer, random_letters(writer.rng, count), decode_text),
        "postcodes": _guesses(writer, [next(everywhere) for _ in range(count)], decode_postcode),
    }


def _guesses(writer: Writer, texts: Sequence[str], decode: Decode) -> dict[str, int]:
    """Of rows in two tones: how many are unclear, guessed rightly by boxes alone or by both, and read alike by both."""
    counts = dict.fromkeys(("rows", "unclear", "right_alone", "right_by_both", "alike", "alike_and_wrong"), 0)
    for text in texts:
        boxes = writer.write(writer.any_glyphs(text), two_tones=True)
        readings = ask_again(read_characters(boxes), boxes, [DIGITS + CAPITALS] * len(boxes))
        alone, both = decode(readings), decode_by_both(readings, decode)
        is_alike = alone.value is not None and alone.value.replace(" ", "") == _seen_in_line(readings)
        counts["rows"] += 1
        counts["unclear"] += not alone.sure
        counts["right_alone"] += not alone.sure and alone.value == text
        counts["right_by_both"] += not alone.sure and both.value == text
        counts["alike"] += not alone.sure and is_alike
        counts["alike_and_wrong"] += not alone.sure and is_alike and alone.value != text
    return counts


def _seen_in_line(readings: Sequence[CharacterReading]) -> str:
    """The likeliest character of each box for the reader of lines."""
    seen = (reading.in_line for reading in readings if reading.in_line is not None)
    return "".join(max(zip(chances, ALPHABET, strict=True))[1] for chances in seen)
