"""Stacks under a cover sheet: parted, labelled, counted, and what is missing of them named."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from read_sites import Here
from rich.progress import Progress

from pipeline import intake
from pipeline.cli.main import main
from pipeline.form.code import PageCode, copy_code, parse_page_code
from pipeline.form.cover import LONGEST_LIBRARY, MOST_FORMS, Cover, batch_code, is_batch_code, parse_cover_code
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout, TextRun
from pipeline.form.paper.cover import is_library, lay_out_cover
from pipeline.form.paper.editions import MM_PER_PT, PAPERS
from pipeline.form.printing import print_copies, print_covers
from pipeline.form.shaping import text_width
from pipeline.intake import IngestReport, ingest_files
from pipeline.page.picture import PageImage
from pipeline.practice.answers import random_answers
from pipeline.practice.conditions import CONDITIONS
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import Scanner, as_pdf, ordinary_scanner, photocopy, scan
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import CoverPage
from pipeline.site import Site, load_form, open_site
from pipeline.store.batch_rows import batch_before
from pipeline.store.batches import Incomplete, _sentence, all_batches, count_batch
from pipeline.store.database import immediately, open_store
from pipeline.store.events import EventKind, append
from pipeline.store.known import known_paper
from pipeline.store.projection import apply, rebuild
from pipeline.store.record import register_print
from pipeline.store.schema import PROJECTIONS

FORMS = Path(__file__).parents[1] / "forms"
DPI = 200
PX_PER_MM = DPI / 25.4
NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
QUIET = Progress(disable=True)
PENARTH = Cover(batch_code(1_000_001), "Penarth Library", date(2026, 11, 28), 2)
BARRY = Cover(batch_code(2_000_002), "Llyfrgell y Barri", date(2026, 11, 28), 1)

COVERS = st.builds(
    Cover,
    st.integers(0, 31**6 - 1).map(batch_code),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="|"), max_size=LONGEST_LIBRARY)
    .map(str.strip)
    .filter(is_library),
    st.dates(),
    st.none() | st.integers(1, MOST_FORMS),
    st.sampled_from(sorted(PAPERS)),
)


@dataclass(frozen=True)
class Paper:
    """A form, three copies of it as printed, and the same filled in by three people."""

    form: FormDefinition
    layout: Layout
    codes: tuple[str, ...]
    blank: tuple[tuple[Grey, ...], ...]
    filled: tuple[tuple[Grey, ...], ...]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Paper]:
    root = tmp_path_factory.mktemp("printed")
    (root / "forms").mkdir()
    (root / "forms" / "library-visit.yaml").write_bytes((FORMS / "library-visit.yaml").read_bytes())
    site = open_site(root)
    form = load_form(site, "library-visit")
    layout = lay_out(form)
    db = site.open_store()
    codes = register_print(db, form, layout, 3, NOW)
    db.close()
    pages = list(printed_pages(print_copies(layout, codes, "one"), DPI))
    sides = len(layout.pages)
    blank = tuple(tuple(pages[copy * sides : (copy + 1) * sides]) for copy in range(3))
    rng = np.random.default_rng(5)
    filled = tuple(fill(each, layout, random_answers(form, rng), random_resident(rng), rng).pages for each in blank)
    return site, Paper(form, layout, codes, blank, filled)


@pytest.fixture
def site(printed: tuple[Site, Paper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site in a fresh copy, read in this process."""
    monkeypatch.setattr(intake, "Workers", Here)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "pillarbox.db").write_bytes(printed[0].store.read_bytes())
    return open_site(tmp_path / "site")


@pytest.fixture
def paper(printed: tuple[Site, Paper]) -> Paper:
    return printed[1]


def sheet(cover: Cover) -> Grey:
    (page,) = printed_pages(print_covers([(cover, lay_out_cover(cover))]), DPI)
    return page


def scanned(site: Site, name: str, pages: Sequence[Grey], seed: int = 1) -> IngestReport:
    """Scan pages into one file, and read it."""
    rng = np.random.default_rng(seed)
    pictures = [scan(page, PX_PER_MM, Scanner(dpi=DPI, turn=rng.uniform(-1, 1)), rng) for page in pages]
    path = site.root / name
    path.write_bytes(as_pdf(pictures, DPI))
    return ingest_files(site, [path], QUIET)


def empty() -> Grey:
    return np.full((round(297 * PX_PER_MM), round(210 * PX_PER_MM)), 255, np.uint8)


def statuses(report: IngestReport) -> list[str]:
    return [page.status for file in report.files for page in file.pages]


def tables(site: Site) -> dict[str, list[tuple[object, ...]]]:
    db = site.open_store()
    return {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}


