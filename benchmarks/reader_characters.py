"""How well boxed characters are read: held-out handwriting in printed boxes, scanned; single ones and whole fields.

Needs the shared glyphs (PILLARBOX_SHARED, or shared/data beside the checkout). The glyphs are those whose place in the
file ends in 0, which nothing was trained or tuned on. Options: --split calibration reads those that end in 1 instead,
which thresholds are chosen on, and tells what each threshold would give; --fields, how many dates, numbers and
postcodes; --seed.
"""

import argparse
import json
import os
import string
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.layout import Box
from pipeline.practice.boxes import PRINTED_AT, Fill, fill_boxes, straight_scanner, usual_pen
from pipeline.practice.handwriting import Hand, cropped, slanted, write_at, write_in_box
from pipeline.practice.pens import Cover, Grey, Pen, curve, draw
from pipeline.reading.characters import CharacterReading, read_characters
from pipeline.reading.grammar import FieldReading, decode_code, decode_date, decode_number, decode_postcode
from pipeline.tables.intervals import clopper_pearson
from training.glyphs import wrong_labels

GLYPHS = "glyphs/emnist_byclass.npz"
STATED_SEED = 11
SPLITS = {"test": 0, "calibration": 1}
"""The last decimal of the place in the file of the glyphs of each split (training/glyphs.py)."""

SEEN_OTHERWISE = frozenset(
    (5860, 13510, 18740, 21500, 21770, 41540, 51080, 60340, 60790, 68080, 73490, 77240, 78520, 79460, 85690, 88150)
)
"""Places of held-out glyphs that a person took for another character than their label says.

Looked at were the glyphs that a network took for another, mixed with as many that it did not, without labels.
"""

DIGITS, CAPITALS, SMALL = string.digits, string.ascii_uppercase, string.ascii_lowercase
STROKES = ("I", "L")
"""Half of people's look the same."""

BOXES_IN_A_ROW = 10
EARLIEST, LATEST = date(1920, 1, 1), date(2026, 12, 31)
LARGEST_NUMBER = 120
LOCAL_POSTCODES, FROM_ELSEWHERE = 5000, 0.1
BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0001)
"""Where probabilities are cut to compare what was said with what was right, and the thresholds that are tried."""

Glyph = NDArray[np.uint8]
Way = Callable[[Grey, Box, Cover, Hand, Pen, np.random.Generator], None]
"""Writes a glyph into a box in some way."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Pictures (n, 28, 28) of each character, and for each whether its label is contradicted.

    By networks that did not learn from it (training/labels.py), or by a person.
    """

    pictures: Mapping[str, NDArray[np.uint8]]
    contradicted: Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One field: what was written, what was read, and whether a glyph in it bears a label that is contradicted."""

    truth: str
    read: FieldReading
    contradicted: bool = False

    @property
    def is_right(self) -> bool:
        """Whether the likeliest value is what was written."""
        return self.read.value == self.truth


def load(path: Path, split: str) -> Glyphs:
    """The glyphs of one split, by character, case kept."""
    with np.load(path) as archive:
        images, labels = archive["images"], archive["labels"]
    places = np.arange(SPLITS[split], len(labels), 10)
    wrong = np.isin(places, [*wrong_labels().tolist(), *SEEN_OTHERWISE])
    images, labels = images[places], labels[places]
    characters = DIGITS + CAPITALS + SMALL
    return Glyphs({c: images[labels == c] for c in characters}, {c: wrong[labels == c] for c in characters})


def write_plainly(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """As anybody writes in a box."""
    write_in_box(strip, PRINTED_AT, glyph, box, hand, pen, rng)


def write_crossed(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """With a bar through the stem, as most of Europe writes a 7."""
    fine = cv2.copyMakeBorder(cv2.resize(glyph, None, fx=4, fy=4), 0, 0, 30, 30, cv2.BORDER_CONSTANT, value=0)
    row = int(rng.uniform(0.48, 0.62) * len(fine))
    stem = float(np.flatnonzero(fine[row] > 128).max()) - 6
    reach, rise = rng.uniform(0.15, 0.3) * len(fine), rng.normal(0.0, 3.0)
    start, end = (round(stem - reach), round(row + rise)), (round(stem + reach), round(row - rise))
    cv2.line(fine, start, end, 255, int(rng.integers(7, 14)), cv2.LINE_AA)
    write_plainly(strip, box, cropped(np.asarray(fine, dtype=np.uint8)), hand, pen, rng)


def write_across_the_line(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """So that 5 to 20 % of the character's width or height lies beyond one side of the box."""
    tall = rng.uniform(0.58, 0.8) * box.h
    zoom = min(tall / glyph.shape[0], 0.82 * box.w / glyph.shape[1]) * PRINTED_AT
    cover = slanted(glyph, zoom, hand.lean, 0.0)
    half = np.array(cover.shape[::-1]) / PRINTED_AT / 2
    side, middle = int(rng.integers(2)), np.array(box.centre)
    off = (box.w / 2, box.h / 2)[side] + half[side] * (2 * rng.uniform(0.05, 0.2) - 1)
    middle[side] += rng.choice((-1, 1)) * off
    write_at(strip, PRINTED_AT, cover, (float(middle[0]), float(middle[1])), pen, rng)


