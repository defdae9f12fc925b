"""The receipt: a strip at the foot of the first page, which the resident tears off and keeps.

The first sheet's codes and corner marks stand above the strip, front and back, so that nothing the reader needs is
torn off with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.form.definition import FormDefinition
from pipeline.form.layout import CopyRun, Stroke
from pipeline.form.paper.blocks import EMPTY, Block, spaced, stacked, within
from pipeline.form.paper.editions import MM_PER_PT
from pipeline.form.paper.frame import WORDS_MARGIN
from pipeline.form.paper.typeset import BODY, STRONG, Setting, base_line, set_words
from pipeline.form.words import printed

PAGES_TORN = 2
"""The strip is torn off the first sheet, and so off both its pages."""

TALLEST_STRIP = 60.0
"""mm: what does not fit within them in large print, the form says elsewhere."""

ABOVE = 4.0
"""mm of white between the line to tear along and the words."""

DASH, GAP, TEAR_PT = 3.0, 2.0, 0.7
REACH = 13.0
"""mm of a dash, and between two; its thickness; and how far the line goes on beyond the column of words."""


def receipt(definition: FormDefinition, setting: Setting) -> Block:
    """Return the strip, from the line to tear along to the end of the paper; nothing where the form has none."""
    if not definition.receipt:
        return EMPTY
    strip = _told(setting, EMPTY, *_first(definition, setting))
    for more in _further(definition, setting):
        longer = _told(setting, strip, *more)
        strip = longer if ABOVE + longer.height + WORDS_MARGIN <= TALLEST_STRIP else strip
    words = stacked((Block(ABOVE), spaced(strip, 0.0)))
    return Block(words.height + WORDS_MARGIN, (*_tear_line(setting.width), *words.drawings))


def _told(setting: Setting, above: Block, *lines: Block) -> Block:
    return stacked((*([above] if above.height else []), *lines))


def _first(definition: FormDefinition, setting: Setting) -> Iterator[Block]:
    """Yield what the strip says in any case: what it is, of which form, and the code."""
    yield from within("H2", 0, set_words(setting, printed("receipt", setting.languages), STRONG))
    yield from within("P", 1, set_words(setting, definition.title, BODY))
    size = setting.edition.code_pt
    height = size * MM_PER_PT * setting.edition.leading
    yield from within("P", 2, (Block(height, (CopyRun(0, base_line(size, height), "code", "bold", size),)),))


def _further(definition: FormDefinition, setting: Setting) -> Iterator[tuple[Block, ...]]:
    """Yield what else it says where there is room: what the code is good for, and whom to ask."""
    yield within("P", 3, set_words(setting, printed("receipt_use", setting.languages)))
    yield within("P", 4, set_words(setting, definition.help_line))


def _tear_line(width: float) -> Iterator[Stroke]:
    x = -REACH
    while x < width + REACH:
        yield Stroke(round(x, 3), 0.0, round(min(x + DASH, width + REACH), 3), 0.0, TEAR_PT)
        x += DASH + GAP
