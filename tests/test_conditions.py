"""Every condition of scanning sends a file that opens, and tells truly where everything on the paper came to lie."""

import numpy as np
import pytest
from drawn_pages import printed

from pipeline.form.layout import Layout
from pipeline.page.content import FileFacts
from pipeline.page.image import inspect, open_page
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.page.plane import box_corners, mapped
from pipeline.practice import placement
from pipeline.practice.conditions import CONDITIONS, Condition, Returned, send
from pipeline.practice.pens import Grey
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import PageReading

BY_NAME = {condition.name: condition for condition in CONDITIONS}
PAGE = 2
"""The page of the form that is sent, from 0: 25 boxes, and a comment."""


def sent(condition: Condition, seed: int = 0) -> tuple[Layout, Grey, Returned]:
    copy = printed()
    page, layout = copy.pages[PAGE], copy.layout
    rng = np.random.default_rng(seed)
    return layout, page, send(condition, page, page, layout.pages[PAGE], layout.paper_mm, rng)


def test_no_two_conditions_have_one_name() -> None:
    assert len(BY_NAME) == len(CONDITIONS)


@pytest.mark.parametrize(
    "name",
    [
        "typical",
        "fax-standard",
        "phone-8-tilted",
        "phone-12-tilted",
        "colour-jpeg",
        "bitonal-300-g4",
        "pdf-in-strips",
        "pdf-turned",
        "tiff-jpeg",
        "photocopied-twice",
        "a4-on-letter-glass",
        "sideways",
        "torn-corner",
    ],
)
def test_everything_lies_where_the_truth_says(name: str) -> None:
    layout, _, returned = sent(BY_NAME[name])
    facts = inspect(returned.data)
    assert isinstance(facts, FileFacts)
    assert facts.pages == returned.pages
    image = open_page(returned.data, 0)
    assert isinstance(image, PageImage)
    read = read_image(image, KnownPaper({layout.id: layout}))
    assert isinstance(read, PageReading), read
    fields = [field for field in layout.pages[PAGE].fields if field.kind == "mark"]
    drawn_as = np.array(image.grey.shape[::-1]) / np.array(returned.taken.grey.shape[::-1])
    true = (returned.taken.to_pixels(np.array([field.box.centre for field in fields])) + 0.5) * drawn_as - 0.5
    homography = np.array(read.homography).reshape(3, 3)
    found = np.array([mark.box.centre for mark in read.marks])
    assert np.linalg.norm(mapped(np.linalg.inv(homography), true) - found, axis=1).max() < 0.2


@pytest.mark.parametrize("name", ["clean", "phone-8-tilted", "fax-standard", "stress-5-degrees"])
def test_the_same_seed_sends_the_same_file(name: str) -> None:
    assert sent(BY_NAME[name])[2].data == sent(BY_NAME[name])[2].data


@pytest.mark.parametrize("towards", [0.0, 90.0, 215.0])
def test_a_tilted_camera_sees_the_near_side_larger_and_the_whole_sheet(towards: float) -> None:
    paper = np.array([(-105.0, -148.5), (105.0, -148.5), (105.0, 148.5), (-105.0, 148.5)])
    seen = placement.in_view(placement.tilted(paper, 25.0, towards), (240.0, 320.0))
    assert np.abs(seen).max(axis=0).tolist() <= [120.0, 160.0]
    sides = np.linalg.norm(seen - np.roll(seen, 1, axis=0), axis=1) / np.linalg.norm(
        paper - np.roll(paper, 1, axis=0), axis=1
    )
    assert sides.max() / sides.min() > 1.15


def test_a_coloured_scan_is_as_dark_as_a_grey_one() -> None:
    _, _, returned = sent(BY_NAME["colour"])
    image = open_page(returned.data, 0)
    assert isinstance(image, PageImage)
    middle = returned.taken.to_pixels(box_corners(printed().layout.pages[PAGE].codes[0].box)).mean(axis=0)
    x, y = middle.astype(int).tolist()
    around = np.s_[y - 80 : y + 80, x - 80 : x + 80]
    assert abs(float(image.grey[around].mean()) - float(returned.taken.grey[around].mean())) < 2
