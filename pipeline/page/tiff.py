"""TIFF: the directories of its pages, whether every strip is all there, and one grey page.

The directories are read here before any decoder sees the file, and with limits: Pillow follows a loop of directories
or fifty thousand of them, and libtiff decodes a strip that ends half-way without a word. Source: TIFF 6.0; BigTIFF.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

from PIL import Image

from pipeline.inbox.trouble import OpeningError, Reason
from pipeline.page import jpeg
from pipeline.page.ccitt import FaxStrip, check_rows
from pipeline.page.content import Content, as_file
from pipeline.page.picture import PageImage, check_size, from_pillow

STARTS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MAX_DIRECTORIES: Final = 1_200
"""600 pages, each with a preview."""

_BYTES_OF_KIND: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_NUMBER_OF_KIND: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
_JPEG_TABLES: Final = 347
_UNCOMPRESSED, _T4, _T6, _JPEG = 1, 3, 4, 7


@dataclass(frozen=True, slots=True)
class _Directory:
    """What one page's directory says: its tags by number, read with the defaults of TIFF 6.0."""

    numbers: dict[int, tuple[int, ...]]
    jpeg_tables: bytes

    def number(self, tag: int, default: int) -> int:
        return self.numbers.get(tag, (default,))[0]

    @property
    def is_preview(self) -> bool:
        return bool(self.number(254, 0) & 1)

    @property
    def width(self) -> int:
        return self.number(256, 0)

    @property
    def height(self) -> int:
        return self.number(257, 0)

    @property
    def bits_per_pixel(self) -> int:
        """Of one plane: all samples where they lie side by side, one where each has a plane of its own."""
        bits = self.numbers.get(258, (1,))
        return bits[0] if self.planes > 1 else sum(bits)

    @property
    def compression(self) -> int:
        return self.number(259, _UNCOMPRESSED)

    @property
    def planes(self) -> int:
        return self.number(277, 1) if self.number(284, 1) == 2 else 1

    @property
    def tiled(self) -> bool:
        return 322 in self.numbers

    @property
    def strip_width(self) -> int:
        return self.number(322, 0) if self.tiled else self.width

    @property
    def strip_height(self) -> int:
        return self.number(323, 0) if self.tiled else min(self.number(278, self.height), self.height)

    @property
    def offsets(self) -> tuple[int, ...]:
        return self.numbers.get(324 if self.tiled else 273, ())

    @property
    def counts(self) -> tuple[int, ...]:
        return self.numbers.get(325 if self.tiled else 279, ())


def check_complete(data: Content) -> int:
    """Check that every strip of every page lies inside the file and is whole; the number of pages.

    Raises OpeningError at the first that does not, or where the directories loop, are damaged or too many.
    """
    pages = 0
    for _, directory in _pages(data):
        _check_page(data, directory)
        pages += 1
    if pages == 0:
        raise OpeningError(Reason.NO_PAGES, "the TIFF holds no full-size page")
    return pages


def open_page(data: Content, index: int) -> PageImage:
    """Page `index` (from 0) of a TIFF. A preview stored beside a page is not counted."""
    for page, (frame, directory) in enumerate(_pages(data)):
        if page == index:
            _check_page(data, directory)
            with Image.open(as_file(data), formats=["TIFF"]) as image:
                image.seek(frame)
                return from_pillow(image)
    raise OpeningError(Reason.NO_PAGES, f"the TIFF has no page {index}")


def _pages(data: Content) -> Iterator[tuple[int, _Directory]]:
    """The place in the chain and the directory of each full-size page."""
    for frame, directory in enumerate(_directories(data)):
        if not directory.is_preview:
            yield frame, directory


