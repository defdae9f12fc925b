"""The return panel: an address that shows in the window of a DL envelope when the sheet is folded in three.

A DL envelope is 110 by 220 mm; its window, as makers in the United Kingdom cut it, 35 by 90 mm, 20 mm from the left and
18 mm from the bottom. The window of DIN 680, 45 by 90 mm, 20 mm from the left and 15 mm from the bottom, shows all that
this one does. A sheet folded at 99 and 198 mm lies loosely in it: 10 mm to spare across, 11 mm upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.form.definition import FormDefinition
from pipeline.form.layout import Box, LayoutError, Stroke, TextRun
from pipeline.form.paper.blocks import EMPTY, Block, end_of, moved, overlaid, stacked, within
from pipeline.form.paper.editions import MM_PER_PT
from pipeline.form.paper.typeset import Setting, base_line, set_words
from pipeline.form.shaping import text_width
from pipeline.form.words import printed

ENVELOPE = (220.0, 110.0)
WINDOW = Box(20.0, 110.0 - 18.0 - 35.0, 90.0, 35.0)
"""mm: the envelope's width and height, and the window from its top-left corner, flap at the top."""

FOLDS = (99.0, 198.0)
"""mm from the top of the sheet, A4 or Letter; the part between them faces the window."""

_SPARE = ENVELOPE[0] - 210.0, ENVELOPE[1] - (FOLDS[1] - FOLDS[0])
"""mm by which a folded sheet of A4 moves in the envelope, across and upwards. Letter has less room across."""

_TOP = FOLDS[1] - ENVELOPE[1]
"""The y on the sheet of the envelope's upper edge, while the folded sheet lies on its bottom."""

SAFE = Box(WINDOW.x, _TOP + WINDOW.y + _SPARE[1], WINDOW.w - _SPARE[0], WINDOW.h - _SPARE[1])
"""The part of the sheet (mm) that shows wherever the sheet lies in the envelope."""

SEEN = Box(WINDOW.x - _SPARE[0], _TOP + WINDOW.y, WINDOW.w + _SPARE[0], WINDOW.h + _SPARE[1])
"""The part of the sheet (mm) that may show: nothing but the address is printed there."""

ADDRESS_PTS = (14.0, 13.0, 12.0)
"""Type sizes tried for the address, the same in every edition: a window is no larger for large print."""

ADDRESS_LEADING = 1.2
ABOVE = 3.0
"""mm of white between the words and what may show."""

FOLD_MARK = (7.0, 12.0, 0.7)
"""mm from the side where a mark to fold at begins and ends; and its thickness in points."""

PANEL_PART = 5
"""What the panel is called in a tagged PDF, after the foot."""

FOR_THE_POST = "Aside"
"""The structure type of the address, which is for whoever carries the letter: it has a size of its own."""


def with_panel(
    columns: Sequence[Block], definition: FormDefinition, setting: Setting, span: Callable[[int], tuple[float, float]]
) -> tuple[Block, ...]:
    """Return the columns of a form's pages with how to fold the last, above its window: on a further page if need be.

    Columns have the y of the paper; `span` tells from where to where (mm) a page is filled.
    """
    if not definition.return_address:
        return tuple(columns)
    words = stacked(within("P", 0, set_words(setting, printed("post_it", setting.languages))))
    top = SEEN.y - ABOVE - words.height
    pages = list(columns)
    while not _has_room(pages[-1], top - setting.edition.line, span(len(pages))):
        pages.append(EMPTY)
    (told,) = within("Sect", PANEL_PART, (moved(words, 0, top),))
    return (*pages[:-1], overlaid(pages[-1], told))


def _has_room(column: Block, top: float, span: tuple[float, float]) -> bool:
    """Whether a page is still empty from `top` down, and goes on as far as anything may show."""
    return max(end_of(column), span[0]) <= top and span[1] >= SEEN.bottom


def address(definition: FormDefinition, left: float) -> Block:
    """Return the address and the marks to fold at, in mm of the paper, whichever way the language is written.

    It begins at `left` where that always shows. Raises `LayoutError` where a line is wider than what does.
    """
    x = max(SAFE.x, left)
    size = next((pt for pt in ADDRESS_PTS if _widest(definition, pt) <= SAFE.right - x), None)
    if size is None:
        line = max(definition.return_address, key=len)
        raise LayoutError(
            f"The line “{line}” of return_address does not fit in the window of an envelope. Write it in fewer letters,"
            " or on two lines."
        )
    height = size * MM_PER_PT * ADDRESS_LEADING
    lines = (
        Block(height, (TextRun(0, base_line(size, height), line, "regular", size, language=definition.languages[0]),))
        for line in definition.return_address
    )
    (told,) = within("Sect", PANEL_PART, within(FOR_THE_POST, 1, (stacked(lines),)))
    marks = (Stroke(FOLD_MARK[0], fold, FOLD_MARK[1], fold, FOLD_MARK[2]) for fold in FOLDS)
    return overlaid(moved(told, x, SAFE.y + (SAFE.h - told.height) / 2), Block(0.0, tuple(marks)))


def _widest(definition: FormDefinition, size_pt: float) -> float:
    return max(text_width(line, "regular", size_pt) for line in definition.return_address)
