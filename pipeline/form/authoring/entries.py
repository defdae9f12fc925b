"""One value of a definition as its author writes it: a wording, an id, a stored value, a date, a condition.

Each type below is a pydantic annotation. What it refuses, it refuses in words that follow the name of the key
(`has no Welsh (cy).`), with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from pipeline.form.definition import Condition
from pipeline.form.paper.pictures import PICTURES

MOST_BOXES = 30
"""Boxes of a `text` or a `code` that fit on one line of A4 at 5.5 mm each."""

MOST_ADDRESS_LINES = 4
"""Lines of a return address that a window shows wherever the sheet slides in its envelope."""

SAID = "said"
"""The type of the errors raised here; their context holds `what` and `instead`."""

LANGUAGE_NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cy": "Welsh",
    "en": "English",
    "ga": "Irish",
    "gd": "Scottish Gaelic",
    "pa": "Punjabi",
    "pl": "Polish",
    "ro": "Romanian",
    "uk": "Ukrainian",
    "ur": "Urdu",
}


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of the form being read: every wording must have them all. The context of validation."""

    tags: tuple[str, ...]


def suggest_id(text: str) -> str:
    """Return a short id made from words: "Your postcode" gives `postcode`."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    telling = [word for word in words if word not in _SMALL_WORDS] or words
    name = "_".join(telling[:2])[:22].strip("_")
    if not name:
        return "visit_reason"
    return name if name[0].isalpha() else f"q_{name}"


_SMALL_WORDS = frozenset(
    {"a", "an", "are", "did", "do", "how", "in", "is", "of", "the", "to", "what", "which", "you", "your"}
)


def _wrong(what: str, instead: str) -> PydanticCustomError:
    return PydanticCustomError(SAID, "{what}", {"what": what, "instead": instead})


def _wording(value: object, info: ValidationInfo) -> dict[str, str]:
    languages = info.context.tags if isinstance(info.context, Languages) else ("en",)
    if isinstance(value, Mapping) and value:
        return _in_each_language(value, languages)
    words = _words(value)
    if words:
        return _same_words(words, languages)
    raise _wrong("has no words.", "Write some after the colon, in quotes if they hold a colon or a comma.")


def _words(value: object) -> str:
    return str(value).strip() if isinstance(value, str) else ""


def _same_words(words: str, languages: tuple[str, ...]) -> dict[str, str]:
    """Plain words are the first language's; where no letter is in them (`25–34`) they serve every language."""
    if len(languages) == 1 or not any(character.isalpha() for character in words):
        return dict.fromkeys(languages, words)
    short = words if len(words) <= 40 else f"{words[:39].rstrip()}…"
    others = ", ".join(f"{tag}: …" for tag in languages[1:])
    raise _wrong(
        f"is in {_name(languages[0])} only and has no {_names(languages[1:])}.",
        f'Write {{{languages[0]}: "{short}", {others}}}.',
    )


def _in_each_language(value: Mapping[object, object], languages: tuple[str, ...]) -> dict[str, str]:
    unknown = [tag for tag in value if tag not in languages]
    if unknown and value[unknown[0]] is None:
        what = f'breaks off before "{unknown[0]}", because of the comma.'
        raise _wrong(what, 'Put words that hold a comma in quotes, such as {en: "Yes, often"}.')
    missing = [tag for tag in languages if not _words(value.get(tag))]
    if unknown:
        listed = ", ".join(languages)
        raise _wrong(
            f'is given in "{unknown[0]}"{f", and has no {_names(missing)}" if missing else ""}.',
            f"The languages of this form are {listed}: use these, or add {unknown[0]} to the line languages.",
        )
    if missing:
        raise _wrong(f"has no {_names(missing)}.", f"Add {missing[0]}: and the words beside the other language.")
    return {tag: _words(value[tag]) for tag in languages}


def _names(tags: tuple[str, ...] | list[str]) -> str:
    return " and no ".join(map(_name, tags))


def _name(tag: str) -> str:
    return f"{LANGUAGE_NAMES[tag]} ({tag})" if tag in LANGUAGE_NAMES else tag