def write_and_strike_out(strip: Grey, box: Box, glyph: Cover, hand: Hand, pen: Pen, rng: np.random.Generator) -> None:
    """And take it back: one to three lines through it, a cross over it, or a zigzag."""
    write_plainly(strip, box, glyph, hand, pen, rng)
    low, high = box.grown(-0.9), box.grown(0.4)
    match int(rng.integers(4)):
        case 0:
            heights = [box.y + box.h * rng.uniform(0.35, 0.65)]
            paths = [[(high.x, y), (high.right, y + rng.normal(0, 0.4))] for y in heights]
        case 1:
            heights = [box.y + box.h * share + rng.normal(0, 0.3) for share in (0.35, 0.5, 0.65)]
            paths = [[(low.x, y), (low.right, y + rng.normal(0, 0.3))] for y in heights]
        case 2:
            paths = [[(low.x, low.y), (low.right, low.bottom)], [(low.right, low.y), (low.x, low.bottom)]]
        case _:
            turns = int(rng.integers(7, 14))
            steps = np.linspace(low.x, low.right, turns).tolist()
            paths = [[(x, (low.y, low.bottom)[n % 2] + rng.normal(0, 0.3)) for n, x in enumerate(steps)]]
    draw(strip, PRINTED_AT, [curve(path, 0.05, rng) for path in paths], pen, rng)


class Writer:
    """Writes glyphs in boxes with any pen, scans them at 300 or 200 dpi, and reads them."""

    def __init__(self, glyphs: Glyphs, rng: np.random.Generator) -> None:
        self.glyphs = glyphs
        self.rng = rng
        self.reading_s = 0.0
        self.boxes = 0

    def read(self, row: Sequence[Glyph | None], way: Way = write_plainly) -> tuple[CharacterReading, ...]:
        """Write one row of boxes in one hand, None leaving a box empty; scan and read it."""
        rng = self.rng
        pen, hand = usual_pen(rng), Hand("caveat", 3.5, lean=float(rng.normal(0.05, 0.12)), slope=0.0, unrest=0.0)

        def written(glyph: Glyph) -> Fill:
            return lambda strip, box: way(strip, box, cropped(glyph), hand, pen, rng)

        scanner = straight_scanner(rng, int(rng.choice([300, 200])))
        crops = fill_boxes([None if glyph is None else written(glyph) for glyph in row], scanner, rng)
        start = time.process_time()
        readings = read_characters(crops)
        self.reading_s += time.process_time() - start
        self.boxes += len(crops)
        return readings

    def read_text(self, text: str) -> tuple[tuple[CharacterReading, ...], bool]:
        """Write a text in any glyphs of its characters; also whether one of them bears a contradicted label."""
        chosen = [None if c == " " else int(self.rng.integers(len(self.glyphs.pictures[c]))) for c in text]
        row = [None if n is None else self.glyphs.pictures[c][n] for c, n in zip(text, chosen, strict=True)]
        wrong = any(n is not None and self.glyphs.contradicted[c][n] for c, n in zip(text, chosen, strict=True))
        return self.read(row), wrong

    def read_every(self, characters: str, way: Way) -> Iterator[tuple[str, CharacterReading, bool]]:
        """Write every glyph of some characters once, in random order, and read each."""
        every = [(c, n) for c in characters for n in range(len(self.glyphs.pictures[c]))]
        mixed = [every[place] for place in self.rng.permutation(len(every))]
        for start in range(0, len(mixed), BOXES_IN_A_ROW):
            row = mixed[start : start + BOXES_IN_A_ROW]
            readings = self.read([self.glyphs.pictures[c][n] for c, n in row], way)
            for (c, n), reading in zip(row, readings, strict=True):
                yield c, reading, bool(self.glyphs.contradicted[c][n])


