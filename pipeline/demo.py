"""The whole journey from nothing: print, fill in, scan badly, read, answer online, merge, report."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.hot_folder import ingest_inbox
from pipeline.intake import IngestReport
from pipeline.practice.answers import local_postcodes, random_answers
from pipeline.practice.browser import answer_online
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import Filled, fill, random_resident
from pipeline.practice.scanner import as_g4_tiff, as_jpeg, as_pdf, ordinary_scanner, phone, photocopy, scan
from pipeline.site import Site, SiteError, load_form, open_site
from pipeline.store.catalogue import keep_local_postcodes
from pipeline.store.coded import read_coded
from pipeline.store.database import immediately
from pipeline.store.record import register_print
from pipeline.store.responses import Dataset, Response, read_dataset
from pipeline.tables.report import report_html
from pipeline.web.server import running

FORM = "opening-hours"
COPIES = 12
ONLINE = 20
DPI = 300
PX_PER_MM = DPI / 25.4
_SEED = 20260301
_MADE_BY_DEMO = ".made-by-pillarbox-demo"


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo did: the site it made, what came of the scans, the truth of every copy, and the merged dataset."""

    site: Site
    ingested: IngestReport
    truth: Mapping[str, Mapping[str, str]]
    dataset: Dataset
    report: Path

    @property
    def compared(self) -> tuple[int, int, int]:
        """How many answers on the copies' own papers were read right, wait for a person, and were read wrongly.

        A photocopied copy has a second writer, and a page that was not returned was not read: neither is compared.
        """
        right = waiting = wrong = 0
        for copy, response in _first_returns(self.dataset).items():
            for variable in self.dataset.variables:
                missing = response.missing.get(variable.name)
                if missing is Missing.WAITING:
                    waiting += 1
                elif missing is not Missing.PAGE_NOT_RETURNED:
                    is_right = response.answers.get(variable.name) == self.truth[copy].get(variable.name)
                    right, wrong = right + is_right, wrong + (not is_right)
        return right, waiting, wrong


def _first_returns(dataset: Dataset) -> dict[str, Response]:
    """The first response of every copy, by its code."""
    returns: dict[str, Response] = {}
    for response in dataset.responses:
        if response.facts["channel"] == "paper" and response.facts["copy"]:
            returns.setdefault(response.facts["copy"], response)
    return returns


@dataclass(frozen=True, slots=True)
class _Copy:
    """One printed copy: its code, its blank pages, and what a resident made of them."""

    code: str
    blank: tuple[Grey, ...]
    filled: Filled


def run_demo(folder: Path, forms: Path, progress: Progress) -> DemoOutcome:
    """Make a site in `folder` with the definitions in `forms`, and walk the journey in it. Raises SiteError."""
    site = _fresh_site(folder, forms)
    definition = load_form(site, FORM)
    layout = lay_out(definition)
    rng = np.random.default_rng(_SEED)
    db = site.open_store()
    with immediately(db):
        keep_local_postcodes(db, local_postcodes())
    codes = register_print(db, definition, layout, COPIES, datetime.now(UTC))
    pdf = print_copies(layout, codes)
    (site.root / f"{FORM}.pdf").write_bytes(pdf)
    copies = _fill_in(definition, layout, codes, pdf, progress, rng)
    _return_badly(site, layout, definition, copies, rng)
    ingested = ingest_inbox(site, 0.0, progress)
    _answer_online(site, definition, progress, rng)
    dataset = read_dataset(db, FORM)
    report = site.root / "report.html"
    report.write_text(report_html(read_coded(db, FORM), site.local_date(datetime.now(UTC))), encoding="utf-8")
    return DemoOutcome(site, ingested, {copy.code: copy.filled.truth for copy in copies}, dataset, report)


