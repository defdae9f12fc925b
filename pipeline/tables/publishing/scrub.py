"""Personal details taken out of what people wrote: whatever looks like one goes, also where it may be none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_WORD = r"[A-ZÀ-ÖØ-ÞŴŶ][\w’'-]+"
"""A word that begins with a capital letter."""

_ROADS = (
    "street|st|road|rd|lane|avenue|ave|crescent|gardens|mews|terrace|(?-i:Close|Court|Drive|Grove|Hill|Park|Place|Row"
    "|Square|View|Walk|Way|House|Flats)"
)
"""What streets are called; some only with a capital letter, since they are other words, too."""

_PATTERNS: dict[str, str] = {
    "e-mail address": (
        r"[\w.+-]+(?:\s+dot\s+[\w+-]+)*\s*(?:@|\(at\)|\[at\]|\sat\s(?=[\w-]+\s*(?:\(dot\)|\[dot\]|\sdot\s)))\s*[\w-]+"
        r"(?:\s*(?:\.|\(dot\)|\[dot\]|\sdot\s)\s*\w{2,})+"
    ),
    "web address": r"(?:https?://|www\.)\S+",
    "account name": r"(?<!\w)@\w{2,}",
    "National Insurance number": r"\b[A-Z]{2}\s?(?:\d\s?){6}[A-D]\b",
    "card number": r"\b\d(?:[ -]?\d){14,18}\b",
    "telephone number": r"(?<![\w/])(?:\+|00)?\(?\d(?:[\s().-]{0,3}\d){8,13}(?!\w)",
    "number": r"\b\d(?:[ -]?\d){5,}\b",
    "date": r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b",
    "postcode": r"\b(?:GIR\s?0AA|[A-PR-UWYZ]\w?\d[\dA-Z]?\s{0,2}\d[ABD-HJLNP-UW-Z]{2})\b",
    "registration plate": r"\b[A-Z]{2}\d{2}\s?[A-Z]{3}\b",
    "address": (
        rf"\b(?:flat\s*\d+\w?,?\s*)?(?:no\.?\s*)?\d+\w?,?\s+(?:[\w’'-]+\s+){{0,3}}(?:{_ROADS})\b"
        r"|\b\d+\w?,?\s+(?:heol|stryd|ffordd|lôn|rhodfa|clos|maes|teras)\s+(?:yr?\s+)?[\w’'-]+"
    ),
}
"""What is taken out, and what it looks like; in this order, whatever the letters' case."""

_TITLES = r"(?:mr|mrs|ms|miss|mx|dr|prof|professor|rev|reverend|cllr|councillor|sir|lady|dame|nurse|sister|pc|sgt)"

_SAYS = r"(?:my name is|my name['’]s|i am called|signed|fy enw i yw|fy enw yw)"

_NAMED = (
    rf"\b(?i:{_TITLES})\.?\s+(?:[A-Z]\.?\s*){{0,2}}{_WORD}(?:\s+{_WORD}){{0,2}}",
    rf"(?i:\b{_SAYS}[:,]?\s+)\w[\w’'-]*(?:\s+{_WORD}){{0,2}}",
)
"""Names by what stands before them."""

PERSON = "name"
OWN = "detail"
"""The kinds that no pattern alone tells: names of people, and what the same person wrote elsewhere on the form."""

_SHORTEST_OWN = 3
"""Characters of what a person wrote elsewhere; what is shorter would take syllables out of every comment."""

_HELD = 16
"""Patterns of known words that are kept: names are the same for all comments, what a person wrote only for theirs."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What somebody wrote without personal details, and the kind of each that was taken out."""

    text: str
    removed: tuple[str, ...]


def scrub(text: str, names: Collection[str] = (), own: Iterable[str] = ()) -> Scrubbed:
    """Take personal details out of a comment.

    `names` are known ones, of staff say; `own` is what the same person wrote where a line or a code is asked for.
    """
    cleaned = unicodedata.normalize("NFKC", text)
    removed: list[str] = []
    for kind, pattern in _all_patterns(names, own):
        cleaned, times = re.subn(pattern, f"[{kind} removed]", cleaned)
        removed += [kind] * times
    return Scrubbed(cleaned, tuple(removed))


def _all_patterns(names: Collection[str], own: Iterable[str]) -> Iterator[tuple[str, str]]:
    for kind, pattern in _PATTERNS.items():
        yield kind, f"(?i:{pattern})"
    for kind, words, shortest in ((OWN, own, _SHORTEST_OWN), (PERSON, names, 1)):
        if known := _any_of(tuple(words), shortest):
            yield kind, known
    for pattern in _NAMED:
        yield PERSON, pattern
    alone, before_surname = _first_names()
    yield PERSON, rf"\b(?:{before_surname})\s+(?:[A-Z]\.?\s+)?{_WORD}"
    yield PERSON, rf"\b(?:{alone})(?:\s+{_WORD}){{0,2}}(?:’s|'s)?\b"


@lru_cache(_HELD)
def _any_of(words: tuple[str, ...], shortest: int) -> str | None:
    """A pattern of known words, the longest first; None where there are none."""
    listed = sorted({each.strip() for each in words if len(each.strip()) >= shortest}, key=len, reverse=True)
    return rf"(?i:(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w))" if listed else None


@cache
def _first_names() -> tuple[str, str]:
    """First names that are no other word, and those that are taken for names only before a surname; as patterns."""
    lines = (files(__package__) / "first_names.txt").read_text(encoding="utf-8").splitlines()
    listed = " ".join(line for line in lines if not line.startswith("#")).partition("---")
    alone, others = ("|".join(map(re.escape, names.split())) for names in (listed[0], listed[2]))
    return alone, others
