"""Boxes as people mark them and scanners see them: what the network for marks is trained on.

    python -m training.drawn_marks --sheets 400 --out marks.npz

Sheets of boxes are printed as forms are, marked by simulated hands, scanned in many ways, registered and cut by the
reader itself. What a box is called depends on the ink that really is in it, not on what the hand set out to draw:
a scribble that filled a box is a filled box.
"""

from __future__ import annotations

import argparse
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.code import copy_code, layout_code
from pipeline.form.layout import Box, Field, Layout, PageLayout, PrintedCode, Stroke, TextRun
from pipeline.form.printing import print_copies
from pipeline.page.identify import IdentifiedPage, identify
from pipeline.page.image import PageImage
from pipeline.page.register import RegisteredPage, register
from pipeline.practice.handwriting import FACES, letter
from pipeline.practice.marks import Care, Mark, filling_traces, mark_traces
from pipeline.practice.pens import FAINT_PENCIL, ORDINARY_PENS, Grey, Pen, Trace, curve, draw, soak
from pipeline.practice.printer import printed_pages
from pipeline.practice.scanner import Scanner, as_jpeg, hard_scanner, ordinary_scanner, phone, scan
from pipeline.reading.marks import BoxPicture, box_pictures, measure_ink

CLASSES = ("empty", "marked", "cancelled", "unsure")
"""In the order of the network's outputs."""

DPI = 300
PX_PER_MM = DPI / 25.4
"""Scale at which sheets are marked."""

PAPER_MM = (210.0, 297.0)

PITCH_MM = (18.0, 15.5)
"""Boxes of up to 10.5 mm stand this far apart, so that their white is the 5 mm that forms keep."""

SIDES_MM = (5.5, 10.5)

CORNERS_MM = ((13, 19), (190, 19), (190, 271), (13, 271))

INSET_MM = 0.55
"""Ink is counted this far inside the frame, as the reader does."""

INKED_GREYS = 22
"""Grey levels by which a marked pixel is darker than the print below it."""

FILLED, NOT_FILLED = 0.9, 0.72
"""Share of a box inked from which it is filled in, and up to which it is not; in between a person must look."""

LEAST_INK_MM2 = 0.6
"""A mark that leaves less in its box is for a person."""

LEAST_REACH, MOST_INK_BEYOND_MM2 = 0.7, 0.5
"""A single stroke is a mark when it spans this share of the box and leaves no more ink than this farther than 2.5 mm
off; a longer one may have slipped through."""

LEAST_SHARE_INSIDE = 0.3
"""So is one that lies mostly outside."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of boxes: as printed, as marked, and the class of each box (-1: not used)."""

    layout: Layout
    page: Grey
    classes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person marks a sheet."""

    pen: Pen
    care: Care


def main() -> None:
    """Draw, scan, read back and save: `pictures` (n, 51, 51) uint8, `classes` (n,), `inks` (n,) mm² as measured."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    pictures, classes, inks = [], [], []
    for number in range(arguments.sheets):
        rng = np.random.default_rng((arguments.seed, number))
        for picture, ink, named in _read_back(draw_sheet(rng), rng):
            pictures.append(picture.for_network)
            classes.append(named)
            inks.append(ink)
        if number % 50 == 49:
            print(f"{number + 1} sheets, {len(classes)} boxes: {np.bincount(classes)}", flush=True)
    np.savez(arguments.out, pictures=np.stack(pictures), classes=np.array(classes), inks=np.array(inks, np.float32))


def draw_sheet(rng: np.random.Generator) -> Sheet:
    """Print a sheet of boxes and mark them with one or two hands."""
    layout = _layout(rng)
    code = copy_code(int(rng.integers(31**7)))
    blank = next(printed_pages(print_copies(layout, [code], "one"), DPI))
    page = blank.copy()
    hands = [random_hand(rng) for _ in range(4)]
    fields = layout.pages[0].fields
    meant = [_mark_box(page, field.box, hands[int(rng.integers(4))], rng) for field in fields]
    _leave_strays(page, hands[0], rng)
    classes = [_class_of(blank, page, field.box, wish) for field, wish in zip(fields, meant, strict=True)]
    return Sheet(layout, page, np.array(classes))


