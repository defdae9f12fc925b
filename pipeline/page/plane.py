"""The flat paper and its picture: homographies from millimetres to pixels, and cutting boxes out through them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.page.identify import Grey, Points

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
    """Return the pixels per millimetre around a point of the paper (mm)."""
    x, y = at
    origin, right, down = mapped(homography, np.array([(x, y), (x + 1, y), (x, y + 1)]))
    return float(np.sqrt(abs(np.linalg.det(np.array([right - origin, down - origin])))))


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
    finer = max(1, round(local_scale(homography, box.centre) / px_per_mm))
    step_x, step_y = box.w / (width * finer), box.h / (height * finer)
    to_mm = np.array([[step_x, 0.0, box.x + step_x / 2], [0.0, step_y, box.y + step_y / 2], [0.0, 0.0, 1.0]])
    picture = cv2.warpPerspective(
        grey,
        homography @ to_mm,
        (width * finer, height * finer),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if finer > 1:
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(picture, dtype=np.uint8)
