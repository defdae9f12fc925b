"""Sites whose paper was read by an earlier reader, which misread what a test asks for: the truth is known."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress
from webpages import NOON, make_site

from pipeline import intake
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.inbox.workers import Workers
from pipeline.intake import ingest_files
from pipeline.page.refusal import BlankPage, Refusal
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.reading.readings import PageReading
from pipeline.review.reader import Reader, describe_reader
from pipeline.site import Site, load_form, open_site
from pipeline.store.kept_pages import PageTask
from pipeline.store.record import register_print

DPI = 200
QUIET = Progress(disable=True)
EARLIER = describe_reader("0.0.9", {}, {}, {})

Read = PageReading | Refusal | BlankPage
Misread = Callable[[Read], Read]


@dataclass(frozen=True)
class ReadSite:
    """A site, the form that came back on paper, and the codes of its copies."""

    site: Site
    form: FormDefinition
    layout: Layout
    codes: tuple[str, ...]


def read_by(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> None:
    """Let this process record what it reads as read by another reader."""
    monkeypatch.setattr(intake, "reader_of_kept", lambda: reader)


def always(sha256: str) -> bool:
    """Every original is kept."""
    return True


class Here:
    """Does in this process what workers do: quicker, where nothing is to be survived."""

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *trouble: object) -> None:
        pass

    def load(self, function: Callable[..., object]) -> None:
        pass

    def run(self, function: Callable[..., object], *arguments: object) -> object:
        return function(*arguments)

    def map_bounded(self, function: Callable[..., object], items: Iterable[object]) -> Iterator[object]:
        return map(function, items)


def ingest_misread(
    monkeypatch: pytest.MonkeyPatch, folder: Path, answers: Iterable[Mapping[str, str]], misread: Misread
) -> ReadSite:
    """Print a copy for each of `answers`, have it filled in, and ingest it by an earlier reader that misreads."""
    site = make_site(folder)
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    given = list(answers)
    codes = register_print(site.open_store(), form, layout, len(given), NOON)
    pages = list(printed_pages(print_copies(layout, codes, "one"), DPI))
    rng = np.random.default_rng(4)
    for number, one in enumerate(given):
        blank = tuple(pages[number * len(layout.pages) : (number + 1) * len(layout.pages)])
        filled = fill(blank, layout, one, random_resident(rng), rng)
        (folder / f"scan-{number}.pdf").write_bytes(as_pdf(filled.pages, DPI))
    with monkeypatch.context() as patched:
        read_by(patched, EARLIER)
        patched.setattr(intake, "Workers", Here)
        patched.setattr(intake, "read_pages", partial(_misreading, intake.read_pages, misread))
        ingest_files(site, sorted(folder.glob("scan-*.pdf")), QUIET)
    return ReadSite(open_site(folder), form, layout, codes)


def _misreading(
    read_pages: Callable[[Workers, Iterable[PageTask]], Iterator[Read]],
    misread: Misread,
    workers: Workers,
    tasks: Iterable[PageTask],
) -> Iterator[Read]:
    return map(misread, read_pages(workers, tasks))


def exchanged(reading: Read, question: str, one: str, other: str) -> Read:
    """The reading of a page with what was read in two boxes of a question exchanged."""
    if not isinstance(reading, PageReading):
        return reading
    found = {mark.value: mark for mark in reading.marks if mark.question == question}
    if not found:
        return reading
    swapped = {
        one: replace(found[other], value=one, box=found[one].box),
        other: replace(found[one], value=other, box=found[other].box),
    }
    marks = tuple(swapped.get(mark.value, mark) if mark.question == question else mark for mark in reading.marks)
    return replace(reading, marks=marks)
