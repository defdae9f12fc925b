"""Characters looked at together: what was seen is decided, an odd one is asked about by itself, all can be undone."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest
from accessible import assert_accessible
from browser import PASSWORD, STAFF, Served, Visit, copy_of, press, scan_copies, serving, sign_in, tab_to
from sqlite_utils import Database
from webpages import NOON, make_site

from pipeline.store import second_checks
from pipeline.store.characters import characters_read_as, figures_of, figures_waiting, find_character, look_at
from pipeline.store.projection import rebuild
from pipeline.store.queue import Queue, find_doubt, undo_last
from pipeline.store.waiting import open_doubts
from pipeline.web.accounts import add_user

ANYBODY = Queue()
HOME = "CF10 1AA"
COPIES = 4
LATER = NOON + timedelta(days=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site where copies with the same postcode came back; with no list of local ones, none is certain."""
    site = make_site(tmp_path_factory.mktemp("together") / "site")
    scan_copies(site, [{"visited": "no", "home": HOME}] * COPIES)
    for name, role in STAFF.items():
        add_user(site.private, name, role, PASSWORD)
    return site.root


@pytest.fixture
def db(folder: Path, tmp_path: Path) -> Database:
    return copy_of(folder, tmp_path / "site").open_store()


def answers(db: Database) -> list[str | None]:
    return [value for (value,) in db.execute("SELECT value FROM answers WHERE question = 'home' ORDER BY submission")]


def say_all_are_right(db: Database, by: str = "mair") -> int:
    """Go through all figures that wait; returns how many answers were decided by it."""
    decided = 0
    for figure in figures_waiting(db, ANYBODY):
        shown = [each.name for each in characters_read_as(db, figure, ANYBODY, 100)]
        decided += look_at(db, figure, shown, (), by, LATER).decided
    return decided


def test_every_unclear_character_waits_under_what_it_was_read_as(db: Database) -> None:
    doubts = [doubt for doubt in open_doubts(db) if doubt.question == "home"]
    assert [doubt.guess for doubt in doubts] == [HOME] * COPIES
    waiting = figures_waiting(db, ANYBODY)
    assert waiting["0"] == COPIES, "an O by its looks"
    assert "A" not in waiting, "plain, and nobody's time is spent on it"
    asked = [figures_of(db, doubt.doubt) for doubt in doubts]
    assert Counter(chain.from_iterable(asked)) == waiting
    assert list(waiting.values()) == sorted(waiting.values(), reverse=True)
    every = characters_read_as(db, "0", ANYBODY, 100)
    assert [each.doubt for each in every] == [doubt.doubt for doubt in doubts], "in the order of the queue"
    first, *_ = every
    assert find_character(db, ANYBODY, first.name) == first
    assert find_character(db, Queue(taken=[first.doubt]), first.name) is None
    assert find_character(db, ANYBODY, "nonsense") is None


def test_an_answer_is_decided_once_all_its_characters_were_seen(db: Database) -> None:
    first = min(figures_waiting(db, ANYBODY).keys() - {"0"})
    shown = [each.name for each in characters_read_as(db, first, ANYBODY, 100)]
    assert look_at(db, first, shown, (), "mair", LATER).decided == 0
    assert answers(db) == [None] * COPIES
    assert first not in figures_waiting(db, ANYBODY), "nobody is asked again"
    assert say_all_are_right(db, "rhys") == COPIES
    assert answers(db) == [HOME] * COPIES
    by = db.execute("SELECT DISTINCT decided_by FROM decisions WHERE kind = 'decided'").fetchall()
    assert by == [("rhys",)]
    before = rows(db)
    rebuild(db)
    assert rows(db) == before


def test_answers_decided_so_are_looked_at_as_a_whole_by_a_second_person(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_checks, "ONE_IN", 1)
    assert say_all_are_right(db) == COPIES
    drawn = db.execute("SELECT decided_by, read_value, standing FROM checks WHERE question = 'home'").fetchall()
    assert drawn == [("mair", HOME, "open")] * COPIES


