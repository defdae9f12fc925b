"""Handwriting from faces drawn after real hands, word by word and letter by letter, never quite straight.

`fonts/README.md` says where the faces come from and under which licences.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.form.layout import Box
from pipeline.practice.pens import Cover, Grey, Pen, soak

FACES = (
    "architects-daughter",
    "caveat",
    "indie-flower",
    "nothing-you-could-do",
    "patrick-hand",
    "shadows-into-light",
)

_WITHOUT_WELSH = "nothing-you-could-do"
"""The one face without ŵ and ŷ; `_STEADY` writes for it where they are needed."""

_STEADY = "patrick-hand"
_LINE_PITCH = 2.1
"""Lines of handwriting stand this many capital heights apart."""

_SMALLEST = 1.6
"""Nobody writes capitals lower than this (mm), however little room there is."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes.

    `height` of capitals in mm; `lean` sideways for a unit of height; `slope` upwards for a unit of length;
    `unrest` mm by which words leave the line.
    """

    face: str
    height: float
    lean: float
    slope: float
    unrest: float


def lend_face(name: str, font: bytes) -> None:
    """Let hands write in a face that is not part of this project, by `name`; `font` is any file Pillow opens."""
    _lent[name] = font


_lent: dict[str, bytes] = {}


def write(page: Grey, px_per_mm: float, text: str, area: Box, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """Write `text` into `area` (mm) of `page`, in place: lines broken by width, smaller where room is short."""
    face = _face_for(text, hand.face)
    room = area.grown(-1.5)
    height, lines = _fitted(text, face, room, hand.height)
    font = _font(face, height * px_per_mm)
    pitch = _LINE_PITCH * height
    baseline = room.y + min(1.5 * height, (room.h + height) / 2)
    for number, line in enumerate(lines):
        start = room.x + abs(float(rng.normal(0, 1.0)))
        _write_line(page, px_per_mm, line, (start, baseline + number * pitch), font, hand, pen, rng)


def letter(character: str, face: str) -> Cover:
    """Return one character as ink (255) on nothing (0), about 100 pixels high, cropped to its ink."""
    return cropped(_ink_of(character, _font(_face_for(character, face), 100.0))[0])


def write_in_box(
    page: Grey, px_per_mm: float, glyph: Cover, box: Box, hand: Hand, pen: Pen, rng: np.random.Generator
) -> None:
    """Write `glyph` (ink 255, cropped) into the character box `box` (mm) of `page`, in place, a little aslant."""
    tall = float(rng.uniform(0.58, 0.8)) * box.h
    zoom = min(tall / glyph.shape[0], 0.82 * box.w / glyph.shape[1]) * px_per_mm
    lean, turn = hand.lean + 0.06 * float(rng.standard_normal()), 0.05 * float(rng.standard_normal())
    aim = np.array(box.centre) + np.clip(rng.normal(0, 0.06, 2), -0.12, 0.12) * (box.w, box.h)
    write_at(page, px_per_mm, slanted(glyph, zoom, lean, turn), (float(aim[0]), float(aim[1])), pen, rng)


def write_at(
    page: Grey, px_per_mm: float, cover: Cover, middle: tuple[float, float], pen: Pen, rng: np.random.Generator
) -> None:
    """Put ink as `cover`, in the pixels of `page`, around `middle` (mm), in place."""
    left, top = np.rint(np.array(middle) * px_per_mm - (cover.shape[1] / 2, cover.shape[0] / 2)).astype(int)
    soak(page, int(left), int(top), cover, pen, rng)


def cropped(cover: Cover) -> Cover:
    """Return the part of `cover` that holds ink; all of it if there is none."""
    x, y, w, h = cv2.boundingRect((cover > 40).astype(np.uint8))
    return cover[y : y + h, x : x + w] if w and h else cover


def _face_for(text: str, face: str) -> str:
    return _STEADY if face == _WITHOUT_WELSH and any(c in text for c in "ŵŷŴŶ") else face


@lru_cache(maxsize=len(FACES))
def _face_bytes(face: str) -> bytes:
    return _lent.get(face) or (files("pipeline.practice") / "fonts" / f"{face}.ttf").read_bytes()


@lru_cache(maxsize=128)
def _sized(face: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_face_bytes(face)), size, layout_engine=ImageFont.Layout.BASIC)


def _font(face: str, height_px: float) -> ImageFont.FreeTypeFont:
    """The face at the size that makes its capital H `height_px` high, to half a pixel."""
    _, top, _, bottom = _sized(face, 100.0).getbbox("H")
    return _sized(face, round(200 * height_px / (bottom - top)) / 2)


def _fitted(text: str, face: str, room: Box, height: float) -> tuple[float, list[str]]:
    """The greatest height of capitals (mm) up to `height` at which `text` fits into `room`, and its lines."""
    while True:
        lines = list(_broken(text, _font(face, 20 * height), 20 * room.w))
        if height <= _SMALLEST or 1.5 * height + (len(lines) - 1) * _LINE_PITCH * height <= room.h:
            return height, lines
        height = max(_SMALLEST, 0.93 * height)


def _broken(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """Yield the lines of `text` that are at most `width` pixels long, with a little left for wider spaces."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > 0.9 * width:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def _write_line(
    page: Grey,
    px_per_mm: float,
    line: str,
    start: tuple[float, float],
    font: ImageFont.FreeTypeFont,
    hand: Hand,
    pen: Pen,
    rng: np.random.Generator,
) -> None:
    """Write one line whose base line starts at `start` (mm), each word a little off it."""
    x, y = start[0] * px_per_mm, start[1] * px_per_mm
    unrest = hand.unrest * px_per_mm
    for word in line.split():
        cover, base = _ink_of(word, font)
        tilt = hand.slope + 0.01 * float(rng.standard_normal())
        leant = slanted(_as_thick_as(pen, cover, px_per_mm), 1.0, hand.lean, -tilt)
        rise = (leant.shape[0] - cover.shape[0]) // 2
        soak(page, round(x), round(y + rng.normal(0, unrest)) - base - rise, leant, pen, rng)
        advance = font.getlength(word) + font.getlength(" ") * float(rng.uniform(1.0, 1.5))
        x, y = x + advance, y - hand.slope * advance


