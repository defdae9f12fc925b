"""Boxed handwritten characters: a picture of one box in, how much ink and which character out.

A box is cut out by the caller along the *centre line* of its printed frame and resampled to
`PIXELS_PER_MM`, so a box of 6 x 7 mm is a picture of 48 x 56 pixels whatever the scanner did. Here the
frame, dust and the lightness of the paper are taken away, the character is brought to one size, and a
small convolutional network says what it looks like. Nothing is decided: `grammar` does that.

The network was trained by `training/characters.py`; docs/reading-characters.md says on what and how well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What a box may hold. A lower-case letter is read as its capital."""

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

_STREAK_DARKNESS = 0.3
"""Dust on a scanner's glass draws a line of 0.1 to 0.2 mm down the whole sheet, fainter than this."""

_STREAK_SHARE = 0.97
"""And through this share of the box, frame included. A stroke so faint, so straight and so long would be lost too."""

_DARKEST_PAPER = 100.0
"""Paper is taken to be no darker than this grey (of 255), so that a box inked all over does not pass for paper."""

_NEIGHBOUR_SHARE = 0.8
"""Nor darker than this share of the paper of the other boxes read with it; light varies less than that in a field."""


@dataclass(frozen=True, slots=True)
class CharacterReading:
    """What was measured in one box.

    `ink` is the inked area in mm². `probabilities` are those of the characters of `ALPHABET`, if there is
    one character in the box: 36 numbers that sum to 1, all equal where there is no ink. `spoilt` is the
    probability that the box holds something else: scribbled over, struck out, two characters, a dash.
    """

    ink: float
    probabilities: tuple[float, ...]
    spoilt: float

    def chance(self, character: str) -> float:
        """Probability that the box holds just this `character`."""
        return (1.0 - self.spoilt) * self.probabilities[ALPHABET.index(character)]


_NO_INK = CharacterReading(ink=0.0, probabilities=(1.0 / len(ALPHABET),) * len(ALPHABET), spoilt=0.0)


@dataclass(frozen=True, slots=True)
class Glyph:
    """The ink of one box: its area in mm², and its picture for the network, (28, 28) uint8, white on black."""

    ink: float
    picture: NDArray[np.uint8]


def read_characters(boxes: Sequence[NDArray[np.uint8]]) -> tuple[CharacterReading, ...]:
    """Read pictures of boxes, each (height, width) uint8 at `PIXELS_PER_MM`, dark ink on light paper.

    Give the boxes of one field, or of one page, together: they tell each other how light the paper is, and
    the network is fastest in batches. The network is kept for the process and is not for several threads.
    """
    glyphs = find_glyphs(boxes)
    inked = [glyph.picture for glyph in glyphs if glyph.ink > 0.0]
    recognised = iter(_recognise(inked))
    return tuple(_character_reading(glyph.ink, next(recognised)) if glyph.ink > 0.0 else _NO_INK for glyph in glyphs)


def find_glyphs(boxes: Sequence[NDArray[np.uint8]]) -> tuple[Glyph, ...]:
    """Take away paper, frame and dust; bring what is left in each box to the size the network knows."""
    return tuple(_find_glyph(box, paper) for box, paper in zip(boxes, _paper_levels(boxes), strict=True))


