"""PNG: every chunk whole by its check sum up to the end chunk, and its grey page. Source: ISO/IEC 15948."""

from io import BytesIO
from typing import Final
from zlib import crc32

from PIL import Image

from pipeline.inbox.trouble import OpeningError, Reason
from pipeline.page.picture import PageImage, check_size, from_pillow

START: Final = b"\x89PNG\r\n\x1a\n"
_AROUND_CHUNK: Final = 12
"""Bytes of a chunk besides its content: length (4), type (4), check sum (4)."""


def check_complete(data: bytes) -> tuple[int, int]:
    """Check the sum of every chunk up to IEND; the picture's (width, height). Bytes after IEND are ignored."""
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise OpeningError(Reason.CUT_SHORT, "the PNG has no whole header")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    check_size(width, height)
    view = memoryview(data)
    at = len(START)
    while True:
        length = int.from_bytes(view[at : at + 4])
        end = at + _AROUND_CHUNK + length
        if end > len(data):
            raise OpeningError(Reason.CUT_SHORT, "a chunk of the PNG runs past the end of the file")
        if crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise OpeningError(Reason.UNREADABLE, f"the PNG chunk at byte {at} does not match its check sum")
        if data[at + 4 : at + 8] == b"IEND":
            return width, height
        at = end


def open_page(data: bytes) -> PageImage:
    """The one page of a PNG file; what is transparent is white."""
    check_complete(data)
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        return from_pillow(image)
