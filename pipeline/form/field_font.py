"""The typeface that answers are typed in: embedded whole, one byte a letter, as programs that fill in forms ask."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from pipeline.form import fonts

FIELD_FONT = "/Typed"
"""What the fields call it."""

_FIRST, _LAST = 32, 255
_NONSYMBOLIC = 32
_STEM_PT = 80

_WELSH = {0x81: "Ŵ", 0x8D: "ŵ", 0x8F: "Ŷ", 0x90: "ŷ"}
"""Letters that Welsh needs, at codes which the usual encoding of western Europe leaves unused."""

_GLYPH_NAMES = {"Ŵ": "Wcircumflex", "ŵ": "wcircumflex", "Ŷ": "Ycircumflex", "ŷ": "ycircumflex"}


def embed_field_font(document: pikepdf.Pdf) -> Any:
    """Return the regular face as a simple font of the document (ISO 32000-2, 9.6.3)."""
    face = fonts.face("regular").face
    font = files(fonts).joinpath(fonts.FACES["regular"]).read_bytes()
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(f"/{_name(face)}"),
        Flags=_NONSYMBOLIC,
        FontBBox=Array([round(side) for side in face.bbox]),
        ItalicAngle=0,
        Ascent=round(face.ascent),
        Descent=round(face.descent),
        CapHeight=round(fonts.CAP_HEIGHT * 1000),
        StemV=_STEM_PT,
        FontFile2=document.make_indirect(Stream(document, font, Length1=len(font))),
    )
    widths = [
        round(face.charWidths.get(ord(letter), face.defaultWidth)) for letter in map(_letter, range(_FIRST, _LAST + 1))
    ]
    differences = [each for code, letter in _WELSH.items() for each in (code, Name(f"/{_GLYPH_NAMES[letter]}"))]
    return document.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=descriptor.FontName,
            FirstChar=_FIRST,
            LastChar=_LAST,
            Widths=Array(widths),
            Encoding=Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array(differences)),
            FontDescriptor=document.make_indirect(descriptor),
        )
    )


def _name(face: Any) -> str:
    name = face.name
    return str(name, "ascii") if isinstance(name, bytes) else str(name)


def _letter(code: int) -> str:
    """What a byte stands for: Windows code page 1252, and Welsh."""
    return _WELSH.get(code) or bytes([code]).decode("cp1252", "replace")
