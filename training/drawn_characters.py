"""Boxes as people fill them and scanners see them: what the networks for characters are trained on.

    python -m training.drawn_characters --for any --glyphs emnist_byclass.npz --faces fonts/ --out characters.npz
    python -m training.drawn_characters --for black-and-white --glyphs … --faces … --out black-and-white.npz

Rows of boxes are printed, filled by simulated hands and scanned in many ways, then cut out and cleaned by the
reader itself. The second network sees what scans in two tones leave of ball pens: thin, broken, narrow characters.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.practice.boxes import PRINTED_AT, Fill, Row, fill_boxes
from pipeline.practice.handwriting import cropped, slanted, write_at
from pipeline.practice.pens import ORDINARY_PENS, Cover, Grey, Pen, curve, draw
from pipeline.practice.scanner import Scanner, hard_scanner, ordinary_scanner
from pipeline.reading.glyphs import find_glyphs
from pipeline.reading.readings import ALPHABET
from training.glyphs import Glyph, Glyphs, any_form, load_glyphs, set_faces
from training.strokes import along, enlarged, middle_lines

SPOILT = len(ALPHABET)
"""The class, after the 36 characters, of a box that holds something other than one character."""

BOXES_IN_A_ROW = 9

ROWS_AT_ONCE = 300
"""Rows that one process draws before it hands them over."""

ACROSS_THE_LINE = 0.1
"""Share of the characters that are written up to a quarter out of their box."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one row is written: with which pen, leaning how much, how high in parts of the box, strokes as fine as what.

    `strokes` is the darkness (of 1) of a glyph from which it is ink, None where it is left as it is. Where it is to be
    `redrawn`, the pen follows the middle of the glyph's strokes, and its own width is theirs. `narrow` is the width of
    a character as a share of what it would be.
    """

    pen: Pen
    lean: float
    height: float
    strokes: float | None
    redrawn: bool = False
    narrow: float = 1.0


@dataclass(frozen=True, slots=True)
class Ways:
    """What one network is to know: how many boxes of each kind to draw, by which hands, scanned how.

    A box with less than `least_ink` (mm²) of its character left is left out.
    """

    per_digit: int
    per_letter: int
    spoilt: int
    hand: Callable[[np.random.Generator], Hand]
    scanner: Callable[[np.random.Generator], Scanner]
    least_ink: float


Drawn = tuple[NDArray[np.uint8], int]
"""What the reader would give the network, and its class."""


def main() -> None:
    """Draw the boxes of each part and save them: PART_pictures (n, 28, 28) uint8 and PART_classes (n,)."""
    arguments = _arguments()
    ways, split = WAYS[arguments.ways], load_glyphs(arguments.glyphs)
    faces, held_out = (set_faces(arguments.faces, held_out=out) for out in (False, True))
    draw = partial(draw_part, workers=arguments.workers)
    parts = {
        "train": draw(ways, split.train, faces, _classes(ways.per_digit, ways.per_letter, ways.spoilt), 1),
        "calibration": draw(ways, split.calibration, faces, _classes(1000, 400, 1500), 2),
        "test": draw(ways, split.test, held_out, _classes(1000, 400, 1500), 3),
    }
    drawn = {f"{part}_pictures": pictures for part, (pictures, _) in parts.items()}
    classes = {f"{part}_classes": classes for part, (_, classes) in parts.items()}
    np.savez(arguments.out, **drawn, **classes)
    print({name: len(some) for name, some in classes.items()})


def _classes(per_digit: int, per_letter: int, spoilt: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(SPOILT + 1), [per_digit] * 10 + [per_letter] * 26 + [spoilt])


def draw_part(
    ways: Ways, written: Glyphs, set_in_type: Glyphs, classes: NDArray[np.int64], seed: int, *, workers: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Fill and scan a box for each class, in any order, and take the glyphs out of them exactly as the reader does."""
    mixed = np.random.default_rng(seed).permutation(classes)
    pieces = [
        mixed[start:][: ROWS_AT_ONCE * BOXES_IN_A_ROW] for start in range(0, len(mixed), ROWS_AT_ONCE * BOXES_IN_A_ROW)
    ]
    seeds = [(seed, number) for number in range(len(pieces))]
    with ProcessPoolExecutor(workers) as pool:
        drawn = list(chain.from_iterable(pool.map(partial(_draw_piece, ways, written, set_in_type), pieces, seeds)))
    return np.stack([picture for picture, _ in drawn]), np.array([named for _, named in drawn])


