"""The ink of boxes for single characters: paper, frame and dust taken away, what is left brought to one size.

A box is cut out by the caller along the *centre line* of its printed frame and resampled to
`PIXELS_PER_MM`, so a box of 6 x 7 mm is a picture of 48 x 56 pixels whatever the scanner did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.plane import greys_below

PIXELS_PER_MM = 8.0
"""Scale of the pictures of boxes: 203 dpi, where the thinnest ball pen (0.25 mm) is still two pixels wide."""

GLYPH_SIZE = 28
"""Side, in pixels, of the square picture the network sees."""

_GLYPH_MARGIN = 2
"""Pixels left white around a character in that square, so that the first convolution sees its outline whole."""

_SMALLEST_SIDE_MM = 2.0
"""A character smaller than this is not enlarged to full size: a full stop must not come to look like a 0."""

_INK_DARKNESS = 0.12
"""Darkness (0 paper, 1 black), after smoothing, from which a pixel counts as ink.

Faint pencil measures 0.2 to 0.3; scanner noise (sigma 0.03) smoothed is below 0.02; print showing through from
the back of the sheet is 0.05 to 0.1.
"""

_SMOOTHING_PX = 0.7
"""Sigma of the smoothing before that threshold: a third of a pen stroke."""

_EDGE_MM = 0.5
"""How far into the box its frame may reach: half its line (0.15), an error of register (0.1), blur (0.2).

At 0.4, one empty box in ten of those drawn to train on keeps some of its frame; at 0.5, one in forty. Each tenth
more costs strokes written along the frame.
"""

_FRAME_SHARE = 8 / 9
"""The share of a row or column that is as dark as a line of the frame is taken to be."""

_DUST_MM2 = 0.06
"""A connected spot of ink smaller than this is dust: a quarter of a millimetre across."""

_STRAY_MM2 = 0.6
"""A spot wholly within the edge strip is a rest of the frame or of a neighbour's stroke when smaller than this.

A 1 written along the frame has over 1 mm².
"""

_PEN_SHARE = 0.8
"""Share of inked pixels that are no darker than the pen is taken to be."""

_STREAK_DARKNESS = 0.3
"""Dust on a scanner's glass draws a line of 0.1 to 0.2 mm down the whole sheet, fainter than this."""

_ON_FRAME_MM = 0.25
"""From here to `_EDGE_MM` a line is looked for that goes on to the frame: of 7,600 characters 1 in 1,500 is as wide."""

_LEVEL_MM = 1.5
"""How much higher at one side than at the other a line that strikes a box out may be: it slopes up to 12°."""

_STREAK_SHARE = 0.97
"""And through this share of the box, frame included. A stroke so faint, so straight and so long would be lost too."""

_PAPER_SHARE = 0.9
"""Share of a box's pixels that are no lighter than its paper is taken to be."""

_DARKEST_PAPER = 100.0
"""Paper is taken to be no darker than this grey (of 255), so that a box inked all over does not pass for paper."""

_NEIGHBOUR_SHARE = 0.8
"""Nor darker than this share of the paper of the other boxes read with it; light varies less than that in a field."""

_BLACK = 0.85
"""Darkness of the pen in a picture of ink alone."""

_AT_ONCE = 18
"""Boxes cleaned together: more than that no longer stay in the fast memory of a processor."""

_APART = 3
"""Rows of paper between two boxes that are cleaned together: smoothing reaches as far."""

Pixel = TypeVar("Pixel", np.uint8, np.float32)


@dataclass(frozen=True, slots=True)
class Glyph:
    """The ink of one box: its area in mm², and its picture for the network, (28, 28) uint8, white on black.

    `struck` says that ink runs from side to side at one height, as a line does with which a box is crossed out.
    """

    ink: float
    picture: NDArray[np.uint8]
    struck: bool = False


