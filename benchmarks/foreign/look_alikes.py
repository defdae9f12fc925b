"""Two ballots of neighbouring districts that differ in a few names alone: no page of theirs may be guessed at."""

from __future__ import annotations

from pathlib import Path

from benchmarks.foreign.pictures import pages_of
from pipeline.form.layout import FIXED, Elsewhere, Layout, PageLayout
from pipeline.page.blank import photographed_blank
from pipeline.page.known import Blank, KnownPaper
from pipeline.page.picture import PageImage

CHOCTAW = "choctaw-county-2020-general-election"
PAPER_MM = 215.9, 355.6
BLANKS = {
    "district5": ("ballot-p1.png", "ballot-p2.png"),
    "eastweir": ("ballot-east-weir-p1.png", "ballot-east-weir-p2.png"),
}
"""The pictures of each ballot's pages, unmarked."""


def known_look_alikes(marks: Path) -> KnownPaper:
    """Return what a site knows where both were made readable; nothing is asked on them here."""
    layouts = {name: _layout(name) for name in BLANKS}
    blanks = {
        (name, number): _blank(marks / "ballots_hmpb" / CHOCTAW / file)
        for name, files in BLANKS.items()
        for number, file in enumerate(files, 1)
    }
    return KnownPaper(layouts=layouts, blanks=blanks, fixed=tuple(BLANKS))


def returned_look_alikes(marks: Path) -> list[PageImage]:
    """Return every page that came back filled in."""
    files = sorted((marks / "ballots_hmpb" / CHOCTAW).glob("filled-in-*.png"))
    return [page for file in files for page in pages_of(file)]


def _layout(name: str) -> Layout:
    return Layout(
        id=name,
        form=name,
        version="",
        edition=FIXED,
        lang="en",
        paper="",
        paper_mm=PAPER_MM,
        pages=(PageLayout(1, (), ()), PageLayout(2, (), ())),
        elsewhere=Elsewhere("both"),
    )


def _blank(file: Path) -> Blank:
    return photographed_blank(pages_of(file)[0].grey, PAPER_MM)
