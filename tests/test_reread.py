"""A newer reader reads kept originals again: what it reads otherwise changes, what a person decided never does."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from read_sites import EARLIER, QUIET, Here, Read, ReadSite, exchanged, ingest_misread
from sqlite_utils import Database
from test_store import tables
from webpages import NOON

from pipeline import reread as rereading
from pipeline.cli.main import main
from pipeline.page.refusal import Reason, Refusal
from pipeline.reading.grammar import SURE
from pipeline.reading.readings import PageReading
from pipeline.reread import RereadReport, reread, would_reread
from pipeline.review.doubts import LONE_MARK
from pipeline.review.installed import named_numbers, this_reader
from pipeline.review.reader import describe_reader
from pipeline.site import Site, open_site
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, all_events, append
from pipeline.store.projection import apply, rebuild

ANSWERS = [
    {"visited": "yes", "why": "books", "rating.staff": "good", "rating.stock": "poor"},
    {"visited": "no", "rating.staff": "poor", "rating.stock": "good"},
]


def misread(read: Read) -> Read:
    """What the earlier reader makes of these pages: two answers exchanged, and the last page refused."""
    if isinstance(read, PageReading) and read.code.form_page == 3:
        return Refusal(Reason.UNSURE_WHERE)
    return exchanged(exchanged(read, "visited", "yes", "no"), "rating.staff", "good", "poor")


@pytest.fixture(scope="module")
def misread_site(tmp_path_factory: pytest.TempPathFactory) -> ReadSite:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return ingest_misread(monkeypatch, tmp_path_factory.mktemp("reread") / "site", ANSWERS, misread)


@pytest.fixture
def site(misread_site: ReadSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site in a fresh copy; what is read again is read in this process."""
    monkeypatch.setattr(rereading, "Workers", Here)
    shutil.copytree(misread_site.site.root, tmp_path / "site")
    return open_site(tmp_path / "site")


@pytest.fixture
def db(site: Site) -> Database:
    return site.open_store()


def answers(db: Database, copy: str) -> dict[str, str]:
    rows = db.execute(
        "SELECT a.question, COALESCE(a.value, a.missing) FROM answers a JOIN submissions s ON s.id = a.submission"
        " WHERE s.copy = ?",
        [copy],
    )
    return dict(rows.fetchall())


def again(site: Site) -> RereadReport:
    return reread(site, None, False, QUIET)


def decide(db: Database, copy: str, question: str, value: str) -> None:
    """Record a person's decision, as `settle` does."""
    (submission,) = db.execute("SELECT submission FROM submissions WHERE copy = ?", [copy]).fetchone()
    body = {"question": question, "value": value, "missing": None, "by": "Mair", "doubt": "", "reason": "", "guess": ""}
    with immediately(db):
        apply(db, append(db, EventKind.DECIDED, submission, body, NOON))


def test_what_was_misread_is_put_right_and_what_a_person_decided_stays(
    misread_site: ReadSite, site: Site, db: Database
) -> None:
    first, second = misread_site.codes
    assert answers(db, first)["rating.staff"] == "poor", "the earlier reader misread this"
    decide(db, second, "rating.staff", "good")
    places = db.execute("SELECT sha256, page, submission FROM pages WHERE status = 'read'").fetchall()
    report = again(site)
    assert answers(db, first) == {**dict.fromkeys(answers(db, first), "blank"), **ANSWERS[0]}
    assert answers(db, second)["rating.staff"] == "good", "a person said so, whatever is on the paper"
    changes = {(change.copy, change.question): (change.old.value, change.new.value) for change in report.changed}
    assert changes[first, "visited"] == ("no", "yes")
    assert (second, "rating.staff") not in changes
    after = db.execute("SELECT sha256, page, submission FROM pages WHERE status = 'read'").fetchall()
    assert set(places) <= set(after), "where a page belongs stays as it was"
    assert (report.pages, report.new_doubts, report.doubts_gone) == (6, 0, 1), "“why” was not to be answered by a “no”"


def test_a_page_refused_before_takes_the_way_of_one_that_just_came(site: Site, db: Database) -> None:
    assert db["submissions"].count == 2
    assert {row["pages_missing"] for row in db["submissions"].rows} == {"3"}
    report = again(site)
    assert [(page.name, page.page) for page in report.gained] == [("scan-0.pdf", 2), ("scan-1.pdf", 2)]
    assert {row["status"] for row in db["submissions"].rows} == {"complete"}
    assert db["submissions"].count == 2
    assert not [change for change in report.changed if change.question == "home"], "a page that came is no change"


