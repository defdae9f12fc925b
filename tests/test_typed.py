"""A filled-in PDF is read by its fields: the same answers as online, a reason in words, or as paper."""

import ast
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from rich.progress import Progress

from pipeline.crops import crop_path, cut_crops
from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition, Kind, Question
from pipeline.form.fillable import print_fillable
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.normal import normalise
from pipeline.form.parse import parse_definition
from pipeline.form.typed_fields import COPY_FIELD, typed_fields
from pipeline.hot_folder import ingest_inbox
from pipeline.inbox.trouble import SetAside
from pipeline.inbox.workers import Workers
from pipeline.intake import IngestReport
from pipeline.page.image import inspect
from pipeline.page.picture import Grey
from pipeline.practice.answers import random_answers
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import Scanner, as_pdf, scan
from pipeline.practice.typist import entries_of, fill_in
from pipeline.reading.typed import copy_of, read_fields, typed_answers
from pipeline.site import Site, load_form, open_site
from pipeline.store.projection import rebuild
from pipeline.store.record import Arrival, OnlineReturn, record_online, register_print
from pipeline.store.responses import Response, read_dataset
from pipeline.store.trace import trace
from pipeline.store.waiting import open_doubts

FORMS = Path(__file__).resolve().parent.parent / "forms"
QUIET = Progress(disable=True)
ONE = copy_code(20_270_331)
DPI = 200
PX_PER_MM = DPI / 25.4


