"""The flat paper and its picture: homographies from millimetres to pixels, and cutting boxes out through them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.identify import Grey, Points, shrunk

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
    width, height = max(1, round(box.w * px_per_mm)), max(1, round(box.h * px_per_mm))
    step_x, step_y = box.w / width, box.h / height
    to_mm = np.array([[step_x, 0.0, box.x + step_x / 2], [0.0, step_y, box.y + step_y / 2], [0.0, 0.0, 1.0]])
    seen, to_seen = _reduced_around(grey, homography, box, local_scale(homography, box.centre) / px_per_mm)
    picture = cv2.warpPerspective(
        seen,
        to_seen @ homography @ to_mm,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(picture, dtype=np.uint8)


def grey_below(picture: Grey, share: float) -> float:
    """Return the grey level at or below which `share` (0 to 1) of the pixels lie: a percentile, by counting."""
    counts = np.cumsum(cv2.calcHist([picture], [0], None, [256], [0, 256]))
    return float(np.searchsorted(counts, share * picture.size))


def _reduced_around(grey: Grey, homography: Matrix, box: Box, by: float) -> tuple[Grey, Matrix]:
    """The part of the picture around `box`, reduced so that cutting it out skips no pixels, and the map to its pixels.

    Averaging the part first is several times cheaper than cutting it out finely and averaging then.
    """
    height, width = grey.shape
    corners = mapped(homography, box_corners(box))
    left, top = np.clip(np.floor(corners.min(axis=0)) - 2 * by, 0, (width - 1, height - 1)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0) + 2 * by).astype(int).tolist()
    part = grey[top : max(bottom, top + 1), left : max(right, left + 1)]
    small, times = shrunk(part, by)
    shift = 0.5 / times - 0.5
    to_small = np.array(
        [[1 / times, 0.0, shift - left / times], [0.0, 1 / times, shift - top / times], [0.0, 0.0, 1.0]]
    )
    return small, to_small
