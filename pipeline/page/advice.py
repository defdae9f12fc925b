"""What to tell staff about how a page was scanned: in plain words, from what was measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.page.measured import PageQuality, ScannerCheck


class Hint(StrEnum):
    """Everything there is to say. Each has one sentence in `SENTENCES`; `HARMLESS` ones ask nobody to do anything."""

    BITONAL = "bitonal"
    COARSE = "coarse"
    NEEDLESSLY_FINE = "needlessly_fine"
    STREAK = "streak"
    STREAK_UPSIDE_DOWN = "streak_upside_down"
    STREAK_ACROSS = "streak_across"
    ASKEW = "askew"
    SMALL = "small"
    LARGE = "large"
    SHRUNK = "shrunk"
    ENLARGED = "enlarged"
    BY_SERIAL = "by_serial"
    DARK = "dark"
    PALE = "pale"
    BLURRED = "blurred"
    LOSES_BLUE = "loses_blue"
    LOSES_RED = "loses_red"
    ONE_SIDED = "one_sided"


SENTENCES: dict[Hint, str] = {
    Hint.BITONAL: "Set the scanner to grey, not black and white: faint pencil is lost in black and white.",
    Hint.COARSE: "Set the scanner to 300 dots per inch; this was {dpi}.",
    Hint.NEEDLESSLY_FINE: "Set the scanner to 300 dots per inch; this was {dpi}, which only takes longer.",
    Hint.STREAK: "Clean the scanner's glass: there is a line {mm} mm from the left edge.",
    Hint.STREAK_UPSIDE_DOWN: (
        "Clean the scanner's glass: there is a line {mm} mm from the left edge. "
        "The page went in upside down, so look {mm} mm from its right edge."
    ),
    Hint.STREAK_ACROSS: (
        "Clean the scanner's glass: there is a line {mm} mm from the top edge. The page went in sideways."
    ),
    Hint.ASKEW: "Push the paper guides up to the sheets: this one lay {degrees} degrees askew.",
    Hint.SMALL: "This form came back at {percent} % of its size. Print and scan forms at their actual size.",
    Hint.LARGE: "This form came back at {percent} % of its size. Print and scan forms at their actual size.",
    Hint.SHRUNK: "The printer shrank the form to {percent} %: that is fine.",
    Hint.ENLARGED: "The printer enlarged the form to {percent} %: that is fine.",
    Hint.BY_SERIAL: "Both square codes are spoilt, so this page was known by the letters under the upper one.",
    Hint.DARK: "The scan is too dark: make it lighter at the scanner.",
    Hint.PALE: "The scan is too light, and faint pencil is lost: make it darker at the scanner.",
    Hint.BLURRED: "The scan is blurred: clean the glass, and see that sheets lie flat on it.",
    Hint.LOSES_BLUE: "The scanner leaves out blue, and people write in it: switch off colour dropout.",
    Hint.LOSES_RED: "The scanner leaves out red, and people write in it: switch off colour dropout.",
    Hint.ONE_SIDED: "The back did not arrive: set the scanner to both sides if your forms are printed on both.",
}
"""One sentence or two for each hint: what to do, or that nothing need be done."""

HARMLESS = frozenset({Hint.SHRUNK, Hint.ENLARGED, Hint.BY_SERIAL})

_COARSE_DPI, _FINE_DPI = 190, 450
"""Below 190, 200 not being set, pencil begins to be lost; above 450 a page takes twice as long for nothing."""

_ASKEW_DEGREES = 3.0
"""Sheets lie within 1° between guides that touch them; from 5° on, corner marks may be cut off."""

_DARKEST_PAPER = 205
"""Grey level: white paper comes out at 236 or more on scanners that are set well, as `practice.scanner` draws them; at
205 every stroke has lost a sixth of its contrast."""

_DARK_MIDDLE, _DARKEST_MIDDLE = 3, 0.25
"""Which patch of the wedge is half grey, and how light it is at least: 0.55 as drawn. Toner that spreads over half of
the white between its dots would leave 0.28."""

_PALE_PATCH, _PALEST = 1, 0.96
"""Which patch is as pale as faint pencil, and how light it is at most: 0.8 as drawn, 1 is paper."""

_PENCIL_SEEN = 0.15
"""How dark the stroke of faint pencil is at least: 0.41 as drawn. What whitens paper may wipe out thin lines alone."""

_TWO_TONES = 0.9
"""Share of a middle grey's pixels that came out black or white: none in grey, not even of a copier's copy."""

_SHARP = 0.37
"""Contrast left of the fine lines: 0.42 or more on good scanners from 200 dots an inch, 0.35 or less from a blur of
0.1 mm on, where `practice.conditions` calls a scan blurred."""

_PEN_SEEN = 0.5
"""How dark a coloured pen must come out against a black one: 0.75 or more in grey, 0.27 under light of its colour."""

_TRUE_PERCENT = (98.0, 102.0)
_FINE_PERCENT = (92.0, 108.0)
"""Print sizes not worth a word, and those that are read as well as any: *fit to page* makes 94 to 97 %."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to tell about a page, in words."""

    hint: Hint
    sentence: str

    @property
    def harmless(self) -> bool:
        """Whether nobody need do anything about it."""
        return self.hint in HARMLESS


