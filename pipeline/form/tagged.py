"""Print one copy as a tagged PDF, which a screen reader reads out in order; stacks of copies are for paper alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Dictionary

from pipeline.form.layout import Layout, Part, Tag
from pipeline.form.paper.pages import FOOT_PART
from pipeline.form.printing import draw_pages
from pipeline.form.structure import Piece, add_structure
from pipeline.form.words import phrase


def print_copy(layout: Layout, code: str) -> bytes:
    """Return a tagged PDF of one copy of `layout`. The same arguments give the same bytes."""
    pages = [Pieces() for _ in layout.pages]
    with pikepdf.open(BytesIO(draw_pages(layout, code, pages, page_code_tag(layout)))) as document:
        add_structure(document, [page.pieces for page in pages], language_of(layout))
        return finished(document, layout)


def language_of(layout: Layout) -> str:
    """Return the language of a printed file: the first that is printed."""
    return layout.lang.split("+")[0]


def finished(document: pikepdf.Pdf, layout: Layout) -> bytes:
    """Return a tagged document as a file: its title is shown, and its metadata say what its information says."""
    document.Root.ViewerPreferences = Dictionary(
        {**dict(document.Root.get("/ViewerPreferences", {}).items()), "/DisplayDocTitle": True}
    )
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["dc:title"] = layout.title
        metadata["dc:language"] = {language_of(layout)}
    target = BytesIO()
    document.save(target, min_version="1.7", deterministic_id=True)
    return target.getvalue()


def page_code_tag(layout: Layout) -> Tag:
    """Return the part that the page code of the first page is, with what it says."""
    return (Part("Sect", FOOT_PART), Part("Figure", 9, phrase("a_page_code", language_of(layout))))


class Pieces:
    """Numbers, from 0, what is drawn on one page and told; all else is marked as decoration."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @contextmanager
    def told(self, canvas: Any, piece: Piece) -> Iterator[None]:
        """Mark what is drawn meanwhile as this piece, or as decoration."""
        if piece.tag:
            canvas.addLiteral(f"/{piece.tag[-1].kind} <</MCID {len(self.pieces)}>> BDC")
            self.pieces.append(piece)
        else:
            canvas.addLiteral("/Artifact BMC")
        yield
        canvas.addLiteral("EMC")
