"""Small pictures of what was written on a page, to tell a sheet scanned twice from a second person's answers."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.plane import around_all, cut_alike, reduced
from pipeline.page.register import RegisteredPage
from pipeline.reading.readings import FieldInk, InkSignature

_BOX_PX_PER_MM = 3.0
_TEXT_PX_PER_MM = 1.5
"""Scales of the little pictures: a ball pen is about one pixel wide in a box, and a word keeps its shape in a text."""

_INSET_MM = 0.6
"""The frame, which every copy shares, is left out."""

_LIGHT_SHARE = 0.8
"""Of the pixels of a field, in rising order of lightness, the one so far on shows the paper unless inked over."""

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


def sign_ink(page: RegisteredPage) -> InkSignature:
    """Return the ink of every field that was written in."""
    groups = tuple(_alike(page))
    lightest = [_grey_below(group.pictures, _LIGHT_SHARE) for group in groups]
    floor = _DARKEST_PAPER_SHARE * float(np.median(np.concatenate(lightest))) if groups else 1.0
    signed = [
        field
        for group, light in zip(groups, lightest, strict=True)
        for field in _inked(group, np.maximum(light, max(floor, 1.0)))
    ]
    return InkSignature(tuple(sorted(signed, key=lambda each: each.field)))


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Fields of one size: their numbers in the page's order, the scale, and their pictures, (n, height, width)."""

    numbers: tuple[int, ...]
    px_per_mm: float
    pictures: NDArray[np.uint8]


def _alike(page: RegisteredPage) -> Iterator[_Alike]:
    """Cut the fields out of a page, those of one size together.

    Boxes are cut out twice as finely and averaged: a page reduced by two at first is quick to have at any resolution.
    """
    grouped: dict[tuple[int, int, bool], list[int]] = {}
    boxes = [each.box.grown(-_INSET_MM) for each in page.fields]
    for number, (each, box) in enumerate(zip(page.fields, boxes, strict=True)):
        is_text = each.field.kind == "text"
        scale = _TEXT_PX_PER_MM if is_text else _BOX_PX_PER_MM
        size = max(1, round(box.w * scale)), max(1, round(box.h * scale))
        grouped.setdefault((*size, is_text), []).append(number)
    for (width, height, is_text), numbers in grouped.items():
        scale, finer = (_TEXT_PX_PER_MM, 1) if is_text else (_BOX_PX_PER_MM, 2)
        alike = [boxes[number] for number in numbers]
        small, to_small = reduced(page.image, page.homography, around_all(alike), finer * scale)
        fine = cut_alike(small, to_small, alike, (finer * width, finer * height))
        lined_up = fine.reshape(-1, finer * width)
        averaged = cv2.resize(lined_up, (width, len(alike) * height), interpolation=cv2.INTER_AREA)
        yield _Alike(tuple(numbers), scale, np.asarray(averaged, dtype=np.uint8).reshape(-1, height, width))


def _grey_below(pictures: NDArray[np.uint8], share: float) -> NDArray[np.float32]:
    """The grey level at or below which `share` (0 to 1) of the pixels of each picture lie: (n,)."""
    flat = pictures.reshape(len(pictures), -1)
    place = ceil(share * flat.shape[1]) - 1
    return np.asarray(np.partition(flat, place, axis=1)[:, place], dtype=np.float32)


def _inked(group: _Alike, papers: NDArray[np.float32]) -> Iterator[FieldInk]:
    """The ink of those fields that were written in; `papers` is the grey of the paper in each."""
    darkness = np.clip(1.0 - group.pictures / papers[:, None, None], 0.0, 1.0)
    darkness[darkness < _NOISE] = 0.0
    is_inked = darkness.sum(axis=(1, 2)) / group.px_per_mm**2 >= _LEAST_INK_MM2
    steps = np.rint(darkness * (_LEVELS - 1)).astype(np.uint8)
    _, height, width = steps.shape
    for nth in np.flatnonzero(is_inked).tolist():
        yield FieldInk(group.numbers[nth], width, height, _packed(steps[nth].tobytes()))


def _packed(steps: bytes) -> str:
    packer = zlib.compressobj(strategy=zlib.Z_RLE)
    return base64.b64encode(packer.compress(steps) + packer.flush()).decode("ascii")


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


def _unpacked(ink: FieldInk) -> NDArray[np.float32]:
    steps = np.frombuffer(zlib.decompress(base64.b64decode(ink.packed)), np.uint8)
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
