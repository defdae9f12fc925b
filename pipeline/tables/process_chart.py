"""A question over time, a row a month or week: a point, the band it usually lies in, and what stands out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One month or week: where its point is ("" for none), in per cent of the space, and the words at its end.

    `low`, `middle` and `high` are the band and its middle; "" where there are too few points to know it. Before a row
    whose `break_` is not "", the wording changed: it says so.
    """

    label: str
    at: str
    low: str
    middle: str
    high: str
    words: str
    is_signal: bool
    break_: str = ""


@dataclass(frozen=True, slots=True)
class ProcessChart:
    """Rows in the order of time."""

    told: str
    rows: tuple[ProcessRow, ...]
    kind: str = "process"
