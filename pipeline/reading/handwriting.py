"""Handwriting, line by line, into words with a confidence each. A help to whoever checks it, never an answer.

The network gives each place along a line its likeliest character (greedy decoding of connectionist temporal
classification: Graves et al., 2006), out of those that the edition's languages are written with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey
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

_WIDEST_PX = 320
"""A line as wide as this (at 48 pixels height and before it is stretched) is read in pieces: a network's memory grows
with the width, and at 560 was 20 MB more in every process. Of 32 comments each, 0.98 % of the characters in faces and
6.3 % of those in letters are read wrongly, and at 560 1.22 % and 5.9 %."""

_SURENESS = (0.5, -0.6)
"""Slope and height, in log odds, of a word's chance of being right over the product of what the network gives its
characters, which is too sure of itself. Fitted to 858 drawn words, half in six faces, half of real single letters
(EMNIST, training part)."""

_NEVER_SURER = 1e-4
"""Nor is the product believed beyond this distance from certainty."""


_SPACE_OF_HEIGHT, _SPACE_OF_GAPS = 0.3, 2.5
"""Paper between two characters wider than this share of the line's height, and than this many times what is usual
between its characters, is a space. Without, six of 18 drawn names were run together; nothing that belongs together was
parted in 64 comments and names."""

_WHITE = 200
"""Grey from which on a line cut out black on white has no ink."""


@dataclass(frozen=True, slots=True)
class _Character:
    """One character that was read: what it is, how likely, and where its middle is, 0 to 1 along the line."""

    text: str
    chance: float
    middle: float


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
        words.extend(_words(piece, line_probabilities(piece, allowed, _STRETCH), allowed))
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


def _words(line: Grey, probabilities: Probabilities, allowed: str) -> Iterator[Word]:
    characters = _with_spaces(_characters(probabilities, allowed), line)
    for is_space, word in groupby(characters, key=lambda character: character.text == " "):
        if not is_space:
            yield _word(list(word))


def _characters(probabilities: Probabilities, allowed: str) -> list[_Character]:
    """The likeliest character at each step, repeats and gaps taken out."""
    likeliest = probabilities.argmax(axis=1)
    found = []
    for place, run in groupby(range(len(likeliest)), key=lambda step: int(likeliest[step])):
        if place:
            steps = list(run)
            middle = (steps[0] + steps[-1] + 1) / 2 / len(likeliest)
            found.append(_Character(allowed[place - 1], float(probabilities[steps, place].max()), middle))
    return found


def _with_spaces(characters: Sequence[_Character], line: Grey) -> Iterator[_Character]:
    """Add a space where the paper between two characters is wide: between capitals, the network misses many."""
    height, width = line.shape
    inked = np.asarray((line < _WHITE).any(axis=0))
    pairs = list(pairwise(characters))
    gaps = [_widest_paper(inked[int(a.middle * width) : int(b.middle * width)]) for a, b in pairs]
    within = [gap for gap, (a, b) in zip(gaps, pairs, strict=True) if " " not in (a.text, b.text)]
    least = max(_SPACE_OF_HEIGHT * height, _SPACE_OF_GAPS * float(np.median(within)) if within else 0.0)
    for number, character in enumerate(characters):
        yield character
        if number < len(pairs) and gaps[number] > least and " " not in (character.text, pairs[number][1].text):
            yield _Character(" ", 1.0, character.middle)


def _widest_paper(inked: NDArray[np.bool_]) -> int:
    return max((len(list(run)) for is_ink, run in groupby(inked.tolist()) if not is_ink), default=0)


def _word(characters: Sequence[_Character]) -> Word:
    text = "".join(character.text for character in characters).translate(_PLAIN)
    chance = math.prod(character.chance for character in characters)
    believed = float(np.clip(chance, _NEVER_SURER, 1.0 - _NEVER_SURER))
    slope, height = _SURENESS
    odds = slope * math.log(believed / (1.0 - believed)) + height
    return Word(text, round(1.0 / (1.0 + math.exp(-odds)), 3))
