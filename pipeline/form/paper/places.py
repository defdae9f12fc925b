"""The places to answer a question, as blocks: boxes to tick with their words, grids, room to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.form.definition import Choice, Kind, Question, Statement, Wording
from pipeline.form.layout import Box, Field, Part, Stroke, TextRun
from pipeline.form.paper.blocks import Block, kept, moved, stacked, untold, white, within
from pipeline.form.paper.boxed import boxed_blocks
from pipeline.form.paper.editions import MARK_CLEARANCE
from pipeline.form.paper.typeset import BODY, STRONG, Setting, run_width, set_words, voices
from pipeline.form.shaping import text_width

SHORTEST_OTHER = 60.0
"""mm: the least room to write in beside an `other` choice; where there is less, it goes under the words."""

NARROWEST_STATEMENT = 0.25
"""The part of a grid's width its statements need; where points leave less, each statement becomes a list."""

MOST_CELL_LINES = 8
"""Lines, of all languages together, in a cell of a grid; with more, each statement becomes a list."""

COLUMN_GAP = 2.5
"""mm between the headings of neighbouring columns."""

GUIDE_PT, GUIDE_GREY = 0.5, 0.65
"""The line that leads the eye along a row of a grid: light, and half a box away from any box."""

DEFAULT_LINES = 6
"""Lines of handwriting in a comment whose definition gives no number."""

TALLEST_COMMENT = 0.6
"""The part of a page's height one comment may take, so that its question always stands above it."""


FORM = (Part("Form", 2),)
"""A place to answer, told after the words beside it."""

_CORNER = TextRun(0.0, 0.0, "", "regular", 14.0, tag=(Part("TD"),))
"""The empty corner of a grid, so that every row is told with as many cells."""


def places(setting: Setting, question: Question, room: float) -> tuple[Block, ...]:
    """Return the blocks to answer `question` in, on pages with `room` mm of height."""
    if question.kind in (Kind.ONE, Kind.MANY):
        return _listed(_spaced(setting, [_choice(setting, question, choice) for choice in question.choices]))
    if question.kind is Kind.SCALE:
        return _scale(setting, question)
    if question.kind is Kind.COMMENT:
        height = (question.lines or DEFAULT_LINES) * setting.edition.writing_line
        return (_writing(setting, question.id, min(height, room * TALLEST_COMMENT)),)
    if question.kind is Kind.TEXT and not question.length:
        return (_writing(setting, question.id, setting.edition.writing_line),)
    return boxed_blocks(setting, question)


def is_grid(setting: Setting, question: Question) -> bool:
    """Whether a scale is printed as a grid of rows and columns, which depends on the size of its words."""
    if question.kind is not Kind.SCALE:
        return False
    column = _column_width(setting, question.points)
    first = setting.width - column * len(question.points)
    longest = _longest_word(setting, [each.text for each in question.statements])
    if first < max(setting.width * NARROWEST_STATEMENT, longest + setting.edition.label_gap):
        return False
    headings = (set_words(setting, point.label, width=column - COLUMN_GAP) for point in question.points)
    statements = (
        set_words(setting, each.text, width=first - setting.edition.label_gap) for each in question.statements
    )
    return all(len(lines) <= MOST_CELL_LINES for lines in (*headings, *statements))


def _writing(setting: Setting, name: str, height: float) -> Block:
    return Block(height, fields=(Field(name, "text", Box(0, 0, setting.width, height), tag=FORM),))


def _listed(rows: Sequence[Block]) -> tuple[Block, ...]:
    """Return rows as the items of a list."""
    return within("L", 1, [item for place, row in enumerate(rows) for item in within("LI", place, (row,))])


def _choice(setting: Setting, question: Question, choice: Choice) -> Block:
    row = _mark_row(setting, question.id, choice)
    return _with_writing(setting, row, f"{question.id}.other") if choice.other else row


def _mark_row(setting: Setting, name: str, choice: Choice) -> Block:
    """Return a box to tick and its words at its right, the first line level with the box."""
    edition = setting.edition
    left = edition.mark + edition.label_gap
    words = within("LBody", 1, set_words(setting, choice.label, width=setting.width - left))
    label = moved(stacked(words), left, (edition.mark - edition.line) / 2)
    mark = Field(name, "mark", Box(0, 0, edition.mark, edition.mark), value=choice.value, tag=(Part("Lbl"), *FORM))
    bottom = (edition.mark - edition.line) / 2 + label.height
    return Block(max(edition.mark, bottom), label.drawings, (mark,))


def _spaced(setting: Setting, rows: Sequence[Block]) -> tuple[Block, ...]:
    """Return rows with boxes to tick, far enough from each other that no mark in one is taken for one in the next."""
    ends = (row.fields[0].box.bottom + MARK_CLEARANCE - row.height for row in rows)
    gaps = (max(setting.edition.line * 0.4, end) for end in ends)
    return tuple(replace(row, above=gap) for row, gap in zip(rows, (0.0, *gaps), strict=False))


