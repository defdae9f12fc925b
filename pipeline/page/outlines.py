"""What a printed frame looks like: the line that is matched, whole or by the corners of a large frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import FRAME_WIDTH_PT, Box

_MM_PER_PT = 25.4 / 72

BAND_MM = 0.75
"""Half the width of the band along a frame's line that is compared; what is written inside the box is not."""

_WHOLE_FRAME_MM = 16.0
"""A frame with a longer side is matched by its four corners instead."""

_CORNER_MM = 7.0
"""Length of the two lines of such a corner."""

_OUTLINE_PLACES = 2
"""Decimal places of a frame's sides in mm: finer differences come from adding up and show nowhere."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What is matched: a frame of `w` × `h` mm, or one corner of a large one (`part` 0 top-left, clockwise)."""

    w: float
    h: float
    part: int | None = None


def outlines_of(box: Box) -> Iterator[tuple[Box, Outline]]:
    """What is matched for a frame, and the box around it: the frame itself, or the corners of a large one."""
    if max(box.w, box.h) <= _WHOLE_FRAME_MM:
        yield box, Outline(round(box.w, _OUTLINE_PLACES), round(box.h, _OUTLINE_PLACES))
        return
    w, h = min(_CORNER_MM, box.w / 2), min(_CORNER_MM, box.h / 2)
    places = ((box.x, box.y), (box.right - w, box.y), (box.right - w, box.bottom - h), (box.x, box.bottom - h))
    for part, (x, y) in enumerate(places):
        yield Box(x, y, w, h), Outline(round(w, _OUTLINE_PLACES), round(h, _OUTLINE_PLACES), part)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A frame's sides as the mean of many rows shows them: where in that line, and their values, mean 0, length 1."""

    places: NDArray[np.intp]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """An outline as it is compared: the pixels of the band around its line; their values have mean 0 and length 1.

    `across` and `down` are its upright and its level sides alone.
    """

    width: int
    height: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: NDArray[np.float32]
    across: Profile
    down: Profile


@cache
def template_of(outline: Outline, px_per_mm: float) -> Template:
    """Return what an outline looks like at a scale; drawn once for a process."""
    fine = 8
    scale = px_per_mm * fine
    width = round((outline.w + 2 * BAND_MM) * px_per_mm)
    height = round((outline.h + 2 * BAND_MM) * px_per_mm)
    left, top = (width * fine - outline.w * scale) / 2, (height * fine - outline.h * scale) / 2
    rows, columns = np.mgrid[0 : height * fine, 0 : width * fine].astype(np.float32) + 0.5
    distance = _distance_to(outline, (columns - left) / scale, (rows - top) / scale)
    line = _averaged(distance <= FRAME_WIDTH_PT * _MM_PER_PT / 2, width, height)
    band = _averaged(distance <= BAND_MM, width, height) > 0.5
    band_rows, band_columns = np.nonzero(band)
    middle_row, middle_column = height // 2, width // 2
    return Template(
        width,
        height,
        band_rows,
        band_columns,
        values=_compared(line[band]),
        across=_profile(line[middle_row], band[middle_row]),
        down=_profile(line[:, middle_column], band[:, middle_column]),
    )


def _profile(line: NDArray[np.float32], band: NDArray[np.bool_]) -> Profile:
    return Profile(np.flatnonzero(band), _compared(line[band]))


def _compared(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """How grey differs from its mean where there is so much of a line (0 to 1): mean 0, length 1."""
    values = line.mean() - line
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)


def _averaged(mask: NDArray[np.bool_], width: int, height: int) -> NDArray[np.float32]:
    small = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _distance_to(outline: Outline, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each point (mm from the outline's top-left corner) is from the outline's line."""
    beyond_x = np.maximum(np.maximum(-x, x - outline.w), 0.0)
    beyond_y = np.maximum(np.maximum(-y, y - outline.h), 0.0)
    sides = {
        "left": np.hypot(x, beyond_y),
        "right": np.hypot(x - outline.w, beyond_y),
        "top": np.hypot(y, beyond_x),
        "bottom": np.hypot(y - outline.h, beyond_x),
    }
    drawn = _SIDES_OF_PART[outline.part]
    return np.asarray(np.minimum.reduce([sides[side] for side in drawn]), dtype=np.float32)


_SIDES_OF_PART: dict[int | None, tuple[str, ...]] = {
    None: ("left", "right", "top", "bottom"),
    0: ("left", "top"),
    1: ("right", "top"),
    2: ("right", "bottom"),
    3: ("left", "bottom"),
}
"""Which sides of a frame run through each of its corners; all of them belong to a whole frame."""
