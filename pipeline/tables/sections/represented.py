"""The section on who answered beside who lives here: groups by their share, and the answers weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.store.coded import CodedDataset
from pipeline.tables.charts import Bar, BarChart, Cell, Head, place_of, share_bar
from pipeline.tables.describe import EVERYONE
from pipeline.tables.disclose import Disclosed
from pipeline.tables.intervals import Interval
from pipeline.tables.numbers import Row, Table
from pipeline.tables.range_chart import Ranged, points, range_chart
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.weighing.census import Census
from pipeline.tables.weighing.represented import LARGEST, Group, Moved, Weighed, groups_of, moved, weigh
from pipeline.tables.wording import interval, number, percent, quoted

OVER, UNDER = 1.5, 0.67
"""How many times its share a group must be, or how few, to be named; and its interval must leave its share out."""

MOST_MOVED = 12
"""Questions that a chart of what weighing moves shows, each by the answer moved furthest."""


def represented_section(
    dataset: CodedDataset, shown: Sequence[Disclosed], census: Census | None
) -> ReportSection | None:
    """Return the section; None where nobody said who lives here."""
    if census is None:
        return None
    asked = [each for each in shown if each.question.question.id in census.margins]
    groups = [(each, groups_of(each, census)) for each in asked]
    pieces = [_piece(each.question.label, found) for each, found in groups if found]
    weighed = weigh(dataset, census)
    intro = tuple(_said([group for _, found in groups for group in found]))
    return ReportSection(
        "represented", "Who answered, beside who lives here", intro, (*pieces, *_weighing(dataset, shown, weighed))
    )


def _said(groups: Sequence[Group]) -> Iterator[str]:
    over = [each for each in groups if each.times >= OVER and each.count.interval.low > each.census]
    under = [each for each in groups if each.times <= UNDER and each.count.interval.high < each.census]
    for each in sorted(over, key=lambda group: -group.times)[:3]:
        yield f"{quoted(each.label)} is {_times(each)} its share: {_shares(each)}."
    for each in sorted(under, key=lambda group: group.times)[:3]:
        yield f"{quoted(each.label)} is {_part(each)} its share: {_shares(each)}."
    if not over and not under:
        yield "No group answered much more or much less than its share of those who live here."


def _times(group: Group) -> str:
    return f"{group.times:.1f} times".replace(".0", "")


def _part(group: Group) -> str:
    return f"only {100 * group.times:.0f}% of" if group.count.n else "nothing of"


def _shares(group: Group) -> str:
    return f"{percent(group.count.n, group.count.of)} of the answers, {100 * group.census:.0f}% of those who live here"


def _piece(label: str, groups: Sequence[Group]) -> Piece:
    longest = max(max(each.count.interval.high, each.census) for each in groups)
    told = groups[0].count.of
    cells = tuple(
        Cell(each.label, share_bar(each.count, EVERYONE, longest), (_census_bar(each, longest),)) for each in groups
    )
    words = "; ".join(f"{each.label}: {_shares(each)}" for each in groups)
    heads = (Head("everyone", f"Answered {number(told)}"), Head("census", "Live here"))
    rows = tuple(
        Row(
            each.label,
            (
                number(each.count.n),
                percent(each.count.n, told),
                interval(each.count.interval),
                f"{100 * each.census:.1f}%",
                f"{each.times:.2f}",
            ),
        )
        for each in groups
    )
    columns = ("Group", "n", "%", "95% interval", "Live here", "Times its share")
    table = Table(f"Who answered, beside who lives here: {label}", (), columns, rows)
    chart = BarChart(f"Bar chart. {words}.", heads, cells, is_paired=True)
    return Piece(label, (f"Of the {number(told)} people who told us.",), chart, (table,))


def _census_bar(group: Group, longest: float) -> Bar:
    length = place_of(group.census / longest)
    return Bar("census", length if group.census else "", "", "", length, f"{100 * group.census:.0f}%", "live here")


def _weighing(dataset: CodedDataset, shown: Sequence[Disclosed], weighed: Weighed | str) -> Iterator[Piece]:
    title = "As if each group had answered by its share"
    if isinstance(weighed, str):
        yield Piece(title, (weighed,))
        return
    found = sorted(moved(dataset, shown, weighed), key=lambda each: -abs(each.by))
    if not found:
        yield Piece(title, ("No question that may be shown was answered by enough people.",))
        return
    one_each = list({(each.number, each.question): each for each in reversed(found)}.values())[: -MOST_MOVED - 1 : -1]
    rows = [(_name(each), [Ranged("moved", each.by, _around(each), is_solid=True)]) for each in one_each]
    chart = range_chart("what weighing moves, in points", "fewer", "more", rows)
    yield Piece(title, (_furthest(found[0]), *_worth(weighed)), chart, (_table(found),))


def _around(each: Moved) -> Interval:
    return Interval(each.weighed.interval.low - each.count.share, each.weighed.interval.high - each.count.share)


def _furthest(each: Moved) -> str:
    weighed, stands = f"{100 * each.weighed.share:.0f}%", percent(each.count.n, each.count.of)
    return f"Weighing moves {quoted(each.label)} most: from {stands} as it stands to {weighed} ({_name(each)})."


def _worth(weighed: Weighed) -> Iterator[str]:
    n = int(weighed.cells.n.sum())
    yield (
        f"Weights make chance larger: {number(n)} answers tell as much as {number(round(weighed.worth))} drawn by "
        f"chance would (design effect {weighed.effect:.2f}). The intervals know of that."
    )
    if weighed.raked.trimmed:
        yield (
            f"{number(weighed.raked.trimmed)} answers would have counted for more than {LARGEST:.0f} others each, and "
            f"count for {LARGEST:.0f}. So no group is further from its share than "
            f"{100 * weighed.raked.furthest:.1f} points."
        )
    yield "Weights put right only what the table of the area knows of; who answers may differ in other ways."


def _name(each: Moved) -> str:
    return f"{each.number}. {each.question} – {each.label}" if each.number else f"{each.question} – {each.label}"


def _table(found: Sequence[Moved]) -> Table:
    rows = tuple(
        Row(
            _name(each),
            (
                percent(each.count.n, each.count.of),
                f"{100 * each.weighed.share:.1f}%",
                interval(each.weighed.interval),
                points(each.by),
            ),
        )
        for each in found
    )
    columns = ("Answer", "As it stands", "Weighed", "95% interval", "Points moved")
    return Table("Every answer as it stands and weighed, the furthest moved first", (), columns, rows)
