"""How well free writing is read: comments in faces and letters never tuned on, what a word's confidence is worth, cost.

Needs the shared faces and glyphs (PILLARBOX_SHARED, or shared/data beside the checkout). An argument sets how many
comments are written in each way (48 unless told). A face is drawn by a font maker and steadier than any hand: what it
shows is the best that can be hoped for. Letters are real, but each by another person and none joined.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from pipeline.practice.boxes import straight_scanner, usual_pen
from pipeline.practice.comments import comment_in_hand, comment_in_letters, held_out_letters, seen_by
from pipeline.practice.handwriting import FACES, Hand, lend_face
from pipeline.practice.pens import Grey
from pipeline.practice.scanner import Scanner
from pipeline.reading import lines, tesseract
from pipeline.reading.handwriting import read_handwriting
from pipeline.reading.letters import line_reader
from pipeline.reading.words import Word, confidence, transcript
from pipeline.reading.writing import INK_PX_PER_MM, ink_area, read_writing
from pipeline.review.doubts import LEGIBLE, UNSURE_WORD
from pipeline.tables.intervals import wilson

SEED = 5

COMMENTS = (
    "I have lived on Station Road for forty years and the pavement has never been this bad.",
    "Bins were missed twice in March. Nobody answered when I rang.",
    "My daughter learned to swim here. Please keep the small pool open at weekends.",
    "Parking costs too much for people who only want to collect a parcel.",
    "Thank you to the lady at the counter who found my pension letter!",
    "The street lamps outside number 14 flicker all night, can you look at them?",
    "We would use the bus more if it ran after seven in the evening.",
    "Dogs are let loose near the swings. A fence would help.",
    "It is hard to hear the names being called in the waiting room.",
    "Why was the chemist moved? I cannot walk up that hill with my sticks.",
    "More benches, fewer signs.",
    "The new crossing is a great help, but cars still park across it every morning.",
    "Online forms are no good to me. I do not own a computer & never will.",
    "Please mend the roof of the hall before winter, the kitchen floor was wet again.",
    "Could the mobile library stop at Mill Lane as well? There are 12 of us who would come.",
    "Good service, friendly people, no complaints.",
)
"""What people write about; none of it was read while the reader was made."""

NAMES = ("GWEN PRITCHARD", "AHMED KHAN", "M L O'NEILL", "JEAN FOX", "WOODSIDE CLOSE", "DAVID QUINN")
WELSH = (
    "Mae'r llyfrgell yn lle da i gyfarfod â ffrindiau.",
    "Hoffwn weld mwy o fysiau ar ôl chwech o'r gloch.",
    "Diolch am drwsio'r goleuadau stryd mor gyflym.",
    "Nid yw'r maes parcio yn ddigon mawr ar ddydd Sadwrn.",
)
CONDITIONS = ("300 dpi", "200 dpi", "200 dpi black and white")
BANDS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.01)

SMALL_CAPITALS = "rock-salt"
"""The one face whose small letters are small capitals: what is written in it is read as capitals, and rightly so."""

Draw = Callable[[str, np.random.Generator], tuple[Grey, str]]
"""Writes a text; returns the field it stands in, and what it then says."""


@dataclass(frozen=True, slots=True)
class Read:
    """One comment: what was written, what was read of it, and which of the words read are right."""

    truth: str
    words: tuple[Word, ...]
    right: tuple[bool, ...]

    @property
    def wrong_characters(self) -> int:
        """Characters to change, add or take away to make it what was written."""
        return edits(self.truth, transcript(self.words))


def edits(truth: str, read: str) -> int:
    """The Levenshtein distance of two texts."""
    row = list(range(len(read) + 1))
    for number, wanted in enumerate(truth, 1):
        above, row[0] = row[:], number
        for place, found in enumerate(read, 1):
            row[place] = min(above[place] + 1, row[place - 1] + 1, above[place - 1] + (wanted != found))
    return row[-1]


def compared(truth: str, words: Sequence[Word]) -> Read:
    """Set what was read beside what was written: a word is right where it stands in the same order in both."""
    found = [word.text for word in words]
    right = [False] * len(found)
    for block in SequenceMatcher(None, found, truth.split(), autojunk=False).get_matching_blocks():
        right[block.a : block.a + block.size] = [True] * block.size
    return Read(truth, tuple(words), tuple(right))


def any_hand(face: str, rng: np.random.Generator) -> Hand:
    """A hand as ordinary residents have it."""
    return Hand(
        face=face,
        height=float(rng.uniform(2.6, 4.2)),
        lean=float(rng.normal(0.05, 0.12)),
        slope=float(np.clip(rng.normal(0.01, 0.02), -0.05, 0.06)),
        unrest=float(rng.uniform(0.05, 0.35)),
    )


def scanner_of(condition: str, rng: np.random.Generator) -> Scanner:
    """An everyday scanner, the paper lying straight."""
    scanner = straight_scanner(rng, int(condition.partition(" ")[0]))
    return replace(scanner, bitonal=160) if condition.endswith("white") else scanner


def read_all(texts: Sequence[str], draw: Draw, condition: str, lang: str, count: int, seed: int) -> list[Read]:
    """Write, scan and read `count` comments, as handwriting whatever they look like."""
    found = []
    for number in range(count):
        rng = np.random.default_rng([SEED, seed, number])
        strip, truth = draw(texts[number % len(texts)], rng)
        picture = seen_by(strip, scanner_of(condition, rng), rng)
        found.append(compared(truth, read_handwriting(lines.find_lines(at(lines.PX_PER_MM, picture)), lang)))
    return found


def at(px_per_mm: float, picture: Grey) -> Grey:
    """A field that is given at 300 dpi at another scale."""
    zoom = px_per_mm / tesseract.PX_PER_MM
    return np.asarray(cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def summed(read: Sequence[Read]) -> dict[str, object]:
    """Characters wrong of those written, and words right of those written, with its interval."""
    characters, words = sum(len(each.truth) for each in read), sum(len(each.truth.split()) for each in read)
    right = sum(sum(each.right) for each in read)
    between = wilson(right, words)
    return {
        "comments": len(read),
        "characters": characters,
        "characters_wrong": round(sum(each.wrong_characters for each in read) / characters, 4),
        "words": words,
        "words_right": round(right / words, 4),
        "words_right_interval": [round(between.low, 4), round(between.high, 4)],
    }


def by_sureness(read: Sequence[Read]) -> list[float]:
    """Characters wrong in each quarter of the comments, from the surest to the least sure."""
    ordered = sorted(read, key=lambda each: -confidence(each.words))
    quarters = [ordered[len(ordered) * part // 4 : len(ordered) * (part + 1) // 4] for part in range(4)]
    return [
        round(sum(each.wrong_characters for each in part) / sum(len(each.truth) for each in part), 4)
        for part in quarters
    ]


def judged_words(read: Sequence[Read]) -> list[tuple[float, bool]]:
    """Every word that was read: its confidence, and whether it is right."""
    return [(word.confidence, right) for each in read for word, right in zip(each.words, each.right, strict=True)]


def calibration(read: Sequence[Read]) -> list[dict[str, float]]:
    """For bands of confidence: how many words, their mean confidence, and the share of them that is right."""
    bands = [[pair for pair in judged_words(read) if low <= pair[0] < high] for low, high in pairwise(BANDS)]
    return [
        {
            "words": len(band),
            "said": round(float(np.mean([said for said, _ in band])), 3),
            "right": round(float(np.mean([right for _, right in band])), 3),
        }
        for band in bands
        if band
    ]


def named(read: Sequence[Read]) -> dict[str, float]:
    """Of the wrong words, the share that the desk names as unsure; and of those it names, the share that is wrong."""
    words = judged_words(read)
    unsure, wrong = sum(said < UNSURE_WORD for said, _ in words), sum(not right for _, right in words)
    both = sum(said < UNSURE_WORD and not right for said, right in words)
    return {"of_wrong_words": round(both / max(wrong, 1), 3), "of_named_words_wrong": round(both / max(unsure, 1), 3)}


def cost(fields: Sequence[Grey]) -> dict[str, float]:
    """CPU milliseconds: asking a blank field and a written one for ink, finding lines, reading one line."""
    small = [at(lines.PX_PER_MM, field) for field in fields]
    coarse = [at(INK_PX_PER_MM, field) for field in fields]
    blank = np.full_like(coarse[0], 245)
    found = [lines.find_lines(field) for field in small]
    return {
        "ink_of_a_blank_field": milliseconds([partial(ink_area, blank, INK_PX_PER_MM)] * 50),
        "ink_of_a_written_field": milliseconds([partial(ink_area, one, INK_PX_PER_MM) for one in coarse]),
        "lines_of_a_field": milliseconds([partial(lines.find_lines, one) for one in small]),
        "reading_a_line": milliseconds([partial(read_handwriting, [line], "en") for each in found for line in each]),
    }


def milliseconds(tasks: Sequence[Callable[[], object]]) -> float:
    """CPU milliseconds of a task, on average."""
    start = time.process_time()
    for task in tasks:
        task()
    return round((time.process_time() - start) / len(tasks) * 1000.0, 2)


def resident_mb() -> float:
    """Memory of this process, in MB (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def passed_for_print(draws: Sequence[Draw], count: int) -> dict[str, int]:
    """Comments by hand that were taken as sure print, and so as an answer without a person: none should be."""
    taken = 0
    for number in range(count):
        rng = np.random.default_rng([SEED, 99, number])
        strip, _ = draws[number % len(draws)](COMMENTS[number % len(COMMENTS)], rng)
        taken += read_writing(seen_by(strip, scanner_of("300 dpi", rng), rng), "en").printed
    return {"comments": count, "taken": taken}


def main() -> None:
    """Write, read, and print the figures."""
    cv2.setNumThreads(1)
    if line_reader() is None:
        sys.exit("The reader of handwriting is not installed: docs/install.md says how.")
    shared = Path(os.environ.get("PILLARBOX_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    before = resident_mb()
    read_handwriting([np.full((48, 640), 255, np.uint8)], "en")
    memory = round(resident_mb() - before)
    faces = {path.parts[-3]: path for path in sorted((shared / "fonts").glob("*/files/*.woff2"))}
    unseen = [name for name in faces if name not in FACES]
    for name in unseen:
        lend_face(name, faces[name].read_bytes())
    glyphs = held_out_letters(shared / "glyphs" / "emnist_byclass.npz")

    def in_a_face(text: str, rng: np.random.Generator) -> tuple[Grey, str]:
        hand = any_hand(unseen[int(rng.integers(len(unseen)))], rng)
        says = text.upper() if hand.face == SMALL_CAPITALS else text
        return comment_in_hand(text, hand, usual_pen(rng), rng), says

    def in_letters(text: str, rng: np.random.Generator) -> tuple[Grey, str]:
        return comment_in_letters(text, glyphs, any_hand(FACES[0], rng), usual_pen(rng), rng), text

    figures: dict[str, object] = {"reader": line_reader(), "faces": unseen, "memory_mb": memory}
    everything: list[Read] = []
    for way, draw in (("faces", in_a_face), ("letters", in_letters)):
        for condition in CONDITIONS:
            read = read_all(COMMENTS, draw, condition, "en", count, CONDITIONS.index(condition))
            figures[f"{way}, {condition}"] = summed(read)
            if condition == CONDITIONS[0]:
                figures[f"{way}, by sureness"] = by_sureness(read)
                figures[f"{way}, confidence"] = calibration(read)
                figures[f"{way}, named"] = named(read)
            everything += read
    legible = [confidence(each.words) >= LEGIBLE for each in everything]
    figures["shown_as_a_guess"] = round(sum(legible) / len(legible), 4)
    figures["names in capitals"] = summed(read_all(NAMES, in_letters, CONDITIONS[0], "en", count // 2, 7))
    figures["welsh in faces"] = summed(read_all(WELSH, in_a_face, CONDITIONS[0], "cy", count // 2, 8))
    figures["handwriting taken for print"] = passed_for_print((in_a_face, in_letters), count)
    strips = [in_a_face(text, np.random.default_rng(number))[0] for number, text in enumerate(COMMENTS)]
    figures["cpu_ms"] = cost(strips)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
