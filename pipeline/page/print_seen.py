"""What is printed on a page made elsewhere, as darkness: what it is recognised by and placed by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pipeline.form.layout import Box
from pipeline.page.known import Blank
from pipeline.page.picture import Grey
from pipeline.page.smaller import Points

FEATURES_PX_PER_MM = 4.0
"""Scale at which features are looked for: letters of 9 pt are 6 pixels high."""

_MOST_FEATURES = 2500
"""Features of a page: of a printed page some 150 to 450 are found again on its scan."""

_PAPER_MM = 5.0
"""What is narrower than this and darker than all around it is print or ink; wider is a tint or a shadow, and paper."""

_PAPER_PX_PER_MM = 2.0
"""Scale at which the paper's own lightness is looked for."""

_EDGE_MM, _LEAST_PRINT = 0.6, 60
"""How near to the edge of a box its outline is printed, and how dark (of 255) the palest one is."""

_BLANKS_HELD = 12
"""Pages of forms made elsewhere whose print is kept at hand, 5 MB each."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Points of a picture, (n, 2) in mm, and what each looks like, (n, 32): ORB (Rublee et al., ICCV 2011).

    The strongest come first.
    """

    points: Points
    looks: Grey

    def strongest(self, most: int) -> Features:
        """Return so many of them at most."""
        return Features(self.points[:most], self.looks[:most])


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """The print of one blank page, (height, width) at `px_per_mm`.

    `darkness` is 0 for paper to 255 for black, `paper` the grey of the paper there, tints included.
    """

    darkness: Grey
    paper: Grey
    px_per_mm: float


@lru_cache(_BLANKS_HELD)
def print_of(blank: Blank) -> Print:
    """Return the print of a blank page."""
    paper = paper_of(blank.grey, blank.px_per_mm)
    return Print(_darker(blank.grey, paper), paper, blank.px_per_mm)


def at_scale(printed: Print, px_per_mm: float) -> Grey:
    """Return the darkness of a print, reduced to a scale."""
    scale = px_per_mm / printed.px_per_mm
    small = cv2.resize(printed.darkness, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def is_printed_around(printed: Print, box: Box) -> bool:
    """Whether anything is printed along the edge of a box, as around every box and bubble that can be found again."""
    outer, inner = _pixels(printed, box.grown(_EDGE_MM)), _pixels(printed, box.grown(-_EDGE_MM))
    around = printed.darkness.copy()
    around[inner] = 0
    return bool((around[outer] > _LEAST_PRINT).any())


def _pixels(printed: Print, box: Box) -> tuple[slice, slice]:
    left, top, right, bottom = (
        max(0, round(each * printed.px_per_mm)) for each in (box.x, box.y, box.right, box.bottom)
    )
    return slice(top, bottom), slice(left, right)


def part_of(layer: Grey, px_per_mm: float, box: Box, size: tuple[int, int], beyond: int) -> Grey:
    """Return a box (mm) of a layer of a print, `size` (width, height) pixels large; past its edge it is `beyond`."""
    x, y = box.w / size[0] * px_per_mm, box.h / size[1] * px_per_mm
    to_layer = np.array([[x, 0.0, box.x * px_per_mm + x / 2 - 0.5], [0.0, y, box.y * px_per_mm + y / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(layer, to_layer, size, flags=flags, borderValue=beyond), dtype=np.uint8)


def darkness_of(grey: Grey, px_per_mm: float) -> Grey:
    """Return how much darker than the paper near it every pixel is: (height, width), 0 paper to 255 black.

    Tints and shadows count as paper: copiers drop the one and scanners add the other.
    """
    return _darker(grey, paper_of(grey, px_per_mm))


def paper_of(grey: Grey, px_per_mm: float) -> Grey:
    """Return the grey of the paper behind print and ink, (height, width)."""
    scale = min(1.0, _PAPER_PX_PER_MM / px_per_mm)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    reach = 2 * round(_PAPER_MM * px_per_mm * scale / 2) + 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), reach / 4)
    return np.maximum(cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), 1).astype(np.uint8)


def _darker(grey: Grey, paper: Grey) -> Grey:
    return np.asarray(255 - cv2.divide(grey, paper, scale=255.0), dtype=np.uint8)


def features_of(darkness: Grey) -> Features:
    """Return the features of a picture at `FEATURES_PX_PER_MM`."""
    points, looks = cv2.ORB.create(_MOST_FEATURES, 1.2, 6).detectAndCompute(darkness, None)
    if looks is None:
        return Features(np.zeros((0, 2)), np.zeros((0, 32), np.uint8))
    places = np.array([point.pt for point in points], dtype=np.float64)
    falling = np.argsort([-point.response for point in points], kind="stable")
    return Features((places[falling] + 0.5) / FEATURES_PX_PER_MM, np.asarray(looks, dtype=np.uint8)[falling])
