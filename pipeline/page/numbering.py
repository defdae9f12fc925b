"""How pages are numbered on record: by their picture in the file, and by their card where there are several in one."""

from __future__ import annotations

CARDS_APART = 100_000
"""How far apart the numbers of cards from one picture are, the first of them having the picture's: no file has so many
pages."""


def picture_of(page: int) -> int:
    """Return which picture of a file (from 0) a page on record was found in."""
    return page % CARDS_APART


def card_of(page: int) -> int:
    """Return which card of its picture (from 0, from top to bottom) a page on record is."""
    return page // CARDS_APART


def number_in_file(picture: int, card: int) -> int:
    """Return the number on record of a card (from 0) found in a picture (from 0) of a file."""
    return picture + card * CARDS_APART


def page_in_words(page: int) -> str:
    """Return how a page on record is called: `page 1`, or of a card below the first in its picture `page 1, card 2`."""
    card = f", card {card_of(page) + 1}" if card_of(page) else ""
    return f"page {picture_of(page) + 1}{card}"
