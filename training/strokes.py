"""Handwritten glyphs redrawn with a finer pen: along the middle of their strokes.

The glyphs of NIST Special Database 19 are 20 pixels high with strokes three pixels wide, as a felt tip leaves them. A
ball pen's line is a third of that.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.practice.handwriting import cropped
from pipeline.practice.pens import Cover
from training.glyphs import Glyph

_FINE = 4
"""Glyphs are enlarged this many times before their strokes are looked at."""

_INK = 0.4
"""Darkness (of 1) from which an enlarged glyph is ink."""

_MARGIN_PX = 16
"""Room around the middle lines for the widest pen."""

_SWELLS = 6
"""How many times along each side of a glyph the pressure of the pen may change."""


def enlarged(glyph: Glyph) -> NDArray[np.float32]:
    """Return a glyph four times as fine, 0 paper to 1 ink, or a little beyond."""
    fine = cv2.resize(glyph.astype(np.float32) / 255.0, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine, dtype=np.float32)


def middle_lines(glyph: Glyph) -> Cover:
    """Return where the middle of each stroke runs, one pixel wide, four times as fine as the glyph, cropped.

    Thinned by Zhang and Suen (1984), as scikit-image does it.
    """
    from skimage.morphology import skeletonize  # only to train, and only this way of drawing (requirements.txt)

    return cropped(np.asarray(skeletonize(enlarged(glyph) > _INK), dtype=np.uint8) * np.uint8(255))


def along(middles: Cover, width_px: float, pressure: float, rng: np.random.Generator) -> Cover:
    """Return the ink of a pen that follows middle lines, `pressure` the share by which its width varies."""
    room = np.pad(middles, _MARGIN_PX)
    away = cv2.distanceTransform(255 - room, cv2.DIST_L2, 5)
    rough = rng.normal(0.0, 1.0, (_SWELLS, _SWELLS)).astype(np.float32)
    swell = cv2.resize(rough, room.shape[::-1], interpolation=cv2.INTER_CUBIC)
    half = max(width_px, 1.0) / 2 * np.clip(1.0 + pressure * swell, 0.45, 1.7)
    return cropped(np.rint(255.0 * np.clip(half - away + 0.5, 0.0, 1.0)).astype(np.uint8))
