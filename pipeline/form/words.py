"""The product's own printed words, dates and lengths of time; a form's words come from its definition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pipeline.form.catalogue import said, said_of
from pipeline.form.definition import Wording


def phrase(name: str, language: str, **blanks: object) -> str:
    """Return the printed phrase `name` in `language`, or in English, with its blanks filled."""
    return said("paper", name, language).format(**blanks)


def phrase_of(number: int, name: str, language: str, **blanks: object) -> str:
    """Return the printed phrase `name` as `language` says it of `number` things, with its blanks filled."""
    return said_of(number, "paper", name, language).format(**blanks)


def printed(name: str, languages: Iterable[str], **blanks: object) -> Wording:
    """Return the printed phrase `name` as a wording in all `languages`, the blanks the same in each."""
    return {language: phrase(name, language, **blanks) for language in languages}


def long_date(day: date, language: str) -> str:
    """Return a date as it is written out: `31 March 2026`."""
    month = phrase("months", language).split()[day.month - 1]
    return phrase("date", language, day=day.day, month=month, year=day.year)


def long_time(days: int, language: str) -> str:
    """Return a length of time in whole years where it is so many (of 365 days), else in days."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return phrase_of(years, "years", language, count=years, months=12 * years)
    return phrase_of(days, "days", language, count=days)


def counted(number: int, thing: str) -> str:
    """Return in English how many of a thing there are, in the plural unless it is one: `1 file`, `1,200 copies`."""
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing[:-1]}ies" if thing.endswith("y") else f"{number:,} {thing}s"
