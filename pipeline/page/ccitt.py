"""Fax coding (ITU-T T.4 and T.6): are all rows there?

libtiff and pdfium decode a fax strip that stops half-way without complaint and leave the rest white, which reads as
an unanswered page. Most writers close a strip with an end code; where one does not, we decode twice with different
bytes appended: a strip that holds all its rows never looks at them, so the two pictures agree.
"""

from dataclasses import dataclass
from io import BytesIO
from struct import pack
from typing import Final

from PIL import Image

from pipeline.inbox.trouble import OpeningError, Reason

_T4, _T6 = 3, 4
_END_CODE: Final = 0x001001
"""Two end-of-line codes in a row, 000000000001 000000000001: ends a T.6 block and begins the end of a T.4 page."""

_HOLE: Final = bytes(16)
"""More zero bits than any codes of T.6 bring together. T.4 may fill up a line with zeros, but not a strip's end."""

_REPEATS_ROWS: Final = b"\xff" * 64
_DRAWS_ROWS: Final = b"\x55" * 64
"""Read as T.6 codes, the first repeats the row above for ever, the second moves its edges by a pixel."""

_REVERSED_BITS: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class FaxStrip:
    """How one strip is coded: its size in pixels, TIFF compression (3: T.4, 4: T.6), T.4 options and bit order."""

    width: int
    rows: int
    compression: int
    options: int = 0
    lowest_bit_first: bool = False


def check_rows(coded: bytes, strip: FaxStrip) -> None:
    """Raise OpeningError unless `coded` holds every row of the strip."""
    ordered = coded.translate(_REVERSED_BITS) if strip.lowest_bit_first else coded
    body = ordered.rstrip(b"\0")
    if strip.compression == _T6 and _HOLE in body:
        raise OpeningError(Reason.CUT_SHORT, "part of a fax strip was never filled in")
    if _ends_with_code(body):
        return
    unfilled = len(ordered) - len(body) >= len(_HOLE)
    if unfilled or _decode(ordered + _REPEATS_ROWS, strip) != _decode(ordered + _DRAWS_ROWS, strip):
        raise OpeningError(Reason.CUT_SHORT, f"a fax strip holds fewer than its {strip.rows} rows")


def _ends_with_code(body: bytes) -> bool:
    """Whether the last bits, apart from zeros that fill up, are an end code."""
    tail = int.from_bytes(body[-8:])
    while tail and not tail & 1:
        tail >>= 1
    return tail & 0xFFFFFF == _END_CODE


def _decode(ordered: bytes, strip: FaxStrip) -> bytes:
    """The strip's pixels by libtiff, through a TIFF written around it."""
    entries = [
        (256, 4, strip.width),
        (257, 4, strip.rows),
        (258, 3, 1),
        (259, 3, strip.compression),
        (262, 3, 0),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, strip.rows),
        (279, 4, len(ordered)),
        (292 if strip.compression == _T4 else 293, 4, strip.options),
    ]
    padding = b"\0" * (len(ordered) % 2)
    directory = b"".join(pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    tiff = pack("<2sHI", b"II", 42, 8 + len(ordered) + len(padding)) + ordered + padding
    tiff += pack("<H", len(entries)) + directory + pack("<I", 0)
    try:
        with Image.open(BytesIO(tiff), formats=["TIFF"]) as image:
            return image.tobytes()
    except (OSError, ValueError, SyntaxError) as error:
        raise OpeningError(Reason.CUT_SHORT, f"a fax strip cannot be decoded: {error}") from error
