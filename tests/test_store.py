"""The record: events are the truth, and what they add up to does not depend on their order."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.parse import parse_definition
from pipeline.practice.answers import random_answers
from pipeline.store.catalogue import (
    LocalPostcodes,
    definition_of,
    find_copy,
    keep_local_postcodes,
    layout_of,
)
from pipeline.store.database import StoreError, immediately, open_store
from pipeline.store.events import EventKind, all_events, append
from pipeline.store.known import known_paper
from pipeline.store.projection import rebuild
from pipeline.store.queue import undo_last
from pipeline.store.record import Arrival, OnlineReturn, add_returns, record_online, register_print
from pipeline.store.responses import read_dataset
from pipeline.store.schema import PROJECTIONS
from pipeline.store.waiting import open_doubts, settle_doubt

FORMS = Path(__file__).parents[1] / "forms"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def form() -> FormDefinition:
    parsed = parse_definition((FORMS / "library-visit.yaml").read_text(encoding="utf-8"), "library-visit")
    assert isinstance(parsed, FormDefinition)
    return parsed


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_store(tmp_path / "pillarbox.db", "central")


def online(form: FormDefinition, answers: dict[str, str], key: str, copy: str | None = None) -> OnlineReturn:
    return OnlineReturn(form, "en", "online", answers, copy, key, Arrival(NOON, "2026-03-01"))


def tables(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything the events add up to, without the small keys that depend on the order of arrival."""
    joined = {
        "answers": "SELECT s.submission, a.question, a.value, a.missing, a.authority, a.confidence"
        " FROM answers a JOIN submissions s ON s.id = a.submission",
        "answer_options": "SELECT s.submission, o.question, o.value"
        " FROM answer_options o JOIN submissions s ON s.id = o.submission",
        "doubts": "SELECT d.doubt, s.submission, d.question, d.reason, d.guess"
        " FROM doubts d JOIN submissions s ON s.id = d.submission",
        "comments": "SELECT s.submission, c.question, c.text FROM comments c JOIN submissions s ON s.id = c.submission",
        "decisions": "SELECT d.event, s.submission, d.question, d.value, d.decided_by, d.decided_at, d.undone_by"
        " FROM decisions d JOIN submissions s ON s.id = d.submission",
        "submissions": "SELECT submission, form, copy, channel, status, receipt, second_of FROM submissions",
    }
    selects = {table: joined.get(table, f"SELECT * FROM {table}") for table in PROJECTIONS}
    return {table: sorted(db.execute(select).fetchall(), key=repr) for table, select in selects.items()}


def test_an_online_return_sent_twice_counts_once(db: Database, form: FormDefinition) -> None:
    first = record_online(db, online(form, {"library": "central"}, "key-1"))
    again = record_online(db, online(form, {"library": "central"}, "key-1"))
    assert (again.submission, again.receipt, again.again) == (first.submission, first.receipt, True)
    assert db["submissions"].count == 1


def test_a_second_return_of_a_copy_is_its_own_and_waits_for_a_person(db: Database, form: FormDefinition) -> None:
    (code,) = register_print(db, form, lay_out(form), 1, NOON)
    first = record_online(db, online(form, {"library": "central"}, "key-1", code))
    second = record_online(db, online(form, {"library": "mobile"}, "key-2", code))
    statuses = dict(db.execute("SELECT submission, status FROM submissions").fetchall())
    assert statuses == {first.submission: "complete", second.submission: "to_confirm"}
    (doubt,) = open_doubts(db)
    assert settle_doubt(db, doubt.doubt, "perhaps", None, "Mair", NOON) is not None
    assert settle_doubt(db, doubt.doubt, "leave_out", None, "Mair", NOON) is None
    statuses = dict(db.execute("SELECT submission, status FROM submissions").fetchall())
    assert statuses[second.submission] == "withdrawn"
    assert settle_doubt(db, doubt.doubt, "count", None, "Mair", NOON) is not None, "what is settled is not asked again"


def test_what_the_events_add_up_to_does_not_depend_on_their_order(
    db: Database, form: FormDefinition, tmp_path: Path
) -> None:
    rng = np.random.default_rng(7)
    codes = register_print(db, form, lay_out(form), 4, NOON)
    for number in range(12):
        copy = codes[number % 4] if number % 2 else None
        record_online(db, online(form, random_answers(form, rng), f"key-{number}", copy))
    for doubt in open_doubts(db):
        assert settle_doubt(db, doubt.doubt, "count", None, "Mair", NOON + timedelta(minutes=1)) is None
    assert undo_last(db, "Mair", NOON + timedelta(minutes=2))
    before = tables(db)
    rebuild(db)
    assert tables(db) == before

    other = open_store(tmp_path / "other.db", "branch")
    with immediately(other):
        for table in ("forms", "layouts", "copies"):
            other[table].insert_all(db[table].rows)
        for number in rng.permutation([event.id for event in all_events(db)]):
            (event,) = db.execute("SELECT * FROM events WHERE id = ?", [int(number)]).fetchall()
            (body,) = db.execute("SELECT * FROM event_bodies WHERE event = ?", [int(number)]).fetchall()
            other.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(event))})", list(event))
            other.execute("INSERT INTO event_bodies VALUES (?, ?, ?)", list(body))
    rebuild(other)
    assert tables(other) == before


