"""JPEG: is all of it there, and its grey page.

A decoder is no judge of completeness: OpenCV, Pillow and pdfium all return a full page for a JPEG that was cut and
then closed with an end marker. So the markers are walked first, and libjpeg-turbo decodes strictly: each of its
warnings (a segment that ended early, a bad code) counts as loss. Source of the structure: ITU-T T.81, annex B.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from pipeline.inbox.trouble import OpeningError, Reason
from pipeline.page.picture import (
    Grey,
    PageImage,
    check_size,
    is_fine_enough_to_halve,
    plausible_dpi,
    rows_in_place,
    stated_dpi,
)

START: Final = b"\xff\xd8\xff"
_FRAME_MARKERS: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_NOTES: Final = frozenset({*range(0xE0, 0xEE), 0xEF, 0xFE})
"""Application segments and comments; not Adobe's (0xEE), which says how the colours are stored."""

_AS_STORED: Final = (0, 0)
"""No least width and height: the decoder then leaves the picture as large as it is."""

_COEFFICIENTS: Final = 64
_NOT_SENT: Final = 99

_STRAY_BYTES_AT_END: Final = re.compile(r"\b[1-8] extraneous bytes before marker 0xd9")
"""Cameras often leave a byte or two before the end marker, when every pixel has been decoded."""

_ONLY_METADATA: Final = re.compile(r"unknown JFIF revision|extraneous bytes before marker 0xe[0-9a-f]")
"""Warnings about the version written in the header, and about stray bytes before notes such as EXIF."""

_LOSS: Final = re.compile(r"premature|Corrupt JPEG data", re.IGNORECASE)

