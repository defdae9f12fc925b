"""Boxes as people mark them and scanners see them: what the network for marks is trained on.

    python -m training.drawn_marks --sheets 400 --for near --out marks.npz

Sheets of boxes are printed as forms are, marked in every way that `pipeline/practice/ways.py` knows by more hands than
the reader is measured with, returned in every way that `pipeline/practice/conditions.py` knows and others, registered
and cut out by the reader itself. A box is called what its writer meant.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.code import copy_code
from pipeline.form.layout import Box, Layout
from pipeline.form.printing import print_copies
from pipeline.page.identify import IdentifiedPage, identify
from pipeline.page.image import open_page
from pipeline.page.picture import PageImage
from pipeline.page.register import RegisteredPage, register
from pipeline.page.streaks import without_streaks
from pipeline.practice.conditions import CONDITIONS, Condition, send
from pipeline.practice.marks import Care
from pipeline.practice.pens import FAINT_PENCIL, ORDINARY_PENS, Grey, Pen, curve
from pipeline.practice.printer import printed_pages
from pipeline.practice.scanner import Scanner, hard_scanner, ordinary_scanner, phone
from pipeline.practice.ways import Hand, Paper, Way, put
from pipeline.reading.boxes import box_pictures, inked_boxes, views
from training.sheets import even_sheet, varied_sheet

CLASSES = ("empty", "marked", "cancelled", "unsure", "stray")
"""In the order of the network's outputs."""

DPI = 300
PX_PER_MM = DPI / 25.4
"""Scale at which sheets are marked."""

INSET_MM = 0.55
"""Ink is counted this far inside the frame, as the reader does."""

INKED_GREYS = 22
"""Grey levels by which a marked pixel is darker than the print below it."""

LEAST_INK_MM2 = 0.3
"""A mark of which the scan left less than this is for a person."""

WAYS: Mapping[Way, float] = {
    Way.CROSS: 0.09,
    Way.TICK: 0.10,
    Way.SCRIBBLE: 0.05,
    Way.SLASH: 0.03,
    Way.LINE: 0.025,
    Way.SMALL: 0.035,
    Way.DASH: 0.045,
    Way.LETTER: 0.04,
    Way.HALF_OUTSIDE: 0.05,
    Way.LONG_TAIL: 0.04,
    Way.WIDE_CROSS: 0.035,
    Way.LOOSE_FILLING: 0.05,
    Way.FILLED: 0.05,
    Way.SCRIBBLED_OUT: 0.06,
    Way.DOT: 0.05,
    Way.RING: 0.03,
    Way.HALF_FILLED: 0.03,
    Way.BESIDE: 0.035,
    Way.STROKE_THROUGH: 0.035,
}
"""How often each way is done to a box, where anything is."""

CLASS_OF: Mapping[Way, str] = {
    **dict.fromkeys(WAYS, "marked"),
    Way.FILLED: "cancelled",
    Way.SCRIBBLED_OUT: "cancelled",
    **dict.fromkeys((Way.DOT, Way.RING, Way.HALF_FILLED, Way.BESIDE), "unsure"),
    Way.STROKE_THROUGH: "stray",
}

AS_RETURNED = tuple(
    each for each in CONDITIONS if not each.colour and each.paper == "a4" and not each.name.endswith(("spoilt", "lost"))
)
"""Conditions that change what a box looks like: a pen's colour makes it no darker, and codes are not looked at here."""

SPOILING = tuple(
    each for each in CONDITIONS if each.name in ("fold", "noisy", "speckle", "photocopied", "photocopied-twice")
)
"""Conditions that spoil what is in a box more than others."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one of the networks is drawn boxes of.

    `left_alone` is the share of boxes that nothing is done to, `any_scanner` that of sheets that come by a scanner of
    no condition named, `spoiling` that of sheets that come by one of `SPOILING`. `sees_around` says whether the network
    sees the surroundings, too, and is asked only where there is something to see.
    """

    sheet: Callable[[np.random.Generator], Layout]
    left_alone: float
    any_scanner: float
    spoiling: float
    pens: tuple[Pen, ...]
    sees_around: bool


