"""The answers on a page made elsewhere, redrawn on a sheet of our own, so that the same reader reads them.

Each field is cut out where it was found. What is printed there on the blank is taken off, letters in bubbles and
outlines of whatever shape and thickness with it; boxes to tick are brought to our size and our frame is drawn around
them. What the reader then sees is what it knows: one pen in one kind of box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import FRAME_WIDTH_PT, Box, Field
from pipeline.page.frames import PlacedField
from pipeline.page.known import Blank
from pipeline.page.picture import Grey
from pipeline.page.plane import cut, grey_below
from pipeline.page.print_seen import Print, paper_of, part_of, print_of
from pipeline.page.register import RegisteredPage
from pipeline.reading.readings import CharacterReading, MarkReading
from pipeline.reading.verdict import MarkMeasurement, Verdict, judge

PX_PER_MM = 8.0
"""Scale of the sheet: that at which boxes are read."""

_BOX_MM = 6.0
_LARGE_ENOUGH_MM = 5.0
"""Boxes to tick that are smaller than the second are enlarged to the first; larger ones stay as they are."""

_IN_OVAL = 0.85
"""Side of the box drawn in an oval, as a share of it: its corners then lie on the outline."""

_AROUND_MM = {"mark": 6.0, "character": 0.5, "text": 2.0}
"""How much around a field of each kind is redrawn with it: as far as our own reader looks."""

_SHEET_MM = 210.0
"""Width of the sheet."""

_MM_PER_PT = 25.4 / 72

_PRINT = 40
"""Darkness (of 255) from which the blank is printed on: half-covered pixels at the edge of a line are 60 and more."""

_WIDER_MM = (0.2, 0.45)
"""How much wider than on the blank a line is taken to be in a scan, at least and at most: it may be off its place by
the one, and blur spreads it up to the other, beyond which too little of a small bubble would be left."""

_SPREAD_STEP_MM = 0.125
_SPREAD_SEEN_MM = 0.8
_SPREAD_DARKNESS = 0.03
"""How finely, and how far from its edge, the spread of print is looked at, and how much darker than the paper beyond
it shows: a third of the faintest ink."""

_TINTED = 4.0
"""Grey levels by which the paper of a blank must vary, at least, to be called tinted."""

_TINT_PX_PER_MM = 2.0
"""Scale at which a page is compared with its blank's tints."""

_LEAST_SUPPORT = 0.3
"""How well the print around agrees, at least, on the place of a field whose own print was not found."""

_WELL_INKED, _WELL_DARKENED = 0.6, 0.3
"""Share inked, and mean darkness, of a bubble that is meant however it is filled: half filled, dotted or struck through
is less, and rubbed out is paler."""

_FRAME_GREY = 40
"""Grey of the frame: what black print scans as."""


@dataclass(frozen=True, slots=True)
class _Redrawn:
    """One field as it goes on the sheet: where its answer lies on the page, enlarged how much, and where it goes."""

    placed: PlacedField
    answer: Box
    scale: float
    box: Box


def redraw(page: RegisteredPage, blank: Blank) -> RegisteredPage:
    """Return a sheet of our own with the answers of the page, its fields in the same order."""
    printed = print_of(blank)
    fields = list(_arranged(page.fields))
    tint, wider = _tint_kept(page, printed), _spread(page, printed)
    height = max((each.box.bottom + _around(each.placed.field) for each in fields), default=1.0)
    sheet = np.full((int(np.ceil(height * PX_PER_MM)) + 1, round(_SHEET_MM * PX_PER_MM)), 255, np.uint8)
    for each in fields:
        _draw(sheet, each, _without_print(page, printed, each, tint, wider))
    to_pixels = np.array([[PX_PER_MM, 0.0, -0.5], [0.0, PX_PER_MM, -0.5], [0.0, 0.0, 1.0]])
    return replace(
        page,
        image=replace(page.image, grey=sheet, dpi=None),
        homography=to_pixels,
        fields=tuple(replace(each.placed, box=each.box) for each in fields),
    )