def _ink_of(text: str, font: ImageFont.FreeTypeFont) -> tuple[Cover, int]:
    """`text` as ink on nothing, and the row of its base line."""
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text, anchor="ls"))
    image = Image.new("L", (right - left + 4, bottom - top + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), text, fill=255, font=font, anchor="ls")
    return np.asarray(image, dtype=np.uint8), 2 - top


def _as_thick_as(pen: Pen, cover: Cover, px_per_mm: float) -> Cover:
    """The ink widened for pens broader than the ballpoint the faces were drawn with."""
    extra = round((pen.width - 0.6) * px_per_mm / 3)
    if extra < 1:
        return cover
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * extra + 1, 2 * extra + 1))
    return np.asarray(cv2.dilate(cover, disc), dtype=np.uint8)


def slanted(cover: Cover, zoom: float, lean: float, turn: float) -> Cover:
    """The ink enlarged by `zoom`, leant to the right by `lean` of its height and turned clockwise by `turn` radians."""
    height, width = cover.shape
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = zoom * np.array([[cos, -sin], [sin, cos]]) @ np.array([[1.0, -lean], [0.0, 1.0]])
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], dtype=np.float64) @ matrix.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.ceil(high - low).astype(int) + 1
    source = cv2.GaussianBlur(cover, (0, 0), 0.4 / zoom) if zoom < 0.8 else cover
    affine = np.column_stack([matrix, -low])
    moved = cv2.warpAffine(source, affine, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR)
    return np.asarray(moved, dtype=np.uint8)
