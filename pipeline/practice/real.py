"""Real handwriting on printed pages: characters that other people wrote, put where a pen writes.

They are those of NIST Special Database 19, which is no part of this project; whoever measures with them says where
they lie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Field, Layout
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.practice.handwriting import cropped, write_in_box
from pipeline.practice.pens import Grey
from pipeline.practice.resident import random_resident
from pipeline.practice.scanner import ordinary_scanner, scan
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import ALPHABET, PageReading

_HELD_OUT = slice(None, None, 10)
"""Every tenth character of the archive was kept from training (training/glyphs.py)."""

_DPIS = (200, 300)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    right: int
    of: int

    @property
    def rate(self) -> float:
        """The share, 0 to 1."""
        return self.right / self.of


def held_out_glyphs(archive: Path) -> dict[str, NDArray[np.uint8]]:
    """Load the handwritten characters that no training saw: for each of `ALPHABET` (n, 28, 28), ink 255."""
    with np.load(archive) as stored:
        images, labels = stored["images"][_HELD_OUT], stored["labels"][_HELD_OUT]
    return {character: images[labels == character] for character in ALPHABET}


def read_real_characters(
    glyphs: Mapping[str, NDArray[np.uint8]],
    layout: Layout,
    pages: Sequence[Grey],
    px_per_mm: float,
    rounds: int,
    seed: int,
) -> tuple[Share, Share]:
    """Write a real character into every box of printed pages, `rounds` times; return the shares of figures and capitals
    read rightly when the reader must choose among figures, or among capitals."""
    rng = np.random.default_rng(seed)
    seen: Counter[tuple[bool, bool]] = Counter()
    for _ in range(rounds):
        for page, printed in zip(pages, layout.pages, strict=True):
            boxes = [field for field in printed.fields if field.kind == "character"]
            if boxes:
                seen.update(_written_and_read(glyphs, boxes, page, px_per_mm, layout, rng))
    figures, capitals = (Share(seen[kind, True], seen[kind, True] + seen[kind, False]) for kind in (True, False))
    return figures, capitals


def _written_and_read(
    glyphs: Mapping[str, NDArray[np.uint8]],
    boxes: Sequence[Field],
    page: Grey,
    px_per_mm: float,
    layout: Layout,
    rng: np.random.Generator,
) -> Iterator[tuple[bool, bool]]:
    """Yield for every box whether a figure was written, and whether it was read rightly."""
    resident, inked, written = random_resident(rng), page.copy(), {}
    for field in boxes:
        character = str(rng.choice(list(field.allowed or ALPHABET)))
        images = glyphs[character]
        glyph = cropped(np.asarray(images[rng.integers(len(images))], dtype=np.uint8))
        write_in_box(inked, px_per_mm, glyph, field.box, resident.hand, resident.pen, rng)
        written[field.question, field.index] = character
    for box in _read(inked, px_per_mm, layout, rng).characters:
        meant = written[box.question, box.index]
        among = ALPHABET[:10] if meant.isdecimal() else ALPHABET[10:]
        yield meant.isdecimal(), max(among, key=box.reading.chance) == meant


def _read(page: Grey, px_per_mm: float, layout: Layout, rng: np.random.Generator) -> PageReading:
    """Scan a page as an ordinary scanner does and read it; every such page can be read."""
    settings = ordinary_scanner(rng, int(rng.choice(_DPIS)))
    picture = scan(page, px_per_mm, settings, rng)
    read = read_image(PageImage(picture, (settings.dpi, settings.dpi), bitonal=False), KnownPaper({layout.id: layout}))
    if not isinstance(read, PageReading):
        raise ValueError(f"an ordinary scan was not read: {read}")
    return read
