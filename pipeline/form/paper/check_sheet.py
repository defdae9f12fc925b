"""The scanner's check sheet: greys, fine lines and pen strokes to measure, in places that printer and reader share.

It carries page codes and corner marks like any form, so that what is measured is what forms go through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipeline.form.code import copy_code, layout_code
from pipeline.form.layout import Box, Drawing, Layout, PageLayout, Panel, PenLine, Stroke
from pipeline.form.paper.blocks import Block, moved, spaced, stacked
from pipeline.form.paper.editions import EDITIONS, MM_PER_PT, PAPERS
from pipeline.form.paper.frame import Frame, page_codes
from pipeline.form.paper.typeset import SIGNPOST, STRONG, Setting, set_words
from pipeline.form.staff_words import check_words

CHECK_COPY = copy_code(0)
"""The copy that every check sheet is: `22222222`. The layout tells it from a form."""

_IDENTITY = "scanner check sheet 1"
"""What the identity of its layout is made from; count on when anything to be measured moves."""

WEDGE = (0.9, 0.8, 0.7, 0.55, 0.4, 0.25, 0.1, 0.0)
"""Greys of the patches, 0 ink to 1 paper. Steps are fine at the pale end, where pencil is lost first."""

LINE_PAIRS_PER_MM = 2.0
"""Of the fine lines: each 0.25 mm, as thin as a hard pencil's, and three pixels at 300 dots per inch."""

Pen = Literal["black", "blue", "red", "pencil"]

PENS: dict[Pen, tuple[float, float, float]] = {
    "black": (0.08, 0.08, 0.1),
    "blue": (0.1, 0.2, 0.75),
    "red": (0.75, 0.1, 0.15),
    "pencil": (0.6, 0.6, 0.6),
}
"""Colours of the strokes, red, green and blue from 0 to 1: ball pens, and pencil as faint as people write with."""

PEN_WIDTH_MM = 0.5

_TOPS = {"greys": 56.0, "lines": 89.0, "pens": 122.0, "scale": 166.0}
"""mm from the top where each group begins with its heading."""

_NOTES_TOP = 193.0

_HEADING = 9.0
_PATCH = (160.0 / len(WEDGE), 14.0)
_GROUP = (48.0, 14.0, 8.0)
"""mm: width and height of a group of fine lines, and the gap to the next, and to the bare paper beside them."""

_PEN_LEFT, _PEN_LENGTH, _PEN_STEP = 45.0, 100.0, 8.0
"""mm from the left of the column, mm long, and mm from one stroke to the next."""

_RULER_MM, _RULER_PT = 150.0, 1.0
_TITLE_PT = 26.0


@dataclass(frozen=True, slots=True)
class Targets:
    """Where everything to be measured is: bare paper, grey patches in the order of `WEDGE`, lines that run across and
    down, and each pen's stroke with the white around it."""

    paper: Box
    wedge: tuple[Box, ...]
    across: Box
    down: Box
    pens: dict[Pen, Box]


@cache
def check_layout_id(paper: str) -> str:
    """Return what the page codes of a check sheet on `paper` give as their layout."""
    return layout_code(f"{_IDENTITY}, {paper}")


def paper_of_check(layout: str) -> str | None:
    """Return the paper of the check sheet with this layout, None where it is no check sheet."""
    return next((paper for paper in PAPERS if check_layout_id(paper) == layout), None)


@cache
def targets(paper: str) -> Targets:
    """Return what is to be measured on the front of a check sheet."""
    left = Frame(*PAPERS[paper]).left
    wide, high = _PATCH
    top = _TOPS["greys"] + _HEADING
    wedge = tuple(Box(left + place * wide, top, wide, high) for place in range(len(WEDGE)))
    group, tall, gap = _GROUP
    lines = _TOPS["lines"] + _HEADING
    first = _TOPS["pens"] + _HEADING + 2.0
    pens = {
        pen: Box(left + _PEN_LEFT, first + place * _PEN_STEP - 2.0, _PEN_LENGTH, 4.0) for place, pen in enumerate(PENS)
    }
    across, down, bare = (Box(left + place * (group + gap), lines, group, tall) for place in range(3))
    return Targets(bare, wedge, across, down, pens)