def form(name: str) -> FormDefinition:
    parsed = parse_definition((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert isinstance(parsed, FormDefinition)
    return parsed


def typed_back(definition: FormDefinition, layout: Layout, answers: Mapping[str, str]) -> dict[str, str]:
    filled = fill_in(print_fillable(layout, definition, ONE), entries_of(typed_fields(definition, layout), answers))
    found = typed_answers(read_fields(filled), definition)
    assert found is not None
    stored = {each.name: normalise(each, found[each.name]) for each in definition.variables}
    return {name: str(value) for name, value in stored.items() if value}


def test_a_choice_may_be_stored_as_what_a_pdf_calls_a_box_without_a_tick() -> None:
    plain = form("library-visit")
    called = {"got_it": "Off", "reasons": "Off"}
    items = tuple(
        replace(item, choices=(replace(item.choices[0], value="Off"), *item.choices[1:])) if item.id in called else item
        for item in plain.questions
    )
    definition = replace(plain, items=items)
    layout = lay_out(definition, "fillable")
    assert typed_back(definition, layout, called) == called
    assert typed_back(definition, layout, {}) == {}


@settings(max_examples=6)
@given(st.integers(0, 10_000), st.sampled_from(["library-visit", "opening-hours", "front-desk"]))
def test_what_is_typed_is_read_as_it_was_meant(seed: int, name: str) -> None:
    definition = form(name)
    lang = definition.languages[seed % len(definition.languages)]
    answers = random_answers(definition, np.random.default_rng(seed), lang)
    assert typed_back(definition, lay_out(definition, "fillable", lang=lang), answers) == answers


@pytest.mark.parametrize("length", [5, 40])
@pytest.mark.parametrize("words", ["LIBRARY", "A BOOK OF WALES AND THE SEA", "SIXTEEN LETTERS! AND MORE THAN THAT"])
def test_rows_of_boxes_are_one_line(length: int, words: str) -> None:
    definition = replace(
        form("front-desk"),
        items=(
            Question("short", Kind.TEXT, {"en": "In a word?"}, {}, length=length),
            Question("card", Kind.CODE, {"en": "Your card?"}, {}, pattern="AA-9999 X"),
        ),
    )
    answers = {"short": words[:length].strip(), "card": "BK-2745 7"}
    assert typed_back(definition, lay_out(definition, "fillable"), answers) == answers


def test_it_says_which_copy_it_is() -> None:
    definition = form("library-visit")
    layout = lay_out(definition, "fillable")
    code = copy_of(read_fields(print_fillable(layout, definition, ONE)))
    assert code is not None
    assert (code.layout, code.copy) == (layout.id, ONE)


@dataclass(frozen=True)
class Desk:
    """A site with copies of the fillable edition of one form."""

    site: Site
    form: FormDefinition
    layout: Layout
    codes: tuple[str, ...]

    def copy(self, number: int = 0) -> bytes:
        return print_fillable(self.layout, self.form, self.codes[number])

    def filled(self, answers: Mapping[str, str], number: int = 0) -> bytes:
        return fill_in(self.copy(number), entries_of(typed_fields(self.form, self.layout), answers))

    def drop(self, name: str, content: bytes) -> IngestReport:
        (self.site.inbox / name).write_bytes(content)
        return ingest_inbox(self.site, 0.0, QUIET)

    def responses(self) -> list[Response]:
        db = self.site.open_store()
        try:
            return list(read_dataset(db, self.form.id).responses)
        finally:
            db.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(FORMS, root / "forms")
    (root / "scanner_inbox").mkdir()
    site = open_site(root)
    definition = load_form(site, "library-visit")
    layout = lay_out(definition, "fillable")
    db = site.open_store()
    codes = register_print(db, definition, layout, 2, datetime.now(UTC))
    db.close()
    return Desk(site, definition, layout, codes)


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    root = tmp_path / "site"
    shutil.copytree(made.site.root, root)
    return replace(made, site=open_site(root))


ANSWERS = {
    "library": "porth_gwyn",
    "reasons": "online;other",
    "reasons.other": "Cwrdd â ffrindiau, tŷ ŵyl",
    "got_it": "some",
    "not_found": "A book about the sea.\nAnd one about hills.",
}


def test_a_filled_in_file_gives_what_the_online_form_gives(desk: Desk) -> None:
    report = desk.drop("mine.pdf", desk.filled(ANSWERS))
    (outcome,) = report.files
    assert (outcome.status, [page.status for page in outcome.pages]) == ("read", ["read"] * len(desk.layout.pages))
    (submission,) = report.submissions
    assert (submission.copy, submission.status, submission.doubts) == (desk.codes[0], "complete", 0)
    db = desk.site.open_store()
    arrival = Arrival(datetime.now(UTC), "2026-11-28")
    record_online(db, OnlineReturn(desk.form, "en", "online", ANSWERS, desk.codes[1], "a-key-of-its-own", arrival))
    db.close()
    pdf, online = sorted(desk.responses(), key=lambda response: response.facts["channel"] == "online")
    assert (pdf.facts["channel"], pdf.facts["edition"], pdf.facts["lang"]) == ("pdf", "fillable", "en")
    assert (pdf.answers, pdf.missing) == (online.answers, online.missing)
    assert {name: value for name, value in pdf.answers.items() if value} == ANSWERS


def test_its_original_is_kept_and_everything_leads_back_to_it(desk: Desk) -> None:
    filled = desk.filled(ANSWERS)
    report = desk.drop("mine.pdf", filled)
    (outcome,) = report.files
    assert outcome.sha256 is not None
    (kept,) = desk.site.archive.rglob(f"{outcome.sha256}*")
    assert kept.read_bytes() == filled
    assert list(desk.site.inbox.glob("*.pdf")) == []
    db = desk.site.open_store()
    rows = db.execute("SELECT DISTINCT sha256 FROM pages WHERE submission = ?", [report.submissions[0].submission])
    assert [sha256 for (sha256,) in rows] == [outcome.sha256]
    (body,) = db.execute(
        "SELECT b.body FROM events e JOIN event_bodies b ON b.event = e.id WHERE e.kind = 'answered'"
    ).fetchone()
    assert json.loads(body)["sha256"] == outcome.sha256
    (scan_of,) = trace(db, report.submissions[0].submission, "library").scans
    assert (scan_of.sha256, scan_of.page, scan_of.measured) == (outcome.sha256, 0, {})
    before = [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("answers", "pages", "files")]
    rebuild(db)
    assert [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("answers", "pages", "files")] == before
    db.close()


def test_the_same_file_counts_once_and_another_of_the_same_copy_is_asked_about(desk: Desk) -> None:
    filled = desk.filled(ANSWERS)
    desk.drop("mine.pdf", filled)
    (again,) = desk.drop("mine again.pdf", filled).files
    assert (again.status, len(desk.responses())) == ("duplicate", 1)
    assert "counted once" in again.reason
    (other,) = desk.drop("hers.pdf", desk.filled({"library": "mobile"})).submissions
    assert other.status == "to_confirm"
    assert len(desk.responses()) == 2


def test_what_the_rules_do_not_allow_waits_for_a_person_with_its_picture(desk: Desk) -> None:
    writing_in = {"library": "mobile", "reasons.other": "To keep warm"}
    (submission,) = desk.drop("mine.pdf", desk.filled(writing_in)).submissions
    assert (submission.status, submission.doubts) == ("waiting", 1)
    db = desk.site.open_store()
    (doubt,) = open_doubts(db)
    assert (doubt.question, doubt.reason, doubt.page) == ("reasons", "other_not_ticked", 1)
    with Workers() as workers:
        cut_crops(desk.site, db, workers, [doubt])
    picture = crop_path(desk.site, db, doubt)
    assert picture is not None
    assert (cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE) < 128).mean() > 0.01
    db.close()


def test_an_answer_to_a_question_that_was_to_be_skipped_is_asked_about(desk: Desk) -> None:
    (submission,) = desk.drop("mine.pdf", desk.filled({"got_it": "all", "not_found": "But why?"})).submissions
    assert submission.doubts == 1


def saved(pdf: bytes, change: Callable[[pikepdf.Pdf], object], **how: object) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        document.save(target, **how)
    return target.getvalue()


def locked(password: str) -> dict[str, object]:
    return {"encryption": pikepdf.Encryption(owner="the council", user=password)}


def test_a_file_that_is_only_locked_against_changes_is_read(desk: Desk) -> None:
    (submission,) = desk.drop("a.pdf", saved(desk.filled(ANSWERS), lambda _: None, **locked(""))).submissions
    assert submission.status == "complete"


@pytest.mark.parametrize(
    ("spoil", "how", "words"),
    [
        (lambda _: None, locked("secret"), "locked with a password"),
        (
            lambda document: document.Root.__setattr__("NeedsRendering", True),
            {},
            "only in the program it was made with",
        ),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_a_reason(desk: Desk, spoil, how, words: str) -> None:
    (outcome,) = desk.drop("a.pdf", saved(desk.filled(ANSWERS), spoil, **how)).files
    assert outcome.status == "set_aside"
    assert words in outcome.reason
    assert desk.responses() == []


def test_an_empty_one_is_not_counted(desk: Desk) -> None:
    (outcome,) = desk.drop("a.pdf", desk.copy()).files
    assert outcome.status == "set_aside"
    assert "nothing is filled in" in outcome.reason


def as_on_screen(pdf: bytes) -> bytes:
    """Printed to PDF: what was in the fields is on the page, and there are no fields any more."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    for page in document:
        pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_PRINT)
        page.close()
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def draw_on(document: pikepdf.Pdf) -> None:
    ink = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Ink,
        Rect=Array([100, 100, 120, 120]),
        InkList=Array([Array([100, 100, 120, 120])]),
    )
    document.pages[0].obj.Annots.append(document.make_indirect(ink))


def rename_field(document: pikepdf.Pdf) -> None:
    next(field for field in document.Root.AcroForm.Fields if field.T == "library").T = String("library_")


def forget_copy(document: pikepdf.Pdf) -> None:
    next(field for field in document.Root.AcroForm.Fields if field.T == COPY_FIELD).V = String("PB1NONSENSE")


@pytest.mark.parametrize("change", [draw_on, rename_field, forget_copy])
def test_what_is_not_as_it_left_us_is_read_as_paper(desk: Desk, change: Callable[[pikepdf.Pdf], None]) -> None:
    report = desk.drop("a.pdf", saved(desk.filled({"library": "mobile"}), change))
    assert [page.status for page in report.files[0].pages] == ["read"] * len(desk.layout.pages)
    (response,) = desk.responses()
    assert (response.facts["channel"], response.answers["library"]) == ("paper", "mobile")


def test_printed_to_pdf_it_is_paper(desk: Desk) -> None:
    report = desk.drop("a.pdf", as_on_screen(desk.filled(ANSWERS)))
    assert [page.status for page in report.files[0].pages] == ["read"] * len(desk.layout.pages)
    (response,) = desk.responses()
    assert response.facts["channel"] == "paper"
    read = {name: " ".join(value.split()) for name, value in response.answers.items() if value}
    assert read.items() <= {name: " ".join(value.split()) for name, value in ANSWERS.items()}.items()
    assert {"library", "got_it"} <= read.keys()


def test_a_copy_printed_elsewhere_is_said_to_be(desk: Desk) -> None:
    stranger = print_fillable(desk.layout, desk.form, ONE)
    report = desk.drop("a.pdf", fill_in(stranger, {"library": "mobile"}))
    assert {page.status for page in report.files[0].pages} == {"foreign"}
    assert "was not printed here" in report.files[0].pages[0].reason


def test_printed_out_and_filled_in_by_pen_it_is_paper(desk: Desk) -> None:
    rng = np.random.default_rng(3)
    answers = random_answers(desk.form, rng)
    pages: list[Grey] = list(printed_pages(desk.copy(), DPI))
    paper = fill(tuple(pages), desk.layout, answers, random_resident(rng), rng).pages
    scans = [scan(page, PX_PER_MM, Scanner(dpi=DPI, turn=0.7), rng) for page in paper]
    report = desk.drop("scan.pdf", as_pdf(scans, DPI))
    assert [page.status for page in report.files[0].pages] == ["read"] * len(desk.layout.pages)
    (response,) = desk.responses()
    assert (response.facts["channel"], response.facts["edition"]) == ("paper", "fillable")
    read = {name: value for name, value in response.answers.items() if value}
    assert read.items() <= answers.items()
    assert response.answers["library"] == answers["library"]


REAL_FILES, REAL_VALUES, REAL_WITHOUT_VALUES = 12, 31, 5
"""The real forms that open, the values in them, and how many of the forms hold none."""


def as_we_say_it(value: str) -> str:
    """A value as `fields.json` spells it: names after a slash, several choices as a list of Python's."""
    if value.startswith("["):
        return "\n".join(ast.literal_eval(value))
    return value.removeprefix("/")


def test_the_fields_of_real_forms_are_read_back(shared_data: Path) -> None:
    folder = shared_data / "acroform"
    listed = json.loads((folder / "fields.json").read_text(encoding="utf-8"))
    truth = {name: told["values"] for name, told in listed.items() if isinstance(told, dict)}
    for name, values in truth.items():
        entries = read_fields((folder / name).read_bytes()).entries
        found = {field: entry.text for field, entry in entries.items() if entry.text}
        assert found == {field: as_we_say_it(value) for field, value in values.items()}, name
    assert len(truth) == REAL_FILES
    assert sum(map(len, truth.values())) == REAL_VALUES
    assert sum(not values for values in truth.values()) == REAL_WITHOUT_VALUES


def test_a_real_form_that_is_locked_is_refused_with_a_reason(shared_data: Path) -> None:
    found = inspect((shared_data / "acroform" / "amc" / "sheet-0001.pdf").read_bytes())
    assert isinstance(found, SetAside)
    assert "locked with a password" in found.sentence
