"""What reading a workbook works with: where words stand, the names they get here, and what could not be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.form.xlsform.columns import LABEL, wording_in
from pipeline.form.xlsform.sheets import Row, Sheet

Words = str | dict[str, str]
"""A wording as a definition writes it: the words alone in a form of one language, else by language."""


@dataclass(frozen=True, slots=True)
class Left:
    """A cell that the form does not say in full: where it is (`survey!C7`), what it says, and what was done."""

    place: str
    what: str
    done: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.done}"


@dataclass(slots=True)
class Names:
    """The names of the spreadsheet and what they became: variables, and by variable the values of its choices."""

    variables: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def identifier(self, name: str) -> str:
        """Return a free id made from a name: `How-Old?` gives `how_old`."""
        tidy = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "question"
        tidy = (tidy if tidy[0].isalpha() else f"q_{tidy}")[:_LONGEST_ID]
        free, number = tidy, 2
        while free in self.taken:
            free, number = f"{tidy[: _LONGEST_ID - 3]}_{number}", number + 1
        self.taken.add(free)
        return free


_LONGEST_ID = 24
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}")


def stored_value(name: str) -> str:
    """Return the value that is stored for a choice of this name: the name itself wherever that can be."""
    if _VALUE.fullmatch(name):
        return name
    return re.sub(r"[^A-Za-z0-9_.+-]+", "_", name).strip("_.+-")[:32] or "choice"


def said(row: Row, of: str, languages: Sequence[str]) -> Words | None:
    """Return a wording of a row as a definition writes it, or None where the cells are empty."""
    return plain(wording_in(row.cells, of, languages), languages)


def plain(wording: Mapping[str, str], languages: Sequence[str]) -> Words | None:
    """Return a wording as a definition writes it."""
    if not wording:
        return None
    return wording[languages[0]] if len(languages) == 1 else dict(wording)


def place_of_words(sheet: Sheet, row: Row, of: str = LABEL) -> str:
    """Return where the first filled cell of a wording is."""
    heading = next((each for each, words in row.cells.items() if words and each.split("::")[0].lower() == of), of)
    return sheet.place(row, heading)
