"""Pictures cut from kept originals, as workers do it (`kept_pages`)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.inbox.trouble import SetAside
from pipeline.page.plane import cut
from pipeline.review.evidence import PAGE_PIXELS_PER_MM, PIXELS_PER_MM, Shown
from pipeline.store.kept_pages import Cut
from pipeline.store.originals import page_of_original

_PAGE_QUALITY = 80
"""Of a whole page as JPEG: 150 kB where PNG takes 600; the row beside it shows the place without loss."""

_FRAME_AWAY_MM, _FRAME_MM = 2.0, 0.75
"""The frame around a place: how far from it, and how thick."""

_ACCENT_BGR = (0x1B, 0x13, 0xB3)
"""Pillar-box red, #b3131b."""


def cut_out(what: Cut) -> bytes | SetAside:
    """Return a whole page as JPEG, with what is meant framed, or part of one as PNG; or why it cannot be had."""
    page = page_of_original(what.original, what.index)
    if isinstance(page, SetAside):
        return page
    homography = np.asarray(what.homography, dtype=np.float64).reshape(3, 3)
    if what.shown is not Shown.PAGE:
        return cv2.imencode(".png", cut(page.grey, homography, what.box, PIXELS_PER_MM))[1].tobytes()
    framed = _with_frame(cut(page.grey, homography, what.box, PAGE_PIXELS_PER_MM), what.marked)
    return cv2.imencode(".jpg", framed, [cv2.IMWRITE_JPEG_QUALITY, _PAGE_QUALITY])[1].tobytes()


def _with_frame(grey: NDArray[np.uint8], marked: Box | None) -> NDArray[np.uint8]:
    """A page in colour with a frame around the place that is meant, clear of what is written there."""
    picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    if marked:
        around = marked.grown(_FRAME_AWAY_MM)
        left, top, right, bottom = (
            round(side * PAGE_PIXELS_PER_MM) for side in (around.x, around.y, around.right, around.bottom)
        )
        cv2.rectangle(picture, (left, top), (right, bottom), _ACCENT_BGR, round(_FRAME_MM * PAGE_PIXELS_PER_MM))
    return picture
