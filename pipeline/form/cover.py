"""What the cover sheet of a stack says in its square codes: all there is to know, so that it need not be on record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from pipeline.form.code import ALPHABET, check_characters
from pipeline.form.paper.editions import PAPERS

PREFIX = "PBC1"
"""What the code of a cover begins with: the kind of code and its version. Page codes begin with `PB1`."""

BATCH_LENGTH = 6
"""Symbols of a batch's code: 31**6 of them, two fewer than a copy's, so that nobody takes one for the other."""

LONGEST_LIBRARY = 40
"""Letters of a library's name: more would not fit the code, nor be read from across a counter."""

COUNT_BOXES = 3
"""For the number of forms to be written by hand: no scanner takes a stack of a thousand."""

MOST_FORMS = 10**COUNT_BOXES - 1

COVER_QR_VERSION = 5
"""37 modules a side: room for 84 bytes at level M (ISO/IEC 18004), of which the longest cover takes 81."""

SEPARATOR = "|"
"""Stands between the parts of what a cover says."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What a cover says of the stack under it: its batch, its library, the day, and the number of forms.

    `forms` is None where the number is left to be written by hand; `paper` is a name in `PAPERS`.
    """

    batch: str
    library: str
    day: date
    forms: int | None
    paper: str = "a4"

    def __str__(self) -> str:
        """`PBC1|7QM2KX|2026-11-28|25|a4|Penarth Library|8F`: the last are check characters of the rest."""
        forms = "" if self.forms is None else str(self.forms)
        body = SEPARATOR.join((PREFIX, self.batch, self.day.isoformat(), forms, self.paper, self.library))
        return f"{body}{SEPARATOR}{check_characters(body)}"


def parse_cover_code(text: str) -> Cover | None:
    """Return the cover whose code says `text`, or None when it is no cover or was misread (its checks fail)."""
    body, _, check = text.rpartition(SEPARATOR)
    parts = body.split(SEPARATOR)
    if len(parts) != 6 or parts[0] != PREFIX or check != check_characters(body):
        return None
    _, batch, day, forms, paper, library = parts
    if not is_batch_code(batch) or paper not in PAPERS or not (forms == "" or forms.isdecimal()):
        return None
    try:
        return Cover(batch, library, date.fromisoformat(day), int(forms) if forms else None, paper)
    except ValueError:
        return None


def batch_code(number: int) -> str:
    """Return the code of a batch for a random `number` in [0, 31**6)."""
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(BATCH_LENGTH))


def new_batch() -> str:
    """Return the code of a batch that there was none of before, but for a chance of one in 900 million."""
    return batch_code(secrets.randbelow(len(ALPHABET) ** BATCH_LENGTH))


def is_batch_code(text: str) -> bool:
    """Whether `text` is a well-formed batch code."""
    return len(text) == BATCH_LENGTH and all(symbol in ALPHABET for symbol in text)


def spoken_batch_code(batch: str) -> str:
    """Return a batch's code in two groups, as it is printed: `7QM 2KX`."""
    return f"{batch[: BATCH_LENGTH // 2]} {batch[BATCH_LENGTH // 2 :]}"
