"""What is written in fields of boxes: dates, numbers, names, postcodes, and letters that make no word."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

EARLIEST, LATEST = date(1920, 1, 1), date(2026, 12, 31)
LARGEST_NUMBER = 120
LOCAL_POSTCODES, FROM_ELSEWHERE = 5000, 0.1
NAMES = """
    AHMED ALI BAKER BEGUM BROWN CLARK COOPER COX DAVIES EDWARDS EVANS FISHER GREEN GRIFFITHS HALL HARRIS HUGHES HUSSAIN
    JACKSON JAMES JENKINS JONES KAUR KELLY KHAN KOWALSKI LEWIS LLOYD MARTIN MOORE MORGAN MORRIS MURPHY NOWAK OWEN PARRY
    PATEL PHILLIPS POWELL PRICE QUINN REES ROBERTS SINGH SMITH TAYLOR THOMAS VAUGHAN WALSH WEBB WILLIAMS WOOD WRIGHT
    YOUNG ZAHID
"""
"""Common surnames of England and Wales, with the rarer letters among them."""


def random_date(rng: np.random.Generator) -> tuple[str, str]:
    """A date within bounds as stored, and as written in eight boxes."""
    day = EARLIEST + timedelta(days=int(rng.integers((LATEST - EARLIEST).days)))
    return day.isoformat(), day.strftime("%d%m%Y")


def random_number(rng: np.random.Generator) -> tuple[str, str]:
    """A number within bounds as stored, and as written at one end of its boxes."""
    number, boxes = str(rng.integers(LARGEST_NUMBER + 1)), len(str(LARGEST_NUMBER))
    return number, number.rjust(boxes) if rng.random() < 0.3 else number.ljust(boxes)


def random_postcodes(rng: np.random.Generator) -> Iterator[str]:
    """Postcodes of areas all over the country, in the commoner forms."""
    areas = ["B", "CF", "E", "EH", "GL", "L", "LL", "LS", "M", "N", "NE", "NR", "OX", "S", "SA", "SE", "SW", "TR", "YO"]
    inward = list("ABDEFGHJLNPQRSTUWXYZ")
    while True:
        district = rng.integers(1, 30)
        yield f"{rng.choice(areas)}{district} {rng.integers(10)}{''.join(rng.choice(inward, 2))}"


def random_names(rng: np.random.Generator, count: int) -> list[str]:
    """Surnames, as a line of boxes asks for them."""
    return [str(name) for name in rng.choice(NAMES.split(), count)]


def random_letters(rng: np.random.Generator, count: int) -> list[str]:
    """Three to eight letters that make no word: whoever guesses at words is wrong here."""
    return ["".join(rng.choice(list(string.ascii_uppercase), rng.integers(3, 9))) for _ in range(count)]


def written_postcode(postcode: str, rng: np.random.Generator) -> str:
    """A postcode as written from the left in eight boxes, three people in ten closing it up."""
    return (postcode.replace(" ", "") if rng.random() < 0.3 else postcode).ljust(8)
