"""The pictures a PDF page draws, and whether each is whole: every coding a scanner uses ends in its own way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pikepdf
from pikepdf import Name

from pipeline.inbox.trouble import OpeningError, Reason
from pipeline.page import jpeg
from pipeline.page.ccitt import FaxStrip, check_rows
from pipeline.page.picture import check_size

_DRAWN: Final = re.compile(rb"/([^\s/\[\]<>(){}%]+)\s+Do\b")
"""An object drawn by a content stream: its name, then the operator `Do`."""

_BEGINS_INLINE: Final = re.compile(rb"(?:^|\s)BI[\s/]")
"""A picture written into the content stream itself."""

_MAX_NESTING: Final = 8
"""Depth of drawings within drawings we follow; scanners use none, writing programs two or three."""

_COMPONENTS: Final = {
    "/DeviceGray": 1,
    "/CalGray": 1,
    "/Indexed": 1,
    "/Separation": 1,
    "/DeviceRGB": 3,
    "/CalRGB": 3,
    "/Lab": 3,
    "/DeviceCMYK": 4,
}

_PICTURE_CODINGS: Final = frozenset({"/DCTDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/JPXDecode"})
_NAME_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_FAX_COLUMNS: Final = 1728
"""Width of a fax picture that does not state it (ISO 32000-2, table 11)."""

_JPEG_2000_START: Final = b"\xff\x4f\xff\x51"
_TILE_PART: Final = b"\xff\x90\x00\x0a"
_JPEG_2000_END: Final = b"\xff\xd9"
_UNKNOWN_LENGTH: Final = 0xFFFFFFFF


def pictures_of(document: pikepdf.Pdf, page: pikepdf.Page) -> list[pikepdf.Stream]:
    """Every picture the page draws, by name or written into its content, also within drawings it uses."""
    content = page.obj.get(Name.Contents)
    streams = list(content) if isinstance(content, pikepdf.Array) else [content]
    code = b"\n".join(stream.read_bytes() for stream in streams if isinstance(stream, pikepdf.Stream))
    inline = list(_inline(document, page)) if _BEGINS_INLINE.search(code) else []
    return inline + list(_drawn(document, code, page.obj.get(Name.Resources), depth=0, seen=set()))


@dataclass(frozen=True, slots=True, eq=False)
class WholePicture:
    """A picture of which every row is there. `jpeg` is its JPEG, None where it is coded in another way."""

    stream: pikepdf.Stream
    jpeg: bytes | None


def checked(picture: pikepdf.Stream) -> WholePicture:
    """Raise OpeningError unless every row of the picture is there (and of its mask), within the size we read.

    A JPEG is walked to its end mark, not decoded: `check_decodes` does that where no strict decoding follows.
    """
    width, height = _number(picture, Name.Width), _number(picture, Name.Height)
    check_size(width, height)
    coding, coded = _coded(picture)
    match coding:
        case "/DCTDecode":
            jpeg.check_complete(coded)
        case "/CCITTFaxDecode":
            _check_fax(coded, width, height, _parameters(picture))
        case "/JBIG2Decode":
            _check_jbig2(coded)
        case "/JPXDecode":
            _check_jpeg_2000(coded)
        case _:
            _check_samples(picture, len(coded), width, height)
    mask = picture.get(Name.SMask)
    if isinstance(mask, pikepdf.Stream):
        checked(mask)
    return WholePicture(picture, coded if coding == "/DCTDecode" else None)


def check_decodes(picture: WholePicture) -> None:
    """Raise OpeningError where a JPEG picture does not decode to its last pixel."""
    if picture.jpeg is not None:
        jpeg.decode_grey(picture.jpeg)


def is_plain(picture: pikepdf.Stream) -> bool:
    """Whether the picture's own pixels are what the page shows: it is no stencil and has no mask.

    A JPEG whose samples the page turns round (`/Decode`) is not plain either, since the JPEG alone does not say so.
    """
    if picture.get(Name.ImageMask, False) or Name.SMask in picture or Name.Mask in picture:
        return False
    return not (Name.Decode in picture and "/DCTDecode" in _filters(picture))


def _drawn(
    document: pikepdf.Pdf,
    code: bytes,
    resources: pikepdf.Object | None,
    depth: int,
    seen: set[tuple[int, int]],
) -> Iterator[pikepdf.Stream]:
    """The pictures a content stream draws by name, each once; those of the drawings it uses follow."""
    things = resources.get(Name.XObject) if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(things, pikepdf.Dictionary) or depth > _MAX_NESTING:
        return
    for name in dict.fromkeys(_DRAWN.findall(code)):
        thing = things.get("/" + _NAME_ESCAPE.sub(_unescaped, name).decode("latin-1"))
        if not isinstance(thing, pikepdf.Stream) or thing.objgen in seen:
            continue
        seen.add(thing.objgen)
        if thing.get(Name.Subtype) == Name.Image:
            yield thing
        elif thing.get(Name.Subtype) == Name.Form:
            within = thing.read_bytes()
            if _BEGINS_INLINE.search(within):
                yield from _inline(document, thing)
            yield from _drawn(document, within, thing.get(Name.Resources, resources), depth + 1, seen)


def _inline(document: pikepdf.Pdf, drawing: pikepdf.Page | pikepdf.Stream) -> Iterator[pikepdf.Stream]:
    """The pictures written into a content stream between `BI` and `EI`, as if each were an object of its own."""
    for instruction in pikepdf.parse_content_stream(drawing):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            picture = instruction.iimage
            yield pikepdf.Stream(document, picture.read_raw_bytes(), dict(picture.obj.items()))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    """The byte a `#xx` in a name stands for."""
    return bytes.fromhex(escape[1].decode("ascii"))


def _number(picture: pikepdf.Stream, name: pikepdf.Name) -> int:
    value = picture.get(name)
    return value if isinstance(value, int) else 0


def _filters(picture: pikepdf.Stream) -> list[str]:
    """The names of the codings, outermost first."""
    named = picture.get(Name.Filter)
    if named is None:
        return []
    return [str(each) for each in named] if isinstance(named, pikepdf.Array) else [str(named)]


def _parameters(picture: pikepdf.Stream) -> pikepdf.Object:
    """The parameters of the innermost coding."""
    given = picture.get(Name.DecodeParms)
    if isinstance(given, pikepdf.Array):
        given = given[-1] if len(given) else None
    return given if isinstance(given, pikepdf.Dictionary) else pikepdf.Dictionary()


def _coded(picture: pikepdf.Stream) -> tuple[str, bytes]:
    """The innermost coding of a picture that has one of its own, and the bytes in that coding.

    Other pictures, plain samples however compressed, come back decoded, with no coding named.
    """
    filters = _filters(picture)
    if not filters or filters[-1] not in _PICTURE_CODINGS:
        return "", picture.read_bytes()
    raw = picture.read_raw_bytes()
    if len(filters) > 1:
        with pikepdf.new() as scratch:
            outer = pikepdf.Array([Name(each) for each in filters[:-1]])
            raw = pikepdf.Stream(scratch, raw, Filter=outer).read_bytes()
    return filters[-1], raw


def _check_samples(picture: pikepdf.Stream, length: int, width: int, height: int) -> None:
    """Plain samples: rows are filled up to whole bytes (ISO 32000-2, 8.9.3)."""
    bits = 1 if picture.get(Name.ImageMask, False) else _number(picture, Name.BitsPerComponent)
    expected = -(-width * bits * _components(picture.get(Name.ColorSpace)) // 8) * height
    if length < expected:
        raise OpeningError(Reason.CUT_SHORT, f"a picture in the PDF has {length} of {expected} bytes")


def _components(space: pikepdf.Object | None) -> int:
    """Samples a pixel; one, the least, where the colours are named in a way we do not know."""
    family = space[0] if isinstance(space, pikepdf.Array) and len(space) else space
    if family == Name.ICCBased and isinstance(space, pikepdf.Array):
        return int(space[1].get(Name.N, 1))
    if family == Name.DeviceN and isinstance(space, pikepdf.Array):
        return len(space[1])
    return _COMPONENTS.get(str(family), 1)


def _check_fax(coded: bytes, width: int, height: int, parameters: pikepdf.Object) -> None:
    """T.4 or T.6 rows. `/K` below 0 is T.6, 0 is T.4 in one dimension, above 0 in two."""
    k = int(parameters.get(Name.K, 0))
    columns = int(parameters.get(Name.Columns, _FAX_COLUMNS))
    if columns != width:
        raise OpeningError(Reason.UNREADABLE, f"a fax picture is {columns} wide for {width} pixels")
    check_rows(coded, FaxStrip(width, height, compression=4 if k < 0 else 3, options=1 if k > 0 else 0))


def _check_jbig2(coded: bytes) -> None:
    """Walk the segments, each a header that says how long its content is (ITU-T T.88, 7.2)."""
    at = 0
    while at < len(coded):
        at = _after_segment(coded, at)
    if at > len(coded):
        raise OpeningError(Reason.CUT_SHORT, "a JBIG2 picture in the PDF ends within a segment")


def _after_segment(coded: bytes, at: int) -> int:
    """Where the segment at `at` ends, which is past the end of `coded` if it is cut."""
    header = coded[at : at + 11]
    if len(header) < 11:
        return len(coded) + 1
    number, flags, referred = int.from_bytes(header[:4]), header[4], header[5] >> 5
    at += 6
    if referred == 7:
        referred = int.from_bytes(header[5:9]) & 0x1FFFFFFF
        at += 3 + (referred + 8) // 8
    at += referred * (1 if number <= 256 else 2 if number <= 65536 else 4)
    at += 4 if flags & 0x40 else 1
    length = int.from_bytes(coded[at : at + 4])
    return len(coded) if length == _UNKNOWN_LENGTH else at + 4 + length


def _check_jpeg_2000(coded: bytes) -> None:
    """Walk the tile parts, each of which says how long it is, to the end mark (ITU-T T.800, annex A)."""
    at = coded.find(_TILE_PART, coded.find(_JPEG_2000_START))
    while coded[at : at + 4] == _TILE_PART and at >= 0:
        length = int.from_bytes(coded[at + 6 : at + 10])
        at = coded.rfind(_JPEG_2000_END) if length == 0 else at + length
    if at < 0 or coded[at : at + 2] != _JPEG_2000_END:
        raise OpeningError(Reason.CUT_SHORT, "a JPEG 2000 picture in the PDF has no end")
