"""Which page of which copy a picture shows: its square codes, or at least that it is one of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from pipeline.form.code import PageCode, parse_page_code
from pipeline.page.picture import Grey, PageImage
from pipeline.page.refusal import BlankPage, Reason, Refusal
from pipeline.page.smaller import Part, Points, enlarged, shrunk_part, whole, whole_reduction

LONG_SIDE_MM = 297.0
"""Taken for the longer side of the picture where its file says no resolution: A4; Letter is 6 % less."""

CODE_PX_PER_MM = 5.5
"""Codes are looked for at about this scale: a module of 0.72 mm is then 4 pixels. Finer only costs time."""

_CORNER_SHARE = 0.30
"""Side of the corner looked at, as a share of the picture's longer side: 89 mm of A4, where codes end 37 mm in.
The rest is for skew, shift and the table around a photographed page."""

_CLOSE_SHARE = 0.17
"""The same for the first look, which is for pages that lie nearly straight: 50 mm of A4, a third of the work."""

_QUICK_WINDOW_PX = 23
"""Side of the surroundings that a pixel is compared with in a quick look for corner marks, the largest of three that
OpenCV tries: a mark's border is 7 pixels wide at the scale they are looked for."""

_MENDING_BLUR_PX = 1.0
"""Blur that mends most failed reads: it closes the gaps that noise and coarse toner leave in the modules."""

_MENDING_THINNING_PX = 3
"""White is widened to this many pixels: a harsh black-and-white copy spreads black over the white modules."""

_MARKS_FOR_OURS = 2
_MARKS_TO_PLACE = 3
"""Corner marks of one page that make a picture one of ours, a single one being sometimes seen in a pattern; and those
that tell where on the picture its paper lies."""

_CODES = 2
"""Square codes of a page, in two opposite corners."""

_CORNERS = 4
"""Corner marks of a page: their numbers follow each other, from a multiple of four."""

_BLANK_PX_PER_MM = 3.0
"""Scale at which ink is looked for on pages without a code; a pen line is one pixel wide."""

_BLANK_STROKE_MM = 3.0
"""Ink is what is darker than the paper within this distance; slow shadows are not."""

_BLANK_CONTRAST = 18
"""Grey levels by which ink is darker than paper: faint pencil is 25 or more, print showing through 8 to 15."""

_BLANK_SPOT_MM2 = 0.8
"""A connected spot smaller than this is dust; the dot of an i in a ball pen is about 0.3, a short word 5."""

_BLANK_BORDER_MM = 7.0
"""Outermost strip not looked at: shadows of the paper's edge, and the black rim scanners leave."""

_STREAK_MM = (80.0, 1.2)
"""A spot at least this long and at most this wide is a scratch or dust on the glass a page was fed over."""

