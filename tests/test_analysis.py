"""The file for analysts: all that may be handed out and nothing more, whole, read-only, the same bytes each time."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up_dataset import EVERY_KIND, define
from sqlite_utils import Database

from pipeline.analysis import file
from pipeline.analysis.file import write_analysis
from pipeline.analysis.held_back import BIRTHDAY, FOLLOWS, ONE_PERSON, OWN_WORDS, SENSITIVE, held_back
from pipeline.cli import analysts
from pipeline.cli.main import main
from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition
from pipeline.store.database import open_store
from pipeline.store.projection import rebuild
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.web import passwords
from pipeline.web.accounts import add_user

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORM = define(EVERY_KIND, "survey")

PERSONAL = {
    "desk": "Xylophone",
    "home": "CF10 1AA",
    "ticket": "Q77",
    "visited_on": "1948-07-05",
    "condition": "not_said",
    "story": "Marmalade",
    "remark": "Pterodactyl",
    "needs.other": "Zeppelin",
}
"""Answers that must not be in a file for everybody, each with words that nothing else has."""

OPEN = {"found": "partly", "needs": "books;other", "hours.early": "very", "visits": "3"}


def came(db: Database, answers: Mapping[str, str], number: int, form: FormDefinition = FORM) -> str:
    arrival = Arrival(NOON + timedelta(minutes=number), "2026-03-01")
    returned = OnlineReturn(form, "en", "online", answers, None, f"key-{number:04}", arrival, typed_by="Quetzal")
    return record_online(db, returned).submission


@pytest.fixture
def store(tmp_path: Path) -> Path:
    db = open_store(tmp_path / "pillarbox.db", "central")
    came(db, OPEN | PERSONAL, 2)
    came(db, {}, 1)
    came(db, {"condition": "yes", "effect": "a_lot"}, 3)
    return tmp_path / "pillarbox.db"


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        yield db


def test_nothing_that_tells_who_somebody_is_or_what_is_sensitive_is_in_the_file(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "analysis.db"
    made = write_analysis(store, target)
    assert (made.forms, made.responses) == (1, 3)
    content = target.read_bytes()
    with opened(store) as db:
        secrets = [value for row in db.execute("SELECT receipt, submission_key FROM submissions") for value in row]
    assert [word for word in [*PERSONAL.values(), *secrets, "Quetzal"] if word.encode() in content] == []
    with opened(target) as db:
        told = dict(db.execute("SELECT variable, why FROM left_out").fetchall())
        assert told.keys() == PERSONAL.keys() | {"effect"}
        assert {name for (name,) in db.execute("SELECT DISTINCT question FROM answers")}.isdisjoint(told)
        columns = {row[1] for row in db.execute("PRAGMA table_info(responses_survey)")}
        assert columns.isdisjoint({*told, "copy", "received_at", "remarks"})
        assert made.left_out == len(told)


def test_every_answer_that_may_be_handed_out_is_in_it_with_each_kind_of_missing(store: Path, tmp_path: Path) -> None:
    write_analysis(store, target := tmp_path / "analysis.db")
    told = "SELECT s.submission, a.question, a.value, a.missing, a.authority, a.confidence FROM answers a"
    told += " JOIN submissions s ON s.id = a.submission"
    with opened(store) as record, opened(target) as db:
        left_out = {name for (name,) in db.execute("SELECT variable FROM left_out")}
        expected = [row for row in record.execute(told) if row[1] not in left_out]
        assert sorted(db.execute(told), key=repr) == sorted(expected, key=repr)
        rows = db.execute('SELECT found, needs, "hours.early", missing FROM responses_survey_labelled').fetchall()
        assert rows[1][:3] == ("Partly", "Books; Something else", "Very")
        assert "found=blank" in rows[0][3]
        assert {kind for (kind,) in db.execute("SELECT missing FROM missing_kinds")} == set(Missing)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("personal", [False, True])
def test_the_same_record_gives_the_same_bytes_in_whatever_order_it_was_added_up(
    store: Path, tmp_path: Path, personal: bool
) -> None:
    write_analysis(store, one := tmp_path / "one.db", personal)
    rebuild(open_store(store, "central"))
    write_analysis(store, other := tmp_path / "other.db", personal)
    assert one.read_bytes() == other.read_bytes()


def test_the_file_is_read_only_and_takes_the_place_of_an_older_one(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "analysis.db"
    for personal, mode in ((False, 0o444), (True, 0o400)):
        write_analysis(store, target, personal)
        assert target.stat().st_mode & 0o777 == mode
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_nobody_else_may_open_the_file_while_it_is_made(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []

    def filled(personal: bool) -> Iterator[str]:
        modes.extend(path.stat().st_mode & 0o777 for path in tmp_path.glob(".analysis.db.*"))
        return statements(personal)

    statements = file.filled
    monkeypatch.setattr(file, "filled", filled)
    write_analysis(store, tmp_path / "analysis.db", personal=True)
    assert modes == [0o600]


def test_a_file_that_cannot_be_finished_leaves_the_older_one(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_analysis(store, target := tmp_path / "analysis.db")
    before = target.read_bytes()
    monkeypatch.setattr(file, "ACROSS_FORMS", "SELECT nothing FROM nowhere WHERE")
    with pytest.raises(sqlite3.OperationalError):
        write_analysis(store, target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_why_a_variable_is_left_out() -> None:
    open_effect = EVERY_KIND.replace("    sensitive: true\n    when:", "    when:")
    told = held_back([define(open_effect)])
    assert told["condition"] == told["story"] == SENSITIVE
    assert told["effect"] == FOLLOWS, "that it was asked tells the answer to the sensitive question"
    assert told["home"] == told["ticket"] == ONE_PERSON
    assert told["remark"] == told["needs.other"] == OWN_WORDS
    assert told["visited_on"] == BIRTHDAY
    recent = define(
        EVERY_KIND.replace("    kind: date\n", "    kind: date\n    earliest: 2025-01-01\n    latest: 2027-12-31\n")
    )
    assert "visited_on" not in held_back([recent])


def test_what_one_version_holds_back_all_do() -> None:
    later = define(EVERY_KIND.replace("    sensitive: true\n", ""))
    assert held_back([FORM, later]) == held_back([later, FORM]) == held_back([FORM])
    assert "effect" not in held_back([later])


@pytest.fixture
def site(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))
    for name, role, withheld in (("ann", "analyst", ()), ("meg", "manager", ()), ("bob", "manager", ("no_personal",))):
        add_user(store.parent / "private", name, role, "four plain words", withheld)
    return store.parent


def run(site: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--site", str(site), "analysis", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize(("who", "code"), [("", 2), ("nobody", 6), ("ann", 6), ("bob", 6)])
def test_personal_answers_are_for_those_who_may_see_them(site: Path, who: str, code: int) -> None:
    assert run(site, "--personal", *(["--as", who] if who else []))[0] == code
    assert not (site / "analysis.db").exists()


def test_who_made_a_file_with_personal_answers_is_on_record(site: Path) -> None:
    code, output = run(site, "--personal", "--as", "meg", "--json")
    assert (code, json.loads(output)["left_out"]) == (0, 0)
    with opened(site / "analysis.db") as db:
        assert db.execute("SELECT home, remark FROM responses_survey WHERE home <> ''").fetchall() == [
            (PERSONAL["home"], PERSONAL["remark"])
        ]
        found = "SELECT COUNT(*) FROM comments_search WHERE comments_search MATCH 'pterodactyl'"
        assert db.execute(found).fetchone() == (1,)
    with opened(site / "pillarbox.db") as db:
        (body,) = db.execute(
            "SELECT b.body FROM events e JOIN event_bodies b ON b.event = e.id WHERE e.kind = 'handed_out'"
        ).fetchone()
    assert json.loads(body) == {"what": "analysis.db", "by": "meg"}
    assert run(site)[0] == 0, "one for everybody can be made again, and takes its place"
    with opened(site / "pillarbox.db") as db:
        assert db.execute("SELECT COUNT(*) FROM events WHERE kind = 'handed_out'").fetchone() == (1,)


@pytest.mark.parametrize("there_before", [True, False])
def test_there_is_no_file_with_personal_answers_that_is_not_on_record(
    site: Path, monkeypatch: pytest.MonkeyPatch, there_before: bool
) -> None:
    target = site / "analysis.db"
    if there_before:
        run(site)
    before = target.read_bytes() if there_before else None

    def full(*_: object) -> None:
        assert (target.read_bytes() if target.exists() else None) == before, "it is recorded before it is in its place"
        raise OSError("the disk is full")

    monkeypatch.setattr(analysts, "record_handed_out", full)
    assert run(site, "--personal", "--as", "meg")[0] != 0
    assert (target.read_bytes() if target.exists() else None) == before
    assert list(site.glob(".analysis.db.*")) == []
