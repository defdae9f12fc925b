"""The postcard: four to a sheet, each a copy of its own, read cut or uncut into the same answers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from drawn_pages import scanned, spoilt

from pipeline.cli.main import main
from pipeline.form.code import copy_code
from pipeline.form.definition import Condition, FormDefinition, Kind
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, CopyRun, LayoutError, TextRun
from pipeline.form.layout_text import layout_from_text, layout_json, layout_to_text
from pipeline.form.paper.editions import PAPERS, POSTCARD
from pipeline.form.paper.postcard import left_out
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies, printed_pages
from pipeline.form.shaping import text_width
from pipeline.page.blank import drawn_blanks
from pipeline.page.known import KnownPaper
from pipeline.page.refusal import Reason, Refusal
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages as drawn
from pipeline.practice.scanner import Scanner, scan
from pipeline.reading.marks import Verdict
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import Cards, PageReading, pages_of

FORMS = Path(__file__).resolve().parent.parent / "forms"
DPI = 300
PX_PER_MM = DPI / 25.4
A4 = PAPERS["a4"]
CODES = tuple(copy_code(number * 104_729 + 11) for number in range(6))


def form(name: str = "library-visit", **changes: object) -> FormDefinition:
    parsed = parse_definition((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert isinstance(parsed, FormDefinition)
    return replace(parsed, **changes)


LAYOUT = lay_out(form(), "postcard")
KNOWN = KnownPaper({LAYOUT.id: LAYOUT}, dict.fromkeys(CODES, LAYOUT.id), {(LAYOUT.id, 1): drawn_blanks(LAYOUT)[1]})
VALUES = ("all", "some", "none", "some")


def sheet(values: Sequence[str] = VALUES) -> Grey:
    """A printed sheet at 300 dpi, on each card the box of one value ticked."""
    (page,) = drawn(print_copies(LAYOUT, CODES[: len(values)], "one"), DPI)
    page = page.copy()
    assert LAYOUT.sheet
    for (right, down), value in zip(LAYOUT.sheet.slots, values, strict=False):
        box = next(each.box for each in LAYOUT.pages[0].fields if each.value == value).moved(right, down)
        corners = ((0.15, 0.5), (0.4, 0.85), (1.0, 0.0))
        points = np.array([[(box.x + x * box.w, box.y + y * box.h) for x, y in corners]]) * PX_PER_MM
        cv2.polylines(page, np.rint(points).astype(np.int32), False, 30, 6, cv2.LINE_AA)
    return page


def cut(page: Grey, slot: int) -> Grey:
    """One card cut out of a sheet."""
    assert LAYOUT.sheet
    box = Box(*LAYOUT.sheet.slots[slot], *LAYOUT.paper_mm)
    left, top, right, bottom = (round(side * PX_PER_MM) for side in (box.x, box.y, box.right, box.bottom))
    return np.ascontiguousarray(page[top:bottom, left:right])


def read(page: Grey, scanner: Scanner, seed: int = 1) -> tuple[object, ...]:
    return pages_of(read_image(scanned(page, scanner, seed), KNOWN))


def ticked(page: object) -> tuple[str, list[str]]:
    assert isinstance(page, PageReading), page
    return page.code.copy, [mark.value for mark in page.marks if mark.verdict is Verdict.MARKED]


SCANS = (
    Scanner(),
    Scanner(turn=2.5, shift=(1.0, -1.5), noise=4),
    Scanner(upside_down=True, scale=0.95),
    Scanner(dpi=200, quarters=1),
    Scanner(dpi=200, bitonal=170),
)


@pytest.mark.parametrize("scanner", SCANS)
def test_four_uncut_cards_are_four_copies(scanner: Scanner) -> None:
    pages = read(sheet(), scanner)
    expected = {code: [value] for code, value in zip(CODES, VALUES, strict=False)}
    assert dict(map(ticked, pages)) == expected
    assert all(not page.remarks for page in pages if isinstance(page, PageReading))


@pytest.mark.parametrize("scanner", SCANS)
@pytest.mark.parametrize("slot", [0, 3])
def test_a_card_is_read_by_itself(scanner: Scanner, slot: int) -> None:
    (page,) = read(cut(sheet(), slot), scanner)
    assert ticked(page) == (CODES[slot], [VALUES[slot]])


def test_a_card_is_read_on_a_larger_glass_and_so_are_two_beside_each_other() -> None:
    page = sheet()
    glass = np.full((round(297 * PX_PER_MM), round(210 * PX_PER_MM)), 255, np.uint8)
    card, other = cut(page, 2), np.rot90(cut(page, 1))
    glass[100 : 100 + card.shape[0], 500 : 500 + card.shape[1]] = card
    (alone,) = read(glass, Scanner(turn=-3.0, background=252))
    assert ticked(alone) == (CODES[2], [VALUES[2]])
    glass[2000 : 2000 + other.shape[0], 200 : 200 + other.shape[1]] = other
    both = read(glass, Scanner(background=252))
    assert dict(map(ticked, both)) == {CODES[2]: [VALUES[2]], CODES[1]: [VALUES[1]]}


def test_a_spoilt_code_costs_nothing_and_two_are_told() -> None:
    upper, lower = (code.box for code in LAYOUT.pages[0].codes if code.kind == "qr")
    one = spoilt(sheet(), upper.grown(1.0))
    assert dict(map(ticked, read(one, Scanner()))) == {
        code: [value] for code, value in zip(CODES, VALUES, strict=False)
    }
    *others, lost = read(spoilt(one, lower.grown(1.0)), Scanner())
    assert sorted(ticked(page)[0] for page in others) == sorted(CODES[1:4])
    assert isinstance(lost, Refusal)
    assert (lost.reason, bool(lost.picture)) == (Reason.NO_CODE, True)


def test_a_card_whose_codes_are_both_spoilt_is_known_by_its_serial() -> None:
    page = cut(sheet(), 0)
    for code in LAYOUT.pages[0].codes:
        page = spoilt(page, code.box.grown(0.5)) if code.kind == "qr" else page
    (found,) = read(page, Scanner(turn=1.0))
    assert ticked(found) == (CODES[0], [VALUES[0]])


def test_cards_and_pages_of_another_kind_do_not_go_together() -> None:
    whole = lay_out(form())
    known = replace(KNOWN, layouts={**KNOWN.layouts, whole.id: whole})
    page = sheet()
    other = next(iter(drawn(print_copies(whole, [CODES[5]]), DPI)))
    page[: round(148 * PX_PER_MM)] = other[: round(148 * PX_PER_MM)]
    found = read_image(scanned(page), known)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TWO_SHEETS


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("lang", ["en", "cy"])
def test_nothing_on_a_card_touches_anything_else(paper: str, lang: str) -> None:
    try:
        layout = lay_out(form(), "postcard", paper, lang)
    except LayoutError:
        pytest.fail("the form of this site fits no card")
    (page,) = layout.pages
    frames = [field.box.grown(0.25) for field in page.fields]
    words = [_ink(run) for run in page.drawings if isinstance(run, TextRun | CopyRun)]
    quiet = [code.box.grown({"qr": 2.88, "aruco": 1.16, "serial": 0}[code.kind]) for code in page.codes]
    inside = Box(0, 0, *layout.paper_mm).grown(-8.5)
    assert all(_apart(*pair) > 0 for pair in combinations([*frames, *words], 2))
    assert all(_apart(code, other) > 0 for code in quiet[:-1] for other in [*frames, *words])
    assert all(
        inside.x <= box.x and inside.y <= box.y and box.right <= inside.right and box.bottom <= inside.bottom
        for box in [*frames, *words, *(code.box for code in page.codes)]
    )
    assert min(run.size_pt for run in page.drawings if isinstance(run, TextRun)) >= POSTCARD.smallest_pt


def _list(value: str) -> list[str]:
    return [value]


def _ink(run: TextRun | CopyRun) -> Box:
    widest = run.text if isinstance(run, TextRun) else {"code": "WWWW WWWW", "serial": "WWWWWWWW-9"}[run.words]
    size = run.size_pt * 25.4 / 72
    return Box(run.x, run.y - 0.7 * size, text_width(widest, run.font, run.size_pt), 0.9 * size)


def _apart(first: Box, second: Box) -> float:
    return max(first.x - second.right, second.x - first.right, first.y - second.bottom, second.y - first.bottom)


def test_every_question_is_asked_or_named_with_the_reason() -> None:
    definition = form("opening-hours")
    layout = lay_out(definition, "postcard")
    asked = {field.question for field in layout.pages[0].fields}
    named = {each.question.id for each in left_out(definition, layout)}
    assert asked | named == {question.id for question in definition.questions}
    assert not asked & named
    assert left_out(definition, lay_out(definition)) == ()


def test_the_author_chooses_what_is_asked() -> None:
    definition = form()
    items = tuple(replace(item, postcard=item.id == "library") for item in definition.questions)
    layout = lay_out(replace(definition, items=items), "postcard")
    assert {field.question for field in layout.pages[0].fields} == {"library"}
    unchosen = replace(definition, items=tuple(replace(item, postcard=False) for item in items))
    assert lay_out(unchosen, "postcard").pages[0].fields[0].question == "library"


def test_a_form_with_nothing_for_a_card_says_so() -> None:
    definition = form()
    comments = tuple(item for item in definition.questions if item.kind is Kind.COMMENT)
    with pytest.raises(LayoutError, match="no question for a postcard"):
        lay_out(replace(definition, items=comments), "postcard")
    (routed,) = (replace(item, when=Condition("x", ("y",))) for item in definition.questions if item.id == "library")
    with pytest.raises(LayoutError, match="no question for a postcard"):
        lay_out(replace(definition, items=(routed,)), "postcard")
    wordy = replace(definition.questions[2], choices=definition.questions[2].choices * 3)
    with pytest.raises(LayoutError, match="fits on a postcard"):
        lay_out(replace(definition, items=(wordy,)), "postcard")


def test_the_told_geometry_has_every_card_where_it_is_on_the_sheet() -> None:
    told = layout_json(LAYOUT)
    assert (told["paper_mm"], told["card_mm"]) == ([210.0, 297.0], [105.0, 148.5])
    assert [page["slot"] for page in told["pages"]] == [0, 1, 2, 3]
    first, *_, last = (page["fields"][0]["box_mm"] for page in told["pages"])
    assert last == [round(first[0] + 105, 3), round(first[1] + 148.5, 3), *first[2:]]
    pages = tuple(replace(page, drawings=()) for page in LAYOUT.pages)
    assert LAYOUT.sheet
    bare = replace(LAYOUT, pages=pages, title="", author="", sheet=replace(LAYOUT.sheet, cuts=()))
    assert layout_from_text(layout_to_text(LAYOUT)) == bare


def test_cards_are_counted_by_sheet_and_slot() -> None:
    pages = printed_pages(LAYOUT, CODES, "both")
    assert [(page.pdf_page, page.slot) for page in pages] == [(1, 0), (1, 1), (1, 2), (1, 3), (3, 0), (3, 1)]
    assert [(page.pdf_page, page.slot) for page in printed_pages(LAYOUT, CODES, "one")][4:] == [(2, 0), (2, 1)]
    assert print_copies(LAYOUT, CODES) == print_copies(LAYOUT, CODES)


@pytest.mark.parametrize("copies", [1, 4])
def test_a_sheet_of_cards_is_on_record_as_so_many_responses(tmp_path: Path, copies: int) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "library-visit.yaml").write_bytes((FORMS / "library-visit.yaml").read_bytes())
    run = CliRunner().invoke
    site = ["--site", str(tmp_path)]
    made = run(
        main, [*site, "print", "library-visit", "--edition", "postcard", "-n", str(copies), "-o", f"{tmp_path}/c.pdf"]
    )
    assert made.exit_code == 0, made.output
    assert made.output.count("Not on the card: “") == len(form().questions) - 1
    (page,) = list(drawn((tmp_path / "c.pdf").read_bytes(), DPI))[:1]
    cv2.imwrite(f"{tmp_path}/scan.png", scan(page, PX_PER_MM, Scanner(), np.random.default_rng(3)))
    came = run(main, [*site, "ingest", f"{tmp_path}/scan.png", "--json"])
    assert came.exit_code == 0, came.output
    again = run(main, [*site, "ingest", f"{tmp_path}/scan.png", "--json"])
    rows = run(main, [*site, "export", "library-visit", "--format", "json"])
    pages = json.loads(came.output)["files"][0]["pages"]
    assert [(each["page"], each["card"], each["status"]) for each in pages] == [(0, n, "read") for n in range(copies)]
    assert json.loads(again.output)["files"][0]["status"] == "duplicate"
    answers = json.loads(rows.output)["rows"]
    assert len(answers) == copies
    assert {row["edition"] for row in answers} == {"postcard"}
    assert answers[0]["missing"]["got_it"] == "blank"
    assert answers[0]["missing"]["library"] == answers[0]["missing"]["change"] == "not_asked"
    told = [run(main, [*site, "trace", each["submission"], "got_it"]).output for each in answers]
    card = f", card {copies}" if copies > 1 else ""
    assert any(f"On page 1{card} of scan.png, which is page 1 of the form:" in each for each in told)
    reread = run(main, [*site, "reread", "--all", "--json"])
    assert json.loads(reread.output)["pages"] == copies
    assert not json.loads(reread.output)["stands"]


def test_cards_are_a_type_of_their_own() -> None:
    assert isinstance(read_image(scanned(sheet()), KNOWN), Cards)