def _draw_piece(
    ways: Ways, written: Glyphs, set_in_type: Glyphs, classes: NDArray[np.int64], seed: tuple[int, int]
) -> list[Drawn]:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    rows = [classes[start : start + BOXES_IN_A_ROW] for start in range(0, len(classes), BOXES_IN_A_ROW)]
    return list(chain.from_iterable(_draw_row(ways, row, written, set_in_type, rng) for row in rows))


def _draw_row(
    ways: Ways, classes: NDArray[np.int64], written: Glyphs, set_in_type: Glyphs, rng: np.random.Generator
) -> Iterator[Drawn]:
    """Draw one row in one hand; what the scan left no ink of is left out."""

    def any_glyph(named: int) -> Glyph:
        return any_form(ALPHABET[named], written, set_in_type, rng)

    hand = ways.hand(rng)
    fills = [
        something_else(hand, any_glyph(rng.integers(SPOILT)), any_glyph(rng.integers(SPOILT)), rng)
        if named == SPOILT
        else one_character(hand, any_glyph(named), rng)
        for named in classes
    ]
    boxes = fill_boxes(fills, ways.scanner(rng), rng, random_row(rng))
    for found, named in zip(find_glyphs(boxes), classes.tolist(), strict=True):
        if found.ink > ways.least_ink:
            yield found.picture, named


def random_row(rng: np.random.Generator) -> Row:
    """Return boxes of any size that is printed, their frames grey or black."""
    width = float(rng.uniform(5.0, 9.0))
    return Row(
        box_mm=(width, width * float(rng.uniform(1.0, 1.4))),
        gap_mm=float(rng.choice((0.0, rng.uniform(0.5, 2.0)))),
        frame_grey=int(rng.choice((128, 128, rng.integers(20, 150)))),
        frame_px=int(rng.choice((3, 3, rng.integers(1, 5)))),
    )


def random_hand(rng: np.random.Generator) -> Hand:
    """Return any pen in any hand: half of them the usual pens, half something else."""
    pen = ORDINARY_PENS[int(rng.integers(len(ORDINARY_PENS)))]
    if rng.random() < 0.5:
        grain = float(rng.choice((0.02, rng.uniform(0, 0.6))))
        pen = Pen(
            "any", float(rng.uniform(0.25, 1.0)), float(rng.uniform(0.3, 0.97)), grain, float(rng.uniform(0.05, 0.3))
        )
    return Hand(
        pen=pen,
        lean=float(rng.normal(0.05, 0.14)),
        height=float(rng.uniform(0.5, 0.9)),
        strokes=float(rng.uniform(0.25, 0.7)) if rng.random() < 0.5 else None,
    )


def random_thin_hand(rng: np.random.Generator) -> Hand:
    """Return a hand with a fine pen, whose characters are often narrow: seven in ten are redrawn with its own line."""
    redrawn = bool(rng.random() < 0.7)
    width = float(rng.uniform(0.16, 0.65) if redrawn else rng.uniform(0.2, 0.6))
    darkness, grain = float(rng.uniform(0.35, 0.97)), float(rng.choice((0.02, rng.uniform(0, 0.55))))
    return Hand(
        pen=Pen("fine", width, darkness, grain, float(rng.uniform(0.05, 0.35))),
        lean=float(rng.normal(0.08, 0.16)),
        height=float(rng.uniform(0.42, 0.95)),
        strokes=float(rng.uniform(0.25, 0.9)) if rng.random() < 0.6 else None,
        redrawn=redrawn,
        narrow=float(rng.uniform(0.5, 0.95)) if rng.random() < 0.5 else 1.0,
    )


