"""The tables beneath the charts: every number that a chart shows, and the intervals and kinds of missing besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.form.definition import Kind, Shape
from pipeline.form.words import long_date
from pipeline.tables.describe import Stack, Tally, VariableSummary, channel_place
from pipeline.tables.disclose import Disclosed, named_tallies
from pipeline.tables.spread import Spread, area_stacks, date_stacks, number_stacks, periods, spreads, value_stacks
from pipeline.tables.wording import MISSING_HEADS, figure, head, interval, number, percent


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its head, its cells, and whether it says how complete the rows above it are."""

    head: str
    cells: tuple[str, ...]
    is_foot: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of numbers: `spans` (words, columns) stand above `columns`, the first of which heads the rows."""

    caption: str
    spans: tuple[tuple[str, int], ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(shown: Disclosed) -> tuple[Table, ...]:
    """Return the tables beneath a question; none where nothing of it may be shown."""
    if shown.wholly_withheld or not shown.question.parts:
        return ()
    parts = shown.question.parts
    if shown.question.question.kind is Kind.SCALE:
        return tuple(
            _choices(part, part.label) if part.everyone.counts else _completeness(part, part.label) for part in parts
        )
    part = parts[0]
    if part.everyone.counts:
        return (_choices(part, shown.question.label),)
    return (*_figures(part), _completeness(part, shown.question.label))


def stack_table(caption: str, of: str, stacks: Sequence[Stack]) -> Table:
    """Return how many came, of all and by each channel, a row a stack; `of` heads the rows."""
    channels = sorted({channel for stack in stacks for channel in stack.channels}, key=channel_place)
    total = sum(stack.n for stack in stacks)
    rows = tuple(
        Row(
            stack.label,
            (
                number(stack.n),
                percent(stack.n, total),
                *(number(stack.channels.get(channel, 0)) for channel in channels),
            ),
        )
        for stack in stacks
    )
    return Table(caption, (), (of, "All", "%", *map(head, channels)), rows)


def answered_table(questions: Iterable[Disclosed]) -> Table:
    """Return how many answered each question, and how many did not for each reason that occurs."""
    tallies = named_tallies(questions)
    kinds = [kind for kind in MISSING_HEADS if any(tally.missing.get(kind) for _, tally in tallies)]
    rows = tuple(
        Row(name, (number(tally.answered), *(number(tally.missing.get(kind, 0)) for kind in kinds)))
        for name, tally in tallies
    )
    columns = ("Question", "Answered", *(MISSING_HEADS[kind] for kind in kinds))
    return Table("How many answered each question, and why the others did not", (), columns, rows)


def _choices(part: VariableSummary, caption: str) -> Table:
    tallies = part.groups
    counted = [
        Row(count.label, tuple(cell for tally in tallies for cell in _share_cells(tally, count.value)))
        for count in part.everyone.counts
    ]
    return Table(
        caption,
        tuple((head(tally.group), 3) for tally in tallies),
        ("Answer", *("n", "%", "95% interval") * len(tallies)),
        (*counted, *_foot(tallies, lambda n: (number(n), "", ""))),
    )


def _share_cells(tally: Tally, value: str) -> tuple[str, str, str]:
    count = next(count for count in tally.counts if count.value == value)
    if not count.of:
        return ("0", "–", "–")
    return (number(count.n), percent(count.n, count.of), interval(count.interval))


def _foot(tallies: Sequence[Tally], cells: Callable[[int], tuple[str, ...]]) -> list[Row]:
    """How many answered, and how many did not for each reason that occurs."""

    def row(name: str, numbers: Sequence[int]) -> Row:
        return Row(name, tuple(cell for n in numbers for cell in cells(n)), is_foot=True)

    missing = [
        row(name, [tally.missing.get(kind, 0) for tally in tallies])
        for kind, name in MISSING_HEADS.items()
        if any(tally.missing.get(kind) for tally in tallies)
    ]
    return [row("Answered", [tally.answered for tally in tallies]), *missing]


def _completeness(part: VariableSummary, caption: str) -> Table:
    tallies = part.groups
    rows = _foot(tallies, lambda n: (number(n),))
    return Table(f"Who answered: {caption}", (), ("", *(head(tally.group) for tally in tallies)), tuple(rows))


def _figures(part: VariableSummary) -> tuple[Table, ...]:
    match part.variable.shape:
        case Shape.NUMBER if part.given:
            return _spread(part), stack_table(
                f"How many gave each number: {part.label}", "Number", number_stacks(part.given)
            )
        case Shape.DATE if part.given:
            return _period(part), stack_table(f"How many gave each date: {part.label}", "Date", date_stacks(part.given))
        case Shape.POSTCODE if part.given:
            return (stack_table(f"How many live in each area: {part.label}", "Area", area_stacks(part.given)),)
        case Shape.CODE if part.given:
            return (stack_table(f"How many wrote each: {part.label}", "Answer", value_stacks(part.given)),)
        case _:
            return ()


def _spread(part: VariableSummary) -> Table:
    columns = (
        "",
        "Answers",
        "Lowest",
        "A quarter at most",
        "Half at most",
        "95% interval",
        "Three quarters at most",
        "Highest",
    )
    rows = tuple(Row(head(each.group), tuple(_spread_cells(each))) for each in spreads(part.given))
    return Table(f"Where the numbers lie: {part.label}", (), columns, rows)


def _spread_cells(found: Spread) -> Iterator[str]:
    yield number(found.n)
    yield from map(figure, (found.lowest, found.lower, found.middle))
    yield f"{figure(found.middle_low)}–{figure(found.middle_high)}"
    yield from map(figure, (found.upper, found.highest))


def _period(part: VariableSummary) -> Table:
    rows = tuple(
        Row(head(each.group), (number(each.n), *(long_date(day, "en") for day in (each.first, each.middle, each.last))))
        for each in periods(part.given)
    )
    return Table(f"Where the dates lie: {part.label}", (), ("", "Answers", "First", "Middle", "Last"), rows)
