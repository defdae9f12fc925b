"""Who lives here, as a small table says it: question, value, and how many or which share of everybody.

question,value,share
age,16_24,12.4
age,75_plus,10.1
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from pipeline.form.definition import FormDefinition, Kind

COLUMNS = ("question", "value", "share")
"""The columns of such a table, in any order; others are passed over."""


class CensusError(Exception):
    """The table does not fit the form; the message says where, and what to do."""


@dataclass(frozen=True, slots=True)
class Census:
    """For each question the part of everybody who lives here in each value, adding up to 1."""

    margins: Mapping[str, Mapping[str, float]]


def read_census(text: str, form: FormDefinition) -> Census:
    """Read such a table for a form. Numbers may be people, per cent or parts: they are brought to parts of one.

    Raises CensusError at the first line that does not fit.
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    if lacking := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise CensusError(f"line 1 lacks the column {lacking[0]}. The first line reads: {','.join(COLUMNS)}.")
    values = {
        question.id: {choice.value for choice in question.choices}
        for question in form.questions
        if question.kind is Kind.ONE
    }
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        question, value = (str(row[name] or "").strip() for name in COLUMNS[:2])
        if question not in values:
            known = ", ".join(values)
            raise CensusError(
                f"line {rows.line_num}: “{question}” is no pick-one question of the form. Those are: {known}."
            )
        if value not in values[question]:
            known = ", ".join(sorted(values[question]))
            raise CensusError(f"line {rows.line_num}: “{value}” is no answer to “{question}”. Those are: {known}.")
        if value in found.get(question, {}):
            raise CensusError(f"line {rows.line_num}: “{question}”, “{value}” stands there twice. Remove one.")
        found.setdefault(question, {})[value] = _share(str(row["share"] or ""), rows.line_num)
    if not found:
        raise CensusError("there are no lines beneath the first. Add one for each group, such as age,75_plus,10.1.")
    for question, shares in found.items():
        if not sum(shares.values()):
            raise CensusError(f"all shares of “{question}” are 0. Say how many live here.")
    return Census({question: _as_parts(shares) for question, shares in found.items()})


def _share(text: str, line: int) -> float:
    plain = text.strip().removesuffix("%").replace(",", "")
    try:
        share = float(plain)
    except ValueError:
        share = -1.0
    if not 0 <= share < float("inf"):
        raise CensusError(f"line {line}: “{text}” is not a number of people or a share. Write it like 10.1 or 4200.")
    return share


def _as_parts(shares: Mapping[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {value: share / total for value, share in shares.items()}
