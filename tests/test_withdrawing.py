"""What people take back is in no table, export or publication, and it stays known that there was something."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from made_up_dataset import EVERY_KIND, define
from numpy.typing import NDArray
from sqlite_utils import Database

from pipeline.analysis.file import write_analysis
from pipeline.cli.main import main
from pipeline.form.answer import Missing
from pipeline.form.lay_out import lay_out
from pipeline.review.decisions import COUNT, LEAVE_OUT
from pipeline.site import open_site
from pipeline.store import coded, up_to_date
from pipeline.store.database import immediately, open_store
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply, rebuild
from pipeline.store.queue import undo_last
from pipeline.store.record import Arrival, OnlineReturn, Recorded, record_online, register_print
from pipeline.store.responses import read_dataset
from pipeline.store.trace import trace
from pipeline.store.waiting import open_doubts, settle_doubt
from pipeline.store.withdrawal_rows import latest_withdrawals
from pipeline.tables.publishing.publication import publication_of
from pipeline.tables.publishing.writing import files_of
from pipeline.tables.table import table_of

FORM = define(EVERY_KIND, "survey")
SAID = {"found": "yes", "needs": "books;other", "needs.other": "Zeppelin", "remark": "Pterodactyl"}


@pytest.fixture
def recorded(tmp_path: Path) -> list[Recorded]:
    """Six responses, the first of which says what nobody else does."""
    db, noon = open_store(tmp_path / "pillarbox.db"), datetime(2026, 3, 1, 12, tzinfo=UTC)
    told = [SAID, *({"found": "no"} for _ in range(6))]
    returns = [
        OnlineReturn(
            FORM, "en", "online", answers, None, f"key-{number:04}", Arrival(noon + timedelta(number), "2026-03-01")
        )
        for number, answers in enumerate(told)
    ]
    return [record_online(db, each) for each in returns]


@pytest.fixture
def withdraw(tmp_path: Path) -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(main, ["--site", str(tmp_path), "withdraw", *arguments])


def everything(root: Path) -> bytes:
    """All that is handed on of a form: exports, the file for analysts with personal answers, and what is published."""
    handed = b""
    for name in ("csv", "json", "xlsx", "ddi", "codebook-csv"):
        result = CliRunner().invoke(
            main, ["--site", str(root), "export", "survey", "--format", name, "-o", str(root / "out")]
        )
        assert result.exit_code == 0
        handed += (root / "out").read_bytes()
    write_analysis(root / "pillarbox.db", root / "analysis.db", personal=True)
    published = publication_of(table_of(read_dataset(open_store(root / "pillarbox.db"), "survey")))
    return handed + (root / "analysis.db").read_bytes() + b"".join(files_of(published).values())


@pytest.mark.parametrize("spelt", [lambda one: one.receipt, lambda one: f"{one.receipt[:5]} {one.receipt[5:]}".lower()])
def test_a_response_is_taken_back_by_its_receipt(
    tmp_path: Path, recorded: list[Recorded], withdraw: Callable[..., Result], spelt: Callable[[Recorded], str]
) -> None:
    assert b"Zeppelin" in everything(tmp_path)
    done = withdraw(spelt(recorded[0]), "--as", "mair")
    assert done.exit_code == 0, done.output
    assert not any(word in everything(tmp_path) for word in (b"Zeppelin", b"Pterodactyl"))
    db = open_store(tmp_path / "pillarbox.db")
    first, *others = read_dataset(db, "survey").responses
    assert (first.facts["status"], dict(first.answers)) == ("withdrawn", {})
    assert set(first.missing.values()) == {Missing.WITHDRAWN}
    assert {each.facts["status"] for each in others} == {"complete"}
    tables = ("answers", "answer_options", "comments", "submissions")
    before = [db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    rebuild(db)
    assert [db.execute(f"SELECT * FROM {table}").fetchall() for table in tables] == before


def test_a_report_is_of_one_moment_whatever_is_taken_back_meanwhile(
    tmp_path: Path, recorded: list[Recorded], withdraw: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = coded._places

    def meanwhile(ids: NDArray[np.int64]) -> NDArray[np.int64]:
        assert withdraw(recorded[0].submission, "--as", "mair").exit_code == 0
        return places(ids)

    monkeypatch.setattr(coded, "_places", meanwhile)
    page = tmp_path / "report.html"
    done = CliRunner().invoke(main, ["--site", str(tmp_path), "report", "survey", "-o", str(page)])
    assert done.exit_code == 0, done.output
    assert "Pterodactyl" in page.read_text(encoding="utf-8")


def test_one_answer_is_taken_back_with_all_its_parts(
    tmp_path: Path, recorded: list[Recorded], withdraw: Callable[..., Result]
) -> None:
    assert withdraw(recorded[0].submission, "needs", "--as", "mair").exit_code == 0
    done = CliRunner().invoke(main, ["--site", str(tmp_path), "export", "survey", "--format", "csv"])
    first = next(csv.DictReader(io.StringIO(done.stdout, newline="")))
    kinds = dict(pair.split("=") for pair in first["missing"].split(";"))
    assert (kinds["needs"], kinds["needs.other"]) == ("withdrawn", "withdrawn")
    assert (first["found"], first["status"], kinds["visits"]) == ("yes", "complete", "blank")


TABLES = (
    "submissions", "answers", "answer_options", "comments", "doubts", "decisions", "checks", "withdrawals", "variables",
)  # fmt: skip


def tables(db: Database) -> dict[str, list[tuple[object, ...]]]:
    return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in TABLES}


@pytest.fixture
def routed(tmp_path: Path) -> list[str]:
    """Three responses to a question that another follows from; the third says both, which a person decided to keep."""
    db, noon = open_store(tmp_path / "pillarbox.db"), datetime(2026, 3, 1, 12, tzinfo=UTC)
    said = [{"condition": "yes", "effect": "a_lot"}, {"condition": "no"}, {"condition": "no", "effect": "a_little"}]
    names = [
        record_online(
            db,
            OnlineReturn(FORM, "en", "online", each, None, f"routed-{n}", Arrival(noon + timedelta(n), "2026-03-01")),
        ).submission
        for n, each in enumerate(said)
    ]
    (doubt,) = open_doubts(db)
    assert settle_doubt(db, doubt.doubt, "a_little", None, "rhys", noon + timedelta(9)) is None
    return names


@pytest.mark.parametrize("number", [0, 1, 2])
def test_with_an_answer_goes_what_follows_from_it_and_comes_back_with_it(
    tmp_path: Path, routed: list[str], withdraw: Callable[..., Result], number: int
) -> None:
    db, meant = open_store(tmp_path / "pillarbox.db"), routed[number]
    before = {name: rows for name, rows in tables(db).items() if name != "withdrawals"}
    done = withdraw(meant, "condition", "--as", "mair")
    assert "asked only after that answer: effect." in done.output
    (told,) = (each for each in read_dataset(db, "survey").responses if each.facts["submission"] == meant)
    assert (told.missing["condition"], told.missing["effect"]) == (Missing.WITHDRAWN, Missing.WITHDRAWN)
    assert told.missing["found"] == Missing.BLANK
    decided = dict(
        db.execute("SELECT s.submission, d.value FROM decisions d JOIN submissions s ON s.id = d.submission")
    )
    assert decided == {routed[2]: None if number == 2 else "a_little"}
    gone = trace(db, meant, "effect")
    assert (gone.decisions, gone.withdrawn and (gone.withdrawn.named, gone.withdrawn.by)) == ((), ("condition", "mair"))
    (body,) = db.execute(
        "SELECT b.body FROM events e JOIN event_bodies b ON b.event = e.id WHERE e.kind = 'withdrawn'"
    ).fetchone()
    assert json.loads(body) == {"question": "condition", "by": "mair", "with": ["effect"]}
    taken = tables(db)
    rebuild(db)
    assert tables(db) == taken

    assert "put that back" in withdraw(meant, "effect", "--undo", "--as", "mair").output
    assert withdraw(meant, "condition", "--undo", "--as", "rhys").exit_code == 0
    assert {name: rows for name, rows in tables(db).items() if name != "withdrawals"} == before
    told_of = [(each.question, each.named, each.by, each.undone_by) for each in latest_withdrawals(db, 9)]
    assert told_of == [("condition", "condition", "mair", "rhys"), ("effect", "condition", "mair", "rhys")]
    assert withdraw(meant, "condition", "--undo", "--as", "rhys").exit_code == 3


def test_what_was_taken_back_by_two_names_comes_back_only_by_both(
    tmp_path: Path, routed: list[str], withdraw: Callable[..., Result]
) -> None:
    db, meant = open_store(tmp_path / "pillarbox.db"), routed[0]
    for named in ("condition", "effect"):
        withdraw(meant, named, "--as", "mair")
    done = withdraw(meant, "condition", "--undo", "--as", "mair").output
    assert "counts again" in done
    assert done.endswith("What was withdrawn by another name stays so: effect.\n")
    assert trace(db, meant, "effect").held.missing == Missing.WITHDRAWN
    withdraw(meant, "condition", "--as", "mair")
    assert "stays withdrawn with the answer to condition" in withdraw(meant, "effect", "--undo", "--as", "mair").output
    assert trace(db, meant, "effect").held.missing == Missing.WITHDRAWN
    withdraw(meant, "--as", "mair")
    assert "stays withdrawn with all" not in withdraw(meant, "--undo", "--as", "mair").output
    assert "counts again" in withdraw(meant, "condition", "--undo", "--as", "mair").output
    assert trace(db, meant, "effect").held.value == "a_lot"


def test_what_is_put_back_counts_only_where_nobody_left_it_out_otherwise(
    tmp_path: Path, recorded: list[Recorded], withdraw: Callable[..., Result]
) -> None:
    db, noon, meant = open_store(tmp_path / "pillarbox.db"), datetime(2026, 4, 1, tzinfo=UTC), recorded[0].submission
    with immediately(db):
        apply(db, append(db, EventKind.LEFT_OUT, meant, {"by": "rhys", "why": "import taken back"}, noon))
    for question in ([], ["needs"]):
        withdraw(meant, *question, "--as", "mair")
        said = withdraw(meant, *question, "--undo", "--as", "mair").output
        assert "is put back, and still is in no number" in said
        assert "rhys took back the file it came in: brought in again, it counts." in said
        assert "counts again" not in said


def test_a_second_return_that_is_put_back_counts_when_somebody_says_so(
    tmp_path: Path, withdraw: Callable[..., Result]
) -> None:
    db, noon = open_store(tmp_path / "pillarbox.db"), datetime(2026, 3, 1, 12, tzinfo=UTC)
    (code,) = register_print(db, FORM, lay_out(FORM), 1, noon)
    for number in range(2):
        arrival = Arrival(noon + timedelta(number), "2026-03-01")
        second = record_online(db, OnlineReturn(FORM, "en", "online", SAID, code, f"key-{number:04}", arrival))

    def put_back() -> str:
        withdraw(second.submission, "--as", "mair")
        return withdraw(second.submission, "--undo", "--as", "mair").output

    assert "It counts once somebody has said at the desk that it is another person's answer." in put_back()
    (doubt,) = open_doubts(db)
    assert settle_doubt(db, doubt.doubt, LEAVE_OUT, None, "rhys", noon + timedelta(9)) is None
    assert "rhys left it out at the desk, as no other person's answer." in put_back()
    assert undo_last(db, "rhys", noon + timedelta(10))
    (doubt,) = open_doubts(db)
    assert settle_doubt(db, doubt.doubt, COUNT, None, "rhys", noon + timedelta(11)) is None
    assert "The response counts again: survey, online, 2026-03-01." in put_back()


def test_a_record_of_an_earlier_release_is_brought_up_to_date_as_it_is_opened(
    tmp_path: Path, routed: list[str], withdraw: Callable[..., Result]
) -> None:
    withdraw(routed[2], "condition", "--as", "mair")
    db = open_site(tmp_path).open_store()
    now = tables(db)
    with immediately(db):  # As a release left it that did not know what else an answer told.
        db.execute("UPDATE answers SET value = 'a_little', missing = NULL WHERE question = 'effect' AND submission = 3")
        db.execute("UPDATE decisions SET value = 'a_little', missing = NULL")
        db.execute("UPDATE variables SET sensitive = 0, personal = 0")
        db.execute("DELETE FROM withdrawals")
        db.execute("PRAGMA user_version = 0")
    assert tables(db) != now
    assert tables(open_site(tmp_path).open_store()) == now
    writes = db.execute("PRAGMA data_version").fetchone()
    open_site(tmp_path).open_store()
    assert db.execute("PRAGMA data_version").fetchone() == writes, "and once is enough"
    told = "import sys; from pathlib import Path; from pipeline.site import open_site; open_site(Path()).open_store();"
    command = [sys.executable, "-c", f"{told} print('cv2' in sys.modules)"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False", "who opens a record that is up to date waits for nothing that reads paper"


def test_of_two_processes_that_open_a_record_of_an_earlier_release_one_brings_it_up_to_date(
    tmp_path: Path, recorded: list[Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_store(tmp_path / "pillarbox.db")
    assert other.execute("PRAGMA user_version").fetchone() == (0,)

    @contextmanager
    def after_the_other(db: Database) -> Iterator[None]:
        with immediately(other):
            other.execute(f"PRAGMA user_version = {up_to_date.RULES}")
        with immediately(db):
            yield

    monkeypatch.setattr(up_to_date, "immediately", after_the_other)
    monkeypatch.setattr(up_to_date, "write_variables", lambda *_: pytest.fail("it was up to date by then"))
    open_site(tmp_path).open_store()


def test_who_took_it_back_is_on_record(
    tmp_path: Path, recorded: list[Recorded], withdraw: Callable[..., Result]
) -> None:
    withdraw(recorded[0].submission, "--as", "mair")
    (body,) = (
        open_store(tmp_path / "pillarbox.db")
        .execute("SELECT b.body FROM events e JOIN event_bodies b ON b.event = e.id WHERE e.kind = 'withdrawn'")
        .fetchone()
    )
    assert json.loads(body) == {"question": None, "by": "mair"}


@pytest.mark.parametrize("arguments", [("nobody",), ("0", "colour")])
def test_what_is_not_on_record_is_said(
    recorded: list[Recorded], withdraw: Callable[..., Result], arguments: tuple[str, ...]
) -> None:
    named = [recorded[0].submission if each == "0" else each for each in arguments]
    done = withdraw(*named, "--as", "mair")
    assert done.exit_code == 3
    assert "There is no response" in done.output or "It has no question" in done.output
