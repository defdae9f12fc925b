"""What is measured on a page beside its answers: how well it was scanned, what its barcodes say, what its scanner can.

The measures alone, without what takes them: the record holds them, and whoever records loads no decoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.form.layout import Box


@dataclass(frozen=True, slots=True)
class PageQuality:
    """How well a page was scanned.

    `dpi` is measured on the paper, not told by the file; `scale_percent` is the size of the print against what the file
    says, None where it says nothing; `skew_degrees` how far from straight, clockwise positive; `turned` the quarter
    turns clockwise by which the page lay in the picture; `frame_score` the median match of its frames (1.0 on a page
    without fields); `corner_marks` and `codes` how many of them were found: 0 codes where the page was known by its
    serial, None on forms made elsewhere, which have none. `streaks_mm` are the lines that dust on the glass left: how
    far each is from the left edge of the page as one reads it, or from its top edge where the page lay on its side.
    """

    dpi: float
    scale_percent: float | None
    skew_degrees: float
    turned: int
    bitonal: bool
    frame_score: float
    corner_marks: int
    codes: int | None
    streaks_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode on a page: its kind (`code128`, `itf`, `qr`, `datamatrix`), what it says, and where it is, in mm."""

    kind: str
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class ScannerCheck:
    """What was measured on the check sheet.

    `paper` and `black` are grey levels, 0 to 255. `wedge` is how light each patch came out, 0 black to 1 paper, and
    `extreme` the share of pixels that are either, in the least such of its middle patches but one: a threshold may
    split that one. `sharpness` is what is left of the contrast of fine lines that run across and down, 1 all of it.
    `pens` is how dark each stroke came out, 0 paper to 1 black.
    """

    quality: PageQuality
    paper: float
    black: float
    wedge: tuple[float, ...]
    extreme: float
    sharpness: tuple[float, float]
    pens: Mapping[str, float]
