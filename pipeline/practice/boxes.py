"""A row of boxes on a strip of paper: printed, written in, scanned, and cut out as the reader of characters gets them.

Whole pages take a second each; this takes a few milliseconds a character, so that thousands can be measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pipeline.form.layout import Box
from pipeline.practice.handwriting import Hand, cropped, write_in_box
from pipeline.practice.pens import ORDINARY_PENS, Cover, Grey, Pen
from pipeline.practice.scanner import MM_PER_INCH, Scanner, ordinary_scanner, scan
from pipeline.reading.characters import PIXELS_PER_MM

PRINTED_AT = 300 / MM_PER_INCH
"""Pixels per millimetre of the strip before it is scanned."""

BOX_MM = (7.0, 8.5)
"""Width and height of a box in the clear edition."""

_GAP_MM = 1.2
_MARGIN_MM = 4.0
_FRAME_GREY = 128
_FRAME_PX = 3
"""0.7 pt at `PRINTED_AT`."""

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

    `glyphs` gives a picture of a character, ink 255 on nothing 0. `scanner` must lay the paper straight. Pictures
    follow the centre line of the frame at the reader's scale, but for a small error of register.
    """
    boxes = _row_of_boxes(len(text))
    strip = _printed(boxes)
    hand = Hand("caveat", height=3.5, lean=float(rng.normal(0.05, 0.12)), slope=0.0, unrest=0.0)
    for box, character in zip(boxes, text, strict=True):
        if character != " ":
            write_in_box(strip, PRINTED_AT, cropped(glyphs(character)), box, hand, pen, rng)
    picture = scan(strip, PRINTED_AT, scanner, rng)
    if scanner.bitonal is None:
        picture = _through_jpeg(picture, scanner.jpeg_quality)
    return tuple(_cut_out(picture, scanner.dpi / MM_PER_INCH, box, rng) for box in boxes)


def _row_of_boxes(count: int) -> list[Box]:
    width, height = BOX_MM
    return [Box(_MARGIN_MM + place * (width + _GAP_MM), _MARGIN_MM, width, height) for place in range(count)]


def _printed(boxes: list[Box]) -> Grey:
    right, bottom = boxes[-1].right + _MARGIN_MM, boxes[-1].bottom + _MARGIN_MM
    strip = np.full((round(bottom * PRINTED_AT), round(right * PRINTED_AT)), 255, np.uint8)
    for box in boxes:
        corners = np.array([(box.x, box.y), (box.right, box.bottom)]) * PRINTED_AT - 0.5
        (left, top), (right, bottom) = np.rint(corners * 2**_SUBPIXEL_BITS).astype(int).tolist()
        cv2.rectangle(strip, (left, top), (right, bottom), _FRAME_GREY, _FRAME_PX, cv2.LINE_AA, _SUBPIXEL_BITS)
    return strip


def _through_jpeg(picture: Grey, quality: int) -> Grey:
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _cut_out(picture: Grey, px_per_mm: float, box: Box, rng: np.random.Generator) -> Grey:
    """The picture of one box, averaged down where the scan is finer than the reader needs."""
    size = round(box.w * PIXELS_PER_MM), round(box.h * PIXELS_PER_MM)
    finer = px_per_mm / PIXELS_PER_MM
    corner = (np.array([box.x, box.y]) + rng.normal(0.0, _REGISTER_ERROR_MM, 2)) * px_per_mm
    start = corner + (finer - 1.0) / 2.0
    affine = np.array([[finer, 0.0, start[0]], [0.0, finer, start[1]]])
    soft = cv2.GaussianBlur(picture, (0, 0), 0.35 * finer) if finer > 1.2 else picture
    cut = cv2.warpAffine(
        soft, affine, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, dtype=np.uint8)
