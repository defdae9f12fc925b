"""Everything that a page can turn out to be: what was read on it, measured, and how that stands on record.

The readings alone, without what reads. Whoever judges, records or shows them loads no decoder and no network; the
steps that read import from here what they return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from pipeline.form.code import PageCode
from pipeline.form.cover import Cover
from pipeline.form.layout import Box
from pipeline.page.measured import Barcode, PageQuality, ScannerCheck
from pipeline.page.numbering import card_of
from pipeline.page.refusal import BlankPage, Reason, Refusal
from pipeline.reading.verdict import MarkMeasurement, Verdict
from pipeline.reading.words import Word, confidence


@dataclass(frozen=True, slots=True)
class Joined:
    """Another box, by its question and value, and the share of the ink in and beside this one that is one piece with
    ink in that."""

    question: str
    value: str
    share: float


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the ink of a box leads: `ink` is what was found of it inside, in mm², `reach` how far (mm), at most, that
    runs on beyond the frame. `joined` are the other boxes that what is in it and beside it runs on into, `spread` the
    standard deviation (mm) of that across its main direction: next to nothing for a straight stroke.
    """

    ink: float
    reach: float
    spread: float
    joined: tuple[Joined, ...]


@dataclass(frozen=True, slots=True)
class MarkReading:
    """One box to tick: the question, the value it stands for, where it is (mm), what was measured, the verdict.

    `filled` says that the box is filled in solid, and so cancelled; where filling it in is how it is marked, it is a
    `bubble` and never `filled`. `confidence` is how sure the verdict is, 0 to 1. The ink of a box in doubt is
    `followed` on a page of ours whose blank is known; on forms made elsewhere it is not.
    """

    question: str
    value: str
    box: Box
    measured: MarkMeasurement
    verdict: Verdict
    filled: bool
    confidence: float
    bubble: bool = False
    followed: Followed | None = None


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What a box may hold. A lower-case letter is read as its capital."""


_PLACES = {character: place for place, character in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class CharacterReading:
    """What was measured in one box.

    `ink` is the inked area in mm². `probabilities` are those of the characters of `ALPHABET`, if there is
    one character in the box: 36 numbers that sum to 1, all equal where there is no ink. `spoilt` is the
    probability that the box holds something else: scribbled over, struck out, two characters, a dash.

    Where that is unclear, others may have been asked (`second_opinion`), else they are None. `thin` is the same of the
    network for the thin strokes of black-and-white scans, and last that the box is spoilt: 37 numbers. `in_line` is how
    likely each character of `ALPHABET` stands there for the reader of lines, which sees all boxes of a word together.
    """

    ink: float
    probabilities: tuple[float, ...]
    spoilt: float
    in_line: tuple[float, ...] | None = None
    thin: tuple[float, ...] | None = None

    def chance(self, character: str) -> float:
        """Probability that the box holds just this `character`."""
        return (1.0 - self.spoilt) * self.probabilities[_PLACES[character]]


@dataclass(frozen=True, slots=True)
class TextReading:
    """One field for free writing.

    `ink` is the inked area in mm². `text` is the transcript by a machine, None where there is no ink or nothing to
    read it with, and `words` its words with a confidence each. `reader` names what read it, such as `tesseract 5.3.0`.
    `printed` says that it is print and every word was read surely, so that the transcript may stand; anything else is
    a guess until a person has checked it.
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
        return confidence(self.words)


INK_LEVELS = 16
"""Steps of darkness in the picture of a field's ink, so that a page's signature is a few kilobytes."""


@dataclass(frozen=True, slots=True)
class FieldInk:
    """The ink in one field: its place in the page's order, and its little picture, base64 of compressed bytes."""

    field: int
    width: int
    height: int
    packed: str


@dataclass(frozen=True, slots=True)
class InkSignature:
    """The ink of a page: only fields that were written in are kept."""

    fields: tuple[FieldInk, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """One group of ink outside all fields: where it is (mm), and what it is made of.

    `ink` is its area in mm², `length` that of its strokes in mm (half of all outlines), `pieces` how many do not touch,
    and `spread` the standard deviation of its ink in mm across its main direction: next to nothing for a line.
    """

    box: Box
    ink: float
    length: float
    pieces: int
    spread: float


@dataclass(frozen=True, slots=True)
class CoverPage:
    """A cover sheet. `written` is the number of forms written on it, None where none was or it is not certain."""

    cover: Cover
    written: int | None


@dataclass(frozen=True, slots=True)
class CharacterBox:
    """One box of a boxed answer: its question, its number from 0, where it is (mm), and what was read in it."""

    question: str
    index: int
    box: Box
    reading: CharacterReading


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that was read on one page. `homography` (row by row) maps mm to pixels of the picture as opened.

    `signature` is the ink, to know this sheet again. `text_crops` holds a PNG picture of the writing in each text
    field with ink, by question; it is kept apart and so not part of the JSON. `barcodes` are read on forms made
    elsewhere, `remarks` are the groups of ink outside all fields of a page whose blank is known.
    """

    code: PageCode
    quality: PageQuality
    homography: tuple[float, ...]
    marks: tuple[MarkReading, ...]
    characters: tuple[CharacterBox, ...]
    texts: tuple[TextReading, ...]
    signature: InkSignature
    text_crops: Mapping[str, bytes] = field(default_factory=dict)
    barcodes: tuple[Barcode, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., PageReading], tuple[bytes, dict[str, bytes]]]:
        """Pass from process to process as JSON: a third of the time of pickling a hundred measured boxes."""
        return _from_process, (_READING.dump_json(self, exclude={"text_crops"}), dict(self.text_crops))


@dataclass(frozen=True, slots=True)
class CheckPage:
    """A side of the scanner's check sheet, 1 the front, and what was measured there; the back only has to arrive."""

    side: int
    check: ScannerCheck | None


@dataclass(frozen=True, slots=True)
class Cards:
    """A picture of several cards, each a page of its own copy, from top to bottom; some may not have been read."""

    pages: tuple[PageReading | Refusal, ...]


PageRead = PageReading | CoverPage | CheckPage | BlankPage | Refusal
"""Everything that a page can turn out to be."""

PictureRead = PageRead | Cards
"""Everything that the picture of a file's page can turn out to be."""


def pages_of(read: PictureRead) -> tuple[PageRead, ...]:
    """Return the pages that a picture shows: nearly always one."""
    return read.pages if isinstance(read, Cards) else (read,)


def page_numbered(number: int, read: PictureRead) -> PageRead:
    """Return the page that has this number on record, of what its picture shows now."""
    pages = pages_of(read)
    gone = Refusal(Reason.NO_CODE, "fewer cards are found in this picture than before")
    return pages[card_of(number)] if card_of(number) < len(pages) else gone


def reading_to_json(reading: PageReading) -> dict[str, Any]:
    """Return a page's reading, without its crops, as plain JSON values for the record of events."""
    return dict(_READING.dump_python(reading, mode="json", exclude={"text_crops"}))


def reading_from_json(stored: Mapping[str, Any]) -> PageReading:
    """Return the reading that `reading_to_json` gave. Raises pydantic's ValidationError for anything else."""
    return _READING.validate_python(stored)


def signature_from_json(stored: Mapping[str, Any]) -> InkSignature:
    """Return the ink alone of the reading that `reading_to_json` gave."""
    return _SIGNATURE.validate_python(stored["signature"])


def _from_process(reading: bytes, text_crops: dict[str, bytes]) -> PageReading:
    return replace(_READING.validate_json(reading), text_crops=text_crops)


_READING = TypeAdapter(PageReading)
_SIGNATURE = TypeAdapter(InkSignature)
