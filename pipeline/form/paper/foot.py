"""The foot of a page, beside the lower page code: the resident's code, which page it is, where the form goes."""

from __future__ import annotations

from dataclasses import replace

from pipeline.form.definition import FormDefinition
from pipeline.form.layout import CopyRun, Part, TextRun
from pipeline.form.paper.blocks import Block, moved, overlaid, stacked, within
from pipeline.form.paper.editions import MM_PER_PT
from pipeline.form.paper.typeset import Setting, base_line, run_width, set_words
from pipeline.form.shaping import text_width
from pipeline.form.words import printed

TALLEST_FOOT = 30.0
"""mm: where the foot cannot say within them where the form goes, as in large print, the end of the form does."""

WIDEST_CODE = "WWWW WWWW"
"""No code is wider: nothing may stand where this would."""

CODE_LEADING = 1.2
CODE_GAP = 3.0
"""mm between the words `Your code` and the code."""

PAGE_GAP = 6.0
"""mm, at least, between the code and the page's number."""

MOST_PAGES = 99
"""A page code has two figures for the page."""


def foot(definition: FormDefinition, setting: Setting, page: int, pages: int) -> Block:
    """Return the foot of page `page` of `pages`, equally high on all; where the form goes is in it if there is room."""
    where = set_words(setting, definition.return_to) if tells_where(definition, setting) else ()
    return stacked((_code_and_page(setting, page, pages), *within("P", 2, where)))


def tells_where(definition: FormDefinition, setting: Setting) -> bool:
    """Whether the foot says where the form goes."""
    lines = set_words(setting, definition.return_to)
    return stacked((_code_and_page(setting, 1, 1), *lines)).height <= TALLEST_FOOT


def _code_and_page(setting: Setting, page: int, pages: int) -> Block:
    """Return the code and the page's number, on one line if it holds them whatever they are."""
    code, code_width = _code(setting)
    (number,) = within("P", 1, (_joined("page", setting, page=page, pages=pages),))
    widest = _joined("page", setting, page=MOST_PAGES, pages=MOST_PAGES)
    if len(widest.drawings) == 1 and code_width + PAGE_GAP + run_width(widest) <= setting.width:
        return overlaid(code, moved(number, setting.width - run_width(number), _sunk(setting, number)))
    return stacked((code, number))


def _code(setting: Setting) -> tuple[Block, float]:
    """Return the words `Your code`, the code in large letters after or under them, and how wide both can get."""
    (label,) = within("P", 0, (_joined("code", setting),))
    start = run_width(label) + CODE_GAP
    width = text_width(WIDEST_CODE, "bold", setting.edition.code_pt)
    if start + width > setting.width:
        return stacked((label, _copy_code(setting, 0.0))), width
    return overlaid(moved(label, 0, _sunk(setting, label)), _copy_code(setting, start)), start + width


def _copy_code(setting: Setting, x: float) -> Block:
    """Return the place of the code, which is printed for each copy."""
    size, height = setting.edition.code_pt, _code_height(setting)
    return Block(height, (CopyRun(x, base_line(size, height), "code", "bold", size, tag=(Part("P"),)),))


def _code_height(setting: Setting) -> float:
    return setting.edition.code_pt * MM_PER_PT * CODE_LEADING


def _sunk(setting: Setting, line: Block) -> float:
    """Return how far a line of body text moves down to stand on the base line of the code beside it."""
    own = next((run.y for run in line.drawings if isinstance(run, TextRun)), 0.0)
    return base_line(setting.edition.code_pt, _code_height(setting)) - own


def _joined(name: str, setting: Setting, **blanks: object) -> Block:
    """Return a short printed phrase in all languages after each other, in a line that runs as the page does."""
    words = " / ".join(dict.fromkeys(printed(name, setting.languages, **blanks).values()))
    language = setting.languages[0] if setting.mirrored else ""
    return stacked(set_words(replace(setting, languages=(language,)), {language: words}))
