"""What staff find guessed of rows that are unclear, and which boxes of those they are asked about."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.characters.texts import random_letters, random_names, random_postcodes
from benchmarks.characters.written import CAPITALS, DIGITS, Writer
from pipeline.reading.characters import read_characters
from pipeline.reading.grammar import FieldReading, decode_postcode, decode_text
from pipeline.reading.letters import line_reader
from pipeline.reading.readings import ALPHABET, CharacterReading
from pipeline.reading.second_opinion import ask_again
from pipeline.reading.weighing import Decode, decode_together


def guesses_by_kind(writer: Writer, count: int, *, two_tones: bool) -> dict[str, dict[str, int]] | None:
    """Count guesses at names, at letters that make no word, and at postcodes; in greys, or in black and white.

    None in black and white without the reader of lines, which is asked there.
    """
    if two_tones and line_reader() is None:
        return None
    everywhere = random_postcodes(writer.rng)
    kinds: dict[str, tuple[Sequence[str], Decode]] = {
        "names": (random_names(writer.rng, count), decode_text),
        "no words": (random_letters(writer.rng, count), decode_text),
        "postcodes": ([next(everywhere) for _ in range(count)], decode_postcode),
    }
    return {kind: _guesses(writer, *written, two_tones=two_tones) for kind, written in kinds.items()}


_COUNTED = (
    "rows",
    "taken",
    "taken_and_wrong",
    "unclear",
    "right_alone",
    "right_together",
    "alike",
    "alike_and_wrong",
    "unclear_characters",
    "asked_about",
    "not_asked_and_wrong",
    "rows_not_asked_and_wrong",
)


def _guesses(writer: Writer, texts: Sequence[str], decode: Decode, *, two_tones: bool) -> dict[str, int]:
    """How many rows are taken, and wrongly. Of the unclear ones: how many are guessed rightly by one network alone, and
    by all; how many it and the line spell alike; how many of their characters are asked about, and how many of the
    others are wrong.
    """
    counts = dict.fromkeys(_COUNTED, 0)
    for text in texts:
        boxes = writer.write(writer.any_glyphs(text), two_tones=two_tones)
        readings = read_characters(boxes)
        if two_tones:
            readings = ask_again(readings, boxes, [DIGITS + CAPITALS] * len(boxes))
        alone, found = decode(readings), decode_together(readings, decode)
        counts["rows"] += 1
        if alone.sure:
            counts["taken"] += 1
            counts["taken_and_wrong"] += alone.value != text
            continue
        is_alike = alone.value is not None and alone.value.replace(" ", "") == _seen_in_line(readings)
        wrong = _wrong_unasked(found, text)
        counts["unclear"] += 1
        counts["right_alone"] += alone.value == text
        counts["right_together"] += found.value == text
        counts["alike"] += is_alike
        counts["alike_and_wrong"] += is_alike and alone.value != text
        counts["unclear_characters"] += sum(map(str.isalnum, text))
        counts["asked_about"] += len(found.unclear) if found.spelt else sum(map(str.isalnum, text))
        counts["not_asked_and_wrong"] += wrong
        counts["rows_not_asked_and_wrong"] += wrong > 0
    return counts


def _wrong_unasked(found: FieldReading, text: str) -> int:
    """How many boxes that nobody is asked about hold another character than was read there, or hold none."""
    boxes = zip(found.spelt, text.ljust(len(found.spelt)), strict=True) if found.spelt else ()
    return sum(read != written and place not in found.unclear for place, (read, written) in enumerate(boxes))


def _seen_in_line(readings: Sequence[CharacterReading]) -> str:
    """The likeliest character of each box for the reader of lines."""
    seen = (reading.in_line for reading in readings if reading.in_line is not None)
    return "".join(max(zip(chances, ALPHABET, strict=True))[1] for chances in seen)
