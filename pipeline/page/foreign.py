"""Which page of a form made elsewhere a picture shows, whichever way up: its print recognised by features.

Nothing on such a page says which it is. Its features are compared with those of every such page known here, and one
page must win clearly; then nearly all that is printed on the blank must be seen in the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pipeline.form.layout import Box, Layout, PageLayout
from pipeline.page.identify import px_per_mm
from pipeline.page.known import Blank, KnownPaper
from pipeline.page.picture import MM_PER_INCH, PageImage
from pipeline.page.plane import Matrix, cut, mapped, paper_corners
from pipeline.page.print_seen import FEATURES_PX_PER_MM, Features, at_scale, darkness_of, features_of, print_of
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.smaller import Points
from pipeline.page.speckle import without_speckle

_ALIKE = 0.8
"""A feature counts when its best match is closer than this share of its second best (Lowe, IJCV 2004)."""

_AGREE_MM = 1.0
"""Features agree with one placement of the paper when they lie within this of where it puts them."""

_STRONGEST, _WORTH_PLACING = 500, 0.5
"""Every blank is compared with a picture by its strongest features first, and by all of them only where at least this
share of the most are found alike. The right page has had 1.3 times as many as any other, and more."""

_PAGES_HELD = 256
"""Pages whose features are kept at hand, 0.1 MB each."""

_FEWEST_FEATURES = 30
"""Features that must agree: wrong pages have had up to 34, of print that forms share; right ones 60 and more."""

_CLEAR_WIN = 2.0
"""How many times more features the page has that agree than any other page."""

_AS_MANY = 0.9
"""Share of the most features from which two blanks of one page are the same picture."""

_STRETCH = 1.6
"""No side of the placed paper is so many times longer than another, each as a share of the paper's: a phone that leans
by 25 degrees gives 1.4."""

_LEAST_SEEN = 0.75
"""Share of a blank's print that must be seen where it should be. Wrong pages 0.1 to 0.4, right ones 0.85 and more."""

_SEEN_WITHIN_MM = 0.6
_SEEN_PX_PER_MM = 3.0
"""How near to its place print is looked for, before its place is known better, and at which scale."""

