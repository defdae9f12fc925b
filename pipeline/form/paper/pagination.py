"""Fill pages with blocks: what belongs together stays together wherever a page can hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.form.layout import LayoutError, Stroke, TextRun
from pipeline.form.paper.blocks import EMPTY, Block, moved, overlaid

DIVIDER_WIDTH, DIVIDER_PT, DIVIDER_GREY = 14.0, 0.6, 0.5
"""The short rule between questions: mm, points, grey."""

MOST_EXTRA_WHITE = 5.0
"""mm that the white between two questions may grow by on a page with room to spare."""


@dataclass(slots=True)
class _Column:
    """The blocks of one page, `room` mm high, so far."""

    room: float
    blocks: list[Block] = field(default_factory=list)

    @property
    def spare(self) -> float:
        """The mm that are still free."""
        return self.room - sum(block.above + block.height for block in self.blocks)

    def holds(self, group: Sequence[Block]) -> bool:
        """Whether `group` fits under what stands here."""
        return _height(group, fresh=not self.blocks) <= self.spare

    def put(self, group: Sequence[Block]) -> None:
        """Set `group` under what stands here; what starts the page stands under its headings, with no white above."""
        first, *rest = group
        self.blocks += (first, *rest) if self.blocks else (*_starting(first), *rest)

    def placed(self, top: float) -> Block:
        """Return the page's blocks as one, from `top` down. Spare room goes between the questions, up to a limit."""
        gaps = sum(block.divided for block in self.blocks)
        extra = min(MOST_EXTRA_WHITE, self.spare / gaps) if gaps else 0.0
        page, y = EMPTY, top
        for block in self.blocks:
            gap = block.above + extra * block.divided
            page = overlaid(page, *([_divider(y + gap / 2)] if block.divided else []), moved(block, 0, y + gap))
            y += gap + block.height
        return page


def paginate(flow: Iterable[Sequence[Block]], span: Callable[[int], tuple[float, float]]) -> tuple[Block, ...]:
    """Return one block a page, its y those of the paper: `span` tells from where to where (mm) page 1, 2 … is filled.

    A passage that fits on a fresh page is never parted; a longer one only where its blocks do not stick, if they
    leave a choice. Raises `LayoutError` where a single block is taller than a page.
    """
    columns = [_column(span(1))]
    fresh = fresh_room(span)
    for passage in flow:
        for group in _parted(passage, fresh):
            if not columns[-1].holds(group):
                columns.append(_column(span(len(columns) + 1)))
            if not columns[-1].holds(group):
                raise LayoutError(_too_tall(group, fresh))
            columns[-1].put(group)
    return tuple(column.placed(span(number)[0]) for number, column in enumerate(columns, 1))


def fresh_room(span: Callable[[int], tuple[float, float]]) -> float:
    """Return the mm that every page after the first has, whichever it is: the second may be shorter than the rest."""
    return min(bottom - top for top, bottom in map(span, (2, 3)))


def _column(span: tuple[float, float]) -> _Column:
    top, bottom = span
    return _Column(bottom - top)


def _divider(y: float) -> Block:
    return Block(0.0, (Stroke(0, y, DIVIDER_WIDTH, y, DIVIDER_PT, grey=DIVIDER_GREY),))


def _parted(passage: Sequence[Block], room: float) -> Iterable[Sequence[Block]]:
    """Yield a passage in as few pieces as pages of `room` mm can hold: whole, else in groups, else block by block."""
    page = _Column(room)
    if page.holds(passage):
        yield from (passage,) if passage else ()
        return
    for group in _groups(passage):
        yield from (group,) if page.holds(group) else ((block,) for block in group)


def _groups(passage: Sequence[Block]) -> Iterable[Sequence[Block]]:
    """Yield the blocks of a passage that stick to each other."""
    group: list[Block] = []
    for block in passage:
        group.append(block)
        if not block.sticks:
            yield group
            group = []
    if group:
        yield group


def _starting(block: Block) -> tuple[Block, ...]:
    """Return a block as it starts a page: under its headings, if it needs any, and with no white above."""
    alone = replace(block, above=0.0, divided=False)
    return (block.heads, alone) if block.heads else (alone,)


def _height(group: Sequence[Block], *, fresh: bool) -> float:
    total = sum(block.above + block.height for block in group)
    if fresh and group:
        return total - group[0].above + (group[0].heads.height if group[0].heads else 0.0)
    return total


def _too_tall(group: Sequence[Block], room: float) -> str:
    words = " ".join(drawing.text for block in group for drawing in block.drawings if isinstance(drawing, TextRun))
    return (
        f"The part that begins “{words[:60]}” needs {_height(group, fresh=True):.0f} mm, and a page has"
        f" {room:.0f} mm. Use fewer words or lines there, or print a smaller edition."
    )
