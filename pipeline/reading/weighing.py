"""What two readers made of the same boxes, weighed together; and which boxes of an unsure answer a person looks at.

Two readers give a better guess than one, and never an answer that no person is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pipeline.reading.grammar import FieldReading
from pipeline.reading.readings import ALPHABET, CharacterReading

Decode = Callable[[Sequence[CharacterReading]], FieldReading]
"""Reads the boxes of one field, knowing what it may hold (`grammar`)."""

_A_PERSON_DECIDES = 2.0
"""No probability reaches this: what both readers were needed for is never sure. They err alike too often. Of 257 rows
of held-out glyphs for which both named one string, 22 were wrong; of 325 hardly written ones that the network of boxes
left unsure and both together found likelier than 0.98, 12 were."""

SURE_BY_BOTH = 0.98
"""Probability from which boxes that both readers saw need no person's eyes, once a person has seen the others of the
answer. Found on the calibration glyphs: docs/reading-characters.md has the curve."""

_LIKELIER_WRONG = 0.5
"""A guess less probable than this is one to read as a whole: a part of it is of no use."""

_TRUST, _TRUST_IN_LINE, _TRUST_SPOILT, _SPOILT = 0.898, 0.571, 0.586, -4.277
"""How far the network of boxes, that of lines, and the chance that a box is spoilt are believed when weighed together,
and by how much (in log odds) a character is likelier than a spoilt box. Fitted to the 13,117 boxes of 2,074 unsure rows
of calibration glyphs, one box in 50 spoilt."""

_NEVER_RULED_OUT, _UNSEEN = 1e-3, 3e-3
"""What each reader gives a character at least, before they are weighed: neither rules out what the other sees."""


def decode_by_both(readings: Sequence[CharacterReading], decode: Decode) -> FieldReading:
    """Read a field by the network of boxes; what that leaves unsure is guessed by both, and is a person's to decide.

    Of what is unsure, `unclear` are the boxes to look at.
    """
    found = decode(readings)
    if found.sure:
        return found
    if all(reading.in_line is None for reading in readings):
        return replace(found, unclear=_unclear(readings, found, decode, found.needed))
    weighed = [by_both(reading) for reading in readings]
    guess = decode(weighed)
    unclear = _unclear(weighed, guess, decode, max(SURE_BY_BOTH, guess.needed))
    return replace(guess, needed=_A_PERSON_DECIDES, unclear=unclear)


def _unclear(
    readings: Sequence[CharacterReading], found: FieldReading, decode: Decode, needed: float
) -> tuple[int, ...]:
    """The places of so many boxes that the others would be as sure as `needed`, were they known; the least clear first.

    All that are written in, where the guess is likelier wrong than right: there is too little of it to build on.
    """
    written = [place for place, character in enumerate(found.spelt) if character != " "]
    if found.probability < _LIKELIER_WRONG:
        return tuple(written)
    looks = dict(zip(written, found.looks, strict=True))
    known, probability, asked = list(readings), found.probability, list[int]()
    for place in sorted(written, key=lambda place: looks[place]):
        if probability >= needed:
            break
        asked.append(place)
        known[place] = _known(readings[place], found.spelt[place])
        again = decode(known)
        probability = again.probability if again.value == found.value else 0.0
    return tuple(sorted(asked))


def _known(reading: CharacterReading, character: str) -> CharacterReading:
    """The box once a person has said what it holds."""
    chances = tuple(float(each == character) for each in ALPHABET)
    return replace(reading, probabilities=chances, spoilt=0.0, in_line=None)


def by_both(reading: CharacterReading) -> CharacterReading:
    """Return what both readers make of a box together; what the first one read, where the second was not asked.

    Probabilities multiply, each raised to a power that says how far it is to be believed (a logarithmic opinion pool:
    Genest and Zidek, 1986). The reader of lines does not know that a box may be spoilt.
    """
    if reading.in_line is None or reading.spoilt == 1.0:
        return reading
    seen = np.array(reading.in_line) + _UNSEEN
    character = _TRUST * np.log((1.0 - reading.spoilt) * np.array(reading.probabilities) + _NEVER_RULED_OUT)
    character += _TRUST_IN_LINE * np.log(seen / (seen.sum() + _UNSEEN))
    spoilt = _TRUST_SPOILT * np.log(reading.spoilt + _NEVER_RULED_OUT) + _SPOILT
    weights = np.exp(np.append(character, spoilt))
    weights /= weights.sum()
    characters = weights[:-1] / weights[:-1].sum()
    return replace(reading, probabilities=tuple(characters.tolist()), spoilt=float(weights[-1]))
