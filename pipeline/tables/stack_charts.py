"""Bars of counts made up of channels, or of what is answered and what waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.form.answer import Missing
from pipeline.tables.charts import place_of, style
from pipeline.tables.describe import Stack, Tally
from pipeline.tables.disclose import Disclosed, named_tallies
from pipeline.tables.wording import by_channel, number


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar: where it starts and how long it is, in per cent of the space."""

    style: str
    start: str
    length: str


@dataclass(frozen=True, slots=True)
class StackRow:
    """One stacked bar: its segments, where they end, and the words there."""

    label: str
    segments: tuple[Segment, ...]
    end: str
    words: str


@dataclass(frozen=True, slots=True)
class StackChart:
    """Bars of counts, the longest filling the space; each is made up of its channels, or of answered and waiting."""

    told: str
    rows: tuple[StackRow, ...]
    kind: str = "stack"

    @property
    def room(self) -> int:
        """How much space the words need at the end of the longest bar, in widths of a figure; letters are narrower."""
        return 2 + max(len(row.words) for row in self.rows) * 4 // 5


def stack_chart(what: str, stacks: Sequence[Stack]) -> StackChart | None:
    """Return the chart of how many came, channel by channel; None where there are none. `what` says what of."""
    longest, total = max((stack.n for stack in stacks), default=0), sum(stack.n for stack in stacks)
    if not longest:
        return None
    rows = tuple(
        _stack_row(
            stack.label,
            [(style(channel), n) for channel, n in stack.channels.items()],
            longest,
            by_channel(stack, total),
        )
        for stack in stacks
    )
    return StackChart(f"Bar chart of {what}. {'; '.join(f'{row.label}: {row.words}' for row in rows)}.", rows)


def answered_chart(questions: Iterable[Disclosed]) -> StackChart | None:
    """Return the chart of how many answered each question and how many answers wait; None where nobody has."""
    tallies = named_tallies(questions)
    if not any(tally.responses for _, tally in tallies):
        return None
    rows = tuple(
        _stack_row(name, _answered_segments(tally), tally.responses, _answered_said(tally)) for name, tally in tallies
    )
    told = " ".join(f"{row.label}: {row.words}." for row in rows)
    return StackChart(f"Bar chart of how many answered. {told}", rows)


def _stack_row(label: str, parts: Sequence[tuple[str, int]], longest: int, words: str) -> StackRow:
    segments, start = [], 0
    for name, n in parts:
        if n:
            segments.append(Segment(name, place_of(start / longest), place_of(n / longest)))
        start += n
    return StackRow(label, tuple(segments), place_of(start / longest), words)


def _answered_segments(tally: Tally) -> list[tuple[str, int]]:
    waiting = tally.missing.get(Missing.WAITING, 0)
    return [("everyone", tally.answered), ("waiting", waiting), ("none", tally.responses - tally.answered - waiting)]


def _answered_said(tally: Tally) -> str:
    waiting = tally.missing.get(Missing.WAITING, 0)
    waits = f", {number(waiting)} {'waits' if waiting == 1 else 'wait'}" if waiting else ""
    return f"{number(tally.answered)} of {number(tally.responses)}{waits}"