def _line(value: object) -> str:
    words = " ".join(_words(value).split())
    if words:
        return words
    raise _wrong("is not a word or a short phrase.", "Write one after the colon.")


def _identifier(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,23}", value):
        return str(value)
    raise _wrong(
        f'is "{value}", which cannot name a column of the results.',
        "Start with a small letter and go on with at most 23 small letters, figures or underscores, "
        f"such as id: {suggest_id(str(value))}.",
    )


def _value(value: object) -> str:
    text = _words(value)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}", text):
        return text
    storable = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:32] or "none"
    raise _wrong(
        f'is "{text}", which cannot be stored as it stands.',
        "Use up to 32 letters, figures, hyphens and underscores, without spaces or semicolons, "
        f"such as value: {storable}.",
    )


def read_day(value: object) -> date | None:
    """Return the day written as `2027-01-31`, or None if it is no day, or not so written."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _day(value: object) -> date:
    day = read_day(value)
    if day is None:
        raise _wrong(f'is "{value}", which is not a day.', "Write year, month and day, such as 2027-01-31.")
    return day


def _condition(value: object) -> Condition:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise _wrong("does not name one earlier question and its answers.", "Write it like when: {visited: [yes, no]}.")
    variable, values = next(iter(value.items()))
    listed = values if isinstance(values, list) else [values]
    if not listed or not all(map(_words, listed)):
        raise _wrong(f'names no answer to "{variable}".', f"Write it like when: {{{variable}: yes}}.")
    return Condition(str(variable), tuple(map(_words, listed)))


def _pattern(value: object) -> str:
    text = _words(value)
    if re.fullmatch(r"[A-Za-z0-9 ./-]+", text) and len(text) <= MOST_BOXES and set(text) & set("9AX"):
        return text.upper()
    raise _wrong(
        f'is "{value}", which is not up to {MOST_BOXES} boxes.',
        "Write 9 for a figure, A for a letter, X for either, and between them what is printed: pattern: AA-9999.",
    )


_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _language_tags(value: object) -> tuple[str, ...]:
    tags = [str(tag) for tag in value] if isinstance(value, list) else [str(value)]
    if tags and len(set(tags)) == len(tags) and all(map(_LANGUAGE_TAG.fullmatch, tags)):
        return tuple(tags)
    raise _wrong(
        "does not list languages by their short names, each once.",
        "Write it like languages: [en, cy], the main one first.",
    )


def _picture(value: object) -> str:
    name = _words(value)
    if name in PICTURES:
        return name
    close = get_close_matches(name.lower(), PICTURES, n=1)
    meant = f"Did you mean {close[0]}?" if close else f"Write one of {', '.join(PICTURES)}."
    raise _wrong(f'is "{value}", which is none of our pictures.', meant)


def _address(value: object) -> tuple[str, ...]:
    lines = tuple(map(_words, value)) if isinstance(value, list) else ()
    if lines and all(lines) and len(lines) <= MOST_ADDRESS_LINES:
        return lines
    raise _wrong(
        f"is not an address of one to {MOST_ADDRESS_LINES} lines.",
        'Write it like return_address: ["Glanmor Libraries", "1 Harbour Street", "Glanmor ZZ1 4GL"].',
    )


WordingEntry = Annotated[dict[str, str], PlainValidator(_wording)]
LineEntry = Annotated[str, PlainValidator(_line)]
IdEntry = Annotated[str, PlainValidator(_identifier)]
ValueEntry = Annotated[str, PlainValidator(_value)]
DayEntry = Annotated[date, PlainValidator(_day)]
ConditionEntry = Annotated[Condition, PlainValidator(_condition)]
PatternEntry = Annotated[str, PlainValidator(_pattern)]
PictureEntry = Annotated[str, PlainValidator(_picture)]
AddressEntry = Annotated[tuple[str, ...], PlainValidator(_address)]
LanguagesEntry = Annotated[tuple[str, ...], PlainValidator(_language_tags)]
