"""Where each field of a page made elsewhere lies: its own print, whatever it is, matched near its place.

Print all over the page is matched first. It gives one placement of the whole paper, and tells by how much a feeder
pulled each part of it away from that; then each field is matched against its own patch of the blank.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.code import PageCode
from pipeline.form.layout import Box, Field
from pipeline.page.foreign import ForeignPage
from pipeline.page.frames import PlacedField
from pipeline.page.patches import Match, match_patch
from pipeline.page.picture import MM_PER_INCH, Grey
from pipeline.page.plane import Matrix, cut, local_scale, mapped
from pipeline.page.print_seen import Print, at_scale, darkness_of, part_of, print_of
from pipeline.page.quality import page_quality
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.register import LOWEST_DPI, RegisteredPage
from pipeline.page.smaller import Points

LOWEST_PRINT_SCORE = 0.4
"""A page whose median field matches worse is not where we think."""

_COARSE_PX_PER_MM, _FINE_PX_PER_MM = 4.0, 8.0
"""Scales at which print is matched, first all over the page, then at each field."""

_MOST_ANCHORS = 160
_ANCHORS_APART_MM = 9.0
_ANCHOR_MM = 10.0
"""How many places all over the page are matched, how far apart, and the side of the patch of print around each."""

_ANCHOR_REACHES_MM = (3.0, 1.5)
"""How far the print at an anchor is looked for: features place the paper to 1 mm, and a feeder pulls by 1 mm more;
and again, once the paper is placed by its anchors."""

_ANCHORS_AGREE_MM = 1.0
"""Anchors that lie farther from where the others put them are wrong: uneven feeding bends a page by less."""

_FEWEST_ANCHORS = 8
_LEAST_SHARE_OF_ANCHORS = 0.4
"""Anchors that must be found and agree, and their share of all: the others may be written over."""

_FIELD_REACH_PX = 7
_FIELD_AROUND_MM = 2.0
"""How far a field's print is looked for from where the anchors around put it, in fine pixels (0.9 mm), and how much
around it is compared."""

_LARGE_FIELD_MM = 30.0
"""A field with a longer side lies where the anchors around it say: it is for writing, and need not be placed finely."""

_SURE_SCORE = 0.5
"""A patch matched at least this well is believed."""

_NEIGHBOURS = 6
_NEAR_MM = 60.0
"""Anchors nearby whose shift is lent to a field, and how far away they may be."""

_LEAST_SPREAD_MM = 0.1
"""Anchors that agree better than this agree: it is the error of a match."""


@dataclass(frozen=True, slots=True, eq=False)
class _Anchors:
    """Print found on the page: where it is on the blank, (n, 2) mm, and by how much it is shifted there, (n, 2) mm."""

    mm: Points
    shifts: Points


@dataclass(frozen=True, slots=True)
class _Lent:
    """The shift that the anchors around a place have, and how far they disagree, in mm."""

    dx: float
    dy: float
    spread: float


def register_by_print(page: ForeignPage) -> RegisteredPage | Refusal:
    """Find where the paper of a page made elsewhere lies in the picture, and where each of its fields is."""
    grey, paper_mm, printed = page.image.grey, page.layout.paper_mm, print_of(page.blank)
    placed = _place_paper(grey, printed, page.homography, paper_mm)
    if placed is None:
        return Refusal(Reason.UNSURE_WHERE, "too little of its print was found in one place")
    homography, anchors = placed
    dpi = local_scale(homography, (paper_mm[0] / 2, paper_mm[1] / 2)) * MM_PER_INCH
    if not dpi >= LOWEST_DPI:
        return Refusal(Reason.TOO_COARSE, f"{dpi:.0f} dots per inch on the paper")
    fields = tuple(_place_field(grey, field, printed, homography, anchors) for field in page.page.fields)
    scores = [each.score for each in fields]
    score = float(np.median(scores)) if scores else 1.0
    if score < LOWEST_PRINT_SCORE:
        return Refusal(Reason.UNSURE_WHERE, f"its fields match {score:.2f}")
    code = PageCode(page.layout.id, "", page.page.number)
    quality = page_quality(page.image, homography, dpi, score)
    return RegisteredPage(page.image, code, page.page, homography, fields, quality)


def _place_paper(
    grey: Grey, printed: Print, rough: Matrix, paper_mm: tuple[float, float]
) -> tuple[Matrix, _Anchors] | None:
    """Place the paper by print all over it; None where too little of it is found, or it does not agree.

    `rough` maps mm to pixels of the picture and is right to some millimetres; so does what is returned, better, with
    the shifts that anchors have left to it.
    """
    blank = at_scale(printed, _COARSE_PX_PER_MM)
    places = _anchor_places(blank)
    homography = rough
    for reach in _ANCHOR_REACHES_MM:
        seen = _seen(grey, homography, Box(0.0, 0.0, *paper_mm), _COARSE_PX_PER_MM)
        anchors = _match_anchors(blank, seen, places, reach)
        fitted = _fit(anchors, len(places))
        if fitted is None:
            return None
        correction, kept = fitted
        homography = homography @ correction
    left = mapped(np.asarray(np.linalg.inv(correction), dtype=np.float64), kept.mm + kept.shifts) - kept.mm
    return homography, _Anchors(kept.mm, left)


def _place_field(grey: Grey, field: Field, printed: Print, homography: Matrix, anchors: _Anchors) -> PlacedField:
    lent = _lent(field.box.centre, anchors)
    own = _match_field(grey, field.box, printed, homography, lent)
    support = max(0.0, 1.0 - lent.spread / _ANCHORS_AGREE_MM)
    if own is None or own.score < _SURE_SCORE or not (own.holds_x or own.holds_y):
        box = field.box.moved(lent.dx, lent.dy)
        return PlacedField(field, box, round(min(support, _SURE_SCORE), 3), False)
    box = field.box.moved(own.dx if own.holds_x else lent.dx, own.dy if own.holds_y else lent.dy)
    return PlacedField(field, box, own.score, True)


def _match_field(grey: Grey, box: Box, printed: Print, homography: Matrix, lent: _Lent) -> Match | None:
    """Match the print in and around a field; None where there is none, or the field is large."""
    if max(box.w, box.h) > _LARGE_FIELD_MM:
        return None
    window = _whole_pixels(box.grown(_FIELD_AROUND_MM))
    template = _print_in(printed, window, _FINE_PX_PER_MM)
    wider = window.grown(_FIELD_REACH_PX / _FINE_PX_PER_MM).moved(lent.dx, lent.dy)
    seen = _seen(grey, homography, wider, _FINE_PX_PER_MM)
    found = match_patch(template, seen, _FINE_PX_PER_MM)
    if found is None:
        return None
    return Match(found.dx + lent.dx, found.dy + lent.dy, found.score, found.holds_x, found.holds_y)


def _anchor_places(blank: Grey) -> Points:
    """Corners of the print, well apart, (n, 2) mm: a corner is held in both directions (Shi and Tomasi, CVPR 1994)."""
    corners = cv2.goodFeaturesToTrack(
        cv2.GaussianBlur(blank, (0, 0), 1.5), _MOST_ANCHORS, 0.02, _ANCHORS_APART_MM * _COARSE_PX_PER_MM, blockSize=15
    )
    return (
        np.zeros((0, 2)) if corners is None else (corners.reshape(-1, 2).astype(np.float64) + 0.5) / _COARSE_PX_PER_MM
    )


def _match_anchors(blank: Grey, seen: Grey, places: Points, reach: float) -> _Anchors:
    half, steps = round(_ANCHOR_MM / 2 * _COARSE_PX_PER_MM), round(reach * _COARSE_PX_PER_MM)
    border = half + steps
    wide_blank, wide_seen = np.pad(blank, border), np.pad(seen, border)
    kept, shifts = [], []
    for x, y in places:
        column, row = round(x * _COARSE_PX_PER_MM - 0.5) + border, round(y * _COARSE_PX_PER_MM - 0.5) + border
        template = wide_blank[row - half : row + half + 1, column - half : column + half + 1]
        around = wide_seen[row - border : row + border + 1, column - border : column + border + 1]
        found = match_patch(template, around, _COARSE_PX_PER_MM)
        if found is not None and found.score >= _SURE_SCORE and found.holds_x and found.holds_y:
            kept.append((x, y))
            shifts.append((found.dx, found.dy))
    return _Anchors(np.reshape(kept, (-1, 2)), np.reshape(shifts, (-1, 2)))


def _fit(anchors: _Anchors, tried: int) -> tuple[Matrix, _Anchors] | None:
    """The homography, mm to mm, that moves the print to where it was found, and the anchors that agree with it."""
    if len(anchors.mm) < max(_FEWEST_ANCHORS, _LEAST_SHARE_OF_ANCHORS * tried):
        return None
    fitted, agree = cv2.findHomography(anchors.mm, anchors.mm + anchors.shifts, cv2.USAC_MAGSAC, _ANCHORS_AGREE_MM)
    if fitted is None:
        return None
    chosen = agree.ravel().astype(bool)
    if np.count_nonzero(chosen) < max(_FEWEST_ANCHORS, _LEAST_SHARE_OF_ANCHORS * tried):
        return None
    return np.asarray(fitted, dtype=np.float64), _Anchors(anchors.mm[chosen], anchors.shifts[chosen])


def _lent(at: tuple[float, float], anchors: _Anchors) -> _Lent:
    """The shift of the print around a place: the median of the nearest anchors."""
    distances = np.linalg.norm(anchors.mm - np.array(at), axis=1)
    nearest = np.argsort(distances)[:_NEIGHBOURS]
    nearest = nearest[distances[nearest] <= _NEAR_MM]
    if len(nearest) == 0:
        return _Lent(0.0, 0.0, _ANCHORS_AGREE_MM)
    shifts = anchors.shifts[nearest]
    dx, dy = np.median(shifts, axis=0)
    spread = float(np.median(np.linalg.norm(shifts - (dx, dy), axis=1)))
    return _Lent(float(dx), float(dy), max(0.0, spread - _LEAST_SPREAD_MM))


def _seen(grey: Grey, homography: Matrix, box: Box, px_per_mm: float) -> Grey:
    return darkness_of(cut(grey, homography, box, px_per_mm), px_per_mm)


def _print_in(printed: Print, box: Box, px_per_mm: float) -> Grey:
    """The darkness of the blank in a box; beyond its edge there is no print."""
    size = max(1, round(box.w * px_per_mm)), max(1, round(box.h * px_per_mm))
    return part_of(printed.darkness, printed.px_per_mm, box, size, 0)


def _whole_pixels(box: Box) -> Box:
    """The box around the same middle whose sides are whole numbers of fine pixels."""
    x, y = box.centre
    w, h = round(box.w * _FINE_PX_PER_MM) / _FINE_PX_PER_MM, round(box.h * _FINE_PX_PER_MM) / _FINE_PX_PER_MM
    return Box(x - w / 2, y - h / 2, w, h)
