"""The section on groups: which answer differently from others who are alike but for that."""

from __future__ import annotations

from pipeline.tables.groups import GroupGap, GroupGaps
from pipeline.tables.numbers import Row, Table
from pipeline.tables.range_chart import Ranged, points, points_between, range_chart
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.wording import number, quoted

MOST_DRAWN = 12
"""Differences that the chart shows, for two questions at most one, the widest. The table has all."""

TITLE = "Groups that answer differently"


def groups_section(gaps: GroupGaps) -> ReportSection | None:
    """Return the section; None where no group could be compared."""
    if not gaps.comparisons:
        return None
    how = (
        "Each group is set beside all others who came by the same channel and gave the same answers to the other "
        f"questions about themselves. Intervals allow for the {number(gaps.comparisons)} comparisons that were made "
        "(Bonferroni)."
    )
    if not gaps.found:
        return ReportSection("groups", TITLE, ("No group differs from others by more than chance may bring.", how), ())
    return ReportSection("groups", TITLE, (_said(gaps.found[0]), how), (_piece(gaps.found),))


def _said(gap: GroupGap) -> str:
    whole = round(100 * abs(gap.points))
    more = "more" if gap.points > 0 else "fewer"
    answer = f"{quoted(gap.answer)} to {quoted(gap.label)}"
    return (
        f"The widest: of those who answered {quoted(gap.group)} to {quoted(gap.asked)}, {whole} in 100 {more} say "
        f"{answer} than of others alike (95% interval {points_between(gap.interval)})."
    )


def _piece(found: tuple[GroupGap, ...]) -> Piece:
    one_each = list({(gap.asked, gap.number, gap.label): gap for gap in reversed(found)}.values())[::-1]
    rows = [(_name(gap), [Ranged("", gap.points, gap.interval, is_solid=True)]) for gap in one_each[:MOST_DRAWN]]
    chart = range_chart("groups less others alike, in points", "fewer of the group", "more of the group", rows)
    table = Table(
        "Groups less others alike, in percentage points",
        (),
        ("Group", "Asked", "Answer", "Points apart", "95% interval"),
        tuple(
            Row(
                gap.group,
                (
                    gap.asked,
                    f"{_number(gap)}{gap.label} – {gap.answer}",
                    points(gap.points),
                    points_between(gap.interval),
                ),
            )
            for gap in found
        ),
    )
    return Piece(
        "How far apart", ("Only differences that chance alone would seldom bring are shown.",), chart, (table,)
    )


def _name(gap: GroupGap) -> str:
    return f"{_number(gap)}{gap.label} – {gap.answer}: {quoted(gap.group)} to {quoted(gap.asked)}"


def _number(gap: GroupGap) -> str:
    return f"{gap.number}. " if gap.number else ""
