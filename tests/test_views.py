"""What analysts find in the store: every version under one name, each kind of missing apart, words to search, and
answers of several forms joined by what they are about."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_up_dataset import EVERY_KIND, define
from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition
from pipeline.store.database import open_store
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.store.responses import read_dataset

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

FIRST = define(EVERY_KIND, "survey")
SECOND = define(
    EVERY_KIND.replace("label: Partly", "label: Partly so")
    .replace('      - {value: no, label: "No"}\n  - id: needs', "      - {value: never, label: Never}\n  - id: needs")
    .replace("  - id: desk\n    kind: text\n    length: 12\n", "  - id: counter\n    kind: text\n    length: 12\n"),
    "survey",
)
"""The same form later: *no* is no longer offered and *never* is, and one question is put under another name."""


def came(db: Database, form: FormDefinition, answers: Mapping[str, str], number: int) -> str:
    arrival = Arrival(NOON + timedelta(minutes=number), "2026-03-01")
    return record_online(
        db, OnlineReturn(form, "en", "online", answers, None, f"key-{form.id}-{number}", arrival)
    ).submission


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_store(tmp_path / "pillarbox.db", "central")


def test_a_view_holds_every_version_and_says_what_a_version_did_not_ask(db: Database) -> None:
    came(db, FIRST, {"found": "no", "desk": "Loans"}, 1)
    came(db, SECOND, {"found": "partly", "counter": "Loans"}, 2)
    rows = db.execute("SELECT found, desk, counter, missing FROM responses_survey ORDER BY received_at").fetchall()
    assert [row[:3] for row in rows] == [("no", "Loans", None), ("partly", None, "Loans")]
    kinds = [dict(pair.split("=") for pair in row[3].split(";")) for row in rows]
    assert (kinds[0]["counter"], kinds[1]["desk"]) == (Missing.NOT_ASKED, Missing.NOT_ASKED)
    assert kinds[0]["home"] == Missing.BLANK
    for told in read_dataset(db, "survey").responses:
        assert told.answers.keys() | told.missing.keys() == {"desk", "counter"} | {v.name for v in FIRST.variables}
        assert told.answers.keys().isdisjoint(told.missing)


def test_a_choice_no_longer_offered_keeps_its_words(db: Database) -> None:
    came(db, FIRST, {"found": "no"}, 1)
    came(db, SECOND, {"found": "partly"}, 2)
    rows = db.execute("SELECT found FROM responses_survey_labelled ORDER BY received_at").fetchall()
    assert rows == [("No",), ("Partly so",)]
    labels = db.execute("SELECT value, label FROM labels WHERE variable = 'found' ORDER BY place").fetchall()
    assert labels == [("yes", "Yes"), ("partly", "Partly so"), ("never", "Never"), ("no", "No")]


@pytest.mark.parametrize("sought", ["closing", "CLOSED", "'ty'", '"early closing"', "tŷ"])
def test_words_are_found_by_their_stem_with_or_without_accents(db: Database, sought: str) -> None:
    submission = came(db, FIRST, {"remark": "The early closing of the Tŷ Mawr branch."}, 1)
    came(db, FIRST, {"remark": "Nothing at all."}, 2)
    found = db.execute(
        "SELECT s.submission, c.question FROM comments_search JOIN comments c ON c.id = comments_search.rowid"
        " JOIN submissions s ON s.id = c.submission WHERE comments_search MATCH ?",
        [sought.strip("'")],
    ).fetchall()
    assert found == [(submission, "remark")]


def test_answers_of_several_forms_stand_under_each_other_by_what_they_are_about(db: Database) -> None:
    library = define(EVERY_KIND.replace("  - id: found\n", "  - id: found\n    about: gets_it\n"), "library")
    desk = define(
        EVERY_KIND.replace("  - id: needs\n", "  - id: needs\n    about: gets_it\n    standard: needs_3\n"), "desk"
    )
    came(db, library, {"found": "partly"}, 1)
    came(db, desk, {"needs": "warmth;books"}, 2)
    came(db, desk, {}, 3)
    told = "SELECT joined_by, name, form, variable, label, missing FROM across_forms ORDER BY joined_by, submission"
    assert db.execute(f"{told}, variable").fetchall() == [
        ("about", "gets_it", "library", "found", "Partly", None),
        ("about", "gets_it", "desk", "needs", "Books; Warmth", None),
        ("about", "gets_it", "desk", "needs.other", None, "blank"),
        ("about", "gets_it", "desk", "needs", None, "blank"),
        ("about", "gets_it", "desk", "needs.other", None, "blank"),
        ("standard", "needs_3", "desk", "needs", "Books; Warmth", None),
        ("standard", "needs_3", "desk", "needs.other", None, "blank"),
        ("standard", "needs_3", "desk", "needs", None, "blank"),
        ("standard", "needs_3", "desk", "needs.other", None, "blank"),
    ]


def test_an_older_store_is_brought_up_to_date_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "pillarbox.db"
    db = open_store(path, "central")
    came(db, FIRST, {"found": "no", "remark": "Too cold"}, 1)
    told = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in ("variables", "labels", "comments")}
    for kind, name in [("VIEW", "across_forms"), *(("TABLE", name) for name in ("comments_search", *told))]:
        db.execute(f"DROP {kind} {name}")
    db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '%_variables'")
    db.conn.commit()
    db.close()
    again = open_store(path, "central")
    assert {name: again.execute(f"SELECT * FROM {name}").fetchall() for name in told} == told
    assert again.execute("SELECT COUNT(*) FROM comments_search WHERE comments_search MATCH 'cold'").fetchone() == (1,)
