"""The structure tree of a tagged PDF: what is told, in which order, and in which language (ISO 32000-2, 14.7, 14.8).

The library that draws has no such tree. It numbers what it draws on each page (`pipeline.form.tagged`), and this
builds the tree over those numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from pipeline.form.fonts import is_latin
from pipeline.form.layout import Part, Tag

PrintedRole = Literal["", "cb", "tv"]
"""What a place to answer with a pen is: a box to tick or room to write (ISO 32000-2, 14.8.5.6); "" of anything else."""

_DOCUMENT = Part("Document")


@dataclass(frozen=True, slots=True)
class Piece:
    """Something drawn: the part it belongs to, its language ("" if that of the document), its text in the order it is
    read."""

    tag: Tag
    language: str = ""
    text: str = ""
    role: PrintedRole = ""


DECORATION = Piece(())
"""Something drawn that is not told."""


@dataclass(frozen=True, slots=True, eq=False)
class Widget:
    """A field to fill in on a screen: its part, and its annotation on page `page` (from 0)."""

    tag: Tag
    page: int
    annotation: pikepdf.Object


@dataclass(frozen=True, slots=True)
class _Said:
    """Piece number `number` of page `page`, both from 0."""

    page: int
    number: int
    piece: Piece


@dataclass(slots=True)
class _Node:
    """One part with all that belongs to it: what it says itself comes before the parts within it."""

    part: Part
    parts: dict[Part, _Node] = field(default_factory=dict)
    said: list[_Said] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)
    role: PrintedRole = ""

    @property
    def holds_others(self) -> bool:
        """Whether anything is told within it beside what it says itself."""
        return bool(self.parts or self.widgets)

    def at(self, tag: Tag) -> _Node:
        """The part at `tag` below this one."""
        node = self
        for part in tag:
            node = node.parts.setdefault(part, _Node(part))
        return node


def add_structure(
    document: pikepdf.Pdf, pages: Sequence[Sequence[Piece]], language: str, widgets: Iterable[Widget] = ()
) -> None:
    """Give a document its structure tree; `pages` holds the pieces of each page by their numbers."""
    top = _Node(_DOCUMENT)
    for page, pieces in enumerate(pages):
        for number, piece in enumerate(pieces):
            node = top.at(piece.tag)
            node.said.append(_Said(page, number, piece))
            node.role = piece.role
    for widget in widgets:
        top.at(widget.tag).widgets.append(widget)
    _Tree(document, language, [len(pieces) for pieces in pages]).grow(top)


class _Tree:
    """A structure tree that grows in a document, and the way back from each piece to its element."""

    def __init__(self, document: pikepdf.Pdf, language: str, pieces: Sequence[int]) -> None:
        self._document = document
        self._language = language
        self._root: Any = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self._owners: list[list[Any]] = [[None] * count for count in pieces]
        self._widget_owners: list[Any] = []

    def grow(self, top: _Node) -> None:
        """Build every element, and tie the tree to the document and its pages."""
        self._root.K = self._element(top, self._root, None)
        owners = [Array(each) for each in self._owners] + self._widget_owners
        numbers = [each for number, owner in enumerate(owners) for each in (number, owner)]
        self._root.ParentTree = self._document.make_indirect(Dictionary(Nums=Array(numbers)))
        self._root.ParentTreeNextKey = len(owners)
        self._document.Root.StructTreeRoot = self._root
        self._document.Root.MarkInfo = Dictionary(Marked=True)
        for number, page in enumerate(self._document.pages):
            page.obj.StructParents = number
            page.obj.Tabs = Name.S

    def _element(self, node: _Node, parent: Any, above: Part | None) -> Any:
        element = self._new(node.part.kind, parent)
        if node.part.says:
            element.Alt = String(node.part.says)
        if attributes := _attributes(node, above):
            element.A = attributes
        element.K = Array(
            [
                *self._contents(node, element),
                *(self._reference(widget, element) for widget in node.widgets),
                *(
                    self._element(child, element, node.part)
                    for child in sorted(node.parts.values(), key=lambda child: child.part.place)
                ),
            ]
        )
        return element

    def _new(self, kind: str, parent: Any) -> Any:
        return self._document.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{kind}"), P=parent))

    def _contents(self, node: _Node, element: Any) -> list[Any]:
        """What an element says itself; in a span for each where it does so in several languages or on several pages.

        In a span as well where its text has to be spelt out, which would hide what else is within the element.
        """
        groups = [list(some) for _, some in groupby(node.said, key=lambda each: (each.page, each.piece.language))]
        if len(groups) <= 1 and not (node.holds_others and any(map(_is_shaped, node.said))):
            return [number for some in groups for number in self._said_by(element, some)]
        spans = [self._new("Span", element) for _ in groups]
        for span, some in zip(spans, groups, strict=True):
            span.K = Array(self._said_by(span, some))
        return spans

    def _said_by(self, element: Any, said: Sequence[_Said]) -> list[int]:
        """The numbers of some pieces on one page, in one language, now that `element` says them."""
        first = said[0]
        element.Pg = self._document.pages[first.page].obj
        if first.piece.language not in ("", self._language):
            element.Lang = String(first.piece.language)
        if any(map(_is_shaped, said)):
            element.ActualText = String(" ".join(each.piece.text for each in said))
        for each in said:
            self._owners[each.page][each.number] = element
        return [each.number for each in said]

    def _reference(self, widget: Widget, element: Any) -> Any:
        widget.annotation.StructParent = len(self._owners) + len(self._widget_owners)
        self._widget_owners.append(element)
        page = self._document.pages[widget.page].obj
        return Dictionary(Type=Name.OBJR, Pg=page, Obj=widget.annotation)


def _is_shaped(said: _Said) -> bool:
    """Whether what is drawn are glyphs of a script that joins or reorders its letters: they spell nothing."""
    return not is_latin(said.piece.text)


def _attributes(node: _Node, above: Part | None) -> Any:
    """What a reader has to know of an element beside its kind: whose heading a cell is, what a place to answer is."""
    if node.part.kind == "TH":
        first_row = above is not None and above.place == 0
        return Dictionary(O=Name.Table, Scope=Name.Column if first_row else Name.Row)
    if node.role:
        return Dictionary(O=Name.PrintField, Role=Name(f"/{node.role}"))
    return None
