"""Print a layout: every drawing, frame and code where the layout says, and nothing else.

What all copies share is put into the file once a page, as a form XObject; only the page code, the resident's code
and the serial are drawn for each copy. A single copy that is to be read out as well (`pipeline.form.tagged`) is drawn
by the same functions, page by page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import chain, repeat
from typing import Any, Literal, Protocol

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from pipeline.form.code import PageCode, spoken_copy_code
from pipeline.form.cover import COVER_QR_VERSION, Cover
from pipeline.form.fonts import FACES, face
from pipeline.form.glyphs import draw_line
from pipeline.form.layout import (
    FRAME_WIDTH_PT,
    Box,
    CopyRun,
    Curve,
    Drawing,
    Layout,
    PageLayout,
    Panel,
    PenLine,
    Stroke,
    Tag,
    TextRun,
)
from pipeline.form.paper.editions import MM_PER_PT
from pipeline.form.shaping import text_width
from pipeline.form.structure import DECORATION, Piece

INK = (0x0B / 255, 0x0C / 255, 0x0C / 255)
PILLAR_BOX_RED = (0xB3 / 255, 0x13 / 255, 0x1B / 255)
_BLACK_RUN = re.compile(rb"\x01+")

QR_VERSION = 2
"""25 modules a side; a code of figures alone would fit version 1, and its frame of 18 mm would be another one."""

CORNER_MARK_MODULES = 6
"""Modules along a side of a 4×4 ArUco marker with its black border."""

Sides = Literal["one", "both"]
"""Whether the paper will be printed on one side, or on both."""


class Teller(Protocol):
    """Whoever wants to know which part of the form is being drawn."""

    def told(self, canvas: Any, piece: Piece) -> AbstractContextManager[None]:
        """Return what to draw a piece in."""


class _NoTeller:
    """For stacks of copies: form XObjects, which they share, cannot be told."""

    def told(self, canvas: Any, piece: Piece) -> AbstractContextManager[None]:
        return _NOTHING


_NOTHING = nullcontext()
_NOBODY = _NoTeller()


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page of a printed file: `pdf_page` and `form_page` count from 1; `slot` is a card's place, from 0."""

    pdf_page: int
    copy: str
    form_page: int
    slot: int = 0


