"""Boxes to tick under every condition of scanning: pages read and refused, boxes accepted, sent to a person, wrong.

Pages of `boxes.yaml` are marked by writers of two mixes (docs/accuracy.md says what they do), come back in every way
that `pipeline/practice/conditions.py` names, and are read and judged as the product does it. Options: --pages, how
many for each condition and mix; --seed; --processes; --only NAME, one condition; --keep DIR, where pictures of what
was read wrongly are put. Develop on other seeds: nothing may be tuned on the one that figures are stated for.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Layout, PageLayout
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.page.blank import drawn_blanks
from pipeline.page.image import open_page
from pipeline.page.known import Blank, KnownPaper
from pipeline.page.picture import PageImage
from pipeline.page.plane import cut, mapped
from pipeline.page.refusal import BlankPage, Refusal
from pipeline.practice.conditions import CLEAN, CONDITIONS, TYPICAL, Condition, Returned, Tone, send
from pipeline.practice.mixes import MIXES, BoxKey, MarkedPage, Meaning, mark_page, random_writer
from pipeline.practice.outcomes import Outcome, outcomes
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.reading.read_file import read_page
from pipeline.reading.readings import PageReading
from pipeline.reading.sheet import Sheet
from pipeline.review.doubts import judge
from pipeline.tables.intervals import clopper_pearson, wilson

STATED_SEED = 20_271
"""Figures are stated for this seed, which nothing was tuned on."""

FORM = Path(__file__).with_name("boxes.yaml")
DPI = 300
PX_PER_MM = DPI / 25.4
FORM_PAGES = (1, 2)
"""The pages of the form that hold twenty boxes each; what is left on its last page is not worth a scan."""

LARGEST_NUMBER = 31**7
SHOWN_MM = 6.0
"""Paper shown around a box in the kept pictures."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The form as printed on one paper: one copy of it, page by page, at 300 dpi, and what its blanks look like."""

    definition: FormDefinition
    layout: Layout
    copy: str
    pages: tuple[Grey, ...]
    blanks: Mapping[tuple[str, int], Blank]

    @property
    def known(self) -> KnownPaper:
        """What a site that printed this copy knows."""
        return KnownPaper({self.layout.id: self.layout}, {self.copy: self.layout.id}, self.blanks)


@dataclass(frozen=True, slots=True)
class Trial:
    """One page to draw, send and read."""

    condition: str
    mix: str
    seed: int
    number: int


