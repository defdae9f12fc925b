"""The typefaces that forms are printed in, and which of them each letter takes (all made by `setup/fonts.py`).

Latin letters, figures and punctuation are Atkinson Hyperlegible Next in every language. Letters of other scripts are
Noto: Nastaliq for Urdu, Naskh for Arabic, Sans for Bengali and Gurmukhi.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Literal

import uharfbuzz
from reportlab.pdfbase.ttfonts import TTFont

from pipeline.form.languages import runs_right_to_left

FACES = {
    "regular": "AtkinsonHyperlegibleNext-Regular.ttf",
    "semibold": "AtkinsonHyperlegibleNext-SemiBold.ttf",
    "bold": "AtkinsonHyperlegibleNext-Bold.ttf",
}
"""The Latin faces, and the file of each."""

CAP_HEIGHT = 0.668
"""Height of a capital as a part of the type size, from the font's OS/2 table."""

NASTALIQ_HEIGHT = 0.95
"""Of the type size: half of it above the base line lies the middle of the ink of ordinary Urdu words."""

Script = Literal["arabic", "bengali", "gurmukhi"]

SCRIPTS: dict[Script, tuple[int, int]] = {
    "arabic": (0x0600, 0x06FF),
    "bengali": (0x0980, 0x09FF),
    "gurmukhi": (0x0A00, 0x0A7F),
}
"""The Unicode block, first and last, of each script beyond Latin that can be printed."""

_NOTO = {"bengali": "NotoSansBengali", "gurmukhi": "NotoSansGurmukhi"}
_ARABIC = {"naskh": "NotoNaskhArabic", "nastaliq": "NotoNastaliqUrdu"}
_WEIGHTS = {"regular": "Regular", "semibold": "Bold", "bold": "Bold"}
"""Noto comes in two weights here: what is semi-bold in Latin is bold in other scripts."""

JOINERS = "\u200c\u200d"
"""Zero-width non-joiner and joiner: they shape the letters beside them."""

UNSEEN = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Characters that say which way words run; they print nothing, and lines are put in order without them."""

_SHARED = "\u0964\u0965"
"""Dandas, the full stops of several scripts: they take the face of the word before them."""

TALLNESS = {"naskh": 1.2, "nastaliq": 1.7, "bengali": 1.1, "gurmukhi": 1.1}
"""How much higher than a Latin line a line must be: from the ink of words that stack high, above and below the base
line (1.35, 2.3, 1.14 and 1.16 of the type size, by what HarfBuzz says of their glyphs)."""


@dataclass(frozen=True, slots=True)
class Font:
    """What a `TextRun`'s font stands for: the Latin face, the Noto file of each script, and whether its lines run
    from right to left."""

    latin: str
    scripts: dict[Script, str]
    right_to_left: bool


def _font(weight: str, arabic: str, right_to_left: bool) -> Font:
    noto = _WEIGHTS[weight]
    scripts: dict[Script, str] = {
        "arabic": f"{_ARABIC[arabic]}-{noto}",
        "bengali": f"{_NOTO['bengali']}-{noto}",
        "gurmukhi": f"{_NOTO['gurmukhi']}-{noto}",
    }
    return Font(weight, scripts, right_to_left)


FONTS: dict[str, Font] = {
    **{weight: _font(weight, "naskh", right_to_left=False) for weight in FACES},
    **{f"{weight}-{style}": _font(weight, style, right_to_left=True) for weight in FACES for style in _ARABIC},
}
"""The font names a `TextRun` may carry: a weight alone, or with the Arabic style its lines are written in."""


def font_for(weight: str, language: str) -> str:
    """Return the name of the font in which words of `language` are set in `weight`."""
    if not runs_right_to_left(language):
        return weight
    return f"{weight}-nastaliq" if language.split("-")[0] == "ur" else f"{weight}-naskh"


def middle_height(font: str) -> float:
    """Return the height whose middle is the middle of what is seen of a line in a font, as a part of the type size:
    that of capitals, and for Nastaliq, which hangs from above, the upper edge of most of its words."""
    return NASTALIQ_HEIGHT if font.endswith("nastaliq") else CAP_HEIGHT


def tallness(language: str) -> float:
    """Return how many times as high as a Latin line the lines of `language` must be."""
    styles = {"ar": "naskh", "fa": "naskh", "ur": "nastaliq", "bn": "bengali", "pa": "gurmukhi"}
    style = styles.get(language.split("-")[0])
    return TALLNESS[style] if style else 1.0


@cache
def face(name: str) -> Any:
    """Return the reportlab `TTFont` of a Latin face by its name in `FACES`."""
    return TTFont(name, BytesIO(_bytes(FACES[name])))


@cache
def shaper(file: str) -> uharfbuzz.Font:
    """Return a Noto face, by the stem of its file, as HarfBuzz shapes with it; 1,000 units are the type size."""
    font = uharfbuzz.Font(uharfbuzz.Face(_bytes(f"{file}.ttf")))
    font.scale = (1000, 1000)
    return font


def is_latin(text: str) -> bool:
    """Whether all of `text` is set in Atkinson Hyperlegible."""
    return text.isascii() or all(ord(letter) in _latin_letters() for letter in text)


@cache
def _latin_letters() -> frozenset[int]:
    return frozenset(face("regular").face.charToGlyph)


def script_of(letter: str, before: Script | None) -> Script | None:
    """Return the script whose face a letter takes after letters of script `before`; None where there is none."""
    if letter in JOINERS or letter in _SHARED:
        return before or "bengali"
    return next((script for script, (first, last) in SCRIPTS.items() if first <= ord(letter) <= last), None)


def unprintable(text: str) -> str:
    """Return the characters of `text` that no typeface here can print, each once, in order of appearance."""
    known = _printable()
    return "".join(dict.fromkeys(letter for letter in text if letter != "\n" and ord(letter) not in known))


@cache
def _printable() -> frozenset[int]:
    unseen = {ord(letter) for letter in UNSEEN}
    noto = (shaper(file).face.unicodes for file in FONTS["regular"].scripts.values())
    return frozenset({*_latin_letters(), *unseen, *(code for codes in noto for code in codes)})


def _bytes(file: str) -> bytes:
    return files(__package__).joinpath(file).read_bytes()
