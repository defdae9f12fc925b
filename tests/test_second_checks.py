"""One decision in twenty is looked at by a second person, who is not told what was decided."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from rich.progress import Progress
from sqlite_utils import Database
from webpages import NOON, Page, make_site

from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.intake import ingest_files
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.site import Site, load_form, open_site
from pipeline.store import second_checks
from pipeline.store.catalogue import definition_of
from pipeline.store.checks import OpenCheck, enter_check, open_checks, second_looks, settle_check
from pipeline.store.database import immediately
from pipeline.store.projection import apply
from pipeline.store.queue import latest_decisions, undo_last
from pipeline.store.record import register_print
from pipeline.store.sample import count_checks
from pipeline.store.second_checks import ONE_IN, Agreement, count_agreement
from pipeline.store.waiting import OpenDoubt, open_doubts, settle_doubt
from pipeline.store.withdrawing import record_withdrawn
from pipeline.tables.accuracy import agreement_sentence
from pipeline.web import passwords
from pipeline.web.accounts import add_user
from pipeline.web.server import running
from pipeline.web.told import what_was_said

PASSWORD = "four plain words here"
DPI = 150


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site where one copy came back with two boxes marked."""
    site = make_site(tmp_path_factory.mktemp("second") / "site")
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 1, NOON)
    blank = tuple(printed_pages(print_copies(layout, codes, "one"), DPI))
    rng = np.random.default_rng(4)
    pages = fill(blank, layout, {"visited": "yes;no", "rating.staff": "good;poor"}, random_resident(rng), rng).pages
    scan = site.root / "scan.pdf"
    scan.write_bytes(as_pdf(pages, DPI))
    ingest_files(site, [scan], Progress(disable=True))
    return site


@pytest.fixture
def site(scanned: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A copy of it, where every lot falls."""
    monkeypatch.setattr(second_checks, "ONE_IN", 1)
    return open_site(Path(shutil.copytree(scanned.root, tmp_path / "site")))


@pytest.fixture
def db(site: Site) -> Iterator[Database]:
    with closing(site.open_store().conn) as connection:
        yield Database(connection)


def visited(db: Database) -> OpenDoubt:
    [doubt] = [doubt for doubt in open_doubts(db) if doubt.question == "visited"]
    return doubt


def drawn(db: Database) -> OpenCheck:
    [check] = open_checks(db)
    return check


def answer(db: Database) -> str:
    return str(db.execute("SELECT value FROM answers WHERE question = 'visited'").fetchone()[0])


def test_who_says_the_same_confirms_it(db: Database) -> None:
    assert settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON) is None
    assert (drawn(db).question, drawn(db).decided_by) == ("visited", "mair")
    assert enter_check(db, drawn(db).check, "yes", None, "rhys", NOON) is None
    assert (count_agreement(db), answer(db)) == (Agreement(1, 1), "yes")
    assert "1 came out the same" in agreement_sentence(count_agreement(db))


def test_whoever_decided_is_not_asked_again(db: Database) -> None:
    settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON)
    assert "somebody else" in (enter_check(db, drawn(db).check, "yes", None, "mair", NOON) or "")


@pytest.mark.parametrize(("right", "stands"), [("computer", "yes"), ("checker", "no")])
def test_where_two_differ_a_second_look_says_which_stands(db: Database, right: str, stands: str) -> None:
    settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON)
    enter_check(db, drawn(db).check, "no", None, "rhys", NOON)
    [look] = second_looks(db)
    assert (look.read.value, look.entered.value, look.by) == ("yes", "no", "rhys")
    assert settle_check(db, look.field.check, right, "meg", NOON) is None
    assert (count_agreement(db), answer(db)) == (Agreement(1, 0), stands)


def test_a_decision_taken_back_is_checked_no_more(db: Database) -> None:
    settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON)
    undo_last(db, "mair", NOON)
    assert open_checks(db) == []
    settle_doubt(db, visited(db).doubt, "no", None, "mair", NOON)
    assert enter_check(db, drawn(db).check, "no", None, "rhys", NOON) is None
    assert count_agreement(db) == Agreement(1, 1)


@pytest.mark.parametrize("question", ["visited", None])
def test_what_the_person_took_back_is_checked_no_more_and_in_no_decision(db: Database, question: str | None) -> None:
    settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON)
    submission = drawn(db).submission
    with immediately(db):
        apply(db, record_withdrawn(db, submission, question, "mair", NOON))
    assert (open_checks(db), second_looks(db)) == ([], [])
    told = db.execute("SELECT value, missing, decided_by FROM decisions WHERE question = 'visited'").fetchall()
    assert told == [(None, "withdrawn", "mair")]
    assert db.execute("SELECT COUNT(*) FROM checks WHERE question = 'visited'").fetchone() == (0,)
    [decided] = latest_decisions(db, 1)
    assert what_was_said(definition_of(db, decided.version), decided) == "what the person has taken back since"


def test_how_well_the_machine_reads_is_told_apart(db: Database) -> None:
    before = count_checks(db)
    settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON)
    enter_check(db, drawn(db).check, "no", None, "rhys", NOON)
    assert count_checks(db) == before


def test_one_in_twenty_is_drawn(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_checks, "ONE_IN", ONE_IN)
    times, doubt = 300, visited(db).doubt
    for _ in range(times):
        settle_doubt(db, doubt, "yes", None, "mair", NOON)
        undo_last(db, "mair", NOON)
    drawn = db.execute("SELECT COUNT(*) FROM events WHERE kind = 'check_drawn'").fetchone()[0]
    assert 2 <= drawn <= 35, "15 are expected; by chance alone it is outside of this once in 10,000 times"


def test_the_second_person_is_shown_nothing_of_the_first(
    site: Site, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))
    settle_doubt(db, visited(db).doubt, "yes", None, "mair", NOON)
    for name in ("mair", "rhys"):
        add_user(site.private, name, "reviewer", PASSWORD)
    with running(site) as urls:
        pages = {}
        for name in ("mair", "rhys"):
            with httpx.Client(base_url=urls.staff_url, follow_redirects=True) as client:
                token = Page(client.get("/sign-in").text).hidden("form_token")
                client.post("/sign-in", data={"name": name, "password": PASSWORD, "form_token": token})
                pages[name] = client.get("/checks").text
    assert "looked at by a second person" in pages["rhys"]
    assert "mair" not in pages["rhys"]
    assert not any("checked" in box for box in Page(pages["rhys"]).all("input"))
    assert "Have you been?" not in pages["mair"]
