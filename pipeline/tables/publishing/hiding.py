"""Which numbers of a table to hide, so that no small one is shown and none that is hidden can be worked out.

A table of answers × channels with its totals is a network: what flows from the whole into each answer flows on into
the channels, whose totals are published. A hidden number can be anything that other hidden numbers can make up for,
which is a maximum flow; so its bounds are exact, and whole numbers. What must be hidden besides lies on a cheapest
cycle through it (Castro 2012, Recent advances in optimization techniques for statistical tabular data protection).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise

from pipeline.tables.disclose import FEWEST

Cell = tuple[int, int | None]
"""A row and a column of a table; the column is None for the total of the row."""

_WHOLE = ("whole", 0)
_Node = tuple[str, int]


@dataclass(frozen=True)
class Grid:
    """Counts of answers (rows) by channel (columns). The totals of the columns, and of all, are always known."""

    counts: tuple[tuple[int, ...], ...]

    @cached_property
    def whole(self) -> int:
        """All that the table holds."""
        return sum(map(sum, self.counts))

    @cached_property
    def cells(self) -> Mapping[Cell, int]:
        """Every number but the totals of the columns: what may be hidden."""
        totals = {(row, None): sum(counts) for row, counts in enumerate(self.counts)}
        return totals | {(row, column): n for row, counts in enumerate(self.counts) for column, n in enumerate(counts)}


def hidden_cells(grid: Grid, least: int) -> frozenset[Cell] | None:
    """Return the cells to hide, None where the table cannot be shown at all.

    Hidden are numbers under `FEWEST` from `least` on (1 where it may be told that nobody gave an answer), and others
    until the least and the most that each hidden number may be, for all that whoever knows the rest can tell, lie at
    least `FEWEST` apart.
    """
    hidden = {cell for cell, n in grid.cells.items() if least <= n < FEWEST}
    waiting = deque(sorted(hidden, key=_in_order))
    while waiting:
        cell = waiting.popleft()
        if _is_open(grid, hidden, cell):
            continue
        cycle = _cheapest_cycle(grid, hidden, cell)
        if cycle is None:
            everything = frozenset(grid.cells)
            return everything if all(_is_open(grid, everything, each) for each in everything) else None
        waiting.extend(sorted(cycle - hidden, key=_in_order))
        hidden |= cycle
    return frozenset(hidden)


def bounds(grid: Grid, hidden: Collection[Cell], cell: Cell, enough: int | None = None) -> tuple[int, int]:
    """Return the least and the most that a hidden cell may be, for all that the others tell.

    With `enough`, the search ends as soon as it is known that the two lie that far apart.
    """
    n = grid.cells[cell]
    start, end = _ends(cell)
    others = [each for each in hidden if each != cell]
    more = _flow(grid, others, end, start, enough)
    if enough is not None and more >= enough:
        return n, n + more
    return n - min(n, _flow(grid, others, start, end, n)), n + more


def _is_open(grid: Grid, hidden: Collection[Cell], cell: Cell) -> bool:
    least, most = bounds(grid, hidden, cell, FEWEST)
    return most - least >= FEWEST


def _in_order(cell: Cell) -> tuple[int, int]:
    row, column = cell
    return row, -1 if column is None else column


def _ends(cell: Cell) -> tuple[_Node, _Node]:
    """Where a number flows from and to: the whole, an answer, a channel."""
    row, column = cell
    return (_WHOLE, ("row", row)) if column is None else (("row", row), ("column", column))


def _flow(grid: Grid, others: Sequence[Cell], start: _Node, end: _Node, most: int | None) -> int:
    """How much can be moved from `start` to `end` by raising and lowering other hidden numbers, `most` at most.

    Breadth first (Edmonds and Karp 1972). No number can rise by more than all that the table holds.
    """
    room: dict[_Node, dict[_Node, int]] = {}
    for cell in others:
        one, other = _ends(cell)
        room.setdefault(one, {})[other] = grid.whole
        room.setdefault(other, {})[one] = grid.cells[cell]
    moved, limit = 0, grid.whole if most is None else most
    while moved < limit and (way := _way(room, start, end)):
        steps = list(pairwise(way))
        part = min(limit - moved, *(room[one][other] for one, other in steps))
        for one, other in steps:
            room[one][other] -= part
            room[other][one] = room[other].get(one, 0) + part
        moved += part
    return moved


def _way(room: Mapping[_Node, Mapping[_Node, int]], start: _Node, end: _Node) -> list[_Node] | None:
    before: dict[_Node, _Node] = {start: start}
    found = deque([start])
    while found:
        here = found.popleft()
        if here == end:
            way = [here]
            while way[-1] != start:
                way.append(before[way[-1]])
            return way[::-1]
        for there, left in room.get(here, {}).items():
            if left and there not in before:
                before[there] = here
                found.append(there)
    return None


def _cheapest_cycle(grid: Grid, hidden: Collection[Cell], cell: Cell) -> set[Cell] | None:
    """The cells on the way back by which a number may rise by `FEWEST`, at the loss of the fewest counts."""
    start, end = _ends(cell)
    steps: dict[_Node, list[tuple[_Node, Cell, int]]] = {}
    for each, n in grid.cells.items():
        if each != cell:
            one, other = _ends(each)
            cost = 0 if each in hidden else n + 1
            steps.setdefault(one, []).append((other, each, cost))
            if n >= FEWEST:
                steps.setdefault(other, []).append((one, each, cost))
    return _cheapest(steps, end, start)


def _cheapest(steps: Mapping[_Node, Sequence[tuple[_Node, Cell, int]]], start: _Node, end: _Node) -> set[Cell] | None:
    """The cells of a cheapest way (Dijkstra 1959), the one found first of several."""
    ways: list[tuple[int, int, _Node, tuple[Cell, ...]]] = [(0, 0, start, ())]
    done: set[_Node] = set()
    found = 0
    while ways:
        cost, _, here, cells = heappop(ways)
        if here == end:
            return set(cells)
        if here in done:
            continue
        done.add(here)
        for there, cell, more in steps.get(here, ()):
            if there not in done:
                found += 1
                heappush(ways, (cost + more, found, there, (*cells, cell)))
    return None