@given(COVERS)
def test_the_code_of_a_cover_says_all_of_it_and_is_no_page_code(cover: Cover) -> None:
    assert parse_cover_code(str(cover)) == cover
    assert parse_page_code(str(cover)) is None
    assert len(str(cover).encode()) <= 84


@given(COVERS, st.integers(0, 200), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_misread_cover_is_none(cover: Cover, place: int, letter: str) -> None:
    said = str(cover)
    at = place % len(said)
    wrong = said[:at] + letter + said[at + 1 :]
    assert parse_cover_code(wrong) in ((cover,) if wrong == said else (None,))


def test_a_page_code_is_no_cover() -> None:
    assert parse_cover_code(str(PageCode("ABCDEFGH", copy_code(5), 1))) is None
    assert not is_batch_code(copy_code(5))


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("forms", [None, MOST_FORMS])
@pytest.mark.parametrize("languages", [("en",), ("cy",), ("en", "cy")])
def test_no_word_of_a_cover_leaves_its_column_or_meets_another(
    paper: str, forms: int | None, languages: tuple[str, ...]
) -> None:
    name = "Llyfrgell Gymunedol Llanfair ym Muallt W"
    layout = lay_out_cover(Cover(batch_code(7), name, date(2026, 9, 30), forms, paper), languages)
    (page,) = layout.pages
    boxes = [(code.box.x, code.box.y, code.box.right, code.box.bottom) for code in page.codes]
    boxes += [(field.box.x, field.box.y, field.box.right, field.box.bottom) for field in page.fields]
    for run in (drawing for drawing in page.drawings if isinstance(drawing, TextRun)):
        right = run.x + text_width(run.text, run.font, run.size_pt)
        high = run.size_pt * MM_PER_PT
        assert run.x >= 25
        assert right <= layout.paper_mm[0] - 25
        assert run.y <= layout.paper_mm[1] - 13
        boxes.append((run.x, run.y - 0.67 * high, right, run.y))
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)


@pytest.mark.parametrize(
    "condition",
    [
        each
        for each in CONDITIONS
        if each.name
        in ("typical", "upside-down", "sideways", "fax-standard", "bitonal-200", "photocopied-twice", "phone-12-tilted")
    ],
    ids=lambda each: each.name,
)
def test_a_cover_is_known_however_it_comes_back(condition: object, site: Site) -> None:
    rng = np.random.default_rng(8)
    scanner = condition.scanner(rng)
    (page,) = printed_pages(print_covers([(PENARTH, lay_out_cover(PENARTH))]), 300)
    picture = scan(page, 300 / 25.4, scanner, rng)
    image = PageImage(picture, (scanner.dpi, scanner.dpi_down or scanner.dpi), scanner.bitonal is not None)
    read = read_image(image, known_paper(site.store))
    assert isinstance(read, CoverPage)
    assert read.cover == PENARTH


def test_a_number_written_on_a_cover_is_read_or_asked_about_and_never_wrong(site: Site) -> None:
    cover = Cover(batch_code(3), "Penarth Library", date(2026, 11, 28), None)
    layout = lay_out_cover(cover)
    (page,) = printed_pages(print_covers([(cover, layout)]), DPI)
    rng = np.random.default_rng(21)
    numbers = [None, None, *map(int, rng.integers(1, MOST_FORMS, 14))]
    found = []
    for number in numbers:
        written = fill((page,), layout, {"forms": str(number or "")}, random_resident(rng), rng).pages[0]
        picture = scan(written, PX_PER_MM, ordinary_scanner(rng, DPI), rng)
        read = read_image(PageImage(picture, (DPI, DPI), False), known_paper(site.store))
        assert isinstance(read, CoverPage)
        found.append(read.written)
    assert all(each in (None, number) for each, number in zip(found, numbers, strict=True))
    assert sum(each is not None for each in found) >= 11


def test_covers_part_and_label_the_stacks_of_one_file(site: Site, paper: Paper) -> None:
    first, second, third = paper.filled
    report = scanned(site, "a.pdf", [*first, sheet(PENARTH), *second[:1], sheet(BARRY), *third])
    assert statuses(report) == ["read", "read", "cover", "read", "cover", "read", "read"]
    assert [page.batch for page in report.files[0].pages] == [
        *(None, None),
        *(PENARTH.batch, PENARTH.batch),
        *(BARRY.batch, BARRY.batch, BARRY.batch),
    ]
    penarth, barry = report.batches
    assert (penarth.said, penarth.arrived, barry.said, barry.arrived) == (2, 1, 1, 1)
    spoken = f"{paper.codes[1][:4]} {paper.codes[1][4:]}"
    assert penarth.sentence == f"You said 2 forms; 1 arrived. Page 2 of {spoken} is missing."
    assert barry.sentence == "You said 1 form; 1 arrived."
    assert barry.is_well
    assert not penarth.is_well
    rows = site.open_store().execute("SELECT copy, site, batch FROM submissions").fetchall()
    assert set(rows) == {
        (paper.codes[0], "main", None),
        (paper.codes[1], "Penarth Library", PENARTH.batch),
        (paper.codes[2], "Llyfrgell y Barri", BARRY.batch),
    }


