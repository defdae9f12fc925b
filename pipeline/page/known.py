"""The paper that may come back: what reading must know of it, and nothing of where that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Layout


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """One page without answers: `grey` is (height, width), 0 black to 255 white, `px_per_mm` pixels a millimetre."""

    grey: NDArray[np.uint8]
    px_per_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class KnownPaper:
    """What a site has printed. A mapping may fetch what it is asked for only then: a site prints for years.

    `layouts` are by their code, `copies` tell the layout of each printed copy, `blanks` show the pages as printed,
    by layout and page number; a layout may be without. `fixed` names the layouts of forms made elsewhere, whose pages
    are known by their print alone, the latest first; they all have blanks.
    """

    layouts: Mapping[str, Layout]
    copies: Mapping[str, str] = field(default_factory=dict)
    blanks: Mapping[tuple[str, int], Blank] = field(default_factory=dict)
    fixed: Collection[str] = ()
