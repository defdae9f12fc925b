"""A cover sheet among the pages of a stack: found by its square codes, wherever on the picture they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from pipeline.form.cover import Cover, parse_cover_code
from pipeline.page.identify import CODE_PX_PER_MM, code_corners, mended, px_per_mm
from pipeline.page.picture import Grey, PageImage
from pipeline.page.smaller import Points, enlarged, shrunk

_NOT_SQUARE = 0.1
"""Share by which dots across and down must differ before a code of 37 modules is missed."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundCover:
    """What a cover says, and the corners of its codes that were read: each (4, 2) pixels, clockwise from top-left."""

    cover: Cover
    codes: tuple[Points, ...]


def find_cover(image: PageImage) -> FoundCover | None:
    """Return the cover that a picture shows, whichever way up it lies, or None.

    Only pictures without a page code are looked at, so the look may take its time.
    """
    squared, tall = _with_square_pixels(image)
    small, times = shrunk(squared, px_per_mm(image) / CODE_PX_PER_MM)
    for picture in mended(small):
        said = [(parse_cover_code(each.text), code_corners(each.position)) for each in _square_codes(picture)]
        covers = {cover for cover, _ in said if cover is not None}
        if len(covers) == 1:
            (cover,) = covers
            found = (enlarged(corners, times, (0, 0)) / (1.0, tall) for one, corners in said if one == cover)
            return FoundCover(cover, tuple(found))
    return None


def _with_square_pixels(image: PageImage) -> tuple[Grey, float]:
    """The picture as tall as it is in truth, and by how much it had to grow: a fax has half as many lines as dots."""
    across, down = image.dpi or (1.0, 1.0)
    tall = across / down
    if abs(tall - 1.0) < _NOT_SQUARE:
        return image.grey, 1.0
    height, width = image.grey.shape
    return np.asarray(cv2.resize(image.grey, (width, round(height * tall))), dtype=np.uint8), tall


def _square_codes(grey: Grey) -> Iterable[zxingcpp.Barcode]:
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    return zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=formats, try_invert=False)