def rows(db: Database) -> list[list[tuple[object, ...]]]:
    return [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("answers", "characters", "decisions")]


def test_an_odd_one_sends_its_answer_to_the_queue_and_the_others_go_on(db: Database) -> None:
    odd, *others = characters_read_as(db, "0", ANYBODY, 100)
    came = look_at(db, "0", [odd.name, *(each.name for each in others)], {odd.name}, "mair", LATER)
    assert (came.right, came.odd) == (COPIES - 1, 1)
    assert odd.doubt not in {each.doubt for each in characters_read_as(db, "1", ANYBODY, 100)}
    assert figures_of(db, odd.doubt) == ()
    assert came.decided + say_all_are_right(db) == COPIES - 1
    assert [doubt.doubt for doubt in open_doubts(db) if doubt.question == "home"] == [odd.doubt]


def test_what_is_not_there_or_was_read_otherwise_is_passed_over(db: Database) -> None:
    [one, *_] = characters_read_as(db, "1", ANYBODY, 1)
    came = look_at(db, "7", [one.name, "nonsense", f"{one.doubt}.x", f"{one.doubt}.99"], (), "mair", LATER)
    assert (came.right, came.odd, came.decided) == (0, 0, 0)


def test_all_that_was_said_on_one_page_is_taken_back_together(db: Database) -> None:
    before = figures_waiting(db, ANYBODY)
    for figure in sorted(before.keys() - {"0"}):
        shown = [each.name for each in characters_read_as(db, figure, ANYBODY, 100)]
        assert look_at(db, figure, shown, (), "mair", LATER).decided == 0
    last = [each.name for each in characters_read_as(db, "0", ANYBODY, 100)]
    assert look_at(db, "0", last, (), "mair", LATER + timedelta(minutes=1)).decided == COPIES
    assert undo_last(db, "mair", LATER + timedelta(minutes=2))
    assert answers(db) == [None] * COPIES
    assert figures_waiting(db, ANYBODY) == {"0": COPIES}
    for _ in before.keys() - {"0"}:
        assert undo_last(db, "mair", LATER + timedelta(minutes=3))
    assert figures_waiting(db, ANYBODY) == before
    assert undo_last(db, "mair", LATER + timedelta(minutes=4)) is None


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(copy_of(folder, tmp_path / "site")) as urls:
        yield urls


def test_one_at_a_time_the_unclear_ones_are_named(desk: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, desk.staff_url)
    db = desk.site.open_store()
    doubt = next(doubt.doubt for doubt in open_doubts(db) if doubt.question == "home")
    page.goto(f"{desk.staff_url}/doubts/{doubt}")
    assert_accessible(page)
    assert page.locator("#guessed strong").all_inner_texts() == list(dict.fromkeys(figures_of(db, doubt)))
    assert page.locator("#answer").input_value() == HOME


def test_at_the_desk_the_odd_ones_are_marked_by_keyboard(desk: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, desk.staff_url)
    assert_accessible(page)
    tab_to(page, "a[href='/characters']")
    press(page, "Enter")
    assert "Is each of these the figure 0?" in page.inner_text("h1")
    page.wait_for_load_state("networkidle")
    assert_accessible(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.locator(":checked").get_attribute("id") == "odd-2"
    press(page, "Enter")

    db = desk.site.open_store()
    assert "0" not in figures_waiting(db, ANYBODY)
    [odd] = [doubt.doubt for doubt in open_doubts(db) if doubt.question == "home" and not figures_of(db, doubt.doubt)]
    assert "You looked at characters of 4 answers together." in page.inner_text("main")
    for _ in figures_waiting(db, ANYBODY):
        press(page, "Enter")
    assert [value for value in answers(db) if value] == [HOME] * (COPIES - 1)
    assert page.url.endswith(f"/doubts/{odd}"), "what is odd is next"
    press(page, "u")
    assert len([value for value in answers(db) if value]) < COPIES - 1
    assert "Is each of these" in page.inner_text("h1")
    assert find_doubt(db, open_doubts(db)[0].doubt)
