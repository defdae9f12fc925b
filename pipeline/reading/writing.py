"""Free writing: whether there is any, and what it says where it is printed or typed. Handwriting is for people.

Tesseract is asked only where there is ink as straight as machine print, and believed only where it is sure of every
word: it gets two in five characters of handwriting wrong, is sometimes sure of them, and takes a second over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.identify import Grey
from pipeline.page.register import RegisteredPage, crop

INSET_MM = 0.9
"""How far inside a text field's frame writing is looked for: its line, its blur and half a millimetre of place."""

_INK_PX_PER_MM = 4.0
"""Scale at which ink is looked for: a pen line is one and a half pixels."""

_INK_DARKNESS = 0.10
"""Darkness beyond the paper nearby, after smoothing, that counts as ink: faint pencil is 0.15 at this scale."""

_PAPER_MM = 4.0
"""What is narrower than this and darker than what lies around it is ink; wider is a shadow across the field."""

_SPOT_MM2 = 0.25
"""A connected spot smaller than this is dust."""

_LEAST_INK_MM2 = 0.8
"""Ink from which a field counts as written in: a dash or a tick; the shortest word is 2 mm² or more."""

_READING_PX_PER_MM = 300 / 25.4
"""Tesseract is at its best at 300 dots per inch."""

_LANGUAGES = {"en": "eng", "cy": "cym", "pl": "pol", "ro": "ron", "ur": "urd", "bn": "ben", "pa": "pan", "ar": "ara"}
"""Tesseract's name for each language a form may be printed in."""

_FALLBACK_LANGUAGE = "eng"

_SECONDS = 20
"""A field is given up after this long; a page of dense print takes two seconds."""

_SURE_WORD = 0.90
_SURE_ON_AVERAGE = 0.95
_FEWEST_WORDS = 4
_LEAST_LOWER_CASE = 0.6
"""Print is believed when every word is read with the first confidence and all together with the second, and there
are some words to go by. Print of 10 to 14 pt scans at 0.93 to 0.96 a word; the neatest of 16 handwriting faces
reached 0.96 on a short line, so that the shape of the letters is looked at as well. Capitals are straight in any
hand: writing of which less than the last share is lower case is left to people."""

_STRAIGHT_DEGREES = 2.5
_NEARLY_DEGREES = 15.0
_LEAST_UPRIGHT = 0.55
_LEAST_LEVEL = 0.25
"""Of the outline that runs upright to within 15 degrees, the least share that does so to within 2.5 degrees; and the
same for level. Upright print measures 0.56 or more and 0.26 or more; handwriting faces, drawn straight by font
makers, up to 0.50 and 0.22 in lower case. Italic print is left to people, too."""

_EDGE_SHARE = 0.35
"""Outline is where the grey changes by at least this share of its sharpest twentieth."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as Tesseract read it, and its confidence, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextReading:
    """One field for free writing.

    `ink` is the inked area in mm². `text` is the transcript of what looks like print, None for handwriting, where
    there is no ink, and without Tesseract. `reader` names what read it, such as `tesseract 5.3.0`. `printed` says
    that every word of the print was read surely, so that the transcript may stand; anything else a person must read.
    """

    question: str
    box: Box
    ink: float
    has_ink: bool
    text: str | None
    words: tuple[Word, ...]
    reader: str | None
    printed: bool

    @property
    def confidence(self) -> float:
        """Mean confidence over the words, 0 without any."""
        return float(np.mean([word.confidence for word in self.words])) if self.words else 0.0


@cache
def tesseract_version() -> str | None:
    """Return the version of Tesseract, such as `5.3.0`, or None where it is not installed. Runs it once a process."""
    try:
        return str(pytesseract.get_tesseract_version())
    except (pytesseract.TesseractNotFoundError, SystemExit):
        return None


@cache
def tesseract_languages() -> frozenset[str]:
    """Return the languages Tesseract has been installed with; none where it is missing."""
    return frozenset(pytesseract.get_languages()) if tesseract_version() else frozenset()


def read_texts(page: RegisteredPage, lang: str) -> tuple[TextReading, ...]:
    """Read every field for free writing on a page. `lang` is the edition's (`en`, `cy+en`)."""
    return tuple(
        _read_text(page, each.field.question, each.box, lang) for each in page.fields if each.field.kind == "text"
    )


