"""Every card in one picture, each read as if it lay there alone; one that cannot be told is said, not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pipeline.form.layout import Layout
from pipeline.page.cards import holds_more, pages_together
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.page.refusal import Reason, Refusal
from pipeline.page.register import RegisteredPage, register

Reading = TypeVar("Reading")


def read_each_card(
    image: PageImage, known: KnownPaper, read: Callable[[RegisteredPage, Layout], Reading]
) -> tuple[Reading | Refusal, ...]:
    """Return what was read on each card in a picture, from top to bottom, and a refusal for what is left over.

    Nothing where not all that lies in the picture are cards known here.
    """
    pages = pages_together(image)
    layouts = [layout for page in pages if (layout := known.layouts.get(page.code.layout)) and layout.sheet]
    if len(layouts) < len(pages):
        return ()
    found = [register(page, layout.pages[0], layout.paper_mm) for page, layout in zip(pages, layouts, strict=True)]
    cards = [
        each if isinstance(each, Refusal) else read(each, layout) for each, layout in zip(found, layouts, strict=True)
    ]
    placed = [
        (each, layout.paper_mm) for each, layout in zip(found, layouts, strict=True) if isinstance(each, RegisteredPage)
    ]
    if len(placed) == len(found) and holds_more(image, placed):
        return (*cards, Refusal(Reason.NO_CODE, "corner marks of one more card were found"))
    return tuple(cards)
