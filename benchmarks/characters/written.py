"""Glyphs written in boxes: which ones, in which ways, scanned, and read as the product reads them."""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.practice.boxes import PRINTED_AT, Fill, fill_boxes, straight_scanner, usual_pen
from pipeline.practice.handwriting import Hand, cropped, slanted, write_at, write_in_box
from pipeline.practice.pens import Cover, Grey, Pen, curve, draw
from pipeline.reading.characters import read_characters
from pipeline.reading.readings import CharacterReading
from training.glyphs import wrong_labels

SPLITS = {"test": 0, "calibration": 1}
"""The last decimal of the place in the file of the glyphs of each split (training/glyphs.py)."""

SEEN_OTHERWISE = frozenset(
    (5860, 13510, 18740, 21500, 21770, 41540, 51080, 60340, 60790, 68080, 73490, 77240, 78520, 79460, 85690, 88150)
)
"""Places of held-out glyphs that a person took for another character than their label says.

Looked at were the glyphs that a network took for another, mixed with as many that it did not, without labels.
"""

DIGITS, CAPITALS, SMALL = string.digits, string.ascii_uppercase, string.ascii_lowercase

BOXES_IN_A_ROW = 10
TONES = (140, 200)
"""Greys between which a scan in two tones parts black from white."""

Glyph = NDArray[np.uint8]
Way = Callable[[Grey, Box, Cover, Hand, Pen, np.random.Generator], None]
"""Writes a glyph into a box in some way."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Pictures (n, 28, 28) of each character, and for each whether its label is contradicted.

    By networks that did not learn from it (training/labels.py), or by a person.
    """

    pictures: Mapping[str, NDArray[np.uint8]]
    contradicted: Mapping[str, NDArray[np.bool_]]


def load(path: Path, split: str) -> Glyphs:
    """The glyphs of one split, by character, case kept."""
    with np.load(path) as archive:
        images, labels = archive["images"], archive["labels"]
    places = np.arange(SPLITS[split], len(labels), 10)
    wrong = np.isin(places, [*wrong_labels().tolist(), *SEEN_OTHERWISE])
    images, labels = images[places], labels[places]
    characters = DIGITS + CAPITALS + SMALL
    return Glyphs({c: images[labels == c] for c in characters}, {c: wrong[labels == c] for c in characters})