def test_events_can_neither_be_changed_nor_deleted(db: Database, form: FormDefinition) -> None:
    record_online(db, online(form, {}, "key-1"))
    for change in ("UPDATE events SET at = ''", "DELETE FROM events"):
        with pytest.raises(Exception, match="events are never"):
            db.execute(change)


def test_time_at_a_site_never_runs_backwards(db: Database) -> None:
    with immediately(db):
        times = [append(db, EventKind.FILE_KEPT, "x", {}, NOON - timedelta(days=day)).at for day in range(3)]
    assert times == sorted(set(times))


def test_what_was_printed_is_kept_as_it_was(db: Database, form: FormDefinition) -> None:
    layout = lay_out(form)
    codes = register_print(db, form, layout, 3, NOON)
    assert len(set(codes)) == 3
    printed = find_copy(db, codes[0])
    assert printed is not None
    assert definition_of(db, printed.version) == definition_of(db, form.version)
    assert [page.fields for page in layout_of(db, printed.layout).pages] == [page.fields for page in layout.pages]


def test_what_is_printed_later_is_known_to_the_reader_too(tmp_path: Path, form: FormDefinition) -> None:
    db = open_store(tmp_path / "pillarbox.db")
    known = known_paper(tmp_path / "pillarbox.db")
    assert [*known.layouts, *known.copies, *known.blanks] == []
    layout = lay_out(form)
    (copy,) = register_print(db, form, layout, 1, NOON)
    assert known.copies[copy] == layout.id
    assert known.layouts[layout.id].pages[0].fields == layout.pages[0].fields
    assert set(known.blanks) == {(layout.id, page.number) for page in layout.pages}
    blank = known.blanks[layout.id, 1]
    for field in known.layouts[layout.id].pages[0].fields:
        x, y = (round(value * blank.px_per_mm) for value in (field.box.x, field.box.centre[1]))
        assert blank.grey[y, x - 1 : x + 2].min() < 160, "a frame is drawn where the layout has it"
    with pytest.raises(KeyError):
        known.copies["22222222"]


def test_the_wide_views_say_what_the_answers_say(db: Database, form: FormDefinition) -> None:
    answers = {"library": "central", "reasons": "borrow;other", "reasons.other": "to sing", "got_it": "all"}
    answers = {name: value for name, value in answers.items() if value}
    record_online(db, online(form, answers, "key-1"))
    (response,) = read_dataset(db, form.id).responses
    assert dict(response.answers) == answers
    assert set(response.missing) == {variable.name for variable in form.variables} - set(answers)
    assert response.missing["not_found"] == "not_asked"
    labelled = db.execute('SELECT library, reasons FROM "responses_library_visit_labelled"').fetchone()
    assert labelled[0] == "Glanmor Central"
    assert "Something else" in labelled[1]


def test_another_kind_of_file_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "pillarbox.db"
    path.write_bytes(b"this is no database at all, " * 40)
    with pytest.raises(StoreError, match="cannot be opened as a pillarbox store"):
        open_store(path)


def test_the_postcodes_around_here_are_kept_as_they_were_last_told(db: Database) -> None:
    for told in ({"CF10 1AA", "CF10 1AB"}, {"CF10 1AB"}):
        with immediately(db):
            keep_local_postcodes(db, told)
        assert set(LocalPostcodes(db)) == told


def test_answers_recorded_by_the_thousand_add_up_to_what_they_do_one_by_one(db: Database, form: FormDefinition) -> None:
    rng = np.random.default_rng(11)
    (code,) = register_print(db, form, lay_out(form), 1, NOON)
    record_online(db, online(form, {"library": "central"}, "first", code))
    unexpected = {"got_it": "all", "not_found": "a book on bees"}
    returns = [
        *(online(form, random_answers(form, rng), f"key-{number}") for number in range(20)),
        online(form, {}, "nothing"),
        online(form, {"library": "mobile"}, "second of a copy", code),
        online(form, unexpected, "to be skipped"),
    ]
    with immediately(db):
        add_returns(db, returns, NOON)
    before = tables(db)
    assert {status for *_, status, _, _ in before["submissions"]} == {"complete", "to_confirm", "waiting"}
    rebuild(db)
    assert tables(db) == before


def test_several_writers_at_once_each_have_their_turn(tmp_path: Path, form: FormDefinition) -> None:
    path = tmp_path / "pillarbox.db"
    open_store(path).close()

    def write(writer: int) -> None:
        with closing(open_store(path)) as own:
            for number in range(10):
                record_online(own, online(form, {}, f"writer-{writer}-{number:03}"))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    with closing(open_store(path)) as db:
        assert db.execute("SELECT COUNT(DISTINCT submission_key) FROM submissions").fetchone() == (40,)
