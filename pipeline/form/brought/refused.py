"""Rows that were not taken, as a table to be put right and brought in again: every cell comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.form.brought.reading import RefusedRow
from pipeline.form.brought.rows import NOT_TAKEN
from pipeline.form.cells import defused


def table_of_refused(rows: Sequence[RefusedRow]) -> Iterator[list[str]]:
    """Yield the headings and each row as it came, with the reasons in a column before, and no cell a formula."""
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    yield [NOT_TAKEN, *map(defused, columns)]
    for row in rows:
        yield [defused(" ".join(row.whys)), *(defused(row.cells.get(column, "")) for column in columns)]
