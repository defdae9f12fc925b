"""Handwritten characters to train, calibrate and test with: which are which, and the forms people give them.

A glyph is a picture (28, 28), white on black.
"""

import io
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.reading.glyphs import GLYPH_SIZE
from pipeline.reading.readings import ALPHABET

WRONG_LABELS = Path(__file__).parent / "wrong_labels.txt"
"""Places in the archive of glyphs whose label `training.labels` found to be contradicted, one a line."""

FACE_SHARE = 0.06
"""Share of the characters that are set in a handwriting face: neater, and European, forms of the same."""

LOWER_CASE_SHARE = 0.2
"""Share of a letter's handwritten glyphs that are lower case: people are asked for capitals and mostly oblige."""

FACES_HELD_OUT = frozenset({"gochi-hand", "shadows-into-light"})
"""Faces never trained on, to test with."""

Glyph = NDArray[np.uint8]

Glyphs = Mapping[str, NDArray[np.uint8]]
"""Pictures (n, 28, 28) of each character as written, case kept."""


@dataclass(frozen=True, slots=True)
class Split:
    """The handwritten glyphs that train, those that set temperature and thresholds, and those held out to test."""

    train: Glyphs
    calibration: Glyphs
    test: Glyphs


def load_glyphs(path: Path) -> Split:
    """Split the characters of NIST Special Database 19 by the last decimal of their place in the file.

    0 is held out to test, 1 calibrates, the rest trains: a rule without a seed, so that any test anywhere can keep
    to it. The file is in random order and does not say who wrote what, so one writer may be on both sides. Glyphs
    that bear a wrong label do not train; the others are left as they are.
    """
    with np.load(path) as archive:
        images, labels = archive["images"], archive["labels"]
    last = np.arange(len(labels)) % 10
    train = last > 1
    train[wrong_labels()] = False
    return Split(*(_by_label(images[part], labels[part]) for part in (train, last == 1, last == 0)))


def wrong_labels() -> NDArray[np.int64]:
    """Places in the archive, from 0, of the glyphs that bear a wrong label; none before they were looked for."""
    lines = WRONG_LABELS.read_text(encoding="utf-8").splitlines() if WRONG_LABELS.exists() else []
    return np.array([int(line.split()[0]) for line in lines if not line.startswith("#")], dtype=np.int64)


def _by_label(images: NDArray[np.uint8], labels: NDArray[np.str_]) -> Glyphs:
    return {str(label): images[labels == label] for label in np.unique(labels)}


def set_faces(folder: Path, *, held_out: bool) -> Glyphs:
    """The alphabet in each handwriting face of a folder, as glyphs."""
    named = {face.name.partition("-latin")[0]: face for face in sorted(folder.rglob("*.woff2"))}
    chosen = [face for name, face in named.items() if (name in FACES_HELD_OUT) is held_out]
    return {character: np.stack([_set_character(face, character) for face in chosen]) for character in ALPHABET}


def _set_character(face: Path, character: str) -> Glyph:
    sheet = Image.new("L", (240, 240))
    font = ImageFont.truetype(io.BytesIO(face.read_bytes()), 120)
    ImageDraw.Draw(sheet).text((60, 40), character, 255, font=font)
    ink = np.asarray(sheet.crop(sheet.getbbox()))
    room = GLYPH_SIZE - 4
    scale = room / max(ink.shape)
    size = max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale))
    square = np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    x, y = (GLYPH_SIZE - size[0]) // 2, (GLYPH_SIZE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    return square


def any_form(character: str, written: Glyphs, set_in_type: Glyphs, rng: np.random.Generator) -> Glyph:
    """One glyph of a character, in a form somebody would write it."""
    if rng.random() < FACE_SHARE:
        return _any(set_in_type[character], rng)
    # A lone l is a stroke like any I, and in a field of capitals far more often means I.
    if character in string.ascii_uppercase.replace("L", "") and rng.random() < LOWER_CASE_SHARE:
        return _any(written[character.lower()], rng)
    glyph = _any(written[character], rng)
    if character == "7" and rng.random() < 0.35:
        return add_bar(glyph, rng)
    if character == "1" and rng.random() < 0.25:
        return add_flag(glyph, rng)
    if character == "0" and rng.random() < 0.04:
        return add_slash(glyph, rng)
    if character == "Z" and rng.random() < 0.2:
        return add_bar(glyph, rng)
    return glyph


def _any(glyphs: NDArray[np.uint8], rng: np.random.Generator) -> Glyph:
    return np.asarray(glyphs[rng.integers(len(glyphs))], dtype=np.uint8)


def add_bar(seven: Glyph, rng: np.random.Generator) -> Glyph:
    """A seven (or Z) crossed in the middle, as most of Europe writes it."""
    stem = _ink_columns(seven, row := int(rng.integers(12, 18)))
    if stem is None:
        return seven
    reach, tilt = rng.uniform(3.0, 7.0), rng.uniform(-2.5, 2.5)
    middle = stem + rng.uniform(-1.0, 1.5)
    return _line(seven, (middle - reach, row + tilt), (middle + reach, row - tilt), rng)


def add_flag(one: Glyph, rng: np.random.Generator) -> Glyph:
    """A one with an upstroke at its head, and sometimes a foot, as most of Europe writes it."""
    rows = np.flatnonzero(one.max(axis=1) > 128)
    top, bottom = int(rows[0]), int(rows[-1])
    head, foot = _ink_columns(one, top + 1), _ink_columns(one, bottom - 1)
    if head is None or foot is None or np.ptp(np.flatnonzero(one.max(axis=0) > 128)) > 12:
        return one
    drop = rng.uniform(0.2, 0.5) * (bottom - top)
    flagged = _line(one, (head, top + 1.0), (head - drop * rng.uniform(0.5, 1.1), top + drop), rng)
    if rng.random() < 0.3:
        reach = rng.uniform(3.0, 6.0)
        flagged = _line(flagged, (foot - reach, bottom), (foot + reach, bottom), rng)
    return flagged


def add_slash(nought: Glyph, rng: np.random.Generator) -> Glyph:
    """A nought struck through so that nobody takes it for the letter O."""
    reach = rng.uniform(4.0, 10.0)
    x, y = 14 + rng.uniform(-1, 1), 14 + rng.uniform(-1, 1)
    return _line(nought, (x - reach * 0.7, y + reach), (x + reach * 0.7, y - reach), rng)


def _ink_columns(glyph: Glyph, row: int) -> float | None:
    columns = np.flatnonzero(glyph[row] > 100)
    return float(columns.mean()) if len(columns) else None


def _line(glyph: Glyph, start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> Glyph:
    """`glyph` with a straight stroke about as thick as its own."""
    stroke = np.zeros_like(glyph)
    ends = [tuple(round(v * 16) for v in point) for point in (start, end)]
    cv2.line(stroke, ends[0], ends[1], 255, int(rng.integers(2, 4)), cv2.LINE_AA, 4)
    return np.maximum(glyph, cv2.GaussianBlur(stroke, (0, 0), 0.6))
