"""Draw a line of words on a page of a PDF, whatever its script, so that it can be read out and searched.

Latin goes through reportlab. Glyphs of other scripts are drawn by number, each where HarfBuzz put it, from a font
that holds those glyphs alone. The whole line is marked with its text in the order it is read (`ActualText`, PDF 32000-1
14.9.4); programs that know nothing of this find the letters of each glyph in `ToUnicode`, where it stands. (pdfium
takes all Arabic letters to stand in visual order, those of an `ActualText` too, and turns words around when they are
copied out of Chromium; other scripts come out whole.) A dotless shape stands for different letters
in different words, so a face may come as several fonts. (One font with a code for each meaning, and a
`CIDToGlyphMap` from codes to glyphs, would be simpler: pdfium, which is in every Chromium, ignores such a map.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import uharfbuzz
from reportlab.pdfbase import pdfdoc

from pipeline.form.fonts import FONTS, is_latin, shaper
from pipeline.form.shaping import Glyph, Piece, shaped

FOLLOWING = "\u2060"
"""What a further glyph of the same letters stands for: a word joiner, which no reader shows or speaks."""

DROPPED_TABLES = ("GSUB", "GPOS", "GDEF", "name", "cmap", "post", "OS/2")
"""Parts of a font that drawing by number has no use for."""

SYMBOLIC = 4
"""The flag of a font whose letters are not Latin."""

FARTHEST_LEFT_AND_RIGHT = (-1000, 2500)
"""Thousandths of the type size that no glyph of these faces reaches beyond."""

STEM_WIDTH = 80
"""A PDF font must say how thick its stems are; nothing here depends on it."""


def draw_line(canvas: Any, text: str, font: str, size_pt: float, x: float, y: float) -> None:
    """Draw one line of `text`, given in the order it is read, from `x` on the base line `y`, in points as PDF counts.

    `font` is a name in `fonts.FONTS`. The colour is whatever the canvas fills with.
    """
    if is_latin(text):
        _draw_latin(canvas, text, FONTS[font].latin, size_pt, x, y)
        return
    canvas.addLiteral(f"/Span <</ActualText <{_utf16(text, mark=True)}>>> BDC")
    for piece in shaped(text, font).pieces:
        start = x + piece.x / 1000 * size_pt
        if piece.glyphs:
            _draw_glyphs(canvas, piece, size_pt, start, y)
        else:
            _draw_latin(canvas, piece.text, piece.face, size_pt, start, y)
    canvas.addLiteral("EMC")


def _draw_latin(canvas: Any, text: str, face: str, size_pt: float, x: float, y: float) -> None:
    canvas.setFont(face, size_pt)
    canvas.drawString(x, y, text)


class GlyphFont:
    """The glyphs of one face that one document draws, by their numbers; written when the document is.

    A glyph that stands for other letters in another word is drawn from another font: each has the same program, and
    a `ToUnicode` of its own.
    """

    def __init__(self, face: str) -> None:
        self.face = face
        self._texts: list[dict[int, str]] = []

    def name_for(self, glyph: Glyph) -> str:
        """Return the name of the font in which a glyph stands for its text."""
        text = glyph.text or FOLLOWING
        for place, texts in enumerate(self._texts):
            if texts.setdefault(glyph.id, text) == text:
                return self._name(place)
        self._texts.append({glyph.id: text})
        return self._name(len(self._texts) - 1)

    def _name(self, place: int) -> str:
        return f"{self.face}.{place}"

    def addObjects(self, document: Any) -> None:  # noqa: N802 (reportlab calls it)
        """Add the fonts to a document that is being written."""
        base = pdfdoc.PDFName(f"{_tag(sum(map(len, self._texts)))}+{self.face}")
        used = sorted({glyph for texts in self._texts for glyph in texts})
        widths = [part for glyph in used for part in (glyph, pdfdoc.PDFArray([_advance(self.face, glyph)]))]
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("CIDFontType2"),
                "BaseFont": base,
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {"Registry": pdfdoc.PDFString("Adobe"), "Ordering": pdfdoc.PDFString("Identity"), "Supplement": 0}
                ),
                "FontDescriptor": document.Reference(_descriptor(document, self.face, base, _subset(self.face, used))),
                "W": pdfdoc.PDFArray(widths),
                "CIDToGlyphMap": pdfdoc.PDFName("Identity"),
            }
        )
        shared = document.Reference(descendant)
        for place, texts in enumerate(self._texts):
            font = pdfdoc.PDFDictionary(
                {
                    "Type": pdfdoc.PDFName("Font"),
                    "Subtype": pdfdoc.PDFName("Type0"),
                    "BaseFont": base,
                    "Encoding": pdfdoc.PDFName("Identity-H"),
                    "DescendantFonts": pdfdoc.PDFArray([shared]),
                    "ToUnicode": document.Reference(_stream(document, _to_unicode(texts))),
                }
            )
            document.idToObject["BasicFonts"].dict[self._name(place)] = document.Reference(font)


def _descriptor(document: Any, face: str, base: Any, program: bytes) -> Any:
    extents = shaper(face).get_font_extents("ltr")
    left, right = FARTHEST_LEFT_AND_RIGHT
    embedded = _stream(document, program)
    embedded.dictionary.dict["Length1"] = len(program)
    return pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("FontDescriptor"),
            "FontName": base,
            "Flags": SYMBOLIC,
            "FontBBox": pdfdoc.PDFArray([left, round(extents.descender), right, round(extents.ascender)]),
            "ItalicAngle": 0,
            "Ascent": round(extents.ascender),
            "Descent": round(extents.descender),
            "CapHeight": round(extents.ascender),
            "StemV": STEM_WIDTH,
            "FontFile2": document.Reference(embedded),
        }
    )


def _to_unicode(texts: dict[int, str]) -> bytes:
    lines = [f"<{glyph:04X}> <{_utf16(text)}>" for glyph, text in sorted(texts.items())]
    chunks = (lines[start : start + 100] for start in range(0, len(lines), 100))
    body = "\n".join(f"{len(chunk)} beginbfchar\n" + "\n".join(chunk) + "\nendbfchar" for chunk in chunks)
    return _CMAP.format(body=body).encode()


_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{body}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


def _draw_glyphs(canvas: Any, piece: Piece, size_pt: float, x: float, y: float) -> None:
    font = _font_of(canvas, piece.face)
    unit = size_pt / 1000
    shown = " ".join(
        f"/{name} {size_pt:g} Tf 1 0 0 1 {x + left * unit:.3f} {y + rise * unit:.3f} Tm <{numbers}> Tj"
        for left, rise, name, numbers in _strings(piece, font)
    )
    canvas.addLiteral(f"BT {shown} ET")


def _strings(piece: Piece, font: GlyphFont) -> Iterator[tuple[int, int, str, str]]:
    """Yield glyphs in strings of one font that need no moving within: where each starts, in thousandths of the type
    size, its font, and the numbers of its glyphs."""
    start, rise, end, name, numbers = 0, 0, 0, "", ""
    for glyph in piece.glyphs:
        wanted = font.name_for(glyph)
        if numbers and (glyph.x, glyph.y, wanted) != (end, rise, name):
            yield start, rise, name, numbers
            numbers = ""
        if not numbers:
            start, rise, end, name = glyph.x, glyph.y, glyph.x, wanted
        numbers += f"{glyph.id:04X}"
        end += _advance(piece.face, glyph.id)
    yield start, rise, name, numbers


def _font_of(canvas: Any, face: str) -> GlyphFont:
    """Return the font of the canvas's document, which reportlab will write with those that are written last."""
    waiting = canvas._doc.delayedFonts
    for font in waiting:
        if isinstance(font, GlyphFont) and font.face == face:
            return font
    font = GlyphFont(face)
    waiting.append(font)
    return font


def _advance(face: str, glyph: int) -> int:
    """Return how far a glyph moves on by itself, in thousandths of the type size."""
    return int(shaper(face).get_glyph_h_advance(glyph))


def _subset(face: str, glyphs: Iterable[int]) -> bytes:
    """Return a TrueType file that has these glyphs alone, each under the number it always had."""
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.flags = (
        uharfbuzz.SubsetFlags.RETAIN_GIDS | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE | uharfbuzz.SubsetFlags.NO_HINTING
    )
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES)
    return bytes(uharfbuzz.subset(shaper(face).face, wanted).blob.data)


def _tag(number: int) -> str:
    """Return six capitals, as the name of a font that is not whole must begin."""
    letters = ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters += chr(ord("A") + rest)
    return letters


def _stream(document: Any, content: bytes) -> Any:
    return pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress] if document.compression else None)


def _utf16(text: str, *, mark: bool = False) -> str:
    """Return text as hexadecimal digits of UTF-16, big end first, with the mark that says so where it is wanted."""
    return (("\ufeff" if mark else "") + text).encode("utf-16-be").hex().upper()
