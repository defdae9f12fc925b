"""One way to store each answer: what a person typed or a reader read becomes the value, whatever its dress."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

from pipeline.form.definition import Shape, Variable
from pipeline.form.problems import Code, Problem, problem
from pipeline.form.words import phrase

SEPARATOR = ";"
"""Joins the values of a `many` question; a definition allows none inside a value."""

LONGEST_OTHER = 200
"""Characters of what is written beside *other*: about two lines of handwriting."""

LONGEST_COMMENT = 5000
"""Characters of a comment: two pages of typing; more is an attachment, not an answer."""

EARLIEST_YEAR = 1900
"""No date on a form is before living memory; an earlier year is a slip of the pen."""

POSTCODE = re.compile(
    r"GIR 0AA|(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRVWXY]) \d[ABD-HJLNP-UW-Z]{2}",
    re.ASCII,
)
"""The grammar of a whole United Kingdom postcode (BS 7666, as the UK Government Data Standards Catalogue gives it)."""


def normalise(variable: Variable, raw: str) -> str | Problem:
    """Return the stored form of an answer, "" for none, or the problem that keeps it from having one.

    Bounds and routing are `rules.check`'s to judge. Normalising a stored form again changes nothing.
    """
    text = _single_line(raw) if variable.shape is not Shape.COMMENT else _lines(raw)
    return _NORMALISERS[variable.shape](variable, text) if text else ""


def join_values(values: Iterable[str], variable: Variable) -> str:
    """Return the values of a `many` question as stored: once each, in the order of the definition."""
    order = {choice.value: place for place, choice in enumerate(variable.choices)}
    return SEPARATOR.join(sorted(dict.fromkeys(values), key=lambda value: order.get(value, len(order))))


def split_values(stored: str) -> tuple[str, ...]:
    """Return the values in the stored answer to a `one` or `many` question; none for an empty one."""
    return tuple(filter(None, stored.split(SEPARATOR)))


def join_date(day: str, month: str, year: str) -> str:
    """Return three boxes of a date as one text to normalise, "" where all are empty."""
    parts = [part.strip() for part in (day, month, year)]
    return "/".join(parts) if any(parts) else ""


def _single_line(raw: str) -> str:
    return " ".join(_clean(" ".join(raw.splitlines())).split())


def _lines(raw: str) -> str:
    return "\n".join(_clean(line).rstrip() for line in raw.splitlines()).strip()


def _clean(line: str) -> str:
    """Drop what cannot be seen or stored (control characters, lone surrogates) and compose accents."""
    spaced = line.replace("\t", " ")
    if spaced.isascii() and spaced.isprintable():
        return spaced
    kept = "".join(character for character in spaced if unicodedata.category(character) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept)


def _choice(variable: Variable, text: str) -> str | Problem:
    if text in {choice.value for choice in variable.choices}:
        return text
    return problem(variable.name, Code.UNKNOWN_CHOICE, "unknown_choice", value=text)


def _choices(variable: Variable, text: str) -> str | Problem:
    values = [value.strip() for value in split_values(text)]
    for value in filter(None, values):
        found = _choice(variable, value)
        if isinstance(found, Problem):
            return found
    return join_values(filter(None, values), variable)


def _number(variable: Variable, text: str) -> str | Problem:
    """Take figures of any script, with or without a thousands comma."""
    figures = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    if re.fullmatch(r"\d{1,12}", figures):
        return str(int(figures))
    return problem(variable.name, Code.NOT_A_NUMBER, "not_a_number")


def _date(variable: Variable, text: str) -> str | Problem:
    try:
        found = _day_month_year(text)
    except ValueError:
        found = None
    if found is None or found.year < EARLIEST_YEAR:
        return problem(variable.name, Code.NOT_A_DATE, "not_a_date")
    return found.isoformat()


_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FIGURES = re.compile(r"(\d{1,2})[ /.-]+(\d{1,2})[ /.-]+(\d{4})")
_BOXES = re.compile(r"(\d\d)(\d\d)(\d{4})")
_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th|af|ail|ydd|ed|fed|eg|ain)? ([^\W\d_]{3,}),? (\d{4})", re.IGNORECASE)


def _day_month_year(text: str) -> date | None:
    """Read a date day first, as it is written in Britain, or as ISO 8601; raises ValueError if there is no such day."""
    if iso := _ISO.fullmatch(text):
        return date(*map(int, iso.groups()))
    if figures := _FIGURES.fullmatch(text) or _BOXES.fullmatch(text):
        day, month, year = map(int, figures.groups())
        return date(year, month, day)
    if words := _WORDS.fullmatch(text):
        months = _months_called(words[2])
        return date(int(words[3]), months.pop(), int(words[1])) if len(months) == 1 else None
    return None


def _months_called(name: str) -> set[int]:
    """The months whose English or Welsh name starts with `name`."""
    return {
        number
        for language in ("en", "cy")
        for number, month in enumerate(phrase("months", language).casefold().split(), start=1)
        if month.startswith(name.casefold())
    }


def tidy_postcode(written: str) -> str | None:
    """Return a UK postcode, however it is spaced and written, as it is stored (`CF10 1AA`); None if it is none."""
    letters = re.sub(r"[^A-Z0-9]", "", written.upper())
    stored = f"{letters[:-3]} {letters[-3:]}"
    return stored if POSTCODE.fullmatch(stored) else None


def _postcode(variable: Variable, text: str) -> str | Problem:
    return tidy_postcode(text) or problem(variable.name, Code.NOT_A_POSTCODE, "not_a_postcode")


_PATTERN_SIGNS = {"9": "[0-9]", "A": "[A-Z]", "X": "[A-Z0-9]"}
_PATTERN_EXAMPLES = {"9": "27453", "A": "BKDRM", "X": "B7K4D"}


def _code(variable: Variable, text: str) -> str | Problem:
    """Fit what was written to the boxes of the pattern; what the form prints itself may be left out."""
    pattern = variable.question.pattern
    groups = "".join(
        f"({_PATTERN_SIGNS[sign]})" if sign in _PATTERN_SIGNS else f"(?:{re.escape(sign.upper())})?"
        for sign in pattern.replace(" ", "")
    )
    fitted = re.fullmatch(groups, text.upper().replace(" ", ""))
    if fitted is None:
        return problem(variable.name, Code.PATTERN, "pattern", example=pattern_example(pattern))
    boxes = iter(fitted.groups())
    return "".join(next(boxes) if sign in _PATTERN_SIGNS else sign for sign in pattern)


def pattern_example(pattern: str) -> str:
    """Return a code that fits `pattern`, to show what is meant: `B27` for `A99`."""
    return "".join(
        _PATTERN_EXAMPLES[sign][place % 5] if sign in _PATTERN_EXAMPLES else sign
        for place, sign in ((_place(pattern, index), sign) for index, sign in enumerate(pattern))
    )


def _place(pattern: str, index: int) -> int:
    """How many equal signs stand before the one at `index`."""
    return pattern[:index].count(pattern[index])


def _text(variable: Variable, text: str) -> str | Problem:
    return _no_longer(variable, text, variable.question.length or LONGEST_OTHER)


def _comment(variable: Variable, text: str) -> str | Problem:
    return _no_longer(variable, text, LONGEST_COMMENT)


def _no_longer(variable: Variable, text: str, most: int) -> str | Problem:
    if len(text) <= most:
        return text
    return problem(variable.name, Code.TOO_LONG, "too_long", most=most, count=len(text))


_NORMALISERS: dict[Shape, Callable[[Variable, str], str | Problem]] = {
    Shape.CHOICE: _choice,
    Shape.CHOICES: _choices,
    Shape.NUMBER: _number,
    Shape.DATE: _date,
    Shape.POSTCODE: _postcode,
    Shape.CODE: _code,
    Shape.TEXT: _text,
    Shape.COMMENT: _comment,
}
