"""Codes that people gave to comments: a table with a line a comment, as it comes back from a spreadsheet.

submission,question,code
0198c1…,change,opening hours; heating
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from pipeline.form.definition import Shape
from pipeline.store.coded import CodedDataset

COLUMNS = ("submission", "question", "code")
"""The columns of such a table, in any order; others, such as the comment itself, are passed over."""


class CodesError(Exception):
    """The table does not fit the answers; the message says where, and what to do."""


@dataclass(frozen=True, slots=True)
class GivenCode:
    """One code of one comment: which line of the table says it, of which submission and question."""

    line: int
    submission: str
    question: str
    code: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of comments: for each question, by the place of its response, the codes it was given."""

    given: Mapping[str, Mapping[int, tuple[str, ...]]]


def read_codes(text: str) -> tuple[GivenCode, ...]:
    """Read such a table; a comment may have several codes, in one cell with `;` between or in several lines.

    Raises CodesError where a column is missing.
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    if lacking := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise CodesError(f"line 1 lacks the column {lacking[0]}. The first line reads: {','.join(COLUMNS)}.")
    return tuple(
        GivenCode(rows.line_num, str(row["submission"] or "").strip(), str(row["question"] or "").strip(), code)
        for row in rows
        for code in dict.fromkeys(" ".join(each.split()) for each in str(row["code"] or "").split(";"))
        if code
    )


def codes_of(dataset: CodedDataset, given: tuple[GivenCode, ...], places: Mapping[str, int]) -> Codes:
    """Return the codes by question and response; `places` says where each submission stands that counts.

    Submissions that do not count are passed over. Raises CodesError for what is no comment of the form.
    """
    comments = {each.name for each in dataset.variables if each.shape in (Shape.COMMENT, Shape.TEXT)}
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for each in given:
        if each.question not in comments:
            known = ", ".join(sorted(comments)) or "none"
            raise CodesError(f"line {each.line}: “{each.question}” is no comment of the form. Those are: {known}.")
        place = places.get(each.submission)
        if place is not None and dataset.answers[each.question].codes[place] >= 0:
            of_question = found.setdefault(each.question, {})
            of_question[place] = tuple(dict.fromkeys((*of_question.get(place, ()), each.code)))
    return Codes(found)
