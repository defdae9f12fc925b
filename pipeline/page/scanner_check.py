"""What a scan of the check sheet tells of its scanner: how dark, how sharp, and which pens it sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.form.paper.check_sheet import LINE_PAIRS_PER_MM, targets
from pipeline.page.measured import ScannerCheck
from pipeline.page.register import RegisteredPage, crop

_PX_PER_MM = 12.0
"""Scale of what is measured: 300 dots per inch, and six pixels to a pair of fine lines."""

_INSIDE_MM = 2.0
"""Outermost strip of a patch not looked at: where the paper lies is known to 0.3 mm, fed unevenly to 1 mm."""

_TONE_EDGE = 0.1
"""Share of the way from black to white that counts as black or white: noise and JPEG stay within."""

_STRIP_PX, _STROKE_PX = 6, 60
"""Length of the strips that lines and strokes are cut into: lines a degree askew stray by 0.1 pixels within one, a
stroke by a pixel."""

_PITCHES = np.linspace(0.96, 1.04, 17)
"""Pitches tried, against the printed one: uneven feeding draws lines apart by up to 2 % in one place."""

_FUNDAMENTAL = 2 / np.pi
"""Amplitude of the fundamental of lines as wide as their gaps, as a share of black to white (Fourier)."""


def check_scanner(page: RegisteredPage, paper: str) -> ScannerCheck:
    """Measure the front of the check sheet for `paper`, registered."""
    wanted = targets(paper)
    bare = float(np.median(_cut(page, wanted.paper.grown(-_INSIDE_MM))))
    patches = [_cut(page, box.grown(-_INSIDE_MM)) for box in wanted.wedge]
    black = float(np.median(patches[-1]))
    lightness = [(patch - black) / max(bare - black, 1.0) for patch in patches]
    return ScannerCheck(
        quality=page.quality,
        paper=bare,
        black=black,
        wedge=tuple(round(float(patch.mean()), 3) for patch in lightness),
        extreme=round(sorted(_extreme(patch) for patch in lightness[1:-1])[1], 3),
        sharpness=(
            _sharpness(_cut(page, wanted.across.grown(-_INSIDE_MM)).T, bare - black),
            _sharpness(_cut(page, wanted.down.grown(-_INSIDE_MM)), bare - black),
        ),
        pens={pen: _darkness(_cut(page, box.grown(-0.5)), bare - black) for pen, box in wanted.pens.items()},
    )


def _cut(page: RegisteredPage, box: Box) -> NDArray[np.float64]:
    return crop(page, box, _PX_PER_MM).astype(np.float64)


def _extreme(patch: NDArray[np.float64]) -> float:
    return float(np.mean((patch < _TONE_EDGE) | (patch > 1 - _TONE_EDGE)))


def _sharpness(lines: NDArray[np.float64], contrast: float) -> float:
    """What is left of the contrast of lines that run down `lines`: the wave of their pitch, strip by strip.

    A strip is so short that lines which are not quite upright do not blur each other in it, and the pitch may be a
    little off: an uneven feeder draws lines apart.
    """
    strips = [strip.mean(axis=0) for strip in np.array_split(lines, max(1, len(lines) // _STRIP_PX))]
    places = np.arange(lines.shape[1]) / _PX_PER_MM
    waves = np.exp(-2j * np.pi * LINE_PAIRS_PER_MM * np.outer(_PITCHES, places))
    amplitudes = [2 * np.abs(waves @ (strip - strip.mean())).max() / len(places) for strip in strips]
    return round(float(np.median(amplitudes)) / (_FUNDAMENTAL * max(contrast, 1.0)), 3)


def _darkness(stroke: NDArray[np.float64], contrast: float) -> float:
    """How dark a stroke across `stroke` is: its darkest row, strip by strip, against the paper above and below it."""
    strips = [strip.mean(axis=1) for strip in np.array_split(stroke, max(1, stroke.shape[1] // _STROKE_PX), axis=1)]
    return round(float(np.median([np.median(strip) - strip.min() for strip in strips])) / max(contrast, 1.0), 3)
