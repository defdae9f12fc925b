"""The serial in letters (`7Q2MABCD-1`), read where both square codes are spoilt: it names the copy and the page.

Everything about the serial is known but its letters: typeface, size and place. So no reader of letters is needed: each
letter of the alphabet is drawn as the printer draws it and laid over the paper wherever it may stand; the lines of
letters that fit best are drawn whole, and the one that is most like the paper is the serial. Of two codes with right
check characters at least two letters differ. A serial that is not read with certainty is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import islice, product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.form import fonts
from pipeline.form.code import ALPHABET, COPY_LENGTH, is_copy_code
from pipeline.form.layout import Box, CopyRun
from pipeline.form.paper.editions import MM_PER_PT
from pipeline.form.shaping import text_width
from pipeline.page.picture import Grey
from pipeline.page.plane import Matrix, cut, grey_below

Map = NDArray[np.float32]
"""(rows, columns): ink, or how well something fits when it stands there."""

_PX_PER_MM = 12.0
"""Scale at which letters are compared: about 300 dpi, a capital of 9 pt is 25 pixels high."""

_REACH_MM = 1.8
"""How far from its place the serial is looked for: corner marks alone are right to 1.2 mm at worst."""

_Look = tuple[float, float]
_LOOKS: tuple[_Look, ...] = ((0.0, 0.07), (0.0, 0.15), (0.06, 0.1), (0.12, 0.1))
"""What printing and scanning do to letters: mm that black has spread over white, and blur (standard deviation, mm). A
sharp scan, a coarse or blurred one, a photocopy, a black-and-white copy that came out much too dark."""

_EVENED_MM = 0.3
"""Ink is compared with its mean this far around (standard deviation): otherwise wide letters, which hold more of it,
explain blurred ink too well."""

_ABOVE_BASE, _BELOW_BASE = 0.80, 0.26
"""How far letters reach above and below their base line, as parts of the type size: J and Q go below it."""

_LEAST_CONTRAST = 40
"""Grey levels between paper and the darkest ink; with less there is nothing printed here."""

_LEAST_LIKENESS = 0.80
_LEAST_LEAD = 1.1
"""How like its drawing a serial must be (correlation), and how many times more of the paper the next likely code must
leave unexplained. Of 350 serials, most of them blurred, photocopied twice, faxed or at 100 dpi, all were read rightly,
97 in 100 with such a lead; with the paper placed wrongly by a twentieth of a letter's height across it, leads of wrong
codes reach 1.3. A code so misread was hardly ever printed: a site's codes are a few of 27,000 million."""

_ALTERNATIVES = 4
_CODES_DRAWN = 8
"""Letters considered at each place, and codes that are drawn whole."""


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial as read: copy, form page, how like its drawing it is (correlation, at most 1), and its lead.

    The lead says how many times more of the paper the next likely code leaves unexplained.
    """

    copy: str
    form_page: int
    likeness: float
    lead: float

    @property
    def sure(self) -> bool:
        """Whether a page may be named by it."""
        return self.likeness >= _LEAST_LIKENESS and self.lead >= _LEAST_LEAD


def read_serial(grey: Grey, homography: Matrix, run: CopyRun, form_pages: Sequence[int]) -> Serial | None:
    """Read the serial printed as `run` says in a picture (`homography` maps mm to its pixels), of one of `form_pages`.

    Returns None where nothing is printed that might be one.
    """
    picture = cut(grey, homography, _seen(run), _PX_PER_MM)
    if grey_below(picture, 0.7) - grey_below(picture, 0.02) < _LEAST_CONTRAST:
        return None
    ink = _evened(1 - picture.astype(np.float32) / 255)
    lines = (line for look in _LOOKS for line in _lines(ink, run, look, [f"-{page}" for page in form_pages]))
    line = max(lines, key=lambda each: each.fit)
    likely = [(_likeness(ink, run, f"{code}{line.ending}"), code) for code in islice(_codes(line), _CODES_DRAWN)]
    if not likely:
        return None
    likely.sort(reverse=True)
    (best, code), second = likely[0], likely[1][0] if len(likely) > 1 else 0.0
    return Serial(code, -int(line.ending), best, (1 - second**2) / max(1 - best**2, 1e-6))


def _seen(run: CopyRun) -> Box:
    """The part of the paper looked at: where the widest serial may stand, and how far it may be off."""
    size = run.size_pt * MM_PER_PT
    widest = text_width("W" * COPY_LENGTH + "-99", run.font, run.size_pt)
    return Box(run.x, run.y - _ABOVE_BASE * size, widest, (_ABOVE_BASE + _BELOW_BASE) * size).grown(_REACH_MM)


def _evened(ink: NDArray[Any]) -> Map:
    """Ink less its mean around, so that only the shapes of letters count."""
    return np.asarray(ink - cv2.GaussianBlur(ink, (0, 0), _EVENED_MM * _PX_PER_MM), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Line:
    """The best line of letters found: how well it fits, its ending, and at each place the fit of every letter."""

    fit: float
    ending: str
    places: tuple[Mapping[str, float], ...]


_Step = tuple[str, NDArray[np.intp]]
"""The letters one place may hold, and which of them leads best to each point where it ends: (rows, columns)."""


def _lines(ink: Map, run: CopyRun, look: _Look, endings: Sequence[str]) -> Iterator[_Line]:
    """Find eight letters, one beside the other on one line, that fit best together with each of the endings.

    The best line up to each place is found letter by letter (Viterbi); every row of places is a line of its own.
    """
    fits = {letter: _fit(ink, _letter(letter, run.font, run.size_pt, look)) for letter in f"{ALPHABET}01-"}
    code, reached = _steps(np.zeros_like(fits["-"]), fits, run, [ALPHABET] * COPY_LENGTH)
    for ending in endings:
        page, ended = _steps(reached, fits, run, ending)
        row, column = divmod(int(np.argmax(ended)), ended.shape[1])
        places = tuple(_places(fits, run, [*code, *page], row, column))
        yield _Line(float(ended[row, column]), ending, places[::-1][:COPY_LENGTH])


def _steps(reached: Map, fits: Mapping[str, Map], run: CopyRun, choices: Sequence[str]) -> tuple[list[_Step], Map]:
    """Go on from what lines `reached` wherever they end, by one of the letters of each choice."""
    steps = []
    for choice in choices:
        ends = np.stack([_moved(reached + fits[letter], _advance(letter, run)) for letter in choice])
        steps.append((choice, ends.argmax(axis=0)))
        reached = ends.max(axis=0)
    return steps, reached


def _places(
    fits: Mapping[str, Map], run: CopyRun, steps: Sequence[_Step], row: int, end: float
) -> Iterator[Mapping[str, float]]:
    """How well every letter fits at each place of the line that ends best, the last place first."""
    for choice, chosen in reversed(steps):
        end -= _advance(choice[int(chosen[row, round(end)])], run)
        yield {letter: _around(fits[letter], row, round(end)) for letter in choice}


def _fit(ink: Map, letter: Map) -> Map:
    """How much better the ink is explained by a letter than by blank paper, wherever the letter's cell begins."""
    wide = cv2.copyMakeBorder(ink, 0, 0, _MARGIN_PX, letter.shape[1] - _MARGIN_PX - 1, cv2.BORDER_CONSTANT, value=0)
    matched = cv2.matchTemplate(wide, letter, cv2.TM_CCORR)
    contrast = float(np.abs(ink).max()) / float(np.abs(letter).max())
    return np.asarray(2 * contrast * matched - contrast**2 * float((letter * letter).sum()), dtype=np.float32)


