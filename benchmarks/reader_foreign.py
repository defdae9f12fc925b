"""Paper that nobody here drew: five forms of other makers, as they came back and under six damages.

Their geometry comes from their makers' own files, their truth from people who looked at them (benchmarks/foreign).
Every page is read knowing all five forms, and judged as the product does it. Options: --only NAME, one damage;
--shared DIR, where the shared data is; --seed.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks.foreign.look_alikes import known_look_alikes, returned_look_alikes
from benchmarks.foreign.papers import Paper, known_papers, papers
from benchmarks.foreign.papers import Sheet as Returned
from benchmarks.foreign.pictures import DAMAGES, Damage
from pipeline.form.definition import Shape, Variable
from pipeline.form.normal import split_values
from pipeline.page.known import KnownPaper
from pipeline.page.refusal import Refusal
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import PageReading
from pipeline.reading.sheet import Sheet, characters_of, is_returned, marks_of, text_of
from pipeline.reading.verdict import Verdict
from pipeline.review.doubts import Doubt, Judged, judge
from pipeline.review.remarks import is_writing
from pipeline.tables.intervals import Interval, clopper_pearson, wilson

STATED_SEED = 20_261
PER_THOUSAND = 1000

AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one sheet: counts, and a line for everything that is worth a look."""

    counts: Counter[str]
    lines: tuple[str, ...]


def read_sheet(
    paper: Paper, returned: Returned, known: KnownPaper, damage: Damage, chance: np.random.Generator
) -> Told:
    """Read the pages of one sheet, join and judge them, and hold them to what is written on them."""
    counts: Counter[str] = Counter()
    lines: list[str] = []
    pages: dict[int, PageReading] = {}
    for number, picture in returned.pictures.items():
        counts["pages"] += 1
        read = read_image(damage(picture, chance), known)
        if not isinstance(read, PageReading):
            lines.append(f"not read: {returned.name}, page {number}: {read}")
        elif (read.code.layout, read.code.form_page) != (paper.layout.id, number):
            counts["silent"] += 1
            lines.append(f"silent: {returned.name}, page {number} was taken for {read.code}")
        else:
            counts["read"] += 1
            counts["barcodes"] += sum(barcode.text in returned.barcodes for barcode in read.barcodes)
            counts["barcodes_made_up"] += sum(barcode.text not in returned.barcodes for barcode in read.barcodes)
            counts[_remarks(read, number in returned.remarks)] += 1
            pages[number] = read
    if pages:
        counted = list(held_to_truth(Sheet(paper.definition, paper.layout, pages), returned))
        counts.update(Counter(what for what, _ in counted))
        lines += [f"{what}: {returned.name}: {line}" for what, line in counted if line]
    return Told(counts, tuple(lines))


def _remarks(read: PageReading, are_there: bool) -> str:
    """What became of a page by writing outside its fields: `remarks_noticed`, `_missed`, `_imagined`, or `_none`."""
    if any(is_writing(remark) for remark in read.remarks):
        return "remarks_noticed" if are_there else "remarks_imagined"
    return "remarks_missed" if are_there else "remarks_none"


def held_to_truth(sheet: Sheet, returned: Returned) -> Iterator[tuple[str, str]]:
    """What became of every box, boxed character and area to write in that came back, each with a word about it."""
    judged = judge(sheet)
    for variable in sheet.definition.variables:
        if not is_returned(sheet, variable.name):
            continue
        if variable.shape is Shape.COMMENT:
            yield _writing(sheet, variable.name, returned)
            continue
        yield "questions", ""
        if variable.name in judged.doubts:
            yield "questions_waiting", ""
        if marks_of(sheet, variable.name):
            yield from _boxes(sheet, variable, judged, returned)
        else:
            yield from _characters(sheet, variable.name, judged, returned)


def _boxes(sheet: Sheet, variable: Variable, judged: Judged, returned: Returned) -> Iterator[tuple[str, str]]:
    """A box of a question that waits is in doubt if it is inked; any other is right if it is taken as it was meant."""
    name = variable.name
    doubt, meant = judged.doubts.get(name), split_values(returned.answers[name])
    taken = split_values(judged.answers[name].value or "")
    for mark in marks_of(sheet, name):
        where = f"{name} {mark.value}"
        if (name, mark.value) in returned.cancelled:
            seen = "waits" if doubt else "cancelled" if mark.value not in taken else "counted"
            yield f"cancelled_{seen}", ""
        if doubt:
            is_asked = mark.verdict is not Verdict.EMPTY
            yield ("doubts" if is_asked else "beside"), f"{where} is {mark.verdict}, {doubt.reason}" if is_asked else ""
        elif (mark.value in taken) != (mark.value in meant):
            yield "silent", f"{where} was read as {mark.verdict}"
        else:
            yield "right", ""