@dataclass(frozen=True, slots=True)
class Error:
    """One box read with certainty that its writer did not mean so, and all it takes to draw it again."""

    trial: Trial
    box: BoxKey
    meaning: str
    way: str
    said: str
    crop: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one page: how far it got, the fate of its boxes, and how far (mm) they were found from the truth."""

    trial: Trial
    status: str
    detail: str = ""
    boxes: Mapping[Outcome, int] = field(default_factory=Counter)
    inked: int = 0
    off_mm: tuple[float, ...] = ()
    errors: tuple[Error, ...] = ()
    backs_blank: bool = True


@cache
def printed(paper: str, copy_number: int) -> Printed:
    """Print one copy of the form."""
    definition = parse_definition(FORM.read_text(encoding="utf-8"), FORM.stem)
    assert isinstance(definition, FormDefinition), definition
    layout, code = lay_out(definition, "clear", paper), copy_code(copy_number)
    pages = tuple(printed_pages(print_copies(layout, [code]), DPI))
    return Printed(definition, layout, code, pages, _blanks(layout))


@cache
def _blanks(layout: Layout) -> Mapping[tuple[str, int], Blank]:
    return {(layout.id, number): blank for number, blank in drawn_blanks(layout).items()}


def try_page(trial: Trial) -> Result:
    """Draw a page, send it, read it, and hold it to the truth."""
    cv2.setNumThreads(1)
    condition = next(each for each in CONDITIONS if each.name == trial.condition)
    place = [each.name for each in CONDITIONS].index(trial.condition)
    rng = np.random.default_rng((trial.seed, place, list(MIXES).index(trial.mix), trial.number))
    form = printed(condition.paper, trial.number % 8 * 1_000_003 + trial.seed)
    number = FORM_PAGES[trial.number % len(FORM_PAGES)]
    layout, blank = form.layout.pages[number - 1], form.pages[number - 1]
    marked = mark_page(blank, PX_PER_MM, layout, form.definition, random_writer(MIXES[trial.mix], rng), rng)
    returned = send(condition, blank, marked.grey, layout, form.layout.paper_mm, rng)
    image = open_page(returned.data, 0)
    if not isinstance(image, PageImage):
        return Result(trial, "not opened", image.detail)
    read = read_page(returned.data, 0, form.known)
    if isinstance(read, BlankPage | Refusal):
        return Result(trial, *_why(read))
    if (read.code.copy, read.code.form_page) != (form.copy, number):
        return Result(trial, "taken for another", str(read.code))
    return _held_to_truth(trial, form, layout, marked, returned, image, read)


def _why(read: BlankPage | Refusal) -> tuple[str, str]:
    return ("blank", "") if isinstance(read, BlankPage) else (read.reason.value, read.detail)


def _held_to_truth(
    trial: Trial,
    form: Printed,
    layout: PageLayout,
    marked: MarkedPage,
    returned: Returned,
    image: PageImage,
    read: PageReading,
) -> Result:
    judged = judge(Sheet(form.definition, form.layout, {layout.number: read}))
    found = outcomes(judged, read.marks, marked.meanings, form.definition)
    said = {(mark.question, mark.value): mark for mark in read.marks}
    homography = np.array(read.homography).reshape(3, 3)
    errors = tuple(
        Error(
            trial,
            key,
            marked.meanings[key].value,
            marked.ways[key].value if key in marked.ways else "",
            said[key].verdict.value,
            _png(image.grey, homography, said[key].box),
        )
        for key, outcome in found.items()
        if outcome is Outcome.SILENT
    )
    accepted = (key for key, outcome in found.items() if outcome in (Outcome.RIGHT, Outcome.SILENT))
    return Result(
        trial,
        "read",
        boxes=Counter(found.values()),
        inked=sum(marked.meanings[key] is not Meaning.EMPTY for key in accepted),
        off_mm=tuple(_off_mm(layout, returned, image, homography, read).tolist()),
        errors=errors,
        backs_blank=all(_is_blank(returned.data, index, form.known) for index in range(1, returned.pages)),
    )


def _off_mm(
    layout: PageLayout, returned: Returned, image: PageImage, homography: NDArray[np.float64], read: PageReading
) -> NDArray[np.float64]:
    """How far from its true place each box was found, in mm of the paper."""
    taken = returned.taken
    drawn_as = np.array(image.grey.shape[::-1]) / np.array(taken.grey.shape[::-1])
    true = np.array([each.box.centre for each in layout.fields if each.kind == "mark"])
    lies = (taken.to_pixels(true) + 0.5) * drawn_as - 0.5
    found = np.array([mark.box.centre for mark in read.marks])
    return np.asarray(np.linalg.norm(mapped(np.linalg.inv(homography), lies) - found, axis=1))


def _is_blank(data: bytes, index: int, known: KnownPaper) -> bool:
    return isinstance(read_page(data, index, known), BlankPage)


def _png(grey: Grey, homography: NDArray[np.float64], box: Box) -> bytes:
    return cv2.imencode(".png", cut(grey, homography, box.grown(SHOWN_MM), PX_PER_MM))[1].tobytes()


def trials(pages: int, seed: int, only: str | None) -> Iterator[Trial]:
    """Every page to try, condition by condition."""
    for condition in CONDITIONS:
        if only in (None, condition.name):
            for mix in MIXES:
                yield from (Trial(condition.name, mix, seed, number) for number in range(pages))


def run(tried: Sequence[Trial], processes: int) -> Iterator[Result]:
    """Try every page, in so many processes, and tell how far along that is."""
    if processes == 1:
        yield from map(try_page, tried)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(try_page, tried, chunksize=4)


def of_condition(condition: Condition, results: Sequence[Result]) -> dict[str, object]:
    """The figures of one condition."""
    mine = [result for result in results if result.trial.condition == condition.name]
    boxes = sum((Counter(result.boxes) for result in mine), Counter[Outcome]())
    off = np.array([off for result in mine for off in result.off_mm])
    refused = Counter(result.status for result in mine if result.status != "read")
    return {
        "tone": condition.tone.value,
        "pages": len(mine),
        "identified": sum(result.status in ("read", "unsure_where", "too_coarse") for result in mine),
        "registered": sum(result.status == "read" for result in mine),
        "refused": dict(refused),
        "accepted": boxes[Outcome.RIGHT] + boxes[Outcome.SILENT],
        "sent": boxes[Outcome.SENT],
        "silent": boxes[Outcome.SILENT],
        "off_mm_mean": round(float(off.mean()), 3) if len(off) else None,
        "off_mm_p99": round(float(np.percentile(off, 99)), 3) if len(off) else None,
        "backs_not_blank": sum(not result.backs_blank for result in mine),
    }


def pooled(results: Iterable[Result], tones: Sequence[Tone], mixes: Sequence[str]) -> dict[str, object]:
    """The boxes of several conditions and mixes together, shares with 95 % intervals.

    Boxes on pages that were refused are in none of these figures.
    """
    of_tone = {condition.name for condition in CONDITIONS if condition.tone in tones}
    mine = [result for result in results if result.trial.condition in of_tone and result.trial.mix in mixes]
    boxes = sum((Counter(result.boxes) for result in mine), Counter[Outcome]())
    accepted, every = boxes[Outcome.RIGHT] + boxes[Outcome.SILENT], sum(boxes.values())
    wrong, sent = clopper_pearson(boxes[Outcome.SILENT], accepted), wilson(boxes[Outcome.SENT], every)
    return {
        "boxes": every,
        "accepted": accepted,
        "accepted_inked_share": round(sum(result.inked for result in mine) / max(1, accepted), 3),
        "silent": boxes[Outcome.SILENT],
        "silent_per_1000": [round(1000 * wrong.low, 4), round(1000 * wrong.high, 4)],
        "sent": boxes[Outcome.SENT],
        "sent_share": round(boxes[Outcome.SENT] / max(1, every), 5),
        "sent_share_interval": [round(sent.low, 5), round(sent.high, 5)],
    }


def read_share(results: Sequence[Result], names: Sequence[str]) -> dict[str, object]:
    """How many of the pages of some conditions were read."""
    mine = [result for result in results if result.trial.condition in names]
    read = sum(result.status == "read" for result in mine)
    share = wilson(read, len(mine))
    return {"pages": len(mine), "read": read, "interval": [round(share.low, 4), round(share.high, 4)]}


def figures(results: Sequence[Result]) -> dict[str, object]:
    """Everything that is stated."""
    mixes = list(MIXES)
    tried = {result.trial.condition for result in results}
    return {
        "grey": pooled(results, [Tone.GREY], mixes),
        **{f"grey_{mix}": pooled(results, [Tone.GREY], [mix]) for mix in mixes},
        "bitonal_and_fax": pooled(results, [Tone.BITONAL, Tone.FAX], mixes),
        **{f"{tone.value}_{mix}": pooled(results, [tone], [mix]) for tone in (Tone.BITONAL, Tone.FAX) for mix in mixes},
        "clean_and_typical": read_share(results, [CLEAN.name, TYPICAL.name]),
        "all_pages": read_share(results, [condition.name for condition in CONDITIONS]),
        "taken_for_another": sum(result.status == "taken for another" for result in results),
        "conditions": {each.name: of_condition(each, results) for each in CONDITIONS if each.name in tried},
    }


def tell(results: Iterable[Result], keep: Path | None) -> Iterator[Result]:
    """Print what went wrong as it happens, keep its pictures, and hand every result on."""
    for result in results:
        trial = result.trial
        where = f"{trial.condition} {trial.mix} --seed {trial.seed} page {trial.number}"
        if result.status != "read":
            print(f"refused: {where}: {result.status}: {result.detail}")
        for error in result.errors:
            name = f"{trial.condition}-{trial.mix}-{trial.number}-{'.'.join(error.box)}.png"
            print(f"silent: {where}: {error.box} was {error.meaning} ({error.way}), read as {error.said}")
            if keep is not None:
                (keep / name).write_bytes(error.crop)
        yield result


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=STATED_SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    tried = list(trials(options.pages, options.seed, options.only))
    results = list(tell(run(tried, options.processes), options.keep))
    print(f"{len(results)} pages in {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(json.dumps({"seed": options.seed, **figures(results)}))


if __name__ == "__main__":
    # Processes find what they are to run by the name of its module.
    sys.exit(import_module("benchmarks.reader_conditions").main())
