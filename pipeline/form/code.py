"""What a printed page says about itself, and the code each copy carries for its resident."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 symbols, none of 0/O, 1/I/L: 31 is prime, so the weighted check character below finds every single
wrong character and every swap of two neighbours (the ISO/IEC 7064 pure-system argument)."""

COPY_LENGTH = 8
LAYOUT_LENGTH = 8
_PREFIX = "PB1"


@dataclass(frozen=True, slots=True)
class PageCode:
    """Which page of which copy, printed by which layout: `layout` and `copy` are codes, `form_page` counts from 1.

    A form made elsewhere has no copies that can be told apart: `copy` is empty.
    """

    layout: str
    copy: str
    form_page: int

    def __str__(self) -> str:
        """`PB1`, layout (8), copy (8), page (2), check (2): 23 upper-case characters, QR version 2 at level M."""
        body = f"{_PREFIX}{self.layout}{self.copy}{self.form_page:02d}"
        return body + check_characters(body)


def check_characters(body: str) -> str:
    """Return the two characters that tell whether a code was read right."""
    return _digest(body, 2)


def parse_page_code(text: str) -> PageCode | None:
    """Return the page code in `text`, or None when it is not one of ours or was misread (its checks fail)."""
    if len(text) != len(_PREFIX) + LAYOUT_LENGTH + COPY_LENGTH + 4 or not text.startswith(_PREFIX):
        return None
    body, check = text[:-2], text[-2:]
    layout = body[len(_PREFIX) : len(_PREFIX) + LAYOUT_LENGTH]
    copy, page = body[len(_PREFIX) + LAYOUT_LENGTH : -2], body[-2:]
    if check != check_characters(body) or not page.isdecimal() or not is_copy_code(copy):
        return None
    return PageCode(layout, copy, int(page))


def layout_code(canonical: str) -> str:
    """Return the 8-character identity of a layout: a digest of its canonical text."""
    return _digest(canonical, LAYOUT_LENGTH)


def copy_code(number: int) -> str:
    """Return the resident's code for a random `number` in [0, 31**7): seven characters and a check character."""
    symbols = [number // len(ALPHABET) ** place % len(ALPHABET) for place in range(COPY_LENGTH - 1)]
    return "".join(ALPHABET[symbol] for symbol in symbols) + ALPHABET[_check(symbols)]


def is_copy_code(text: str) -> bool:
    """Whether `text` is a well-formed copy code: right length, right symbols, right check character."""
    if len(text) != COPY_LENGTH or any(character not in ALPHABET for character in text):
        return False
    symbols = [ALPHABET.index(character) for character in text]
    return symbols[-1] == _check(symbols[:-1])


def tidy_copy_code(typed: str) -> str:
    """Return a code as a person types it (spaces, hyphens, small letters) in the form it is stored."""
    return "".join(character for character in typed.upper() if character.isalnum())


def spoken_copy_code(code: str) -> str:
    """Return a code in groups of four, as it is printed for the resident: `7Q2M ABCD`."""
    return f"{code[:4]} {code[4:]}"


def _check(symbols: list[int]) -> int:
    return sum((place + 2) * symbol for place, symbol in enumerate(symbols)) % len(ALPHABET)


def _digest(text: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(length))
