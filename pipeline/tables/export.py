"""The merged dataset in the formats analysts open: one row a response, whatever its channel."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping

from pipeline.form.definition import Shape
from pipeline.store.responses import Dataset, Response
from pipeline.store.views import FACTS

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell (OWASP, CSV injection)."""


def as_csv(dataset: Dataset) -> str:
    """Return the dataset as CSV (RFC 4180): the facts, a column a variable, what was remarked beside them,
    then `missing` (`q3=blank;q5=waiting`).

    Free words that a spreadsheet would run as a formula get an apostrophe in front.
    """
    names = [variable.name for variable in dataset.variables]
    free = {variable.name for variable in dataset.variables if variable.shape in (Shape.TEXT, Shape.COMMENT)}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*FACTS, *names, "remarks", "missing"))
    for response in dataset.responses:
        cells = [_cell(response.answers.get(name, ""), name in free) for name in names]
        writer.writerow(
            (*(response.facts[fact] or "" for fact in FACTS), *cells, _cell(response.remarks, True), _missing(response))
        )
    return text.getvalue()


def as_json(dataset: Dataset) -> str:
    """Return the dataset as one JSON document.

    It is `{"form", "rows": [{…facts, "answers": {}, "remarks": "", "missing": {}}]}`.
    """
    rows = [
        {
            **response.facts,
            "answers": dict(response.answers),
            "remarks": response.remarks,
            "missing": dict(response.missing),
        }
        for response in dataset.responses
    ]
    return json.dumps({"form": dataset.form.id, "rows": rows}, ensure_ascii=False, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Dataset], str]] = {"csv": as_csv, "json": as_json}
"""What `export --format` offers."""


def _cell(value: str, free: bool) -> str:
    return f"'{value}" if free and value.startswith(FORMULA_STARTS) else value


def _missing(response: Response) -> str:
    return ";".join(f"{name}={kind}" for name, kind in response.missing.items())