def _layout(rng: np.random.Generator) -> Layout:
    side = float(rng.choice((6.0, 6.0, 9.0, rng.uniform(*SIDES_MM))))
    across, down = int((188 - 30) / PITCH_MM[0]), int((250 - 48) / PITCH_MM[1])
    places = [(30 + PITCH_MM[0] * (column), 48 + PITCH_MM[1] * row) for row in range(down) for column in range(across)]
    fields = tuple(Field("box", "mark", Box(x, y, side, side), value=str(n)) for n, (x, y) in enumerate(places))
    words = tuple(
        TextRun(x + side + 4.0, y + side - 1.5, str(rng.choice(list(string.ascii_letters))), "regular", 9)
        for x, y in places
        if side <= 6.5
    )
    rows = sorted({y for _, y in places})
    lines = tuple(Stroke(25, y + side + 2.7, 190, y + side + 2.7, 0.5, 0.65) for y in rows)
    drawings = words + lines if rng.random() < 0.5 else words
    codes = (
        PrintedCode("qr", Box(165, 19, 18, 18)),
        PrintedCode("qr", Box(27, 260, 18, 18)),
        *(
            PrintedCode("aruco", Box(x, y, 7, 7), id=n)
            for n, (x, y) in enumerate(((13, 19), (190, 19), (190, 271), (13, 271)))
        ),
    )
    page = PageLayout(1, codes, fields, drawings)
    return Layout(layout_code("marks"), "marks", "1", "clear", "en", "a4", PAPER_MM, (page,))


def random_hand(rng: np.random.Generator) -> Hand:
    """Return any pen in any hand: half of them the usual pens, half something else."""
    named = (*ORDINARY_PENS, FAINT_PENCIL)
    pen = named[int(rng.integers(len(named)))]
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


Way = Callable[[Grey, Box, Hand, np.random.Generator], None]
"""Draws something at a box."""


