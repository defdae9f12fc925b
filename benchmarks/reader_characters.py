"""How well boxed characters are read: held-out handwriting in printed boxes, scanned; single ones and whole fields.

Needs the shared glyphs (PILLARBOX_SHARED, or shared/data beside the checkout). The glyphs are those whose place in the
file ends in 0, which nothing was trained or tuned on. Options: --split calibration reads those that end in 1 instead,
which thresholds are chosen on, and tells what each threshold would give; --fields, how many dates, numbers and
postcodes; --seed.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from benchmarks.characters.guesses import guesses_by_kind
from benchmarks.characters.texts import (
    EARLIEST,
    FROM_ELSEWHERE,
    LARGEST_NUMBER,
    LATEST,
    LOCAL_POSTCODES,
    random_date,
    random_number,
    random_postcodes,
    written_postcode,
)
from benchmarks.characters.written import (
    BOXES_IN_A_ROW,
    CAPITALS,
    DIGITS,
    SMALL,
    SPLITS,
    Way,
    Writer,
    load,
    write_across_the_line,
    write_and_strike_out,
    write_crossed,
    write_plainly,
)
from pipeline.reading.grammar import (
    FieldReading,
    decode_code,
    decode_date,
    decode_number,
    decode_postcode,
)
from pipeline.reading.readings import CharacterReading
from pipeline.tables.intervals import clopper_pearson

GLYPHS = "glyphs/emnist_byclass.npz"
STATED_SEED = 11
STROKES = ("I", "L")
"""Half of people's look the same."""

BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0001)
"""Where probabilities are cut to compare what was said with what was right, and the thresholds that are tried."""


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
    for two_tones, scanned in ((False, "grey"), (True, "black_and_white")):
        anew = Writer(writer.glyphs, np.random.default_rng(options.seed))
        figures[f"rows_in_{scanned}"] = guesses_by_kind(anew, count // 3, two_tones=two_tones)
    print(json.dumps({"split": options.split, "seed": options.seed, **figures}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--fields", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=STATED_SEED)
    return parser.parse_args()


if __name__ == "__main__":
    main()
