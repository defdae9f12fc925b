"""Why an answer cannot be taken as it is, in words for the person who gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    """Return a problem whose message is `sentence` of SENTENCES, its blanks filled in each language.

    A wording fills a blank with its words in that language, a date is written out.
    """
    message = {
        language: sentences[sentence].format(**{name: _filling(blank, language) for name, blank in blanks.items()})
        for language, sentences in SENTENCES.items()
    }
    return Problem(variable, code, message)


def explain(found: Problem, language: str) -> str:
    """Return what to do about a problem in `language`, or in English where there is no sentence in it."""
    return say(found.message, language)


def _filling(blank: str | int | date | Mapping[str, str], language: str) -> str:
    if isinstance(blank, date):
        return long_date(blank, language)
    return say(blank, language) if isinstance(blank, Mapping) else str(blank)


SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "required_one": "Tick one answer.",
        "required_many": "Tick at least one answer.",
        "required_written": "Write your answer here.",
        "unknown_choice": "“{value}” is not one of the answers. Choose from the list.",
        "not_a_number": "Write a whole number in figures, such as 3.",
        "numbers": "Write a number from {least} to {most}.",
        "not_a_date": "Write a real date as day, month and year, such as 9 3 2027.",
        "dates": "Write a date from {least} to {most}.",
        "not_before": "Write a date no earlier than {least}.",
        "not_after": "Write a date no later than {most}.",
        "not_a_postcode": "Write a full UK postcode, such as CF10 1AA.",
        "pattern": "Write it in the form {example}.",
        "too_long": "Use {most} characters or fewer. You have written {count}.",
        "not_asked": "Only answer this if you chose {answers} for “{question}”. Clear this answer, or change that one.",
        "other_without_tick": "Tick “{choice}”, or clear what you wrote beside it.",
        "or": " or ",
    },
    "cy": {
        "required_one": "Ticiwch un ateb.",
        "required_many": "Ticiwch o leiaf un ateb.",
        "required_written": "Ysgrifennwch eich ateb yma.",
        "unknown_choice": "Nid yw “{value}” yn un o’r atebion. Dewiswch o’r rhestr.",
        "not_a_number": "Ysgrifennwch rif cyfan mewn ffigurau, fel 3.",
        "numbers": "Ysgrifennwch rif o {least} i {most}.",
        "not_a_date": "Ysgrifennwch ddyddiad go iawn: diwrnod, mis a blwyddyn, fel 9 3 2027.",
        "dates": "Ysgrifennwch ddyddiad o {least} i {most}.",
        "not_before": "Ysgrifennwch ddyddiad nad yw’n gynharach na {least}.",
        "not_after": "Ysgrifennwch ddyddiad nad yw’n hwyrach na {most}.",
        "not_a_postcode": "Ysgrifennwch god post llawn yn y DU, fel CF10 1AA.",
        "pattern": "Ysgrifennwch hwn ar ffurf {example}.",
        "too_long": "Defnyddiwch {most} nod neu lai. Rydych chi wedi ysgrifennu {count}.",
        "not_asked": (
            "Atebwch hwn dim ond os gwnaethoch chi ddewis {answers} ar gyfer “{question}”. "
            "Cliriwch yr ateb hwn, neu newidiwch y llall."
        ),
        "other_without_tick": "Ticiwch “{choice}”, neu cliriwch yr hyn a ysgrifennoch wrth ei ymyl.",
        "or": " neu ",
    },
}
"""Every sentence by language and name."""
