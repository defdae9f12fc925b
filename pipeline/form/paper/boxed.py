"""Boxes for single characters: dates, postcodes, numbers, patterns and short boxed lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from string import ascii_uppercase, digits

from pipeline.form.definition import Kind, Question, Wording
from pipeline.form.layout import Box, Field, Part, TextRun
from pipeline.form.paper.blocks import Block, moved, overlaid, stacked, within
from pipeline.form.paper.editions import Edition
from pipeline.form.paper.typeset import Setting, base_line, run_width, set_words, unturned
from pipeline.form.shaping import text_width
from pipeline.form.words import printed

CAPITALS = digits + ascii_uppercase
POSTCODE_BOXES = 8
"""The longest UK postcode with its space: `SW1A 1AA`."""

DEFAULT_DIGITS = 4
"""Boxes for a number whose definition gives no maximum."""

GROUP_GAP = 5.0
"""mm between day, month and year; between single boxes the edition's `character_gap` serves."""

CAPTION_GAP = 0.8
"""mm between a caption and its boxes, so that the tail of a y does not touch them."""

ROW_GAP = 4.0
"""mm between rows of boxes where one is too narrow for them all."""

_PATTERN = {"9": digits, "A": ascii_uppercase, "X": CAPITALS}


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring boxes under one caption, each taking some characters; or, with none, only `words` in print."""

    allowed: tuple[str, ...]
    caption: Wording | None = None
    words: str = ""


def boxed_blocks(setting: Setting, question: Question) -> tuple[Block, ...]:
    """Return rows of boxes for the characters of a question, numbered on through all rows."""
    groups = _GROUPS[question.kind](setting, question)
    rows = tuple(_rows(setting, groups))
    starts = accumulate((sum(len(group.allowed) for _, group in row) for row in rows), initial=0)
    return tuple(
        block
        for number, (row, start) in enumerate(zip(rows, starts, strict=False))
        for block in within("P", number, (_row(setting, question.id, row, start, ROW_GAP if number else 0.0),))
    )


def allowed_letters(question: Question) -> str:
    """Return every character the boxes of a question may hold, to tell its writers what to write."""
    everything = "".join(_PATTERN.get(letter, "") for letter in question.pattern)
    return everything if question.kind is Kind.CODE else digits if question.kind in _DIGITS_ONLY else CAPITALS


_DIGITS_ONLY = {Kind.NUMBER, Kind.DATE}


def _date(setting: Setting, question: Question) -> list[Group]:
    parts = (("day", 2), ("month", 2), ("year", 4))
    return [Group((digits,) * count, printed(name, setting.languages)) for name, count in parts]


def _number(setting: Setting, question: Question) -> list[Group]:
    bounds = [abs(bound) for bound in (question.minimum, question.maximum) if bound is not None]
    count = len(str(max(bounds))) if question.maximum is not None else DEFAULT_DIGITS
    sign = ["-" + digits] if question.minimum is not None and question.minimum < 0 else []
    return [Group((allowed,)) for allowed in sign + [digits] * count]


def _postcode(setting: Setting, question: Question) -> list[Group]:
    return [Group((CAPITALS,))] * POSTCODE_BOXES


def _code(setting: Setting, question: Question) -> list[Group]:
    return [
        Group((_PATTERN[letter],)) if letter in _PATTERN else Group((), words=letter) for letter in question.pattern
    ]


def _text(setting: Setting, question: Question) -> list[Group]:
    return [Group((CAPITALS,))] * question.length


_GROUPS: dict[Kind, Callable[[Setting, Question], list[Group]]] = {
    Kind.DATE: _date,
    Kind.NUMBER: _number,
    Kind.POSTCODE: _postcode,
    Kind.CODE: _code,
    Kind.TEXT: _text,
}


def _rows(setting: Setting, groups: Sequence[Group]) -> Iterator[list[tuple[float, Group]]]:
    """Yield rows of groups, each with its x, as many in a row as the column holds."""
    row: list[tuple[float, Group]] = []
    x = 0.0
    for group in groups:
        width = _group_width(setting, group)
        if row and x + width > setting.width:
            yield row
            row, x = [], 0.0
        row.append((x, group))
        x += width + (GROUP_GAP if group.caption else setting.edition.character_gap)
    if row:
        yield row


def _group_width(setting: Setting, group: Group) -> float:
    caption = run_width(_caption(setting, group))
    return max(_boxes_width(setting.edition, len(group.allowed)), caption, _words_width(setting, group))


def _boxes_width(edition: Edition, count: int) -> float:
    return count * edition.character[0] + max(count - 1, 0) * edition.character_gap


def _words_width(setting: Setting, group: Group) -> float:
    return text_width(group.words, "semibold", setting.edition.body_pt)


def _caption(setting: Setting, group: Group) -> Block:
    words = stacked(set_words(setting, group.caption or {}))
    return replace(words, height=words.height + CAPTION_GAP) if words.drawings else words


def _row(setting: Setting, name: str, row: Sequence[tuple[float, Group]], start: int, above: float) -> Block:
    top = max(_caption(setting, group).height for _, group in row)
    starts = accumulate((len(group.allowed) for _, group in row), initial=start)
    strips = _strips([group for _, group in row])
    cells = [
        moved(_cell(setting, name, group, index, strip, top), x, 0)
        for (x, group), index, strip in zip(row, starts, strips, strict=False)
    ]
    placed = overlaid(*cells)
    if not any(group.caption for _, group in row):
        placed = unturned(setting, placed, max(x + _group_width(setting, group) for x, group in row))
    return Block(placed.height, placed.drawings, placed.fields, above)


def _strips(groups: Sequence[Group]) -> Iterator[int]:
    """Yield which strip of a row each group is in: boxes that are typed in as one, up to a caption or printed words."""
    parted = (bool(before.words or group.words or group.caption) for before, group in pairwise(groups))
    yield from accumulate(parted, initial=0)


def _cell(setting: Setting, name: str, group: Group, start: int, strip: int, top: float) -> Block:
    """Return one group of boxes, the first numbered `start`, `top` mm under its caption's upper edge.

    Figures and capitals are written from left to right in every language. So on a page that is mirrored, boxes are
    mirrored beforehand: day, month and year follow from the right, each with its first figure at the left.
    """
    edition = setting.edition
    width, height = edition.character
    fields = tuple(
        Field(
            name,
            "character",
            Box(place * (width + edition.character_gap), top, width, height),
            index=start + place,
            allowed=allowed,
            tag=(Part("Form", 2 * strip + 1),),
        )
        for place, allowed in enumerate(group.allowed)
    )
    words = TextRun(0, top + base_line(edition.body_pt, height), group.words, "semibold", edition.body_pt)
    caption = _caption(setting, group)
    said = Block(top + height, (*caption.drawings, *((words,) if group.words.strip() else ())))
    (told,) = within("Span", 2 * strip, (said,))
    boxes = Block(told.height, fields=fields)
    if group.caption:
        boxes = unturned(setting, boxes, _boxes_width(edition, len(group.allowed)))
    return replace(told, fields=boxes.fields)