def advise(quality: PageQuality) -> tuple[Advice, ...]:
    """Return what is worth telling about how a page was scanned, the most important first."""
    return tuple(Advice(hint, SENTENCES[hint].format(**values)) for hint, values in _hints(quality))


def advise_scanner(check: ScannerCheck) -> tuple[Advice, ...]:
    """Return what is worth telling about a scanner, from its check sheet, the most important first."""
    return tuple(Advice(hint, SENTENCES[hint].format(**values)) for hint, values in _scanner_hints(check))


def _scanner_hints(check: ScannerCheck) -> Iterator[tuple[Hint, dict[str, int]]]:
    """In two tones nothing else can be told of greys and pens, and where dots are coarse nothing of the blur."""
    is_two_tone = check.quality.bitonal or check.extreme > _TWO_TONES
    told = list(_hints(replace(check.quality, bitonal=is_two_tone)))
    if not is_two_tone:
        yield from ((hint, {}) for hint in _tone_hints(check))
        if min(check.sharpness) < _SHARP and Hint.COARSE not in dict(told):
            yield Hint.BLURRED, {}
    yield from told


def _tone_hints(check: ScannerCheck) -> Iterator[Hint]:
    if check.paper < _DARKEST_PAPER or check.wedge[_DARK_MIDDLE] < _DARKEST_MIDDLE:
        yield Hint.DARK
    elif check.wedge[_PALE_PATCH] > _PALEST or check.pens["pencil"] < _PENCIL_SEEN:
        yield Hint.PALE
    for pen, hint in (("blue", Hint.LOSES_BLUE), ("red", Hint.LOSES_RED)):
        if check.pens[pen] < _PEN_SEEN * check.pens["black"]:
            yield hint


def _hints(quality: PageQuality) -> Iterator[tuple[Hint, dict[str, int]]]:
    if quality.bitonal:
        yield Hint.BITONAL, {}
    dpi = _told_dpi(quality)
    if dpi < _COARSE_DPI:
        yield Hint.COARSE, {"dpi": dpi}
    for mm in quality.streaks_mm:
        yield _streak_hint(quality.turned), {"mm": round(mm)}
    if abs(quality.skew_degrees) > _ASKEW_DEGREES:
        yield Hint.ASKEW, {"degrees": round(abs(quality.skew_degrees))}
    if dpi > _FINE_DPI:
        yield Hint.NEEDLESSLY_FINE, {"dpi": dpi}
    if quality.scale_percent is not None and not _within(quality.scale_percent, _TRUE_PERCENT):
        yield _size_hint(quality.scale_percent), {"percent": round(quality.scale_percent)}
    if quality.codes == 0:
        yield Hint.BY_SERIAL, {}


def _told_dpi(quality: PageQuality) -> int:
    """The resolution the scanner was set to, as its file says, or else as measured on the paper."""
    told = quality.dpi * 100 / quality.scale_percent if quality.scale_percent else quality.dpi
    return round(told)


def _streak_hint(turned: int) -> Hint:
    """How to say where a streak is, by the quarter turns clockwise by which the page lay in the picture."""
    if turned % 2:
        return Hint.STREAK_ACROSS
    return Hint.STREAK_UPSIDE_DOWN if turned else Hint.STREAK


def _size_hint(percent: float) -> Hint:
    if _within(percent, _FINE_PERCENT):
        return Hint.SHRUNK if percent < 100 else Hint.ENLARGED
    return Hint.SMALL if percent < 100 else Hint.LARGE


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
