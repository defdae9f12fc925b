"""Everything that scanners, photocopiers, fax machines and phones do to a page, each by its name.

The first fourteen conditions are those that codes and corner marks were chosen by; the others are what offices send.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from pipeline.form.layout import PageLayout
from pipeline.practice import damage, files
from pipeline.practice.damage import Damage, unharmed
from pipeline.practice.files import Pack, Picture
from pipeline.practice.pens import Grey
from pipeline.practice.scanner import Scanner, Taken, ordinary_scanner, phone, take

LETTER_MM = (215.9, 279.4)
A4_MM = (210.0, 297.0)

FAX_DPI = 204
"""Dots per inch across a fax; the lines are 196 an inch in fine, 98 in standard quality (ITU-T T.4)."""

_INKS = ((1.25, 1.05, 0.2), (0.25, 1.35, 1.2), (1.3, 0.75, 1.4), (1.0, 1.0, 1.0))
"""How much of red, green and blue a blue, red, green or black pen takes from the paper. Each is as dark in grey."""


class Tone(StrEnum):
    """What a condition leaves of a page's greys."""

    GREY = "grey"
    BITONAL = "bitonal"
    FAX = "fax"


ScannerOf = Callable[[np.random.Generator], Scanner]


@dataclass(frozen=True, slots=True)
class Condition:
    """One way for a page to come back.

    `paper` names the paper the form is printed on; `damage` happens to the sheet, `scanner` takes it, and `pack` makes
    the file. In `colour` the pens are coloured and the picture is red, green and blue. With a `back`, an empty page
    follows.
    """

    name: str
    scanner: ScannerOf
    tone: Tone = Tone.GREY
    damage: Damage = unharmed
    pack: Pack = files.pdf
    paper: str = "a4"
    colour: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """A page that came back: the file, its number of pages, and the picture with the true place of everything on it."""

    data: bytes
    pages: int
    taken: Taken


def send(
    condition: Condition,
    blank: Grey,
    page: Grey,
    layout: PageLayout,
    paper_mm: tuple[float, float],
    rng: np.random.Generator,
) -> Returned:
    """Return what comes of `page` (grey, the whole paper, as filled in; `blank` as printed) under a condition."""
    px_per_mm = page.shape[1] / paper_mm[0]
    scanner = condition.scanner(rng)
    harmed_at = rng.integers(2**32)
    harmed = condition.damage(page, layout, px_per_mm, np.random.default_rng(harmed_at))
    taken = take(harmed, px_per_mm, scanner, np.random.default_rng(harmed_at))
    taken = replace(taken, px_per_mm=(px_per_mm, page.shape[0] / paper_mm[1]))
    picture: Picture = taken.grey
    if condition.colour:
        picture = _in_colour(blank, harmed, px_per_mm, scanner, int(harmed_at))
    pictures = [picture]
    if condition.back:
        pictures.append(take(np.full_like(page, 255), px_per_mm, scanner, rng).grey)
    data = condition.pack(pictures, (scanner.dpi, scanner.dpi_down or scanner.dpi), scanner.jpeg_quality)
    return Returned(data, len(pictures), taken)


def _in_colour(blank: Grey, page: Grey, px_per_mm: float, scanner: Scanner, seed: int) -> Picture:
    """The picture in red, green and blue: the print black, the writing in the colour of some pen."""
    taken_up = _INKS[seed % len(_INKS)]
    ink = blank.astype(np.int16) - page
    channels = (np.clip(blank - share * ink, 0, 255).astype(np.uint8) for share in taken_up)
    pictures = [take(channel, px_per_mm, scanner, np.random.default_rng(seed)).grey for channel in channels]
    return np.stack(pictures, axis=-1)


def plain(rng: np.random.Generator, dpi: int = 300) -> Scanner:
    """Return a good scanner, the sheet nearly straight."""
    return Scanner(
        dpi=dpi,
        turn=float(rng.uniform(-0.7, 0.7)),
        shift=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
        paper=int(rng.integers(244, 254)),
        blur=float(rng.uniform(0.03, 0.06)),
        noise=float(rng.uniform(1, 3)),
    )


