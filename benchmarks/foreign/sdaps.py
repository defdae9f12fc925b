"""SDAPS's example: three sheets filled in, no blank. One is rebuilt from them, and its boxes are measured on it.

The three pictures of a page are laid on each other: the paper by its features, then every part of it by how far the
print there has moved. A pixel of the blank is as light as on the lightest of the three, each with its black widened
by a pixel beforehand so that thin lines survive; nothing is marked on all three sheets, so no mark survives. Since all
boxes of a page are printed alike, each is then given the middle value of them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.foreign.pictures import Grey, pages_of

MM_PER_PX = 25.4 / 300
HERE = Path(__file__).parent
UPRIGHT = ((0, False, 2, True, 5, False), (1, False, 3, True, 4, False))
"""The frames that show page 1 and page 2, each with whether it lies upside down."""

POINTS = ("1", "2", "3", "4", "5")
TASKS = ("latex", "libreoffice", "word", "other")
MARKS: dict[int, list[tuple[str, list[tuple[str, float, float]]]]] = {
    1: [
        ("use", [*zip(POINTS, (1047.5, 1139.5, 1230.5, 1322.0, 1414.0), (948.0,) * 5, strict=True)]),
        ("latex.syntax", [*zip(POINTS, (1683.5, 1774.5, 1867.0, 1959.5, 2051.5), (1114.5,) * 5, strict=True)]),
        ("latex.rendered", [*zip(POINTS, (1683.5, 1775.5, 1867.0, 1959.5, 2051.5), (1171.0,) * 5, strict=True)]),
        ("latex.ease", [*zip(POINTS, (1684.5, 1776.5, 1868.0, 1960.0, 2051.5), (1228.0,) * 5, strict=True)]),
        ("omr", [("sdaps", 187.0, 1679.5), ("amc", 914.5, 1678.0), ("quexf", 185.5, 1793.0)]),
        ("tasks.letters", [*zip(TASKS, (1469.5, 1686.0, 2001.5, 2259.5), (2067.0,) * 4, strict=True)]),
        ("tasks.tables", [*zip(TASKS, (1469.5, 1686.5, 2001.5, 2259.5), (2123.5,) * 4, strict=True)]),
        ("tasks.equations", [*zip(TASKS, (1470.0, 1686.5, 2002.5, 2260.0), (2180.0,) * 4, strict=True)]),
    ],
    2: [
        (
            "range_a",
            [*zip(POINTS, (488.5, 580.5, 671.5, 763.0, 854.5), (671.0, 670.5, 670.0, 669.5, 668.5), strict=True)],
        ),
        (
            "range_b",
            [*zip(POINTS, (1599.5, 1691.0, 1782.5, 1874.0, 1965.0), (663.5, 663.0, 662.0, 661.5, 661.5), strict=True)],
        ),
        ("choice", [("first", 184.0, 1164.5), ("second", 184.0, 1220.5), ("third", 184.0, 1277.5)]),
    ],
}
"""The middle of every box and circle in pixels of the rebuilt page, measured on it, by page, question and value."""

BARCODE = "28292339400002"
"""What stands under the bars on the second page."""

SIDE = 37
"""Side of a box and diameter of a circle along the centre of their lines, in pixels."""

TEXTS = {
    1: [("omr_other", 1059, 1713, 1242, 150), ("comments", 142, 2601, 2177, 620)],
    2: [("choice_other", 315, 1307, 844, 142), ("freeform", 1250, 913, 1067, 536), ("two_cm", 141, 1819, 2177, 251)],
}
"""The areas to write in: left, top, width, height in pixels."""

PATCH = 28
"""Half the side in pixels of the patch around a box that is evened out."""


def geometry() -> dict[str, Any]:
    """Return where its boxes and circles are: crossed is marked, filled in is cancelled, as its own words have it."""
    pages = [{"page": page, "fields": [*_mark_fields(page), *_text_fields(page)]} for page in MARKS]
    return {"paper_mm": [PAPER_PX[0] * MM_PER_PX, PAPER_PX[1] * MM_PER_PX], "sides": "both", "pages": pages}


PAPER_PX = (2480, 3507)
"""The size of a frame."""


def _mark_fields(page: int) -> Iterator[dict[str, Any]]:
    shape = "box" if page == 1 else "oval"
    for question, boxes in MARKS[page]:
        for value, x, y in boxes:
            box_mm = _mm(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE)
            named = {"question": question, "value": value}
            yield {**named, "kind": "mark", "shape": shape, "filled": "cancelled", "box_mm": box_mm}


def _text_fields(page: int) -> Iterator[dict[str, Any]]:
    for question, left, top, width, height in TEXTS[page]:
        yield {"question": question, "kind": "text", "box_mm": _mm(left, top, width, height)}


def _mm(*px: float) -> list[float]:
    return [round(each * MM_PER_PX, 3) for each in px]


def sheets() -> list[dict[str, Any]]:
    """Return what was read by eye on each of the three sheets."""
    told = json.loads((HERE / "sdaps_truth.json").read_text(encoding="utf-8"))["sheets"]
    return list(told)


def blank_pages(folder: Path) -> list[Grey]:
    """Return the two pages rebuilt."""
    frames = [page.grey for page in pages_of(folder / "example.tif")]
    return [
        _with_even_boxes(_rebuilt([_upright(frames[number], turned) for number, turned in _pairs(shown)]), page)
        for page, shown in enumerate(UPRIGHT, 1)
    ]


def _pairs(page: tuple[Any, ...]) -> Iterator[tuple[int, bool]]:
    yield from zip(page[::2], page[1::2], strict=True)


def _upright(grey: Grey, turned: bool) -> Grey:
    return np.asarray(cv2.rotate(grey, cv2.ROTATE_180) if turned else grey, dtype=np.uint8)


def _rebuilt(sheets: list[Grey]) -> Grey:
    first = sheets[0]
    laid = [first, *(_pulled(_laid(sheet, first), first) for sheet in sheets[1:])]
    wider = [cv2.erode(sheet, np.ones((3, 3), np.uint8)) for sheet in laid]
    return np.asarray(np.max(wider, axis=0), dtype=np.uint8)


def _with_even_boxes(blank: Grey, page: int) -> Grey:
    """The page with the middle value of all its boxes in the place of each."""
    middles = [(x, y) for _, boxes in MARKS[page] for _, x, y in boxes]
    patches = [cv2.getRectSubPix(blank, (2 * PATCH, 2 * PATCH), middle) for middle in middles]
    even = np.median(patches, axis=0).astype(np.uint8)[8:-8, 8:-8]
    for x, y in middles:
        left, top = round(x - PATCH + 8.5), round(y - PATCH + 8.5)
        blank[top : top + even.shape[0], left : left + even.shape[1]] = even
    return blank


def _laid(sheet: Grey, onto: Grey) -> Grey:
    """One sheet laid on another, as flat paper."""
    small = [cv2.resize(each, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA) for each in (onto, sheet)]
    detector = cv2.ORB.create(3000)
    (points, looks), (seen_points, seen_looks) = (detector.detectAndCompute(each, None) for each in small)
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(looks, seen_looks, 2)
    alike = [best for best, second in pairs if best.distance < 0.8 * second.distance]
    mine = np.array([points[each.queryIdx].pt for each in alike]) * 3 + 1
    theirs = np.array([seen_points[each.trainIdx].pt for each in alike]) * 3 + 1
    homography, _ = cv2.findHomography(mine, theirs, cv2.USAC_MAGSAC, 6.0)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = onto.shape[1], onto.shape[0]
    return np.asarray(cv2.warpPerspective(sheet, homography, size, flags=flags, borderValue=255), dtype=np.uint8)


def _pulled(sheet: Grey, onto: Grey) -> Grey:
    """The sheet with every part moved to where the same print is on the other, roughly and then finely."""
    for smoothing in (25.0, 14.0):
        sheet = _pulled_once(sheet, onto, smoothing)
    return sheet


def _pulled_once(sheet: Grey, onto: Grey, smoothing: float) -> Grey:
    """One round of it: DIS optical flow of the print, smoothed (Kroeger et al., ECCV 2016)."""
    soft = [cv2.GaussianBlur(cv2.resize(each, None, fx=0.5, fy=0.5), (0, 0), 2.0) for each in (onto, sheet)]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(soft[0], soft[1], None)
    printed = cv2.GaussianBlur((soft[0] < 200).astype(np.float32), (0, 0), smoothing)[..., None] + 1e-6
    weighed = flow * (soft[0] < 200).astype(np.float32)[..., None]
    even = cv2.GaussianBlur(weighed, (0, 0), smoothing) / printed
    whole = cv2.resize(even, (onto.shape[1], onto.shape[0]), interpolation=cv2.INTER_LINEAR) * 2
    rows, columns = np.mgrid[0 : onto.shape[0], 0 : onto.shape[1]].astype(np.float32)
    moved = cv2.remap(sheet, columns + whole[..., 0], rows + whole[..., 1], cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(moved, dtype=np.uint8)