def write_plainly(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """As anybody writes in a box."""
    write_in_box(strip, PRINTED_AT, glyph, box, hand, pen, rng)


def write_crossed(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """With a bar through the stem, as most of Europe writes a 7."""
    fine = cv2.copyMakeBorder(cv2.resize(glyph, None, fx=4, fy=4), 0, 0, 30, 30, cv2.BORDER_CONSTANT, value=0)
    row = int(rng.uniform(0.48, 0.62) * len(fine))
    stem = float(np.flatnonzero(fine[row] > 128).max()) - 6
    reach, rise = rng.uniform(0.15, 0.3) * len(fine), rng.normal(0.0, 3.0)
    start, end = (round(stem - reach), round(row + rise)), (round(stem + reach), round(row - rise))
    cv2.line(fine, start, end, 255, int(rng.integers(7, 14)), cv2.LINE_AA)
    write_plainly(strip, box, cropped(np.asarray(fine, dtype=np.uint8)), hand, pen, rng)


def write_across_the_line(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """So that 5 to 20 % of the character's width or height lies beyond one side of the box."""
    tall = rng.uniform(0.58, 0.8) * box.h
    zoom = min(tall / glyph.shape[0], 0.82 * box.w / glyph.shape[1]) * PRINTED_AT
    cover = slanted(glyph, zoom, hand.lean, 0.0)
    half = np.array(cover.shape[::-1]) / PRINTED_AT / 2
    side, middle = int(rng.integers(2)), np.array(box.centre)
    off = (box.w / 2, box.h / 2)[side] + half[side] * (2 * rng.uniform(0.05, 0.2) - 1)
    middle[side] += rng.choice((-1, 1)) * off
    write_at(strip, PRINTED_AT, cover, (float(middle[0]), float(middle[1])), pen, rng)


def write_and_strike_out(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """And take it back: one to three lines through it, a cross over it, or a zigzag."""
    write_plainly(strip, box, glyph, hand, pen, rng)
    low, high = box.grown(-0.9), box.grown(0.4)
    match int(rng.integers(4)):
        case 0:
            heights = [box.y + box.h * rng.uniform(0.35, 0.65)]
            paths = [[(high.x, y), (high.right, y + rng.normal(0, 0.4))] for y in heights]
        case 1:
            heights = [box.y + box.h * share + rng.normal(0, 0.3) for share in (0.35, 0.5, 0.65)]
            paths = [[(low.x, y), (low.right, y + rng.normal(0, 0.3))] for y in heights]
        case 2:
            paths = [[(low.x, low.y), (low.right, low.bottom)], [(low.right, low.y), (low.x, low.bottom)]]
        case _:
            turns = int(rng.integers(7, 14))
            steps = np.linspace(low.x, low.right, turns).tolist()
            paths = [[(x, (low.y, low.bottom)[n % 2] + rng.normal(0, 0.3)) for n, x in enumerate(steps)]]
    draw(strip, PRINTED_AT, [curve(path, 0.05, rng) for path in paths], pen, rng)


class Writer:
    """Writes glyphs in boxes with any pen, scans them at 300 or 200 dpi, and reads them."""

    def __init__(self, glyphs: Glyphs, rng: np.random.Generator) -> None:
        self.glyphs = glyphs
        self.rng = rng
        self.reading_s = 0.0
        self.boxes = 0

    def read(self, row: Sequence[Glyph | None], way: Way = write_plainly) -> tuple[CharacterReading, ...]:
        """Write one row of boxes in one hand, scan and read it."""
        crops = self.write(row, way)
        start = time.process_time()
        readings = read_characters(crops)
        self.reading_s += time.process_time() - start
        self.boxes += len(crops)
        return readings

    def write(
        self, row: Sequence[Glyph | None], way: Way = write_plainly, *, two_tones: bool = False
    ) -> tuple[Grey, ...]:
        """Write one row of boxes in one hand, None leaving a box empty; scan it and cut out the boxes."""
        rng = self.rng
        pen, hand = usual_pen(rng), Hand("caveat", 3.5, lean=float(rng.normal(0.05, 0.12)), slope=0.0, unrest=0.0)

        def written(glyph: Glyph) -> Fill:
            return lambda strip, box: way(strip, box, cropped(glyph), hand, pen, rng)

        scanner = straight_scanner(rng, int(rng.choice([300, 200])))
        if two_tones:
            scanner = replace(scanner, bitonal=int(rng.integers(*TONES)))
        return fill_boxes([None if glyph is None else written(glyph) for glyph in row], scanner, rng)

    def any_glyphs(self, text: str) -> list[Glyph | None]:
        """Any glyphs of the characters of a text, None for a space."""
        pictures = self.glyphs.pictures
        return [None if c == " " else pictures[c][self.rng.integers(len(pictures[c]))] for c in text]

    def read_text(self, text: str) -> tuple[tuple[CharacterReading, ...], bool]:
        """Write a text in any glyphs of its characters; also whether one of them bears a contradicted label."""
        chosen = [None if c == " " else int(self.rng.integers(len(self.glyphs.pictures[c]))) for c in text]
        row = [None if n is None else self.glyphs.pictures[c][n] for c, n in zip(text, chosen, strict=True)]
        wrong = any(n is not None and self.glyphs.contradicted[c][n] for c, n in zip(text, chosen, strict=True))
        return self.read(row), wrong

    def read_every(self, characters: str, way: Way) -> Iterator[tuple[str, CharacterReading, bool]]:
        """Write every glyph of some characters once, in random order, and read each."""
        every = [(c, n) for c in characters for n in range(len(self.glyphs.pictures[c]))]
        mixed = [every[place] for place in self.rng.permutation(len(every))]
        for start in range(0, len(mixed), BOXES_IN_A_ROW):
            row = mixed[start : start + BOXES_IN_A_ROW]
            readings = self.read([self.glyphs.pictures[c][n] for c, n in row], way)
            for (c, n), reading in zip(row, readings, strict=True):
                yield c, reading, bool(self.glyphs.contradicted[c][n])
