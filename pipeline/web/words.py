"""What residents' pages say: the product's own words, and a form's words as a browser is to show them.

Phrases that paper has too (dates, "Tick one box") are `pipeline.form.words`.
"""

from __future__ import annotations

from pipeline.form.catalogue import said
from pipeline.form.definition import Wording, say
from pipeline.form.languages import runs_right_to_left
from pipeline.form.shaping import isolated

OTHER_SCRIPTS = ("ur", "ar", "bn", "pa")
"""Languages whose letters a device may lack: their pages bring them."""


def spoken(name: str, language: str, **blanks: object) -> str:
    """Return the phrase `name` in `language`, or in English, with its blanks filled."""
    return said("web", name, language).format(**blanks)


def shown(wording: Wording, language: str) -> str:
    """Return a form's words as `say` does, to be shown by a browser: its figures and Latin words keep their order."""
    words = say(wording, language)
    return isolated(words) if runs_right_to_left(language) else words


def direction(language: str) -> str:
    """Return which way a language runs, as HTML says it: `rtl` or `ltr`."""
    return "rtl" if runs_right_to_left(language) else "ltr"
