"""Set a line of words as it is seen: its letters joined and stacked, its words in the order the eye meets them.

Text is kept in the order it is read aloud. A line is first broken, then put in visual order (Unicode's
bidirectional algorithm, UAX #9, by python-bidi), then shaped by HarfBuzz one run of one script at a time.
Figures and Latin words within a right-to-left line are taken as one stretch that runs from left to right, as if
each stood between isolates: else the groups of a telephone number would change places, and `1 Harbour Street`
become `Harbour Street 1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from unicodedata import bidirectional

import uharfbuzz
from bidi import algorithm
from bidi.mirror import MIRRORED

from pipeline.form.fonts import FONTS, JOINERS, UNSEEN, Font, Script, face, is_latin, script_of, shaper
from pipeline.form.paper.editions import MM_PER_PT

_WORD = "[0-9A-Za-zÀ-ɏḀ-ỿ]"
_BETWEEN = r"(?:[-–.:@&'’,+%#_ ]|(?<! )/(?! ))"
_STRETCH = re.compile(rf"{_WORD}(?:{_BETWEEN}*(?:{_WORD}|\({_WORD}(?:{_BETWEEN}|{_WORD})*\)))*")
"""Figures and Latin words, with what stands between them: one stretch of a right-to-left line."""

_WITHIN_NUMBER = re.compile("(?<=[0-9]) (?=[0-9])")
NO_BREAK_SPACE = "\u00a0"

_UNSEEN = str.maketrans("", "", UNSEEN)
_STRONG_RIGHT_TO_LEFT = ("R", "AL")
_NEUTRAL = ("WS", "ON")
HEBREW_LETTER = "\u05d0"
"""Stands in for what has no direction of its own, and runs with the line."""

_JOINED = str.maketrans(dict.fromkeys(JOINERS, "\u0640"))
"""A letter that joins stands in for joiners, which the algorithm would leave out."""
_TAGS: dict[Script, str] = {"arabic": "Arab", "bengali": "Beng", "gurmukhi": "Guru"}
_LANGUAGES = {"NotoNastaliqUrdu": "ur", "NotoNaskhArabic": "ar", "NotoSansBengali": "bn", "NotoSansGurmukhi": "pa"}

LINES_REMEMBERED = 20_000
"""Every line is measured many times while it is broken: a form has some thousand different beginnings of lines."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph: its number in the face, where it stands from the line's start, and how far it moves on, in
    thousandths of the type size. `text` is what it stands for; further glyphs of the same letters have none."""

    id: int
    x: int
    y: int
    advance: int
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbours of one face. `x` is where they begin, in thousandths of the type size from the line's left end.

    Latin `text` stands from left to right and is set letter by letter; other scripts come as `glyphs`.
    """

    face: str
    x: float
    width: float
    text: str
    glyphs: tuple[Glyph, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is seen, its pieces from left to right; `width` in thousandths of the type size."""

    pieces: tuple[Piece, ...]
    width: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Letters in the order they are read that run one way in one face; no script means Latin."""

    text: str
    script: Script | None
    level: int


def isolated(text: str) -> str:
    """Return words of a right-to-left language for a browser, each stretch of several Latin words or figures between
    isolates (U+2066, U+2069), and no line broken within a number: what is done on paper, a browser must be told."""
    return _STRETCH.sub(lambda found: _isolate(found[0]) if " " in found[0] else found[0], text)


def _isolate(stretch: str) -> str:
    return f"\u2066{_WITHIN_NUMBER.sub(NO_BREAK_SPACE, stretch)}\u2069"


def text_width(text: str, font: str, size_pt: float) -> float:
    """Return the printed width of `text` in mm: Latin without kerning, as printing sets it."""
    if is_latin(text):
        return float(face(FONTS[font].latin).stringWidth(text, size_pt)) * MM_PER_PT
    return shaped(text, font).width / 1000 * size_pt * MM_PER_PT


@lru_cache(LINES_REMEMBERED)
def shaped(text: str, font: str) -> Line:
    """Return one line of `text`, given in the order it is read, as it is seen in `font` (a name in `FONTS`)."""
    setting = FONTS[font]
    pieces: list[Piece] = []
    x = 0.0
    for run in _in_visual_order(list(_runs(text.translate(_UNSEEN), setting))):
        piece = _latin(run, setting.latin, x) if run.script is None else _glyphs(run, setting.scripts[run.script], x)
        if piece.glyphs or run.script is None:  # a joiner with nothing to join leaves none
            pieces.append(piece)
            x += piece.width
    return Line(tuple(pieces), x)


def _runs(text: str, setting: Font) -> Iterator[_Run]:
    """Yield the runs of a line in the order they are read."""
    before: Script | None = None
    marked: list[tuple[int, Script | None, str]] = []
    for letter, level in zip(text, _levels(text, setting), strict=True):
        script = None if is_latin(letter) else script_of(letter, before)
        before = script or before
        marked.append((level, script, letter))
    for (level, script), letters in groupby(marked, key=lambda each: each[:2]):
        yield _Run("".join(letter for _, _, letter in letters), script, level)


def _levels(text: str, setting: Font) -> list[int]:
    """Return the embedding level of each letter: even runs from left to right, odd from right to left."""
    if not any(bidirectional(letter) in _STRONG_RIGHT_TO_LEFT for letter in text):
        return [0] * len(text)
    storage = algorithm.get_empty_storage()
    storage["base_level"] = int(setting.right_to_left)
    storage["base_dir"] = "R" if setting.right_to_left else "L"
    told = _stretches_apart(text) if setting.right_to_left else text
    algorithm.get_embedding_levels(told.translate(_JOINED), storage)
    for rule in (
        algorithm.explicit_embed_and_overrides,
        algorithm.resolve_weak_types,
        algorithm.resolve_neutral_types,
        algorithm.resolve_implicit_levels,
    ):
        rule(storage, False)
    return [letter["level"] for letter in storage["chars"]]


def _stretches_apart(text: str) -> str:
    """Return a right-to-left text of the same length in which each stretch is one left-to-right word, and whatever
    stands between stretches runs with the line: what isolates would do, which the algorithm here does not know."""
    kept, end = [], 0
    for found in _STRETCH.finditer(text):
        kept += [_with_the_line(text[end : found.start()]), "a" * len(found[0])]
        end = found.end()
    return "".join((*kept, _with_the_line(text[end:])))


def _with_the_line(text: str) -> str:
    return "".join(HEBREW_LETTER if bidirectional(letter) in _NEUTRAL else letter for letter in text)


def _in_visual_order(runs: list[_Run]) -> list[_Run]:
    """Return runs from left to right: rule L2 of UAX #9, over runs in place of letters."""
    for level in range(max((run.level for run in runs), default=0), 0, -1):
        ordered: list[_Run] = []
        for runs_back, group in groupby(runs, key=lambda run: run.level >= level):
            neighbours = list(group)
            ordered += reversed(neighbours) if runs_back else neighbours
        runs = ordered
    return runs


def _latin(run: _Run, latin: str, x: float) -> Piece:
    """Return letters of the Latin face from left to right; brackets that run the other way are turned."""
    text = run.text if run.level % 2 == 0 else "".join(MIRRORED.get(letter, letter) for letter in reversed(run.text))
    return Piece(latin, x, float(face(latin).stringWidth(text, 1000)), text)


def _glyphs(run: _Run, file: str, x: float) -> Piece:
    """Return the glyphs of a run of another script."""
    assert run.script is not None
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = _TAGS[run.script]
    buffer.language = _LANGUAGES[file.split("-")[0]]
    uharfbuzz.shape(shaper(file), buffer)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    bearers = _bearers([info.cluster for info in infos], [position.x_advance for position in positions], run.text)
    glyphs: list[Glyph] = []
    pen = 0
    for place, (info, position) in enumerate(zip(infos, positions, strict=True)):
        glyphs.append(
            Glyph(
                info.codepoint,
                pen + position.x_offset,
                position.y_offset,
                position.x_advance,
                bearers.get(place, ""),
            )
        )
        pen += position.x_advance
    return Piece(file, x, float(pen), run.text, tuple(glyphs))


def _bearers(clusters: list[int], advances: list[int], text: str) -> dict[int, str]:
    """Return, by its place, the glyph that stands for each cluster of letters (the widest), and those letters."""
    starts = sorted(set(clusters))
    letters = {start: text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=False)}
    widest: dict[int, int] = {}
    for place, cluster in enumerate(clusters):
        if cluster not in widest or advances[place] > advances[widest[cluster]]:
            widest[cluster] = place
    return {place: letters[cluster] for cluster, place in widest.items()}