def random_scanner(rng: np.random.Generator) -> Scanner:
    """Return any scanner, the paper lying straight: mostly everyday ones at 150 to 400 dpi, some poor."""
    dpi = int(rng.choice((150, 200, 200, 300, 300, 300, 400)))
    scanner = ordinary_scanner(rng, dpi) if rng.random() < 0.7 else hard_scanner(rng, dpi)
    straight = replace(scanner, turn=0.0, upside_down=False, scale=1.0, shift=(0.0, 0.0), stretch=0.0, photocopies=0)
    return replace(straight, streaks=0, speckle=min(scanner.speckle, int(rng.integers(0, 6))))


def random_two_tone_scanner(rng: np.random.Generator) -> Scanner:
    """Return any scanner, most of them making two tones of what they see."""
    scanner = random_scanner(rng)
    return replace(scanner, bitonal=int(rng.integers(115, 215))) if rng.random() < 0.85 else scanner


WAYS = {
    "any": Ways(15_000, 6_000, 28_000, random_hand, random_scanner, least_ink=0.0),
    "black-and-white": Ways(9_000, 10_000, 26_000, random_thin_hand, random_two_tone_scanner, least_ink=0.5),
}
"""By network. Digits are what forms ask for most, and what numbers and dates hang on; the network for black and white
is asked about names more than about anything else. Faint rows leave nothing but dust there, which is no character."""


def one_character(hand: Hand, glyph: Glyph, rng: np.random.Generator) -> Fill:
    """One character, somewhere in its box, or a little out of it."""
    return partial(_write, hand, glyph, rng, (0.5, 0.5), 1.0)


def _write(
    hand: Hand,
    glyph: Glyph,
    rng: np.random.Generator,
    about: tuple[float, float],
    share: float,
    strip: Grey,
    box: Box,
) -> None:
    """Write a glyph around a place of the box (in parts of it), in `share` of the width it would have alone."""
    tall = box.h * np.clip(hand.height + rng.normal(0.0, 0.07), 0.4, 0.97)
    wide = box.w * rng.uniform(0.8, 1.0) * share
    cover, zoom = _to_scale(hand, _narrowed(glyph, hand.narrow), (float(wide), float(tall)), rng)
    inked = slanted(cover, zoom, hand.lean + rng.normal(0.0, 0.07), rng.normal(0.0, 0.07))
    size = np.array(inked.shape[::-1]) / PRINTED_AT
    room = np.maximum((box.w * share, box.h) - size, 0.0)
    aim = np.array((box.x, box.y)) + np.array(about) * (box.w, box.h)
    aim = aim + rng.uniform(-0.5, 0.5, 2) * room + rng.normal(0.0, 0.02, 2) * (box.w, box.h)
    if rng.random() < ACROSS_THE_LINE:
        aim = aim + rng.choice((-1, 1), 2) * (rng.random(2) < 0.6) * (room / 2 + rng.uniform(0.0, 0.25, 2) * size)
    write_at(strip, PRINTED_AT, inked, (float(aim[0]), float(aim[1])), hand.pen, rng)


def _narrowed(glyph: Glyph, share: float) -> Glyph:
    if share == 1.0:
        return glyph
    size = (max(6, round(glyph.shape[1] * share)), glyph.shape[0])
    return np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _to_scale(hand: Hand, glyph: Glyph, room_mm: tuple[float, float], rng: np.random.Generator) -> tuple[Cover, float]:
    """The ink of a glyph, and by how much it is to be enlarged to fill as much of a room as it can."""
    if not hand.redrawn:
        cover = cropped(_with_strokes(glyph, hand.strokes))
        return cover, min(room_mm[1] / cover.shape[0], room_mm[0] / cover.shape[1]) * PRINTED_AT
    middles = middle_lines(glyph)
    zoom = min(room_mm[1] / middles.shape[0], room_mm[0] / middles.shape[1]) * PRINTED_AT
    return along(middles, hand.pen.width * PRINTED_AT / zoom, hand.pen.pressure, rng), zoom


def _with_strokes(glyph: Glyph, level: float | None) -> Cover:
    """A glyph four times as fine, with strokes as wide as its ink darker than `level`."""
    if level is None:
        return glyph
    fine = enlarged(glyph)
    return np.rint(255.0 * np.clip((fine - level) * 4.0 + 0.5, 0.0, 1.0)).astype(np.uint8)


