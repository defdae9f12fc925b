"""The flat paper and its picture: homographies from millimetres to pixels, and cutting boxes out through them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.picture import Grey, PageImage
from pipeline.page.smaller import Part, Points, shrunk, shrunk_part, whole_reduction

Matrix = NDArray[np.float64]
"""A 3 × 3 homography from millimetres on the paper to pixels of the picture as opened."""


def mapped(homography: Matrix, points: Points) -> Points:
    """Return points of the paper, (n, 2) in mm, as pixels of the picture."""
    lifted = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return np.asarray(lifted[:, :2] / lifted[:, 2:], dtype=np.float64)


def box_corners(box: Box) -> Points:
    """Return the corners of a box in mm from its top-left one clockwise, (4, 2)."""
    return np.array([(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)])


def paper_corners(paper_mm: tuple[float, float]) -> Points:
    """Return the corners of the paper in mm from its top-left one clockwise, (4, 2)."""
    return box_corners(Box(0.0, 0.0, *paper_mm))


def local_scale(homography: Matrix, at: tuple[float, float]) -> float:
    """Return the pixels per millimetre around a point of the paper (mm).

    A homography H enlarges areas at a point by det H / w³, where w is the point's third homogeneous coordinate.
    """
    (a, b, c), (d, e, f), (g, h, i) = homography.tolist()
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return float(abs(determinant / (g * at[0] + h * at[1] + i) ** 3) ** 0.5)


def similarity(mm: Points, px: Points) -> tuple[Matrix, float]:
    """Return the turn, scale and shift that best maps `mm` onto `px`, and its root-mean-square error in pixels.

    Least squares in the complex plane, where a turn and a scale are one factor.
    """
    middle_mm, middle_px = mm.mean(axis=0), px.mean(axis=0)
    z = (mm - middle_mm) @ np.array([1, 1j])
    w = (px - middle_px) @ np.array([1, 1j])
    factor = complex(np.vdot(z, w) / np.vdot(z, z))
    error = float(np.sqrt(np.mean(np.abs(w - factor * z) ** 2)))
    matrix = np.eye(3)
    matrix[:2, :2] = [[factor.real, -factor.imag], [factor.imag, factor.real]]
    matrix[:2, 2] = middle_px - matrix[:2, :2] @ middle_mm
    return matrix, error


def affinity(mm: Points, px: Points) -> Matrix:
    """Return the affine map that best takes `mm` to `px`; at least three points, not on one line."""
    solution, *_ = np.linalg.lstsq(np.column_stack([mm, np.ones(len(mm))]), px, rcond=None)
    return np.vstack([solution.T, [0.0, 0.0, 1.0]])


def errors(homography: Matrix, mm: Points, px: Points) -> NDArray[np.float64]:
    """Return how far each point is mapped from its pixel, in pixels, (n,)."""
    return np.asarray(np.linalg.norm(mapped(homography, mm) - px, axis=1), dtype=np.float64)


def cut(grey: Grey, homography: Matrix, box: Box, px_per_mm: float) -> Grey:
    """Return `box` (mm) out of a picture, upright; averaged where the picture is finer than `px_per_mm`.

    What lies beyond the edge of the picture is repeated from its rim, so that it looks like more paper.
    """
    by = local_scale(homography, box.centre) / px_per_mm
    if whole_reduction(by) > 1:
        left, top, right, bottom = _around(box, homography, by, grey)
        grey, times = shrunk(grey[top:bottom, left:right], by)
        homography = _to_part((left, top), times) @ homography
    size = max(1, round(box.w * px_per_mm)), max(1, round(box.h * px_per_mm))
    return np.asarray(_warped(grey, homography @ _from_cut(box, size), size, None), dtype=np.uint8)


def cut_alike(grey: Grey, homography: Matrix, boxes: Sequence[Box], size: tuple[int, int]) -> Grey:
    """Return boxes (mm) out of a picture that is no finer than they are wanted, upright: (n, height, width).

    `size` is the width and height of each in pixels.
    """
    pictures = np.empty((len(boxes), size[1], size[0]), np.uint8)
    maps = homography @ np.array([_from_cut(box, size) for box in boxes])
    for picture, to_pixels in zip(pictures, maps, strict=True):
        _warped(grey, to_pixels, size, picture)
    return pictures


def _from_cut(box: Box, size: tuple[int, int]) -> list[list[float]]:
    """The map from the pixels of a box's picture to mm."""
    x, y = box.w / size[0], box.h / size[1]
    return [[x, 0.0, box.x + x / 2], [0.0, y, box.y + y / 2], [0.0, 0.0, 1.0]]


def _warped(grey: Grey, to_pixels: Matrix, size: tuple[int, int], target: Grey | None) -> cv2.typing.MatLike:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(grey, to_pixels, size, target, flags, cv2.BORDER_REPLICATE)


def reduced(image: PageImage, homography: Matrix, box: Box, px_per_mm: float) -> tuple[Grey, Matrix]:
    """Return the part of a page around `box` (mm), reduced so that cutting at `px_per_mm` skips no pixels, and the map
    from mm to its pixels.

    Averaging the part first is several times cheaper than cutting it out finely and averaging then.
    """
    by = local_scale(homography, box.centre) / px_per_mm
    small, times, origin = shrunk_part(image, _around(box, homography, by, image.grey), by)
    return small, _to_part(origin, times) @ homography


def _around(box: Box, homography: Matrix, by: float, grey: Grey) -> Part:
    """The part of a picture that holds a box (mm), and twice `by` pixels more on all sides."""
    height, width = grey.shape
    (a, b, c), (d, e, f), (g, h, i) = homography.tolist()
    corners = [(x, y, g * x + h * y + i) for x in (box.x, box.right) for y in (box.y, box.bottom)]
    across = [(a * x + b * y + c) / w for x, y, w in corners]
    down = [(d * x + e * y + f) / w for x, y, w in corners]
    left, top = _within(min(across) - 2 * by, width), _within(min(down) - 2 * by, height)
    right, bottom = max(left, ceil(max(across) + 2 * by)) + 1, max(top, ceil(max(down) + 2 * by)) + 1
    return left, top, min(right, width), min(bottom, height)


def greys_below(pictures: NDArray[np.uint8], share: float) -> NDArray[np.intp]:
    """Return `grey_below` of each of some pictures of one size, (n, height, width), all counted in one go: (n,)."""
    n, size = len(pictures), pictures[0].size
    counts = np.bincount((pictures.reshape(n, size) + 256 * np.arange(n)[:, None]).ravel(), minlength=256 * n)
    below = counts.reshape(n, 256).cumsum(axis=1) < share * size
    return np.asarray(below.sum(axis=1), dtype=np.intp)


def grey_below(picture: Grey, share: float) -> float:
    """Return the grey level at or below which `share` (0 to 1) of the pixels lie: a percentile, by counting."""
    counts = np.cumsum(cv2.calcHist([picture], [0], None, [256], [0, 256]))
    return float(np.searchsorted(counts, share * picture.size))


def _within(place: float, length: int) -> int:
    return min(max(floor(place), 0), length - 1)


def _to_part(origin: tuple[int, int], times: int) -> Matrix:
    """The map from pixels of a picture to those of its part that starts at `origin`, reduced `times`."""
    shift = 0.5 / times - 0.5
    left, top = origin
    return np.array([[1 / times, 0.0, shift - left / times], [0.0, 1 / times, shift - top / times], [0.0, 0.0, 1.0]])
