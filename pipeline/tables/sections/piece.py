"""What every section is made of, so that a page and a PDF can show any of them."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.tables.charts import BarChart, GridChart
from pipeline.tables.numbers import Table
from pipeline.tables.process_chart import ProcessChart
from pipeline.tables.range_chart import RangeChart
from pipeline.tables.stack_charts import StackChart

Chart = BarChart | GridChart | StackChart | RangeChart | ProcessChart


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to say: its title, sentences (what was found first), a chart where there is one, and its numbers."""

    title: str
    sentences: tuple[str, ...]
    chart: Chart | None = None
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportSection:
    """Pieces under one heading; `anchor` is where links lead to."""

    anchor: str
    title: str
    intro: tuple[str, ...]
    pieces: tuple[Piece, ...]
