"""Every millimetre is found where it lies, or the page is refused: never a box read in the wrong place."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_pages import PX_PER_MM, identified, printed, registered, scanned, spoilt
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.form.layout import Box, PageLayout
from pipeline.page.frames import place_fields
from pipeline.page.image import PageImage
from pipeline.page.plane import box_corners, grey_below, greys_below, local_scale, mapped
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.register import RegisteredPage, crop, register
from pipeline.practice.scanner import Scanner, ordinary_scanner, phone

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def placed_by_hand(page: np.ndarray, *, turn: float, scale: float, askew: float, seed: int) -> tuple[PageImage, Matrix]:
    """A scan whose homography from millimetres to pixels is known."""
    rng = np.random.default_rng(seed)
    height, width = page.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    middle = corners.mean(axis=0)
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    seen = (corners - middle) @ rotation * scale + middle + askew * width * rng.uniform(-1, 1, (4, 2))
    to_scan = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    grey = cv2.warpPerspective(page, to_scan, (width, height), flags=cv2.INTER_AREA, borderValue=240)
    noisy = np.clip(grey + rng.normal(0, 3, grey.shape), 0, 255).astype(np.uint8)
    # Pixel centres are whole numbers, so millimetre 0 lies half a pixel before pixel 0.
    to_pixels = np.array([[PX_PER_MM, 0, -0.5], [0, PX_PER_MM, -0.5], [0, 0, 1.0]])
    return PageImage(noisy, (300.0, 300.0), False), to_scan @ to_pixels


def errors_mm(page: RegisteredPage, truth: Matrix) -> np.ndarray:
    """How far each field's frame is from where it truly lies, in mm."""
    found = np.array([page.to_pixels(box_corners(each.box)).mean(axis=0) for each in page.fields])
    meant = np.array([mapped(truth, box_corners(each.field.box)).mean(axis=0) for each in page.fields])
    return np.linalg.norm(found - meant, axis=1) / local_scale(truth, (105.0, 148.0))


@pytest.mark.parametrize(("turn", "scale", "askew"), [(0, 1, 0), (2.9, 0.95, 0), (-2, 1.0, 0.004), (181, 0.97, 0)])
def test_frames_are_found_to_a_few_hundredths_of_a_millimetre(turn: float, scale: float, askew: float) -> None:
    copy = printed()
    off = []
    for number, page in enumerate(copy.pages):
        image, truth = placed_by_hand(page, turn=turn, scale=scale, askew=askew, seed=number)
        if copy.layout.pages[number].fields:
            off.append(errors_mm(registered(copy, image), truth))
    every = np.concatenate(off)
    print(f"\nturn {turn}: mean {every.mean():.3f} mm, worst {every.max():.3f} mm of {len(every)}")
    assert every.mean() < 0.06
    assert every.max() < 0.3


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_any_ordinary_scan_is_registered_with_every_frame_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    copy = printed()
    page = registered(copy, scanned(copy.pages[0], ordinary_scanner(rng, int(rng.choice((200, 300)))), seed))
    assert page.quality.frame_score > 0.7
    assert all(each.found for each in page.fields)


@pytest.mark.parametrize("moved", [(0.9, 0.0), (-1.2, 0.3), (0.0, 2.4)])
def test_no_frame_is_taken_for_its_neighbour(moved: tuple[float, float]) -> None:
    """Where the corner marks place the paper so many mm off, a box 1 mm from the next one is still itself."""
    copy = printed()
    number = next(nth for nth, page in enumerate(copy.layout.pages) if page.fields[0].kind == "character")
    image, truth = placed_by_hand(copy.pages[number], turn=1, scale=1, askew=0, seed=number)
    astray = truth @ np.array([[1, 0, moved[0]], [0, 1, moved[1]], [0, 0, 1.0]])
    for each in place_fields(image, copy.layout.pages[number].fields, astray):
        off = np.subtract(each.box.centre, each.field.box.centre) + moved
        assert np.hypot(*off) < 0.2, each


@pytest.mark.parametrize("missing", range(4))
def test_three_of_four_corner_marks_will_do(missing: int) -> None:
    copy = printed()
    corner = [code for code in copy.layout.pages[0].codes if code.kind == "aruco"][missing]
    page = registered(copy, scanned(spoilt(copy.pages[0], corner.box), Scanner(turn=-1.5)))
    assert page.quality.corner_marks == 3
    assert page.quality.frame_score > 0.8