def _with_writing(setting: Setting, row: Block, name: str) -> Block:
    """Return a choice with room to write at the right of its words, or under them where they leave too little."""
    edition = setting.edition
    left = run_width(row) + edition.label_gap
    if setting.width - left < SHORTEST_OTHER:
        left = edition.mark + edition.label_gap
        box = Box(left, row.height + edition.line * 0.2, setting.width - left, edition.writing_line)
    else:
        box = Box(left, edition.mark / 2 - edition.writing_line / 2, setting.width - left, edition.writing_line)
    lowered = moved(row, 0, max(0.0, -box.y))
    box = replace(box, y=max(0.0, box.y))
    room = Field(name, "text", box, tag=(Part("LBody", 1), *FORM))
    return replace(lowered, height=max(lowered.height, box.bottom), fields=(*lowered.fields, room))


def _scale(setting: Setting, question: Question) -> tuple[Block, ...]:
    if is_grid(setting, question):
        return _grid(setting, question)
    return tuple(
        block
        for number, statement in enumerate(question.statements)
        for block in within(
            "Div", number, white(_list(setting, question, statement), setting.edition.line * 0.5 if number else 0.0)
        )
    )


def _list(setting: Setting, question: Question, statement: Statement) -> tuple[Block, ...]:
    """Return one statement of a scale as a list of its own, for print too large for a grid."""
    head = within("P", 0, kept(set_words(setting, statement.text, STRONG)))
    name = f"{question.id}.{statement.id}"
    rows = _listed(_spaced(setting, [_mark_row(setting, name, point) for point in question.points]))
    return (*head, *white((*kept(rows[:-1]), *rows[-1:]), setting.edition.line * 0.4))


def _column_width(setting: Setting, points: Sequence[Choice]) -> float:
    """Return the width each column of a grid needs: for its longest word, and for a box and its clearance."""
    longest = _longest_word(setting, [point.label for point in points])
    return max(setting.edition.mark + MARK_CLEARANCE, COLUMN_GAP + longest + _ROUNDING)


_ROUNDING = 1e-6
"""mm: a column less its gap is no narrower than its longest word by a rounding, which would cut the word."""


def _longest_word(setting: Setting, wordings: Sequence[Wording]) -> float:
    """Return the mm that the longest word takes, in any language."""
    words = (
        text_width(word, voice.font, setting.edition.body_pt)
        for wording in wordings
        for voice in voices(wording, setting.languages, BODY)
        for word in voice.text.split()
    )
    return max(words, default=0.0)


def _grid(setting: Setting, question: Question) -> tuple[Block, ...]:
    column = _column_width(setting, question.points)
    headings = _headings(setting, question.points, column)
    rows = [_grid_row(setting, question, statement, column) for statement in question.statements]
    told = [row for place, each in enumerate((headings, *rows)) for row in within("TR", place, (each,))]
    return within(
        "Table", 0, (replace(told[0], sticks=True), *(replace(row, heads=untold(headings)) for row in told[1:]))
    )


def _headings(setting: Setting, points: Sequence[Choice], column: float) -> Block:
    """Return the points of a grid above their columns, their last lines level."""
    first = setting.width - column * len(points)
    cells = [
        _centred(within("TH", place, set_words(setting, point.label, width=column - COLUMN_GAP)), column)
        for place, point in enumerate(points, 1)
    ]
    height = max(cell.height for cell in cells) + setting.edition.line * 0.3
    placed = [
        moved(cell, first + column * place, height - cell.height - setting.edition.line * 0.3)
        for place, cell in enumerate(cells)
    ]
    drawings = (drawing for cell in placed for drawing in cell.drawings)
    return Block(height, (_CORNER, *drawings, _guide(setting, height)))


def _centred(lines: Iterable[Block], width: float) -> Block:
    """Return lines in the middle of a column, each beginning under the one above: a heading is read like any words."""
    block = stacked(lines)
    return moved(block, (width - run_width(block)) / 2, 0)


def _guide(setting: Setting, y: float) -> Stroke:
    return Stroke(0, y, setting.width, y, GUIDE_PT, grey=GUIDE_GREY)


def _grid_row(setting: Setting, question: Question, statement: Statement, column: float) -> Block:
    edition = setting.edition
    first = setting.width - column * len(question.points)
    words = stacked(within("TH", 0, set_words(setting, statement.text, width=first - edition.label_gap)))
    height = max(words.height + edition.line * 0.5, edition.mark + MARK_CLEARANCE)
    words = moved(words, 0, (height - words.height) / 2)
    top = (height - edition.mark) / 2
    marks = tuple(
        Field(
            f"{question.id}.{statement.id}",
            "mark",
            Box(first + column * (place + 0.5) - edition.mark / 2, top, edition.mark, edition.mark),
            value=point.value,
            tag=(Part("TD", place + 1), *FORM),
        )
        for place, point in enumerate(question.points)
    )
    return Block(height, (*words.drawings, _guide(setting, height)), marks)
