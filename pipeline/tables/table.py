"""The one table behind every export: variables with type, words, measure and kinds of missing, and rows to go through.

Every format is a small module that turns this table into bytes. Rows are gone through one at a time and as often as a
format needs; none holds them all unless its library does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Kind, Shape, Variable, Wording, say
from pipeline.store.responses import Dataset, Place, Response
from pipeline.store.views import FACTS

REMARKS, MISSING = "remarks", "missing"
"""The columns after the variables: what was written beside the boxes, and why each empty variable is empty."""

FACT_LABELS: Mapping[str, str] = {
    "submission": "The name of this response, by which it is traced",
    "copy": "The code printed on the paper copy",
    "channel": "How it came: paper, online, kiosk, pdf, phone or import",
    "edition": "The printed edition, or web",
    "lang": "The language it was answered in",
    "site": "The desk or library where it came in",
    "received_at": "When it came, UTC",
    "status": "complete, waiting, partial, to_confirm or withdrawn",
    REMARKS: "What was written outside the boxes",
    MISSING: "Why each empty variable is empty",
}
"""What stands beside the answers, in words."""

MISSING_LABELS: Mapping[Missing, str] = {
    Missing.BLANK: "Left blank",
    Missing.UNREADABLE: "Could not be read",
    Missing.WAITING: "Waiting for a person",
    Missing.REFUSED: "Would rather not say",
    Missing.NOT_ASKED: "Not asked",
    Missing.PAGE_NOT_RETURNED: "Page not returned",
    Missing.WITHDRAWN: "Withdrawn",
}
"""The kinds of missing in words."""

LONGEST_NAME = 32
"""Characters in a variable's name in Stata; SPSS takes twice as many."""

_SPSS = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
_STATA = {"byte", "double", "float", "if", "in", "int", "long", "str", "strl", "using"}
RESERVED = frozenset(_SPSS | _STATA)
"""Names that SPSS or Stata keep for themselves."""


class Measure(StrEnum):
    """What may be done with the values of a variable: only told apart, put in order, or calculated with."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class Code:
    """One value that can be ticked: its `number` from 1, which no later version of the form changes, and its words."""

    number: int
    value: str
    label: Wording


@dataclass(frozen=True, slots=True)
class Column:
    """One variable. `label` is its own words; `codes` the values of all versions, none where answers are written."""

    variable: Variable
    measure: Measure
    codes: tuple[Code, ...]

    @property
    def name(self) -> str:
        """The variable's name as it is stored: `hours.sat`."""
        return self.variable.name

    @property
    def shape(self) -> Shape:
        """What kind of value it holds."""
        return self.variable.shape

    @property
    def wording(self) -> Wording:
        """The question in each language, for a statement or writing-in followed by its own words."""
        question, own = self.variable.question.text, self.variable.text
        if question == own:
            return question
        return {language: f"{words} – {say(own, language)}" for language, words in question.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """A form's dataset as it is exported; `responses` can be gone through any number of times.

    `without_leave` are the versions of the form that did not ask for leave to publish what people write.
    """

    form: FormDefinition
    columns: tuple[Column, ...]
    responses: Iterable[Response]
    places: tuple[Place, ...] = ()
    without_leave: frozenset[str] = frozenset()

    @property
    def language(self) -> str:
        """The language of labels where a format takes but one."""
        return self.form.languages[0]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns of the formats that hold text."""
        return (*FACTS, *(column.name for column in self.columns), REMARKS, MISSING)


def table_of(dataset: Dataset, responses: Iterable[Response] | None = None) -> Table:
    """Return the table of a dataset; `responses` take the place of those it holds, so that they need not be held."""
    versions = dataset.versions or (dataset.form,)
    columns = tuple(Column(each, _measure(each), _codes(each, versions)) for each in dataset.variables)
    without_leave = frozenset(each.version for each in versions if not each.publish)
    listed = dataset.responses if responses is None else responses
    return Table(dataset.form, columns, listed, dataset.places, without_leave)


def missing_pairs(response: Response) -> str:
    """Return why each empty variable of a response is empty: `q3=blank;q5=waiting`."""
    return ";".join(f"{name}={kind}" for name, kind in response.missing.items())


def why_missing(response: Response, name: str) -> Missing | None:
    """Return why a variable is empty, None where it is not; what a version did not have was not asked."""
    return None if name in response.answers else response.missing.get(name, Missing.NOT_ASKED)


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each name one that every program takes: letters, figures and underscores, 32 at most, none twice."""
    taken: dict[str, str] = {}
    plain: dict[str, str] = {}
    for name in dict.fromkeys(names):
        wanted = re.sub(r"[^a-z0-9_]", "_", name.lower())[:LONGEST_NAME]
        found = next(each for each in _spellings(wanted) if each not in taken and each not in RESERVED)
        taken[found] = plain[name] = found
    return plain


def _spellings(wanted: str) -> Iterator[str]:
    yield wanted
    for number in range(2, 10_000):
        ending = f"_{number}"
        yield wanted[: LONGEST_NAME - len(ending)] + ending


def _measure(variable: Variable) -> Measure:
    if variable.shape in (Shape.NUMBER, Shape.DATE):
        return Measure.SCALE
    is_point = variable.question.kind is Kind.SCALE
    return Measure.ORDINAL if is_point else Measure.NOMINAL


def _codes(variable: Variable, versions: Iterable[FormDefinition]) -> tuple[Code, ...]:
    """The values of all versions, numbered as they first came up, each in its newest words."""
    labels: dict[str, Wording] = {}
    for version in versions:
        for asked in version.variables:
            if asked.name == variable.name:
                labels |= {choice.value: choice.label for choice in asked.choices}
    return tuple(Code(number, value, label) for number, (value, label) in enumerate(labels.items(), start=1))