_DARK_LEVEL = 70
"""A picture with a median below this shows no paper at all; it is not taken for a blank page."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundCode:
    """A square code that was read: what it says, and its corners in pixels, (4, 2), clockwise from its own top-left."""

    code: PageCode
    corners: Points


@dataclass(frozen=True, slots=True, eq=False)
class CornerMark:
    """An ArUco mark: its number, and its corners in pixels, (4, 2), clockwise from its own top-left."""

    id: int
    corners: Points


@dataclass(frozen=True, slots=True, eq=False)
class IdentifiedPage:
    """A picture whose page is known, by its square codes or by its serial.

    `codes` holds the codes that were read, all saying the same; without any, `marks` holds the page's corner marks.
    `searched` tells that the whole picture was searched for other pages, and those that lie in it are known.
    """

    image: PageImage
    code: PageCode
    codes: tuple[FoundCode, ...]
    marks: tuple[CornerMark, ...] = ()
    searched: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class UnnamedPage:
    """A page of ours whose square codes are both spoilt. Its corner marks, three or four, tell where its paper lies."""

    image: PageImage
    marks: tuple[CornerMark, ...]


def identify(image: PageImage) -> IdentifiedPage | UnnamedPage | BlankPage | Refusal:
    """Read which page the picture shows, whichever way up it lies.

    The cheap look at the corners comes first and nearly always suffices; a page without ink is recognised before
    the costly searches begin.
    """
    found = _look_in_corners(image)
    if not found:
        if is_blank(image):
            return BlankPage()
        found = _look_harder(image)
    if found:
        return _agreed(image, found)
    marks = _marks_of_one_page(image)
    if len(marks) >= _MARKS_TO_PLACE:
        return UnnamedPage(image, marks)
    if len(marks) >= _MARKS_FOR_OURS:
        return Refusal(Reason.NO_CODE, f"{len(marks)} corner marks were found, but neither code could be read")
    return Refusal(Reason.FOREIGN, "neither a page code nor corner marks were found")


def identify_by_both_codes(image: PageImage) -> IdentifiedPage | None:
    """Return which page the picture shows if both of its codes are where they should be; None where more is to do."""
    found = _look_in_corners(image)
    if len(found) != _CODES or len({each.code for each in found}) > 1:
        return None
    return IdentifiedPage(image, found[0].code, found)


def find_codes(grey: Grey) -> tuple[FoundCode, ...]:
    """Return every page code of ours in a picture. Only QR model 2 is asked for: Micro QR is made up from noise."""
    barcodes = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2]),
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
    )
    parsed = ((parse_page_code(barcode.text), barcode.position) for barcode in barcodes)
    return tuple(FoundCode(code, code_corners(position)) for code, position in parsed if code is not None)


def find_corner_marks(grey: Grey) -> tuple[CornerMark, ...]:
    """Return every ArUco mark (dictionary 4×4_100) in a picture, its corners refined to parts of a pixel."""
    return _corner_marks(grey, _thorough_detector())


def find_corner_marks_quickly(grey: Grey) -> tuple[CornerMark, ...]:
    """Return the ArUco marks that a quarter of the work finds, with the same corners: on a good scan all of them."""
    return _corner_marks(grey, _quick_detector())


def _corner_marks(grey: Grey, detector: cv2.aruco.ArucoDetector) -> tuple[CornerMark, ...]:
    corners, ids, _ = detector.detectMarkers(grey)
    if ids is None:
        return ()
    return tuple(
        CornerMark(int(number), np.asarray(quad, dtype=np.float64).reshape(4, 2))
        for number, quad in zip(np.ravel(ids), corners, strict=True)
    )


def is_blank(image: PageImage) -> bool:
    """Whether the picture shows paper without a word or a line on it; dust, streaks and shadows do not count."""
    small, scale, _ = shrunk_part(image, whole(image), px_per_mm(image) / _BLANK_PX_PER_MM)
    per_mm = px_per_mm(image) / scale
    if float(np.median(small)) < _DARK_LEVEL:
        return False
    reach = 2 * round(_BLANK_STROKE_MM * per_mm / 2) + 1
    lighter = cv2.morphologyEx(
        cv2.GaussianBlur(small, (0, 0), 0.7), cv2.MORPH_BLACKHAT, np.ones((reach, reach), np.uint8)
    )
    border = round(_BLANK_BORDER_MM * per_mm)
    ink = (lighter[border:-border, border:-border] > _BLANK_CONTRAST).astype(np.uint8)
    return not any(_is_writing(spot, per_mm) for spot in _spots(ink))


def px_per_mm(image: PageImage) -> float:
    """Pixels per millimetre as the file says, or as they would be if the longer side were A4's."""
    if image.dpi is not None:
        return sum(image.dpi) / 2 / 25.4
    return float(max(image.grey.shape)) / LONG_SIDE_MM


def mended(grey: Grey) -> Iterator[Grey]:
    """Yield the picture as it is, then in ways that bring codes and marks back: softened, and with black thinned."""
    yield grey
    yield np.asarray(cv2.GaussianBlur(grey, (0, 0), _MENDING_BLUR_PX), dtype=np.uint8)
    white = np.ones((_MENDING_THINNING_PX, _MENDING_THINNING_PX), np.uint8)
    yield np.asarray(cv2.dilate(grey, white), dtype=np.uint8)


def _agreed(image: PageImage, found: tuple[FoundCode, ...]) -> IdentifiedPage | Refusal:
    """One page if all codes say the same; two sheets in one picture otherwise."""
    said = {each.code for each in found}
    if len(said) > 1:
        return Refusal(Reason.TWO_SHEETS, "the picture holds " + " and ".join(sorted(map(str, said))))
    return IdentifiedPage(image, found[0].code, found)


