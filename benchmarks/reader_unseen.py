"""Marks of a kind never shown: each way of marking in turn, read by networks that were trained without it.

The networks lie in `benchmarks/unseen`, each trained as the shipped one is, on all boxes but those marked in one way,
or, for the second look, in a few (training/README.md). Everybody on a page marks in that way; pages come back under all
grey conditions in turn and are judged as the product does it. Counted are boxes that were touched in that way. Options:
--pages, how many for each way; --seed; --only NAME, one way; --processes.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.reader_conditions import FORM_PAGES, PX_PER_MM, STATED_SEED, Printed, printed
from pipeline.page.identify import IdentifiedPage, identify
from pipeline.page.image import open_page
from pipeline.page.picture import PageImage
from pipeline.page.register import RegisteredPage, register
from pipeline.page.streaks import without_streaks
from pipeline.practice.conditions import CONDITIONS, Tone, send
from pipeline.practice.mixes import HARD, Mix, mark_page, random_writer
from pipeline.practice.outcomes import Outcome, outcomes
from pipeline.practice.ways import Way
from pipeline.reading.marks import Networks, read_marks
from pipeline.reading.network import load_network
from pipeline.reading.readings import InkSignature, PageReading
from pipeline.reading.sheet import Sheet
from pipeline.reading.strokes import with_followed
from pipeline.review.doubts import judge
from pipeline.tables.intervals import clopper_pearson, wilson

NETWORKS = Path(__file__).with_name("unseen")

LEFT_OUT_TOGETHER = (
    (Way.CROSS, Way.LONG_TAIL, Way.FILLED, Way.DASH),
    (Way.WIDE_CROSS, Way.TICK, Way.HALF_FILLED, Way.LINE),
    (Way.SMALL, Way.HALF_OUTSIDE, Way.SCRIBBLE, Way.STROKE_THROUGH),
    (Way.LETTER, Way.LOOSE_FILLING, Way.DOT, Way.SLASH),
    (Way.SCRIBBLED_OUT, Way.RING, Way.BESIDE),
)
"""Ways that one network for the second look was trained without: no two that are much alike, or the other would not be
known either."""

RETURNED = tuple(
    each
    for each in CONDITIONS
    if each.tone is Tone.GREY and not each.colour and each.paper == "a4" and not each.name.endswith(("spoilt", "lost"))
)
"""Conditions that change what a box looks like."""

TAKEN_BACK = (Way.FILLED, Way.SCRIBBLED_OUT)
OPEN = (Way.DOT, Way.RING, Way.HALF_FILLED, Way.BESIDE)
TOUCHED_SHARE = 0.3
"""Of the boxes, or of the questions, that are touched in a way that is no mark."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the boxes of one page that were touched in the way never shown; whether the page was read."""

    way: Way
    was_read: bool
    boxes: Mapping[Outcome, int] = field(default_factory=Counter)
    told: tuple[str, ...] = ()


def mix_of(way: Way) -> Mix:
    """Return people of the hard mix who do nothing but this, where they do anything out of the ordinary."""
    plain = replace(HARD, hard={}, hard_share=0.0, changed=0.0, changed_in_many=0.0, slipped=0.0, open=0.0)
    if way in TAKEN_BACK:
        return replace(plain, changed=1.0, hurried=float(way is Way.SCRIBBLED_OUT))
    if way in OPEN:
        return replace(plain, open=TOUCHED_SHARE, open_ways={way: 1.0})
    if way is Way.STROKE_THROUGH:
        return replace(plain, slipped=TOUCHED_SHARE)
    return replace(plain, usual={way: 1.0})


@cache
def networks_without(way: Way) -> Networks:
    """Load the networks that were trained without boxes marked so."""
    near, around = (load_network(file.read_bytes()) for file in files_without(way))
    return Networks(near, around)


def files_without(way: Way) -> tuple[Path, Path]:
    """Where the network that sees the box lies that was trained without this way, and the one that sees farther."""
    group = next(number for number, ways in enumerate(LEFT_OUT_TOGETHER, 1) if way in ways)
    return NETWORKS / f"without-{way.value.replace(' ', '-')}.onnx", NETWORKS / f"around-without-{group}.onnx"


