"""The section on questions over time: what stands out from the usual ups and downs, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.tables.charts import place_of
from pipeline.tables.numbers import Row, Table
from pipeline.tables.over_time.series import FEWEST_IN_PERIOD, Point, Series, Trend
from pipeline.tables.over_time.xmr import LEAST_VALUES, NEAR, OF, Limits, Rule, Signal, limits_of, signals
from pipeline.tables.process_chart import ProcessChart, ProcessRow
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.wording import number, percent, quoted

MOST_TOLD = 3
"""Signals that are told in sentences, the latest first; the chart shows all."""


def over_time_section(trends: Sequence[Trend]) -> ReportSection | None:
    """Return the section; None where no question has points enough in any wording to tell signal from noise."""
    told = [trend for trend in trends if any(limits_of(_values(each)) for each in trend.series)]
    if not told:
        return None
    standing = [trend for trend in told if any(_found(series)[1] for series in trend.series)]
    steady = [trend for trend in told if trend not in standing]
    period = told[0].period
    found = f"In {number(len(standing))} of {number(len(told))} answers followed, something stands out."
    how = (
        f"Every {period} differs a little from the last. Most is noise and needs no explanation; a signal does. "
        f"The grey band is where a {period} usually lies, worked out from how much they differ from one to the next "
        "(D. J. Wheeler, 2000)."
    )
    pieces = [*map(_piece, standing), *([_steady(steady)] if steady else [])]
    return ReportSection("over-time", "Over time", (found if standing else "Nothing stands out.", how), tuple(pieces))


def title_of(trend: Trend) -> str:
    """Return what is told over time: the question, and which answer to it."""
    return f"{f'{trend.number}. ' if trend.number else ''}{trend.label} – {quoted(trend.answer)}"


def verdict(trend: Trend) -> tuple[str, ...]:
    """Say what stands out of one answer over time, or that nothing does, wording by wording."""
    return tuple(sentence for series in trend.series for sentence in _verdict(series, trend.period))


def chart_of(trend: Trend) -> ProcessChart:
    """Return the chart of one answer over time."""
    rows = [row for place, series in enumerate(trend.series) for row in _rows(series, is_first=place == 0)]
    told = "; ".join(f"{row.break_ + ' ' if row.break_ else ''}{row.label}: {row.words}" for row in rows)
    return ProcessChart(f"Chart of {quoted(trend.answer)} by {trend.period}. {told}.", tuple(rows))


def _piece(trend: Trend) -> Piece:
    return Piece(title_of(trend), verdict(trend), chart_of(trend), (_table(trend),))


def _steady(trends: Sequence[Trend]) -> Piece:
    """All that shows nothing but noise: the last point of each, and where its points usually lie."""
    period = trends[0].period
    rows = tuple(
        Row(title_of(trend), (point.label, _words(point), _between(limits)))
        for trend in trends
        for limits, _ in [_found(trend.series[-1])]
        if limits
        for point in [next(each for each in reversed(trend.series[-1].points) if each.share is not None)]
    )
    table = Table("Only noise, so far", (), ("Answer", f"Last {period}", "", "Usually between"), rows)
    return Piece("Only noise", (f"Here every {period} lies where it usually does.",), None, (table,))


def _verdict(series: Series, period: str) -> Iterator[str]:
    limits, found = _found(series)
    if limits is None:
        shown = len(_values(series))
        yield f"Too few {period}s to tell signal from noise: {number(shown)}, and {LEAST_VALUES} are needed."
        return
    if not found:
        yield f"Noise: every {period} lies where it usually does, between {_between(limits)}."
        return
    labels = [point.label for point in series.points if point.share is not None]
    for signal in found[: -MOST_TOLD - 1 : -1]:
        yield _said(signal, series, labels, limits, period)


def _said(signal: Signal, series: Series, labels: Sequence[str], limits: Limits, period: str) -> str:
    first, last = labels[signal.first], labels[signal.last]
    value = _values(series)[signal.last]
    side = "above" if signal.is_above else "below"
    match signal.rule:
        case Rule.BEYOND:
            usual = f"where a {period} usually does (between {_between(limits)})"
            return f"Signal: {first}, at {_percent(value)}, lies {side} {usual}."
        case Rule.RUN:
            run = signal.last - signal.first + 1
            return (
                f"Signal: {first} to {last}, {number(run)} {period}s in a row lie {side} the middle of all "
                f"({_percent(limits.middle)}). Something has changed."
            )
        case _:
            end = f"near the {'upper' if signal.is_above else 'lower'} end of the usual band"
            return f"Signal: from {first} to {last} most {period}s lie {end} ({NEAR} of every {OF})."


def _rows(series: Series, *, is_first: bool) -> Iterator[ProcessRow]:
    limits, found = _found(series)
    standing = {at for signal in found for at in range(signal.first, signal.last + 1)}
    low, middle, high = _band(limits)
    shown = 0
    for row, point in enumerate(series.points):
        is_signal = point.share is not None and shown in standing
        shown += point.share is not None
        yield ProcessRow(
            point.label,
            "" if point.share is None else place_of(point.share),
            low,
            middle,
            high,
            _words(point) + (", signal" if is_signal else ""),
            is_signal,
            "" if row or is_first else f"The wording changed. It now reads: {quoted(series.wording)}",
        )


def _band(limits: Limits | None) -> tuple[str, str, str]:
    """The band in per cent of the space, which holds no shares below none and above all; "" where it is not known."""
    if limits is None:
        return "", "", ""
    return place_of(max(0.0, limits.low)), place_of(limits.middle), place_of(min(1.0, limits.high))


def _words(point: Point) -> str:
    if point.share is None:
        return f"fewer than {FEWEST_IN_PERIOD} answers"
    return f"{percent(point.n, point.of)} of {number(point.of)}"


def _table(trend: Trend) -> Table:
    rows = tuple(
        Row(point.label, (*_cells(point), _between(limits) if limits else "–"))
        for series in trend.series
        for limits, _ in [_found(series)]
        for point in series.points
    )
    columns = (trend.period.capitalize(), "n", "Of", "%", "Usually between")
    return Table(f"{trend.label}: {quoted(trend.answer)} by {trend.period}", (), columns, rows)


def _cells(point: Point) -> tuple[str, str, str]:
    if point.share is None:
        return ("–", "–", "–")
    return number(point.n), number(point.of), percent(point.n, point.of)


def _found(series: Series) -> tuple[Limits | None, tuple[Signal, ...]]:
    values = _values(series)
    limits = limits_of(values)
    return limits, signals(values, limits) if limits else ()


def _values(series: Series) -> list[float]:
    return [point.share for point in series.points if point.share is not None]


def _between(limits: Limits) -> str:
    return f"{_percent(max(0.0, limits.low))} and {_percent(min(1.0, limits.high))}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
