"""The papers as the reader knows them, and the sheets that came back with what is written on each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.foreign import ballots, formscanner, quexf, sdaps
from benchmarks.foreign.pictures import Grey, pages_of
from pipeline.form.definition import FormDefinition
from pipeline.form.fixed import fixed_layout
from pipeline.form.layout import Layout
from pipeline.form.parse import parse_definition
from pipeline.page.blank import photographed_blank
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What one person sent: pictures by form page, the answers, boxes scribbled out, and which areas hold writing.

    `barcodes` are what the barcodes on its pages say, where that is known; `remarks` are the pages with writing outside
    all fields.
    """

    name: str
    pictures: Mapping[int, PageImage]
    answers: Mapping[str, str]
    cancelled: frozenset[tuple[str, str]] = frozenset()
    written: Mapping[str, bool] | None = None
    barcodes: frozenset[str] = frozenset()
    remarks: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """One form that others made: its definition, its layout, its blank pages and its sheets."""

    definition: FormDefinition
    layout: Layout
    blanks: tuple[Grey, ...]
    sheets: tuple[Sheet, ...]


def papers(marks: Path) -> tuple[Paper, ...]:
    """Return all of them; `marks` is the folder `marks` of the shared data."""
    survey, questionnaire, example = marks / "quexf", marks / "formscanner_questionnaire", marks / "sdaps"
    survey_blanks = tuple(page.grey for page in pages_of(survey / "test_original.pdf"))
    questionnaire_blanks = tuple(page.grey for page in pages_of(questionnaire / "Questionnaire.pdf"))
    return (
        _paper("quexf", quexf.geometry(survey), survey_blanks, _surveys(survey)),
        _paper(
            "formscanner",
            formscanner.geometry(questionnaire, questionnaire_blanks[0]),
            questionnaire_blanks,
            _questionnaires(questionnaire),
        ),
        _paper("sdaps", sdaps.geometry(), tuple(sdaps.blank_pages(example)), _examples(example)),
        *_ballots(marks / "ballots_hmpb"),
    )


def known_papers(known: tuple[Paper, ...]) -> KnownPaper:
    """Return what a site knows where all of them were made readable: each must be told from the others."""
    return KnownPaper(
        layouts={paper.layout.id: paper.layout for paper in known},
        blanks={
            (paper.layout.id, number): photographed_blank(picture, paper.layout.paper_mm)
            for paper in known
            for number, picture in enumerate(paper.blanks, 1)
        },
        fixed=tuple(paper.layout.id for paper in known),
    )


def _paper(
    name: str, geometry: Mapping[str, Any], blanks: tuple[Grey, ...], sheets: Iterator[Sheet], form: str | None = None
) -> Paper:
    definition = parse_definition((HERE / f"{form or name}.yaml").read_text(encoding="utf-8"), name)
    assert isinstance(definition, FormDefinition), definition
    layout = fixed_layout(definition, json.dumps(geometry), b"".join(blank.tobytes() for blank in blanks))
    assert isinstance(layout, Layout), "\n".join(map(str, layout))
    return Paper(definition, layout, blanks, tuple(sheets))


def _surveys(folder: Path) -> Iterator[Sheet]:
    for name, told in quexf.truth(folder).items():
        pictures = dict(enumerate(pages_of(folder / name), 1))
        answers = {key: value for key, value in told.items() if key != "_cancelled"}
        yield Sheet(name, pictures, answers, frozenset(told["_cancelled"]), None, frozenset({"00000101", "00000102"}))


def _questionnaires(folder: Path) -> Iterator[Sheet]:
    for name, told in formscanner.truth(folder).items():
        answers = {key: value for key, value in told.items() if key != "qr"}
        yield Sheet(name, {1: pages_of(folder / name)[0]}, answers, barcodes=frozenset({told["qr"]}))


def _examples(folder: Path) -> Iterator[Sheet]:
    frames = pages_of(folder / "example.tif")
    for number, told in enumerate(sdaps.sheets(), 1):
        pictures = {int(page): frames[frame] for page, frame in told["frames"].items()}
        written = {question: bool(words) for question, words in told["written"].items()}
        yield Sheet(
            f"example.tif, sheet {number}", pictures, told["answers"], frozenset(), written, frozenset({sdaps.BARCODE})
        )


def _ballots(folder: Path) -> Iterator[Paper]:
    returned = ballots.returned(folder)
    for name, files in ballots.blank_files(folder).items():
        blanks = tuple(pages_of(file)[0].grey for file in files)
        sheets = (
            Sheet(
                each.name,
                {number: pages_of(file)[0] for number, file in each.files.items()},
                each.votes,
                barcodes=each.barcodes,
                remarks=each.remarks,
            )
            for each in returned[name]
        )
        yield _paper(name, ballots.geometry(folder, name, blanks), blanks, sheets, form="ballot")
