"""Fill pages with blocks: what belongs together stays together wherever a page can hold it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.form.blocks import Block, moved, overlaid
from pipeline.form.layout import Stroke, TextRun

DIVIDER_WIDTH, DIVIDER_PT, DIVIDER_GREY = 14.0, 0.6, 0.5
"""The short rule between questions: mm, points, grey."""


class LayoutError(ValueError):
    """A form that cannot be printed as asked; the message says what is in the way and what to change."""


@dataclass(slots=True)
class _Column:
    """The blocks of one page so far; `y` is the lower edge of the last one, in mm from the top of the paper."""

    top: float
    bottom: float
    y: float = 0.0
    blocks: list[Block] = field(default_factory=list)

    def holds(self, group: Sequence[Block]) -> bool:
        """Whether `group` fits under what stands here."""
        start = self.y if self.blocks else self.top
        return start + _height(group, fresh=not self.blocks) <= self.bottom

    def put(self, group: Sequence[Block]) -> None:
        """Place `group` under what stands here, with its rules, or with its headings if it starts the page."""
        for block in group:
            if self.blocks:
                self._put_under(block)
            else:
                self.y = self.top
                for first in _starting(block):
                    self._place(first)

    def _put_under(self, block: Block) -> None:
        if block.divided:
            middle = self.y + block.above / 2
            self.blocks.append(Block(0.0, (Stroke(0, middle, DIVIDER_WIDTH, middle, DIVIDER_PT, grey=DIVIDER_GREY),)))
        self.y += block.above
        self._place(block)

    def _place(self, block: Block) -> None:
        self.blocks.append(moved(block, 0, self.y))
        self.y += block.height


def paginate(flow: Iterable[Sequence[Block]], tops: tuple[float, float], bottom: float) -> tuple[Block, ...]:
    """Return one block a page, its y those of the paper: pages run from `tops` (first page, others) to `bottom`, in mm.

    A passage that fits on a fresh page is never parted; a longer one only where its blocks do not stick.
    Raises `LayoutError` where blocks that stick are together taller than a page.
    """
    columns = [_Column(tops[0], bottom)]
    for passage in flow:
        whole = _Column(tops[1], bottom).holds(passage)
        for group in (passage,) if whole else _groups(passage):
            if not columns[-1].holds(group):
                columns.append(_Column(tops[1], bottom))
            if not columns[-1].holds(group):
                raise LayoutError(_too_tall(group, bottom - tops[1]))
            columns[-1].put(group)
    return tuple(overlaid(*column.blocks) for column in columns)


def _groups(passage: Sequence[Block]) -> Iterable[Sequence[Block]]:
    group: list[Block] = []
    for block in passage:
        group.append(block)
        if not block.sticks:
            yield group
            group = []
    if group:
        yield group


def _starting(block: Block) -> tuple[Block, ...]:
    """Return a block as it starts a page: under its headings, if it needs any."""
    return (block.heads, block) if block.heads else (block,)


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
