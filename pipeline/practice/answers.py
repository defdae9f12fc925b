"""What a made-up resident has to say: answers that follow a form's rules, some questions skipped, some comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from string import ascii_uppercase, digits
from typing import TypeVar

import numpy as np

from pipeline.form.definition import FormDefinition, Kind, Question, variables_of
from pipeline.form.rules import asked

_Thing = TypeVar("_Thing")

_SKIPPED = 0.08
"""Share of optional questions that people leave out."""

_COMMENTED = 0.4
"""Share of comment boxes that people write in."""

_OTHER_WEIGHT = 0.25
"""How often *other* is chosen, against a listed choice: authors list what most people would say."""

_A_DAY = date(2026, 6, 1)
"""Made-up dates are not after this day, unless the form asks for later ones only."""

_INWARD = "ABDEFGHJLNPQRSTUWXYZ"
"""The letters that UK postcodes use after the space (all but C I K M O V)."""

_HERE = ("CF10", "CF11", "CF14", "CF23", "CF24", "CF3", "CF5", "CF62", "CF63", "CF64")
"""The postcode districts around the made-up council."""

_ELSEWHERE = ("LS6", "M4", "B15", "SW1A", "EC1A", "LL57", "BS3", "NE1", "W1T", "SA1", "G12", "S10", "PO16")

_FROM_ELSEWHERE = 0.1
"""Share of people who live elsewhere: they work here, or visit."""

_COMMENTS = {
    "en": (
        "Please open earlier on Saturdays.",
        "The staff are lovely, thank you!",
        "More large print books please.",
        "I can only come after work, so Thursday evenings matter to me.",
        "The ramp is too steep for my wheelchair.",
        "We miss the story time for toddlers. My grandson asks every week.",
        "Don't close the branch - it is the only warm place in winter.",
        "Buses stop at 6 so late opening is no use to us.",
        "Computers are slow & the printer is often broken.",
        "Very helpful with my blue badge form. 10/10",
        "Could the toilets be open again?",
        "Keep the garden as it is. The benches are well used by older people and it costs next to nothing.",
    ),
    "cy": (
        "Diolch i'r staff am eu help.",
        "Hoffwn fwy o lyfrau Cymraeg i blant.",
        "Mae'r dŵr yn y tŷ bach yn oer!",
        "Agorwch yn hwyrach ar nos Iau os gwelwch yn dda.",
    ),
}

_OTHER = {
    "en": ("the garden", "my carer", "job club", "using the printer", "chess on Fridays", "a school visit"),
    "cy": ("y clwb darllen", "fy ŵyr", "dysgu Cymraeg"),
}

_NAMES = ("MAIR EVANS", "J SMITH", "PRIYA", "O JONES", "TOM", "ANNE HALL", "HIGH ST", "CENTRAL", "ELY")


@cache
def local_postcodes() -> tuple[str, ...]:
    """Return the postcodes around the made-up council: about 5,000, as a district of 80,000 homes has."""
    rng = np.random.default_rng(1)
    return tuple(dict.fromkeys(_postcode(_HERE, rng) for _ in range(5000)))


def random_answers(definition: FormDefinition, rng: np.random.Generator, language: str = "en") -> dict[str, str]:
    """Return one resident's answers, variable to value, as the form's rules accept them; one left out is blank."""
    answers: dict[str, str] = {}
    for question in definition.questions:
        if _is_asked(definition, question, answers) and (question.required or rng.random() >= _left_out(question)):
            answers |= _answer(question, rng, language)
    return answers


def _left_out(question: Question) -> float:
    return 1 - _COMMENTED if question.kind is Kind.COMMENT else _SKIPPED


def _is_asked(definition: FormDefinition, question: Question, answers: Mapping[str, str]) -> bool:
    return not asked(definition, answers).isdisjoint(variable.name for variable in variables_of(question))


def _answer(question: Question, rng: np.random.Generator, language: str) -> dict[str, str]:
    if question.kind is Kind.SCALE:
        return _ratings(question, rng)
    if question.kind in (Kind.ONE, Kind.MANY):
        return _ticked(question, rng, language)
    return {question.id: _written(question, rng, language)}


def _ratings(question: Question, rng: np.random.Generator) -> dict[str, str]:
    """A point for every statement, now and then none where none is required."""
    return {
        f"{question.id}.{statement.id}": _one_of(question.points, rng).value
        for statement in question.statements
        if question.required or rng.random() >= 0.05
    }


def _ticked(question: Question, rng: np.random.Generator, language: str) -> dict[str, str]:
    count = 1 if question.kind is Kind.ONE else min(len(question.choices), int(rng.choice((1, 1, 2, 2, 3, 4))))
    weights = np.array([_OTHER_WEIGHT if choice.other else 1.0 for choice in question.choices])
    ticked = sorted(rng.choice(len(question.choices), count, replace=False, p=weights / weights.sum()).tolist())
    chosen = [question.choices[index] for index in ticked]
    answers = {question.id: ";".join(choice.value for choice in chosen)}
    if any(choice.other for choice in chosen):
        answers[f"{question.id}.other"] = _one_of(_OTHER.get(language, _OTHER["en"]), rng)
    return answers


def _written(question: Question, rng: np.random.Generator, language: str) -> str:
    match question.kind:
        case Kind.NUMBER:
            low, high = question.minimum or 0, question.maximum or 99
            return str(low + int((high - low + 1) * rng.random() ** 2))
        case Kind.DATE:
            return _day(question.earliest, question.latest, rng).isoformat()
        case Kind.POSTCODE:
            return _one_of(local_postcodes(), rng) if rng.random() >= _FROM_ELSEWHERE else _postcode(_ELSEWHERE, rng)
        case Kind.CODE:
            return "".join(_in_pattern(symbol, rng) for symbol in question.pattern)
        case Kind.TEXT:
            return _one_of([name for name in _NAMES if len(name) <= question.length] or ["A"], rng)
        case _:
            return _one_of(_COMMENTS.get(language, _COMMENTS["en"]), rng)


def _postcode(districts: Sequence[str], rng: np.random.Generator) -> str:
    letters = "".join(_one_of(_INWARD, rng) for _ in range(2))
    return f"{_one_of(districts, rng)} {rng.integers(10)}{letters}"


def _day(earliest: date | None, latest: date | None, rng: np.random.Generator) -> date:
    first = earliest or min(_A_DAY, latest or _A_DAY) - timedelta(days=365)
    last = max(first, min(_A_DAY, latest or _A_DAY))
    return first + timedelta(days=int(rng.integers((last - first).days + 1)))


def _in_pattern(symbol: str, rng: np.random.Generator) -> str:
    drawn_from = {"9": digits, "A": ascii_uppercase, "X": ascii_uppercase + digits}
    return _one_of(drawn_from[symbol], rng) if symbol in drawn_from else symbol


def _one_of(things: Sequence[_Thing], rng: np.random.Generator) -> _Thing:
    return things[int(rng.integers(len(things)))]
