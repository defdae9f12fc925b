"""Made-up form definitions: every kind of question, routes, room for other answers, words of every length and script.

The words mean nothing together. They are as long, as mixed and as awkward as authors make them, and the names and
values are those that databases, spreadsheets and PDFs might take for words of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import numpy as np

from pipeline.form.definition import (
    Choice,
    Condition,
    FormDefinition,
    Item,
    Kind,
    Note,
    Question,
    Section,
    Statement,
    Wording,
    variables_of,
)

_Thing = TypeVar("_Thing")

_WORDS: Mapping[str, Sequence[str]] = {
    "en": ("library", "hours", "children", "books", "warm", "staff", "often", "Saturday", "help", "accessibility"),
    "cy": (
        "llyfrgell", "oriau", "plant", "llyfrau", "cynnes", "tŷ", "dŵr", "dydd", "Sadwrn", "cymorth", "hygyrchedd",
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    ),
    "pl": ("biblioteka", "godziny", "dzieci", "książki", "ciepło", "pracownicy", "często", "źródło", "dostępność"),
    "ur": ("لائبریری", "اوقات", "بچے", "کتابیں", "گرم", "عملہ", "اکثر", "ہفتہ", "مدد", "رسائی", "باغ"),
    "ar": ("مكتبة", "ساعات", "الأطفال", "كتب", "دافئ", "الموظفون", "غالبًا", "السبت", "لا", "إمكانية", "حديقة"),
    "bn": ("লাইব্রেরি", "সময়", "শিশু", "বই", "উষ্ণ", "কর্মী", "প্রায়ই", "শনিবার", "সাহায্য", "প্রবেশগম্যতা"),
    "pa": ("ਲਾਇਬ੍ਰੇਰੀ", "ਸਮਾਂ", "ਬੱਚੇ", "ਕਿਤਾਬਾਂ", "ਨਿੱਘਾ", "ਸਟਾਫ਼", "ਅਕਸਰ", "ਸ਼ਨੀਵਾਰ", "ਮਦਦ", "ਪਹੁੰਚ"),
}  # fmt: skip
"""Words of each language a form is written in here, some of them long."""

LANGUAGES = tuple(_WORDS)

_IN_ANY_LANGUAGE = ("2027", "Wi-Fi", "25–34", "(10:30)", "ZZ1 4GL,", "50%")
"""What stands among the words of any language as it is, against the direction of some."""

_IDS = ("order", "group", "select", "value", "index", "null", "yes", "q", "a_name_of_24_letters_now", "from", "id2")
_STATEMENTS = ("other", "day", "s1", "not", "table")
_VALUES = ("yes", "no", "Off", "Yes", "007", "7", "0", "1.50", "null", "true", "none", "x+y", "A-b_c", "2027-01-31")
_PATTERNS = ("A99", "AA-9999", "X9.9 9", "LIB-999", "9/9")

_FEW, _LONG = 6, 0.12
"""How many words a wording may have that goes on and on now and then, and the share of those that do."""


def random_definition(name: str, rng: np.random.Generator, most: int = 7) -> FormDefinition:
    """Return a form of two to `most` questions in all of `LANGUAGES`; the first can be asked on a postcard."""
    first, *names = (str(each) for each in rng.permutation(_IDS))
    asked = [Question(first, Kind.ONE, _words(rng, 1, 2), {}, choices=_choices(rng, 2, longest=1))]
    items: list[Item] = [*asked]
    kinds = rng.permutation([kind.value for kind in Kind])[: rng.integers(most // 2, most)]
    for kind, id_ in zip(kinds, names, strict=False):
        items += _heading(rng)
        asked.append(_question(id_, Kind(kind), asked, rng))
        items.append(asked[-1])
    return FormDefinition(
        id=name,
        title=_words(rng, 1, 2),
        council=_words(rng, 1, 2),
        service="Libraries",
        intro=_words(rng, 3, 20),
        privacy=_words(rng, 3, 20),
        return_to=_words(rng, 2, 4),
        thanks=_words(rng, 2, 6),
        help_line=_words(rng, 2, 8),
        languages=LANGUAGES,
        minutes=int(rng.integers(1, 10)),
        opens=None,
        closes=None,
        scans_kept_days=90,
        answers_kept_days=730,
        publish=_perhaps(rng, 0.5),
        items=tuple(items),
        return_address=("Glanmor Libraries", "1 Harbour Street", "Glanmor ZZ1 4GL") if _perhaps(rng, 0.3) else (),
        receipt=_perhaps(rng, 0.3),
        on_one_page=_perhaps(rng, 0.5),
    )


def _heading(rng: np.random.Generator) -> list[Item]:
    """What stands before a question now and then."""
    drawn = rng.random()
    if drawn < 0.15:
        return [Section(_words(rng, 1, 4), _words(rng, 2, 12) if _perhaps(rng, 0.5) else {})]
    return [Note(_words(rng, 3, 15))] if drawn < 0.25 else []


def _question(name: str, kind: Kind, earlier: Sequence[Question], rng: np.random.Generator) -> Question:
    return Question(
        name,
        kind,
        _words(rng, 1, 10),
        _words(rng, 2, 12) if _perhaps(rng, 0.3) else {},
        required=_perhaps(rng, 0.3),
        when=_route(earlier, rng) if _perhaps(rng, 0.4) else None,
        sensitive=_perhaps(rng, 0.2),
        easy={"text": _words(rng, 1, 6)} if _perhaps(rng, 0.3) else {},
        **_of_its_kind(kind, rng),
    )


def _of_its_kind(kind: Kind, rng: np.random.Generator) -> dict[str, Any]:
    match kind:
        case Kind.ONE | Kind.MANY:
            return {"choices": _choices(rng, 6, other=0.4)}
        case Kind.SCALE:
            ids = rng.permutation(_STATEMENTS)[: rng.integers(1, 5)]
            statements = tuple(Statement(str(each), _words(rng, 1, 6)) for each in ids)
            return {"statements": statements, "points": _choices(rng, 5, longest=4)}
        case Kind.NUMBER:
            return {"minimum": int(rng.integers(0, 3)), "maximum": _one_of((9, 31, 240, 99_999), rng)}
        case Kind.DATE:
            earliest = date(2000, 1, 1) + timedelta(days=int(rng.integers(9000)))
            return {"earliest": earliest, "latest": earliest + timedelta(days=400)} if _perhaps(rng, 0.5) else {}
        case Kind.CODE:
            return {"pattern": _one_of(_PATTERNS, rng)}
        case Kind.TEXT:
            return {"length": int(rng.integers(3, 31))}
        case Kind.COMMENT:
            return {"lines": int(rng.integers(2, 8))}
        case Kind.POSTCODE:
            return {}


def _choices(rng: np.random.Generator, most: int, longest: int = 6, other: float = 0.0) -> tuple[Choice, ...]:
    """From two choices to `most`, of `longest` words, the last with room to write as often as `other` says."""
    values = [str(value) for value in rng.permutation(_VALUES)[: rng.integers(2, most + 1)]]
    has_other = _perhaps(rng, other)
    return tuple(Choice(value, _words(rng, 1, longest), has_other and value == values[-1]) for value in values)


def _route(earlier: Sequence[Question], rng: np.random.Generator) -> Condition | None:
    """A question before this one, and the answers to it that lead here."""
    variables = [variable for question in earlier for variable in variables_of(question) if variable.choices]
    if not variables:
        return None
    variable = _one_of(variables, rng)
    values = rng.permutation([choice.value for choice in variable.choices])
    return Condition(variable.name, tuple(str(value) for value in values[: rng.integers(1, len(values))]))


def _words(rng: np.random.Generator, least: int, most: int) -> Wording:
    """Words in every language: as many in each, from `least` to `most`, now and then far more than a few."""
    number = int(rng.integers(least, most + 1)) * (4 if most >= _FEW and rng.random() < _LONG else 1)
    return {language: " ".join(_said(language, number, rng)) for language in LANGUAGES}


def _said(language: str, number: int, rng: np.random.Generator) -> Sequence[str]:
    return [_one_of(_IN_ANY_LANGUAGE if rng.random() < 0.1 else _WORDS[language], rng) for _ in range(number)]


def _perhaps(rng: np.random.Generator, chance: float) -> bool:
    return bool(rng.random() < chance)


def _one_of(things: Sequence[_Thing], rng: np.random.Generator) -> _Thing:
    return things[int(rng.integers(len(things)))]
