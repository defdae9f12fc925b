"""Sheets of nothing but boxes to tick, printed as forms are: what training marks are drawn on."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np

from pipeline.form.code import layout_code
from pipeline.form.layout import Box, Field, Layout, PageLayout, PrintedCode, Stroke, TextRun

PAPER_MM = (210.0, 297.0)

PITCH_MM = (18.0, 15.5)
"""Boxes of up to 10.5 mm stand this far apart on an even sheet, so that their white is the 5 mm that forms keep."""

SIDES_MM = (5.5, 10.5)

GAPS_MM = (5.25, 9.5)
"""White between boxes, down the page and in a row without words: on our forms 5.25 in lists, up to 9 in tables."""

WORDY_GAPS_MM = (24.0, 60.0)
"""White between a box and the next in a row where words belong to each."""

WORDS_OFF_MM = 4.0
"""From a box to the words of its choice."""


def even_sheet(rng: np.random.Generator) -> Layout:
    """Return a page of boxes of one size, equally far apart, with a letter beside small ones."""
    side = _side(rng)
    across, down = int((188 - 30) / PITCH_MM[0]), int((250 - 48) / PITCH_MM[1])
    places = [(30 + PITCH_MM[0] * column, 48 + PITCH_MM[1] * row) for row in range(down) for column in range(across)]
    words = tuple(
        TextRun(x + side + WORDS_OFF_MM, y + side - 1.5, str(rng.choice(list(string.ascii_letters))), "regular", 9)
        for x, y in places
        if side <= 6.5
    )
    return _layout(side, places, words, 2.7, rng)


def varied_sheet(rng: np.random.Generator) -> Layout:
    """Return a page of boxes of one size, in a table or in lists with the words of a choice beside each."""
    side = _side(rng)
    wordy = rng.random() < 0.4
    down, across = (side + float(rng.choice((GAPS_MM[0], rng.uniform(*GAPS_MM)))) for _ in range(2))
    if wordy:
        across = side + float(rng.uniform(*WORDY_GAPS_MM))
    columns, rows = np.arange(rng.uniform(30, 50), 188 - side, across), np.arange(48, 250 - side, down)
    places = [(float(x), float(y)) for y in rows for x in columns]
    words = tuple(_words(x + side + WORDS_OFF_MM, y + side - 1.5, rng) for x, y in places) if wordy else ()
    return _layout(side, places, words, down / 2, rng)


def _side(rng: np.random.Generator) -> float:
    return float(rng.choice((6.0, 6.0, 6.0, 9.0, rng.uniform(*SIDES_MM))))


def _words(x: float, y: float, rng: np.random.Generator) -> TextRun:
    words = "".join(rng.choice(list(string.ascii_letters + "   "), int(rng.integers(1, 9)))).strip()
    return TextRun(x, y, words or "a", "regular", float(rng.uniform(9, 14)))


def _layout(
    side: float,
    places: Sequence[tuple[float, float]],
    words: tuple[TextRun, ...],
    line_off_mm: float,
    rng: np.random.Generator,
) -> Layout:
    """Boxes at their places and words beside them, on every other page with a line below each row."""
    fields = tuple(Field("box", "mark", Box(x, y, side, side), value=str(n)) for n, (x, y) in enumerate(places))
    rows = sorted({y for _, y in places})
    lines = tuple(Stroke(25, y + side + line_off_mm, 190, y + side + line_off_mm, 0.5, 0.65) for y in rows)
    drawings = words + lines if rng.random() < 0.5 else words
    codes = (
        PrintedCode("qr", Box(165, 19, 18, 18)),
        PrintedCode("qr", Box(27, 260, 18, 18)),
        *(
            PrintedCode("aruco", Box(x, y, 7, 7), id=n)
            for n, (x, y) in enumerate(((13, 19), (190, 19), (190, 271), (13, 271)))
        ),
    )
    page = PageLayout(1, codes, fields, drawings)
    return Layout(layout_code("marks"), "marks", "1", "clear", "en", "a4", PAPER_MM, (page,))