def decode_digit(reading: CharacterReading) -> FieldReading:
    """A number of one figure."""
    return decode_number([reading], 0, 9)


def decode_capital(reading: CharacterReading) -> FieldReading:
    """A code of one letter."""
    return decode_code([reading], "A")


def share(n: int, of: int) -> dict[str, object]:
    """A share with its exact 95 % interval."""
    interval = clopper_pearson(n, of)
    return {
        "n": n,
        "of": of,
        "share": round(n / max(1, of), 4),
        "95%": [round(interval.low, 4), round(interval.high, 4)],
    }


def judge(answers: Sequence[Answer]) -> dict[str, object]:
    """How many are right when forced to choose, how many are accepted without a person, and how many of those wrong.

    Apart: the wrong ones in which no glyph bears a label that is contradicted.
    """
    accepted = [answer for answer in answers if answer.read.sure]
    clean = [answer for answer in accepted if not answer.contradicted]
    return {
        "right": share(sum(answer.is_right for answer in answers), len(answers)),
        "accepted": share(len(accepted), len(answers)),
        "accepted_wrong": share(sum(not answer.is_right for answer in accepted), len(accepted)),
        "accepted_wrong_labels_not_contradicted": share(sum(not answer.is_right for answer in clean), len(clean)),
    }


def characters(
    writer: Writer, written: str, decode: Callable[[CharacterReading], FieldReading], way: Way = write_plainly
) -> list[Answer]:
    """Every glyph of some characters, each in a field of its own."""
    return [Answer(c.upper(), decode(reading), wrong) for c, reading, wrong in writer.read_every(written, way)]


def without(answers: Sequence[Answer], characters: Sequence[str]) -> list[Answer]:
    """The answers whose truth is none of some characters."""
    return [answer for answer in answers if answer.truth not in characters]


def random_date(rng: np.random.Generator) -> tuple[str, str]:
    """A date within bounds as stored, and as written in eight boxes."""
    day = EARLIEST + timedelta(days=int(rng.integers((LATEST - EARLIEST).days)))
    return day.isoformat(), day.strftime("%d%m%Y")


def random_number(rng: np.random.Generator) -> tuple[str, str]:
    """A number within bounds as stored, and as written at one end of its boxes."""
    number, boxes = str(rng.integers(LARGEST_NUMBER + 1)), len(str(LARGEST_NUMBER))
    return number, number.rjust(boxes) if rng.random() < 0.3 else number.ljust(boxes)


def random_postcodes(rng: np.random.Generator) -> Iterator[str]:
    """Postcodes of areas all over the country, in the commoner forms."""
    areas = ["B", "CF", "E", "EH", "GL", "L", "LL", "LS", "M", "N", "NE", "NR", "OX", "S", "SA", "SE", "SW", "TR", "YO"]
    inward = list("ABDEFGHJLNPQRSTUWXYZ")
    while True:
        district = rng.integers(1, 30)
        yield f"{rng.choice(areas)}{district} {rng.integers(10)}{''.join(rng.choice(inward, 2))}"


def written_postcode(postcode: str, rng: np.random.Generator) -> str:
    """A postcode as written from the left in eight boxes, three people in ten closing it up."""
    return (postcode.replace(" ", "") if rng.random() < 0.3 else postcode).ljust(8)


def fields(
    writer: Writer, written: Sequence[tuple[str, str]], decode: Callable[[Sequence[CharacterReading]], FieldReading]
) -> list[Answer]:
    """Fields given as stored and as written, each box in another hand."""
    read = [(value, *writer.read_text(text)) for value, text in written]
    return [Answer(value, decode(readings), wrong) for value, readings, wrong in read]


def postcodes(writer: Writer, count: int) -> tuple[list[Answer], list[Answer]]:
    """Postcodes, most of them local, read without and with the list of local ones."""
    rng, everywhere = writer.rng, random_postcodes(writer.rng)
    local = [next(everywhere) for _ in range(LOCAL_POSTCODES)]
    values = [next(everywhere) if rng.random() < FROM_ELSEWHERE else str(rng.choice(local)) for _ in range(count)]
    read = [(value, *writer.read_text(written_postcode(value, rng))) for value in values]
    listed = frozenset(local)
    return (
        [Answer(value, decode_postcode(readings), wrong) for value, readings, wrong in read],
        [Answer(value, decode_postcode(readings, listed), wrong) for value, readings, wrong in read],
    )