def test_without_any_corner_mark_two_codes_will_do() -> None:
    copy = printed()
    page = copy.pages[0]
    for code in copy.layout.pages[0].codes:
        page = spoilt(page, code.box) if code.kind == "aruco" else page
    found = registered(copy, scanned(page, Scanner(turn=1)))
    assert found.quality.corner_marks == 0
    assert found.quality.frame_score > 0.8


@pytest.mark.parametrize("seed", range(5))
def test_a_photograph_is_registered(seed: int) -> None:
    copy = printed()
    page = registered(copy, scanned(copy.pages[0], phone(np.random.default_rng(seed)), seed))
    assert page.quality.frame_score > 0.7


def test_uneven_feeding_is_followed() -> None:
    copy = printed()
    page = registered(copy, scanned(copy.pages[0], Scanner(stretch=1.5)))
    moved = [abs(each.box.y - each.field.box.y) for each in page.fields]
    assert max(moved) > 0.3, "the paper moved under these boxes"
    assert all(each.found for each in page.fields)


def test_quality_tells_what_was_measured() -> None:
    copy = printed()
    page = registered(copy, scanned(copy.pages[0], Scanner(dpi=200, turn=-2, scale=0.95, upside_down=True)))
    assert page.quality.dpi == pytest.approx(190, abs=1)
    assert page.quality.scale_percent == pytest.approx(95, abs=0.5)
    assert page.quality.skew_degrees == pytest.approx(-2, abs=0.1)
    assert page.quality.turned == 2
    assert page.quality.codes == 2


def test_a_crop_is_upright_whichever_way_the_page_lay() -> None:
    copy = printed()
    around = copy.layout.pages[0].fields[0].box.grown(2)
    upright = crop(registered(copy, scanned(copy.pages[0])), around, 8)
    turned = crop(registered(copy, scanned(copy.pages[0], Scanner(upside_down=True))), around, 8)
    difference = cv2.absdiff(cv2.GaussianBlur(upright, (0, 0), 1), cv2.GaussianBlur(turned, (0, 0), 1))
    assert difference.mean() < 4


def moved_fields(layout: PageLayout, by: float) -> PageLayout:
    """The layout of some other page: the same corner marks and codes, every field elsewhere."""
    fields = (
        replace(field, box=Box(field.box.x + by, field.box.y + by, field.box.w, field.box.h)) for field in layout.fields
    )
    return replace(layout, fields=tuple(fields))


@pytest.mark.parametrize("by", [-11.0, 8.0, 23.0])
def test_a_page_whose_boxes_are_elsewhere_is_refused(by: float) -> None:
    copy = printed()
    page = identified(scanned(copy.pages[0]))
    found = register(page, moved_fields(copy.layout.pages[0], by), copy.layout.paper_mm)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.UNSURE_WHERE


def test_a_coarse_picture_is_refused() -> None:
    copy = printed()
    image = scanned(copy.pages[0], Scanner(noise=1))
    coarse = replace(image, grey=cv2.resize(image.grey, None, fx=0.28, fy=0.28, interpolation=cv2.INTER_AREA), dpi=None)
    found = register(identified(coarse), copy.layout.pages[0], copy.layout.paper_mm)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TOO_COARSE


def test_a_second_sheet_beside_the_first_is_noticed() -> None:
    copy, other = printed(), printed(number=7_654_321).pages[0]
    beside = np.full_like(other, 255)
    down = round(0.4 * len(other))
    beside[down:] = other[: len(other) - down]
    page = identified(scanned(np.hstack([copy.pages[0], beside])))
    found = register(page, copy.layout.pages[0], copy.layout.paper_mm)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TWO_SHEETS


def test_greys_counted_together_are_those_counted_one_by_one() -> None:
    chance = np.random.default_rng(3)
    for share in (0.0, 0.5, 0.75, 0.9, 1.0):
        pictures = chance.integers(0, chance.integers(2, 257), (int(chance.integers(1, 20)), 31, 17), dtype=np.uint8)
        assert greys_below(pictures, share).tolist() == [grey_below(each, share) for each in pictures]
