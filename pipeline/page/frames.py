"""Each printed frame matched near its expected place: from a third of a millimetre to a few hundredths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import FRAME_WIDTH_PT, Box, Field
from pipeline.page.identify import Grey
from pipeline.page.plane import Matrix, cut

_MM_PER_PT = 25.4 / 72

SURE_SCORE = 0.5
"""A frame matched at least this well was never off by more than 0.5 mm; below, its neighbours say where it is."""

_FINE_PX_PER_MM = 6.0
_COARSE_PX_PER_MM = 3.0
"""Scales at which frames are matched, first roughly: a frame line of 0.25 mm is 1.5 or 0.75 pixels."""

_FINE_REACH_MM = 0.5
"""How far from where the frame before it lay, or from a rough match, a frame is looked for at the fine scale."""

_COARSE_REACHES_MM = (1.8, 3.5)
"""How far a frame that is not there is looked for, and again: uneven feeding moves boxes by up to 3.5 mm."""

_GOOD_ENOUGH = 0.6
"""A match this good ends the search; the best wrong ones score up to 0.5."""

_BAND_MM = 0.75
"""Half the width of the band along a frame's line that is compared; what is written inside the box is not."""

_WHOLE_FRAME_MM = 16.0
"""A frame with a longer side is matched by its four corners instead."""

_CORNER_MM = 7.0
"""Length of the two lines of such a corner."""

_FLATTEST = 4.0
"""Grey levels squared: a patch that varies less holds nothing but noise, and its scores are not blown up."""

_NEIGHBOURS = 4
"""Sure frames nearby whose median shift is lent to a frame that was not found."""


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field where it really lies: `box` is its frame in mm of the paper, moved to where the frame was found.

    `score` says how well the frame matched, 0 to 1; `found` is false where its neighbours were asked instead.
    """

    field: Field
    box: Box
    score: float
    found: bool


@dataclass(frozen=True, slots=True)
class _Match:
    """A frame matched: the shift in mm from where the layout has it, and how well it fits there."""

    dx: float
    dy: float
    score: float


_NOT_MOVED = _Match(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Outline:
    """What is matched: a frame of `w` × `h` mm, or one corner of a large one (`part` 0 top-left, clockwise)."""

    w: float
    h: float
    part: int | None = None


def place_fields(grey: Grey, fields: Sequence[Field], homography: Matrix) -> tuple[PlacedField, ...]:
    """Return every field where its frame is found in the picture; `homography` maps mm to pixels, right to 3 mm."""
    matches: list[_Match] = []
    before = _NOT_MOVED
    for field in fields:
        match = _match_field(grey, field, homography, before)
        matches.append(match)
        before = match if match.score >= SURE_SCORE else before
    return tuple(
        PlacedField(field, _moved(field.box, match), match.score, True)
        if match.score >= SURE_SCORE
        else PlacedField(field, _moved(field.box, _neighbours_shift(field, fields, matches)), match.score, False)
        for field, match in zip(fields, matches, strict=True)
    )


def _match_field(grey: Grey, field: Field, homography: Matrix, before: _Match) -> _Match:
    """Match a field's frame, or the corners of a large one, whose median is then its shift."""
    if max(field.box.w, field.box.h) <= _WHOLE_FRAME_MM:
        outline = _Outline(field.box.w, field.box.h)
        return _match(grey, field.box, outline, homography, before)
    parts = [_match(grey, box, outline, homography, before) for box, outline in _frame_corners(field.box)]
    sure = [part for part in parts if part.score >= SURE_SCORE] or parts
    dx, dy = np.median([(part.dx, part.dy) for part in sure], axis=0)
    return _Match(float(dx), float(dy), float(np.median([part.score for part in parts])))


def _frame_corners(box: Box) -> Iterator[tuple[Box, _Outline]]:
    """The four corners of a large frame: the box around each, and its outline."""
    w, h = min(_CORNER_MM, box.w / 2), min(_CORNER_MM, box.h / 2)
    places = ((box.x, box.y), (box.right - w, box.y), (box.right - w, box.bottom - h), (box.x, box.bottom - h))
    for part, (x, y) in enumerate(places):
        yield Box(x, y, w, h), _Outline(w, h, part=part)


