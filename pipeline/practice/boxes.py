"""A row of boxes on a strip of paper: printed, written in, scanned, and cut out as the reader of characters gets them.

Whole pages take a second each; this takes a few milliseconds a character, so that thousands can be measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.form.layout import Box
from pipeline.page.plane import cut
from pipeline.practice.handwriting import Hand, cropped, write_in_box
from pipeline.practice.pens import ORDINARY_PENS, Cover, Grey, Pen
from pipeline.practice.scanner import MM_PER_INCH, Scanner, ordinary_scanner, scan
from pipeline.reading.glyphs import PIXELS_PER_MM

PRINTED_AT = 300 / MM_PER_INCH
"""Pixels per millimetre of the strip before it is scanned."""

Fill = Callable[[Grey, Box], None]
"""Writes into one box of a strip, in place; knows its own pen, and may leave the box."""


@dataclass(frozen=True, slots=True)
class Row:
    """How the boxes of a row are printed: their width and height and the gap between them (mm), the frame's grey
    and the width of its line (pixels at `PRINTED_AT`)."""

    box_mm: tuple[float, float]
    gap_mm: float
    frame_grey: int
    frame_px: int


CLEAR = Row(box_mm=(7.0, 8.5), gap_mm=1.2, frame_grey=128, frame_px=3)
"""As the clear edition prints them; its line is of 0.7 pt."""

_MARGIN_MM = 4.0

_REGISTER_ERROR_MM = 0.05
"""How far a frame is off where it was looked for, as a standard deviation: measured 0.03 with frames matched."""

_SUBPIXEL_BITS = 4


def straight_scanner(rng: np.random.Generator, dpi: int) -> Scanner:
    """Return an everyday scanner with the paper lying straight: where it lies is not for this step to find."""
    specks = int(rng.integers(0, 4))
    everyday = ordinary_scanner(rng, dpi)
    return replace(everyday, turn=0, upside_down=False, scale=1, shift=(0, 0), stretch=0, streaks=0, speckle=specks)


def usual_pen(rng: np.random.Generator) -> Pen:
    """Return any of the ordinary pens."""
    return ORDINARY_PENS[int(rng.integers(len(ORDINARY_PENS)))]


def write_boxes(
    text: str, glyphs: Callable[[str], Cover], pen: Pen, scanner: Scanner, rng: np.random.Generator
) -> tuple[Grey, ...]:
    """Return a picture of each box of a row with `text` written in it, a space leaving its box empty.

    `glyphs` gives a picture of a character, ink 255 on nothing 0.
    """
    hand = Hand("caveat", height=3.5, lean=float(rng.normal(0.05, 0.12)), slope=0.0, unrest=0.0)

    def written(character: str) -> Fill:
        glyph = cropped(glyphs(character))
        return lambda strip, box: write_in_box(strip, PRINTED_AT, glyph, box, hand, pen, rng)

    return fill_boxes([None if character == " " else written(character) for character in text], scanner, rng)


def fill_boxes(
    fills: Sequence[Fill | None], scanner: Scanner, rng: np.random.Generator, row: Row = CLEAR
) -> tuple[Grey, ...]:
    """Print a row of boxes, fill each (None leaves it empty), scan it, and return a picture of each box.

    `scanner` must lay the paper straight. Pictures follow the centre line of the frame at the reader's scale, but for
    a small error of register.
    """
    boxes = _boxes(row, len(fills))
    strip = _printed(boxes, row)
    for box, fill in zip(boxes, fills, strict=True):
        if fill is not None:
            fill(strip, box)
    picture = scan(strip, PRINTED_AT, scanner, rng)
    if scanner.bitonal is None:
        picture = _through_jpeg(picture, scanner.jpeg_quality)
    return tuple(_cut_out(picture, scanner.dpi / MM_PER_INCH, box, rng) for box in boxes)


def _boxes(row: Row, count: int) -> list[Box]:
    width, height = row.box_mm
    return [Box(_MARGIN_MM + place * (width + row.gap_mm), _MARGIN_MM, width, height) for place in range(count)]


def _printed(boxes: list[Box], row: Row) -> Grey:
    right, bottom = boxes[-1].right + _MARGIN_MM, boxes[-1].bottom + _MARGIN_MM
    strip = np.full((round(bottom * PRINTED_AT), round(right * PRINTED_AT)), 255, np.uint8)
    for box in boxes:
        corners = np.array([(box.x, box.y), (box.right, box.bottom)]) * PRINTED_AT - 0.5
        (left, top), (right, bottom) = np.rint(corners * 2**_SUBPIXEL_BITS).astype(int).tolist()
        cv2.rectangle(strip, (left, top), (right, bottom), row.frame_grey, row.frame_px, cv2.LINE_AA, _SUBPIXEL_BITS)
    return strip


def _through_jpeg(picture: Grey, quality: int) -> Grey:
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _cut_out(picture: Grey, px_per_mm: float, box: Box, rng: np.random.Generator) -> Grey:
    """The picture of one box, as the reader cuts it out of a page that was registered."""
    off_x, off_y = rng.normal(0.0, _REGISTER_ERROR_MM, 2)
    to_pixels = np.array([[px_per_mm, 0.0, -0.5], [0.0, px_per_mm, -0.5], [0.0, 0.0, 1.0]])
    return cut(picture, to_pixels, replace(box, x=box.x + off_x, y=box.y + off_y), PIXELS_PER_MM)
