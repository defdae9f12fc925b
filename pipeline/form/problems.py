"""Why an answer cannot be taken as it is, in words for the person who gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipeline.form.catalogue import LANGUAGES, said
from pipeline.form.definition import Wording, say
from pipeline.form.words import long_date


class Code(StrEnum):
    """The kinds of problem; the same on paper and online."""

    REQUIRED = "required"
    UNKNOWN_CHOICE = "unknown_choice"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    NOT_A_POSTCODE = "not_a_postcode"
    PATTERN = "pattern"
    RANGE = "range"
    TOO_LONG = "too_long"
    NOT_ASKED = "not_asked"
    OTHER_WITHOUT_TICK = "other_without_tick"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the answer in `variable`; `message` says what to do, in every language there is one."""

    variable: str
    code: Code
    message: Wording


def problem(variable: str, code: Code, sentence: str, **blanks: str | int | date | Mapping[str, str]) -> Problem:
    """Return a problem whose message is the phrase `sentence`, its blanks filled in each language.

    A wording fills a blank with its words in that language, a date is written out.
    """
    message = {
        language: said("problem", sentence, language).format(
            **{name: _filling(blank, language) for name, blank in blanks.items()}
        )
        for language in LANGUAGES
    }
    return Problem(variable, code, message)


def explain(found: Problem, language: str) -> str:
    """Return what to do about a problem in `language`, or in English where there is no sentence in it."""
    return say(found.message, language)


def _filling(blank: str | int | date | Mapping[str, str], language: str) -> str:
    if isinstance(blank, date):
        return long_date(blank, language)
    return say(blank, language) if isinstance(blank, Mapping) else str(blank)
