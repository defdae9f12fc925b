"""The few expressions of XLSForm that a form here can keep: who is asked, and within which bounds.

Source: XLSForm reference table, columns `relevant` and `constraint`; XPath 1.0 as ODK XForms narrow it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.form.definition import Condition, Kind, Question

_EQUALS = r"\$\{\s*(?P<asked>[^}\s]+)\s*\}\s*=\s*(?P<q1>['\"])(?P<equal>[^'\"]*)(?P=q1)"
_SELECTED = r"selected\(\s*\$\{\s*(?P<ticked>[^}\s]+)\s*\}\s*,\s*(?P<q2>['\"])(?P<chosen>[^'\"]*)(?P=q2)\s*\)"
_TERM = re.compile(f"(?:{_EQUALS}|{_SELECTED})")
_BOUND = re.compile(r"\.\s*(?P<sign>>=|<=|>|<)\s*(?P<number>-?\d+)")
_DAY = re.compile(r"\.\s*(?P<sign>>=|<=)\s*date\(\s*['\"](?P<day>\d{4}-\d\d-\d\d)['\"]\s*\)")
_LENGTH = re.compile(r"string-length\(\s*\.\s*\)\s*(?P<sign><=|<)\s*(?P<number>\d+)")

POSTCODE = r"^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}$"
"""A British postcode as other programs are to check it; pillarbox itself is stricter."""

_CHARACTERS = {"9": "[0-9]", "A": "[A-Za-z]", "X": "[A-Za-z0-9]"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that an answer may be; None where nothing is said."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day that an answer may be; None where nothing is said."""

    first: date | None = None
    last: date | None = None


def condition_of(relevant: str, variables: Mapping[str, str]) -> Condition | None:
    """Return the condition that `relevant` says, or None where it says more than one question's answers.

    `variables` are the variables by their names in the spreadsheet.
    """
    names, values = set(), []
    for term in re.split(r"\s+or\s+", relevant.strip()):
        found = _TERM.fullmatch(_without_brackets(term))
        if found is None:
            return None
        names.add(found["asked"] or found["ticked"])
        values.append(found["chosen"] if found["equal"] is None else found["equal"])
    name = names.pop()
    return Condition(variables[name], tuple(values)) if not names and name in variables else None


def relevant_of(condition: Condition, names: Mapping[str, str], asked: Question) -> str:
    """Return a condition as XLSForm writes it; `asked` is the question it asks about, `names` those in the sheet."""
    name = names[condition.variable]
    shape = "selected(${{{}}}, '{}')" if asked.kind is Kind.MANY else "${{{}}} = '{}'"
    return " or ".join(shape.format(name, value) for value in condition.values)


def bounds_of(constraint: str) -> Bounds | None:
    """Return what `. >= 0 and . <= 99` says, or None where it says anything else."""
    least = most = None
    for term in _terms(constraint):
        if (found := _BOUND.fullmatch(term)) is None:
            return None
        number = int(found["number"])
        match found["sign"]:
            case ">=":
                least = number
            case ">":
                least = number + 1
            case "<=":
                most = number
            case _:
                most = number - 1
    return Bounds(least, most)


def days_of(constraint: str) -> Days | None:
    """Return what `. >= date('2027-01-01')` says, or None where it says anything else."""
    first = last = None
    for term in _terms(constraint):
        if (found := _DAY.fullmatch(term)) is None:
            return None
        try:
            day = date.fromisoformat(found["day"])
        except ValueError:
            return None
        first, last = (day, last) if found["sign"] == ">=" else (first, day)
    return Days(first, last)


def length_of(constraint: str) -> int | None:
    """Return the most characters that `string-length(.) <= 20` allows, or None where it says anything else."""
    found = _LENGTH.fullmatch(constraint.strip())
    return None if found is None else int(found["number"]) - (found["sign"] == "<")


def constraint_of(question: Question) -> str:
    """Return the bounds of a question as XLSForm writes them, or nothing where it has none."""
    match question.kind:
        case Kind.NUMBER:
            return f". >= {question.minimum} and . <= {question.maximum}"
        case Kind.DATE:
            signs = ((">=", question.earliest), ("<=", question.latest))
            return " and ".join(f". {sign} date('{day}')" for sign, day in signs if day)
        case Kind.POSTCODE:
            return f"regex(., '{POSTCODE}')"
        case Kind.CODE:
            return f"regex(., '^{''.join(_CHARACTERS.get(each, re.escape(each)) for each in question.pattern)}$')"
        case Kind.TEXT:
            return f"string-length(.) <= {question.length}"
        case _:
            return ""


def _terms(expression: str) -> list[str]:
    return [_without_brackets(term) for term in re.split(r"\s+and\s+", expression.strip())]


def _without_brackets(term: str) -> str:
    return term.strip().removeprefix("(").removesuffix(")").strip() if term.strip().startswith("(") else term.strip()
