"""Where every millimetre of the paper lies in the picture: codes and corner marks first, then each printed frame.

Corner marks give a homography that is right to 0.3 mm on an ordinary scan and 1 mm where a feeder pulled unevenly;
matching each frame brings that to a few hundredths. A page whose frames are not where they should be is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import chain, permutations

import cv2
import numpy as np

from pipeline.form.code import PageCode
from pipeline.form.layout import Box, PageLayout, PrintedCode, around_all
from pipeline.page.frames import PlacedField, place_fields
from pipeline.page.identify import (
    CornerMark,
    FoundCode,
    IdentifiedPage,
    find_codes,
    find_corner_marks,
    find_corner_marks_quickly,
    mended,
)
from pipeline.page.measured import PageQuality
from pipeline.page.picture import Grey, PageImage
from pipeline.page.plane import (
    Matrix,
    affinity,
    box_corners,
    cut,
    cut_alike,
    errors,
    local_scale,
    mapped,
    paper_corners,
    reduced,
    similarity,
)
from pipeline.page.quality import page_quality
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.smaller import Points, enlarged, shrunk_part

_MM_PER_INCH = 25.4

LOWEST_DPI = 90.0
"""Below this a ball pen's line of 0.42 mm is narrower than a pixel and a half, and a tick cannot be told from dust."""

LOWEST_FRAME_SCORE = 0.55
"""A page whose median frame matches worse is not where we think: wrongly placed pages scored up to 0.33, good ones
0.84 and more."""

_MARK_PX_PER_MM = 6.0
"""Scale at which corner marks are looked for: a mark of 7 mm is 42 pixels."""

_ONE_CODE_REACHES_MM = (14.0,)
_TWO_CODES_REACHES_MM = (2.5, 6.0)
"""How far from its expected place a corner mark is looked for: one code is 18 mm wide and tells the far corner of the
page to within 4 mm on a scan, 10 mm on a photo; two codes lie a page apart and tell it to 3 mm, mostly to 1."""

Look = Callable[[Grey], Iterable[Sequence[CornerMark]]]
"""A way of looking for corner marks in a picture, or several, of which as many are done as are asked for."""

_MOST_ASKEW_MM = 0.8
"""Corner marks that a parallelogram fits worse than this were photographed, not scanned: perspective is needed."""

_REST_FOR_ANOTHER_SHEET = 0.65
"""When our paper takes less of the picture than this, the rest may hold another sheet, and is searched for codes."""


@dataclass(frozen=True, slots=True, eq=False)
class RegisteredPage:
    """A page on which every millimetre has its pixel. `homography` maps mm to pixels of the picture as opened.

    `fields` are the layout's, in its order, each where its frame was found.
    """

    image: PageImage
    code: PageCode
    layout: PageLayout
    homography: Matrix
    fields: tuple[PlacedField, ...]
    quality: PageQuality

    def to_pixels(self, points: Points) -> Points:
        """Return points of the paper, (n, 2) in mm, as pixels of the picture."""
        return mapped(self.homography, points)


def register(page: IdentifiedPage, layout: PageLayout, paper_mm: tuple[float, float]) -> RegisteredPage | Refusal:
    """Find where the paper lies in the picture and where each of its frames is.

    Three of four corner marks will do, or fewer with both codes. The page may lie any way up.
    """
    rough = _place_by_codes(page, layout, paper_mm) if page.codes else _place_by_marks(page.marks, layout)
    marks = _find_marks(page, layout, rough)
    homography = _fit(marks, page.codes, layout, rough)
    dpi = local_scale(homography, (paper_mm[0] / 2, paper_mm[1] / 2)) * _MM_PER_INCH
    if not dpi >= LOWEST_DPI:
        return Refusal(Reason.TOO_COARSE, f"{dpi:.0f} dots per inch on the paper")
    if _holds_another_sheet(page, homography, paper_mm):
        return Refusal(Reason.TWO_SHEETS, "another page code lies beside the sheet")
    placed = place_fields(page.image, layout.fields, homography)
    score = float(np.median([each.score for each in placed])) if placed else 1.0
    if score < LOWEST_FRAME_SCORE:
        return Refusal(Reason.UNSURE_WHERE, f"frames match {score:.2f}; {len(marks)} corner marks found")
    quality = page_quality(page.image, homography, dpi, score, len(marks), len(page.codes))
    return RegisteredPage(page.image, page.code, layout, homography, placed, quality)


