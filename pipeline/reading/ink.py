"""Small pictures of what was written on a page, to tell a sheet scanned twice from a second person's answers."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.identify import Grey
from pipeline.page.plane import grey_below
from pipeline.page.register import RegisteredPage, crop

_BOX_PX_PER_MM = 3.0
_TEXT_PX_PER_MM = 1.5
"""Scales of the little pictures: a ball pen is about one pixel wide in a box, and a word keeps its shape in a text."""

_INSET_MM = 0.6
"""The frame, which every copy shares, is left out."""

_LEVELS = 16
"""Steps of darkness kept, so that a page's signature is a few kilobytes."""

_DARKEST_PAPER_SHARE = 0.75
"""Paper is no darker than this share of the page's, so that a box inked all over does not pass for paper."""

_NOISE = 0.08
"""Darkness below this is paper."""

_LEAST_INK_MM2 = 0.5
"""Darkness times area from which a field counts as written in: a short dash in faint pencil; dust is a tenth of it."""

_SHIFT_PX = 1
"""How far the two pictures may be moved against each other: a text field is placed to within half a millimetre."""

SAME_LIKENESS = 0.88
SAME_LIKENESS_OF_LITTLE = 0.91
LITTLE = 2
"""Median likeness of the ink of two pages from which on they are the same paper; the second where no more than
`LITTLE` fields were written in. Measured on 108 drawn pages each: scanned again at 200 or 300 dpi 0.93 or more; the
same boxes crossed by another person on a photocopied blank 0.82 at most, with one cross to compare, and 0.78 with
more."""

_SAME_FIELD_LIKENESS = 0.75
"""Every field that was written in must be at least so alike, or something was added to the paper since. Scans of one
sheet: 0.86 or more."""


_SOLID_PERCENTILE, _SOLID_SHARE = 10, 0.4
"""A box is filled in solid when nine tenths of it are at least this share as dark as its darkest spot."""


class SameInk(StrEnum):
    """How the ink of two pages with the same code compares."""

    SAME = "same"
    DIFFERENT = "different"
    BOTH_BLANK = "both_blank"


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


def sign_ink(page: RegisteredPage) -> InkSignature:
    """Return the ink of every field that was written in."""
    scales = [_TEXT_PX_PER_MM if each.field.kind == "text" else _BOX_PX_PER_MM for each in page.fields]
    pictures = [crop(page, each.box.grown(-_INSET_MM), scale) for each, scale in zip(page.fields, scales, strict=True)]
    lightest = [grey_below(picture, 0.8) for picture in pictures]
    floor = _DARKEST_PAPER_SHARE * float(np.median(lightest)) if lightest else 1.0
    signed = (
        _field_ink(number, picture, max(light, floor), scale)
        for number, (picture, light, scale) in enumerate(zip(pictures, lightest, scales, strict=True))
    )
    return InkSignature(tuple(each for each in signed if each is not None))


def same_ink(a: InkSignature, b: InkSignature) -> SameInk:
    """Say whether two pages that carry the same code are the same paper, by what was written on them.

    The same paper shows every stroke in the same place whatever scanner saw it; two people's crosses in the same
    box do not lie on each other.
    """
    if not a.fields and not b.fields:
        return SameInk.BOTH_BLANK
    alike = likenesses(a, b)
    if not alike:
        return SameInk.DIFFERENT
    wanted = SAME_LIKENESS if len(alike) > LITTLE else SAME_LIKENESS_OF_LITTLE
    if min(alike) >= _SAME_FIELD_LIKENESS and float(np.median(alike)) >= wanted:
        return SameInk.SAME
    return SameInk.DIFFERENT


def likenesses(a: InkSignature, b: InkSignature) -> tuple[float, ...]:
    """Return how alike two pages are in each field written in on either, at most 1; 0 where only one has ink.

    Fields filled in solid on both are left out: anybody's look the same.
    """
    inked_a = {each.field: each for each in a.fields}
    inked_b = {each.field: each for each in b.fields}
    compared = (
        _likeness(_unpacked(inked_a[field]), _unpacked(inked_b[field]))
        if field in inked_a and field in inked_b
        else 0.0
        for field in sorted(inked_a.keys() | inked_b.keys())
    )
    return tuple(alike for alike in compared if alike is not None)


def _field_ink(number: int, picture: Grey, paper: float, px_per_mm: float) -> FieldInk | None:
    darkness = np.clip(1.0 - picture.astype(np.float32) / np.float32(paper), 0.0, 1.0)
    darkness[darkness < _NOISE] = 0.0
    if float(darkness.sum()) / px_per_mm**2 < _LEAST_INK_MM2:
        return None
    steps = np.rint(darkness * (_LEVELS - 1)).astype(np.uint8)
    packed = base64.b85encode(zlib.compress(steps.tobytes(), 9)).decode("ascii")
    return FieldInk(number, steps.shape[1], steps.shape[0], packed)


def _unpacked(ink: FieldInk) -> NDArray[np.float32]:
    steps = np.frombuffer(zlib.decompress(base64.b85decode(ink.packed)), np.uint8)
    return steps.reshape(ink.height, ink.width).astype(np.float32) / np.float32(_LEVELS - 1)


def _likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> float | None:
    """The best normalised correlation of two pictures moved against each other by a pixel; 0 for different sizes.

    None where both are solid: nothing is left to compare.
    """
    if a.shape != b.shape:
        return 0.0
    if _is_solid(a) and _is_solid(b):
        return None
    wide = cv2.copyMakeBorder(a, *(_SHIFT_PX,) * 4, cv2.BORDER_CONSTANT, value=0.0)
    return float(np.nan_to_num(cv2.matchTemplate(wide, b, cv2.TM_CCOEFF_NORMED)).max())


def _is_solid(picture: NDArray[np.float32]) -> bool:
    return float(np.percentile(picture, _SOLID_PERCENTILE)) > _SOLID_SHARE * float(picture.max())