def empty_boxes(writer: Writer, count: int) -> dict[str, object]:
    """Boxes in which nothing was written and that are read as blank."""
    rows = [writer.read([None] * BOXES_IN_A_ROW) for _ in range(count // BOXES_IN_A_ROW)]
    blank = sum(decode_digit(reading).blank for row in rows for reading in row)
    return share(blank, len(rows) * BOXES_IN_A_ROW)


def struck_out(answers: Sequence[Answer]) -> dict[str, object]:
    """Boxes taken back that were accepted all the same, and those in which no value was seen at all."""
    return {
        "accepted": share(sum(answer.read.sure for answer in answers), len(answers)),
        "no_value": share(sum(answer.read.value is None for answer in answers), len(answers)),
    }


def bands(answers: Sequence[Answer]) -> list[dict[str, object]]:
    """What probability was given on average, and how often the value was right, from band to band."""
    valued = [answer for answer in answers if answer.read.value is not None]
    told = []
    for low, high in pairwise(BANDS):
        inside = [answer for answer in valued if low <= answer.read.probability < high]
        if inside:
            said = sum(answer.read.probability for answer in inside) / len(inside)
            told.append({"from": low, "said": round(said, 4), **share(sum(a.is_right for a in inside), len(inside))})
    return told


def thresholds(answers: Sequence[Answer]) -> list[tuple[float, float, int]]:
    """For each threshold: the share of fields accepted from it on, and how many of those are wrong."""
    tried = (0.8, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999)
    return [
        (low, round(len(kept) / len(answers), 4), sum(not answer.is_right for answer in kept))
        for low in tried
        if (kept := [answer for answer in answers if answer.read.value is not None and answer.read.probability >= low])
    ]


def main() -> None:
    """Read everything and print the figures; the last line is one JSON object."""
    options = _options()
    cv2.setNumThreads(1)
    shared = Path(os.environ.get("PILLARBOX_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
    writer = Writer(load(shared / GLYPHS, options.split), np.random.default_rng(options.seed))
    rng, count = writer.rng, options.fields
    digits = characters(writer, DIGITS, decode_digit)
    capitals = characters(writer, CAPITALS, decode_capital)
    small = characters(writer, SMALL, decode_capital)
    dates = fields(writer, [random_date(rng) for _ in range(count)], lambda boxes: decode_date(boxes, EARLIEST, LATEST))
    numbers = fields(
        writer, [random_number(rng) for _ in range(count)], lambda boxes: decode_number(boxes, 0, LARGEST_NUMBER)
    )
    anywhere, local = postcodes(writer, count)
    across = characters(writer, DIGITS, decode_digit, write_across_the_line)
    across_capitals = characters(writer, CAPITALS, decode_capital, write_across_the_line)
    kinds = {
        "digits": digits,
        "capitals": capitals,
        "capitals_but_i_and_l": without(capitals, STROKES),
        "lower_case_as_capitals": small,
        "lower_case_but_i_and_l": without(small, STROKES),
        "dates": dates,
        "numbers": numbers,
        "postcodes": anywhere,
        "postcodes_with_local_list": local,
        "crossed_sevens": characters(writer, "7", decode_digit, write_crossed),
        "digits_across_the_line": across,
        "capitals_across_the_line": without(across_capitals, STROKES),
    }
    if options.split == "calibration":
        for name, answers in kinds.items():
            print(name, *thresholds(answers), sep="\n  ")
    figures: dict[str, object] = {name: judge(answers) for name, answers in kinds.items()}
    figures["empty_boxes_blank"] = empty_boxes(writer, 2000)
    figures["struck_out_digits"] = struck_out(characters(writer, DIGITS, decode_digit, write_and_strike_out))
    figures["struck_out_capitals"] = struck_out(characters(writer, CAPITALS, decode_capital, write_and_strike_out))
    figures["said_and_right"] = {
        "digits and capitals": bands([*digits, *capitals]),
        "dates and numbers": bands([*dates, *numbers]),
        "postcodes with a local list": bands(local),
    }
    figures["ms_per_box"] = round(1000 * writer.reading_s / writer.boxes, 3)
    print(json.dumps({"split": options.split, "seed": options.seed, **figures}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--fields", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=STATED_SEED)
    return parser.parse_args()


if __name__ == "__main__":
    main()
