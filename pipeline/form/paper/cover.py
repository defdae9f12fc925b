"""The cover sheet of a stack: where its codes, its boxes and its words sit."""

from __future__ import annotations

from functools import cache

from pipeline.form.cover import COUNT_BOXES, LONGEST_LIBRARY, PREFIX, SEPARATOR, Cover, spoken_batch_code
from pipeline.form.definition import Wording
from pipeline.form.fonts import unprintable
from pipeline.form.layout import Box, Drawing, Field, Layout, PageLayout, Panel, PrintedCode, TextRun
from pipeline.form.paper.blocks import Block, moved, spaced, stacked
from pipeline.form.paper.editions import EDITIONS, MM_PER_PT, PAPERS
from pipeline.form.paper.frame import END_MARGIN, MARK_SIDE, QUIET, SIDE_MARGIN, Frame
from pipeline.form.paper.typeset import BODY, SIGNPOST, STRONG, Setting, Style, base_line, set_words
from pipeline.form.staff_words import cover_words
from pipeline.form.words import long_date

COVER_LAYOUT = "COVER"
"""Stands where a printed form has the identity of its layout; no digest is so short."""

FORMS = "forms"
"""What the boxes of a cover ask for: how many forms are in the stack."""

_CODE_SIDE = 27.0
"""mm: 37 modules of 0.73 mm, as large as those of page codes."""

_BAND = 16.0
"""mm of red across the head, so that a cover is found in a stack."""

_BOX = (11.0, 13.5, 2.0)
"""mm: width and height of a box for a figure, and the gap between two, as in giant print."""

_WORDS_TOP, _COUNT_TOP, _BOXES_TOP, _STEPS_TOP = 45.0, 92.0, 112.0, 140.0
"""mm from the top: where the library's name, the count's label, its boxes and the instructions begin."""

_TITLE_PT, _LIBRARY_PT, _COUNT_PT, _CODE_PT = 24.0, 26.0, 84.0, 28.0
"""Type sizes in points; the number of forms is read from across a room."""


def lay_out_cover(cover: Cover, languages: tuple[str, ...] = ("en",)) -> Layout:
    """Return where everything of a cover sits on its paper, its words in `languages`."""
    frame = Frame(*PAPERS[cover.paper])
    setting = Setting(EDITIONS["clear"], languages, frame.column)
    blank = cover_page(cover.paper)
    drawings = (
        *_head(frame, setting, cover),
        *_count(frame, setting, cover),
        *_steps(frame, setting),
        *_foot(frame, setting, cover),
    )
    return Layout(
        id=COVER_LAYOUT,
        form=COVER_LAYOUT.lower(),
        version=PREFIX,
        edition="clear",
        lang="+".join(languages),
        paper=cover.paper,
        paper_mm=(frame.width, frame.height),
        pages=(PageLayout(1, blank.codes, blank.fields if cover.forms is None else (), drawings),),
        title=f"{_joined(cover_words('title'), languages)}: {cover.library}",
        author=cover.library,
    )


@cache
def cover_page(paper: str) -> PageLayout:
    """Return what every cover on one paper has in the same places, words apart: its codes, and boxes for a count."""
    frame = Frame(*PAPERS[paper])
    wide, high, gap = _BOX
    boxes = (Box(frame.left + place * (wide + gap), _BOXES_TOP, wide, high) for place in range(COUNT_BOXES))
    fields = (Field(FORMS, "character", box, index=place, allowed="0123456789") for place, box in enumerate(boxes))
    low = Box(frame.left, frame.bottom - _CODE_SIDE, _CODE_SIDE, _CODE_SIDE)
    high_up = Box(frame.width - frame.left - _CODE_SIDE, _WORDS_TOP, _CODE_SIDE, _CODE_SIDE)
    return PageLayout(1, (PrintedCode("qr", high_up), PrintedCode("qr", low)), tuple(fields))


def is_library(name: str) -> bool:
    """Whether a library's name fits a cover: not empty, not too long, in letters that can be printed, and without the
    sign that parts the code."""
    fits = len(name) <= LONGEST_LIBRARY and len(name.encode()) <= LONGEST_LIBRARY + 4
    return bool(name.strip()) and fits and SEPARATOR not in name and name.isprintable() and not unprintable(name)


def _head(frame: Frame, setting: Setting, cover: Cover) -> tuple[Drawing, ...]:
    """The red band with the word for what this is; under it whose stack it is, and of which day."""
    band = Box(SIDE_MARGIN, END_MARGIN, frame.width - 2 * SIDE_MARGIN, _BAND)
    title = _joined(cover_words("title"), setting.languages)
    words = TextRun(frame.left, band.y + base_line(_TITLE_PT, _BAND), title, "bold", _TITLE_PT, grey=1.0)
    width = frame.column - _CODE_SIDE - 2 * QUIET
    days = {language: long_date(cover.day, language) for language in setting.languages}
    whose = stacked(
        (
            *set_words(setting, {"": cover.library}, STRONG, size_pt=_LIBRARY_PT, leading=1.15, width=width),
            spaced(_set(setting, days, BODY, width), 2.0),
        )
    )
    return (Panel(band, 0.0, red=True), words, *moved(whose, frame.left, _WORDS_TOP).drawings)


def _count(frame: Frame, setting: Setting, cover: Cover) -> tuple[Drawing, ...]:
    """How many forms there are, in figures that nobody overlooks, or what to write in the boxes."""
    asked = cover_words("write" if cover.forms is None else "forms")
    label = moved(_set(setting, asked, SIGNPOST), frame.left, _COUNT_TOP)
    if cover.forms is None:
        return label.drawings
    top = _COUNT_TOP + label.height
    base = base_line(_COUNT_PT, _COUNT_PT * MM_PER_PT)
    return (*label.drawings, TextRun(frame.left, top + base, str(cover.forms), "bold", _COUNT_PT))


def _steps(frame: Frame, setting: Setting) -> tuple[Drawing, ...]:
    steps = (spaced(_set(setting, cover_words(name), BODY), 3.0) for name in ("count", "lay", "turn", "told"))
    return moved(stacked(steps), frame.left, _STEPS_TOP).drawings


def _foot(frame: Frame, setting: Setting, cover: Cover) -> tuple[Drawing, ...]:
    """The batch's code for people, beside the lower square code."""
    label = _set(setting, {"": _joined(cover_words("stack"), setting.languages)}, BODY)
    line = _CODE_PT * MM_PER_PT
    code = Block(line, (TextRun(0, base_line(_CODE_PT, line), spoken_batch_code(cover.batch), "bold", _CODE_PT),))
    foot = stacked((label, code))
    return moved(foot, frame.left + _CODE_SIDE + QUIET + MARK_SIDE, frame.bottom - foot.height).drawings


def _set(setting: Setting, wording: Wording, style: Style, width: float | None = None) -> Block:
    return stacked(set_words(setting, wording, style, width=width))


def _joined(wording: Wording, languages: tuple[str, ...]) -> str:
    return " / ".join(wording[language] for language in languages)