def _plain(**changed: Any) -> ScannerOf:
    """A good scanner but for what is changed."""
    return lambda rng: replace(plain(rng), **changed)


def _coarse_or_fine(dpi: int) -> ScannerOf:
    return lambda rng: plain(rng, dpi)


def _askew(by: float, surround: float = 0.0) -> ScannerOf:
    """Turned by three quarters of `by` degrees and more, to either side."""

    def scanner(rng: np.random.Generator) -> Scanner:
        turn = float(rng.choice((-1, 1)) * rng.uniform(0.75 * by, by))
        return replace(plain(rng), turn=turn, surround=surround, background=int(rng.choice((60, 235, 250))))

    return scanner


def _stressed(rng: np.random.Generator) -> Scanner:
    """Up to 5° askew, moved and unevenly fed, as a worn feeder does it."""
    shift = (float(rng.uniform(-2, 2)), float(rng.uniform(-2, 2)))
    turned = replace(ordinary_scanner(rng), scale=float(rng.uniform(0.97, 1.02)), shift=shift)
    return replace(turned, turn=float(rng.uniform(-5, 5)), stretch=float(rng.uniform(0.4, 0.8)))


def _black_and_white(dpi: int, dpi_down: int | None = None, **changed: Any) -> ScannerOf:
    def scanner(rng: np.random.Generator) -> Scanner:
        return replace(plain(rng, dpi), bitonal=int(rng.integers(150, 190)), dpi_down=dpi_down, **changed)

    return scanner


def _fax(lines: int) -> ScannerOf:
    """A fax machine: its own pull on the paper, 215 mm wide, black and white."""

    def scanner(rng: np.random.Generator) -> Scanner:
        feed: dict[str, Any] = {
            "stretch": float(rng.uniform(0, 0.5)),
            "turn": float(rng.uniform(-1.5, 1.5)),
            "speckle": 20,
        }
        return _black_and_white(FAX_DPI, lines, glass=(215.2, A4_MM[1]), blur=0.07, **feed)(rng)

    return scanner


def _photographed(megapixels: float, least: float, most: float) -> ScannerOf:
    """A phone of so many megapixels that leans by so many degrees, any way, over a dark or a pale table."""
    long_side = (megapixels * 1e6 * 4 / 3) ** 0.5

    def scanner(rng: np.random.Generator) -> Scanner:
        view = (0.75 * 320.0, 320.0)
        return replace(
            phone(rng),
            dpi=round(long_side / view[1] * 25.4),
            glass=view,
            surround=0.0,
            perspective=0.0,
            tilt=float(rng.uniform(least, most)),
            tilt_towards=float(rng.uniform(0, 360)),
            background=int(rng.choice((50, 90, 150, 200))),
        )

    return scanner


def _on_glass(glass: tuple[float, float]) -> ScannerOf:
    """A form on glass made for another paper, pushed into its corner or fed in the middle."""

    def scanner(rng: np.random.Generator) -> Scanner:
        slack = 8.8 * float(rng.choice((-1, 0, 1)))
        return replace(plain(rng), glass=glass, shift=(float(rng.uniform(-2, 2)), slack))

    return scanner


def _dirty(**changed: tuple[float, float]) -> ScannerOf:
    """A good scanner but for some values drawn between two bounds; whole numbers stay whole."""

    def scanner(rng: np.random.Generator) -> Scanner:
        drawn: dict[str, Any] = {name: _between(low, high, rng) for name, (low, high) in changed.items()}
        return replace(plain(rng), **drawn)

    return scanner


def _between(low: float, high: float, rng: np.random.Generator) -> float:
    drawn = float(rng.uniform(low, high))
    return round(drawn) if isinstance(low, int) else drawn


CLEAN = Condition("clean", plain)
TYPICAL = Condition("typical", ordinary_scanner)