DRAWINGS = {
    "near": Drawing(even_sheet, 0.27, 0.5, 0.0, (*ORDINARY_PENS, FAINT_PENCIL), sees_around=False),
    "around": Drawing(varied_sheet, 0.4, 0.4, 0.25, (*ORDINARY_PENS, FAINT_PENCIL, FAINT_PENCIL), sees_around=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A page of boxes as printed and as marked, and what was done to each box, if anything."""

    layout: Layout
    blank: Grey
    page: Grey
    ways: tuple[Way | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnBox:
    """One box as the network sees it, (64, 64) or (2, 64, 64), how it was marked ("" for not at all), what it is."""

    picture: NDArray[np.uint8]
    way: str
    named: str


def main() -> None:
    """Draw, scan, read back and save: `pictures` (n, 64, 64) or (n, 2, 64, 64) uint8, `classes` and `ways` (n,)."""
    arguments = _arguments()
    drawing = DRAWINGS[arguments.network]
    cv2.setNumThreads(1)
    boxes: list[DrawnBox] = []
    for number in range(arguments.sheets):
        rng = np.random.default_rng((arguments.seed, number))
        boxes.extend(read_back(draw_sheet(drawing, rng), drawing, rng))
        if number % 50 == 49:
            print(f"{number + 1} sheets, {len(boxes)} boxes", flush=True)
    np.savez(
        arguments.out,
        pictures=np.stack([box.picture for box in boxes]),
        classes=np.array([CLASSES.index(box.named) for box in boxes]),
        ways=np.array([box.way for box in boxes]),
    )


def draw_sheet(drawing: Drawing, rng: np.random.Generator) -> Sheet:
    """Print a sheet of boxes and mark them with four hands."""
    layout = drawing.sheet(rng)
    blank = next(printed_pages(print_copies(layout, [copy_code(int(rng.integers(31**7)))], "one"), DPI))
    paper = Paper(blank.copy(), PX_PER_MM)
    hands = [random_hand(drawing.pens, rng) for _ in range(4)]
    ways = tuple(_random_way(drawing.left_alone, rng) for _ in layout.pages[0].fields)
    for field, way in zip(layout.pages[0].fields, ways, strict=True):
        if way is not None:
            put(way, paper, field.box, hands[int(rng.integers(4))], rng)
    _leave_strays(paper, hands[0], rng)
    return Sheet(layout, blank, paper.grey, ways)


def _random_way(left_alone: float, rng: np.random.Generator) -> Way | None:
    if rng.random() < left_alone:
        return None
    weights = np.array(list(WAYS.values()))
    return list(WAYS)[int(rng.choice(len(WAYS), p=weights / weights.sum()))]


def random_hand(pens: tuple[Pen, ...], rng: np.random.Generator) -> Hand:
    """Return any pen in any hand: half of them these pens, half something else."""
    pen = pens[int(rng.integers(len(pens)))]
    if rng.random() < 0.5:
        pen = Pen(
            "any",
            float(rng.uniform(0.22, 1.3)),
            float(rng.uniform(0.28, 0.97)),
            float(rng.choice((0.02, rng.uniform(0, 0.6)))),
            float(rng.uniform(0.05, 0.3)),
        )
    care = Care(float(rng.uniform(0.1, 1.0)), float(rng.uniform(0.03, 0.3)), float(rng.uniform(0.01, 0.15)))
    return Hand(pen, care)


def _leave_strays(paper: Paper, hand: Hand, rng: np.random.Generator) -> None:
    for _ in range(int(rng.poisson(3))):
        x, y = rng.uniform((30, 48), (185, 250))
        angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 12)
        end = (float(x + length * np.cos(angle)), float(y + length * np.sin(angle)))
        paper.draw([curve([(float(x), float(y)), end], 0.03, rng)], hand.pen, rng)


def read_back(sheet: Sheet, drawing: Drawing, rng: np.random.Generator) -> Iterator[DrawnBox]:
    """Return a sheet, register it as any page, and give each box as the network sees it.

    Ink that the scan lost, such as faint pencil in black and white, is not asked for: the box is left out, or is a
    box to doubt while some of it can still be seen.
    """
    page = _registered(sheet, random_condition(drawing, rng), rng)
    if page is None:
        return
    boxes = [placed.box for placed in page.fields]
    pictures = box_pictures(page, boxes)
    inked_of = inked_boxes(pictures, boxes)
    asked = np.array(
        [not drawing.sees_around or page.image.bitonal or not inked.is_plain_paper for inked in inked_of]
    ).nonzero()[0]
    seen = views(page, [boxes[number] for number in asked], pictures[asked]) if drawing.sees_around else pictures
    for picture, number in zip(seen, asked, strict=True):
        way, inked = sheet.ways[number], inked_of[number]
        named = CLASS_OF[way] if way else _untouched(sheet, sheet.layout.pages[0].fields[number].box)
        if way in (Way.RING, Way.BESIDE) or named == "empty":
            yield DrawnBox(picture, way or "", named)
        elif inked.ink > 0.0:
            faded = named in ("marked", "cancelled") and inked.ink < LEAST_INK_MM2
            yield DrawnBox(picture, way or "", "unsure" if faded else named)


def _untouched(sheet: Sheet, box: Box) -> str:
    """What a box is that nothing was meant for: empty, or crossed by a stroke that began elsewhere."""
    inside = box.grown(-INSET_MM)
    left, top, right, bottom = (round(side * PX_PER_MM) for side in (inside.x, inside.y, inside.right, inside.bottom))
    darker = sheet.blank[top:bottom, left:right].astype(np.int16) - sheet.page[top:bottom, left:right]
    return "empty" if np.count_nonzero(darker > INKED_GREYS) / PX_PER_MM**2 < 0.05 else "stray"


def _registered(sheet: Sheet, condition: Condition, rng: np.random.Generator) -> RegisteredPage | None:
    layout = sheet.layout
    returned = send(condition, sheet.blank, sheet.page, layout.pages[0], layout.paper_mm, rng)
    image = open_page(returned.data, 0)
    if not isinstance(image, PageImage):
        return None
    identified = identify(without_streaks(image))
    if not isinstance(identified, IdentifiedPage):
        return None
    registered = register(identified, layout.pages[0], layout.paper_mm)
    return registered if isinstance(registered, RegisteredPage) else None


def random_condition(drawing: Drawing, rng: np.random.Generator) -> Condition:
    """Return one of the conditions that the reader is held to, or any other scanner."""
    kind = rng.random()
    if kind < drawing.any_scanner:
        return Condition("any", random_scanner)
    conditions = SPOILING if kind < drawing.any_scanner + drawing.spoiling else AS_RETURNED
    return conditions[int(rng.integers(len(conditions)))]


def random_scanner(rng: np.random.Generator) -> Scanner:
    """Return any scanner: mostly everyday ones at 100 to 400 dpi, some poor, a few phones."""
    kind = rng.random()
    if kind < 0.5:
        return ordinary_scanner(rng, int(rng.choice((100, 150, 200, 200, 300, 300, 300, 400))))
    if kind < 0.9:
        return replace(hard_scanner(rng, int(rng.choice((150, 200, 300)))), turn=float(rng.uniform(-5, 5)))
    return phone(rng)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--for", dest="network", choices=DRAWINGS, required=True, help="the network to be trained")
    parser.add_argument("--sheets", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other sheets, to test on")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
