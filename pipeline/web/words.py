"""The web pages' own words for residents; a form's words come from its definition.

Phrases that paper has too (dates, "Tick one box") are `pipeline.form.words`.
"""

from __future__ import annotations

from pipeline.form.catalogue import said
from pipeline.form.languages import runs_right_to_left


def spoken(name: str, language: str, **blanks: object) -> str:
    """Return the phrase `name` in `language`, or in English, with its blanks filled."""
    return said("web", name, language).format(**blanks)


def direction(language: str) -> str:
    """Return which way a language runs, as HTML says it: `rtl` or `ltr`."""
    return "rtl" if runs_right_to_left(language) else "ltr"
