"""Where the paper comes to lie in a picture: on a glass, under a tilted camera, through an uneven feeder."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""A 3 × 3 homography between pixels. Whole numbers are the middles of pixels, as OpenCV has it."""

Points = NDArray[np.float64]
"""(n, 2): x, y."""

Move = Callable[[Points], Points]
"""Where points of one picture lie in the one made of it, both in pixels."""

CAMERA_MM = 380.0
"""From a phone to the paper under it: a sheet of A4 with a finger's width of table around fills the picture."""

_KEPT_INSIDE = 0.985
"""A photographer has the whole sheet in view: it fills no more than this share of the picture."""


def tilted(points: Points, degrees: float, towards: float) -> Points:
    """Return points of the paper (mm from its middle) as a camera tilted by `degrees` sees them, true at the middle.

    The paper turns about an axis through its middle, at `towards` degrees to its width, and is seen by a pinhole
    `CAMERA_MM` away.
    """
    lean, heading = np.radians(degrees), np.radians(towards)
    axis = np.array([np.cos(heading), np.sin(heading)])
    across = np.array([-np.sin(heading), np.cos(heading)])
    along, off = points @ axis, points @ across
    flat = np.outer(along, axis) + np.outer(off * np.cos(lean), across)
    return np.asarray(flat * (CAMERA_MM / (CAMERA_MM + off * np.sin(lean)))[:, None], dtype=np.float64)


def in_view(points: Points, size: tuple[float, float]) -> Points:
    """Return points (from the middle of the picture) drawn together and moved so that they lie within `size`."""
    low, high = points.min(axis=0), points.max(axis=0)
    together = min(1.0, float((_KEPT_INSIDE * np.array(size) / (high - low)).min()))
    return np.asarray((points - (low + high) / 2) * together, dtype=np.float64)


def homography(points: Points, seen: Points) -> Matrix:
    """Return the homography that takes four points to where they are seen."""
    return np.asarray(cv2.getPerspectiveTransform(points.astype(np.float32), seen.astype(np.float32)), np.float64)


def through(matrix: Matrix) -> Move:
    """Return the move that a homography (3 × 3) or an affine map (2 × 3) makes."""

    def move(points: Points) -> Points:
        lifted = np.column_stack([points, np.ones(len(points))]) @ matrix.T
        return np.asarray(lifted[:, :2] / lifted[:, 2:] if len(matrix) == 3 else lifted, dtype=np.float64)

    return move


def taken_from(rows: NDArray[np.float64]) -> Move:
    """Return the move of a picture whose line i shows what was at line `rows[i]`, which grow from first to last."""

    def move(points: Points) -> Points:
        return np.column_stack([points[:, 0], np.interp(points[:, 1], rows, np.arange(len(rows)))])

    return move


def resized(across: float, down: float) -> Move:
    """Return the move of a picture made `across` times as wide and `down` times as high."""

    def move(points: Points) -> Points:
        return np.asarray((points + 0.5) * (across, down) - 0.5, dtype=np.float64)

    return move


def turned(quarters: int, shape: tuple[int, int]) -> Move:
    """Return the move of a picture of `shape` (height, width) turned clockwise by so many quarters."""
    height, width = shape
    x = (lambda p: p[:, 0], lambda p: height - 1 - p[:, 1], lambda p: width - 1 - p[:, 0], lambda p: p[:, 1])
    y = (lambda p: p[:, 1], lambda p: p[:, 0], lambda p: height - 1 - p[:, 1], lambda p: width - 1 - p[:, 0])
    which = quarters % 4
    return lambda points: np.column_stack([x[which](points), y[which](points)])
