"""The counts that may be published, answer by answer and by channel, and why others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.form.definition import Shape, Variable, say
from pipeline.tables.disclose import FEWEST
from pipeline.tables.publishing.hiding import Cell, Grid, hidden_cells
from pipeline.tables.publishing.tally import COUNTED_SHAPES, NO_ANSWER, Tallied, is_remark
from pipeline.tables.table import Column, Table

EVERYONE, OTHER_WAYS = "everyone", "other ways"
"""All together, and channels of few responses taken together."""

SMALL = f"Fewer than {FEWEST} people gave it, or it would tell how many gave another answer that so few gave."
FOLLOWS = "Numbers of the question that it follows from are hidden, and it would tell of them."
FEW_ASKED = f"Fewer than {FEWEST} people were asked."
IN_WORDS = "People answer in their own words."
ONE_PERSON = "An answer may show who somebody is."
SENSITIVE = "It asks about something sensitive."
NO_LEAVE = "The form did not ask for leave to publish comments."
NOT_COUNTED = "It was withdrawn, or nobody has said yet whether it counts."
TOO_FEW = f"Fewer than {FEWEST} people answered the form."
BY_CHANNEL = "It is sensitive, few were asked, or more numbers would have to be hidden."
"""Why something is not published, in the words of the log."""

_TICKED = (Shape.CHOICE, Shape.CHOICES)


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many of the `of` people who were asked, by one way, gave one answer; `n` is None where that is hidden."""

    variable: str
    question: str
    value: str
    answer: str
    by: str
    n: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that is not published: in which file, of which variable, what and how often, and why."""

    file: str
    variable: str
    what: str
    times: int
    why: str


def groups_of(channels: Counter[str]) -> dict[str, str]:
    """Return which column each channel is counted in: its own, or one of few responses together with others."""
    groups, sizes = {channel: channel for channel in channels}, Counter(channels)
    while len(sizes) > 1 and min(sizes.values()) < FEWEST:
        fewest = sorted(sizes, key=lambda name: (sizes[name], name))[:2]
        sizes[OTHER_WAYS] += sum(sizes.pop(name) for name in fewest)
        groups = {channel: OTHER_WAYS if name in fewest else name for channel, name in groups.items()}
    return groups


@dataclass(frozen=True, slots=True)
class _Shown:
    """One table and what of it is hidden: `names` of its columns, how many were asked in each (`of`), its counts."""

    names: tuple[str, ...]
    of: tuple[int, ...]
    grid: Grid
    hidden: frozenset[Cell]

    @property
    def totals(self) -> int:
        """How many answers are shown with how many gave them."""
        return sum((row, None) not in self.hidden for row in range(len(self.grid.counts)))


class Counted:
    """Makes the rows of one variable after another, and remembers of which of them something is hidden."""

    def __init__(self, table: Table, tallied: Tallied, groups: Mapping[str, str]) -> None:
        self._language = table.language
        self._tallied = tallied
        self._groups = groups
        self._variables = {column.name: column.variable for column in table.columns}
        self.incomplete: set[str] = set()
        self.removed: list[Removed] = []

    def rows(self, column: Column) -> Iterator[CountRow]:
        """Yield how many gave each answer, everyone first, or log why that is not published."""
        variable = column.variable
        if why := self._why_not(variable):
            self.incomplete.add(column.name)
            self.removed.append(Removed("counts.csv", column.name, "everything", 1, why))
        elif not is_remark(variable):
            for values, shown in self._tables(column):
                yield from self._rows(column, values, shown)

    def follows_hidden(self, variable: Variable) -> bool:
        """Whether a question is asked by the answer to one of which something is hidden, or counted in bands."""
        when = variable.question.when
        if when is None:
            return False
        return when.variable in self.incomplete or self._variables[when.variable].shape not in _TICKED

    def _why_not(self, variable: Variable) -> str | None:
        """Why nothing of a variable is counted; None where it is, and of remarks, which are not counted anyway."""
        if is_remark(variable):
            return None
        if variable.shape not in COUNTED_SHAPES:
            return IN_WORDS if variable.shape is Shape.TEXT else ONE_PERSON
        if self.follows_hidden(variable):
            return FOLLOWS
        return FEW_ASKED if self._tallied.asked[variable.name].total() < FEWEST else None

    def _tables(self, column: Column) -> Iterator[tuple[tuple[str, ...], _Shown]]:
        """Each table of a variable, and the answers it shows.

        Each choice of *tick all that apply* is a table of its own, of those who ticked it and those who did not. Where
        less of how many gave an answer could be shown beside the channels, they are not told.
        """
        values = self._values(column)
        is_many = column.shape is Shape.CHOICES
        for shown in [(value,) for value in values if value != NO_ANSWER] if is_many else [values]:
            tables = [self._table(column.variable, shown, columns) for columns in self._columns(column.variable)]
            best = max(tables, key=lambda table: table.totals)
            if len(best.names) == 1 and len(set(self._groups.values())) > 1:
                self.removed.append(Removed("counts.csv", column.name, "how it came", 1, BY_CHANNEL))
            yield shown, best

    def _columns(self, variable: Variable) -> Iterator[dict[str, tuple[str, ...]]]:
        """The columns there may be, each with its channels: by channel, unless it is sensitive or few were asked."""
        asked = self._tallied.asked[variable.name]
        groups = sorted({self._groups[channel] for channel in asked}, key=lambda name: (name == OTHER_WAYS, name))
        columns = {name: tuple(sorted(each for each in asked if self._groups[each] == name)) for name in groups}
        few = any(sum(asked[channel] for channel in channels) < FEWEST for channels in columns.values())
        if len(columns) > 1 and not (few or variable.question.sensitive):
            yield columns
        yield {EVERYONE: tuple(sorted(asked))}

    def _table(self, variable: Variable, values: tuple[str, ...], columns: Mapping[str, tuple[str, ...]]) -> _Shown:
        asked, given = self._tallied.asked[variable.name], self._tallied.given[variable.name]
        of = tuple(sum(asked[channel] for channel in channels) for channels in columns.values())
        counts = [
            tuple(sum(given[value, channel] for channel in channels) for channels in columns.values())
            for value in values
        ]
        if variable.shape is Shape.CHOICES:
            counts.append(tuple(whole - n for whole, n in zip(of, counts[0], strict=True)))
        grid = Grid(tuple(counts))
        hidden = hidden_cells(grid, least=0 if variable.question.sensitive else 1)
        return _Shown(tuple(columns), of, grid, frozenset(grid.cells) if hidden is None else hidden)

    def _values(self, column: Column) -> tuple[str, ...]:
        """The answers of a table in the order of the form, or of the figures; no answer last."""
        given = {value for value, _ in self._tallied.given[column.name]} - {NO_ANSWER}
        known = [code.value for code in column.codes]
        return (*known, *sorted(given - set(known), key=_in_order), NO_ANSWER)

    def _rows(self, column: Column, values: tuple[str, ...], table: _Shown) -> Iterator[CountRow]:
        ways: list[tuple[str, int | None, int]] = [(EVERYONE, None, sum(table.of))]
        if len(table.names) > 1:
            ways += [(name, at, table.of[at]) for at, name in enumerate(table.names)]
        cells = [(row, value, way) for row, value in enumerate(values) for way in ways]
        hidden = sum((row, at) in table.hidden for row, _, (_, at, _) in cells)
        if hidden:
            self.incomplete.add(column.name)
            what = f"numbers of {values[0]}" if column.shape is Shape.CHOICES else "numbers"
            self.removed.append(Removed("counts.csv", column.name, what, hidden, SMALL))
        for row, value, (name, at, of) in cells:
            n = None if (row, at) in table.hidden else table.grid.cells[row, at]
            yield self._row(column, value, name, n, of)

    def _row(self, column: Column, value: str, by: str, n: int | None, of: int) -> CountRow:
        labels = {code.value: say(code.label, self._language) for code in column.codes}
        answer = "No answer" if value == NO_ANSWER else labels.get(value, value)
        return CountRow(column.name, say(column.wording, self._language), value, answer, by, n, of)


def _in_order(value: str) -> tuple[int, str]:
    first = value.partition("–")[0]
    return (int(first) if first.isdecimal() else 0, value)
