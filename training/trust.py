"""Find how far each reader of an unclear box is to be believed, for pipeline/reading/weighing.py.

    python -m training.trust --glyphs emnist_byclass.npz

Rows of calibration glyphs are written, as people do and worse, with a box spoilt here and there, scanned in two tones
and read by all readers. What makes the characters that were written likeliest is printed: with the reader of lines,
which has to be installed, and without it. Runs where pillarbox and its tests run.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.characters.texts import random_letters, random_names, random_postcodes
from benchmarks.characters.written import CAPITALS, DIGITS, Writer, load
from pipeline.practice.boxes import Fill, fill_boxes
from pipeline.reading.characters import read_characters
from pipeline.reading.grammar import SPECK_MM2, decode_postcode, decode_text
from pipeline.reading.readings import ALPHABET, CharacterReading
from pipeline.reading.second_opinion import ask_again
from pipeline.reading.weighing import LEAST_CHANCE, LEAST_SPOILT
from training.drawn_characters import SPOILT, WAYS, one_character, random_row, something_else

SEED = 1
ROWS = 4000
"""Rows in each of the three ways; every kind of text a third of them."""

SPOILT_IN_A_ROW, SPOILT_ON_PAPER = 0.06, 0.02
"""Share of boxes that are spoilt in the rows that have some, and the share that is counted on: weighed to be that."""

TONES = (120, 215)
"""Greys between which scans part black from white."""

Picture = NDArray[np.uint8]
Row = tuple[str, str, Sequence[Picture]]
"""The kind of text, what was written, `#` for a spoilt box, and the pictures of the boxes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Unclear boxes: what each reader saw, (n, 36), how likely it is spoilt for the first two, (n,), and the truth."""

    boxes: NDArray[np.float64]
    thin: NDArray[np.float64]
    in_line: NDArray[np.float64]
    boxes_spoilt: NDArray[np.float64]
    thin_spoilt: NDArray[np.float64]
    classes: NDArray[np.int64]


def rows(writer: Writer) -> Iterator[Row]:
    """Rows as people write them, rows written and scanned worse, and such with spoilt boxes."""
    for kind, text in _texts(writer.rng):
        yield kind, text, writer.write(writer.any_glyphs(text), two_tones=True)
    for share_spoilt in (0.0, SPOILT_IN_A_ROW):
        for kind, text in _texts(writer.rng):
            yield _written_worse(writer, kind, text, share_spoilt)


def _texts(rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    postcodes, each = random_postcodes(rng), ROWS // 3
    yield from (("text", name) for name in random_names(rng, each))
    yield from (("text", letters) for letters in random_letters(rng, each))
    yield from (("postcode", next(postcodes)) for _ in range(each))


def _written_worse(writer: Writer, kind: str, text: str, share_spoilt: float) -> Row:
    rng, ways = writer.rng, WAYS["any"]
    hand = ways.hand(rng)
    marks = "".join("#" if c != " " and rng.random() < share_spoilt else c for c in text)

    def filled(glyph: Picture | None, mark: str) -> Fill | None:
        if glyph is None:
            return None
        [other] = writer.any_glyphs(str(rng.choice(list(CAPITALS))))
        return (
            something_else(hand, glyph, other, rng)
            if mark == "#" and other is not None
            else one_character(hand, glyph, rng)
        )

    fills = [filled(glyph, mark) for glyph, mark in zip(writer.any_glyphs(text), marks, strict=True)]
    scanner = replace(ways.scanner(rng), bitonal=int(rng.integers(*TONES)))
    return kind, marks, fill_boxes(fills, scanner, rng, random_row(rng))


def unclear_boxes(writer: Writer) -> Seen:
    """Read the rows, and keep every written box of those that are not sure and whose line was read."""
    decode = {"text": decode_text, "postcode": decode_postcode}
    kept: list[tuple[CharacterReading, int]] = []
    for kind, marks, boxes in rows(writer):
        readings = ask_again(read_characters(boxes), boxes, [DIGITS + CAPITALS] * len(boxes))
        if decode[kind](readings).sure:
            continue
        classes = [(reading, _class_of(mark)) for reading, mark in zip(readings, marks, strict=True) if mark != " "]
        kept += [(reading, named) for reading, named in classes if _is_seen(reading)]
    return Seen(
        boxes=np.array([reading.probabilities for reading, _ in kept]),
        thin=np.array([reading.thin[:-1] for reading, _ in kept if reading.thin]),
        in_line=np.array([reading.in_line for reading, _ in kept]),
        boxes_spoilt=np.array([reading.spoilt for reading, _ in kept]),
        thin_spoilt=np.array([reading.thin[-1] for reading, _ in kept if reading.thin]),
        classes=np.array([named for _, named in kept]),
    )


def _is_seen(reading: CharacterReading) -> bool:
    """Whether all readers saw a box, in which something is written, and which no rule calls spoilt."""
    everybody = reading.in_line is not None and reading.thin is not None
    return everybody and reading.ink >= SPECK_MM2 and reading.spoilt < 1.0


def _class_of(mark: str) -> int:
    return SPOILT if mark == "#" else ALPHABET.index(mark)


def surprise(trust: Sequence[float], seen: Seen, *, with_lines: bool) -> float:
    """Mean negative log likelihood of what was written, spoilt boxes counted as often as on paper.

    A figure is set against figures, a letter against letters: which of them is meant, the field tells.
    """
    boxes, thin, boxes_spoilt, thin_spoilt, constant, in_line = trust
    scores = boxes * _log(seen.boxes, 1.0 - seen.boxes_spoilt) + thin * _log(seen.thin, 1.0 - seen.thin_spoilt)
    if with_lines:
        scores = scores + in_line * _log(seen.in_line, np.ones(len(seen.classes)))
    lost = boxes_spoilt * np.log(seen.boxes_spoilt + LEAST_SPOILT) + thin_spoilt * np.log(
        seen.thin_spoilt + LEAST_SPOILT
    )
    scores = np.column_stack([scores, lost + constant])
    is_figure, is_spoilt = seen.classes < len(DIGITS), seen.classes == SPOILT
    scores[is_figure, len(DIGITS) : SPOILT] = -np.inf
    scores[~is_figure & ~is_spoilt, : len(DIGITS)] = -np.inf
    scores = scores - scores.max(axis=1, keepdims=True)
    right = scores[np.arange(len(scores)), seen.classes] - np.log(np.exp(scores).sum(axis=1))
    weights = np.where(is_spoilt, SPOILT_ON_PAPER / is_spoilt.mean(), (1.0 - SPOILT_ON_PAPER) / (~is_spoilt).mean())
    return -float(np.average(right, weights=weights))


def _log(chances: NDArray[np.float64], written_share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(written_share[:, None] * chances + LEAST_CHANCE)


def main() -> None:
    """Print the trust in each reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glyphs", type=Path, required=True, help="emnist_byclass.npz")
    glyphs = parser.parse_args().glyphs
    cv2.setNumThreads(1)
    seen = unclear_boxes(Writer(load(glyphs, "calibration"), np.random.default_rng(SEED)))
    print(f"{len(seen.classes)} unclear boxes, {int((seen.classes == SPOILT).sum())} of them spoilt")
    for with_lines in (True, False):
        start = np.array([0.3, 0.7, 0.3, 0.9, -1.8, 0.2])
        steps = {"maxiter": 3000, "maxfev": 3000}
        measure = partial(surprise, seen=seen, with_lines=with_lines)
        found = minimize(measure, start, method="Nelder-Mead", options=steps)
        names = ("boxes", "thin", "boxes_spoilt", "thin_spoilt", "spoilt", "in_line" if with_lines else "-")
        print(
            ", ".join(f"{name}={value:.3f}" for name, value in zip(names, found.x, strict=True)), f"({found.fun:.4f})"
        )


if __name__ == "__main__":
    main()