def test_a_page_that_was_missing_completes_its_stack_when_it_comes_without_a_cover(site: Site, paper: Paper) -> None:
    scanned(site, "monday.pdf", [sheet(BARRY), *paper.filled[0][1:]])
    scanned(site, "tuesday.pdf", paper.filled[0][:1])
    (barry,) = all_batches(site.open_store(), 10)
    assert barry.is_well
    assert site.open_store().execute("SELECT site, batch FROM submissions").fetchall() == [
        ("Llyfrgell y Barri", BARRY.batch)
    ]


def test_fronts_and_backs_scanned_one_after_the_other_are_joined_by_their_codes(site: Site, paper: Paper) -> None:
    """The stack turned over comes out in reverse, the cover's empty back last."""
    first, second, _ = paper.filled
    fronts = scanned(site, "fronts.pdf", [sheet(PENARTH), first[0], second[0]])
    assert [len(form.pages_missing) for form in fronts.batches[0].incomplete] == [1, 1]
    assert fronts.batches[0].sentence.endswith("are missing.")
    backs = scanned(site, "backs.pdf", [second[1], first[1], empty()], seed=2)
    assert statuses(backs) == ["read", "read", "blank"]
    assert all(not outcome.pages_missing for outcome in backs.submissions)
    (penarth,) = all_batches(site.open_store(), 10)
    assert penarth.sentence == "You said 2 forms; 2 arrived."


def test_empty_backs_are_dropped_and_missed_by_nobody(site: Site, paper: Paper) -> None:
    pages = [page for front in (sheet(PENARTH), *paper.filled[0], *paper.filled[1]) for page in (front, empty())]
    report = scanned(site, "a.pdf", pages)
    assert statuses(report) == ["cover", "blank", *["read", "blank"] * 4]
    assert report.batches[0].is_well


def test_the_same_paper_in_another_stack_is_said_and_counted_once(site: Site, paper: Paper) -> None:
    scanned(site, "a.pdf", [sheet(PENARTH), *paper.filled[0], *paper.filled[1]])
    again = scanned(site, "b.pdf", [sheet(BARRY), *paper.filled[0]], seed=9)
    assert statuses(again) == ["cover", "duplicate", "duplicate"]
    assert again.batches[0].sentence == (
        "You said 1 form; 1 arrived. 1 of them had been scanned before and counts once."
    )
    assert site.open_store()["submissions"].count == 2


def test_the_same_stack_scanned_twice_is_one_stack(site: Site, paper: Paper) -> None:
    pages = [sheet(PENARTH), *paper.filled[0], *paper.filled[1]]
    scanned(site, "a.pdf", pages)
    again = scanned(site, "b.pdf", pages, seed=9)
    assert again.batches[0].sentence == "You said 2 forms; 2 arrived."


def test_a_photocopied_blank_in_a_stack_is_a_second_person_and_staff_are_asked(site: Site, paper: Paper) -> None:
    rng = np.random.default_rng(3)
    copied = [photocopy(page, PX_PER_MM, rng) for page in paper.blank[0]]
    theirs = fill(copied, paper.layout, random_answers(paper.form, rng), random_resident(rng), rng).pages
    report = scanned(site, "a.pdf", [sheet(PENARTH), *paper.filled[0], *theirs])
    assert report.batches[0].is_well
    assert sum(outcome.status == "to_confirm" for outcome in report.submissions) == 1


def test_a_page_that_could_not_be_read_is_counted_as_such(site: Site, paper: Paper) -> None:
    letter = empty()
    letter[300:1400:40, 200:1200] = 0
    report = scanned(site, "a.pdf", [sheet(BARRY), *paper.filled[0], letter])
    assert report.batches[0].sentence == "You said 1 form; 1 arrived. 1 page could not be counted."


