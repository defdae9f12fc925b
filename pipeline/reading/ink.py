"""Small pictures of what was written on a page, to tell a sheet scanned twice from a second person's answers.

`same_ink` compares them.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import around_all
from pipeline.page.plane import cut_alike, reduced
from pipeline.page.register import RegisteredPage
from pipeline.reading.readings import INK_LEVELS, FieldInk, InkSignature

_BOX_PX_PER_MM = 3.0
_TEXT_PX_PER_MM = 1.5
"""Scales of the little pictures: a ball pen is about one pixel wide in a box, and a word keeps its shape in a text."""

_INSET_MM = 0.6
"""The frame, which every copy shares, is left out."""

_LIGHT_SHARE = 0.8
"""Of the pixels of a field, in rising order of lightness, the one so far on shows the paper unless inked over."""

_DARKEST_PAPER_SHARE = 0.75
"""Paper is no darker than this share of the page's, so that a box inked all over does not pass for paper."""

_NOISE = 0.08
"""Darkness below this is paper."""

_LEAST_INK_MM2 = 0.5
"""Darkness times area from which a field counts as written in: a short dash in faint pencil; dust is a tenth of it."""


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
    steps = np.rint(darkness * (INK_LEVELS - 1)).astype(np.uint8)
    _, height, width = steps.shape
    for nth in np.flatnonzero(is_inked).tolist():
        yield FieldInk(group.numbers[nth], width, height, _packed(steps[nth].tobytes()))


def _packed(steps: bytes) -> str:
    packer = zlib.compressobj(strategy=zlib.Z_RLE)
    return base64.b64encode(packer.compress(steps) + packer.flush()).decode("ascii")
