"""Boxed handwritten characters: a picture of one box in, how much ink and which character out.

`glyphs` takes frame, dust and the lightness of the paper away and brings the character to one size; here a small
convolutional network says what it looks like. Nothing is decided: `grammar` does that.

A second network knows what black-and-white scans leave of thin strokes; it is asked where the first is not clear.
Both were trained by `training/characters.py`; docs/reading-characters.md says on what and how well.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.glyphs import Glyph, find_glyphs
from pipeline.reading.network import Network, load_network
from pipeline.reading.readings import ALPHABET, CharacterReading

_ANY, _BLACK_AND_WHITE = "characters.onnx", "characters-black-and-white.onnx"
"""The networks, by their files in `models`."""

_STRUCK = 0.9
"""Probability, at least, that a box is spoilt where ink runs from side to side: enough to leave no field sure."""


_DECIMALS = 5
"""Decimal places kept of probabilities: finer means nothing and triples the size of the record."""

_NO_INK = CharacterReading(ink=0.0, probabilities=(round(1.0 / len(ALPHABET), _DECIMALS),) * len(ALPHABET), spoilt=0.0)


def read_characters(boxes: Sequence[NDArray[np.uint8]]) -> tuple[CharacterReading, ...]:
    """Read pictures of boxes, each (height, width) uint8 at `PIXELS_PER_MM`, dark ink on light paper.

    Give the boxes of one field, or of one page, together: they tell each other how light the paper is, and
    the network is fastest in batches. The network is kept for the process.
    """
    glyphs = find_glyphs(boxes)
    inked = [glyph.picture for glyph in glyphs if glyph.ink > 0.0]
    recognised = iter(_recognise(inked))
    return tuple(_character_reading(glyph, *next(recognised)) if glyph.ink > 0.0 else _NO_INK for glyph in glyphs)


def read_thin_characters(boxes: Sequence[NDArray[np.uint8]]) -> tuple[tuple[float, ...] | None, ...]:
    """Read the boxes of a field of a black-and-white scan by the network for thin strokes.

    For each box the probabilities of the 36 characters, if it shows one, and of a spoilt box; None without ink.
    """
    glyphs = find_glyphs(boxes)
    inked = [glyph.picture for glyph in glyphs if glyph.ink > 0.0]
    recognised = iter(_recognise(inked, _BLACK_AND_WHITE))
    seen = [next(recognised) if glyph.ink > 0.0 else None for glyph in glyphs]
    return tuple(None if each is None else (*each[0], each[1]) for each in seen)


def _recognise(pictures: Sequence[NDArray[np.uint8]], network: str = _ANY) -> Iterable[tuple[list[float], float]]:
    """For each picture, the probabilities of the 36 characters, if it shows one, and of a spoilt box."""
    if not pictures:
        return ()
    seen = np.stack(pictures)[:, None].astype(np.float32) / np.float32(255.0)
    chances = _network(network)(seen).astype(np.float64)
    characters, spoilt = chances[:, :-1], chances[:, -1]
    characters = np.round(characters / characters.sum(axis=1, keepdims=True), _DECIMALS)
    return zip(characters.tolist(), np.round(spoilt, _DECIMALS).tolist(), strict=True)


@cache
def _network(name: str) -> Network:
    return load_network(files("pipeline.reading").joinpath("models", name).read_bytes())


def _character_reading(glyph: Glyph, characters: list[float], spoilt: float) -> CharacterReading:
    return CharacterReading(
        ink=round(glyph.ink, 3),
        probabilities=tuple(characters),
        spoilt=max(spoilt, _STRUCK if glyph.struck else 0.0),
    )
