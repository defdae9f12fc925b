"""What to tell staff about how a page was scanned: in plain words, from what was measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.page.quality import PageQuality


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
}
"""One sentence or two for each hint: what to do, or that nothing need be done."""

HARMLESS = frozenset({Hint.SHRUNK, Hint.ENLARGED, Hint.BY_SERIAL})

_COARSE_DPI, _FINE_DPI = 190, 450
"""Below 190, 200 not being set, pencil begins to be lost; above 450 a page takes twice as long for nothing."""

_ASKEW_DEGREES = 3.0
"""Sheets lie within 1° between guides that touch them; from 5° on, corner marks may be cut off."""

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