def _moved(values: Map, by: float) -> Map:
    """The map moved right by a number of pixels, parts included; nothing may come in from the left."""
    whole, part = divmod(by, 1.0)
    padded = np.pad(values, ((0, 0), (int(whole) + 1, 0)), constant_values=-1e6)
    left, right = padded[:, : values.shape[1]], padded[:, 1 : values.shape[1] + 1]
    return np.asarray(part * left + (1 - part) * right, dtype=np.float32)


def _around(fits: Map, row: int, column: int) -> float:
    """The best fit within a pixel of a place."""
    return float(fits[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].max(initial=-1e6))


def _codes(line: _Line) -> Iterator[str]:
    """Codes with a right check character that the letters at the places of a line may make, the likeliest first."""
    likely = [sorted(place.items(), key=lambda each: -each[1])[:_ALTERNATIVES] for place in line.places]
    every = ((sum(fit for _, fit in chosen), "".join(each for each, _ in chosen)) for chosen in product(*likely))
    return (code for _, code in sorted(every, reverse=True) if is_copy_code(code))


def _likeness(ink: Map, run: CopyRun, serial: str) -> float:
    """How like the paper a serial drawn whole is, wherever it stands and however it looks (correlation)."""
    drawn = (_printed(serial, run.font, run.size_pt, look) for look in _LOOKS)
    return max(float(cv2.matchTemplate(ink, each, cv2.TM_CCORR_NORMED).max()) for each in drawn)


def _advance(letter: str, run: CopyRun) -> float:
    return text_width(letter, run.font, run.size_pt) * _PX_PER_MM


_MARGIN_PX = 5
"""Paper around a drawn letter: its blur reaches as far."""

_FINE = 4
"""Letters are drawn so many times finer and averaged."""


@cache
def _letter(letter: str, font: str, size_pt: float, look: _Look) -> Map:
    return _printed(letter, font, size_pt, look)


def _printed(words: str, font: str, size_pt: float, look: _Look) -> Map:
    """Words as the printer draws them and a scanner sees them, with `_MARGIN_PX` of paper around their cells."""
    size = size_pt * MM_PER_PT * _PX_PER_MM
    width = round(text_width(words, font, size_pt) * _PX_PER_MM) + 2 * _MARGIN_PX
    above, below = round(_ABOVE_BASE * size) + _MARGIN_PX, round(_BELOW_BASE * size) + _MARGIN_PX
    canvas = Image.new("L", (width * _FINE, (above + below) * _FINE), 0)
    pen, typeface = ImageDraw.Draw(canvas), _typeface(font, size * _FINE)
    for place, letter in enumerate(words):
        x = _MARGIN_PX + text_width(words[:place], font, size_pt) * _PX_PER_MM
        pen.text((round(x * _FINE), above * _FINE), letter, fill=255, font=typeface, anchor="ls")
    spread, blur = look
    wide = 2 * round(spread * _PX_PER_MM * _FINE / 2) + 1
    bold = cv2.dilate(np.asarray(canvas), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide)))
    small = cv2.resize(bold, (width, above + below), interpolation=cv2.INTER_AREA)
    return _evened(cv2.GaussianBlur(small.astype(np.float32) / 255, (0, 0), blur * _PX_PER_MM))


@cache
def _typeface(font: str, size_px: float) -> ImageFont.FreeTypeFont:
    data = files(fonts).joinpath(fonts.FACES[font]).read_bytes()
    return ImageFont.truetype(BytesIO(data), size_px, layout_engine=ImageFont.Layout.BASIC)
