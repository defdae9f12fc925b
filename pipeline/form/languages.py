"""What the languages of a form call themselves, and which way each is written."""

from __future__ import annotations

NAMES = {
    "ar": "العربية",
    "bn": "বাংলা",
    "cy": "Cymraeg",
    "en": "English",
    "ga": "Gaeilge",
    "gd": "Gàidhlig",
    "pa": "ਪੰਜਾਬੀ",
    "pl": "Polski",
    "ro": "Română",
    "uk": "Українська",
    "ur": "اردو",
}
"""The languages that are likely on a British council's form, each in its own words."""

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ur", "yi"})


def language_name(language: str) -> str:
    """Return what a language calls itself: `Cymraeg`; the bare tag where it has no name here."""
    return NAMES.get(language, language)


def runs_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.split("-")[0] in _RIGHT_TO_LEFT