def mark_on_page(mark: MarkReading, placed: PlacedField) -> MarkReading:
    """Return what was read in a box to tick on the sheet as said of its field on the page.

    Filled in, a bubble is marked. Where the place of a field is not sure, what the network saw there says nothing.
    """
    is_bubble = placed.field.filled == "marked"
    measured = _as_bubble(mark.measured) if is_bubble else mark.measured
    verdict, confidence = judge(measured)
    if not _is_sure(placed):
        measured = replace(measured, empty=0.0, marked=0.0, cancelled=0.0, unsure=1.0, around=None)
        verdict, confidence = Verdict.UNSURE, 0.0
    return replace(
        mark,
        box=placed.box,
        measured=measured,
        verdict=verdict,
        filled=mark.filled and not is_bubble,
        confidence=round(confidence, 4),
        bubble=is_bubble,
    )


def _as_bubble(measured: MarkMeasurement) -> MarkMeasurement:
    """What was measured in a bubble: filled in is marked, and so is what lies between a mark and that.

    There is no second look: the network for it knows boxes that are filled in as taken back, and so around it.
    """
    inked = measured.marked + measured.cancelled
    if measured.fill >= _WELL_INKED and measured.darkness >= _WELL_DARKENED:
        inked += measured.unsure
        return replace(measured, marked=round(inked, 5), cancelled=0.0, unsure=0.0, around=None)
    return replace(measured, marked=round(inked, 5), cancelled=0.0, around=None)


def character_on_page(read: CharacterReading, placed: PlacedField) -> CharacterReading:
    """Return what was read in a box for a character; where its place is not sure, nothing in it is."""
    return read if _is_sure(placed) else replace(read, spoilt=1.0, in_line=None, thin=None)


def _is_sure(placed: PlacedField) -> bool:
    return placed.found or placed.score >= _LEAST_SUPPORT


def _arranged(fields: Iterable[PlacedField]) -> Iterator[_Redrawn]:
    """Set the fields on the sheet, in rows from the top."""
    x = y = row = 0.0
    for placed in fields:
        answer, scale = _answer(placed)
        around = _around(placed.field)
        w, h = answer.w * scale, answer.h * scale
        if x + w + 2 * around > _SHEET_MM:
            x, y, row = 0.0, y + row, 0.0
        yield _Redrawn(placed, answer, scale, Box(x + around, y + around, w, h))
        x, row = x + w + 2 * around, max(row, h + 2 * around)


def _answer(placed: PlacedField) -> tuple[Box, float]:
    """What of a field is read, and how much it is enlarged."""
    box, field = placed.box, placed.field
    if field.kind != "mark":
        return box, 1.0
    if field.shape == "oval":
        w, h = box.w * _IN_OVAL, box.h * _IN_OVAL
        box = Box(box.centre[0] - w / 2, box.centre[1] - h / 2, w, h)
    smaller = min(box.w, box.h)
    return box, 1.0 if smaller >= _LARGE_ENOUGH_MM else _BOX_MM / smaller


def _around(field: Field) -> float:
    return _AROUND_MM[field.kind]


def _without_print(page: RegisteredPage, printed: Print, redrawn: _Redrawn, tint: float, wider: float) -> Grey:
    """The picture of a field and what is around it, at the sheet's scale, without what is printed on the blank.

    `tint` is the share of its tints that the scanner kept, `wider` by how many mm it widened its lines.
    """
    scale = redrawn.scale
    window = redrawn.answer.grown(_around(redrawn.placed.field) / scale)
    picture = cut(page.image.grey, page.homography, window, PX_PER_MM * scale)
    on_blank = _on_blank(window, redrawn.placed)
    darkness = _layer(printed.darkness, printed, on_blank, picture, 0)
    paper = 255.0 - tint * (255.0 - _layer(printed.paper, printed, on_blank, picture, 255))
    even = np.clip(picture * (255.0 / paper), 0.0, 255.0).astype(np.uint8)
    reach = 2 * round(wider * PX_PER_MM * scale) + 1
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return _filled(even, np.asarray(cv2.dilate((darkness > _PRINT).astype(np.uint8), shape), dtype=np.uint8))


