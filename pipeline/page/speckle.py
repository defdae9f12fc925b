"""Speckle taken off a scan: a worn drum or a bad line scatters single black and white dots over a page."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey, PageImage

_STANDS_OUT = 60
"""Grey levels by which a dot differs from the middle value of the 5 × 5 pixels around it: sensor noise has sigma 8."""

_MOST_ALIKE = 1
"""A pixel that stands out is a dot when no more of its eight neighbours stand out with it; on a line it is two."""

_SHARE_OF_DOTS = 0.004
"""Share of dots from which a page counts as speckled. Clean pages, grey or bitonal, have 0.001 or less; pages with
halftones 0.005 and more, which lose single dots of them and nothing else."""

_BAND_PX, _BAND_STEP = 64, 4
"""Height of the bands of the page that are looked at to decide, and which of them: every fourth."""


def without_speckle(image: PageImage) -> PageImage:
    """Return the picture with scattered dots replaced by what is around them; as it is where there are few."""
    bands = [image.grey[top : top + _BAND_PX] for top in range(0, image.grey.shape[0], _BAND_PX * _BAND_STEP)]
    dots = sum(int(np.count_nonzero(_dots(band))) for band in bands)
    if dots < _SHARE_OF_DOTS * sum(band.size for band in bands):
        return image
    calm = np.where(_dots(image.grey), cv2.medianBlur(image.grey, 5), image.grey)
    return replace(image, grey=np.asarray(calm, dtype=np.uint8))


def _dots(grey: Grey) -> NDArray[np.bool_]:
    """Where a pixel is darker, or lighter, than its surroundings and nearly alone in it."""
    middle = cv2.medianBlur(grey, 5)
    darker = (cv2.subtract(middle, grey) > _STANDS_OUT).astype(np.uint8)
    lighter = (cv2.subtract(grey, middle) > _STANDS_OUT).astype(np.uint8)
    return np.asarray(_alone(darker) | _alone(lighter), dtype=np.bool_)


def _alone(standing_out: NDArray[np.uint8]) -> NDArray[np.bool_]:
    alike = cv2.boxFilter(standing_out, -1, (3, 3), normalize=False) - standing_out
    return np.asarray((standing_out == 1) & (alike <= _MOST_ALIKE), dtype=np.bool_)
