"""Tesseract: whether it is here, in which languages, and what it reads. Good at print, poor at handwriting."""

from __future__ import annotations

from functools import cache

import pipeline
from pipeline.page.picture import Grey
from pipeline.reading.words import Word

with pipeline.without_pandas():
    import pytesseract

PX_PER_MM = 300 / 25.4
"""Tesseract is at its best at 300 dots per inch."""

_LANGUAGES = {"en": "eng", "cy": "cym", "pl": "pol", "ro": "ron", "ur": "urd", "bn": "ben", "pa": "pan", "ar": "ara"}
"""Tesseract's name for each language a form may be printed in."""

_FALLBACK_LANGUAGE = "eng"

_SECONDS = 20
"""A field is given up after this long; a page of dense print takes two seconds."""


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


def tesseract_language(lang: str, installed: frozenset[str]) -> str:
    """Return what to ask Tesseract for to read an edition in `lang`: what is installed of it, or else English."""
    wanted = [_LANGUAGES[tag] for tag in lang.split("+") if _LANGUAGES.get(tag) in installed]
    return "+".join(wanted) or _FALLBACK_LANGUAGE


def read_words(picture: Grey, lang: str) -> tuple[Word, ...]:
    """Read a picture (at `PX_PER_MM`) with Tesseract; nothing where it takes too long."""
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
