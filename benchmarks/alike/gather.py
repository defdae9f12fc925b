"""A site that asks made-up forms in every way, and what is on its record of them before and after people decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.progress import Progress
from sqlite_utils import Database

from benchmarks.alike.ways import PRINTED, TYPED, Copy, file_of, turns
from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import LayoutError
from pipeline.form.xlsform.reading import read_xlsform
from pipeline.form.xlsform.writing import write_xlsform
from pipeline.intake import IngestReport, ingest_files
from pipeline.practice.answers import local_postcodes, random_answers
from pipeline.practice.browser import answer_online
from pipeline.practice.definitions import random_definition
from pipeline.site import Site, load_form, open_site
from pipeline.store.catalogue import keep_local_postcodes
from pipeline.store.database import immediately
from pipeline.store.queue import find_doubt
from pipeline.store.record import register_print
from pipeline.store.responses import Response, read_dataset
from pipeline.store.waiting import OpenDoubt, open_doubts, settle_doubt
from pipeline.web.server import running

MOST_ROUNDS = 4
"""A decision may bring up another doubt, of the questions behind it; never so often."""

Rows = Mapping[str, Response]
"""The rows of a record: by the code of the copy, those of the online form by their submission."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Which forms are made up: so many `questions` at most in each, numbered, from one seed."""

    numbers: Sequence[int]
    questions: int
    seed: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One form, its copies, the submissions of the online form by language, and the ways that cannot be printed."""

    definition: FormDefinition
    copies: tuple[Copy, ...]
    online: Mapping[str, str]
    unprintable: Mapping[str, str]

    @property
    def first_online(self) -> str:
        """The submission that all others are held to."""
        return self.online[self.definition.languages[0]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was asked and what came of it: what was read, and the rows before and after every doubt was settled."""

    asked: Sequence[Asked]
    report: IngestReport
    before: Rows
    after: Rows


def gather(root: Path, lot: Lot, pool: Executor) -> Gathered:
    """Ask every form of a lot in every way at a new site in the folder `root`, and read all that comes back."""
    site = _fresh_site(root)
    db = site.open_store()
    with running(site) as urls:
        asked, coming = [], []
        for number in lot.numbers:
            asked.append(_ask(site, db, urls.resident_url, number, lot))
            coming += [(copy.code, pool.submit(file_of, copy)) for copy in asked[-1].copies]
        paths = list(_arrived(root, coming))
    report = ingest_files(site, paths, Progress(disable=True))
    before = _rows(db, asked)
    _settle_all(db, {each.definition.id: before[each.first_online] for each in asked})
    return Gathered(asked, report, before, _rows(db, asked))


def _fresh_site(root: Path) -> Site:
    for folder in ("forms", "scanner_inbox", "returned"):
        (root / folder).mkdir()
    site = open_site(root)
    db = site.open_store()
    with immediately(db):
        keep_local_postcodes(db, local_postcodes())
    return site


def _ask(site: Site, db: Database, resident_url: str, number: int, lot: Lot) -> Asked:
    """Make up a form and what one resident says, print it in every way and answer it online in every language."""
    rng = np.random.default_rng((lot.seed, number))
    definition = _written(site, random_definition(f"form-{number}", rng, lot.questions))
    answers = _in_lines(definition, random_answers(definition, rng), rng)
    copies, unprintable = [], {}
    for way, (lang, paper) in turns(number).items():
        edition = "fillable" if way == TYPED else way
        try:
            layout = lay_out(definition, edition, paper, lang)
        except LayoutError as error:
            unprintable[f"{way} {lang}"] = str(error)
            continue
        (code,) = register_print(db, definition, layout, 1, datetime.now(UTC))
        copies.append(Copy(way, code, definition, layout, answers, (lot.seed, number, PRINTED.index(way))))
    online = {
        lang: str(answer_online(resident_url, definition, answers, lang, rng)["submission"])
        for lang in definition.languages
    }
    return Asked(definition, tuple(copies), online, unprintable)


def _in_lines(definition: FormDefinition, answers: Mapping[str, str], rng: np.random.Generator) -> dict[str, str]:
    """Put in a new line after each sentence of half the comments."""
    comments = [each.name for each in definition.variables if each.shape is Shape.COMMENT]
    parted = {name: answers[name].replace(". ", ".\n") for name in comments if name in answers and rng.random() < 0.5}
    return {**answers, **parted}


def _written(site: Site, definition: FormDefinition) -> FormDefinition:
    """Save a form as its author might, by way of a spreadsheet, and return what the site makes of it."""
    text = read_xlsform(write_xlsform(definition)).text
    (site.forms / f"{definition.id}.yaml").write_text(text, encoding="utf-8")
    return load_form(site, definition.id)


def _arrived(root: Path, coming: Iterable[tuple[str, Future[bytes]]]) -> Iterator[Path]:
    for code, content in coming:
        path = root / "returned" / f"{code}.pdf"
        path.write_bytes(content.result())
        yield path


def _rows(db: Database, asked: Iterable[Asked]) -> dict[str, Response]:
    return {
        str(row.facts["copy"] or row.facts["submission"]): row
        for each in asked
        for row in read_dataset(db, each.definition.id).responses
    }


def _settle_all(db: Database, truth: Mapping[str, Response]) -> None:
    """Have somebody who knows what every writer meant decide all that waits; `truth` is a row for each form."""
    for _ in range(MOST_ROUNDS):
        for doubt in open_doubts(db):
            if find_doubt(db, doubt.doubt):  # It may have gone with another.
                _settle(db, doubt, truth[doubt.form].answers.get(doubt.question))


def _settle(db: Database, doubt: OpenDoubt, meant: str | None) -> None:
    missing = None if meant else Missing.BLANK
    refused = settle_doubt(db, doubt.doubt, meant, missing, "the writer", datetime.now(UTC))
    if refused:
        print(f"{doubt.form} {doubt.question}: {meant!r} was not taken as a decision: {refused}")
