"""A comment on a strip of paper: written by a hand or in letters that people really wrote, scanned, and cut out.

Whole pages take a second each; this takes a tenth, so that thousands of words can be measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.practice.handwriting import Hand, cropped, letter, write
from pipeline.practice.pens import Cover, Grey, Pen, soak
from pipeline.practice.scanner import MM_PER_INCH, Scanner, scan

FIELD_MM = (170.0, 45.0)
"""Width and height of a comment field in the clear edition."""

PRINTED_AT = 300 / MM_PER_INCH
"""Pixels per millimetre of the strip before it is scanned, and of what is cut out of it."""

_HELD_OUT = slice(None, None, 10)
"""Every tenth character of the archive was kept from training (training/glyphs.py)."""

_TALL = dict.fromkeys("bdfhkl", 1.0) | dict.fromkeys("gjpqy", 0.95) | {"t": 0.85, "i": 0.8}
_SMALL = 0.62
"""Heights of letters as shares of a capital's: those with a stem or a tail, and all others."""

_TAIL = 0.33
"""How far tails hang below the line, in heights of capitals."""

_MARKS = {",": 0.15, "'": -0.7, "-": -0.35}
"""How far marks stand below the line; they are drawn in a steady face, for want of real ones."""

_STEADY = "patrick-hand"
_LINE_PITCH, _FIRST_LINE = 2.1, 1.6
"""From line to line, and from the top of the field to the first, in heights of capitals."""

Glyphs = Mapping[str, NDArray[np.uint8]]
"""For each character the ways people wrote it: (n, 28, 28), ink 255."""


def held_out_letters(archive: Path) -> Glyphs:
    """Load the handwritten figures, capitals and small letters that no training saw."""
    with np.load(archive) as stored:
        images, labels = stored["images"][_HELD_OUT], stored["labels"][_HELD_OUT]
    return {str(character): images[labels == character] for character in np.unique(labels)}


def comment_in_hand(text: str, hand: Hand, pen: Pen, rng: np.random.Generator) -> Grey:
    """Return a field in which `text` was written by a drawn hand, low enough to stay in it when it climbs."""
    strip = _blank()
    lower = max(0.0, hand.slope) * FIELD_MM[0]
    write(strip, PRINTED_AT, text, Box(0, lower, FIELD_MM[0], FIELD_MM[1] - lower), hand, pen, rng)
    return strip


def comment_in_letters(text: str, letters: Glyphs, hand: Hand, pen: Pen, rng: np.random.Generator) -> Grey:
    """Return a field in which `text` stands in letters of real people, every one by somebody else, none joined.

    Of `hand` count height, slope and unrest.
    """
    strip, capital = _blank(), hand.height * PRINTED_AT
    left = x = 4.0 * PRINTED_AT
    base = _FIRST_LINE * capital + max(0.0, hand.slope) * strip.shape[1]
    for word in text.split():
        glyphs = [_glyph(character, letters, capital, rng) for character in word]
        gaps = rng.uniform(0.02, 0.18, len(glyphs)) * capital
        if x + sum(glyph.shape[1] for glyph, _ in glyphs) + gaps.sum() > strip.shape[1] - left:
            x, base = left, base + _LINE_PITCH * capital
        for (glyph, drop), gap in zip(glyphs, gaps, strict=True):
            rise = hand.slope * (x - left) + rng.normal(0.0, hand.unrest / 4) * PRINTED_AT
            soak(strip, round(x), round(base + drop - rise) - glyph.shape[0], glyph, pen, rng)
            x += glyph.shape[1] + gap
        x += rng.uniform(0.5, 0.9) * capital
    return strip


def seen_by(strip: Grey, scanner: Scanner, rng: np.random.Generator) -> Grey:
    """Return a field as the reader of writing is given it: scanned, through JPEG if grey, at 300 dpi."""
    straight = replace(scanner, turn=0, upside_down=False, scale=1, shift=(0, 0), stretch=0, streaks=0)
    picture = scan(strip, PRINTED_AT, straight, rng)
    if straight.bitonal is None:
        _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, straight.jpeg_quality])
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return np.asarray(cv2.resize(picture, strip.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _blank() -> Grey:
    width, height = FIELD_MM
    return np.full((round(height * PRINTED_AT), round(width * PRINTED_AT)), 255, np.uint8)


def _glyph(character: str, letters: Glyphs, capital: float, rng: np.random.Generator) -> tuple[Cover, float]:
    """One character as ink, and how far it hangs below the line, in pixels."""
    if character not in letters:
        mark = letter(character, _STEADY)
        return _scaled(mark, capital / 100.0), _MARKS.get(character, 0.0) * capital
    drawn = cropped(letters[character][rng.integers(len(letters[character]))])
    tall = _TALL.get(character, _SMALL if character.islower() else 1.0) * float(rng.uniform(0.92, 1.08))
    drop = _TAIL * capital if character in "gjpqy" else 0.0
    return _scaled(drawn, tall * capital / drawn.shape[0]), drop


def _scaled(cover: Cover, zoom: float) -> Cover:
    size = max(2, round(cover.shape[1] * zoom)), max(2, round(cover.shape[0] * zoom))
    way = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cover, size, interpolation=way), dtype=np.uint8)
