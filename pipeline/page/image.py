"""A scanned file becomes grey pages: what kind of file it is, whether it is whole, and page by page its picture.

A file is known by its first bytes, never by its name. What the headers promise is checked against limits before
anything is decoded, and whether all of it arrived before anything is believed: a page that lost bytes is set aside,
never read as blank. Decoders can still hang or crash on a file made to do so; run these two functions in a worker
process (`pipeline.inbox.workers`).
"""

import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pikepdf import PikepdfError
from PIL import UnidentifiedImageError
from PIL.Image import DecompressionBombError
from pypdfium2 import PdfiumError

from pipeline.inbox.trouble import OpeningError, Reason, SetAside
from pipeline.page import jpeg, pdf, png, tiff
from pipeline.page.picture import PageImage

__all__ = ["MAX_PAGES", "FileFacts", "Kind", "PageImage", "Reason", "SetAside", "inspect", "open_page"]

MAX_PAGES: Final = 600
"""Pages in one file: a ream, both sides of three hundred sheets. More is a mistake or an attack."""

_DECODER_FAULTS: Final = (
    PikepdfError,
    PdfiumError,
    UnidentifiedImageError,
    DecompressionBombError,
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
"""What pikepdf, pdfium and Pillow raise on damaged files; all of these were seen. MemoryError is not among them."""

_FOREIGN_STARTS: Final = {
    b"BM": "a BMP picture",
    b"GIF8": "a GIF picture",
    b"8BPS": "a Photoshop picture",
    b"\x00\x00\x00\x0cjP": "a JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"\x0a\x05\x01": "a PCX picture",
    b"\x01\xda": "an SGI picture",
    b"DDS ": "a DDS picture",
    b"PK\x03\x04": "an Office document or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"{\\rtf": "a Rich Text document",
    b"%!PS": "a PostScript document",
    b"<": "a web page or XML",
}


_LEADING_ZEROS: Final = 64
"""Bytes looked at before the whole file is searched for anything but zeros."""


class Kind(StrEnum):
    """The four kinds of file that are read."""

    PDF = "pdf"
    TIFF = "tiff"
    JPEG = "jpeg"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a whole file holds: its kind and its number of pages."""

    kind: Kind
    pages: int


def inspect(data: bytes) -> FileFacts | SetAside:
    """What the file holds, or why it is set aside: wrong kind, locked, cut short, damaged, too much of it."""
    try:
        facts = _facts(data)
    except OpeningError as trouble:
        return SetAside(trouble.reason, trouble.detail)
    except _DECODER_FAULTS as fault:
        return SetAside(Reason.UNREADABLE, f"{type(fault).__name__}: {fault}")
    if facts.pages == 0:
        return SetAside(Reason.NO_PAGES, f"a {facts.kind} without pages")
    if facts.pages > MAX_PAGES:
        return SetAside(Reason.TOO_MANY_PAGES, f"{facts.pages} pages")
    return facts


def open_page(data: bytes, index: int) -> PageImage | SetAside:
    """Page `index` (from 0) in grey, or why it is set aside. Checks the page anew and needs no earlier `inspect`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of odd notes beside the picture; the picture is checked here
            return _picture(data, index)
    except OpeningError as trouble:
        return SetAside(trouble.reason, trouble.detail)
    except _DECODER_FAULTS as fault:
        return SetAside(Reason.UNREADABLE, f"{type(fault).__name__}: {fault}")


def _facts(data: bytes) -> FileFacts:
    kind = _kind(data)
    match kind:
        case Kind.PDF:
            return FileFacts(kind, pdf.check_complete(data))
        case Kind.TIFF:
            return FileFacts(kind, tiff.check_complete(data))
        case Kind.JPEG:
            jpeg.check_complete(data)
        case Kind.PNG:
            png.check_complete(data)
    return FileFacts(kind, 1)


def _picture(data: bytes, index: int) -> PageImage:
    kind = _kind(data)
    if kind is Kind.PDF:
        return pdf.open_page(data, index)
    if kind is Kind.TIFF:
        return tiff.open_page(data, index)
    if index != 0:
        raise OpeningError(Reason.NO_PAGES, f"a {kind} has no page {index}")
    return jpeg.open_page(data) if kind is Kind.JPEG else png.open_page(data)


def _kind(data: bytes) -> Kind:
    """The kind of file by its first bytes. Raises OpeningError for any other kind, and for nothing at all."""
    if not data:
        raise OpeningError(Reason.EMPTY, "no bytes")
    if not any(data[:_LEADING_ZEROS]) and not any(data):
        raise OpeningError(Reason.CUT_SHORT, "nothing but zero bytes: the file was made but never filled")
    if data.startswith(jpeg.START):
        return Kind.JPEG
    if data.startswith(png.START):
        return Kind.PNG
    if data.startswith(tiff.STARTS):
        return Kind.TIFF
    if pdf.START in data[: pdf.START_WITHIN]:
        return Kind.PDF
    raise OpeningError(Reason.WRONG_TYPE, _foreign_kind(data))


def _foreign_kind(data: bytes) -> str:
    """A name for a file we do not read, from its first bytes."""
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF photo, or a film"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a WebP picture"
    for start, name in _FOREIGN_STARTS.items():
        if data.startswith(start):
            return name
    return f"an unknown kind of file that begins with {data[:8]!r}"
