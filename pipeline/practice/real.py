"""Real marks and real handwriting on printed pages: what was photographed or scanned elsewhere, put where a pen writes.

The marks are boxes photographed with phones (Open Data Kit Scan, Apache-2.0), the characters the handwriting of
NIST Special Database 19. Neither is part of this project; whoever measures with them says where they lie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box, Field, Layout
from pipeline.page.frames import place_fields
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.page.plane import cut
from pipeline.practice.handwriting import cropped, write_in_box
from pipeline.practice.pens import Grey
from pipeline.practice.resident import random_resident
from pipeline.practice.scanner import ordinary_scanner, scan
from pipeline.reading.characters import ALPHABET
from pipeline.reading.marks import PX_PER_MM, Verdict
from pipeline.reading.read_page import PageReading, read_image

_BOX_MM, _CROP_PX_PER_MM = 6.0, 3.0
"""The photographed boxes are 18 pixels wide: taken for boxes of 6 mm, a scale of 3 pixels per millimetre."""

_AROUND_MM = 3.0
"""How much around a photographed box is put on the page with it, so that a tick may leave its box."""

_FRAME_EXCESS = 1.3
"""The photographed frame is taken off a little darker than it is on average, since no two photos are equally sharp."""

_AS_DARK_AS_A_PEN = 1.6
"""The photos are pale: their ink is darkened to that of an ordinary ball pen."""

CLEAR_KINDS = ("X", "check", "diagonal", "horizontal", "vertical")
"""Kinds of photographed marks that everybody would call a mark; `empty` is the kind that nobody would."""

_HELD_OUT = slice(None, None, 10)
"""Every tenth character of the archive was kept from training (training/characters.py)."""

_DPIS = (200, 300)


@dataclass(frozen=True, slots=True)
class RealMark:
    """One photographed mark: its kind by the name of its file, and its ink alone (12 mm square, darkness 0 to 1)."""

    kind: str
    ink: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    right: int
    of: int

    @property
    def rate(self) -> float:
        """The share, 0 to 1."""
        return self.right / self.of


def real_marks(folder: Path) -> list[RealMark]:
    """Load the photographed boxes in `folder`: what is darker than the empty ones are on average is ink."""
    photos = [(path.name.partition("_")[0], _darkness(path)) for path in sorted(folder.glob("*.jpg"))]
    frame = np.mean([darkness for kind, darkness in photos if kind == "empty"], axis=0)
    return [RealMark(kind, np.clip(darkness - _FRAME_EXCESS * frame, 0.0, 1.0)) for kind, darkness in photos]


def judge_real_marks(
    marks: Sequence[RealMark], layout: Layout, pages: Sequence[Grey], px_per_mm: float, seed: int
) -> dict[str, Counter[Verdict]]:
    """Put marks into every second box of printed pages, scan and read them; return the verdicts for each kind."""
    rng = np.random.default_rng(seed)
    verdicts: dict[str, Counter[Verdict]] = {}
    left = list(marks)
    while left:
        for page, printed in zip(pages, layout.pages, strict=True):
            boxes = [field for field in printed.fields if field.kind == "mark"][::2]
            placed, left = left[: len(boxes)], left[len(boxes) :]
            inked = page.copy()
            for mark, field in zip(placed, boxes, strict=False):
                _put(mark.ink, inked, px_per_mm, field.box)
            read = {(one.question, one.value): one.verdict for one in _read(inked, px_per_mm, layout, rng).marks}
            for mark, field in zip(placed, boxes, strict=False):
                verdicts.setdefault(mark.kind, Counter())[read[field.question, field.value]] += 1
    return verdicts


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


def _darkness(path: Path) -> NDArray[np.float32]:
    """A photographed box and what is around it, 12 mm square with the box in the middle, as darkness 0 to 1."""
    grey = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    middle = grey.shape[0] / _CROP_PX_PER_MM / 2
    to_pixels = np.array([[_CROP_PX_PER_MM, 0, -0.5], [0, _CROP_PX_PER_MM, -0.5], [0, 0, 1.0]])
    box = Box(middle - _BOX_MM / 2, middle - _BOX_MM / 2, _BOX_MM, _BOX_MM)
    frame = place_fields(grey, [Field("real", "mark", box)], to_pixels)[0].box
    picture = cut(grey, to_pixels, frame.grown(_AROUND_MM), PX_PER_MM).astype(np.float32)
    paper = float(np.percentile(picture, 75))
    return np.asarray(np.clip(1.0 - picture / paper, 0.0, 1.0), dtype=np.float32)


def _put(ink: NDArray[np.float32], page: Grey, px_per_mm: float, box: Box) -> None:
    """Lay the ink of a real mark over a printed box, in place, as dark as an ordinary pen."""
    side = round((_BOX_MM + 2 * _AROUND_MM) * px_per_mm)
    sized = cv2.resize(ink, (side, side), interpolation=cv2.INTER_LINEAR)
    x, y = (round(middle * px_per_mm - side / 2) for middle in box.centre)
    part = page[y : y + side, x : x + side]
    part[:] = np.rint(part * (1.0 - np.clip(_AS_DARK_AS_A_PEN * sized, 0.0, 0.9))).astype(np.uint8)
