"""Writing beside boxes, in margins and over print: noticed, put to a person, kept as what it is, and no answer."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_pages import PX_PER_MM, Copy, printed, registered, scanned
from read_sites import EARLIER, QUIET, Here, read_by
from webpages import NOON, make_site

from pipeline import intake
from pipeline import reread as rereading
from pipeline.crops import crop_path, cut_crops
from pipeline.form.answer import Missing
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box
from pipeline.form.printing import print_copies
from pipeline.intake import ingest_files
from pipeline.page.blank import drawn_blanks
from pipeline.page.known import Blank, KnownPaper
from pipeline.practice import damage
from pipeline.practice.handwriting import Hand
from pipeline.practice.marks import Care
from pipeline.practice.pens import BLUE_BALLPOINT, FELT_TIP, SOFT_PENCIL, Grey, Pen, curve, draw
from pipeline.practice.printer import printed_pages
from pipeline.practice.remarks import Where, write_remark
from pipeline.practice.scanner import Scanner, as_pdf
from pipeline.practice.ways import Hand as Marking
from pipeline.practice.ways import Paper, Way, put
from pipeline.reading import read_page
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import PageReading, Remark, reading_from_json, reading_to_json
from pipeline.reading.remarks import find_remarks
from pipeline.reread import reread
from pipeline.review.evidence import shown_around
from pipeline.review.remarks import is_writing, remarks_in_order
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.store.responses import read_dataset
from pipeline.store.waiting import OpenDoubt, open_doubts, settle_doubt

PAGE = 2
"""A page of the opening hours with boxes to tick, boxed figures, and a line to write on."""

HAND = Hand("patrick-hand", 3.4, 0.05, 0.01, 0.15)
RUN_OUT = (Way.LONG_TAIL, Way.WIDE_CROSS, Way.RING, Way.STROKE_THROUGH, Way.HALF_OUTSIDE, Way.BESIDE)
DAMAGES = (damage.unharmed, damage.punch_holes, damage.staple, damage.fold, damage.tear_corner)


@cache
def blanks() -> dict[int, Blank]:
    return drawn_blanks(printed().layout)


def page_of(copy: Copy) -> Grey:
    return copy.pages[PAGE - 1].copy()


def written_on(page: Grey, where: Where, text: str, pen: Pen = BLUE_BALLPOINT, seed: int = 0) -> Grey:
    rng = np.random.default_rng(seed)
    write_remark(page, PX_PER_MM, printed().layout.pages[PAGE - 1], where, text, HAND, pen, rng)
    return page


def writing_on(page: Grey, scanner: Scanner | None = None) -> list[Remark]:
    copy = printed()
    found = find_remarks(registered(copy, scanned(page, scanner)), copy.layout.paper_mm, blanks()[PAGE])
    return [each for each in found if is_writing(each)]


@pytest.mark.parametrize("where", Where)
@pytest.mark.parametrize("pen", [BLUE_BALLPOINT, SOFT_PENCIL], ids=lambda pen: pen.name)
def test_two_words_are_noticed_wherever_they_stand(where: Where, pen: Pen) -> None:
    assert writing_on(written_on(page_of(printed()), where, "only Saturdays", pen))


@pytest.mark.parametrize(
    "scanner",
    [Scanner(turn=3.0, stretch=0.8), Scanner(dpi=100), Scanner(bitonal=170), Scanner(upside_down=True, shadow=0.4)],
    ids=["bent", "coarse", "black and white", "upside down in shadow"],
)
def test_a_remark_is_found_where_it_was_written_however_it_was_scanned(scanner: Scanner) -> None:
    page, before = page_of(printed()), page_of(printed())
    inked = np.argwhere(written_on(page, Where.BESIDE, "only on Saturdays!") < before) / PX_PER_MM
    [remark] = writing_on(page, scanner)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0)
    found = remark.box
    assert np.allclose((found.x, found.y, found.right, found.bottom), (left, top, right, bottom), atol=2.5)


@pytest.mark.parametrize("happens", DAMAGES, ids=lambda happens: happens.__name__)
@pytest.mark.parametrize("pen", [BLUE_BALLPOINT, FELT_TIP], ids=lambda pen: pen.name)
def test_marks_that_run_out_of_their_boxes_and_spoilt_paper_are_no_remarks(
    happens: Callable[..., Grey], pen: Pen
) -> None:
    copy, rng = printed(), np.random.default_rng(3)
    layout, page = copy.layout.pages[PAGE - 1], page_of(printed())
    for number, field in enumerate(each for each in layout.fields if each.kind == "mark"):
        put(RUN_OUT[number % len(RUN_OUT)], Paper(page, PX_PER_MM), field.box, Marking(pen, Care(0.5, 0.15, 0.06)), rng)
    assert not writing_on(happens(page, layout, PX_PER_MM, rng), Scanner(speckle=300, noise=6.0))


def test_copies_differ_and_none_of_that_is_a_remark() -> None:
    copy = printed(number=7_654_321)
    found = find_remarks(registered(copy, scanned(copy.pages[0])), copy.layout.paper_mm, blanks()[1])
    assert not found


def test_a_line_is_no_writing_and_neither_is_a_blot() -> None:
    page = page_of(printed())
    draw(
        page,
        PX_PER_MM,
        [curve([(120.0, 110.0), (150.0, 118.0), (185.0, 112.0)], 0.1, np.random.default_rng(0))],
        BLUE_BALLPOINT,
        np.random.default_rng(0),
    )
    assert not writing_on(page)
    assert not is_writing(Remark(Box(9, 60, 6, 6), ink=28.0, length=10.0, pieces=1, spread=1.5))
    assert not is_writing(Remark(Box(9, 60, 2, 2), ink=1.5, length=3.0, pieces=1, spread=0.5))


def test_nothing_is_claimed_where_the_blank_is_not_known() -> None:
    copy = printed()
    image = scanned(written_on(page_of(copy), Where.MARGIN, "see over"))
    known = KnownPaper({copy.layout.id: copy.layout}, {copy.code: copy.layout.id})
    without = read_image(image, known)
    with_blank = read_image(image, replace(known, blanks={(copy.layout.id, PAGE): blanks()[PAGE]}))
    assert isinstance(without, PageReading)
    assert isinstance(with_blank, PageReading)
    assert not without.remarks
    assert any(map(is_writing, with_blank.remarks))
    assert replace(with_blank, remarks=()) == without
    assert reading_from_json(reading_to_json(with_blank)).remarks == with_blank.remarks
    earlier = reading_to_json(with_blank)
    del earlier["remarks"]
    assert reading_from_json(earlier).remarks == (), "pages read before this was looked for"


def test_writing_at_the_edge_is_shown_up_to_the_edge() -> None:
    assert shown_around(Box(50, 100, 20, 5), (210, 297)) == Box(8, 94, 194, 17)
    assert shown_around(Box(6, 2, 10, 5), (210, 297)) == Box(0, 0, 202, 13)


def test_remarks_stand_in_the_order_of_their_pages() -> None:
    assert remarks_in_order({"@remark.10": "last", "@remark.2": "first"}) == ("first", "last")


def returned(folder: Path) -> Site:
    """A site where a copy came back with a remark on each of its first two pages, and nothing else."""
    site = make_site(folder / "site")
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 1, NOON)
    pages = [page.copy() for page in printed_pages(print_copies(layout, codes, "one"), 200)]
    for page, printed_page in zip(pages[:2], layout.pages, strict=False):
        rng = np.random.default_rng(5)
        write_remark(page, 200 / 25.4, printed_page, Where.MARGIN, "see over", HAND, BLUE_BALLPOINT, rng)
    (folder / "scan.pdf").write_bytes(as_pdf(pages, 200))
    ingest_files(site, [folder / "scan.pdf"], QUIET)
    return site


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is read in this process."""
    monkeypatch.setattr(intake, "Workers", Here)
    monkeypatch.setattr(rereading, "Workers", Here)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return returned(tmp_path)


