"""The product's own words, by what they are for and by name, in every language there is a catalogue of.

`locale/` holds a `.po` file for each language, which people translate, and the `.mo` file that is made of it
(`make words`), which is read here with the standard library's gettext. A phrase has a name rather than its English
words for its key, so that the English can be put right without touching every language. What a language lacks is
said in English.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal

LANGUAGES = ("en", "cy", "pl", "ur", "ar", "bn", "pa")
"""The languages that there is a catalogue of. English is complete, and all others fall back on it."""

Context = Literal["paper", "web", "problem", "cover", "check"]
"""Where phrases are said: on forms, on residents' pages, of an answer that cannot be taken; and to staff, on cover
sheets and on the scanner's check sheet."""


def said(context: Context, name: str, language: str) -> str:
    """Return the phrase `name`, with its blanks, in `language` or else in English. Raises KeyError if there is none."""
    found = _catalogue(language).pgettext(context, name)
    return _known(context, name, found)


def said_of(number: int, context: Context, name: str, language: str) -> str:
    """Return the phrase `name` in the form that `language` has for `number` things, with its blanks."""
    found = _catalogue(language).npgettext(context, name, name, number)
    return _known(context, name, found)


def _known(context: Context, name: str, found: str) -> str:
    if found == name:
        raise KeyError(f"There is no phrase {name!r} in {context!r}.")
    return found


@cache
def _catalogue(language: str) -> GNUTranslations:
    spoken = language if language in LANGUAGES else "en"
    compiled = files(__package__).joinpath("locale", f"{spoken}.mo").read_bytes()
    translations = GNUTranslations(BytesIO(compiled))
    if spoken != "en":
        translations.add_fallback(_catalogue("en"))
    return translations
