"""Writing outside the boxes: how much of it is noticed, and on how many pages ink is taken for it that is none.

Pages of `boxes.yaml` are marked by writers of the two mixes and come back in every way that
`pipeline/practice/conditions.py` names. On some of the ordinary ones two or three words are written beside a box, in a
margin, up a margin or across a question, in hands that nothing was tuned on. These need the shared faces
(PILLARBOX_SHARED, or shared/data beside the checkout). Options: --pages, how many of each mix without, and how many
with a remark, for each condition; --seed; --processes. Develop on other seeds.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.reader_conditions import FORM_PAGES, PX_PER_MM, Printed, printed
from pipeline.form.layout import Box
from pipeline.page.blank import drawn_blanks
from pipeline.page.known import Blank, KnownPaper
from pipeline.practice.conditions import CONDITIONS, send
from pipeline.practice.handwriting import FACES, Hand, lend_face
from pipeline.practice.mixes import HARD, MIXES, ORDINARY, mark_page, random_writer
from pipeline.practice.pens import BLACK_BALLPOINT, BLUE_BALLPOINT, SOFT_PENCIL, Grey, Pen
from pipeline.practice.remarks import Where, write_remark
from pipeline.reading.read_file import read_page
from pipeline.reading.readings import PageReading
from pipeline.reading.sheet import Place, Sheet
from pipeline.review.remarks import places_of_remarks
from pipeline.tables.intervals import clopper_pearson, wilson

STATED_SEED = 20_261
"""Figures are stated for this seed, which nothing was tuned on."""

WORDS = (
    "not here",
    "please ring",
    "see back",
    "on Mondays",
    "if dry",
    "my son does",
    "no idea",
    "too steep",
    "only mornings",
    "with help",
)
"""What is written; none of it was read while the reader was made."""

PENS = (BLACK_BALLPOINT, BLUE_BALLPOINT, SOFT_PENCIL)

SMALL_CAPITALS = "rock-salt"
"""The one face as wide again as all others: its words do not fit where they are written."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One page to draw, send and read. `face` is whose hand a remark is written in, empty for a page without one."""

    condition: str
    mix: str
    seed: int
    number: int
    face: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one page: whether it was read, and whether writing was seen, for a remark where it stands."""

    trial: Trial
    is_read: bool
    is_seen: bool = False
    where: Where | None = None
    pen: str = ""


@cache
def faces() -> Mapping[str, Path]:
    """The handwriting faces by other makers than those of the drawn hands, by name."""
    shared = Path(os.environ.get("PILLARBOX_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
    found = {path.parts[-3]: path for path in sorted((shared / "fonts").glob("*/files/*.woff2"))}
    return {name: path for name, path in found.items() if name not in (*FACES, SMALL_CAPITALS)}


@cache
def blanks(paper: str) -> Mapping[int, Blank]:
    """What a site keeps of the form when it is printed."""
    return drawn_blanks(printed(paper, 0).layout)


def try_page(trial: Trial) -> Result:
    """Draw a page, write on it if that is asked, send it, read it, and say whether writing was seen."""
    cv2.setNumThreads(1)
    place = [each.name for each in CONDITIONS].index(trial.condition)
    condition = CONDITIONS[place]
    rng = np.random.default_rng((trial.seed, place, list(MIXES).index(trial.mix), trial.number, len(trial.face)))
    form = printed(condition.paper, trial.number % 8 * 1_000_003 + trial.seed)
    number = FORM_PAGES[trial.number % len(FORM_PAGES)]
    layout, blank = form.layout.pages[number - 1], form.pages[number - 1]
    page = mark_page(blank, PX_PER_MM, layout, form.definition, random_writer(MIXES[trial.mix], rng), rng).grey
    where, pen = list(Where)[(trial.number + place) % len(Where)], PENS[int(rng.integers(len(PENS)))]
    written = _write(form, page, number, where, trial.face, pen, rng) if trial.face else None
    returned = send(condition, blank, page, layout, form.layout.paper_mm, rng)
    read = read_page(returned.data, 0, _known(form, condition.paper))
    if not isinstance(read, PageReading):
        return Result(trial, is_read=False)
    places = places_of_remarks(Sheet(form.definition, form.layout, {number: read}))
    if written is None:
        return Result(trial, is_read=True, is_seen=bool(places))
    return Result(trial, True, any(_meet(each, written) for each in places.values()), where, pen.name)


def _write(form: Printed, page: Grey, number: int, where: Where, face: str, pen: Pen, rng: np.random.Generator) -> Box:
    """Write a remark on a page, in place, and return the box of its ink (mm)."""
    lend_face(face, faces()[face].read_bytes())
    hand = Hand(face, *rng.uniform((2.8, -0.1, -0.02, 0.05), (4.2, 0.25, 0.03, 0.3)).tolist())
    before = page.copy()
    text = WORDS[int(rng.integers(len(WORDS)))]
    write_remark(page, PX_PER_MM, form.layout.pages[number - 1], where, text, hand, pen, rng)
    x, y, width, height = cv2.boundingRect((page != before).astype(np.uint8))
    return Box(x / PX_PER_MM, y / PX_PER_MM, width / PX_PER_MM, height / PX_PER_MM)


def _known(form: Printed, paper: str) -> KnownPaper:
    shown = {(form.layout.id, number): blank for number, blank in blanks(paper).items()}
    return KnownPaper({form.layout.id: form.layout}, {form.copy: form.layout.id}, shown)


def _meet(place: Place, written: Box) -> bool:
    """Whether what a person is shown holds the middle of what was written, or a part of it next to that."""
    shown, (x, y) = place.box.grown(3.0), written.centre
    return shown.x < x < shown.right and shown.y < y < shown.bottom


def trials(pages: int, seed: int) -> Iterator[Trial]:
    """Every page to try, condition by condition."""
    hands = list(faces())
    for place, condition in enumerate(CONDITIONS):
        for number in range(pages):
            yield Trial(condition.name, ORDINARY.name, seed, number)
            yield Trial(condition.name, HARD.name, seed, number)
            if hands:
                face = hands[(number + place * pages) % len(hands)]
                yield Trial(condition.name, ORDINARY.name, seed, number, face)


def noticed(results: Iterable[Result]) -> dict[str, object]:
    """How many of some remarks were noticed, with the interval of their share."""
    mine = [result for result in results if result.is_read]
    seen = sum(result.is_seen for result in mine)
    share = wilson(seen, len(mine))
    return {"remarks": len(mine), "noticed": seen, "interval": [round(share.low, 4), round(share.high, 4)]}


def false_alarms(results: Iterable[Result]) -> dict[str, object]:
    """On how many of some pages without a remark one was seen, with the interval of their share."""
    mine = [result for result in results if result.is_read]
    seen = [result for result in mine if result.is_seen]
    share = clopper_pearson(len(seen), len(mine))
    return {
        "pages": len(mine),
        "false": len(seen),
        "interval": [round(share.low, 5), round(share.high, 5)],
        "conditions": sorted(result.trial.condition for result in seen),
    }


def figures(results: Sequence[Result]) -> dict[str, object]:
    """Everything that is stated."""
    tones = {each.name: each.tone.value for each in CONDITIONS}
    remarks = [result for result in results if result.where]
    without = [result for result in results if not result.trial.face]
    return {
        "noticed": noticed(remarks),
        "by_place": {where.value: noticed(each for each in remarks if each.where is where) for where in Where},
        "by_pen": {pen.name: noticed(each for each in remarks if each.pen == pen.name) for pen in PENS},
        "by_tone": {
            tone: noticed(each for each in remarks if tones[each.trial.condition] == tone)
            for tone in dict.fromkeys(tones.values())
        },
        "false": {mix: false_alarms(each for each in without if each.trial.mix == mix) for mix in MIXES},
    }


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--seed", type=int, default=STATED_SEED)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if not faces():
        print("the shared faces are not there: nothing is written, only false alarms are counted", file=sys.stderr)
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(try_page, trials(options.pages, options.seed), chunksize=4))
    for result in results:
        if result.is_read and result.is_seen != bool(result.trial.face):
            print(f"{'missed' if result.trial.face else 'false'}: {result.where or ''} {result.pen} {result.trial}")
    print(json.dumps({"seed": options.seed, "pages": options.pages, **figures(results)}))


if __name__ == "__main__":
    # Processes find what they are to run by the name of its module.
    sys.exit(import_module("benchmarks.reader_remarks").main())
