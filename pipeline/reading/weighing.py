"""What several readers made of the same boxes, weighed together; and which boxes of an unsure answer a person looks at.

Together they give a better guess than one, and never an answer that no person is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.grammar import FieldReading
from pipeline.reading.readings import ALPHABET, CharacterReading

Decode = Callable[[Sequence[CharacterReading]], FieldReading]
"""Reads the boxes of one field, knowing what it may hold (`grammar`)."""

_A_PERSON_DECIDES = 2.0
"""No probability reaches this: what further readers were needed for is never sure. They err alike too often."""

SURE_TOGETHER = 0.98
"""Probability from which boxes that several readers saw need no person's eyes, once a person has seen the others of the
answer. Found on the calibration glyphs: docs/reading-characters.md has the curve."""

_LIKELIER_WRONG = 0.5
"""A guess less probable than this is one to read as a whole: a part of it is of no use."""


@dataclass(frozen=True, slots=True)
class _Trust:
    """How far each reader is believed: the network of boxes, that for thin strokes, that of lines; the first two about
    spoilt boxes; and by how much (in log odds) a character is likelier than a spoilt box."""

    boxes: float
    thin: float
    in_line: float
    boxes_spoilt: float
    thin_spoilt: float
    spoilt: float


_TOGETHER = _Trust(boxes=0.177, thin=0.666, in_line=0.235, boxes_spoilt=0.351, thin_spoilt=0.827, spoilt=-2.043)
_WITHOUT_LINES = _Trust(boxes=0.307, thin=0.779, in_line=0.0, boxes_spoilt=0.251, thin_spoilt=0.832, spoilt=-2.018)
"""Fitted by `training/trust.py` to unsure rows of calibration glyphs in two tones."""

LEAST_CHANCE, LEAST_SPOILT = 1e-5, 1.3e-3
"""What each reader gives a character, and a spoilt box, at least before they are weighed: none rules out what the
others see."""


def decode_together(readings: Sequence[CharacterReading], decode: Decode) -> FieldReading:
    """Read a field by the network of boxes; what that leaves unsure is guessed by all, and is a person's to decide.

    Of what is unsure, `unclear` are the boxes to look at.
    """
    found = decode(readings)
    if found.sure:
        return found
    if all(reading.thin is None for reading in readings):
        return replace(found, unclear=_unclear(readings, found, decode, found.needed))
    weighed = [weigh_together(reading) for reading in readings]
    guess = decode(weighed)
    unclear = _unclear(weighed, guess, decode, max(SURE_TOGETHER, guess.needed))
    return replace(guess, needed=_A_PERSON_DECIDES, unclear=unclear)


def _unclear(
    readings: Sequence[CharacterReading], found: FieldReading, decode: Decode, needed: float
) -> tuple[int, ...]:
    """The places of so many boxes that the others would be as sure as `needed`, were they known; the least clear first.

    At least one, since the answer waits for a person. All that are written in, where the guess is likelier wrong than
    right: there is too little of it to build on.
    """
    written = [place for place, character in enumerate(found.spelt) if character != " "]
    if found.probability < _LIKELIER_WRONG:
        return tuple(written)
    looks = dict(zip(written, found.looks, strict=True))
    known, asked = list(readings), list[int]()
    for place in sorted(written, key=lambda place: looks[place]):
        asked.append(place)
        known[place] = _known(readings[place], found.spelt[place])
        again = decode(known)
        if again.value == found.value and again.probability >= needed:
            break
    return tuple(sorted(asked))


def _known(reading: CharacterReading, character: str) -> CharacterReading:
    """The box once a person has said what it holds."""
    chances = tuple(float(each == character) for each in ALPHABET)
    return replace(reading, probabilities=chances, spoilt=0.0, in_line=None, thin=None)


def weigh_together(reading: CharacterReading) -> CharacterReading:
    """Return what all readers make of a box together; what the first one read, where no other was asked.

    Probabilities multiply, each raised to a power that says how far it is to be believed (a logarithmic opinion pool:
    Genest and Zidek, 1986). The reader of lines does not know that a box may be spoilt.
    """
    if reading.thin is None or reading.spoilt == 1.0:
        return reading
    trust = _TOGETHER if reading.in_line else _WITHOUT_LINES
    *thin, thin_spoilt = reading.thin
    character = trust.boxes * _log(reading.probabilities, 1.0 - reading.spoilt)
    character += trust.thin * _log(thin, 1.0 - thin_spoilt)
    if reading.in_line:
        character += trust.in_line * _log(reading.in_line, 1.0)
    spoilt = trust.boxes_spoilt * log(reading.spoilt + LEAST_SPOILT)
    spoilt += trust.thin_spoilt * log(thin_spoilt + LEAST_SPOILT) + trust.spoilt
    weights = np.exp(np.append(character, spoilt) - max(character.max(), spoilt))
    weights /= weights.sum()
    characters = weights[:-1] / weights[:-1].sum()
    return replace(reading, probabilities=tuple(characters.tolist()), spoilt=float(weights[-1]))


def _log(chances: Sequence[float], written: float) -> NDArray[np.float64]:
    return np.log(written * np.array(chances) + LEAST_CHANCE)
