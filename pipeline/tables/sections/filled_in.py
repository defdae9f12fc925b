"""Pieces on how people filled the form in, for the section on how the report was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.store.coded import CodedDataset
from pipeline.tables.charts import BarChart, Cell, Head, drawn_bar, style
from pipeline.tables.disclose import Disclosed
from pipeline.tables.filled_in import Rate, differ, left_out, straight_lines
from pipeline.tables.numbers import Row, Table
from pipeline.tables.sections.piece import Piece
from pipeline.tables.wording import came, head, interval, number, percent, quoted

MEANT = "One point in every line may be meant, or be the quickest way through."


def filled_in_pieces(dataset: CodedDataset, shown: Sequence[Disclosed]) -> tuple[Piece, ...]:
    """Return what was left out and ticked straight down, by channel; nothing where nobody answered.

    Scales that are sensitive, or that may not be told of, are passed over. So is all that may not be told of by
    channel: how many were asked would tell who gave the answer it follows from.
    """
    told = [each for each in shown if not (each.wholly_withheld or each.channels_withheld)]
    names = {part.variable.name for each in told for part in each.question.variables}
    return (*_left_out(left_out(dataset, names)), *_straight(dataset, shown))


def _left_out(rates: Sequence[Rate]) -> Iterator[Piece]:
    if not rates:
        return
    everyone = rates[0]
    name = "Left out"
    found = f"{_rate(everyone)} of all answers asked for were left out. {_apart(rates)}".strip()
    told = "Comments, and questions where all that applies is ticked, are not among them."
    yield Piece("What was left out", (found, told), _chart(rates, name), (_table(rates, name),))


def _straight(dataset: CodedDataset, shown: Sequence[Disclosed]) -> Iterator[Piece]:
    labels = {
        each.question.question.id: each.question.label
        for each in shown
        if not (each.question.question.sensitive or each.wholly_withheld)
    }
    for question, rates in straight_lines(dataset).items():
        if rates and question in labels:
            name = "One point in every line"
            ticked = f"Of {quoted(labels[question])}, {_rate(rates[0])} ticked one point in every line."
            found = f"{ticked} {_apart(rates)}".strip()
            yield Piece(name, (found, MEANT), _chart(rates, name), (_table(rates, name),))


def _apart(rates: Sequence[Rate]) -> str:
    """Say where paper and online differ, if they do."""
    for paper, online in differ(tuple(rates)):
        return (
            f"On paper it was {percent(paper.n, paper.of)} and online {percent(online.n, online.of)}, which is more "
            "than chance alone would usually bring."
        )
    return ""


def _rate(rate: Rate) -> str:
    return f"{number(rate.n)} of {number(rate.of)} ({percent(rate.n, rate.of)})"


def _chart(rates: Sequence[Rate], name: str) -> BarChart:
    bars = [
        drawn_bar(rate.group, rate.share, rate.interval, 1.0, f"{number(rate.n)} · {percent(rate.n, rate.of)}")
        for rate in rates
    ]
    told = "; ".join(f"{came(rate.group) if at else 'everyone'}: {_rate(rate)}" for at, rate in enumerate(rates))
    heads = tuple(Head(style(rate.group), f"{head(rate.group)} {number(rate.of)}") for rate in rates)
    return BarChart(f"Bar chart. {name}, {told}.", heads, (Cell(name, bars[0], tuple(bars[1:])),))


def _table(rates: Sequence[Rate], name: str) -> Table:
    rows = tuple(
        Row(head(rate.group), (number(rate.n), number(rate.of), percent(rate.n, rate.of), interval(rate.interval)))
        for rate in rates
    )
    return Table(name, (), ("", "n", "Of", "%", "95% interval"), rows)