def test_a_person_says_what_a_remark_says_and_it_is_kept_beside_the_answers(site: Site) -> None:
    db = site.open_store()
    first, second = open_doubts(db)
    assert [(each.question, each.reason, each.page) for each in (first, second)] == [
        ("@remark.1", "remark", 0),
        ("@remark.2", "remark", 1),
    ]
    assert settle_doubt(db, second.doubt, " =see over ", None, "Mair", NOON) is None
    assert settle_doubt(db, first.doubt, None, "blank", "Mair", NOON) is None
    assert not open_doubts(db)
    [response] = read_dataset(db, "every-kind").responses
    assert (response.remarks, response.facts["status"]) == ("=see over", "complete")
    assert not response.answers


def test_reading_again_never_touches_what_a_person_said_of_a_remark(site: Site) -> None:
    db = site.open_store()
    first, second = open_doubts(db)
    settle_doubt(db, first.doubt, "see over", None, "Mair", NOON)
    assert not reread(site, None, True, QUIET).changed
    assert [doubt.question for doubt in open_doubts(db)] == [second.question]
    [response] = read_dataset(db, "every-kind").responses
    assert response.remarks == "see over"


def test_a_remark_that_a_newer_reader_notices_is_told_as_a_new_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        read_by(before, EARLIER)
        before.setattr(read_page, "find_remarks", lambda *_: ())
        site = returned(tmp_path)
    assert not open_doubts(site.open_store())
    report = reread(site, None, False, QUIET)
    told = [(change.question, change.old.missing, change.new.missing) for change in report.changed]
    assert told == [(f"@remark.{page}", Missing.BLANK, Missing.WAITING) for page in (1, 2)]
    assert (report.new_doubts, report.doubts_gone) == (2, 0)


def test_a_remark_that_a_newer_reader_places_otherwise_is_shown_where_it_is_now(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = site.open_store()

    def picture(doubt: OpenDoubt) -> bytes:
        with Here() as workers:
            cut_crops(site, db, workers, [doubt])
        found = crop_path(site, db, doubt)
        assert found is not None
        return found.read_bytes()

    first = open_doubts(db)[0]
    shown = picture(first)

    def moved(*page: Any) -> tuple[Remark, ...]:
        return tuple(replace(remark, box=remark.box.moved(-5.0, 9.0)) for remark in find_remarks(*page))

    monkeypatch.setattr(read_page, "find_remarks", moved)
    reread(site, None, True, QUIET)
    again = open_doubts(db)[0]
    assert again.question == first.question
    assert again.box_mm != first.box_mm
    assert crop_path(site, db, again) is None, "the picture of another place"
    assert picture(again) != shown
