"""The headings that reading and writing share: XLSForm's own, those in each language, and ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pipeline.form.authoring.entries import LANGUAGE_NAMES
from pipeline.form.definition import EasyWords, Wording

SURVEY, CHOICES, SETTINGS, OURS = "survey", "choices", "settings", "pillarbox"
"""The sheets; the last is ours, with a row a key of the form that XLSForm does not know."""

LABEL, HINT = "label", "hint"
TYPE, NAME, LIST = "type", "name", "list_name"
REQUIRED, RELEVANT, CONSTRAINT, APPEARANCE = "required", "relevant", "constraint", "appearance"

KIND, SENSITIVE, ABOUT, STANDARD, WHO, PATTERN, LINES, LENGTH, OTHER, PICTURE, POSTCARD = (
    f"pillarbox_{key}"
    for key in (
        "kind", "sensitive", "about", "standard", "who", "pattern", "lines", "length", "other", "picture", "postcard",
    )
)  # fmt: skip
"""Columns of our own: what a question or a choice is here and nowhere else."""

EASY = "pillarbox_easy_"
"""How the columns of Easy Read wordings begin; the field that each stands in for follows, and the language:
`pillarbox_easy_label_cy`. XLSForm's own way to name a language fails other programs in columns they do not know."""

KEY, VALUE = "key", "value"
"""Columns of the sheet `pillarbox`."""

FORM_WORDS: Final = ("title", "council", "intro", "privacy", "return_to", "thanks", "help_line")
MORE_FORM_WORDS: Final = ("postcard_return_to", *(f"easy_{key}" for key in FORM_WORDS if key != "council"))
FORM_FACTS: Final = (
    "service", "languages", "minutes", "opens", "closes", "scans_kept_days", "answers_kept_days", "publish",
    "on_one_page", "destroy_by", "receipt",
)  # fmt: skip
ADDRESS: Final = "return_address"
"""Keys of a form with words in each language, keys with one value, and the one with lines."""

_TAG_AT_END = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)\s*$")
_TAGS: Mapping[str, str] = {name.lower(): tag for tag, name in LANGUAGE_NAMES.items()}


def heading(of: str, language: str) -> str:
    """Return the heading of words in a language: `label::Welsh (cy)`."""
    return f"{of}::{LANGUAGE_NAMES.get(language, language)} ({language})"


def in_columns(of: str, wording: Wording) -> dict[str, str]:
    """Return a wording as cells, one a language."""
    return {heading(of, language): words for language, words in wording.items()}


def in_easy_columns(easy: EasyWords) -> dict[str, str]:
    """Return Easy Read wordings as cells, one a field and language."""
    return {
        f"{EASY}{field}_{language}": words for field, wording in easy.items() for language, words in wording.items()
    }


def easy_wording_in(cells: Mapping[str, str], field: str, languages: Sequence[str]) -> dict[str, str]:
    """Return the Easy Read words for a field in each language."""
    return {tag: words for tag in languages if (words := cells.get(f"{EASY}{field}_{tag}"))}


def language_of(name: str) -> str | None:
    """Return the tag of a language as headings name it, `Welsh (cy)`, `Welsh` or `cy`; None for anything else."""
    if found := _TAG_AT_END.search(name):
        return found[1].lower()
    plain = name.strip().lower()
    return _TAGS.get(plain, plain if plain in LANGUAGE_NAMES else None)


def languages_in(headings: Iterable[str]) -> tuple[str, ...]:
    """Return the languages that these headings give words in, each once, as they first come."""
    named = (language_of(rest) for base, _, rest in (each.partition("::") for each in headings) if rest and base)
    return tuple(dict.fromkeys(tag for tag in named if tag))


def wording_in(cells: Mapping[str, str], of: str, languages: Sequence[str]) -> dict[str, str]:
    """Return the words under a heading in each language; a heading without a language is in the first."""
    found: dict[str, str] = {}
    for name, words in cells.items():
        base, _, language = name.partition("::")
        tag = language_of(language) if language else languages[0]
        if words and base.strip().lower() == of and tag is not None and tag in languages:
            found[tag] = words
    return {tag: found[tag] for tag in languages if tag in found}