def test_the_earlier_reading_and_both_readers_stay_on_record(site: Site, db: Database) -> None:
    before = {event.event: event for event in all_events(db)}
    again(site)
    assert before.items() <= {event.event: event for event in all_events(db)}.items()
    assert {row["reader"] for row in db["readers"].rows} == {EARLIER.id, this_reader().id}
    (description,) = db.execute("SELECT description FROM readers WHERE reader = ?", [this_reader().id]).fetchone()
    assert json.loads(description)["thresholds"]["pipeline.review.doubts"]["LONE_MARK"] == LONE_MARK
    assert {row["reader"] for row in db["pages"].rows} == {this_reader().id}


def test_twice_changes_nothing(site: Site, db: Database) -> None:
    again(site)
    once, events = tables(db), len(all_events(db))
    for of_any_reader in (False, True):
        report = reread(site, None, of_any_reader, QUIET)
        assert report.changed == ()
        assert (tables(db), len(all_events(db))) == (once, events)
    assert again(site).pages == 0


def test_the_tables_come_out_the_same_when_they_are_built_again(
    misread_site: ReadSite, site: Site, db: Database
) -> None:
    decide(db, misread_site.codes[0], "visited", "no")
    again(site)
    before = tables(db)
    rebuild(db)
    assert tables(db) == before


def test_a_dry_run_tells_the_same_and_changes_nothing(site: Site, db: Database) -> None:
    before, events = tables(db), all_events(db)
    told = would_reread(site, None, False, QUIET)
    assert (tables(db), all_events(db)) == (before, events)
    assert not list(site.root.glob(".reread-*"))
    assert told == again(site)


def test_one_form_leaves_the_others_alone(site: Site) -> None:
    assert reread(site, "another", False, QUIET).pages == 0
    assert reread(site, "every-kind", False, QUIET).pages == 4, "a page of no known form belongs to none"


def test_a_page_that_would_be_refused_now_stays_as_it_was_read(
    misread_site: ReadSite, site: Site, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(db, misread_site.codes[0])
    refusals = [Refusal(Reason.UNSURE_WHERE)] * 6
    monkeypatch.setattr(rereading, "read_pages", lambda workers, tasks: iter(refusals))
    report = again(site)
    assert len(report.stands) == 4
    assert answers(db, misread_site.codes[0]) == before


def test_an_original_kept_no_longer_is_said(site: Site) -> None:
    for path in site.archive.rglob("*.pdf"):
        path.unlink()
    report = again(site)
    assert (report.pages, len(report.gone), report.changed) == (0, 6, ())


def test_killed_in_the_middle_it_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.root, tmp_path / "whole")
    whole = open_site(tmp_path / "whole")
    again(whole)
    script = Path(__file__).with_name("killed_ingest.py")
    command = [sys.executable, str(script), str(site.root), "7", "reread"]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert killed.returncode == -9, killed.stderr
    db = site.open_store()
    readers = [row["reader"] for row in db["pages"].rows]
    assert 0 < readers.count(this_reader().id) < len(readers), "it was killed in the middle"
    assert again(site).pages == readers.count(EARLIER.id)
    assert without_names(tables(db)) == without_names(tables(whole.open_store()))


def without_names(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """The tables that hold answers: pages name their events, and those are numbered as they come."""
    return {table: found[table] for table in ("answers", "answer_options", "submissions", "doubts")}


def test_the_command_tells_what_changed(site: Site) -> None:
    told = CliRunner().invoke(main, ["--site", str(site.root), "reread", "--dry-run"])
    assert "“no” → “yes”" in told.stdout
    assert "Nothing was changed" in told.stdout
    assert "6 pages read again" in told.stdout
    document = json.loads(CliRunner().invoke(main, ["--site", str(site.root), "reread", "--json"]).stdout)
    assert document["pages"] == 6
    assert {"copy", "question", "old", "new", "submission"} == set(document["changed"][0])


def test_every_number_that_judges_is_part_of_the_reader() -> None:
    reader = this_reader()
    assert reader.thresholds["pipeline.reading.grammar"]["SURE"] == SURE
    assert {"marks.onnx", "characters.onnx"} <= reader.models.keys()
    assert describe_reader(reader.version, reader.models, reader.tools, reader.thresholds) == reader
    thresholds = {**reader.thresholds, "pipeline.reading.grammar": {"SURE": SURE + 0.001}}
    assert describe_reader(reader.version, reader.models, reader.tools, thresholds).id != reader.id


def test_numbers_under_one_name_are_told_together() -> None:
    @dataclass(frozen=True)
    class Limits:
        low: float
        high: float

    module = ModuleType("judge")
    vars(module).update(LIMITS=Limits(0.1, 0.9), _PAIR=(1, 2), BY_KIND={"a": 0.5}, NAME="no", ODD=(1, "a"), low=3)
    told = {"BY_KIND": {"a": 0.5}, "LIMITS": {"low": 0.1, "high": 0.9}, "_PAIR": [1, 2]}
    assert named_numbers(module) == told
