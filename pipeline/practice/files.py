"""The files that scanners and phones send, in all the ways they are put together."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
"""A page as scanned: (height, width) grey, or (height, width, 3) red, green, blue."""

Resolution = tuple[float, float]
"""Dots per inch across and down."""

Pack = Callable[[Sequence[Picture], Resolution, int], bytes]
"""Makes one file of the pages, given their resolution and the quality of JPEGs."""

_POINTS_PER_INCH = 72
_STRIP_LINES = 256
"""Lines in each strip of a page cut into pictures: what scanners with little memory send."""

_SEEN_ROTATION = 90
_EXIF_ORIENTATION = 0x0112
_EXIF_TURN_RIGHT = 6
"""The picture is to be turned a quarter clockwise to be upright (EXIF 2.32): a phone held on its side."""


def pdf(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a PDF of one JPEG a page, as office scanners make."""
    return _pdf([[_Placed(page, 0.0)] for page in pages], dpi, quality)


def pdf_in_strips(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a PDF whose pages are cut into strips, each a picture of its own."""
    strips = [
        [_Placed(page[top : top + _STRIP_LINES], top / dpi[1]) for top in range(0, len(page), _STRIP_LINES)]
        for page in pages
    ]
    return _pdf(strips, dpi, quality)


def pdf_with_text(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a PDF with words hidden behind each picture, as scanners that read themselves leave."""
    return _pdf([[_Placed(page, 0.0)] for page in pages], dpi, quality, hidden="Your answers are counted")


def pdf_turned(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a PDF whose pictures lie on their side, and whose pages say that they are to be turned."""
    lying = [np.ascontiguousarray(np.rot90(page)) for page in pages]
    return _pdf([[_Placed(page, 0.0)] for page in lying], dpi[::-1], quality, rotate=_SEEN_ROTATION)


def tiff_lzw(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a TIFF of all pages, packed without loss."""
    return _saved([Image.fromarray(page) for page in pages], "TIFF", dpi=dpi, compression="tiff_lzw")


def tiff_jpeg(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a TIFF of all pages, packed as JPEG."""
    images = [Image.fromarray(page) for page in pages]
    return _saved(images, "TIFF", dpi=dpi, compression="jpeg", quality=quality)


def tiff_g4(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a black-and-white TIFF of all pages, packed as fax machines do (CCITT G4)."""
    return _saved(list(_bitonal(pages)), "TIFF", dpi=dpi, compression="group4")


def jpeg(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a JPEG of the one page."""
    return _saved([Image.fromarray(pages[0])], "JPEG", dpi=dpi, quality=quality)


def photo(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a JPEG as a phone held on its side sends it: no word of resolution, and how it is to be turned."""
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(pages[0])))
    exif = Image.Exif()
    exif[_EXIF_ORIENTATION] = _EXIF_TURN_RIGHT
    return _saved([lying], "JPEG", quality=quality, exif=exif)


def png(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a PNG of the one page."""
    return _saved([Image.fromarray(pages[0])], "PNG", dpi=dpi, compress_level=1)


def png_bitonal(pages: Sequence[Picture], dpi: Resolution, quality: int) -> bytes:
    """Return a PNG of the one page, one bit a pixel."""
    return _saved(list(_bitonal(pages[:1])), "PNG", dpi=dpi)


class _Placed:
    """A picture and how far its upper edge lies below the page's, in inches."""

    def __init__(self, picture: Picture, top: float) -> None:
        self.picture = picture
        self.top = top


def _pdf(
    pages: Sequence[Sequence[_Placed]], dpi: Resolution, quality: int, *, hidden: str = "", rotate: int = 0
) -> bytes:
    document = pikepdf.new()
    for pieces in pages:
        width = pieces[0].picture.shape[1] / dpi[0] * _POINTS_PER_INCH
        height = sum(piece.picture.shape[0] for piece in pieces) / dpi[1] * _POINTS_PER_INCH
        page = document.add_blank_page(page_size=(width, height))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary())
        drawn = []
        for number, piece in enumerate(pieces):
            name = f"/Im{number}"
            page.Resources.XObject[name] = _image(document, piece.picture, quality)
            tall = piece.picture.shape[0] / dpi[1] * _POINTS_PER_INCH
            bottom = height - piece.top * _POINTS_PER_INCH - tall
            drawn.append(f"q {width:.4f} 0 0 {tall:.4f} 0 {bottom:.4f} cm {name} Do Q")
        if hidden:
            page.Resources.Font = pikepdf.Dictionary(F0=_helvetica())
            drawn.append(f"BT /F0 10 Tf 3 Tr 72 {height - 72:.1f} Td ({hidden}) Tj ET")
        if rotate:
            page.Rotate = rotate
        page.Contents = document.make_stream("\n".join(drawn).encode())
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def _helvetica() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)


def _image(document: pikepdf.Pdf, picture: Picture, quality: int) -> pikepdf.Stream:
    return document.make_stream(
        _coded(picture, quality),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.shape[1],
        Height=picture.shape[0],
        ColorSpace=pikepdf.Name.DeviceGray if picture.ndim == 2 else pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )


def _coded(picture: Picture, quality: int) -> bytes:
    stored = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _bitonal(pages: Sequence[Picture]) -> Iterator[Image.Image]:
    """Black and white, as the pages are already."""
    return (Image.fromarray(np.asarray(page > 127)) for page in pages)


def _saved(images: Sequence[Image.Image], kind: str, **options: object) -> bytes:
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
    out = io.BytesIO()
    images[0].save(out, kind, **options)
    return out.getvalue()
