"""One picture of one page, and the few rules every file format shares on the way to it."""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pipeline.inbox.trouble import OpeningError, Reason

Grey = NDArray[np.uint8]
"""A grey picture or part of one: (height, width), 0 black to 255 white."""

MAX_PIXELS: Final = 89_000_000
"""Largest page we decode, in pixels: A3 at 600 dpi is 70 million. Pillow warns of a bomb just above this."""

PLAUSIBLE_SIDE_MM: Final = (40.0, 460.0)
"""Shortest and longest side of paper we believe in: a postcard's short side is 105, A3's long side is 420."""

MM_PER_INCH: Final = 25.4

SMALL_SIDE_PX: Final = 1000
"""Longer side of the picture kept of a page that was not read: at 85 dpi its print is just legible."""

_SMALL_QUALITY: Final = 70
"""Of JPEG: 60 to 120 kB a page."""

FINE_ENOUGH_TO_HALVE_DPI: Final = 260
"""Resolution from which boxes to tick are read as well at half of it: an A4 page scanned at 300 dpi, though it was
printed at 94 % of its size to fit a printer's margins, and a little more."""

_ORIENTATION: Final = 0x0112
_LYING_ON_ITS_SIDE: Final = range(5, 9)
"""Orientations in which width and height change places (EXIF 2.32 and TIFF 6.0, tag 274)."""


@dataclass(frozen=True)
class PageImage:
    """One page as the scanner saw it, upright as far as the file tells.

    `grey` is (height, width), 0 black to 255 white. `dpi` is (x, y) in dots per inch as the file says, None where
    the file says nothing or nonsense. `bitonal` is true where the file held only black and white. `streaks` are the
    columns (pixels) of lines down the picture that dust on the glass left, once they were looked for.
    """

    grey: Grey
    dpi: tuple[float, float] | None
    bitonal: bool
    streaks: tuple[float, ...] = ()

    @cached_property
    def half(self) -> Grey:
        """The picture at half its size, made once: at 300 dpi most steps look for what they seek on it."""
        return halved(self.grey)


def rows_in_place(grey: Grey) -> Grey:
    """Return a picture whose rows run through memory as OpenCV reads them, copied only where they do not.

    Room between one row and the next costs nothing.
    """
    return grey if grey.strides[1] == grey.itemsize and grey.strides[0] >= grey.shape[1] else np.ascontiguousarray(grey)


def halved(grey: Grey) -> Grey:
    """Each two by two pixels averaged; a last odd row or column is left out, of a picture more than one pixel high."""
    size = max(1, grey.shape[1] // 2), max(1, grey.shape[0] // 2)
    whole = grey[: 2 * size[1], : 2 * size[0]]  # two and a bit to one takes eight times as long
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def check_size(width: int, height: int) -> None:
    """Refuse a picture without pixels or with more than `MAX_PIXELS`, before anything is decoded."""
    if width <= 0 or height <= 0:
        raise OpeningError(Reason.UNREADABLE, f"the picture measures {width} by {height} pixels")
    if width * height > MAX_PIXELS:
        raise OpeningError(Reason.TOO_LARGE, f"the picture measures {width} by {height} pixels")


def is_fine_enough_to_halve(dpi: tuple[float, float] | None) -> bool:
    """Whether a picture may be read at half its size, if there are only boxes to tick on it."""
    return dpi is not None and min(dpi) >= FINE_ENOUGH_TO_HALVE_DPI


def plausible_dpi(dpi: tuple[float, float] | None, width: int, height: int) -> tuple[float, float] | None:
    """The stated resolution, or None if it would make the paper smaller or larger than paper is.

    Cameras write 72 dpi into a 12-megapixel photo, screenshots 25.4: taken at their word, a form a metre wide.
    """
    if dpi is None or not all(isfinite(each) and each > 0 for each in dpi):
        return None
    shortest, longest = PLAUSIBLE_SIDE_MM
    sides_mm = (width / dpi[0] * MM_PER_INCH, height / dpi[1] * MM_PER_INCH)
    return dpi if all(shortest <= side <= longest for side in sides_mm) else None


def small_picture(grey: Grey) -> bytes:
    """A JPEG of a page, its longer side at most `SMALL_SIDE_PX`, to show to a person who must know it again."""
    scale = min(1.0, SMALL_SIDE_PX / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _SMALL_QUALITY])[1])


def from_pillow(image: Image.Image) -> PageImage:
    """Decode an image opened by Pillow: turned as its orientation says, transparent parts white, 8-bit grey."""
    dpi = stated_dpi(image)
    if dpi is not None and image.getexif().get(_ORIENTATION, 1) in _LYING_ON_ITS_SIDE:
        dpi = dpi[::-1]
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return PageImage(_grey(image), plausible_dpi(dpi, *image.size), bitonal=image.mode == "1")


def stated_dpi(image: Image.Image) -> tuple[float, float] | None:
    """The resolution as Pillow read it from the file, unchecked."""
    dpi = image.info.get("dpi")
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    return float(dpi[0]), float(dpi[1])


def _grey(image: Image.Image) -> Grey:
    """(height, width) grey of a decoded Pillow image of any mode a scanner writes."""
    if image.mode.startswith("I"):
        return _sixteen_bits_to_eight(np.asarray(image))
    if image.mode == "F":
        raise OpeningError(Reason.UNREADABLE, "the picture holds floating-point numbers, not shades of grey")
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        paper = Image.new("L", image.size, 255)
        paper.paste(colours.convert("L"), mask=colours.getchannel("A"))
        return np.array(paper)
    if image.mode == "LAB":
        return np.array(image.getchannel("L"))
    return np.array(image.convert("L"))


def _sixteen_bits_to_eight(samples: NDArray[np.integer]) -> Grey:
    """The upper eight of sixteen bits."""
    if samples.size and (samples.min() < 0 or samples.max() > 0xFFFF):
        raise OpeningError(Reason.UNREADABLE, "the picture has more than 16 bits a pixel")
    return (samples >> 8).astype(np.uint8)
