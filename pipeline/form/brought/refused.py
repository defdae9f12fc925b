"""Rows that were not taken, as a table to be put right and brought in again: every cell comes back as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.form.brought.reading import RefusedRow
from pipeline.form.brought.rows import NOT_TAKEN
from pipeline.form.cells import defused


def table_of_refused(columns: Sequence[str], rows: Iterable[RefusedRow]) -> Iterator[list[str]]:
    """Yield all headings of the file and each row as it came, with the reasons in a column before, no cell a formula.

    A row that ended before the last column still does: where the tool gives no names, all it holds is its name.
    """
    yield [NOT_TAKEN, *map(defused, columns)]
    for row in rows:
        yield [defused(" ".join(row.whys)), *map(defused, row.cells.values())]