def ink_area(picture: Grey, px_per_mm: float) -> float:
    """Return the inked area in mm² of a picture of paper; shadows, dust and noise do not count."""
    smooth = cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32)
    half = cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    reach = 2 * round(_PAPER_MM * px_per_mm / 4) + 1
    paper = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.resize(paper, smooth.shape[::-1], interpolation=cv2.INTER_LINEAR)
    ink = (smooth < (1.0 - _INK_DARKNESS) * paper).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    areas = stats[1:, cv2.CC_STAT_AREA] / px_per_mm**2
    return float(areas[areas >= _SPOT_MM2].sum())


def tesseract_language(lang: str, installed: frozenset[str]) -> str:
    """Return what to ask Tesseract for to read an edition in `lang`: what is installed of it, or else English."""
    wanted = [_LANGUAGES[tag] for tag in lang.split("+") if _LANGUAGES.get(tag) in installed]
    return "+".join(wanted) or _FALLBACK_LANGUAGE


def _read_text(page: RegisteredPage, question: str, box: Box, lang: str) -> TextReading:
    inside = box.grown(-INSET_MM)
    ink = round(ink_area(crop(page, inside, _INK_PX_PER_MM), _INK_PX_PER_MM), 2)
    has_ink = ink >= _LEAST_INK_MM2
    version = tesseract_version() if has_ink else None
    picture = crop(page, inside, _READING_PX_PER_MM) if version else None
    if picture is None or not looks_printed(picture):
        return TextReading(question, box, ink, has_ink, None, (), None, False)
    words = read_words(picture, lang)
    text = " ".join(word.text for word in words)
    return TextReading(question, box, ink, True, text, words, f"tesseract {version}", are_sure(words))


def read_words(picture: Grey, lang: str) -> tuple[Word, ...]:
    """Read a picture with Tesseract; nothing where it takes too long."""
    try:
        found = pytesseract.image_to_data(
            picture,
            lang=tesseract_language(lang, tesseract_languages()),
            config="--psm 6 --dpi 300",
            output_type=pytesseract.Output.DICT,
            timeout=_SECONDS,
        )
    except (RuntimeError, pytesseract.TesseractError):
        return ()
    return tuple(
        Word(text.strip(), round(float(confidence) / 100.0, 3))
        for text, confidence in zip(found["text"], found["conf"], strict=True)
        if text.strip()
    )


def are_sure(words: tuple[Word, ...]) -> bool:
    """Whether what was read of print may stand: enough words, all of them sure, and not in capitals throughout."""
    if len(words) < _FEWEST_WORDS:
        return False
    confidences = [word.confidence for word in words]
    letters = [character for word in words for character in word.text if character.isalpha()]
    return (
        min(confidences) >= _SURE_WORD
        and float(np.mean(confidences)) >= _SURE_ON_AVERAGE
        and sum(map(str.islower, letters)) >= _LEAST_LOWER_CASE * len(letters)
    )


def looks_printed(picture: Grey) -> bool:
    """Whether dark writing (at 300 dpi) is as straight as machine print; handwriting hardly ever is."""
    upright, level = straightness(picture)
    return upright >= _LEAST_UPRIGHT and level >= _LEAST_LEVEL


def straightness(picture: Grey) -> tuple[float, float]:
    """Return how straight the upright and the level strokes of dark writing (at 300 dpi) are, each 0 to 1.

    From the histogram of gradient directions: the stems and bars of print are straight and parallel to the paper,
    those of a hand are not.
    """
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(np.float32)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    strength = np.hypot(across, down)
    sharpest = strength[strength > 0.1 * strength.max()]
    edge = strength > _EDGE_SHARE * float(np.percentile(sharpest, 95))
    direction = np.degrees(np.arctan2(down[edge], across[edge])) % 180.0
    return (
        _share_straight(np.minimum(direction, 180.0 - direction), strength[edge]),
        _share_straight(np.abs(direction - 90.0), strength[edge]),
    )


def _share_straight(off: NDArray[np.float32], strength: NDArray[np.float32]) -> float:
    """The share of an outline off by few enough degrees, of that nearly so."""
    nearly = float(strength[off <= _NEARLY_DEGREES].sum())
    return float(strength[off <= _STRAIGHT_DEGREES].sum()) / nearly if nearly > 0.0 else 0.0