def _paper_levels(boxes: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Grey of the paper in each box."""
    lightest = np.array([_share_from_top(box.ravel(), 0.1) for box in boxes], dtype=np.float64)
    if not boxes:
        return lightest
    floor = max(_DARKEST_PAPER, _NEIGHBOUR_SHARE * float(np.median(lightest)))
    return np.maximum(lightest, floor)


def _share_from_top(values: NDArray[np.uint8] | NDArray[np.float32], share: float) -> float:
    """The value that this share of all values reaches."""
    place = len(values) - 1 - int(share * len(values))
    return float(np.partition(values, place)[place])


def _find_glyph(box: NDArray[np.uint8], paper: float) -> Glyph:
    darkness = np.clip(1.0 - box.astype(np.float32) / np.float32(paper), 0.0, 1.0)
    _take_streaks_away(darkness)
    _take_frame_away(darkness)
    ink = _ink_mask(darkness)
    area = float(np.count_nonzero(ink)) / PIXELS_PER_MM**2
    if area == 0.0:
        return Glyph(0.0, np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.uint8))
    return Glyph(area, _glyph_picture(darkness, ink))


def _take_streaks_away(darkness: NDArray[np.float32]) -> None:
    """Subtract, in place, faint straight lines that run through box and frame alike: dust on the scanner's glass."""
    for lines in (darkness, darkness.T):
        level = _level(lines, np.ones((5, 5), np.uint8), _STREAK_SHARE)
        lines -= np.where(level <= _STREAK_DARKNESS, level, np.float32(0.0))
        np.maximum(lines, 0.0, out=lines)


def _take_frame_away(darkness: NDArray[np.float32]) -> None:
    """Subtract, in place, from each outermost row and column the darkness that runs through nearly all of it.

    A frame line is dark from end to end; the foot of a Z or an L written on the frame is not, and stays. The line
    may waver by a pixel and have gaps, most of all in two tones: a pixel counts as dark where one near it is.
    """
    edge = round(_EDGE_MM * PIXELS_PER_MM)
    for lines in (darkness[:edge], darkness[-edge:], darkness.T[:edge], darkness.T[-edge:]):
        lines -= _level(lines, np.ones((3, 5), np.uint8), _FRAME_SHARE)
        np.maximum(lines, 0.0, out=lines)


def _level(lines: NDArray[np.float32], around: NDArray[np.uint8], share: float) -> NDArray[np.float32]:
    """The darkness that this share of each row, or something `around`, reaches: (rows, 1)."""
    whole = cv2.dilate(lines, around)
    place = round((1.0 - share) * lines.shape[1])
    return np.asarray(np.partition(whole, place, axis=1)[:, place : place + 1], dtype=np.float32)


def _ink_mask(darkness: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a pen has been, without dust and without what only the edge of the box holds."""
    smooth = cv2.GaussianBlur(darkness, (0, 0), _SMOOTHING_PX)
    count, labels = cv2.connectedComponents((smooth > _INK_DARKNESS).astype(np.uint8))
    areas = np.bincount(labels.ravel(), minlength=count)
    edge = round(_EDGE_MM * PIXELS_PER_MM)
    inner_areas = np.bincount(labels[edge:-edge, edge:-edge].ravel(), minlength=count)
    needed = np.where(inner_areas > 0, _DUST_MM2, _STRAY_MM2) * PIXELS_PER_MM**2
    keep = areas >= needed
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.bool_)


def _glyph_picture(darkness: NDArray[np.float32], ink: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The inked part of a box, centred in a square and scaled to it, its pen as black as any other."""
    around = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8))
    left, top, width, height = cv2.boundingRect(around)
    inside = np.s_[top : top + height, left : left + width]
    pen = _share_from_top(darkness[ink], 0.2)
    character = np.minimum(darkness[inside] * around[inside] / max(pen, _INK_DARKNESS), 1.0)
    room = GLYPH_SIZE - 2 * _GLYPH_MARGIN
    scale = room / max(width, height, _SMALLEST_SIDE_MM * PIXELS_PER_MM)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(character, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    x, y = (GLYPH_SIZE - size[0]) // 2, (GLYPH_SIZE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = np.round(small * 255.0)
    return square


def _recognise(pictures: Sequence[NDArray[np.uint8]]) -> Iterable[NDArray[np.float32]]:
    """Probabilities of the 36 characters and, last, of a spoilt box, for each picture: (37,) float32."""
    if not pictures:
        return ()
    network = _network()
    network.setInput(np.stack(pictures)[:, None].astype(np.float32) / np.float32(255.0))
    return np.asarray(network.forward(), dtype=np.float32)


@cache
def _network() -> cv2.dnn.Net:
    model = files("pipeline.reading").joinpath("models/characters.onnx").read_bytes()
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))


def _character_reading(ink: float, recognised: NDArray[np.float32]) -> CharacterReading:
    characters = recognised[:-1].astype(np.float64)
    return CharacterReading(
        ink=ink,
        probabilities=tuple((characters / characters.sum()).tolist()),
        spoilt=float(recognised[-1]),
    )