def _directories(data: Content) -> Iterator[_Directory]:
    """Every directory of the chain; a loop, too many, or one outside the file raises OpeningError."""
    layout = _Layout.of(data)
    seen: set[int] = set()
    at = layout.first_directory(data)
    while at:
        if at in seen:
            raise OpeningError(Reason.UNREADABLE, "the directories of the TIFF run in a circle")
        if len(seen) == MAX_DIRECTORIES:
            raise OpeningError(Reason.TOO_MANY_PAGES, f"the TIFF has more than {MAX_DIRECTORIES} directories")
        seen.add(at)
        directory, at = layout.directory(data, at)
        yield directory


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the numbers of one file are written: byte order, and the sizes in which TIFF and BigTIFF differ."""

    order: str
    count: Struct
    offset: Struct
    entry: Struct

    @classmethod
    def of(cls, data: Content) -> "_Layout":
        order = "<" if data[:2] == b"II" else ">"
        if data[2:4] in {b"+\0", b"\0+"}:
            return cls(order, Struct(order + "Q"), Struct(order + "Q"), Struct(order + "HHQ8s"))
        return cls(order, Struct(order + "H"), Struct(order + "I"), Struct(order + "HHI4s"))

    def first_directory(self, data: Content) -> int:
        return self._offset_at(data, 8 if self.offset.size == 8 else 4)

    def directory(self, data: Content, at: int) -> tuple[_Directory, int]:
        """The directory at byte `at`, and where the next one is (0: there is none)."""
        start = at + self.count.size
        _check_inside(data, at, self.count.size)
        (entries,) = self.count.unpack_from(data, at)
        if entries == 0:
            raise OpeningError(Reason.CUT_SHORT, "a directory of the TIFF has no entries")
        end = start + entries * self.entry.size
        _check_inside(data, start, entries * self.entry.size)
        numbers: dict[int, tuple[int, ...]] = {}
        jpeg_tables = b""
        for place in range(start, end, self.entry.size):
            tag, kind, count, inline = self.entry.unpack_from(data, place)
            if kind == 0:
                raise OpeningError(Reason.CUT_SHORT, "a directory of the TIFF was never filled in")
            written = self._value(data, kind, count, inline)
            if kind in _NUMBER_OF_KIND and count:
                numbers[tag] = Struct(f"{self.order}{count}{_NUMBER_OF_KIND[kind]}").unpack(written)
            elif tag == _JPEG_TABLES:
                jpeg_tables = written
        return _Directory(numbers, jpeg_tables), self._offset_at(data, end)

    def _value(self, data: Content, kind: int, count: int, inline: bytes) -> bytes:
        """The bytes of a tag: in the entry itself where they fit, otherwise where it points."""
        length = _BYTES_OF_KIND.get(kind, 1) * count
        if length <= len(inline):
            return inline[:length]
        (at,) = self.offset.unpack(inline)
        _check_inside(data, at, length)
        return data[at : at + length]

    def _offset_at(self, data: Content, at: int) -> int:
        _check_inside(data, at, self.offset.size)
        (offset,) = self.offset.unpack_from(data, at)
        return int(offset)


def _check_inside(data: Content, at: int, length: int) -> None:
    if at + length > len(data):
        raise OpeningError(Reason.CUT_SHORT, f"the TIFF points {at + length - len(data)} bytes past its end")


def _check_page(data: Content, page: _Directory) -> None:
    """Raise OpeningError unless the page is of a size we read and all of its strips (or tiles) are whole."""
    check_size(page.width, page.height)
    if page.strip_width <= 0 or page.strip_height <= 0:
        raise OpeningError(Reason.UNREADABLE, "the strips of the TIFF have no size")
    across, down = -(-page.width // page.strip_width), -(-page.height // page.strip_height)
    strips = across * down * page.planes
    if min(len(page.offsets), len(page.counts)) < strips:
        raise OpeningError(Reason.CUT_SHORT, f"the TIFF lists {len(page.offsets)} of the page's {strips} strips")
    for nth in range(strips):
        at, length = page.offsets[nth], page.counts[nth]
        if at == 0 or length == 0:
            raise OpeningError(Reason.CUT_SHORT, f"strip {nth} of the TIFF page was never written")
        _check_inside(data, at, length)
        rows_left = page.height - nth % down * page.strip_height
        rows = page.strip_height if page.tiled else min(page.strip_height, rows_left)
        _check_strip(data[at : at + length], rows, page)


def _check_strip(strip: bytes, rows: int, page: _Directory) -> None:
    """Raise OpeningError where a strip ends early. Pillow itself notices for the codings not named here."""
    if page.compression == _UNCOMPRESSED:
        expected = -(-page.strip_width * page.bits_per_pixel // 8) * rows
        if len(strip) < expected:
            raise OpeningError(Reason.CUT_SHORT, f"a strip of the TIFF has {len(strip)} of {expected} bytes")
    elif page.compression in {_T4, _T6}:
        coding = FaxStrip(
            page.strip_width,
            rows,
            page.compression,
            options=page.number(292, 0),
            lowest_bit_first=page.number(266, 1) == 2,
        )
        check_rows(strip, coding)
    elif page.compression == _JPEG:
        whole = page.jpeg_tables[:-2] + strip[2:] if page.jpeg_tables else strip
        jpeg.check_complete(whole)
        jpeg.decode_grey(whole)