def try_page(way: Way, seed: int, number: int) -> Result:
    """Draw a page on which everybody marks so, send it, read it, and hold it to the truth."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng((seed, list(Way).index(way), number))
    condition = RETURNED[number % len(RETURNED)]
    form = printed("a4", number % 8 * 1_000_003 + seed)
    layout = form.layout.pages[FORM_PAGES[number % len(FORM_PAGES)] - 1]
    blank = form.pages[layout.number - 1]
    marked = mark_page(blank, PX_PER_MM, layout, form.definition, random_writer(mix_of(way), rng), rng)
    returned = send(condition, blank, marked.grey, layout, form.layout.paper_mm, rng)
    page = registered(returned.data, form, layout.number)
    if page is None:
        return Result(way, was_read=False)
    read = _reading(page, networks_without(way), form)
    found = outcomes(
        judge(Sheet(form.definition, form.layout, {layout.number: read})), read.marks, marked.meanings, form.definition
    )
    said = {(mark.question, mark.value): mark.verdict.value for mark in read.marks}
    mine = [key for key, done in marked.ways.items() if done is way]
    told = tuple(
        f"{way.value}, page {number} ({condition.name}): {key} was {marked.meanings[key].value}, read as {said[key]}"
        for key in mine
        if found[key] is Outcome.SILENT
    )
    return Result(way, was_read=True, boxes=Counter(found[key] for key in mine), told=told)


def registered(data: bytes, form: Printed, number: int) -> RegisteredPage | None:
    """Open a file's first page and register it; None where that cannot be done."""
    image = open_page(data, 0)
    if not isinstance(image, PageImage):
        return None
    page = identify(without_streaks(image))
    if not isinstance(page, IdentifiedPage):
        return None
    placed = register(page, form.layout.pages[number - 1], form.layout.paper_mm)
    return placed if isinstance(placed, RegisteredPage) else None


def _reading(page: RegisteredPage, networks: Networks, form: Printed) -> PageReading:
    blank = form.blanks[form.layout.id, page.layout.number]
    return PageReading(
        code=page.code,
        quality=page.quality,
        homography=tuple(page.homography.ravel().tolist()),
        marks=with_followed(read_marks(page, networks), page, form.layout.paper_mm, blank),
        characters=(),
        texts=(),
        signature=InkSignature(()),
    )


def figures(results: Sequence[Result]) -> dict[str, object]:
    """Everything that is stated."""
    return {
        "all": _of(results),
        "ways": {way.value: _of([each for each in results if each.way is way]) for way in Way if _has(results, way)},
    }


def _has(results: Iterable[Result], way: Way) -> bool:
    return any(result.way is way for result in results)


def _of(results: Sequence[Result]) -> dict[str, object]:
    boxes = sum((Counter(result.boxes) for result in results), Counter[Outcome]())
    every, accepted = boxes.total(), boxes[Outcome.RIGHT] + boxes[Outcome.SILENT]
    silent, sent = clopper_pearson(boxes[Outcome.SILENT], every), wilson(boxes[Outcome.SENT], every)
    return {
        "pages": len(results),
        "pages_read": sum(result.was_read for result in results),
        "boxes": every,
        "accepted": accepted,
        "silent": boxes[Outcome.SILENT],
        "silent_per_1000": [round(1000 * silent.low, 3), round(1000 * silent.high, 3)],
        "sent": boxes[Outcome.SENT],
        "sent_share": round(boxes[Outcome.SENT] / max(1, every), 4),
        "sent_share_interval": [round(sent.low, 4), round(sent.high, 4)],
    }


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=len(RETURNED) * 2)
    parser.add_argument("--seed", type=int, default=STATED_SEED)
    parser.add_argument("--only")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    ways = [way for way in Way if options.only in (None, way.value)]
    tried = [(way, options.seed, number) for way in ways for number in range(options.pages)]
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(try_page, *zip(*tried, strict=True), chunksize=8))
    for line in (line for result in results for line in result.told):
        print(f"silent: {line}")
    print(json.dumps({"seed": options.seed, **figures(results)}))


if __name__ == "__main__":
    # Processes find what they are to run by the name of its module.
    sys.exit(import_module("benchmarks.reader_unseen").main())
