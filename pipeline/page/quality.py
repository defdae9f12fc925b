"""How well a page was scanned: measured on each page, kept with its reading, told to staff by `page.advice`."""

from __future__ import annotations

import numpy as np

from pipeline.page.measured import PageQuality
from pipeline.page.picture import PageImage
from pipeline.page.plane import Matrix, mapped


def page_quality(
    image: PageImage,
    homography: Matrix,
    dpi: float,
    frame_score: float,
    corner_marks: int = 0,
    codes: int | None = None,
) -> PageQuality:
    """Return how well a page was scanned, from where it lies in its picture and what was found on it."""
    origin, right = mapped(homography, np.array([(0.0, 0.0), (100.0, 0.0)]))
    angle = float(np.degrees(np.arctan2(right[1] - origin[1], right[0] - origin[0])))
    quarters = round(angle / 90.0)
    told = image.dpi
    return PageQuality(
        dpi=round(dpi, 1),
        scale_percent=None if told is None else round(100.0 * dpi / float(np.mean(told)), 1),
        skew_degrees=round(angle - 90.0 * quarters, 2),
        turned=quarters % 4,
        bitonal=image.bitonal,
        frame_score=round(frame_score, 3),
        corner_marks=corner_marks,
        codes=codes,
        streaks_mm=_streaks_mm(image, homography, across=quarters % 2 == 1),
    )


def _streaks_mm(image: PageImage, homography: Matrix, *, across: bool) -> tuple[float, ...]:
    """Where on the paper the streaks of a picture are, half way down the picture: a page askew slants them a little."""
    if not image.streaks:
        return ()
    middle = np.full(len(image.streaks), image.grey.shape[0] / 2)
    on_paper = mapped(np.asarray(np.linalg.inv(homography)), np.column_stack([image.streaks, middle]))
    return tuple(sorted(round(float(mm), 1) for mm in on_paper[:, 1 if across else 0]))
