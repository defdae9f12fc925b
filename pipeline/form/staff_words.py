"""Words printed for staff: on the cover sheet of a stack and on the scanner's check sheet, in English and Welsh."""

from __future__ import annotations

from pipeline.form.catalogue import Context, said
from pipeline.form.definition import Wording

LANGUAGES = ("en", "cy")


def cover_words(name: str) -> Wording:
    """Return a phrase of the cover sheet in both languages."""
    return _in_both("cover", name)


def check_words(name: str) -> Wording:
    """Return a phrase of the scanner's check sheet in both languages."""
    return _in_both("check", name)


def _in_both(context: Context, name: str) -> Wording:
    return {language: said(context, name, language) for language in LANGUAGES}