Spoil = Callable[[Hand, Glyph, Glyph, np.random.Generator, Grey, Box], None]
"""Puts into a box something other than one character; the two given are what it may have started as."""


def something_else(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator) -> Fill:
    """What is no character, though it may have started as one of two."""
    way = _WAYS_TO_SPOIL[int(rng.integers(len(_WAYS_TO_SPOIL)))]
    return partial(way, hand, glyph, other, rng)


def _strike_out(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """A character with one to four lines, or a cross, drawn right through and past it."""
    one_character(hand, glyph, rng)(strip, box)
    across = rng.random() < 0.6
    for line in range(int(rng.integers(1, 5))):
        at = rng.uniform(0.3, 0.7)
        if across:
            ends = [(0.02, at + rng.uniform(-0.15, 0.15)), (0.98, at + rng.uniform(-0.15, 0.15))]
        elif line % 2:
            ends = [(rng.uniform(0, 0.15), rng.uniform(0, 0.2)), (rng.uniform(0.85, 1), rng.uniform(0.8, 1))]
        else:
            ends = [(rng.uniform(0, 0.15), rng.uniform(0.8, 1)), (rng.uniform(0.85, 1), rng.uniform(0, 0.2))]
        _stroke(hand, ends, rng, strip, box)


def _scribble(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """A zigzag over a character until it is gone, or nearly; at its thickest the box is filled."""
    if rng.random() < 0.8:
        one_character(hand, glyph, rng)(strip, box)
    turns = int(rng.integers(5, 26))
    along = np.linspace(rng.uniform(0.05, 0.3), rng.uniform(0.7, 0.95), turns)
    low, high = rng.uniform(0.05, 0.35), rng.uniform(0.65, 0.95)
    across = np.where(np.arange(turns) % 2, low, high) + rng.normal(0.0, 0.06, turns)
    x, y = (along, across) if rng.random() < 0.5 else (across, along)
    _stroke(hand, list(zip(x.tolist(), y.tolist(), strict=True)), rng, strip, box)


def _write_two(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """Two characters side by side in one box."""
    _write(hand, glyph, rng, (0.26, 0.5), 0.5, strip, box)
    _write(hand, other, rng, (0.74, 0.5), 0.5, strip, box)


def _write_over(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """One character written over another."""
    one_character(hand, glyph, rng)(strip, box)
    one_character(hand, other, rng)(strip, box)


def _dash(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """A short level line, as people draw through boxes they do not need."""
    y, tilt = rng.uniform(0.3, 0.8), rng.uniform(-0.06, 0.06)
    _stroke(hand, [(rng.uniform(0.1, 0.4), y + tilt), (rng.uniform(0.6, 0.95), y - tilt)], rng, strip, box)


def _dot(hand: Hand, glyph: Glyph, other: Glyph, rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """A full stop, a comma, the touch of a resting pen."""
    x, y = rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.9)
    _stroke(hand, [(x, y), (x + rng.uniform(-0.05, 0.04), y + rng.uniform(0.0, 0.12))], rng, strip, box)


def _stroke(hand: Hand, points: Sequence[tuple[float, float]], rng: np.random.Generator, strip: Grey, box: Box) -> None:
    """A pen's way through points given in parts of the box."""
    placed = [(box.x + float(x) * box.w, box.y + float(y) * box.h) for x, y in points]
    draw(strip, PRINTED_AT, [curve(placed, 0.05, rng)], hand.pen, rng)


_WAYS_TO_SPOIL: tuple[Spoil, ...] = (
    _strike_out,
    _strike_out,
    _scribble,
    _scribble,
    _write_two,
    _write_over,
    _dash,
    _dot,
)
"""Striking out and scribbling over are what forms ask for and people do, hence twice."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--for", dest="ways", choices=WAYS, default="any", help="which network is to be trained on them"
    )
    parser.add_argument("--glyphs", type=Path, required=True, help="emnist_byclass.npz")
    parser.add_argument("--faces", type=Path, required=True, help="folder of handwriting faces, a folder each")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    return parser.parse_args()


if __name__ == "__main__":
    main()
