"""What one version of a form says of a question and another does not: the more careful word holds for all answers."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up_dataset import EVERY_KIND, define
from sqlite_utils import Database

from pipeline.cli.main import main
from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.store.database import immediately, open_store
from pipeline.store.record import Arrival, OnlineReturn, record_online, register_shown
from pipeline.store.variables import merged_variables, personal_variables
from pipeline.tables.formats import FORMATS
from pipeline.tables.publishing.counting import NO_LEAVE

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

FIRST = define(EVERY_KIND, "survey")
OPEN = define(EVERY_KIND.replace("    sensitive: true\n", ""), "survey")
"""The same questions, none of them sensitive any more."""

EVERYBODY = EVERY_KIND.replace("    when: {condition: yes}\n", "")
ASKED_OF_ALL = define(EVERYBODY, "survey")
CONDITION = EVERYBODY[EVERYBODY.index("  - id: condition\n") : EVERYBODY.index("  - id: effect\n")]
NO_CONDITION = define(EVERYBODY.replace(CONDITION, ""), "survey")

DESK = """\
    kind: one
    text: Which desk?
    choices:
      - {value: loans, label: Loans}
      - {value: help, label: Help}
"""
TICKED = define(EVERY_KIND.replace("    kind: text\n    length: 12\n    text: Which desk?\n", DESK), "survey")
"""The same, with a desk to tick that was written before."""


def merged(*versions: FormDefinition) -> dict[str, Variable]:
    return {each.name: each for each in merged_variables(versions)}


def came(db: Database, form: FormDefinition, answers: Mapping[str, str], number: int, channel: str = "online") -> str:
    arrival = Arrival(NOON + timedelta(minutes=number), "2026-03-01")
    return record_online(db, OnlineReturn(form, "en", channel, answers, None, f"key-{number:04}", arrival)).submission


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_store(tmp_path / "pillarbox.db", "main")


def published(root: Path, name: str) -> list[dict[str, str]]:
    done = CliRunner().invoke(main, ["--site", str(root), "publish", "survey", "-o", str(root / "open")])
    assert done.exit_code == 0, done.output
    path = root / "open" / name
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))) if path.exists() else []


@pytest.mark.parametrize("versions", [(FIRST, OPEN), (OPEN, FIRST)])
def test_what_any_version_holds_to_be_sensitive_is_so_for_all_answers(
    db: Database, versions: tuple[FormDefinition, ...]
) -> None:
    sensitive = {name for name, each in merged(*versions).items() if each.question.sensitive}
    assert sensitive == {"condition", "effect", "story"}
    for number, version in enumerate(versions):
        register_shown(db, version, NOON + timedelta(days=number))
    told = "SELECT variable FROM variables WHERE form = 'survey' AND sensitive AND personal"
    assert {name for (name,) in db.execute(told)} == sensitive
    assert personal_variables(db, "survey") == sensitive | {"desk", "remark", "needs.other"}


def test_answers_that_were_sensitive_when_they_were_given_are_published_as_such(db: Database, tmp_path: Path) -> None:
    for number in range(24):
        condition = ("yes", "no", "no")[number % 3] if number < 9 else "no"
        answers = {"condition": condition, "story": "Marmalade", "remark": "Pterodactyl", "effect": ""}
        came(db, FIRST, answers, number, ("online", "kiosk")[number % 2])
    register_shown(db, OPEN, NOON + timedelta(days=1))
    rows = [row for row in published(tmp_path, "counts.csv") if row["variable"] == "condition"]
    assert {row["by"] for row in rows} == {"everyone"}
    assert [row["n"] for row in rows if row["value"] in ("yes", "not_said")] == ["", ""]
    assert {row["comment"] for row in published(tmp_path, "comments.csv")} == {"Pterodactyl"}


@pytest.mark.parametrize("newest", [ASKED_OF_ALL, NO_CONDITION])
def test_what_once_followed_from_a_sensitive_answer_still_tells_it(newest: FormDefinition) -> None:
    found = merged(FIRST, newest)
    when = found["effect"].question.when
    assert when is not None
    assert when.variable == "condition"
    assert list(found).index("condition") < list(found).index("effect")
    assert merged(newest)["effect"].question.when is None


def test_what_follows_at_two_steps_from_a_sensitive_answer_still_tells_it() -> None:
    asked = EVERY_KIND.replace("    sensitive: true\n    when: {condition: yes}\n", "    when: {condition: yes}\n")
    after_effect = asked.replace(
        "    sensitive: true\n    text: What should", "    when: {effect: a_lot}\n    text: What should"
    )
    found = merged(
        define(after_effect, "survey"), define(after_effect.replace("    when: {effect: a_lot}\n", ""), "survey")
    )
    when = found["story"].question.when
    assert when is not None
    assert when.variable == "effect"
    assert not found["effect"].question.sensitive


def test_what_was_once_written_in_words_is_told_nowhere_as_a_choice(db: Database, tmp_path: Path) -> None:
    assert merged(FIRST, TICKED)["desk"].shape is merged(TICKED, FIRST)["desk"].shape is Shape.TEXT
    for number in range(8):
        came(db, FIRST, {"desk": "Xylophone"}, number)
        came(db, TICKED, {"desk": "loans"}, number + 100)
    assert "desk" in personal_variables(db, "survey")
    assert not any("Xylophone" in row["value"] for row in published(tmp_path, "counts.csv"))
    for name in FORMATS:
        done = CliRunner().invoke(
            main, ["--site", str(tmp_path), "export", "survey", "--format", name, "-o", str(tmp_path / "out")]
        )
        assert done.exit_code == 0, (name, done.output)


def test_comments_are_published_only_of_those_who_gave_leave(db: Database, tmp_path: Path) -> None:
    asked_no_leave = define(EVERY_KIND.replace("publish: true", "publish: false"), "survey")
    for number in range(6):
        came(db, asked_no_leave, {"remark": "Xylophone"}, number)
        came(db, FIRST, {"remark": "Pterodactyl"}, number + 100)
    assert {row["comment"] for row in published(tmp_path, "comments.csv")} == {"Pterodactyl"}
    removed = [row for row in published(tmp_path, "removed.csv") if row["why"] == NO_LEAVE]
    assert [(row["variable"], row["times"]) for row in removed] == [("remark", "6")]


def test_doubts_that_wait_are_withheld_once_a_version_makes_their_question_sensitive(db: Database) -> None:
    form = define(EVERY_KIND.replace("    sensitive: true\n", "", 1), "survey")
    submission = came(db, form, {"condition": "no", "effect": "a_lot"}, 1)
    with immediately(db):
        db.execute(
            "INSERT INTO doubts (doubt, submission, question, reason, guess, confidence, raised_at, turn, personal)"
            " SELECT 'd', id, 'condition', 'two_marks', '', 0, '', '', 0 FROM submissions WHERE submission = ?",
            [submission],
        )
    register_shown(db, FIRST, NOON + timedelta(days=1))
    assert db.execute("SELECT personal FROM doubts WHERE doubt = 'd'").fetchone() == (1,)
