"""Stacks of scanned paper to measure speed with: drawn copies of the forms beside this file, a JPEG a page in a PDF."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.practice.answers import random_answers
from pipeline.practice.mixes import ORDINARY, mark_page, random_writer
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_jpeg, ordinary_scanner, pdf_of_jpegs, scan
from pipeline.site import Site, load_form, open_site
from pipeline.store.record import register_print

HERE = Path(__file__).parent
DPI = 300
QUALITY = 85
"""Of the JPEGs, as office scanners set to good quality make them: 0.9 to 1 MB a page."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Scanned first pages of as many copies of a form, in one PDF: a site that printed them, the file, its JPEGs."""

    site: Site
    file: Path
    jpegs: tuple[bytes, ...]


def drawn_stack(form: str, pages: int, folder: Path, seed: int) -> Stack:
    """Print `pages` copies of a form at a new site in `folder`, and have the first page of each filled in and scanned.

    Boxes to tick are marked by writers of the ORDINARY mix, all else is written by ordinary residents.
    """
    site = _new_site(folder)
    definition = load_form(site, form)
    layout = lay_out(definition)
    with closing(site.open_store()) as db:
        codes = register_print(db, definition, layout, pages, datetime.now(UTC))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        draw = partial(_scanned_page, definition, layout)
        jpegs = tuple(pool.map(draw, codes, [(seed, number) for number in range(pages)], chunksize=8))
    return _filed(site, form, jpegs)


def first_of(stack: Stack, pages: int, folder: Path) -> Stack:
    """Return the first pages of a stack for a new site in `folder`, so that reading them leaves the stack untouched."""
    site = _new_site(folder)
    shutil.copyfile(stack.site.store, site.store)
    return _filed(site, stack.file.stem, stack.jpegs[:pages])


def _new_site(folder: Path) -> Site:
    (folder / "forms").mkdir(parents=True)
    for definition in HERE.glob("*.yaml"):
        shutil.copy(definition, folder / "forms")
    return open_site(folder)


def _filed(site: Site, name: str, jpegs: Sequence[bytes]) -> Stack:
    file = site.root / f"{name}.pdf"
    file.write_bytes(pdf_of_jpegs(jpegs, DPI))
    return Stack(site, file, tuple(jpegs))


def _scanned_page(definition: FormDefinition, layout: Layout, code: str, seed: tuple[int, int]) -> bytes:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    pages = tuple(printed_pages(print_copies(layout, [code], "one"), DPI))
    written = _written(pages, definition, layout, rng)
    return as_jpeg(scan(written, DPI / 25.4, ordinary_scanner(rng, DPI), rng), DPI, QUALITY)


def _written(pages: tuple[Grey, ...], definition: FormDefinition, layout: Layout, rng: np.random.Generator) -> Grey:
    """The first page as filled in."""
    first = layout.pages[0]
    if all(field.kind == "mark" for field in first.fields):
        return mark_page(pages[0], DPI / 25.4, first, definition, random_writer(ORDINARY, rng), rng).grey
    return fill(pages, layout, random_answers(definition, rng), random_resident(rng), rng).pages[0]