def _fresh_site(folder: Path, forms: Path) -> Site:
    """Make an empty site, over an earlier demo if there is one, and over nothing else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MADE_BY_DEMO).exists():
        raise SiteError(f"{folder} is not empty, and no demo made it. Name another folder, or empty this one yourself.")
    if not (forms / f"{FORM}.yaml").exists():
        raise SiteError(
            f"There is no {FORM}.yaml in {forms}. Run the demo where pillarbox was unpacked, or use --site."
        )
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "scanner_inbox").mkdir(parents=True)
    (folder / _MADE_BY_DEMO).write_text("This folder was made by “pillarbox demo”, which may replace it.\n")
    shutil.copytree(forms, folder / "forms")
    return open_site(folder)


def _fill_in(
    definition: FormDefinition,
    layout: Layout,
    codes: Sequence[str],
    pdf: bytes,
    progress: Progress,
    rng: np.random.Generator,
) -> list[_Copy]:
    """Have every copy filled in by somebody else, with another pen."""
    pages = list(printed_pages(pdf, DPI))
    sides = len(pages) // len(codes)
    bar = progress.add_task("Residents fill in the forms", total=len(codes))
    copies = []
    for number, code in enumerate(codes):
        blank = tuple(pages[number * sides : number * sides + len(layout.pages)])
        answers = random_answers(definition, rng)
        copies.append(_Copy(code, blank, fill(blank, layout, answers, random_resident(rng), rng)))
        progress.advance(bar)
    return copies


def _return_badly(
    site: Site, layout: Layout, definition: FormDefinition, copies: Sequence[_Copy], rng: np.random.Generator
) -> None:
    """Scan the copies as carelessly as people do, and drop them into the inbox.

    One sheet lies upside down, one copy's pages are out of order, one page is missing, one sheet is scanned
    twice, and one copy was photocopied before it was filled in, and is returned by two people.
    """
    filled = [copy.filled.pages for copy in copies]
    stack = [*_scanned(filled[0] + filled[1] + filled[2][::-1], rng)]
    stack += _scanned(filled[3], rng, upside_down=True)
    stack += _scanned(filled[4][:-1], rng)
    _drop(site, "SCN_0001.pdf", as_pdf(stack, DPI))
    _drop(site, "SCN_0002.tif", as_g4_tiff(_scanned(filled[5] + filled[6], rng, bitonal=170), DPI))
    again = filled[7] + filled[8] + filled[9] + filled[0][:1]
    _drop(site, "porth-gwyn/SCN_0001.pdf", as_pdf(_scanned(again, rng), DPI))
    for number, page in enumerate(filled[10] + filled[11], 1):
        camera = phone(rng)
        _drop(site, f"porth-gwyn/IMG_{number:04}.jpg", as_jpeg(scan(page, PX_PER_MM, camera, rng), camera.dpi))
    photocopied = [photocopy(page, PX_PER_MM, rng) for page in copies[7].blank]
    second = fill(photocopied, layout, random_answers(definition, rng), random_resident(rng), rng)
    _drop(site, "SCN_0003.pdf", as_pdf(_scanned(second.pages, rng), DPI))


def _scanned(pages: Sequence[Grey], rng: np.random.Generator, **unusual: Any) -> list[Grey]:
    """Scan pages, each laid down a little differently, with `unusual` settings of the scanner."""
    return [
        scan(page, PX_PER_MM, replace(ordinary_scanner(rng, DPI), **{"upside_down": False, **unusual}), rng)
        for page in pages
    ]


def _drop(site: Site, name: str, content: bytes) -> None:
    path = site.inbox / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _answer_online(site: Site, definition: FormDefinition, progress: Progress, rng: np.random.Generator) -> None:
    """Post answers to the running server, as residents' browsers do, some of them in the form's other language."""
    bar = progress.add_task("Residents answer online", total=ONLINE)
    with running(site) as urls:
        for _ in range(ONLINE):
            language = definition.languages[0] if rng.random() < 0.8 else definition.languages[-1]
            answers = random_answers(definition, rng, language)
            answer_online(urls.resident_url, definition, answers, language, rng)
            progress.advance(bar)
