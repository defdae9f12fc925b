"""Whether two pages that carry the same code are the same paper: the little pictures of what was written, compared."""

from __future__ import annotations

import base64
import zlib
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.readings import INK_LEVELS, FieldInk, InkSignature

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
    return steps.reshape(ink.height, ink.width).astype(np.float32) / np.float32(INK_LEVELS - 1)


def _likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> float | None:
    """The best normalised correlation of two pictures moved against each other by a pixel; 0 for different sizes.

    None where both are solid: nothing is left to compare.
    """
    if a.shape != b.shape:
        return 0.0
    if _is_solid(a) and _is_solid(b):
        return None
    # What compares pictures is loaded where a sheet comes a second time: recording needs no more of it.
    import cv2

    wide = cv2.copyMakeBorder(a, *(_SHIFT_PX,) * 4, cv2.BORDER_CONSTANT, value=0.0)
    return float(np.nan_to_num(cv2.matchTemplate(wide, b, cv2.TM_CCOEFF_NORMED)).max())


def _is_solid(picture: NDArray[np.float32]) -> bool:
    return float(np.percentile(picture, _SOLID_PERCENTILE)) > _SOLID_SHARE * float(picture.max())