@cache
def check_page(paper: str, number: int) -> PageLayout:
    """Return the codes of the front (1) or the back (2) of a check sheet, without a word on it."""
    codes = tuple(code for code in page_codes(Frame(*PAPERS[paper]), number) if code.kind != "serial")
    return PageLayout(number, codes, ())


def lay_out_check_sheet(paper: str = "a4", language: str = "en") -> Layout:
    """Return where everything of the check sheet sits, front and back, its words in one language."""
    frame = Frame(*PAPERS[paper])
    setting = Setting(EDITIONS["clear"], (language,), frame.column)
    found = targets(paper)
    front = (*_head(frame, setting), *_words(frame, setting, found), *_measured(found), *_ruler(frame))
    back = _placed(set_words(setting, check_words("back")), frame.left, frame.height / 2)
    drawn = ((check_page(paper, 1), front), (check_page(paper, 2), back))
    return Layout(
        id=check_layout_id(paper),
        form="check-sheet",
        version=_IDENTITY,
        edition="clear",
        lang=language,
        paper=paper,
        paper_mm=(frame.width, frame.height),
        pages=tuple(PageLayout(page.number, page.codes, (), drawings) for page, drawings in drawn),
        title=check_words("title")[language],
        author="pillarbox",
    )


def _measured(found: Targets) -> tuple[Drawing, ...]:
    """Everything that is measured, drawn from where it will be looked for."""
    patches = (Panel(box, grey) for box, grey in zip(found.wedge, WEDGE, strict=True))
    pens = (_pen_line(pen, box) for pen, box in found.pens.items())
    return (*patches, *_lines_across(found.across), *_lines_down(found.down), *pens)


def _lines_across(box: Box) -> tuple[Stroke, ...]:
    """Lines from side to side of `box`, as thick as the gaps between them."""
    pitch = 1.0 / LINE_PAIRS_PER_MM
    rows = (box.y + pitch * (place + 0.25) for place in range(round(box.h / pitch)))
    return tuple(Stroke(box.x, y, box.right, y, pitch / 2 / MM_PER_PT) for y in rows)


def _lines_down(box: Box) -> tuple[Stroke, ...]:
    pitch = 1.0 / LINE_PAIRS_PER_MM
    columns = (box.x + pitch * (place + 0.25) for place in range(round(box.w / pitch)))
    return tuple(Stroke(x, box.y, x, box.bottom, pitch / 2 / MM_PER_PT) for x in columns)


def _pen_line(pen: Pen, box: Box) -> PenLine:
    y = box.centre[1]
    return PenLine(box.x, y, box.right, y, PEN_WIDTH_MM / MM_PER_PT, PENS[pen])


def _ruler(frame: Frame) -> tuple[Drawing, ...]:
    """A line of known length with a tick each centimetre, for a person with a ruler."""
    y = _TOPS["scale"] + _HEADING + 5.0
    ticks = (frame.left + 10.0 * place for place in range(round(_RULER_MM / 10) + 1))
    return (
        Stroke(frame.left, y, frame.left + _RULER_MM, y, _RULER_PT),
        *(Stroke(x, y - 4.0, x, y, _RULER_PT) for x in ticks),
    )


def _head(frame: Frame, setting: Setting) -> tuple[Drawing, ...]:
    width = frame.between_codes
    title = set_words(setting, check_words("title"), STRONG, size_pt=_TITLE_PT, leading=1.15, width=width)
    return _placed((*title, *set_words(setting, check_words("use"), width=width)), frame.left, frame.top)


def _words(frame: Frame, setting: Setting, found: Targets) -> tuple[Drawing, ...]:
    """The heading of each group, what each pen is called, and what the sheet is good for."""
    headings = (
        run
        for name, top in _TOPS.items()
        for run in _placed(set_words(setting, check_words(name), SIGNPOST), frame.left, top)
    )
    pens = (
        run
        for pen, box in found.pens.items()
        for run in _placed(set_words(setting, check_words(pen)), frame.left, box.centre[1] - setting.edition.line / 2)
    )
    notes = [spaced(stacked(set_words(setting, check_words(name))), 2.0) for name in ("pens_how", "scale_how", "told")]
    return (*headings, *pens, *_placed(notes, frame.left, _NOTES_TOP))


def _placed(blocks: Iterable[Block], left: float, top: float) -> tuple[Drawing, ...]:
    return moved(stacked(blocks), left, top).drawings
