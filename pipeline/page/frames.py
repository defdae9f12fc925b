"""Each printed frame matched near its expected place: from a third of a millimetre to a few hundredths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box, Field, around_all
from pipeline.page.outlines import BAND_MM, Outline, Profile, Template, outlines_of, template_of
from pipeline.page.patches import peak, peaks
from pipeline.page.picture import Grey, PageImage
from pipeline.page.plane import Matrix, cut, cut_alike, reduced

SURE_SCORE = 0.5
"""A frame matched at least this well was never off by more than 0.5 mm; below, its neighbours say where it is."""

_FINE_PX_PER_MM = 6.0
_COARSE_PX_PER_MM = 3.0
"""Scales at which frames are matched, first roughly: a frame line of 0.25 mm is 1.5 or 0.75 pixels."""

_FINE_REACH_MM = 0.5
"""How far from where the frame before it lay, or from a rough match, a frame is looked for at the fine scale."""

_QUICK_REACH_MM = 1.0
"""How far from its place each frame is first looked for: corner marks place it to 0.6 mm on most scans."""

_COARSE_REACHES_MM = (1.8, 3.5)
"""How far a frame that is not there is looked for, and again: uneven feeding moves boxes by up to 3.5 mm."""

_GOOD_ENOUGH = 0.75
"""A match this good ends the search. A wrong one, on two sides of its own box and one of the next, scores up to 0.70;
of the right ones on ordinary scans, 98 in 100 more than this, and the others are looked for farther off in vain."""

_AGREEING_MM = 0.3
"""A frame moved as the one before it to within so much is not one of its neighbours, which are 1 mm off or more."""

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

    def moved(self, box: Box) -> Box:
        """Return a box of the layout where this match has it."""
        return box.moved(self.dx, self.dy)


_NOT_MOVED = _Match(0.0, 0.0, 0.0)


def place_fields(image: PageImage, fields: Sequence[Field], homography: Matrix) -> tuple[PlacedField, ...]:
    """Return every field where its frame is found in the picture; `homography` maps mm to pixels, right to 3 mm.

    All frames are first looked for at once and quickly; those not found so, one by one and thoroughly.
    """
    outlines = [tuple(outlines_of(field.box)) for field in fields]
    quick = iter(_match_quickly(image, [each for parts in outlines for each in parts], homography))
    matches: list[_Match] = []
    before = _NOT_MOVED
    for parts in outlines:
        match = _joined(
            [
                found if _is_believed(found, before) else _match(image.grey, box, outline, homography, before)
                for (box, outline), found in zip(parts, quick, strict=False)
            ]
        )
        matches.append(match)
        before = match if match.score >= SURE_SCORE else before
    return tuple(
        PlacedField(field, match.moved(field.box), match.score, True)
        if match.score >= SURE_SCORE
        else PlacedField(field, _neighbours_shift(field, fields, matches).moved(field.box), match.score, False)
        for field, match in zip(fields, matches, strict=True)
    )


def _joined(parts: Sequence[_Match]) -> _Match:
    """The match of a frame: of a large one, the median of its corners."""
    if len(parts) == 1:
        return parts[0]
    sure = [part for part in parts if part.score >= SURE_SCORE] or parts
    dx, dy = np.median([(part.dx, part.dy) for part in sure], axis=0)
    return _Match(float(dx), float(dy), float(np.median([part.score for part in parts])))


def _match_quickly(image: PageImage, outlines: Sequence[tuple[Box, Outline]], homography: Matrix) -> tuple[_Match, ...]:
    """Match outlines within `_QUICK_REACH_MM` of their places, those of one shape together.

    The sides of a frame stand out in the mean of the rows through its middle, and of the columns: there it is looked
    for, in one dimension at a time. What is found counts for as much as its whole outline matches.
    """
    matches = [_NOT_MOVED] * len(outlines)
    if not outlines:
        return ()
    hull = around_all([box for box, _ in outlines]).grown(_QUICK_REACH_MM + BAND_MM)
    small, to_small = reduced(image, homography, hull, _FINE_PX_PER_MM)
    for outline in dict.fromkeys(shape for _, shape in outlines):
        numbers = [number for number, (_, shape) in enumerate(outlines) if shape == outline]
        found = _match_alike(small, [outlines[number][0] for number in numbers], outline, to_small)
        for number, match in zip(numbers, found, strict=True):
            matches[number] = match
    return tuple(matches)


def _match_alike(small: Grey, boxes: Sequence[Box], outline: Outline, to_small: Matrix) -> Iterator[_Match]:
    template = template_of(outline, _FINE_PX_PER_MM)
    steps = round(_QUICK_REACH_MM * _FINE_PX_PER_MM)
    width, height = template.width + 2 * steps, template.height + 2 * steps
    w, h = width / _FINE_PX_PER_MM, height / _FINE_PX_PER_MM
    seen = [Box(box.centre[0] - w / 2, box.centre[1] - h / 2, w, h) for box in boxes]
    patches = cut_alike(small, to_small, seen, (width, height))
    right = _best_places(_middle(patches, 1, steps), template.across, 2 * steps + 1)
    down = _best_places(_middle(patches, 2, steps), template.down, 2 * steps + 1)
    scores = _scores(patches, template, np.rint(down).astype(np.intp), np.rint(right).astype(np.intp))
    for dx, dy, score in zip((right - steps).tolist(), (down - steps).tolist(), scores.tolist(), strict=True):
        yield _Match(dx / _FINE_PX_PER_MM, dy / _FINE_PX_PER_MM, _score(score, dx, dy, steps))


def _middle(patches: NDArray[np.uint8], axis: int, steps: int) -> NDArray[np.float32]:
    """The mean of the rows (axis 1) or columns (2) that run through a frame wherever it is: (n, width or height)."""
    edge = min(2 * steps + round(2 * BAND_MM * _FINE_PX_PER_MM), (patches.shape[axis] - 1) // 2)
    middle = patches[:, edge:-edge] if axis == 1 else patches[:, :, edge:-edge]
    return np.asarray(middle.mean(axis=axis, dtype=np.float32))


def _best_places(seen: NDArray[np.float32], profile: Profile, places: int) -> NDArray[np.float64]:
    """Where in each row of `seen` the profile fits best, in steps of a pixel and parts of one: (n,)."""
    offsets = np.arange(places)[:, None] + profile.places
    shown = seen[:, offsets]
    shown -= shown.mean(axis=2, keepdims=True)
    length = np.sqrt(np.maximum(np.einsum("nij,nij->ni", shown, shown), _FLATTEST * len(profile.places)))
    return peaks((shown @ profile.values) / length)


def _scores(
    patches: NDArray[np.uint8], template: Template, down: NDArray[np.intp], right: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Normalised correlation of the template's band with each patch at its own place: (n,)."""
    number, height, width = patches.shape
    corners = np.arange(number) * height * width + down * width + right
    band = template.rows * width + template.columns
    return _correlation(np.take(patches, corners[:, None] + band).astype(np.float32), template)


