"""Break words into lines and set them: every line break of every edition is made here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.form.definition import Wording, say
from pipeline.form.fonts import JOINERS, font_for, middle_height, tallness
from pipeline.form.languages import runs_right_to_left
from pipeline.form.layout import TextRun
from pipeline.form.paper.blocks import Block, mirrored
from pipeline.form.paper.editions import MM_PER_PT, Edition
from pipeline.form.shaping import text_width

LONGEST_LINE = 70
"""Characters: longer lines are hard to come back from."""

_SPACE = re.compile(r"(?<![0-9])[ \t]+|[ \t]+(?![0-9])")
"""Where a line may be broken: not inside `029 2018 0456` or `09 03 2027`."""

HALVES = tuple(share / 20 for share in range(10, 20))
FULL = (1.0, 0.96, 0.92, 0.88, 0.84)
"""Parts of the column's width that a text of two lines, and of more, is tried in until it looks right."""

SHORTEST_LAST_LINE = 0.25
"""Part of the column's width."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all words of a form are set by: the edition's sizes, the languages in print order, the column's mm."""

    edition: Edition
    languages: tuple[str, ...]
    width: float

    @property
    def mirrored(self) -> bool:
        """Whether the page will be turned left to right, as its first language is written."""
        return runs_right_to_left(self.languages[0])


def in_script_of(edition: Edition, languages: Sequence[str]) -> Edition:
    """Return an edition with lines as high as the tallest of the scripts that are printed needs."""
    return replace(edition, tallness=max(map(tallness, languages)))


@dataclass(frozen=True, slots=True)
class Style:
    """Faces for a text alone and, side by side with its translations, for the first language and the others."""

    alone: str
    first: str
    others: str
    red: bool = False


BODY = Style("regular", "semibold", "regular")
STRONG = Style("bold", "bold", "regular")
SIGNPOST = Style("semibold", "semibold", "regular")
ACCENT = Style("bold", "bold", "semibold", red=True)


@dataclass(frozen=True, slots=True)
class Voice:
    """One language's text of a wording and the face it is set in."""

    text: str
    language: str
    font: str


def voices(wording: Wording, languages: tuple[str, ...], style: Style) -> tuple[Voice, ...]:
    """Return the texts of `wording` in `languages`, each text once, with the faces of `style`."""
    texts = {say(wording, language).strip(): language for language in reversed(languages)}
    texts.pop("", None)
    ordered = sorted(texts.items(), key=lambda pair: languages.index(pair[1]))
    fonts = [style.alone] if len(languages) == 1 else [style.first] + [style.others] * len(ordered)
    return tuple(
        Voice(text, language, font_for(font, language)) for (text, language), font in zip(ordered, fonts, strict=False)
    )


def wrap(text: str, font: str, size_pt: float, width: float) -> tuple[str, ...]:
    """Return `text` in lines at most `width` mm wide and 70 characters long; the author's line breaks stay.

    Two lines are about equally long, and the last of more is no leftover.
    """
    return tuple(
        line
        for paragraph in text.splitlines()
        for line in _balanced(_SPACE.split(paragraph.strip()), font, size_pt, width)
    )


def _balanced(words: list[str], font: str, size_pt: float, width: float) -> list[str]:
    lines = _filled(words, font, size_pt, width)
    if len(lines) == 1:
        return lines
    shares = HALVES if len(lines) == 2 else FULL
    narrower = (_filled(words, font, size_pt, width * share) for share in shares)
    return next(
        (
            found
            for found in narrower
            if len(found) == len(lines)
            and " ".join(found) == " ".join(lines)  # no word cut that the full width holds
            and text_width(found[-1], font, size_pt) > width * SHORTEST_LAST_LINE
        ),
        lines,
    )


def _filled(words: list[str], font: str, size_pt: float, width: float) -> list[str]:
    lines: list[str] = []
    for word in (part for whole in words for part in _breakable(whole, font, size_pt, width)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and len(longer) <= LONGEST_LINE and text_width(longer, font, size_pt) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _breakable(word: str, font: str, size_pt: float, width: float) -> list[str]:
    """Return `word`, cut where it must be: only a word wider than the whole line is."""
    if text_width(word, font, size_pt) <= width:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and not _joins_what_is_before(letter) and text_width(pieces[-1] + letter, font, size_pt) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _joins_what_is_before(letter: str) -> bool:
    """Whether a letter is a sign on the one before it, which no line break may part from it."""
    return letter in JOINERS or unicodedata.category(letter).startswith("M")


def base_line(size_pt: float, line: float, font: str = "regular") -> float:
    """Return how far below the top of a line `line` mm high its base line runs: capitals stand in the middle."""
    return (line + middle_height(font) * size_pt * MM_PER_PT) / 2


def set_words(
    setting: Setting,
    wording: Wording,
    style: Style = BODY,
    *,
    size_pt: float | None = None,
    leading: float | None = None,
    width: float | None = None,
) -> tuple[Block, ...]:
    """Return `wording` as one block a line, in every language of the setting; body size, leading and column width
    unless told otherwise."""
    size = size_pt or setting.edition.body_pt
    line = size * MM_PER_PT * (leading or setting.edition.leading) * setting.edition.tallness

    def run(voice: Voice, x: float, text: str) -> TextRun:
        y = base_line(size, line, voice.font)
        return TextRun(x, y, text, voice.font, size, red=style.red, language=voice.language)

    return tuple(
        Block(line, (run(voice, x, text),), above=line / 4 if number and not row else 0.0)
        for number, voice in enumerate(voices(wording, setting.languages, style))
        for row, (x, text) in enumerate(_lines(setting, voice, size, width or setting.width))
    )


def _lines(setting: Setting, voice: Voice, size_pt: float, width: float) -> tuple[tuple[float, str], ...]:
    """Return the lines of one language, each with its x: a language that runs against the page is flush at the far
    end of its widest line, where its readers begin."""
    lines = wrap(voice.text, voice.font, size_pt, width)
    if runs_right_to_left(voice.language) == setting.mirrored:
        return tuple((0, text) for text in lines)
    widths = [text_width(text, voice.font, size_pt) for text in lines]
    return tuple((max(widths) - width, text) for width, text in zip(widths, lines, strict=True))


def unturned(setting: Setting, block: Block, width: float) -> Block:
    """Return a block, `width` mm wide, so that it looks on the page as it was drawn, even where the page is mirrored:
    a tick, a picture, boxes for a number."""
    return mirrored(block, width) if setting.mirrored else block


def run_width(block: Block) -> float:
    """Return how far to the right the words of `block` reach, in mm."""
    return max((_right(drawing) for drawing in block.drawings if isinstance(drawing, TextRun)), default=0.0)


def _right(run: TextRun) -> float:
    return run.x + text_width(run.text, run.font, run.size_pt)
