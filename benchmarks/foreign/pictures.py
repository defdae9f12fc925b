"""Pictures of pages as the reader opens them, and the damage laid over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.inbox.trouble import SetAside
from pipeline.page.image import inspect, open_page
from pipeline.page.picture import PageImage

Grey = NDArray[np.uint8]


def pages_of(path: Path) -> list[PageImage]:
    """Return every page of a file."""
    data = path.read_bytes()
    facts = inspect(data)
    assert not isinstance(facts, SetAside), f"{path.name} cannot be opened: {facts}"
    pages = [open_page(data, index) for index in range(facts.pages)]
    return [page for page in pages if isinstance(page, PageImage)]


def _turned_5_degrees(image: PageImage, chance: np.random.Generator) -> PageImage:
    height, width = image.grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(chance.choice([-5.0, 5.0])), 1.0)
    return replace(image, grey=cv2.warpAffine(image.grey, turn, (width, height), borderValue=255))


def _upside_down(image: PageImage, chance: np.random.Generator) -> PageImage:
    return replace(image, grey=cv2.rotate(image.grey, cv2.ROTATE_180))


def _grey_and_blurred(image: PageImage, chance: np.random.Generator) -> PageImage:
    """Grey paper at 70 % of white, print at 20 %, blurred with sigma 0.15 mm, and sensor noise."""
    soft = cv2.GaussianBlur(image.grey, (0, 0), 1.8).astype(np.float32)
    noise = chance.normal(0.0, 4.0, soft.shape).astype(np.float32)
    return replace(image, grey=np.clip(50.0 + soft * 0.5 + noise, 0, 255).astype(np.uint8), bitonal=False)


def _in_perspective(image: PageImage, chance: np.random.Generator) -> PageImage:
    """Each corner drawn in by up to 2 % of the page."""
    height, width = image.grey.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float32) * (width, height) * np.float32(0.02)
    moved = corners + inwards * chance.uniform(0.0, 1.0, (4, 2)).astype(np.float32)
    seen = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return replace(image, grey=cv2.warpPerspective(image.grey, seen, (width, height), borderValue=255))


def _speckled(image: PageImage, chance: np.random.Generator) -> PageImage:
    """Two pixels in a hundred turned black or white."""
    grey = image.grey.copy()
    spots = chance.random(grey.shape) < 0.02
    grey[spots] = chance.choice(np.array([0, 255], np.uint8), int(spots.sum()))
    return replace(image, grey=grey)


def _at_half_resolution(image: PageImage, chance: np.random.Generator) -> PageImage:
    """Half as many pixels; a bitonal scan stays bitonal."""
    half = cv2.resize(image.grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if image.bitonal:
        half = np.where(half < 128, 0, 255).astype(np.uint8)
    dpi = None if image.dpi is None else (image.dpi[0] / 2, image.dpi[1] / 2)
    return replace(image, grey=np.asarray(half, dtype=np.uint8), dpi=dpi)


def _as_it_is(image: PageImage, chance: np.random.Generator) -> PageImage:
    return image


Damage = Callable[[PageImage, np.random.Generator], PageImage]

DAMAGES: dict[str, Damage] = {
    "as it is": _as_it_is,
    "turned by 5 degrees": _turned_5_degrees,
    "upside down": _upside_down,
    "grey paper, blurred": _grey_and_blurred,
    "2 % perspective": _in_perspective,
    "2 % speckle": _speckled,
    "half resolution": _at_half_resolution,
}
"""What is laid over every page, by name."""