def printed_pages(layout: Layout, codes: Sequence[str], sides: Sides = "both") -> tuple[PrintedPage, ...]:
    """Return which page of the file holds which page of which copy; blank backs are left out.

    Printed on both sides, every copy starts on a fresh sheet: a blank page follows an odd number of pages.
    """
    span, slots = _span(layout, sides), len(_slots(layout))
    return tuple(
        PrintedPage(place // slots * span + page.number, code, page.number, place % slots)
        for place, code in enumerate(codes)
        for page in layout.pages
    )


def print_copies(layout: Layout, codes: Sequence[str], sides: Sides = "both") -> bytes:
    """Return a PDF of one copy of `layout` for each copy code in `codes`, in order.

    The same arguments give the same bytes. Raises ValueError where there is no code.
    """
    if not codes:
        raise ValueError("There is nothing to print: give at least one copy code.")
    target = BytesIO()
    canvas = _canvas(layout, target)
    for page in layout.pages:
        _draw_static(canvas, layout, page)
    slots = _slots(layout)
    for first in range(0, len(codes), len(slots)):
        together = tuple(zip(slots, codes[first : first + len(slots)], strict=False))
        for page in layout.pages:
            for slot, code in together:
                with _in_slot(canvas, layout, slot):
                    canvas.doForm(_form_name(page))
                    _draw_copy(canvas, layout, page, code)
            _draw_cuts(canvas, layout)
            canvas.showPage()
        for _ in range(_span(layout, sides) - len(layout.pages)):
            canvas.showPage()
    canvas.save()
    return target.getvalue()


def draw_pages(layout: Layout, code: str, tellers: Sequence[Teller], page_code: Tag) -> bytes:
    """Return a PDF of one copy in which every page is drawn for itself, each in the hearing of its teller.

    `page_code` is the part that the first page code is.
    """
    target = BytesIO()
    canvas = _canvas(layout, target)
    for page, teller in zip(layout.pages, tellers, strict=True):
        with _in_slot(canvas, layout, _slots(layout)[0]):
            _draw_page(canvas, layout, page, teller)
            _draw_copy(canvas, layout, page, code, teller, page_code if page.number == 1 else ())
        with teller.told(canvas, DECORATION):
            _draw_cuts(canvas, layout)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _slots(layout: Layout) -> tuple[tuple[float, float], ...]:
    """Return where copies stand on their paper (mm): one on a page of its own, cards several on a sheet."""
    return layout.sheet.slots if layout.sheet else ((0.0, 0.0),)


def _sheet_mm(layout: Layout) -> tuple[float, float]:
    """Return the size of the paper in the printer."""
    return layout.sheet.paper_mm if layout.sheet else layout.paper_mm


@contextmanager
def _in_slot(canvas: Any, layout: Layout, slot: tuple[float, float]) -> Iterator[None]:
    """Draw meanwhile with the top-left corner of the copy at `slot` of its paper."""
    if layout.sheet is None:
        yield
        return
    canvas.saveState()
    canvas.translate(*_points(slot[0], layout.sheet.paper_mm[1] - slot[1] - layout.paper_mm[1]))
    yield
    canvas.restoreState()


def _draw_cuts(canvas: Any, layout: Layout) -> None:
    for cut in layout.sheet.cuts if layout.sheet else ():
        _draw(canvas, cut, _sheet_mm(layout)[1])


def print_covers(layouts: Sequence[tuple[Cover, Layout]]) -> bytes:
    """Return a PDF of one page a cover, each with its layout."""
    target = BytesIO()
    canvas = _canvas(layouts[0][1], target)
    for cover, layout in layouts:
        (page,) = layout.pages
        _draw_page(canvas, layout, page)
        _draw_codes(canvas, layout, page, qr_modules(str(cover), COVER_QR_VERSION))
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _span(layout: Layout, sides: Sides) -> int:
    """Return the pages of the file that one copy takes."""
    count = len(layout.pages)
    return count + count % 2 if sides == "both" else count


def _canvas(layout: Layout, target: BytesIO) -> Any:
    for name in FACES:
        pdfmetrics.registerFont(face(name))
    canvas = Canvas(
        target,
        pagesize=_points(*_sheet_mm(layout)),
        invariant=True,
        pageCompression=1,
        initialFontName="regular",
        lang=layout.lang.split("+")[0],
    )
    canvas.setTitle(layout.title)
    canvas.setAuthor(layout.author)
    canvas.setSubject(f"{layout.form} {layout.version}, layout {layout.id}, {layout.edition} print")
    canvas.setCreator("pillarbox")
    canvas.setViewerPreference("PrintScaling", "None")
    return canvas


def _draw_static(canvas: Any, layout: Layout, page: PageLayout) -> None:
    """Keep what all copies of a page share under the page's name, to be drawn again for every copy."""
    canvas.beginForm(_form_name(page), 0, 0, *_points(*layout.paper_mm))
    _draw_page(canvas, layout, page)
    canvas.endForm()


def _draw_page(canvas: Any, layout: Layout, page: PageLayout, teller: Teller = _NOBODY) -> None:
    """Draw what is on every copy of a page: words and lines, the frames of its fields, corner marks."""
    height = layout.paper_mm[1]
    for drawing in page.drawings:
        if not isinstance(drawing, CopyRun):
            with teller.told(canvas, _piece(drawing)):
                _draw(canvas, drawing, height)
    canvas.setStrokeColorRGB(*INK)
    canvas.setLineWidth(FRAME_WIDTH_PT)
    for field in page.fields:
        with teller.told(canvas, Piece(field.tag, role="cb" if field.kind == "mark" else "tv")):
            canvas.rect(*_rectangle(field.box, height), stroke=1, fill=0)
    for code in page.codes:
        if code.kind == "aruco":
            with teller.told(canvas, DECORATION):
                _fill_modules(canvas, _module_path(corner_mark(code.id)), CORNER_MARK_MODULES, code.box, height)


def _draw_copy(
    canvas: Any, layout: Layout, page: PageLayout, copy: str, teller: Teller = _NOBODY, page_code: Tag = ()
) -> None:
    """Draw what only this copy has: page code, resident's code, serial."""
    height = layout.paper_mm[1]
    _draw_codes(canvas, layout, page, qr_modules(str(PageCode(layout.id, copy, page.number))), teller, page_code)
    words = {"code": spoken_copy_code(copy), "serial": f"{copy}-{page.number}"}
    for drawing in page.drawings:
        if isinstance(drawing, CopyRun):
            with teller.told(canvas, Piece(drawing.tag, text=words[drawing.words])):
                _draw_words(canvas, words[drawing.words], drawing, INK, height)


def _draw_codes(
    canvas: Any,
    layout: Layout,
    page: PageLayout,
    modules: NDArray[np.bool_],
    teller: Teller = _NOBODY,
    first: Tag = (),
) -> None:
    """Draw one square code wherever the page has room for it; the first is the part at `first`, if any."""
    path = _module_path(modules)
    boxes = (code.box for code in page.codes if code.kind == "qr")
    for box, tag in zip(boxes, chain([first], repeat(())), strict=False):
        with teller.told(canvas, Piece(tag)):
            _fill_modules(canvas, path, len(modules), box, layout.paper_mm[1])


def _piece(drawing: Drawing) -> Piece:
    if isinstance(drawing, TextRun):
        return Piece(drawing.tag, drawing.language, drawing.text)
    return DECORATION if isinstance(drawing, PenLine) else Piece(drawing.tag)


def _draw(canvas: Any, drawing: Drawing, height: float) -> None:
    if isinstance(drawing, TextRun):
        _draw_words(canvas, drawing.text, drawing, _colour(drawing), height)
    elif isinstance(drawing, Stroke | PenLine):
        canvas.setStrokeColorRGB(*(drawing.rgb if isinstance(drawing, PenLine) else _colour(drawing)))
        canvas.setLineWidth(drawing.width_pt)
        canvas.line(*_points(drawing.x, height - drawing.y, drawing.x2, height - drawing.y2))
    elif isinstance(drawing, Curve):
        _draw_curve(canvas, drawing, height)
    elif isinstance(drawing, Panel):
        canvas.setFillColorRGB(*_colour(drawing))
        canvas.rect(*_rectangle(drawing.box, height), stroke=0, fill=1)


def _draw_curve(canvas: Any, drawing: Curve, height: float) -> None:
    path = canvas.beginPath()
    for place, (x, y) in enumerate(drawing.points):
        (path.lineTo if place else path.moveTo)(*_points(x, height - y))
    if drawing.points[0] == drawing.points[-1] or not drawing.width:
        path.close()
    canvas.saveState()
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    canvas.setLineWidth(drawing.width / MM_PER_PT)
    canvas.setStrokeColorRGB(*INK)
    canvas.setFillColorRGB(*INK)
    canvas.drawPath(path, stroke=int(drawing.width > 0), fill=int(not drawing.width))
    canvas.restoreState()


def _draw_words(
    canvas: Any, words: str, run: TextRun | CopyRun, colour: tuple[float, float, float], height: float
) -> None:
    canvas.setFillColorRGB(*colour)
    ends_at_x = isinstance(run, CopyRun) and run.anchor == "right"
    left = run.x - text_width(words, run.font, run.size_pt) if ends_at_x else run.x
    x, y = _points(left, height - run.y)
    draw_line(canvas, words, run.font, run.size_pt, x, y)


def _colour(drawing: TextRun | Stroke | Panel) -> tuple[float, float, float]:
    if drawing.red:
        return PILLAR_BOX_RED
    red, green, blue = (ink + (1 - ink) * drawing.grey for ink in INK)
    return red, green, blue


@cache
def corner_mark(number: int) -> NDArray[np.bool_]:
    """Return the modules of ArUco marker `number` of DICT_4X4_100, True where black: shape (6, 6), border included."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100)
    marker = cv2.aruco.generateImageMarker(dictionary, number, CORNER_MARK_MODULES)
    return np.asarray(marker == 0, dtype=np.bool_)


def qr_modules(text: str, version: int = QR_VERSION) -> NDArray[np.bool_]:
    """Return the modules of a QR code (level M) without its quiet zone, True where black: (25, 25) in version 2."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCodeModel2, ec_level="M", version=version)
    picture = np.array(code.to_image(scale=1, add_quiet_zones=False))
    return np.asarray(picture == 0, dtype=np.bool_)


def _module_path(modules: NDArray[np.bool_]) -> str:
    """Return the black modules as one PDF path, a rectangle for each run in a row: no seam shows between neighbours.

    One unit is one module, y runs down from the upper edge. Written out here because a canvas takes 5 ms a page
    to format the same rectangles one by one.
    """
    return " ".join(
        f"{run.start()} {row} {run.end() - run.start()} 1 re"
        for row, line in enumerate(modules)
        for run in _BLACK_RUN.finditer(line.tobytes())
    )


def _fill_modules(canvas: Any, path: str, count: int, box: Box, height: float) -> None:
    """Fill the path of `count` × `count` modules in `box`."""
    left, top, side = _points(box.x, height - box.y, box.w / count)
    canvas.addLiteral(f"q 0 g {side:.4f} 0 0 {-side:.4f} {left:.4f} {top:.4f} cm {path} f Q")


def _form_name(page: PageLayout) -> str:
    return f"page{page.number}"


def _rectangle(box: Box, height: float) -> tuple[float, ...]:
    """Return x, y, width, height in points from the bottom-left corner, as PDF counts."""
    return _points(box.x, height - box.bottom, box.w, box.h)


def _points(*lengths: float) -> tuple[float, ...]:
    return tuple(length / MM_PER_PT for length in lengths)