def _marks_of_one_page(image: PageImage) -> tuple[CornerMark, ...]:
    """The corner marks of the one page of which most were found, in whichever way of mending shows most of them."""
    small, times, _ = shrunk_part(image, whole(image), px_per_mm(image) / CODE_PX_PER_MM)
    best: list[CornerMark] = []
    for picture in mended(small):
        for found in _by_page(find_corner_marks(picture)):
            best = max(best, found, key=len)
        if len(best) == _CORNERS:
            break
    return tuple(CornerMark(mark.id, enlarged(mark.corners, times, (0, 0))) for mark in best)


def _by_page(marks: Sequence[CornerMark]) -> Iterable[list[CornerMark]]:
    """Corner marks that each were seen once, grouped by the page whose marks they are."""
    seen = Counter(mark.id for mark in marks)
    pages: dict[int, list[CornerMark]] = {}
    for mark in marks:
        if seen[mark.id] == 1:
            pages.setdefault(mark.id // _CORNERS, []).append(mark)
    return pages.values()


def _look_in_corners(image: PageImage) -> tuple[FoundCode, ...]:
    """Look for the codes where they should be: in two opposite corners, close to them and small first."""
    by = px_per_mm(image) / CODE_PX_PER_MM
    for diagonal in _diagonals(image.grey, _CLOSE_SHARE):
        found = _find_on(image, diagonal, by)
        if len(found) == len(diagonal):
            return found
    for factor in (by, 1.0) if by >= 1.9 else (by,):
        for diagonal in _diagonals(image.grey, _CORNER_SHARE):
            if found := _find_on(image, diagonal, factor):
                return found
    return ()


def _look_harder(image: PageImage) -> tuple[FoundCode, ...]:
    """Look on the whole page, as it is and mended, at every useful scale."""
    by = px_per_mm(image) / CODE_PX_PER_MM
    for factor in sorted({whole_reduction(by), 1}, reverse=True):
        small, times, _ = shrunk_part(image, whole(image), factor)
        for picture in mended(small):
            if found := find_codes(np.ascontiguousarray(picture)):
                return tuple(FoundCode(each.code, enlarged(each.corners, times, (0, 0))) for each in found)
    return ()


def _diagonals(grey: Grey, share: float) -> Iterator[tuple[Part, Part]]:
    """The two pairs of opposite corners of the picture; first those where the codes of a page are that lies upright."""
    height, width = grey.shape
    side = round(share * max(height, width))
    w, h = min(side, width // 2), min(side, height // 2)
    yield (width - w, 0, width, h), (0, height - h, w, height)
    yield (0, 0, w, h), (width - w, height - h, width, height)


def _find_on(image: PageImage, parts: Iterable[Part], factor: float) -> tuple[FoundCode, ...]:
    return tuple(code for part in parts for code in _find_in(image, part, factor))


def _find_in(image: PageImage, part: Part, factor: float) -> tuple[FoundCode, ...]:
    """Find codes in one part of the picture, reduced by `factor`; corners are in pixels of the whole picture."""
    small, times, origin = shrunk_part(image, part, factor)
    found = find_codes(np.ascontiguousarray(small))
    return tuple(FoundCode(each.code, enlarged(each.corners, times, origin)) for each in found)


def code_corners(position: zxingcpp.Position) -> Points:
    """The corners of a square code, (4, 2) pixels clockwise from its own top-left."""
    quad = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(point.x, point.y) for point in quad], dtype=np.float64)


@cache
def _thorough_detector() -> cv2.aruco.ArucoDetector:
    return _detector(cv2.aruco.DetectorParameters())


@cache
def _quick_detector() -> cv2.aruco.ArucoDetector:
    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = _QUICK_WINDOW_PX
    return _detector(parameters)


def _detector(parameters: cv2.aruco.DetectorParameters) -> cv2.aruco.ArucoDetector:
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100), parameters)


def _spots(ink: Grey) -> Iterable[NDArray[np.int32]]:
    """The connected spots of a mask, each as (left, top, width, height, area)."""
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    return np.asarray(stats[1:], dtype=np.int32)


def _is_writing(spot: NDArray[np.int32], per_mm: float) -> bool:
    """Whether a spot is larger than dust and not a streak down or across the page."""
    _, _, width, height, area = (float(value) for value in spot)
    length, breadth = max(width, height) / per_mm, min(width, height) / per_mm
    is_streak = length >= _STREAK_MM[0] and breadth <= _STREAK_MM[1]
    return area / per_mm**2 >= _BLANK_SPOT_MM2 and not is_streak
