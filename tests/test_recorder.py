"""Answers that arrive together go on record together, and what is wrong with one is told of that one alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from sqlite3 import OperationalError
from threading import Barrier

import pytest
from webpages import NOON, make_site

from pipeline.site import Site, load_form
from pipeline.store.record import Arrival, OnlineReturn, record_together
from pipeline.web.recorder import Recorder
from pipeline.web.stores import Stores

PEOPLE = 12


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


@pytest.fixture
def stores(site: Site) -> Iterator[Stores]:
    lending = Stores(site)
    yield lending
    lending.close()


def returned(site: Site, key: str) -> OnlineReturn:
    form = load_form(site, "every-kind")
    return OnlineReturn(form, "en", "online", {"visited": "yes"}, None, key, Arrival(NOON, "2026-06-15"))


def test_many_at_once_are_each_recorded_once_with_a_receipt_of_their_own(site: Site, stores: Stores) -> None:
    recorder, gate = Recorder(stores), Barrier(2 * PEOPLE)
    form = returned(site, "")

    def send(number: int) -> tuple[str, str]:
        gate.wait()
        recorded = recorder.record(replace(form, submission_key=f"key-{number % PEOPLE:04}"))
        return recorded.submission, recorded.receipt

    with ThreadPoolExecutor(2 * PEOPLE) as people:
        told = set(people.map(send, range(2 * PEOPLE)))
    on_record = site.open_store().execute("SELECT submission, receipt FROM submissions").fetchall()
    assert len(on_record) == PEOPLE
    assert told == set(on_record)


def test_one_that_cannot_be_recorded_leaves_the_others_as_they_are(site: Site) -> None:
    db = site.open_store()
    good = [returned(site, "first-key"), returned(site, "third-key")]
    broken = replace(good[0], submission_key="second-key", channel=None)  # type: ignore[arg-type]
    first, second, third = record_together(db, [good[0], broken, good[1]])
    assert isinstance(second, Exception)
    keys = db.execute("SELECT submission_key FROM submissions ORDER BY id").fetchall()
    assert keys == [("first-key",), ("third-key",)]
    assert db.execute("SELECT COUNT(*) FROM events").fetchone() == (2,)
    assert not isinstance(first, Exception)
    assert not isinstance(third, Exception)


def test_nobody_is_given_a_receipt_for_what_did_not_reach_the_disk(
    site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("database or disk is full")

    recorder = Recorder(stores)
    monkeypatch.setattr("pipeline.web.recorder.record_together", full)
    with pytest.raises(OperationalError, match="full"):
        recorder.record(returned(site, "some-key"))
    monkeypatch.undo()
    assert not recorder.record(returned(site, "some-key")).again