def find_glyphs(boxes: Sequence[NDArray[np.uint8]]) -> tuple[Glyph, ...]:
    """Take away paper, frame and dust; bring what is left in each box to the size the network knows."""
    papers = _paper_levels(boxes)
    found: dict[int, Glyph] = {}
    for places in _alike(boxes):
        glyphs = _find_in_stack(np.stack([boxes[place] for place in places]), papers[places])
        found.update(zip(places, glyphs, strict=True))
    return tuple(found[place] for place in range(len(boxes)))


def ink_alone(boxes: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], ...]:
    """Return each box as it was, without frame, dust and the shade of the paper: black on white, any pen as black.

    Boxes of one size and one field, as they are read together.
    """
    alone = [
        1.0 - _BLACK * np.minimum(darkness * around / max(_darkness_of_pen(darkness[ink > 0]), _INK_DARKNESS), 1.0)
        if ink.any()
        else np.ones_like(darkness)
        for darkness, ink, around in zip(*_cleaned(np.stack(boxes), _paper_levels(boxes)), strict=True)
    ]
    return tuple(np.rint(255.0 * each).astype(np.uint8) for each in alone)


def _alike(boxes: Sequence[NDArray[np.uint8]]) -> Iterable[list[int]]:
    """The places of boxes of one size, `_AT_ONCE` at most: together they are cleaned at two thirds of the cost."""
    by_size: dict[tuple[int, ...], list[int]] = {}
    for place, box in enumerate(boxes):
        by_size.setdefault(box.shape, []).append(place)
    return (
        places[start : start + _AT_ONCE] for places in by_size.values() for start in range(0, len(places), _AT_ONCE)
    )


