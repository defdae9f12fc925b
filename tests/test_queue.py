"""The queue of doubts: asked in turn, by several people at once, and what somebody decided can be taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database
from webpages import make_site

from pipeline.form.lay_out import lay_out
from pipeline.site import load_form
from pipeline.store.catalogue import definition_of
from pipeline.store.events import EventKind, all_events
from pipeline.store.pace import minutes_left, seconds_a_doubt
from pipeline.store.queue import (
    UNDO_MINUTES,
    Queue,
    count_doubts,
    decision_about,
    find_doubt,
    last_decision,
    taken_back,
    undo_last,
)
from pipeline.store.record import Arrival, OnlineReturn, record_online, register_print
from pipeline.store.waiting import OpenDoubt, open_doubts, settle_doubt

NOON = datetime(2026, 6, 15, 11, 0, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """A record where five copies came back a second time, one a minute: each waits for a person."""
    site = make_site(tmp_path / "site")
    db, form = site.open_store(), load_form(site, "every-kind")
    codes = register_print(db, form, lay_out(form), 5, NOON)
    for number, copy in enumerate([*codes, *codes]):
        arrival = Arrival(NOON + timedelta(minutes=number), "2026-06-15")
        record_online(db, OnlineReturn(form, "en", "online", {"visited": "no"}, copy, f"key-number-{number}", arrival))
    return db


def settle(db: Database, doubt: OpenDoubt, by: str = "mair", minutes: float = 20) -> None:
    assert settle_doubt(db, doubt.doubt, "count", None, by, NOON + timedelta(minutes=minutes)) is None


def walk(db: Database, queue: Queue) -> list[str]:
    """The doubts in the order in which somebody who skips each would meet them."""
    turn, met = "", []
    for _ in range(count_doubts(db)):
        found = queue.next(db, turn)
        assert found is not None
        met.append(found.doubt)
        turn = found.turn
    return met


def test_everything_that_waits_is_asked_in_turn_and_comes_round_again(db: Database) -> None:
    waiting = open_doubts(db)
    assert [doubt.submission for doubt in waiting] == sorted(doubt.submission for doubt in waiting)
    assert walk(db, Queue()) == [doubt.doubt for doubt in waiting]
    first = Queue().next(db, waiting[-1].turn)
    assert first == waiting[0]


def test_what_others_look_at_is_passed_over(db: Database) -> None:
    waiting = [doubt.doubt for doubt in open_doubts(db)]
    assert walk(db, Queue(taken=waiting[:2]))[:3] == waiting[2:]
    assert Queue(taken=waiting).next(db, "") is None


def test_who_sees_no_whole_pages_is_not_asked_about_them(db: Database) -> None:
    assert Queue(whole_pages=False).next(db, "") is not None, "answered on a screen: there is no page"
    db.execute("UPDATE doubts SET sha256 = 'abc'")
    assert Queue(whole_pages=False).next(db, "") is None


def test_a_decision_that_is_taken_back_stays_on_record_and_the_doubt_waits_again(db: Database) -> None:
    doubt, other = open_doubts(db)[:2]
    settle(db, other, "rhys")
    settle(db, doubt)
    assert find_doubt(db, doubt.doubt) is None
    made = decision_about(db, doubt.doubt)
    assert made is not None
    assert (made.value, made.by) == ("count", "mair")

    assert undo_last(db, "mair", NOON + timedelta(minutes=21)) == made
    assert find_doubt(db, doubt.doubt) == doubt
    assert (decision_about(db, doubt.doubt), taken_back(db, doubt.doubt)) == (None, replace(made, undone_by="mair"))
    kinds = [event.kind for event in all_events(db) if event.subject == doubt.submission]
    assert kinds == [EventKind.ANSWERED, EventKind.DECIDED, EventKind.UNDONE]
    assert decision_about(db, other.doubt) is not None, "what somebody else decided stands"
    assert undo_last(db, "mair", NOON + timedelta(minutes=22)) is None

    settle(db, doubt, minutes=23)
    assert find_doubt(db, doubt.doubt) is None


def test_undo_goes_back_one_decision_at_a_time(db: Database) -> None:
    waiting = open_doubts(db)[:3]
    for number, doubt in enumerate(waiting):
        settle(db, doubt, minutes=20 + number)
    undone = [undo_last(db, "mair", NOON + timedelta(minutes=30)) for _ in waiting]
    assert [each.doubt for each in undone if each] == [doubt.doubt for doubt in reversed(waiting)]


def test_what_was_decided_long_ago_is_not_taken_back_by_a_key(db: Database) -> None:
    settle(db, open_doubts(db)[0])
    assert last_decision(db, "mair", NOON + timedelta(minutes=20 + UNDO_MINUTES))
    assert last_decision(db, "mair", NOON + timedelta(minutes=21 + UNDO_MINUTES)) is None


def test_the_minutes_left_follow_how_long_people_take(db: Database) -> None:
    assert minutes_left(db) == 1, "five of them, three seconds each, until it is measured"
    codes = register_more(db, 7)
    for number, doubt in enumerate(open_doubts(db)[:7]):
        settle(db, doubt, minutes=20 + number)
    assert seconds_a_doubt(db)["second_return"] == 60.0
    assert minutes_left(db) == count_doubts(db) == 5 + len(codes) - 7
    settle(db, open_doubts(db)[0], minutes=100)
    assert seconds_a_doubt(db)["second_return"] == 60.0, "nobody takes an hour over one: they were away"


def register_more(db: Database, number: int) -> tuple[str, ...]:
    """Let so many copies more come back twice."""
    form = definition_of(db, open_doubts(db)[0].version)
    codes = register_print(db, form, lay_out(form), number, NOON)
    for which, copy in enumerate([*codes, *codes]):
        arrival = Arrival(NOON + timedelta(minutes=10), "2026-06-15")
        record_online(db, OnlineReturn(form, "en", "online", {"visited": "no"}, copy, f"one-more-{which}", arrival))
    return codes
