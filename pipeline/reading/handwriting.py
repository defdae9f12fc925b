"""Handwriting, line by line, into words with a confidence each. A help to whoever checks it, never an answer.

The network gives each place along a line its likeliest character (greedy decoding of connectionist temporal
classification: Graves et al., 2006), out of those that the edition's languages are written with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from pipeline.page.identify import Grey
from pipeline.reading.letters import LINE_HEIGHT_PX, Probabilities, line_probabilities, line_reader
from pipeline.reading.words import Word

_EVERYWHERE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz !\"#%&'()*+,-./:;=?@_£€½’‘“”–"
_BESIDES = {
    "en": "é",
    "cy": "ÂÊÎÔÛŴŶâêîôûŵŷÁÉÍÓÚáéíóúÀÈÌÒÙàèìòùÄËÏÖÜäëïöüý",
    "pl": "ĄĆĘŁŃÓŚŹŻąćęłńóśźż",
    "ro": "ĂÂÎȘȚăâîșț",
}
"""What is written in each language that can be read, besides what is written in all of them."""

_PLAIN = str.maketrans("’‘“”–ý", "''\"\"-ŷ")
"""Quotation marks and dashes as people type them. The network takes a ŷ for a ý, which none of these languages has."""

_STRETCH = 1.5
"""Lines are drawn wider by this much: 10.8 % of characters of real lines (IAM) are wrong, and 16 % without."""

_WIDEST_PX = 560
"""A line as wide as this (at 48 pixels height and before it is stretched) is read in pieces: a network's memory grows
with the width."""

_SURENESS = (0.5, -0.6)
"""Slope and height, in log odds, of a word's chance of being right over the product of what the network gives its
characters, which is too sure of itself. Fitted to 858 drawn words, half in six faces, half of real single letters
(EMNIST, training part)."""

_NEVER_SURER = 1e-4
"""Nor is the product believed beyond this distance from certainty."""


def can_read(lang: str) -> bool:
    """Whether the reader is here and knows the letters of an edition in `lang` (`en`, `cy+en`)."""
    return line_reader() is not None and all(tag in _BESIDES for tag in lang.split("+"))


def alphabet(lang: str) -> str:
    """Return the characters that writing on an edition in `lang` is made of."""
    return _EVERYWHERE + "".join(sorted({letter for tag in lang.split("+") for letter in _BESIDES.get(tag, "")}))


def read_handwriting(lines: Sequence[Grey], lang: str, most_px: float = math.inf) -> tuple[Word, ...]:
    """Read pictures of lines, black on white, from the top; `can_read` must be true of `lang`.

    Where they are longer than `most_px` all together (at 48 pixels height), the last word is an ellipsis.
    """
    allowed = alphabet(lang)
    words: list[Word] = []
    for piece in (piece for line in lines for piece in _pieces(line)):
        most_px -= _width(piece)
        if most_px < 0:
            return (*words, Word("…", 0.0))
        words.extend(_words(line_probabilities(piece, allowed, _STRETCH), allowed))
    return tuple(words)


def _width(line: Grey) -> float:
    """How wide a line is at the height at which it is read, in pixels."""
    height, width = line.shape
    return float(width * LINE_HEIGHT_PX / height)


def _pieces(line: Grey) -> Iterator[Grey]:
    """A line cut at its widest gaps near the middle until no piece is too wide."""
    if _width(line) <= _WIDEST_PX:
        yield line
        return
    width = line.shape[1]
    cut = _widest_gap(line[:, width // 4 : -(width // 4)]) + width // 4
    yield from _pieces(line[:, :cut])
    yield from _pieces(line[:, cut:])


def _widest_gap(line: Grey) -> int:
    """The middle of the widest run of columns that are as light as the lightest."""
    ink = (255.0 - line).sum(axis=0)
    light = np.concatenate(([False], ink <= ink.min(), [False]))
    edges = np.flatnonzero(np.diff(light.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    widest = int((ends - starts).argmax())
    return int(starts[widest] + ends[widest]) // 2


def _words(probabilities: Probabilities, allowed: str) -> Iterator[Word]:
    """The likeliest character at each step, repeats and gaps taken out, as words."""
    characters: list[tuple[str, float]] = []
    likeliest = probabilities.argmax(axis=1)
    for place, steps in groupby(range(len(likeliest)), key=lambda step: int(likeliest[step])):
        if place:
            characters.append((allowed[place - 1], float(probabilities[list(steps), place].max())))
    for is_space, word in groupby(characters, key=lambda character: character[0] == " "):
        if not is_space:
            yield _word(list(word))


def _word(characters: Sequence[tuple[str, float]]) -> Word:
    text = "".join(character for character, _ in characters).translate(_PLAIN)
    chance = float(np.clip(math.prod(chance for _, chance in characters), _NEVER_SURER, 1.0 - _NEVER_SURER))
    slope, height = _SURENESS
    odds = slope * math.log(chance / (1.0 - chance)) + height
    return Word(text, round(1.0 / (1.0 + math.exp(-odds)), 3))
