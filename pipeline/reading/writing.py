"""Free writing: whether there is any, and what it may say. Sure print may stand as it is; the rest is for people.

Print as straight as a machine's goes to Tesseract, which is sure of it; whatever else is written, to the reader of
handwriting, or where that is missing, to Tesseract too, which gets two in five characters of it wrong. The picture of
the writing stays the record.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.layout import Box
from pipeline.page.picture import Grey
from pipeline.page.register import RegisteredPage, crop
from pipeline.reading import lines, tesseract
from pipeline.reading.handwriting import can_read, read_handwriting
from pipeline.reading.letters import line_reader
from pipeline.reading.machine_print import are_sure, looks_printed
from pipeline.reading.readings import TextReading
from pipeline.reading.words import Word, transcript

INSET_MM = 0.9
"""How far inside a text field's frame writing is looked for: its line, its blur and half a millimetre of place."""

INK_PX_PER_MM = 4.0
"""Scale at which ink is looked for: a pen line is one and a half pixels."""

_SPOT_MM2 = 0.25
"""A connected spot smaller than this is dust."""

_LEAST_INK_MM2 = 0.8
"""Ink from which a field counts as written in: a dash or a tick; the shortest word is 2 mm² or more."""


MOST_PX = 24_000
"""Length of writing read on one page, in pixels at 48 high: some 24 lines across A4. It takes 4 s here and so does not
run into the limit of 10 s for a page on a computer half as fast; what is beyond is left to people."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a machine read: the words, what read them (None where nothing could), and whether they are sure print."""

    words: tuple[Word, ...]
    reader: str | None
    printed: bool


def read_texts(page: RegisteredPage, lang: str) -> tuple[TextReading, ...]:
    """Read every field for free writing on a page. `lang` is the edition's (`en`, `cy+en`)."""
    fields = [(each.field.question, each.box) for each in page.fields if each.field.kind == "text"]
    inks = [_ink_in(page, box) for _, box in fields]
    written = sum(ink >= _LEAST_INK_MM2 for ink in inks)
    return tuple(
        _read_text(page, question, box, ink, lang, MOST_PX / written)
        if ink >= _LEAST_INK_MM2
        else TextReading(question, box, ink, False, None, (), None, False)
        for (question, box), ink in zip(fields, inks, strict=True)
    )


def ink_area(picture: Grey, px_per_mm: float) -> float:
    """Return the inked area in mm² of a picture of paper; shadows, dust and noise do not count."""
    ink = lines.find_ink(picture, px_per_mm)
    if np.count_nonzero(ink) < _SPOT_MM2 * px_per_mm**2:
        return 0.0
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA] / px_per_mm**2
    return float(areas[areas >= _SPOT_MM2].sum())


def read_writing(picture: Grey, lang: str, most_px: float = MOST_PX) -> Transcript:
    """Read a picture of writing (at 300 dpi) on an edition in `lang`; of handwriting no more than `most_px`."""
    version = tesseract.tesseract_version()
    words = tesseract.read_words(picture, lang) if version and looks_printed(picture) else ()
    if are_sure(words):
        return Transcript(words, f"tesseract {version}", True)
    if can_read(lang):
        return Transcript(read_handwriting(lines.find_lines(_smaller(picture)), lang, most_px), line_reader(), False)
    if version:
        return Transcript(words or tesseract.read_words(picture, lang), f"tesseract {version}", False)
    return Transcript((), None, False)


def _ink_in(page: RegisteredPage, box: Box) -> float:
    return round(ink_area(crop(page, box.grown(-INSET_MM), INK_PX_PER_MM), INK_PX_PER_MM), 2)


def _read_text(page: RegisteredPage, question: str, box: Box, ink: float, lang: str, most_px: float) -> TextReading:
    read = read_writing(crop(page, box.grown(-INSET_MM), tesseract.PX_PER_MM), lang, most_px)
    text = transcript(read.words) if read.reader else None
    return TextReading(question, box, ink, True, text, read.words, read.reader, read.printed)


def _smaller(picture: Grey) -> Grey:
    zoom = lines.PX_PER_MM / tesseract.PX_PER_MM
    return np.asarray(cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), dtype=np.uint8)