_TURN: Final[dict[int, tuple[bool, bool, bool]]] = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""EXIF orientation → (transpose, then mirror left and right, then mirror top and bottom). EXIF 2.32, tag 274."""


@dataclass(slots=True)
class _Frame:
    """The frame header, and for each component how finely each coefficient has been sent (0: to the last bit)."""

    width: int
    height: int
    progressive: bool
    sent: dict[int, list[int]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return all(not any(precision) for precision in self.sent.values())


def check_complete(data: bytes) -> tuple[int, int]:
    """Walk all markers to the end of the image; its (width, height). Whatever follows the end marker is ignored.

    Raises OpeningError where a segment, a scan or the end marker is missing, or the picture is too large.
    """
    frame: _Frame | None = None
    for marker, start, end, _ in _segments(data):
        segment = data[start + 2 : end]
        if marker in _FRAME_MARKERS:
            frame = _read_frame(marker, segment)
            check_size(frame.width, frame.height)
        elif marker == _START_OF_SCAN and frame is not None:
            _note_scan(frame, segment)
    if frame is None:
        raise OpeningError(Reason.UNREADABLE, "the JPEG has no frame header")
    if not frame.complete:
        raise OpeningError(Reason.CUT_SHORT, "the JPEG ends before all of its scans were sent")
    return frame.width, frame.height


def decode_grey(data: bytes) -> Grey:
    """(height, width) grey, decoded strictly: any sign of lost pixels raises OpeningError."""
    return _decode_strictly(data, _AS_STORED)


def decode_half(data: bytes) -> Grey:
    """(height // 2, width // 2) grey: as `halved` makes it, to five grey levels, for 85 % of the time of the whole.

    The decoder leaves out the finest coefficients, but reads them: it finds the same lost pixels as `decode_grey`.
    """
    width, height = size_of(data)
    return _decode_strictly(data, (-(-width // 2), -(-height // 2)))[: height // 2, : width // 2]


def pairs_up(width: int, height: int, *, is_upright: bool) -> bool:
    """Whether the pixels of a JPEG make pairs from the first row and column on, as the page is shown.

    The decoder takes them as they are stored. Where that is turned round, an odd one would be left over at the start.
    """
    return is_upright or width % 2 == height % 2 == 0


def size_of(data: bytes) -> tuple[int, int]:
    """The (width, height) that the header of a JPEG says, in pixels."""
    height, width, *_ = simplejpeg.decode_jpeg_header(data, strict=False)
    return width, height


def _decode_strictly(data: bytes, least: tuple[int, int]) -> Grey:
    """The picture halved as often as leaves it at least so wide and high."""
    try:
        return _decode(data, least, strict=True)
    except ValueError as error:
        if _STRAY_BYTES_AT_END.search(str(error)):
            return _decode(data, least, strict=False)
        if not _ONLY_METADATA.search(str(error)):
            raise _loss(error) from error
    try:
        return _decode(_without_notes(data), least, strict=True)
    except ValueError as error:
        raise _loss(error) from error


def _decode(data: bytes, least: tuple[int, int], *, strict: bool) -> Grey:
    width, height = least
    pixels = simplejpeg.decode_jpeg(data, "GRAY", min_width=width, min_height=height, strict=strict)
    return np.asarray(pixels, dtype=np.uint8)[:, :, 0]


def _loss(error: ValueError) -> OpeningError:
    """What a strict decoder's complaint means for the file."""
    reason = Reason.CUT_SHORT if _LOSS.search(str(error)) else Reason.UNREADABLE
    return OpeningError(reason, f"JPEG: {error}")


def _without_notes(data: bytes) -> bytes:
    """The image without its application notes, and without stray bytes between segments."""
    kept = [data[:2]]
    for marker, start, end, scan_end in _segments(data):
        if marker not in _NOTES:
            kept.append(b"\xff" + data[start - 1 : scan_end if marker == _START_OF_SCAN else end])
    return b"".join([*kept, b"\xff\xd9"])


def open_page(data: bytes) -> PageImage:
    """The one page of a JPEG file, turned as its EXIF orientation says."""
    check_complete(data)
    orientation, dpi = _orientation_and_dpi(data)
    return _turned(decode_grey(data), orientation, dpi)


def open_half(data: bytes) -> PageImage | None:
    """The same page at half its size, at half its resolution; None where it is too coarse for that."""
    width, height = check_complete(data)
    orientation, dpi = _orientation_and_dpi(data)
    fine = is_fine_enough_to_halve(plausible_dpi(dpi, width, height))
    if dpi is None or not fine or not pairs_up(width, height, is_upright=orientation not in _TURN):
        return None
    return _turned(decode_half(data), orientation, (dpi[0] / 2, dpi[1] / 2))


def _turned(grey: Grey, orientation: int, dpi: tuple[float, float] | None) -> PageImage:
    transpose, mirror_x, mirror_y = _TURN.get(orientation, (False, False, False))
    if transpose:
        grey = grey.T
        dpi = dpi[::-1] if dpi else None
    if mirror_x:
        grey = grey[:, ::-1]
    if mirror_y:
        grey = grey[::-1]
    height, width = grey.shape
    return PageImage(rows_in_place(grey), plausible_dpi(dpi, width, height), bitonal=False)


def _segments(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each marker up to the end of the image, with where its segment starts and ends and the next marker begins."""
    places = _marker_places(data)
    at = _first_from(places, 2)
    while (marker := data[at + 1]) != _END_OF_IMAGE:
        start = end = at + 2
        if marker not in _WITHOUT_LENGTH:
            length = int.from_bytes(data[start : start + 2])
            end += length
            if length < 2 or end > len(data):
                raise OpeningError(Reason.CUT_SHORT, "a segment of the JPEG runs past the end of the file")
        at = _first_from(places, end)
        yield marker, start, end, at


def _marker_places(data: bytes) -> NDArray[np.intp]:
    """Where 0xFF stands before a marker's number, in rising order; twenty times as fast as a regular expression.

    Not among them: 0xFF00, a byte of the picture, and the restart markers within it.
    """
    samples = np.frombuffer(data, dtype=np.uint8)
    places = np.flatnonzero(samples[:-1] == 0xFF)
    numbers = samples[places + 1]
    is_marker = (numbers != 0x00) & (numbers != 0xFF) & ((numbers < 0xD0) | (numbers > 0xD7))
    return np.asarray(places[is_marker], dtype=np.intp)


def _first_from(places: NDArray[np.intp], at: int) -> int:
    """The first marker at or after `at`."""
    nth = int(np.searchsorted(places, at))
    if nth == len(places):
        raise OpeningError(Reason.CUT_SHORT, "the JPEG has no end marker")
    return int(places[nth])


def _read_frame(marker: int, segment: bytes) -> _Frame:
    """Precision (1 byte), height (2), width (2), number of components (1), then three bytes for each."""
    if len(segment) < 6 or len(segment) < 6 + 3 * segment[5]:
        raise OpeningError(Reason.UNREADABLE, "the JPEG frame header is too short")
    components = [segment[6 + 3 * nth] for nth in range(segment[5])]
    return _Frame(
        width=int.from_bytes(segment[3:5]),
        height=int.from_bytes(segment[1:3]),
        progressive=marker in {0xC2, 0xC6, 0xCA, 0xCE},
        sent={component: [_NOT_SENT] * _COEFFICIENTS for component in components},
    )


def _note_scan(frame: _Frame, segment: bytes) -> None:
    """Record which coefficients of which components a scan sends: number, (id, tables) each, first, last, bits."""
    count = segment[0] if segment else 0
    if len(segment) < 4 + 2 * count:
        raise OpeningError(Reason.UNREADABLE, "a JPEG scan header is too short")
    first, last, bits = segment[1 + 2 * count : 4 + 2 * count]
    if not frame.progressive:
        first, last, bits = 0, _COEFFICIENTS - 1, 0
    for nth in range(count):
        sent = frame.sent.get(segment[1 + 2 * nth])
        if sent is None or last >= _COEFFICIENTS:
            raise OpeningError(Reason.UNREADABLE, "a JPEG scan speaks of a component that is not there")
        sent[first : last + 1] = [bits & 0x0F] * (last + 1 - first)


def _orientation_and_dpi(data: bytes) -> tuple[int, tuple[float, float] | None]:
    """EXIF orientation (1 if absent or damaged) and the stated resolution; Pillow reads only the header here."""
    try:
        with Image.open(BytesIO(data), formats=["JPEG", "MPO"]) as image:
            dpi = stated_dpi(image)
            orientation = image.getexif().get(0x0112, 1)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, ZeroDivisionError):
        return 1, None
    return (orientation if isinstance(orientation, int) else 1), dpi
