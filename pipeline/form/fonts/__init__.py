"""Measure words in the typeface they are printed in (Atkinson Hyperlegible Next, merged by `setup/fonts.py`)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from reportlab.pdfbase.ttfonts import TTFont

from pipeline.form.paper.editions import MM_PER_PT

FACES = {
    "regular": "AtkinsonHyperlegibleNext-Regular.ttf",
    "semibold": "AtkinsonHyperlegibleNext-SemiBold.ttf",
    "bold": "AtkinsonHyperlegibleNext-Bold.ttf",
}
"""The font names a `TextRun` may carry, and the file of each."""

CAP_HEIGHT = 0.668
"""Height of a capital as a part of the type size, from the font's OS/2 table."""


@cache
def face(name: str) -> Any:
    """Return the reportlab `TTFont` of a face by its name in `FACES`."""
    return TTFont(name, BytesIO(files(__package__).joinpath(FACES[name]).read_bytes()))


def text_width(text: str, font: str, size_pt: float) -> float:
    """Return the printed width of `text` in mm: without kerning, as printing sets it."""
    return float(face(font).stringWidth(text, size_pt)) * MM_PER_PT


def unprintable(text: str) -> str:
    """Return the characters of `text` that the typeface cannot print, each once, in order of appearance."""
    known = face("regular").face.charToGlyph
    return "".join(dict.fromkeys(letter for letter in text if letter != "\n" and ord(letter) not in known))