def crop(page: RegisteredPage, box: Box, px_per_mm: float) -> Grey:
    """Return the picture of `box` (mm on the paper), upright, `px_per_mm` pixels per millimetre."""
    return cut(page.image.grey, page.homography, box, px_per_mm)


def crops(page: RegisteredPage, boxes: Sequence[Box], px_per_mm: float) -> list[Grey]:
    """Return the picture of each of these boxes as `crop` does, those of one size together: half of the time."""
    if not boxes:
        return []
    small, to_small = reduced(page.image, page.homography, around_all(boxes), px_per_mm)
    pictures: dict[int, Grey] = {}
    for size, places in _by_size(boxes, px_per_mm).items():
        alike = cut_alike(small, to_small, [boxes[place] for place in places], size)
        pictures.update(zip(places, alike, strict=True))
    return [pictures[place] for place in range(len(boxes))]


def _by_size(boxes: Sequence[Box], px_per_mm: float) -> dict[tuple[int, int], list[int]]:
    """The places of boxes by the width and height of their pictures, in pixels."""
    places: dict[tuple[int, int], list[int]] = {}
    for place, box in enumerate(boxes):
        places.setdefault((round(box.w * px_per_mm), round(box.h * px_per_mm)), []).append(place)
    return places


def _place_by_codes(page: IdentifiedPage, layout: PageLayout, paper_mm: tuple[float, float]) -> Matrix:
    """Place the paper by its square codes alone.

    Both printed codes say the same, so which is which is found by trying: the paper should lie in the picture, and
    two codes must fit one placement. Among cards lies in the picture either way, and the corner marks tell.
    """
    printed = [box_corners(code.box) for code in layout.codes if code.kind == "qr"]
    found = [code.corners for code in page.codes][: len(printed)]
    tried = [similarity(np.vstack(chosen), np.vstack(found)) for chosen in permutations(printed, len(found))]
    if page.searched and len(found) == 1:
        return max((each[0] for each in tried), key=lambda rough: len(_marks_in_place(page, layout, rough)))
    corners = paper_corners(paper_mm)
    return min(tried, key=lambda each: each[1] + _outside(mapped(each[0], corners), page.image.grey))[0]


def _place_by_marks(marks: Sequence[CornerMark], layout: PageLayout) -> Matrix:
    """Place the paper by its corner marks, where no code was read."""
    printed = {code.id: box_corners(code.box) for code in layout.codes if code.kind == "aruco"}
    known = [mark for mark in marks if mark.id in printed]
    return similarity(np.vstack([printed[mark.id] for mark in known]), np.vstack([mark.corners for mark in known]))[0]


def _outside(corners: Points, grey: Grey) -> float:
    """How far, in pixels, the corners of the paper reach out of the picture, on average."""
    height, width = grey.shape
    inside = np.clip(corners, (0, 0), (width, height))
    return float(np.linalg.norm(corners - inside, axis=1).mean())


def _find_marks(page: IdentifiedPage, layout: PageLayout, rough: Matrix) -> tuple[CornerMark, ...]:
    """Find this page's corner marks where the codes say they are, or else anywhere in the picture."""
    printed = [code for code in layout.codes if code.kind == "aruco"]
    found = _marks_in_place(page, layout, rough)
    if len(found) < min(3, len(printed)):
        shrink = local_scale(rough, layout.codes[0].box.centre) / _MARK_PX_PER_MM
        height, width = page.image.grey.shape
        corners = np.array([(0.0, 0.0), (width, height)])
        found = list(_marks_within(page.image, corners, shrink, {code.id for code in printed}, _every_look))
    seen = [mark.id for mark in found]
    return tuple(mark for mark in found if seen.count(mark.id) == 1)


def _marks_in_place(page: IdentifiedPage, layout: PageLayout, rough: Matrix) -> list[CornerMark]:
    """Find this page's corner marks near where a placement of the paper has them."""
    reaches = _TWO_CODES_REACHES_MM if len(page.codes) > 1 else _ONE_CODE_REACHES_MM
    shrink = local_scale(rough, layout.codes[0].box.centre) / _MARK_PX_PER_MM
    printed = (code for code in layout.codes if code.kind == "aruco")
    return [mark for code in printed for mark in _mark_near(page.image, code, rough, reaches, shrink)]