def test_what_a_person_counted_stands_above_the_cover(site: Site, paper: Paper) -> None:
    unsaid = Cover(batch_code(9), "Penarth Library", date(2026, 11, 28), None)
    report = scanned(site, "a.pdf", [sheet(unsaid), *paper.filled[0]])
    assert report.batches[0].sentence == "1 form arrived. The cover gives no number that could be read."
    db = site.open_store()
    assert count_batch(db, unsaid.batch, 0, "mair", NOW) == "A stack holds 1 to 999 forms."
    assert count_batch(db, "222222", 3, "mair", NOW) == "There is no stack 222222 here."
    assert count_batch(db, unsaid.batch, 3, "mair", NOW) is None
    assert count_batch(db, unsaid.batch, 1, "mair", NOW) is None
    (batch,) = all_batches(db, 10)
    assert (batch.said, batch.said_by, batch.is_well) == (1, "mair", True)


def test_the_tables_come_out_the_same_when_they_are_built_again(site: Site, paper: Paper) -> None:
    scanned(site, "a.pdf", [sheet(PENARTH), *paper.filled[0][:1], sheet(BARRY), *paper.filled[1]])
    scanned(site, "b.pdf", [sheet(PENARTH), *paper.filled[0][1:]], seed=4)
    count_batch(site.open_store(), PENARTH.batch, 1, "mair", NOW)
    before = tables(site)
    rebuild(site.open_store())
    after = tables(site)
    assert after.keys() == before.keys()
    assert after["batches"] == before["batches"]
    assert after["pages"] == before["pages"]


def test_a_count_that_arrives_before_its_cover_is_not_lost(site: Site, paper: Paper) -> None:
    """As when branches merge their records by stick, in whatever order."""
    db = site.open_store()
    with immediately(db):
        apply(db, append(db, EventKind.BATCH_COUNTED, BARRY.batch, {"forms": 7, "by": "mair"}, NOW))
    scanned(site, "a.pdf", [sheet(BARRY), *paper.filled[0]])
    assert [(batch.said, batch.said_by) for batch in all_batches(db, 10)] == [(7, "mair")]


def test_many_missing_pages_are_counted_and_only_some_named() -> None:
    forms = [Incomplete(str(number), copy_code(number), (1, 2)) for number in range(23)]
    told = _sentence(30, 23, 0, 0, forms)
    assert told.startswith("You said 30 forms; 23 arrived. Pages 1 and 2 of 2222 2222, ")
    assert told.endswith("pages of 3 other forms are missing.")


def test_the_commands_print_a_cover_and_tell_of_stacks(site: Site, paper: Paper) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["--site", str(site.root), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    target = site.root / "cover.pdf"
    assert "No stack has come" in run("batches")
    command = ["cover", "Penarth Library", "--forms", "1", "--lang", "en+cy", "--date", "2026-11-28", "-n", "2"]
    printed = json.loads(run(*command, "-o", str(target), "--json"))
    assert len(set(printed["batches"])) == 2
    cover, _ = printed_pages(target.read_bytes(), DPI)
    scanned(site, "a.pdf", [cover, *paper.filled[0][:1]])
    (batch,) = json.loads(run("batches", "--json"))
    assert batch | {"batch": printed["batches"][0], "library": "Penarth Library", "said": 1, "arrived": 1} == batch
    assert [form["pages_missing"] for form in batch["incomplete"]] == [[2]]
    assert "is missing." in run("batches")


@pytest.mark.parametrize("library", ["", "A|B", "x" * (LONGEST_LIBRARY + 1)])
def test_a_name_that_fits_no_cover_is_refused(site: Site, library: str) -> None:
    result = CliRunner().invoke(main, ["--site", str(site.root), "cover", library])
    assert result.exit_code == 2
    assert "at most 40 letters" in result.output


@pytest.mark.parametrize("before", [10, 5000])
def test_the_cover_before_a_page_is_found_at_once_however_many_pages_lie_between(tmp_path: Path, before: int) -> None:
    db = open_store(tmp_path / "record.db")
    db.execute("PRAGMA foreign_keys = OFF")
    covers = [("cover", PENARTH.batch)] + [("read", None)] * (before - 1)
    with immediately(db):
        db.conn.executemany(
            "INSERT INTO pages (sha256, page, status, batch) VALUES ('a', ?, ?, ?)",
            [(number, *cover) for number, cover in enumerate(covers)],
        )
        db.execute(
            "INSERT INTO batches (batch, library, day, received_at) VALUES (?, ?, '', '')",
            [PENARTH.batch, PENARTH.library],
        )
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    db.conn.set_progress_handler(count, 1)
    found = batch_before(db, "a", before)
    db.conn.set_progress_handler(None, 1)
    assert found == (PENARTH.batch, PENARTH.library)
    assert steps < 100
