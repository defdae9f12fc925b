"""Print the fillable edition: one copy as a tagged PDF whose places to answer can be filled in on a screen.

The fields lie in the printed boxes and show nothing until they are filled in, so that a copy printed from the file and
filled in by pen is the same paper as any other. Source: ISO 32000-2, 12.7 (forms) and 12.5.6.19 (widgets).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from pipeline.form.code import PageCode
from pipeline.form.definition import FormDefinition, Kind, say
from pipeline.form.field_font import FIELD_FONT, embed_field_font
from pipeline.form.layout import Box, Layout
from pipeline.form.normal import LONGEST_COMMENT, LONGEST_OTHER
from pipeline.form.paper.editions import EDITIONS, MM_PER_PT
from pipeline.form.printing import draw_pages
from pipeline.form.structure import DECORATION, Piece, Widget, add_structure
from pipeline.form.tagged import Pieces, finished, language_of, page_code_tag
from pipeline.form.typed_fields import COPY_FIELD, WHOLE_COPY, FieldKind, Spot, TypedField, typed_fields
from pipeline.form.words import phrase

_HIDDEN, _PRINTED = 2, 4
_READ_ONLY, _LINES, _ROUND, _NOT_SPELT, _BOXES = 1, 1 << 12, 1 << 15, 1 << 22, 1 << 24
"""Flags of annotations (table 167) and of fields (tables 227, 229, 231)."""

_INK = "0.043 0.047 0.047"
_PEN_BLUE = "0 0.2 0.55"
_TICK = ((0.18, 0.52), (0.42, 0.24), (0.84, 0.84))
"""The corners of a tick in its box, as parts of its sides, y upwards."""

_TICK_WIDTH = 0.12
"""Of the side of its box."""

_INSET_MM = 0.5
"""How far a field keeps from the frame it lies in, so that no viewer paints over it."""


def print_fillable(layout: Layout, definition: FormDefinition, code: str) -> bytes:
    """Return a PDF of one copy to fill in on a screen. The same arguments give the same bytes."""
    pages = [_WithoutFrames() for _ in layout.pages]
    with pikepdf.open(BytesIO(draw_pages(layout, code, pages, page_code_tag(layout)))) as document:
        form = _Form(document, layout, definition)
        widgets = [widget for field in typed_fields(definition, layout) for widget in form.add(field)]
        form.finish(str(PageCode(layout.id, code, WHOLE_COPY)))
        add_structure(document, [page.pieces for page in pages], language_of(layout), widgets)
        return finished(document, layout)


class _WithoutFrames(Pieces):
    """Tells everything but the frames of places to answer: the fields in them are told instead."""

    @contextmanager
    def told(self, canvas: Any, piece: Piece) -> Iterator[None]:
        with super().told(canvas, DECORATION if piece.role else piece):
            yield


class _Form:
    """The fields of a document while they are made."""

    def __init__(self, document: pikepdf.Pdf, layout: Layout, definition: FormDefinition) -> None:
        self._document = document
        self._layout = layout
        self._definition = definition
        self._size = EDITIONS[layout.edition].body_pt
        self._fonts = Dictionary({FIELD_FONT: embed_field_font(document)})
        self._fields = Array()
        self._heads: dict[str, Any] = {}
        self._looks: dict[tuple[float, float, str], Any] = {}
        for page in document.pages:
            page.obj.Annots = Array()

    def add(self, field: TypedField) -> Iterator[Widget]:
        """Add a field with its widgets, and yield these in their order."""
        made = self._under(field.name, self._own(field))
        for spot in field.spots:
            if field.kind is FieldKind.ROUND:
                widget = self._document.make_indirect(Dictionary(Parent=made))
                made.Kids.append(widget)
            else:
                widget = made
            self._place(widget, field, spot)
            yield Widget(spot.tag, spot.page, widget)

    def finish(self, code: str) -> None:
        """Say which copy this is, and make the fields a form."""
        page = self._document.pages[0].obj
        hidden = Dictionary(
            FT=Name.Tx,
            T=String(COPY_FIELD),
            V=String(code),
            DA=self._appearance(),
            Ff=_READ_ONLY,
            Type=Name.Annot,
            Subtype=Name.Widget,
            Rect=Array([0, 0, 0, 0]),
            F=_HIDDEN,
            P=page,
        )
        self._fields.append(self._document.make_indirect(hidden))
        page.Annots.append(self._fields[-1])
        self._document.Root.AcroForm = self._document.make_indirect(
            Dictionary(Fields=self._fields, DR=Dictionary(Font=self._fonts), DA=self._appearance())
        )

    def _own(self, field: TypedField) -> dict[str, Any]:
        """What a field says of itself, beside its name and its place."""
        words = {"/TU": String(self._words(field))}
        match field.kind:
            case FieldKind.ROUND:
                return {**words, "/FT": Name.Btn, "/Ff": _ROUND, "/V": Name.Off, "/Kids": Array()}
            case FieldKind.TICK:
                return {**words, "/FT": Name.Btn, "/V": Name.Off}
            case FieldKind.BOXES:
                room = {"/Ff": _BOXES | _NOT_SPELT, "/MaxLen": len(field.spots[0].fields)}
            case FieldKind.LINES:
                room = {"/Ff": _LINES, "/MaxLen": LONGEST_COMMENT}
            case FieldKind.LINE:
                room = {"/MaxLen": LONGEST_OTHER}
        return {**words, "/FT": Name.Tx, "/DA": self._appearance(), **room}

    def _under(self, name: str, own: dict[str, Any]) -> Any:
        """Make a field under the heads that its name has: `hours.sat` is the field `sat` of `hours`."""
        *heads, last = name.split(".")
        above, siblings, path = None, self._fields, ""
        for head in heads:
            path = f"{path}{head}."
            if path not in self._heads:
                self._heads[path] = self._document.make_indirect(Dictionary(T=String(head), Kids=Array()))
                siblings.append(self._heads[path])
            above = self._heads[path]
            siblings = above.Kids
        field = self._document.make_indirect(Dictionary({**own, "/T": String(last)}))
        if above is not None:
            field.Parent = above
        siblings.append(field)
        return field

    def _place(self, widget: Any, field: TypedField, spot: Spot) -> None:
        """Make a field, or one choice of a round one, show on its page."""
        page = self._document.pages[spot.page].obj
        box = _room(field, spot)
        widget.Type, widget.Subtype, widget.P, widget.F = Name.Annot, Name.Widget, page, _PRINTED
        widget.Rect = Array([round(each, 3) for each in _corners(box, self._layout.paper_mm[1])])
        if field.kind in (FieldKind.ROUND, FieldKind.TICK):
            widget.AS = Name.Off
            widget.MK = Dictionary(CA=String("4"))
            ticked, empty = self._shared(box, _tick(box)), self._shared(box, "")
            widget.AP = Dictionary(N=Dictionary({f"/{spot.state}": ticked, "/Off": empty}))
            widget.TU = String(self._words(field, spot))
        else:
            widget.AP = Dictionary(N=self._drawn(box, "/Tx BMC EMC"))
        page.Annots.append(widget)

    def _shared(self, box: Box, content: str) -> Any:
        """What boxes of one size look like; not for room to type in, where a viewer may write into what it finds."""
        key = (box.w, box.h, content)
        if key not in self._looks:
            self._looks[key] = self._drawn(box, content)
        return self._looks[key]

    def _drawn(self, box: Box, content: str) -> Any:
        return self._document.make_indirect(
            Stream(
                self._document,
                content.encode("ascii"),
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, *(round(side / MM_PER_PT, 3) for side in (box.w, box.h))]),
                Resources=Dictionary(Font=self._fonts),
            )
        )

    def _appearance(self) -> Any:
        return String(f"{FIELD_FONT} {self._size:g} Tf {_INK} rg")

    def _words(self, field: TypedField, spot: Spot | None = None) -> str:
        """What a field asks, in every language that is printed: `1 Which library did you visit? Porth Gwyn`."""
        said = (self._said(field, spot, language) for language in self._layout.lang.split("+"))
        return " / ".join(dict.fromkeys(said))

    def _said(self, field: TypedField, spot: Spot | None, language: str) -> str:
        question, variable = field.variable.question, field.variable
        number = self._definition.questions.index(question) + 1
        choice = next((each for each in variable.choices if spot and each.value == spot.value), None)
        return " ".join(
            part
            for part in (
                f"{number} {say(question.text, language)}",
                say(variable.text, language) if variable.text is not question.text else "",
                say(choice.label, language) if choice else "",
                _part_of(field, language),
            )
            if part
        )


def _part_of(field: TypedField, language: str) -> str:
    """What tells the fields of one answer apart: the parts of a date have names, rows of boxes a number."""
    if field.of == 1 or field.kind is FieldKind.TICK:
        return ""
    if field.variable.question.kind is Kind.DATE:
        return phrase(("day", "month", "year")[field.number - 1], language)
    return f"{field.number}/{field.of}"


def _room(field: TypedField, spot: Spot) -> Box:
    """What a field covers: its box up to the frame; a row of boxes with half a gap at either end, so that each letter
    comes to stand in its box."""
    if field.kind is not FieldKind.BOXES:
        return spot.box.grown(-_INSET_MM)
    boxes = [each.box for each in spot.fields]
    gap = boxes[1].x - boxes[0].right if len(boxes) > 1 else 0.0
    return Box(spot.box.x - gap / 2, spot.box.y, spot.box.w + gap, spot.box.h)


def _corners(box: Box, height: float) -> Sequence[float]:
    """Left, bottom, right, top in points from the bottom-left corner, as PDF counts."""
    return [side / MM_PER_PT for side in (box.x, height - box.bottom, box.right, height - box.y)]


def _tick(box: Box) -> str:
    """The strokes of a tick that fills its box, in the blue of a pen."""
    width, height = box.w / MM_PER_PT, box.h / MM_PER_PT
    points = [f"{x * width:.2f} {y * height:.2f}" for x, y in _TICK]
    path = f"{points[0]} m {points[1]} l {points[2]} l S"
    return f"q {_PEN_BLUE} RG {_TICK_WIDTH * width:.2f} w 1 J 1 j {path} Q"