def _mark_near(
    image: PageImage, code: PrintedCode, rough: Matrix, reaches: Sequence[float], shrink: float
) -> tuple[CornerMark, ...]:
    """A corner mark as a quick look shows it near its place, or else every look as far off as it may be."""
    *near, far = reaches
    for reach, look in [*((reach, _quick_look) for reach in near), (far, _every_look)]:
        around = mapped(rough, box_corners(code.box.grown(reach)))
        if found := _marks_within(image, around, shrink, {code.id}, look):
            return found
    return ()


def _marks_within(
    image: PageImage, around: Points, shrink: float, wanted: Set[int], look: Look
) -> tuple[CornerMark, ...]:
    """Find these corner marks in the part of the picture that holds the points `around`, reduced by `shrink`."""
    height, width = image.grey.shape
    left, top = np.clip(np.floor(around.min(axis=0)), 0, (width, height)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(around.max(axis=0)), 0, (width, height)).astype(int).tolist()
    if right - left < 16 or bottom - top < 16:
        return ()
    small, times, origin = shrunk_part(image, (left, top, right, bottom), shrink)
    found = _marks_seen(look(np.ascontiguousarray(small)), wanted)
    return tuple(CornerMark(mark.id, enlarged(mark.corners, times, origin)) for mark in found)


def _quick_look(small: Grey) -> Iterable[Sequence[CornerMark]]:
    yield find_corner_marks_quickly(small)


def _every_look(small: Grey) -> Iterable[Sequence[CornerMark]]:
    """What a quick look shows, and a thorough one, also with the picture mended: each when it is asked for."""
    return chain(_quick_look(small), map(find_corner_marks, mended(small)))


def _marks_seen(looks: Iterable[Sequence[CornerMark]], wanted: Set[int]) -> Sequence[CornerMark]:
    """The wanted marks as the first look shows them that shows them all."""
    best: Sequence[CornerMark] = ()
    for marks in looks:
        best = max(best, [mark for mark in marks if mark.id in wanted], key=len)
        if {mark.id for mark in best} == wanted:
            break
    return best


def _fit(marks: Sequence[CornerMark], codes: Sequence[FoundCode], layout: PageLayout, rough: Matrix) -> Matrix:
    """The homography that the landmarks support: perspective only where they surround the page or demand it.

    A perspective drawn from three corners may swing wildly at the fourth, so a parallelogram is fitted there
    unless it is plainly wrong, which means a photograph.
    """
    if not marks:
        return rough
    printed = {code.id: box_corners(code.box) for code in layout.codes if code.kind == "aruco"}
    mm = np.vstack([printed[mark.id] for mark in marks])
    px = np.vstack([mark.corners for mark in marks])
    if len(marks) < len(printed):
        seen_mm, seen_px = _code_points(codes, layout, rough)
        mm, px = np.vstack([mm, seen_mm]), np.vstack([px, seen_px])
        flat = affinity(mm, px)
        askew = float(errors(flat, mm, px).max()) / local_scale(flat, layout.codes[0].box.centre)
        if askew <= _MOST_ASKEW_MM:
            return flat
    homography, _ = cv2.findHomography(mm, px)
    return rough if homography is None else np.asarray(homography, dtype=np.float64)


def _code_points(codes: Sequence[FoundCode], layout: PageLayout, rough: Matrix) -> tuple[Points, Points]:
    """The corners of the square codes found, in mm and in pixels; each is the printed one it lies nearest to."""
    printed = [box_corners(code.box) for code in layout.codes if code.kind == "qr"]
    if not codes:
        return np.empty((0, 2)), np.empty((0, 2))
    nearest = [
        min(printed, key=lambda corners: float(np.linalg.norm(mapped(rough, corners) - code.corners))) for code in codes
    ]
    return np.vstack(nearest), np.vstack([code.corners for code in codes])


def _holds_another_sheet(page: IdentifiedPage, homography: Matrix, paper_mm: tuple[float, float]) -> bool:
    """Whether the picture is much larger than our paper and another page code lies in the rest of it."""
    corners = mapped(homography, paper_corners(paper_mm)).astype(np.float32)
    if page.searched or cv2.contourArea(corners) >= _REST_FOR_ANOTHER_SHEET * page.image.grey.size:
        return False
    found = find_codes(page.image.grey)
    return any(
        each.code != page.code or cv2.pointPolygonTest(corners, tuple(map(float, each.corners.mean(axis=0))), False) < 0
        for each in found
    )