def _is_believed(match: _Match, before: _Match) -> bool:
    """Whether to look no further: the match is good, or fair and moved as the good one before it."""
    if match.score >= _GOOD_ENOUGH:
        return True
    agrees = hypot(match.dx - before.dx, match.dy - before.dy) <= _AGREEING_MM
    return agrees and match.score >= SURE_SCORE and before.score >= _GOOD_ENOUGH


def _match(grey: Grey, box: Box, outline: Outline, homography: Matrix, before: _Match) -> _Match:
    """Look for an outline where the one before it was and, where it is not there, farther and farther off."""
    best = _search(grey, box, outline, homography, before, _FINE_REACH_MM, _FINE_PX_PER_MM)
    for reach in _COARSE_REACHES_MM:
        if _is_believed(best, before):
            return best
        rough = _search(grey, box, outline, homography, _NOT_MOVED, reach, _COARSE_PX_PER_MM)
        fine = _search(grey, box, outline, homography, rough, _FINE_REACH_MM, _FINE_PX_PER_MM)
        best = max(best, fine, key=lambda match: match.score)
    return best


def _search(
    grey: Grey, box: Box, outline: Outline, homography: Matrix, around: _Match, reach: float, px_per_mm: float
) -> _Match:
    """Return the best match of an outline within `reach` mm of `around`: normalised correlation along its line."""
    template = template_of(outline, px_per_mm)
    steps = round(reach * px_per_mm)
    width, height = (template.width + 2 * steps) / px_per_mm, (template.height + 2 * steps) / px_per_mm
    middle_x, middle_y = box.centre
    seen = Box(middle_x + around.dx - width / 2, middle_y + around.dy - height / 2, width, height)
    scores = _correlate(cut(grey, homography, seen, px_per_mm), template, 2 * steps + 1)
    row, column = divmod(int(np.argmax(scores)), scores.shape[1])
    dx, dy = peak(scores[row, :], column) - steps, peak(scores[:, column], row) - steps
    score = _score(float(scores[row, column]), dx, dy, steps)
    return _Match(around.dx + dx / px_per_mm, around.dy + dy / px_per_mm, score)


def _score(correlation: float, dx: float, dy: float, steps: int) -> float:
    """How well an outline matches: not at all at the rim of what was looked at, where no peak can be told."""
    return max(0.0, correlation) if max(abs(dx), abs(dy)) < steps else 0.0


def _correlate(patch: Grey, template: Template, places: int) -> NDArray[np.float64]:
    """Normalised correlation of the template's band with the patch at `places` × `places` offsets."""
    width = patch.shape[1]
    offsets = (np.arange(places)[:, None] * width + np.arange(places)).reshape(-1, 1)
    seen = np.take(patch.ravel().astype(np.float32), offsets + (template.rows * width + template.columns))
    return _correlation(seen, template).reshape(places, places)


def _correlation(seen: NDArray[np.float32], template: Template) -> NDArray[np.float64]:
    """Normalised correlation of the template with each row of `seen`, (n, pixels of the band): (n,)."""
    count = seen.shape[1]
    total = seen.sum(axis=1, dtype=np.float64)
    variance = np.einsum("ij,ij->i", seen, seen, dtype=np.float64) - total * total / count
    scores = (seen @ template.values) / np.sqrt(np.maximum(variance, _FLATTEST * count))
    return np.asarray(scores, dtype=np.float64)


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