def _match(grey: Grey, box: Box, outline: _Outline, homography: Matrix, before: _Match) -> _Match:
    """Look for an outline where the one before it was and, where it is not there, farther and farther off."""
    best = _search(grey, box, outline, homography, before, _FINE_REACH_MM, _FINE_PX_PER_MM)
    for reach in _COARSE_REACHES_MM:
        if best.score >= _GOOD_ENOUGH:
            return best
        rough = _search(grey, box, outline, homography, _NOT_MOVED, reach, _COARSE_PX_PER_MM)
        fine = _search(grey, box, outline, homography, rough, _FINE_REACH_MM, _FINE_PX_PER_MM)
        best = max(best, fine, key=lambda match: match.score)
    return best


def _search(
    grey: Grey, box: Box, outline: _Outline, homography: Matrix, around: _Match, reach: float, px_per_mm: float
) -> _Match:
    """Return the best match of an outline within `reach` mm of `around`: normalised correlation along its line."""
    template = _template(outline, px_per_mm)
    steps = round(reach * px_per_mm)
    width, height = (template.width + 2 * steps) / px_per_mm, (template.height + 2 * steps) / px_per_mm
    middle_x, middle_y = box.centre
    seen = Box(middle_x + around.dx - width / 2, middle_y + around.dy - height / 2, width, height)
    scores = _correlate(cut(grey, homography, seen, px_per_mm), template, 2 * steps + 1)
    row, column = divmod(int(np.argmax(scores)), scores.shape[1])
    dx = (_peak(scores[row, :], column) - steps) / px_per_mm
    dy = (_peak(scores[:, column], row) - steps) / px_per_mm
    return _Match(around.dx + dx, around.dy + dy, max(0.0, float(scores[row, column])))


def _correlate(patch: Grey, template: _Template, places: int) -> NDArray[np.float64]:
    """Normalised correlation of the template's band with the patch at `places` × `places` offsets."""
    width = patch.shape[1]
    offsets = (np.arange(places)[:, None] * width + np.arange(places)).reshape(-1, 1)
    seen = np.take(patch.ravel().astype(np.float32), offsets + (template.rows * width + template.columns))
    count = seen.shape[1]
    total = seen.sum(axis=1, dtype=np.float64)
    variance = np.einsum("ij,ij->i", seen, seen, dtype=np.float64) - total * total / count
    scores = (seen @ template.values) / np.sqrt(np.maximum(variance, _FLATTEST * count))
    return np.asarray(scores, dtype=np.float64).reshape(places, places)


def _peak(line: NDArray[np.float64], at: int) -> float:
    """Where a parabola through the highest value and its two neighbours has its top, in steps."""
    if at in (0, len(line) - 1):
        return float(at)
    before, top, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * top + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Template:
    """An outline as it is compared: the pixels of the band around its line; their values have mean 0 and length 1."""

    width: int
    height: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: NDArray[np.float32]


@cache
def _template(outline: _Outline, px_per_mm: float) -> _Template:
    fine = 8
    scale = px_per_mm * fine
    width = round((outline.w + 2 * _BAND_MM) * px_per_mm)
    height = round((outline.h + 2 * _BAND_MM) * px_per_mm)
    left, top = (width * fine - outline.w * scale) / 2, (height * fine - outline.h * scale) / 2
    rows, columns = np.mgrid[0 : height * fine, 0 : width * fine].astype(np.float32) + 0.5
    distance = _distance_to(outline, (columns - left) / scale, (rows - top) / scale)
    line = _averaged(distance <= FRAME_WIDTH_PT * _MM_PER_PT / 2, width, height)
    band_rows, band_columns = np.nonzero(_averaged(distance <= _BAND_MM, width, height) > 0.5)
    values = -line[band_rows, band_columns]
    values -= values.mean()
    return _Template(width, height, band_rows, band_columns, values / np.linalg.norm(values))


def _averaged(mask: NDArray[np.bool_], width: int, height: int) -> NDArray[np.float32]:
    small = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _distance_to(outline: _Outline, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
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


def _neighbours_shift(field: Field, fields: Sequence[Field], matches: Sequence[_Match]) -> _Match:
    """The median shift of the nearest sure frames; none where no frame is sure."""
    x, y = field.box.centre
    sure = sorted(
        (float(np.hypot(other.box.centre[0] - x, other.box.centre[1] - y)), match.dx, match.dy)
        for other, match in zip(fields, matches, strict=True)
        if match.score >= SURE_SCORE
    )[:_NEIGHBOURS]
    if not sure:
        return _NOT_MOVED
    dx, dy = np.median([each[1:] for each in sure], axis=0)
    return _Match(float(dx), float(dy), 0.0)


def _moved(box: Box, by: _Match) -> Box:
    return Box(box.x + by.dx, box.y + by.dy, box.w, box.h)
