"""A row of boxes that are not all read surely, read again: by a network for thin strokes, and as one line.

The network of boxes knows pens and scanners of all kinds. One for the thin, broken strokes that black-and-white scans
leave of a ball pen is surer of those. The network of lines (`letters`) sees the word, how large its characters stand
beside each other, and was made by others from other writing. What all find likely is right more often. What each sees
is kept beside what the first one saw, and weighed when the answer is judged (`weighing`): for a better guess, and to
know what to ask a person about, never for an answer that no person is asked about. Without the network of lines, the
other two are weighed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from math import prod
from string import ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.characters import read_thin_characters
from pipeline.reading.glyphs import ink_alone
from pipeline.reading.grammar import OUT_OF_PLACE, SPECK_MM2, SURE
from pipeline.reading.letters import LINE_HEIGHT_PX, line_probabilities, line_reader
from pipeline.reading.readings import ALPHABET, CharacterReading

Picture = NDArray[np.uint8]

_AT_ONCE = 10
"""Boxes read as one line at most: the memory of the network grows with the width of the line."""

_DECIMALS = 5
"""Decimal places kept of probabilities, as of those of the network of boxes."""

_MARGIN_PX = 8
"""Paper left before the first box and after the last, at the scale of the boxes."""


def ask_again(
    readings: Sequence[CharacterReading], boxes: Sequence[Picture], allowed: Sequence[str]
) -> tuple[CharacterReading, ...]:
    """Add to the readings of one field's boxes what the other readers see there, if any box of it is unsure.

    `boxes` are the pictures that were read, `allowed` the characters that each may hold. The reader of lines is not
    asked about fields of figures alone: there is no word to see, and guesses gain one in a hundred.
    """
    if _is_sure(readings, allowed):
        return tuple(readings)
    thin = zip(readings, read_thin_characters(boxes), strict=True)
    again = tuple(replace(reading, thin=seen) for reading, seen in thin)
    if line_reader() is None or not any(letter in each for each in allowed for letter in ascii_uppercase):
        return again
    in_line = {place: chances for word in _words(again) for place, chances in _read_word(boxes, word)}
    return tuple(replace(reading, in_line=in_line.get(place)) for place, reading in enumerate(again))


def _is_sure(readings: Sequence[CharacterReading], allowed: Sequence[str]) -> bool:
    """Whether each character is so clear, as a figure or as a letter, that no field could be unsure of its value."""
    return prod(_clearness(*box) for box in zip(readings, allowed, strict=True) if _is_written(box[0])) >= SURE


def _is_written(reading: CharacterReading) -> bool:
    return reading.ink >= SPECK_MM2


def _clearness(reading: CharacterReading, allowed: str) -> float:
    """The chance of the likeliest character, set against the others of its kind and what has no place there."""
    kinds = ([character for character in kind if character in allowed] for kind in (digits, ascii_uppercase))
    chances = [[reading.chance(character) for character in kind] for kind in kinds if kind]
    return max((_among(found, reading.spoilt) for found in chances), default=0.0)


def _among(chances: Sequence[float], spoilt: float) -> float:
    together = sum(chances)
    return max(chances) / (together + OUT_OF_PLACE * (1.0 - spoilt - together) + spoilt)


def _words(readings: Sequence[CharacterReading]) -> Iterator[list[int]]:
    """The places of boxes that are written in one after the other, in pieces that are not too wide."""
    for is_word, run in groupby(range(len(readings)), key=lambda place: _is_written(readings[place])):
        places = list(run)
        if is_word:
            yield from (places[start : start + _AT_ONCE] for start in range(0, len(places), _AT_ONCE))


def _read_word(boxes: Sequence[Picture], places: Sequence[int]) -> Iterator[tuple[int, tuple[float, ...]]]:
    """For each place: the greatest probability of every character at any step of the line within its box."""
    height, width = (min(boxes[place].shape[side] for place in places) for side in (0, 1))
    margin = np.full((height, _MARGIN_PX), 255, np.uint8)
    word = ink_alone([boxes[place][:height, :width] for place in places])
    steps = _as_capitals(line_probabilities(np.hstack([margin, *word, margin]), ALPHABET + _SMALL))
    middles = (np.arange(len(steps)) + 0.5) * _STEP_PX * height / LINE_HEIGHT_PX - _MARGIN_PX
    box_of_step = np.floor(middles / width)
    for number, place in enumerate(places):
        seen = steps[box_of_step == number].max(axis=0, initial=0.0)
        yield place, tuple(np.round(seen.astype(np.float64), _DECIMALS).tolist())


_STEP_PX = 8
"""Width of a step of the reader of lines, at `LINE_HEIGHT_PX`."""

_SMALL = ascii_uppercase.lower()


def _as_capitals(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of `ALPHABET` at each step, (steps, 36), a small letter counted as its capital."""
    every = steps[:, 1 : 1 + len(ALPHABET)].copy()
    every[:, len(digits) :] += steps[:, 1 + len(ALPHABET) :]
    return every
