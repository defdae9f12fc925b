"""A scanned file becomes grey pages: what kind of file it is, whether it is whole, and page by page its picture.

A file is known by its first bytes, never by its name. What the headers promise is checked against limits before
anything is decoded, and whether all of it arrived before anything is believed: a page that lost bytes is set aside,
never read as blank. Decoders can still hang or crash on a file made to do so; run all this in a worker process
(`pipeline.inbox.workers`).
"""

import warnings
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Final, TypeVar

from pikepdf import PikepdfError
from PIL import UnidentifiedImageError
from PIL.Image import DecompressionBombError
from pypdfium2 import PdfiumError

from pipeline.inbox.trouble import OpeningError, Reason, SetAside
from pipeline.page import jpeg, pdf, png, tiff
from pipeline.page.content import Content, FileFacts, Kind
from pipeline.page.picture import PageImage

__all__ = ["MAX_PAGES", "OpenFile", "PageImage", "Reason", "SetAside", "inspect", "open_page"]

Opened = TypeVar("Opened")

MAX_PAGES: Final = 2000
"""Pages in one file: two reams, both sides, as much as a production scanner takes at a time. More is a mistake or an
attack."""

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


_PIECE: Final = 1 << 16
"""Bytes looked at together in search of anything but zeros."""


class OpenFile:
    """A file laid open, whose pages are taken out one by one: what opening it costs is paid once, not for each page.

    A page that cannot be had closes what is open, so that whatever a library kept of a damaged object is not
    taken for sound by the next page.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._pdf: pdf.OpenPdf | None = None

    def page(self, index: int) -> PageImage | SetAside:
        """Page `index` (from 0) in grey, or why it is set aside. Checks the page anew and needs no `inspect`."""
        return self._closed_if_trouble(_or_trouble(partial(self._picture, index)))

    def half(self, index: int) -> PageImage | SetAside | None:
        """The same page at half its size and resolution, decoded so; None where it cannot be, or is too coarse for it.

        Where it can be had, so can the whole page, and the other way round.
        """
        return self._closed_if_trouble(_or_trouble(partial(self._half, index)))

    def close(self) -> None:
        """Let go of the file; the next page opens it again."""
        if self._pdf is not None:
            self._pdf.close()
            self._pdf = None

    def _closed_if_trouble(self, opened: Opened | SetAside) -> Opened | SetAside:
        if isinstance(opened, SetAside):
            self.close()
        return opened

    def _picture(self, index: int) -> PageImage:
        kind = _kind(self._content)
        if kind is Kind.PDF:
            return self._laid_open().page(index)
        if kind is Kind.TIFF:
            return tiff.open_page(self._content, index)
        if index != 0:
            raise OpeningError(Reason.NO_PAGES, f"a {kind} has no page {index}")
        return jpeg.open_page(self._content[:]) if kind is Kind.JPEG else png.open_page(self._content[:])

    def _half(self, index: int) -> PageImage | None:
        kind = _kind(self._content)
        if kind is Kind.PDF:
            return self._laid_open().half(index)
        return jpeg.open_half(self._content[:]) if kind is Kind.JPEG and index == 0 else None

    def _laid_open(self) -> pdf.OpenPdf:
        self._pdf = self._pdf or pdf.OpenPdf(self._content)
        return self._pdf


def open_page(content: Content, index: int) -> PageImage | SetAside:
    """Page `index` (from 0) in grey, or why it is set aside, where no other page of the file is wanted."""
    with closing(OpenFile(content)) as file:
        return file.page(index)


def inspect(content: Content) -> FileFacts | SetAside:
    """What the file holds, or why it is set aside: wrong kind, locked, cut short, damaged, too much of it."""
    facts = _or_trouble(partial(_facts, content))
    if isinstance(facts, SetAside):
        return facts
    if facts.pages == 0:
        return SetAside(Reason.NO_PAGES, f"a {facts.kind} without pages")
    if facts.pages > MAX_PAGES:
        return SetAside(Reason.TOO_MANY_PAGES, f"{facts.pages} pages")
    return facts


def _or_trouble(opened: Callable[[], Opened]) -> Opened | SetAside:
    """What is opened, or why that cannot be done."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of odd notes beside the picture; the picture is checked here
            return opened()
    except OpeningError as trouble:
        return SetAside(trouble.reason, trouble.detail)
    except _DECODER_FAULTS as fault:
        return SetAside(Reason.UNREADABLE, f"{type(fault).__name__}: {fault}")


def _facts(content: Content) -> FileFacts:
    kind = _kind(content)
    match kind:
        case Kind.PDF:
            return FileFacts(kind, *pdf.check_complete(content))
        case Kind.TIFF:
            return FileFacts(kind, tiff.check_complete(content))
        case Kind.JPEG:
            jpeg.check_complete(content[:])
        case Kind.PNG:
            png.check_complete(content[:])
    return FileFacts(kind, 1)


def _kind(content: Content) -> Kind:
    """The kind of file by its first bytes. Raises OpeningError for any other kind, and for nothing at all."""
    if not len(content):
        raise OpeningError(Reason.EMPTY, "no bytes")
    if not any(any(content[at : at + _PIECE]) for at in range(0, len(content), _PIECE)):
        raise OpeningError(Reason.CUT_SHORT, "nothing but zero bytes: the file was made but never filled")
    start = content[: pdf.START_WITHIN]
    if start.startswith(jpeg.START):
        return Kind.JPEG
    if start.startswith(png.START):
        return Kind.PNG
    if start.startswith(tiff.STARTS):
        return Kind.TIFF
    if pdf.START in start:
        return Kind.PDF
    raise OpeningError(Reason.WRONG_TYPE, _foreign_kind(start))


def _foreign_kind(start: bytes) -> str:
    """A name for a file we do not read, from its first bytes."""
    if start[4:8] == b"ftyp":
        return "a HEIC or AVIF photo, or a film"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "a WebP picture"
    for known, name in _FOREIGN_STARTS.items():
        if start.startswith(known):
            return name
    return f"an unknown kind of file that begins with {start[:8]!r}"
