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

_PX_PER_MM = 6.0
"""Scale at which frames are matched: a frame line of 0.25 mm is 1.5 pixels."""

_NEAR_MM = 1.8
_FAR_MM = 3.5
"""How far from its expected place a frame is looked for, first and, if it is not there, again: uneven feeding moves
boxes by up to 3.5 mm."""

_BAND_MM = 0.75
"""Half the width of the band along a frame's line that is compared; what is written inside the box is not."""

_WHOLE_FRAME_MM = 16.0
"""A frame with a longer side is matched by its four corners instead."""

_CORNER_MM = 7.0
"""Length of the two lines of such a corner."""

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
    """A frame matched: the shift in mm from where it was expected, and how well it fits there."""

    dx: float
    dy: float
    score: float


@dataclass(frozen=True, slots=True)
class _Outline:
    """What is matched: a frame of `w` × `h` mm, or one corner of a large one (`part` 0 top-left, clockwise)."""

    w: float
    h: float
    oval: bool = False
    part: int | None = None


def place_fields(grey: Grey, fields: Sequence[Field], homography: Matrix) -> tuple[PlacedField, ...]:
    """Return every field where its frame is found in the picture; `homography` maps mm to pixels, right to 3 mm."""
    matches = [_match_field(grey, field, homography) for field in fields]
    return tuple(
        PlacedField(field, _moved(field.box, match), match.score, True)
        if match.score >= SURE_SCORE
        else PlacedField(field, _moved(field.box, _neighbours_shift(field, fields, matches)), match.score, False)
        for field, match in zip(fields, matches, strict=True)
    )


def _match_field(grey: Grey, field: Field, homography: Matrix) -> _Match:
    """Match a field's frame, or the corners of a large one, whose median is then its shift."""
    if max(field.box.w, field.box.h) <= _WHOLE_FRAME_MM:
        return _match(grey, field.box, _Outline(field.box.w, field.box.h, field.shape == "oval"), homography)
    parts = [_match(grey, box, outline, homography) for box, outline in _frame_corners(field.box)]
    sure = [part for part in parts if part.score >= SURE_SCORE] or parts
    dx, dy = np.median([(part.dx, part.dy) for part in sure], axis=0)
    return _Match(float(dx), float(dy), float(np.median([part.score for part in parts])))


def _frame_corners(box: Box) -> Iterator[tuple[Box, _Outline]]:
    """The four corners of a large frame: the box around each, and its outline."""
    w, h = min(_CORNER_MM, box.w / 2), min(_CORNER_MM, box.h / 2)
    places = ((box.x, box.y), (box.right - w, box.y), (box.right - w, box.bottom - h), (box.x, box.bottom - h))
    for part, (x, y) in enumerate(places):
        yield Box(x, y, w, h), _Outline(w, h, part=part)


def _match(grey: Grey, box: Box, outline: _Outline, homography: Matrix) -> _Match:
    """Look for an outline nearby and, where it is not found, farther off."""
    near = _match_within(grey, box, outline, homography, _NEAR_MM)
    if near.score >= SURE_SCORE + 0.1:
        return near
    return max(near, _match_within(grey, box, outline, homography, _FAR_MM), key=lambda match: match.score)


def _match_within(grey: Grey, box: Box, outline: _Outline, homography: Matrix, reach: float) -> _Match:
    template, mask = _template(outline)
    margin = (template.shape[1] / _PX_PER_MM - box.w) / 2, (template.shape[0] / _PX_PER_MM - box.h) / 2
    steps = round(reach * _PX_PER_MM)
    width = (template.shape[1] + 2 * steps) / _PX_PER_MM
    height = (template.shape[0] + 2 * steps) / _PX_PER_MM
    around = Box(box.x - margin[0] - steps / _PX_PER_MM, box.y - margin[1] - steps / _PX_PER_MM, width, height)
    patch = cut(grey, homography, around, _PX_PER_MM)
    scores = cv2.matchTemplate(patch.astype(np.float32), template, cv2.TM_CCOEFF_NORMED, mask=mask)
    scores = _without_gaps(scores)
    row, column = np.unravel_index(int(np.argmax(scores)), scores.shape)
    dy = _peak(scores[:, column], int(row)) - steps
    dx = _peak(scores[row, :], int(column)) - steps
    return _Match(dx / _PX_PER_MM, dy / _PX_PER_MM, float(np.clip(scores[row, column], 0.0, 1.0)))


def _without_gaps(scores: cv2.typing.MatLike) -> NDArray[np.float64]:
    """Scores with 0 where the patch was of one grey and nothing could be compared."""
    return np.nan_to_num(np.asarray(scores, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _peak(line: NDArray[np.float64], at: int) -> float:
    """Where a parabola through the highest value and its two neighbours has its top, in steps."""
    if at in (0, len(line) - 1):
        return float(at)
    before, top, after = line[at - 1 : at + 2]
    bend = before - 2 * top + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


@cache
def _template(outline: _Outline) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The picture of an outline, dark on white, and the band around its line that counts; both float32."""
    fine = 8
    scale = _PX_PER_MM * fine
    width = round((outline.w + 2 * _BAND_MM) * _PX_PER_MM)
    height = round((outline.h + 2 * _BAND_MM) * _PX_PER_MM)
    left, top = (width * fine - outline.w * scale) / 2, (height * fine - outline.h * scale) / 2
    rows, columns = np.mgrid[0 : height * fine, 0 : width * fine].astype(np.float32) + 0.5
    x, y = (columns - left) / scale, (rows - top) / scale
    distance = _distance_to(outline, x, y)
    size = (width, height)
    line = cv2.resize(
        (distance <= FRAME_WIDTH_PT * _MM_PER_PT / 2).astype(np.float32), size, interpolation=cv2.INTER_AREA
    )
    band = cv2.resize((distance <= _BAND_MM).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return 255.0 * (1.0 - line), (band > 0.5).astype(np.float32)


def _distance_to(outline: _Outline, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each point (mm from the outline's top-left corner) is from the outline's line."""
    if outline.oval:
        a, b = outline.w / 2, outline.h / 2
        radius = np.hypot((x - a) / a, (y - b) / b)
        return np.asarray(np.abs(radius - 1.0) * min(a, b), dtype=np.float32)
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
        return _Match(0.0, 0.0, 0.0)
    dx, dy = np.median([each[1:] for each in sure], axis=0)
    return _Match(float(dx), float(dy), 0.0)


def _moved(box: Box, by: _Match) -> Box:
    return Box(box.x + by.dx, box.y + by.dy, box.w, box.h)