def _characters(sheet: Sheet, name: str, judged: Judged, returned: Returned) -> Iterator[tuple[str, str]]:
    """A boxed character of an answer that waits is in doubt if it is asked about; of a wrong answer, all are wrong.

    One that is not asked about is taken as it was read, and held to what is written there like any that is accepted.
    """
    doubt, meant = judged.doubts.get(name), returned.answers[name]
    inked = [reading.ink > 0 for reading in characters_of(sheet, name)]
    if doubt:
        taken = _taken_without_a_person(doubt, meant)
        for place, is_inked in enumerate(inked):
            what = taken.get(place, "doubts") if is_inked else "beside"
            yield what, f"box {place + 1} of {name}, read as {doubt.spelt!r}, {meant!r}" if what == "silent" else ""
        yield "answers_waiting", f"{name}, guessed {doubt.guess!r}, is {meant!r}"
    elif (judged.answers[name].value or "") != meant:
        yield from (("silent", f"{name} was read as {judged.answers[name].value!r}") for _ in inked)
    else:
        yield from (("right", "") for _ in inked)


def _taken_without_a_person(doubt: Doubt, meant: str) -> dict[int, str]:
    """Of an answer that waits: each box that nobody is asked about, `right`, or `silent` where it is not as meant."""
    written = [place for place, character in enumerate(doubt.spelt) if character != " "]
    letters = meant.replace(" ", "")
    is_as_long = len(letters) == len(written)
    return {
        place: "right" if is_as_long and letters[number] == doubt.spelt[place] else "silent"
        for number, place in enumerate(written)
        if place not in doubt.unclear
    }


def _writing(sheet: Sheet, name: str, returned: Returned) -> tuple[str, str]:
    """An area to write in is right if writing is seen where there is some; what it says is a person's to read."""
    reading = text_of(sheet, name)
    is_seen, is_there = bool(reading and reading.has_ink), bool(returned.written and returned.written[name])
    if is_seen == is_there:
        return "writing_right", ""
    return ("writing_imagined", f"{name} is empty") if is_seen else ("silent", f"the writing in {name} was not seen")


def look_alikes(marks: Path) -> dict[str, int]:
    """Of the pages of two ballots that look the same, how many are refused while both are known."""
    known, pages = known_look_alikes(marks), returned_look_alikes(marks)
    return {"pages": len(pages), "refused": sum(isinstance(read_image(page, known), Refusal) for page in pages)}


def figures(counts: Mapping[str, int]) -> dict[str, object]:
    """Return what is stated of some sheets."""
    boxes = counts["right"] + counts["silent"] + counts["doubts"] + counts["beside"]
    accepted = counts["right"] + counts["silent"]
    return {
        "pages": counts["pages"],
        "pages_read": counts["read"],
        "boxes": boxes,
        "accepted": accepted,
        "silent_errors": counts["silent"],
        "silent_per_1000": _rounded(clopper_pearson(counts["silent"], accepted), PER_THOUSAND) if accepted else None,
        "doubts": counts["doubts"],
        "doubt_share": round(counts["doubts"] / boxes, 4) if boxes else None,
        "doubt_share_interval": _rounded(wilson(counts["doubts"], boxes)) if boxes else None,
        "beside": counts["beside"],
        "questions": counts["questions"],
        "questions_waiting": counts["questions_waiting"],
        "cancelled": {each: counts[f"cancelled_{each}"] for each in ("cancelled", "waits", "counted")},
        "writing": {each: counts[f"writing_{each}"] for each in ("right", "imagined")},
        "remarks": {each: counts[f"remarks_{each}"] for each in ("noticed", "missed", "imagined", "none")},
        "barcodes": counts["barcodes"],
        "barcodes_made_up": counts["barcodes_made_up"],
    }


def _rounded(interval: Interval, times: int = 1) -> tuple[float, float]:
    return round(times * interval.low, 3), round(times * interval.high, 3)


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("PILLARBOX_SHARED", beside)))
    parser.add_argument("--seed", type=int, default=STATED_SEED)
    parser.add_argument("--only", choices=list(DAMAGES))
    options = parser.parse_args()
    if not (options.shared / "marks").is_dir():
        sys.exit(f"The papers are not at {options.shared}. Name the shared data with --shared or PILLARBOX_SHARED.")
    start = time.monotonic()
    tried = papers(options.shared / "marks")
    known = known_papers(tried)
    by_damage: dict[str, dict[str, Counter[str]]] = {}
    for name, damage in DAMAGES.items():
        if options.only in (None, name):
            by_damage[name] = {paper.definition.id: _read(paper, known, name, damage, options.seed) for paper in tried}
    damaged = [counts for name, each in by_damage.items() if name != AS_IT_IS for counts in each.values()]
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    print(
        json.dumps(
            {
                "seed": options.seed,
                "silent_errors": sum(counts["silent"] for each in by_damage.values() for counts in each.values()),
                "as_they_came": {name: figures(counts) for name, counts in by_damage.get(AS_IT_IS, {}).items()},
                "damaged": figures(sum(damaged, Counter())),
                "look_alikes": look_alikes(options.shared / "marks"),
                "damages": {name: figures(sum(each.values(), Counter())) for name, each in by_damage.items()},
            }
        )
    )


def _read(paper: Paper, known: KnownPaper, name: str, damage: Damage, seed: int) -> Counter[str]:
    chance = np.random.default_rng([seed, len(name)])
    counts: Counter[str] = Counter()
    for returned in paper.sheets:
        told = read_sheet(paper, returned, known, damage, chance)
        counts.update(told.counts)
        for line in told.lines:
            print(f"{name}: {line}")
    return counts


if __name__ == "__main__":
    sys.exit(import_module("benchmarks.reader_foreign").main())