_PRINT, _INK = 100, 50
"""Darkness (of 255) of a blank's print that is looked for, and of what is taken for it in a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class ForeignPage:
    """A picture whose page is known: `page` of `layout`, as `blank` shows it.

    `homography` maps mm of the paper to pixels of `image`, right to about a millimetre.
    """

    image: PageImage
    layout: Layout
    page: PageLayout
    blank: Blank
    homography: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    page: ForeignPage
    agreeing: int


def recognise(image: PageImage, known: KnownPaper) -> ForeignPage | Refusal:
    """Say which page of a form made elsewhere a picture shows, and roughly where the paper lies in it."""
    candidates = list(_candidates(without_speckle(image), known))
    if max((each.agreeing for each in candidates), default=0) < _FEWEST_FEATURES:
        return Refusal(Reason.FOREIGN, "no form known here is printed like this")
    best = _newest_of_the_best(candidates)
    rival = max((each.agreeing for each in candidates if _which(each) != _which(best)), default=0)
    if best.agreeing < _CLEAR_WIN * rival:
        return Refusal(Reason.LOOK_ALIKES, "two forms known here are printed like this")
    seen = _print_seen(best.page)
    if seen < _LEAST_SEEN:
        return Refusal(Reason.FOREIGN, f"only {seen:.0%} of the print of the likeliest form is there")
    return best.page


def _newest_of_the_best(candidates: Sequence[_Candidate]) -> _Candidate:
    """The page with the most features that agree; of a form registered again, with its boxes put right, the newest."""
    best = max(candidates, key=lambda each: each.agreeing)
    alike = _AS_MANY * best.agreeing
    return next(each for each in candidates if _which(each) == _which(best) and each.agreeing >= alike)


def _which(candidate: _Candidate) -> tuple[str, int]:
    """The form and its page, in whatever version."""
    return candidate.page.layout.form, candidate.page.page.number


def _candidates(image: PageImage, known: KnownPaper) -> Iterator[_Candidate]:
    """Every known page that the picture may show, the forms registered last first."""
    across, down = _px_per_mm(image)
    shrink = FEATURES_PX_PER_MM / across, FEATURES_PX_PER_MM / down
    small = cv2.resize(image.grey, None, fx=shrink[0], fy=shrink[1], interpolation=cv2.INTER_AREA)
    seen = features_of(darkness_of(np.asarray(small, dtype=np.uint8), FEATURES_PX_PER_MM))
    to_pixels = np.array([[across, 0.0, -0.5], [0.0, down, -0.5], [0.0, 0.0, 1.0]])
    for layout, page in _worth_placing(known, seen):
        placed = _place(_features(known, layout.id, page.number), seen, layout.paper_mm)
        if placed is not None:
            blank = known.blanks[layout.id, page.number]
            yield _Candidate(ForeignPage(image, layout, page, blank, to_pixels @ placed[0]), placed[1])


def _worth_placing(known: KnownPaper, seen: Features) -> list[tuple[Layout, PageLayout]]:
    """The known pages that may be the one seen, by their strongest features alone: a fifth of the work of placing."""
    pages = [(known.layouts[name], page) for name in known.fixed for page in known.layouts[name].pages]
    strongest = (_features(known, layout.id, page.number).strongest(_STRONGEST) for layout, page in pages)
    alike = [len(_matched(features, seen)[0]) for features in strongest]
    enough = _WORTH_PLACING * max(alike, default=0)
    return [each for each, count in zip(pages, alike, strict=True) if count >= enough]


@lru_cache(_PAGES_HELD)
def _features(known: KnownPaper, layout: str, page: int) -> Features:
    """The features of a blank page."""
    return features_of(at_scale(print_of(known.blanks[layout, page]), FEATURES_PX_PER_MM))


def _px_per_mm(image: PageImage) -> tuple[float, float]:
    """Pixels per millimetre across and down; the lines of a fax lie twice as far apart as its dots."""
    if image.dpi is None:
        return px_per_mm(image), px_per_mm(image)
    return image.dpi[0] / MM_PER_INCH, image.dpi[1] / MM_PER_INCH


def _place(blank: Features, seen: Features, paper_mm: tuple[float, float]) -> tuple[Matrix, int] | None:
    """Place the paper in the picture, both in mm, and say how many features agree; None where there is no place."""
    mm, picture_mm = _matched(blank, seen)
    if len(mm) < _FEWEST_FEATURES:
        return None
    homography, agree = cv2.findHomography(mm, picture_mm, cv2.USAC_MAGSAC, _AGREE_MM)
    if homography is None:
        return None
    placed = np.asarray(homography, dtype=np.float64)
    corners = mapped(placed, paper_corners(paper_mm))
    return (placed, int(agree.sum())) if _looks_like_paper(corners, paper_mm) else None


def _matched(blank: Features, seen: Features) -> tuple[Points, Points]:
    """The points of features that look alike on the blank and in the picture."""
    if min(len(blank.points), len(seen.points)) < _FEWEST_FEATURES:
        return np.zeros((0, 2)), np.zeros((0, 2))
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(blank.looks, seen.looks, 2)
    alike = [best for best, second in pairs if best.distance < _ALIKE * second.distance]
    chosen = [each.queryIdx for each in alike], [each.trainIdx for each in alike]
    return blank.points[chosen[0]], seen.points[chosen[1]]


def _looks_like_paper(corners: Points, paper_mm: tuple[float, float]) -> bool:
    """Whether the corners, top-left first and clockwise, are those of one sheet, seen from its front."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1) / np.array([*paper_mm, *paper_mm])
    faces_us = cv2.contourArea(corners.astype(np.float32), oriented=True) > 0
    is_flat = float(sides.max()) <= _STRETCH * float(sides.min())
    return bool(faces_us and is_flat and cv2.isContourConvex(corners.astype(np.float32)))


def _print_seen(page: ForeignPage) -> float:
    """The share of the blank's print near whose place something dark is in the picture."""
    seen = cut(page.image.grey, page.homography, Box(0.0, 0.0, *page.layout.paper_mm), _SEEN_PX_PER_MM)
    blank = print_of(page.blank).darkness
    wanted = cv2.resize(blank, seen.shape[::-1], interpolation=cv2.INTER_AREA) > _PRINT
    reach = 2 * round(_SEEN_WITHIN_MM * _SEEN_PX_PER_MM) + 1
    dark = cv2.dilate(darkness_of(seen, _SEEN_PX_PER_MM), np.ones((reach, reach), np.uint8)) > _INK
    return float(np.count_nonzero(wanted & dark)) / max(1, int(np.count_nonzero(wanted)))