CONDITIONS = (
    CLEAN,
    TYPICAL,
    Condition("stress-5-degrees", _stressed),
    Condition("upside-down", _plain(upside_down=True)),
    Condition("sideways", _plain(quarters=1)),
    Condition("scale-94", _plain(scale=0.94)),
    Condition("uneven-feeding", _dirty(stretch=(0.6, 0.8))),
    Condition("blurred", _dirty(blur=(0.1, 0.14))),
    Condition("noisy", _dirty(noise=(9.0, 12.0))),
    Condition("bitonal-200", _black_and_white(200), Tone.BITONAL, pack=files.png_bitonal),
    Condition("fax-fine", _fax(196), Tone.FAX, pack=files.tiff_g4),
    Condition("fax-standard", _fax(98), Tone.FAX, pack=files.tiff_g4),
    Condition("photocopied-twice", _plain(photocopies=2)),
    Condition("phone-12-megapixels", _photographed(12, 0, 8), pack=files.jpeg),
    Condition("phone-12-tilted", _photographed(12, 15, 25), pack=files.photo),
    Condition("phone-8-tilted", _photographed(8, 10, 25), pack=files.jpeg),
    Condition("colour", plain, colour=True),
    Condition("colour-jpeg", ordinary_scanner, colour=True, pack=files.jpeg),
    Condition("bitonal-300-g4", _black_and_white(300), Tone.BITONAL, pack=files.tiff_g4, back=True),
    Condition("bitonal-photocopy", _black_and_white(300, photocopies=1), Tone.BITONAL, pack=files.png_bitonal),
    Condition("100-dpi", _coarse_or_fine(100)),
    Condition("150-dpi", _coarse_or_fine(150)),
    Condition("200-dpi", _coarse_or_fine(200)),
    Condition("400-dpi", _coarse_or_fine(400)),
    Condition("600-dpi", _coarse_or_fine(600)),
    Condition("askew-5-degrees", _askew(5.0)),
    Condition("askew-8-degrees-in-view", _askew(8.0, surround=22.0)),
    Condition("sideways-the-other-way", _plain(quarters=3)),
    Condition("scale-106", _plain(scale=1.06)),
    Condition("a4-on-letter-glass", _on_glass(LETTER_MM)),
    Condition("letter-on-a4-glass", _on_glass(A4_MM), paper="letter"),
    Condition("blank-back", plain, back=True),
    Condition("pdf-in-strips", plain, pack=files.pdf_in_strips),
    Condition("pdf-with-text", plain, pack=files.pdf_with_text),
    Condition("pdf-turned", plain, pack=files.pdf_turned),
    Condition("tiff-lzw", plain, pack=files.tiff_lzw, back=True),
    Condition("tiff-jpeg", plain, pack=files.tiff_jpeg, back=True),
    Condition("png", plain, pack=files.png),
    Condition("streaks", _dirty(streaks=(2, 4))),
    Condition("speckle", _dirty(speckle=(300, 600))),
    Condition("shadow", _dirty(shadow=(0.3, 0.5))),
    Condition("grey-paper", _dirty(paper=(170, 200))),
    Condition("photocopied", _plain(photocopies=1)),
    Condition("punch-holes", plain, damage=damage.punch_holes),
    Condition("staple", plain, damage=damage.staple),
    Condition("fold", plain, damage=damage.fold),
    Condition("torn-corner", plain, damage=damage.tear_corner),
    Condition("first-code-spoilt", plain, damage=damage.spoil_codes(0)),
    Condition("second-code-spoilt", plain, damage=damage.spoil_codes(1)),
    Condition("both-codes-spoilt", plain, damage=damage.spoil_codes(0, 1)),
    Condition("first-corner-lost", plain, damage=damage.lose_corner(0)),
    Condition("second-corner-lost", plain, damage=damage.lose_corner(1)),
    Condition("third-corner-lost", plain, damage=damage.lose_corner(2)),
    Condition("fourth-corner-lost", plain, damage=damage.lose_corner(3)),
)
"""Every condition the reader is held to, in the order they are reported."""
