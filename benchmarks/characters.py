"""How well boxed characters are read: held-out handwriting in drawn boxes, one by one and as whole fields.

Needs the shared glyphs (PILLARBOX_SHARED, or shared/data beside the checkout). An argument sets how many fields of
each kind are read (300 unless told). Digits and capitals are read once for every held-out glyph.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.practice.boxes import straight_scanner, usual_pen, write_boxes
from pipeline.reading.characters import ALPHABET, CharacterReading, read_characters
from pipeline.reading.grammar import FieldReading, decode_date, decode_number, decode_postcode

GLYPHS = "glyphs/emnist_byclass.npz"
SEED = 11
EARLIEST, LATEST = date(1920, 1, 1), date(2026, 12, 31)
LARGEST_NUMBER = 120
LOCAL_POSTCODES, FROM_ELSEWHERE = 5000, 0.1

Glyphs = Mapping[str, NDArray[np.uint8]]
Decode = Callable[[Sequence[CharacterReading]], FieldReading]


def held_out(path: Path) -> Glyphs:
    """The glyphs never trained on, by character: those whose place in the file ends in 0 (training/characters.py)."""
    with np.load(path) as archive:
        images, labels = archive["images"][::10], archive["labels"][::10]
    return {character: images[labels == character] for character in ALPHABET}


class Writer:
    """Writes held-out glyphs in boxes with any pen, scans them at 300 or 200 dpi, and reads them."""

    def __init__(self, glyphs: Glyphs, rng: np.random.Generator) -> None:
        self.glyphs = glyphs
        self.rng = rng
        self.reading_s = 0.0
        self.boxes = 0

    def any_glyph(self, character: str) -> NDArray[np.uint8]:
        """One of the ways a character was written."""
        images = self.glyphs[character]
        return np.asarray(images[self.rng.integers(len(images))], dtype=np.uint8)

    def read(self, text: str, glyphs: Callable[[str], NDArray[np.uint8]]) -> tuple[CharacterReading, ...]:
        """Write, scan and read one row of boxes."""
        scanner = straight_scanner(self.rng, int(self.rng.choice([300, 200])))
        crops = write_boxes(text, glyphs, usual_pen(self.rng), scanner, self.rng)
        start = time.process_time()
        readings = read_characters(crops)
        self.reading_s += time.process_time() - start
        self.boxes += len(crops)
        return readings

    def read_all(self, character: str) -> Iterator[CharacterReading]:
        """Read every held-out glyph of one character, ten to a row."""
        images = self.glyphs[character]
        for start in range(0, len(images), 10):
            row = images[start : start + 10]
            yield from self.read(character * len(row), _one_after_another(row))


def _one_after_another(glyphs: NDArray[np.uint8]) -> Callable[[str], NDArray[np.uint8]]:
    remaining = iter(glyphs)
    return lambda _: next(remaining)


def likeliest(reading: CharacterReading, allowed: str) -> str:
    """The character a box most looks like, of those allowed."""
    return max(allowed, key=reading.chance)


def count_right(writer: Writer, characters: str, allowed: str) -> tuple[float, float]:
    """Share of glyphs read rightly among the allowed, and share taken for a spoilt box."""
    read = [(character, reading) for character in characters for reading in writer.read_all(character)]
    right = sum(likeliest(reading, allowed) == character for character, reading in read)
    return right / len(read), sum(reading.spoilt > 0.5 for _, reading in read) / len(read)


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


def judge(read: Sequence[tuple[str, tuple[CharacterReading, ...]]], decode: Decode) -> dict[str, float]:
    """How many fields are exactly right, how many are accepted without a person, and how many of those wrongly."""
    decoded = [(truth, decode(readings)) for truth, readings in read]
    accepted = [(truth, field) for truth, field in decoded if field.sure]
    return {
        "fields": len(decoded),
        "exact": round(sum(field.value == truth for truth, field in decoded) / len(decoded), 4),
        "accepted": round(len(accepted) / len(decoded), 4),
        "accepted_wrong": sum(field.value != truth for truth, field in accepted),
    }


def measure_characters(writer: Writer) -> dict[str, float]:
    """Single characters, restricted to figures or to capitals. I and L apart: half of people's look the same."""
    digits, capitals = ALPHABET[:10], ALPHABET[10:]
    right_digits, digits_spoilt = count_right(writer, digits, digits)
    right_capitals, capitals_spoilt = count_right(writer, capitals, capitals)
    right_others, _ = count_right(writer, capitals.replace("I", "").replace("L", ""), capitals)
    return {
        "digits": round(right_digits, 4),
        "digits_taken_for_spoilt": round(digits_spoilt, 4),
        "capitals": round(right_capitals, 4),
        "capitals_taken_for_spoilt": round(capitals_spoilt, 4),
        "capitals_but_i_and_l": round(right_others, 4),
    }


def measure_dates(writer: Writer, fields: int) -> dict[str, float]:
    """Dates within a century."""
    written = [random_date(writer.rng) for _ in range(fields)]
    read = [(value, writer.read(text, writer.any_glyph)) for value, text in written]
    return judge(read, lambda boxes: decode_date(boxes, EARLIEST, LATEST))


def measure_numbers(writer: Writer, fields: int) -> dict[str, float]:
    """Numbers up to three figures."""
    written = [random_number(writer.rng) for _ in range(fields)]
    read = [(value, writer.read(text, writer.any_glyph)) for value, text in written]
    return judge(read, lambda boxes: decode_number(boxes, 0, LARGEST_NUMBER))


def measure_postcodes(writer: Writer, fields: int) -> dict[str, dict[str, float]]:
    """Postcodes, most of them local, read without and with the list of local ones."""
    rng, everywhere = writer.rng, random_postcodes(writer.rng)
    local = [next(everywhere) for _ in range(LOCAL_POSTCODES)]
    values = [next(everywhere) if rng.random() < FROM_ELSEWHERE else str(rng.choice(local)) for _ in range(fields)]
    read = [(value, writer.read(written_postcode(value, rng), writer.any_glyph)) for value in values]
    listed = frozenset(local)
    return {
        "postcode": judge(read, decode_postcode),
        "postcode_with_local_list": judge(read, lambda boxes: decode_postcode(boxes, listed)),
    }


def main() -> None:
    """Read everything and print the figures."""
    cv2.setNumThreads(1)
    shared = Path(os.environ.get("PILLARBOX_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
    fields = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    writer = Writer(held_out(shared / GLYPHS), np.random.default_rng(SEED))
    figures: dict[str, object] = {
        **measure_characters(writer),
        "date": measure_dates(writer, fields),
        "number": measure_numbers(writer, fields),
        **measure_postcodes(writer, fields),
    }
    figures["boxes_per_cpu_s"] = round(writer.boxes / writer.reading_s)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