def _paper_levels(boxes: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Grey of the paper in each box."""
    lightest = np.zeros(len(boxes))
    if not boxes:
        return lightest
    for places in _alike(boxes):
        lightest[places] = greys_below(np.stack([boxes[place] for place in places]), _PAPER_SHARE)
    floor = max(_DARKEST_PAPER, _NEIGHBOUR_SHARE * float(np.median(lightest)))
    return np.maximum(lightest, floor)


def _find_in_stack(boxes: NDArray[np.uint8], papers: NDArray[np.float64]) -> list[Glyph]:
    """The glyphs of boxes of one size, (n, height, width)."""
    darkness, inks, around = _cleaned(boxes, papers)
    return [_glyph(*box) for box in zip(darkness, inks, around, _run_through(inks).tolist(), strict=True)]


def _cleaned(
    boxes: NDArray[np.uint8], papers: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Of boxes of one size, (n, height, width): darkness without streaks and frame, ink, and ink with a pixel about."""
    white = papers.astype(np.float32)[:, None, None]
    darkness = np.maximum(1.0 - boxes / white, np.float32(0.0))
    _take_streaks_away(darkness)
    _take_frames_away(darkness)
    inks = _ink_masks(darkness)
    around = _on_one_strip(inks, lambda strip: cv2.dilate(strip, np.ones((3, 3), np.uint8)))
    return darkness, inks, around


def _take_streaks_away(darkness: NDArray[np.float32]) -> None:
    """Subtract, in place, faint straight lines that run through box and frame alike: dust on the scanner's glass."""
    for lines in (darkness, darkness.transpose(0, 2, 1)):
        level = _level(lines, np.ones((5, 5), np.uint8), _STREAK_SHARE)
        lines -= np.where(level <= _STREAK_DARKNESS, level, np.float32(0.0))
        np.maximum(lines, 0.0, out=lines)


def _take_frames_away(darkness: NDArray[np.float32]) -> None:
    """Subtract, in place, from each outermost row and column the darkness that runs through nearly all of it.

    A frame line is dark from end to end; the foot of a Z or an L written on the frame is not, and stays. The line
    may waver by a pixel and have gaps, most of all in two tones: a pixel counts as dark where one near it is.
    """
    edge = round(_EDGE_MM * PIXELS_PER_MM)
    turned = darkness.transpose(0, 2, 1)
    for lines in (darkness[:, :edge], darkness[:, -edge:], turned[:, :edge], turned[:, -edge:]):
        lines -= _level(lines, np.ones((3, 5), np.uint8), _FRAME_SHARE)
        np.maximum(lines, 0.0, out=lines)


def _level(lines: NDArray[np.float32], around: NDArray[np.uint8], share: float) -> NDArray[np.float32]:
    """The darkness that this share of each row, or something `around`, reaches: (n, rows, 1)."""
    whole = _on_one_strip(lines, lambda strip: cv2.dilate(strip, around))
    place = round((1.0 - share) * lines.shape[2])
    return np.asarray(np.sort(whole, axis=2)[:, :, place : place + 1], dtype=np.float32)  # quicker than partition


def _on_one_strip(pictures: NDArray[Pixel], change: Callable[[NDArray[Pixel]], cv2.typing.MatLike]) -> NDArray[Any]:
    """Pictures (n, height, width) changed all at once, one below the other with paper in between."""
    n, height, width = pictures.shape
    strip = np.zeros((n, height + _APART, width), pictures.dtype)
    strip[:, :height] = pictures
    return change(strip.reshape(-1, width)).reshape(n, height + _APART, width)[:, :height]


def _ink_masks(darkness: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Where a pen has been (1), without dust and without what only the edge of the box holds."""
    smooth = _on_one_strip(darkness, lambda strip: cv2.GaussianBlur(strip, (0, 0), _SMOOTHING_PX))
    spots = _on_one_strip((smooth > _INK_DARKNESS).astype(np.uint8), lambda strip: cv2.connectedComponents(strip)[1])
    edge = round(_EDGE_MM * PIXELS_PER_MM)
    areas = np.bincount(spots.ravel())
    inner_areas = np.bincount(spots[:, edge:-edge, edge:-edge].ravel(), minlength=len(areas))
    keep = areas >= np.where(inner_areas > 0, _DUST_MM2, _STRAY_MM2) * PIXELS_PER_MM**2
    keep[0] = False  # what is no spot
    return np.take(keep.view(np.uint8), spots)


def _glyph(darkness: NDArray[np.float32], ink: NDArray[np.uint8], around: NDArray[np.uint8], struck: bool) -> Glyph:
    """The inked part of a box, centred in a square and scaled to it, its pen as black as any other.

    `around` is the ink and one pixel about it.
    """
    square = np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    area = cv2.countNonZero(ink) / PIXELS_PER_MM**2
    if area == 0.0:
        return Glyph(0.0, square)
    left, top, width, height = cv2.boundingRect(around)
    inside = np.s_[top : top + height, left : left + width]
    seen = darkness[inside]
    pen = max(_darkness_of_pen(seen[ink[inside].view(np.bool_)]), _INK_DARKNESS)
    character = seen * around[inside]
    character /= np.float32(pen)
    np.minimum(character, np.float32(1.0), out=character)
    room = GLYPH_SIZE - 2 * _GLYPH_MARGIN
    scale = room / max(width, height, _SMALLEST_SIDE_MM * PIXELS_PER_MM)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(character, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    x, y = (GLYPH_SIZE - size[0]) // 2, (GLYPH_SIZE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = np.rint(small * np.float32(255.0))
    return Glyph(area, square, struck)


def _run_through(inks: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether each box has ink close to the left and to the right of its frame at about one height: (n,).

    The network sees a character at one size wherever it stood: to it a struck 4 is a 4, and a struck 1 is a 4, too.
    """
    far, near = (round(reach * PIXELS_PER_MM) for reach in (_EDGE_MM, _ON_FRAME_MM))
    left, right = inks[:, :, near:far].any(axis=2), inks[:, :, -far:-near].any(axis=2)
    level = 2 * int(_LEVEL_MM * PIXELS_PER_MM) + 1
    near_left = cv2.dilate(np.asarray(left, dtype=np.uint8), np.ones((1, level), np.uint8))
    return np.asarray(np.logical_and(near_left, right).any(axis=1), dtype=np.bool_)


def _darkness_of_pen(inked: NDArray[np.float32]) -> float:
    """The darkness of a stroke, whatever its soft edges are."""
    place = int(_PEN_SHARE * (len(inked) - 1))
    return float(np.partition(inked, place)[place])
