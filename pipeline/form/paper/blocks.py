"""Pieces of a page that are never cut, measured from their own top-left corner until they are placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.form.layout import Box, CopyRun, Curve, Drawing, Field, Panel, Part, PenLine, Stroke, TextRun, moved_box
from pipeline.form.paper.editions import MM_PER_PT
from pipeline.form.shaping import text_width

TAILS_EM = 0.3
"""How far letters reach below their base line, as a part of the type size: Urdu reaches lowest."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece `height` mm high. `above` is the white before it, which goes when it starts a page.

    A `divided` block has a short rule in that white; a block that `sticks` is never parted from the next one;
    `heads` is printed again above a block that starts a page, so that a grid keeps its column headings.
    """

    height: float
    drawings: tuple[Drawing, ...] = ()
    fields: tuple[Field, ...] = ()
    above: float = 0.0
    divided: bool = False
    sticks: bool = False
    heads: Block | None = None


EMPTY = Block(0.0)


def moved_drawing(drawing: Drawing, right: float, down: float) -> Drawing:
    """Return `drawing` moved by so many mm."""
    if isinstance(drawing, Panel):
        return replace(drawing, box=moved_box(drawing.box, right, down))
    if isinstance(drawing, Curve):
        return replace(drawing, points=tuple((round(x + right, 3), round(y + down, 3)) for x, y in drawing.points))
    x, y = round(drawing.x + right, 3), round(drawing.y + down, 3)
    if isinstance(drawing, Stroke | PenLine):
        return replace(drawing, x=x, y=y, x2=round(drawing.x2 + right, 3), y2=round(drawing.y2 + down, 3))
    return replace(drawing, x=x, y=y)


def moved(block: Block, right: float, down: float) -> Block:
    """Return `block` with all it holds moved by so many mm; its height stays."""
    return replace(
        block,
        drawings=tuple(moved_drawing(drawing, right, down) for drawing in block.drawings),
        fields=tuple(replace(field, box=moved_box(field.box, right, down)) for field in block.fields),
        heads=moved(block.heads, right, 0) if block.heads else None,
    )


def mirrored(block: Block, width: float) -> Block:
    """Return `block`, `width` mm wide, as if its left were its right; words stay as they are, each in its new place."""
    return replace(
        block,
        drawings=tuple(_mirrored_drawing(drawing, width) for drawing in block.drawings),
        fields=tuple(replace(field, box=_mirrored_box(field.box, width)) for field in block.fields),
        heads=mirrored(block.heads, width) if block.heads else None,
    )


def _mirrored_box(box: Box, width: float) -> Box:
    return replace(box, x=width - box.right)


def _mirrored_drawing(drawing: Drawing, width: float) -> Drawing:
    if isinstance(drawing, Panel):
        return replace(drawing, box=_mirrored_box(drawing.box, width))
    if isinstance(drawing, Curve):
        return replace(drawing, points=tuple((width - x, y) for x, y in drawing.points))
    if isinstance(drawing, Stroke | PenLine):
        return replace(drawing, x=width - drawing.x, x2=width - drawing.x2)
    if isinstance(drawing, CopyRun):
        return replace(drawing, x=width - drawing.x, anchor="left" if drawing.anchor == "right" else "right")
    return replace(drawing, x=width - drawing.x - text_width(drawing.text, drawing.font, drawing.size_pt))


def end_of(block: Block) -> float:
    """Return the y at which the lowest thing in a block ends; 0 where there is nothing."""
    ends = (*map(_end_of_drawing, block.drawings), *(field.box.bottom for field in block.fields))
    return max(ends, default=0.0)


def _end_of_drawing(drawing: Drawing) -> float:
    if isinstance(drawing, Panel):
        return drawing.box.bottom
    if isinstance(drawing, Curve):
        return max(y for _, y in drawing.points)
    if isinstance(drawing, Stroke | PenLine):
        return max(drawing.y, drawing.y2)
    return drawing.y + TAILS_EM * drawing.size_pt * MM_PER_PT


def indented(blocks: Iterable[Block], by: float) -> tuple[Block, ...]:
    """Return `blocks` moved to the right by `by` mm."""
    return tuple(moved(block, by, 0) for block in blocks)


def spaced(block: Block, above: float) -> Block:
    """Return `block` with so many mm of white before it."""
    return replace(block, above=above)


def overlaid(first: Block, *others: Block) -> Block:
    """Return one block of several with a common top-left corner, as high as the highest."""
    return replace(
        first,
        height=max(block.height for block in (first, *others)),
        drawings=first.drawings + tuple(drawing for other in others for drawing in other.drawings),
        fields=first.fields + tuple(field for other in others for field in other.fields),
    )


def stacked(blocks: Iterable[Block]) -> Block:
    """Return one block of several, one under the other, each with its white above it but the first."""
    tower = EMPTY
    for block in blocks:
        top = tower.height + block.above if tower.height else 0.0
        lower = moved(block, 0, top)
        tower = Block(top + block.height, tower.drawings + lower.drawings, tower.fields + lower.fields)
    return tower


def white(blocks: Iterable[Block], above: float, *, divided: bool = False) -> tuple[Block, ...]:
    """Return `blocks` with `above` mm of white before the first, and a short rule in it where `divided`."""
    everything = tuple(blocks)
    return tuple(replace(first, above=above, divided=divided) for first in everything[:1]) + everything[1:]


def kept(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return `blocks` each sticking to the next, and the last to whatever follows."""
    return tuple(replace(block, sticks=True) for block in blocks)


def within(kind: str, place: int, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return `blocks` as part number `place`, of the structure type `kind`, of what holds them.

    Words and fields are told in a tagged PDF; lines and panels only decorate, unless they are a `picture`.
    """
    part = Part(kind, place)
    return tuple(
        replace(
            block,
            drawings=tuple(_within(part, drawing) for drawing in block.drawings),
            fields=tuple(replace(field, tag=(part, *field.tag)) for field in block.fields),
        )
        for block in blocks
    )


def picture(block: Block, says: str) -> Block:
    """Return a block that is a drawn picture, and what it says to whoever cannot see it."""
    part = Part("Figure", 0, says)
    return replace(
        block,
        drawings=tuple(
            each if isinstance(each, PenLine) else replace(each, tag=(part, *each.tag)) for each in block.drawings
        ),
    )


def untold(block: Block) -> Block:
    """Return `block` as decoration: what is printed again on every page is told once."""
    return replace(
        block,
        drawings=tuple(each if isinstance(each, PenLine) else replace(each, tag=()) for each in block.drawings),
        fields=tuple(replace(field, tag=()) for field in block.fields),
    )


def _within(part: Part, drawing: Drawing) -> Drawing:
    if isinstance(drawing, TextRun | CopyRun) or (isinstance(drawing, Stroke | Panel) and drawing.tag):
        return replace(drawing, tag=(part, *drawing.tag))
    return drawing
