"""A trial of the whole journey on paper: copies printed, filled in, scanned, read, settled, and held to the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context

import cv2
import numpy as np
from rich.progress import Progress

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.hot_folder import ingest_inbox
from pipeline.practice.answers import local_postcodes, random_answers
from pipeline.practice.pens import Grey
from pipeline.practice.printer import handed_out, printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf, ordinary_scanner, scan
from pipeline.site import Site, load_form
from pipeline.store.catalogue import keep_local_postcodes
from pipeline.store.database import immediately
from pipeline.store.record import register_print
from pipeline.store.responses import Response, read_dataset
from pipeline.store.waiting import open_doubts, settle_doubt

DPI_DRAWN = 300
"""Residents write on pages of this resolution; their scans have one of their own."""

DPIS = (200, 300)
"""Resolutions a copy may be scanned at: what office scanners are set to."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """One returned copy: its code, its pages as one scanned PDF, and what its writer meant (variable to value)."""

    copy: str
    pdf: bytes
    truth: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One answer read with confidence that its writer did not mean. None stands for no answer."""

    copy: str
    variable: str
    read: str | None
    meant: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial: how many answers were read right, waited (by reason), or were wrong without a word.

    `refused` are pages that were not read; `unsettled` answers that differed from the truth even after every doubt
    was settled with it, and `pages` how many were read.
    """

    right: int
    waiting: Mapping[str, int]
    mistakes: tuple[Mistake, ...]
    refused: int
    unsettled: tuple[Mistake, ...]
    pages: int

    @property
    def answers(self) -> int:
        """How many answers were asked for on all copies."""
        return self.right + sum(self.waiting.values()) + len(self.mistakes)

    @property
    def share_waiting(self) -> float:
        """The share of answers that a person is asked about, 0 to 1."""
        return sum(self.waiting.values()) / self.answers


@dataclass(frozen=True, slots=True)
class Print:
    """What is printed for a trial: an edition, and a language of the form, its first unless told otherwise."""

    edition: str = "clear"
    lang: str = ""


def run_trial(site: Site, form: str, copies: int, seed: int, progress: Progress, printed: Print | None = None) -> Trial:
    """Print `copies` of a form at `site`, have ordinary residents return them, read them, and settle every doubt.

    The site knows the postcodes around it, as a council does; a tenth of the residents live elsewhere.
    """
    definition, printed = load_form(site, form), printed or Print()
    layout = lay_out(definition, printed.edition, lang=printed.lang or definition.languages[0])
    db = site.open_store()
    codes = register_print(db, definition, layout, copies, datetime.now(UTC))
    with immediately(db):
        keep_local_postcodes(db, local_postcodes())
    truth = {}
    for scanned in scanned_copies(definition, layout, codes, seed):
        (site.inbox / f"{scanned.copy}.pdf").write_bytes(scanned.pdf)
        truth[scanned.copy] = scanned.truth
    report = ingest_inbox(site, 0.0, progress)
    first = {str(one.facts["copy"]): one for one in read_dataset(db, form).responses}
    waiting = Counter(doubt.reason for doubt in open_doubts(db))
    for doubt in open_doubts(db):
        meant = truth[str(doubt.copy)].get(doubt.question)
        settle_doubt(db, doubt.doubt, meant, None if meant else Missing.BLANK, "the writer", datetime.now(UTC))
    settled = {str(one.facts["copy"]): one for one in read_dataset(db, form).responses}
    mistakes = tuple(_mistakes(definition, truth, first))
    asked = len({field.question for page in layout.pages for field in page.fields}) * copies
    return Trial(
        right=asked - waiting.total() - len(mistakes),
        waiting=waiting,
        mistakes=mistakes,
        refused=sum(page.status != "read" for file in report.files for page in file.pages),
        unsettled=tuple(_mistakes(definition, truth, settled)),
        pages=sum(len(file.pages) for file in report.files),
    )


def scanned_copies(definition: FormDefinition, layout: Layout, codes: Sequence[str], seed: int) -> Iterator[Scanned]:
    """Yield every copy as an ordinary resident and an ordinary scanner return it; the same seed draws the same.

    Each page is laid on the scanner anew, a tenth of them upside down.
    """
    draw = partial(_scanned_copy, definition, layout)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(draw, codes, [(seed, number) for number in range(len(codes))], chunksize=4)


def _scanned_copy(definition: FormDefinition, layout: Layout, code: str, seed: tuple[int, int]) -> Scanned:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    pages = tuple(handed_out(printed_pages(print_copies(layout, [code], "one"), DPI_DRAWN), layout, DPI_DRAWN))
    return returned(code, pages, layout, random_answers(definition, rng), rng)


def returned(
    code: str, pages: Sequence[Grey], layout: Layout, answers: Mapping[str, str], rng: np.random.Generator
) -> Scanned:
    """Return a printed copy, drawn at `DPI_DRAWN`, as an ordinary resident fills it in and scans it."""
    filled = fill(pages, layout, answers, random_resident(rng), rng)
    dpi = int(rng.choice(DPIS))
    settings = [ordinary_scanner(rng, dpi) for _ in filled.pages]
    pictures = [scan(page, DPI_DRAWN / 25.4, one, rng) for page, one in zip(filled.pages, settings, strict=True)]
    return Scanned(code, as_pdf(pictures, dpi, settings[0].jpeg_quality), filled.truth)


def _mistakes(
    definition: FormDefinition, truth: Mapping[str, Mapping[str, str]], responses: Mapping[str, Response]
) -> Iterator[Mistake]:
    """Yield every answer that differs from the truth without waiting for anybody; a copy that is gone is all wrong."""
    for copy, meant in truth.items():
        response = responses.get(copy)
        for variable in definition.variables:
            read = response.answers.get(variable.name) if response else None
            waits = response is not None and response.missing.get(variable.name) is Missing.WAITING
            if read != meant.get(variable.name) and not waits:
                yield Mistake(copy, variable.name, read, meant.get(variable.name))