def _mark(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    usual = (Mark.CROSS, Mark.TICK, Mark.SCRIBBLE, Mark.SLASH, Mark.LINE)
    mark = usual[int(rng.choice(5, p=(0.32, 0.36, 0.16, 0.1, 0.06)))]
    _draw(page, mark_traces(mark, box, hand.care, rng), hand.pen, rng)


def _small_mark(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    shrunk = box.grown(-float(rng.uniform(0.18, 0.34)) * box.w)
    mark = Mark.CROSS if rng.random() < 0.5 else Mark.TICK
    _draw(page, mark_traces(mark, shrunk, hand.care, rng), hand.pen, rng)


def _filled(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    _draw(page, mark_traces(Mark.FILLED, box, hand.care, rng), hand.pen, rng)


def _taken_back(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    _mark(page, box, hand, rng)
    _draw(page, filling_traces(box, hand.pen, hand.care, rng), hand.pen, rng)


def _dot(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    x, y = np.array(box.centre) + rng.uniform(-0.4, 0.4, 2) * box.w
    end = (float(x + rng.uniform(0.05, 0.5)), float(y + rng.uniform(0, 0.4)))
    _draw(page, [curve([(float(x), float(y)), end], 0.02, rng)], hand.pen, rng)


def _dash(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    half, (x, y) = float(rng.uniform(0.15, 0.5)) * box.w, box.centre
    y += float(rng.normal(0, 0.15)) * box.h
    _draw(page, [curve([(x - half, y), (x, y + 0.1), (x + half, y)], hand.care.tremor, rng)], hand.pen, rng)


def _draw(page: Grey, traces: Sequence[Trace], pen: Pen, rng: np.random.Generator) -> None:
    draw(page, PX_PER_MM, traces, pen, rng)


def _letter(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Write a letter or a figure into the box, as some people do: x, v, y, o, 1."""
    glyph = letter(str(rng.choice(list("xXvVyYoO1iIn"))), FACES[int(rng.integers(len(FACES)))])
    height = float(rng.uniform(0.55, 1.1)) * box.h * PX_PER_MM
    size = max(2, round(glyph.shape[1] * height / glyph.shape[0])), max(2, round(height))
    written = cv2.resize(glyph, size, interpolation=cv2.INTER_AREA)
    x, y = (np.array(box.centre) + rng.normal(0, 0.08, 2) * box.w) * PX_PER_MM - np.array(size) / 2
    soak(page, round(x), round(y), np.asarray(written, dtype=np.uint8), hand.pen, rng)


def _loose_filling(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A zigzag over the box in a hurry: white stays between its lines, and its turns miss the sides."""
    step = float(rng.uniform(0.7, 2.2)) * hand.pen.width
    rows = np.linspace(0, box.h, max(4, round(box.h / step)))
    ends = np.where(np.arange(len(rows)) % 2, box.w, 0.0) + rng.normal(0, 0.12 * box.w, len(rows))
    points = np.column_stack([ends, rows] if rng.random() < 0.5 else [rows, ends])
    points[:, 0] += float(rng.uniform(-0.4, 0.4)) * (points[:, 1] - box.h / 2)
    path = [(box.x + float(x), box.y + float(y)) for x, y in points]
    _draw(page, [curve(path, hand.care.tremor, rng)], hand.pen, rng)


def _stroke_through(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A stroke of 3 to 25 mm somewhere through or beside the box, of a slipping pen or a neighbour's long tick."""
    middle = np.array(box.centre) + rng.uniform(-0.6, 0.6, 2) * box.w
    angle = rng.uniform(0, np.pi)
    reach = float(rng.uniform(1.5, 12)) * np.array([np.cos(angle), np.sin(angle)])
    off, bend = rng.uniform(0, 1) * reach, rng.normal(0, 0.4, 2)
    points = [(float(x), float(y)) for x, y in (middle - reach + off, middle + bend, middle + reach + off)]
    _draw(page, [curve(points, 0.05, rng)], hand.pen, rng)


def _ring(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    angles = rng.uniform(0, 6) + np.linspace(0, 2 * np.pi + 0.4, 14)
    radius = float(rng.uniform(0.5, 0.8)) * box.w
    x, y = np.array(box.centre) + rng.normal(0, 0.1, 2) * box.w
    points = [(float(x + radius * 1.1 * np.cos(a)), float(y + radius * np.sin(a))) for a in angles]
    _draw(page, [curve(points, 0.08, rng)], hand.pen, rng)


def _nothing(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> None:
    pass


class Meant(StrEnum):
    """What a way of drawing was to say; a stroke may be a mark or a slip of the pen, a doubt says nothing clear."""

    NOTHING = "nothing"
    MARK = "mark"
    FILLING = "filling"
    STROKE = "stroke"
    DOUBT = "doubt"


WAYS: tuple[tuple[Way, Meant, float], ...] = (
    (_nothing, Meant.NOTHING, 0.31),
    (_mark, Meant.MARK, 0.27),
    (_letter, Meant.MARK, 0.04),
    (_small_mark, Meant.MARK, 0.03),
    (_filled, Meant.MARK, 0.03),
    (_dash, Meant.MARK, 0.04),
    (_taken_back, Meant.FILLING, 0.09),
    (_loose_filling, Meant.FILLING, 0.06),
    (_dot, Meant.DOUBT, 0.05),
    (_stroke_through, Meant.STROKE, 0.06),
    (_ring, Meant.DOUBT, 0.02),
)
"""Everything done to boxes, what it is to say, and its share."""


def _mark_box(page: Grey, box: Box, hand: Hand, rng: np.random.Generator) -> Meant:
    """Do something to a box, and return what it was to say."""
    draw_it, meant, _ = WAYS[int(rng.choice(len(WAYS), p=[share for *_, share in WAYS]))]
    draw_it(page, box, hand, rng)
    return meant


def _leave_strays(page: Grey, hand: Hand, rng: np.random.Generator) -> None:
    for _ in range(int(rng.poisson(3))):
        x, y = rng.uniform((30, 48), (185, 250))
        angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 12)
        end = (float(x + length * np.cos(angle)), float(y + length * np.sin(angle)))
        _draw(page, [curve([(float(x), float(y)), end], 0.03, rng)], hand.pen, rng)


def _class_of(blank: Grey, page: Grey, box: Box, meant: Meant) -> int:
    """What a box is, by the ink in it and what was meant."""
    ink, inside = _ink_mm2(blank, page, box.grown(-INSET_MM)), (box.w - 2 * INSET_MM) ** 2
    if ink / inside >= FILLED:
        return CLASSES.index("cancelled")
    if meant is Meant.NOTHING:
        return CLASSES.index("empty" if ink < 0.05 else "unsure")
    if meant is Meant.DOUBT or (meant is Meant.STROKE and not _crosses(blank, page, box)):
        return CLASSES.index("unsure") if ink >= 0.1 else -1
    if meant is Meant.FILLING or ink / inside > NOT_FILLED:
        return CLASSES.index("unsure")
    whole = _ink_mm2(blank, page, box.grown(2.5))
    is_clear = ink >= LEAST_INK_MM2 and ink >= LEAST_SHARE_INSIDE * whole
    return CLASSES.index("marked" if is_clear else "unsure")


def _crosses(blank: Grey, page: Grey, box: Box) -> bool:
    """Whether ink runs through most of the box and its middle without going far beyond: a slash, not a slip."""
    inside = box.grown(-INSET_MM)
    left, top, right, bottom = (round(side * PX_PER_MM) for side in (inside.x, inside.y, inside.right, inside.bottom))
    darker = blank[top:bottom, left:right].astype(np.int16) - page[top:bottom, left:right] > INKED_GREYS
    rows, columns = np.flatnonzero(darker.any(axis=1)), np.flatnonzero(darker.any(axis=0))
    if not len(rows):
        return False
    reach = max(np.ptp(rows) / len(darker), np.ptp(columns) / darker.shape[1])
    middle = _ink_mm2(blank, page, box.grown(-0.3 * box.w)) > 0.1
    beyond = _ink_mm2(blank, page, box.grown(4.5)) - _ink_mm2(blank, page, box.grown(2.5))
    return bool(reach >= LEAST_REACH and middle and beyond <= MOST_INK_BEYOND_MM2)


def _ink_mm2(blank: Grey, page: Grey, box: Box) -> float:
    left, top, right, bottom = (round(side * PX_PER_MM) for side in (box.x, box.y, box.right, box.bottom))
    part = np.s_[max(0, top) : bottom, max(0, left) : right]
    darker = blank[part].astype(np.int16) - page[part]
    return float(np.count_nonzero(darker > INKED_GREYS)) / PX_PER_MM**2


def _read_back(sheet: Sheet, rng: np.random.Generator) -> Iterator[tuple[BoxPicture, float, int]]:
    """Scan a sheet, register it as any page, and give each box with the ink measured in it and its class.

    Ink that the scan lost, such as faint pencil in black and white, is not asked for: the box is left out, or is a
    box to doubt while some of it can still be seen.
    """
    page = _scanned(sheet, rng)
    if page is None:
        return
    pictures = box_pictures(page, [placed.box for placed in page.fields])
    empty, unsure = CLASSES.index("empty"), CLASSES.index("unsure")
    for picture, named in zip(pictures, sheet.classes, strict=True):
        ink = measure_ink(picture)
        if named < 0 or (named != empty and ink == 0.0):
            continue
        faded = named not in (empty, unsure) and ink < 0.5 * LEAST_INK_MM2
        yield picture, ink, unsure if faded else int(named)


def _scanned(sheet: Sheet, rng: np.random.Generator) -> RegisteredPage | None:
    scanner = random_scanner(rng)
    picture = scan(sheet.page, PX_PER_MM, scanner, rng)
    if scanner.bitonal is None:
        picture = cv2.imdecode(
            np.frombuffer(as_jpeg(picture, scanner.dpi, scanner.jpeg_quality), np.uint8), cv2.IMREAD_GRAYSCALE
        )
    image = PageImage(np.asarray(picture, dtype=np.uint8), (scanner.dpi, scanner.dpi), scanner.bitonal is not None)
    identified = identify(image)
    if not isinstance(identified, IdentifiedPage):
        return None
    registered = register(identified, sheet.layout.pages[0], sheet.layout.paper_mm)
    return registered if isinstance(registered, RegisteredPage) else None


def random_scanner(rng: np.random.Generator) -> Scanner:
    """Return any scanner: mostly everyday ones at 150 to 400 dpi, some poor, a few phones."""
    kind = rng.random()
    if kind < 0.6:
        return ordinary_scanner(rng, int(rng.choice((150, 200, 200, 300, 300, 300, 400))))
    if kind < 0.9:
        return replace(hard_scanner(rng, int(rng.choice((150, 200, 300)))), turn=float(rng.uniform(-5, 5)))
    return phone(rng)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other sheets, to test on")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