def _tint_kept(page: RegisteredPage, printed: Print) -> float:
    """The share of the blank's tints that is in the scan, 0 to 1: how the grey of its paper follows them."""
    height, width = (round(side / printed.px_per_mm * _TINT_PX_PER_MM) for side in printed.paper.shape)
    tints = cv2.resize(printed.paper, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    if float(tints.std()) < _TINTED:
        return 0.0
    whole = Box(0.0, 0.0, width / _TINT_PX_PER_MM, height / _TINT_PX_PER_MM)
    seen = paper_of(cut(page.image.grey, page.homography, whole, _TINT_PX_PER_MM), _TINT_PX_PER_MM).astype(np.float32)
    off = tints - tints.mean()
    slope = float((off * seen).sum()) / float((off * off).sum())
    return float(np.clip(slope * 255.0 / max(float(np.percentile(seen, 90)), 1.0), 0.0, 1.0))


def _spread(page: RegisteredPage, printed: Print) -> float:
    """By how many mm the scanner spread print beyond its edge: as far as it is seen around most boxes to tick."""
    profiles = [_profile(page, printed, placed) for placed in page.fields if placed.field.kind == "mark"]
    if not profiles:
        return _WIDER_MM[0]
    darkness = np.median(profiles, axis=0)
    spread = np.nonzero(darkness > darkness[-1] + _SPREAD_DARKNESS)[0]
    return float(np.clip((len(spread) and spread[-1] + 1) * _SPREAD_STEP_MM, *_WIDER_MM))


def _profile(page: RegisteredPage, printed: Print, placed: PlacedField) -> NDArray[np.float64]:
    """The mean darkness (0 to 1) around a box at each step of distance from its print."""
    window = placed.box.grown(1.0)
    picture = cut(page.image.grey, page.homography, window, PX_PER_MM)
    darkness = 1.0 - np.minimum(picture / max(grey_below(picture, 0.9), 1.0), 1.0)
    blank = _layer(printed.darkness, printed, _on_blank(window, placed), picture, 0)
    away = cv2.distanceTransform((blank <= _PRINT).astype(np.uint8), cv2.DIST_L2, 5) / PX_PER_MM
    steps = np.arange(0.0, _SPREAD_SEEN_MM + 1e-6, _SPREAD_STEP_MM)
    within = [(away > near) & (away <= far) for near, far in pairwise(steps)]
    return np.array([float(darkness[ring].mean()) if ring.any() else 0.0 for ring in within])


def _on_blank(window: Box, placed: PlacedField) -> Box:
    """A window around a field where it was found, as a window of the blank."""
    nominal, found = placed.field.box, placed.box
    return Box(window.x + nominal.x - found.x, window.y + nominal.y - found.y, window.w, window.h)


def _filled(picture: Grey, covered: Grey) -> Grey:
    """The picture with each covered pixel as the nearest one that is not."""
    if not covered.any() or covered.all():
        return picture
    _, nearest = cv2.distanceTransformWithLabels(covered, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    free = covered == 0
    grey_of = np.zeros(int(nearest.max()) + 1, np.uint8)
    grey_of[nearest[free]] = picture[free]
    return np.where(free, picture, grey_of[nearest])


def _layer(layer: Grey, printed: Print, box: Box, like: Grey, beyond: int) -> Grey:
    """A box of a layer of the print, as large as the picture `like`."""
    return part_of(layer, printed.px_per_mm, box, (like.shape[1], like.shape[0]), beyond)


def _draw(sheet: Grey, redrawn: _Redrawn, picture: Grey) -> None:
    """Put one field on the sheet, in place, with our frame around a box to tick."""
    around = _around(redrawn.placed.field)
    left, top = round((redrawn.box.x - around) * PX_PER_MM), round((redrawn.box.y - around) * PX_PER_MM)
    height, width = min(picture.shape[0], sheet.shape[0] - top), min(picture.shape[1], sheet.shape[1] - left)
    sheet[top : top + height, left : left + width] = picture[:height, :width]
    if redrawn.placed.field.kind == "mark":
        _draw_frame(sheet, redrawn.box)


def _draw_frame(sheet: Grey, box: Box) -> None:
    """Draw our frame, to a sixteenth of a pixel."""
    corners = [(round((x * PX_PER_MM - 0.5) * 16), round((y * PX_PER_MM - 0.5) * 16)) for x, y in _diagonal(box)]
    thick = round(FRAME_WIDTH_PT * _MM_PER_PT * PX_PER_MM)
    cv2.rectangle(sheet, corners[0], corners[1], _FRAME_GREY, thick, cv2.LINE_AA, 4)


def _diagonal(box: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    return (box.x, box.y), (box.right, box.bottom)
