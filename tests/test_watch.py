"""Which files have stopped changing, and taking them so that a reused name cannot hurt."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inbox.names import SET_ASIDE, is_ignored
from pipeline.inbox.watch import (
    Seen,
    Settling,
    claim,
    claimed_before,
    list_inbox,
    name_of,
    retire,
)


def test_a_file_settles_once_it_has_not_changed_for_a_while() -> None:
    tracker = Settling(settle_s=5)
    growing, done = {"a.pdf": Seen(10, 1)}, {"a.pdf": Seen(20, 2)}
    assert tracker.observe(growing, now=0) == []
    assert tracker.observe(done, now=4) == []
    assert tracker.observe(done, now=8.9) == []
    assert tracker.observe(done, now=9) == ["a.pdf"]


def test_a_file_that_only_changes_its_time_is_still_being_written() -> None:
    tracker = Settling(settle_s=5)
    assert tracker.observe({"a.pdf": Seen(10, 1)}, now=0) == []
    assert tracker.observe({"a.pdf": Seen(10, 2)}, now=6) == []


def test_a_name_that_was_taken_and_used_again_settles_anew() -> None:
    tracker = Settling(settle_s=5)
    tracker.observe({"SCN.pdf": Seen(10, 1)}, now=0)
    assert tracker.observe({"SCN.pdf": Seen(10, 1)}, now=5) == ["SCN.pdf"]
    tracker.observe({}, now=6)
    assert tracker.observe({"SCN.pdf": Seen(10, 1)}, now=7) == []
    assert tracker.waiting() == ["SCN.pdf"]


def test_without_a_settling_time_every_file_counts_at_first_sight_oldest_first() -> None:
    listing = {"b.pdf": Seen(10, 1), "a.pdf": Seen(10, 2), "empty.pdf": Seen(0, 3)}
    assert Settling(settle_s=0).observe(listing, now=0) == ["b.pdf", "a.pdf", "empty.pdf"]


def test_an_empty_file_is_given_longer_because_scanners_make_it_first() -> None:
    tracker = Settling(settle_s=5)
    listing = {"a.pdf": Seen(0, 1)}
    assert tracker.observe(listing, now=0) == []
    assert tracker.observe(listing, now=49) == []
    assert tracker.observe(listing, now=50) == ["a.pdf"]


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0.1, 4)), min_size=1, max_size=30))
def test_no_file_settles_sooner_than_it_may(history: list[tuple[int, float]]) -> None:
    """Whatever the listings, a settled file has looked the same for the whole settling time."""
    tracker = Settling(settle_s=3)
    now, unchanged_since, last = 0.0, 0.0, -1
    for version, pause in history:
        now += pause
        if version != last:
            unchanged_since, last = now, version
        settled = tracker.observe({"a.pdf": Seen(version + 1, version)}, now)
        assert bool(settled) == (now - unchanged_since >= 3)


@pytest.mark.parametrize(
    "name",
    [".hidden", ".DS_Store", "Thumbs.db", "._scan.pdf", "~$scan.docx", "scan.pdf.part", "scan.TMP", "x.crdownload"],
)
def test_files_that_are_never_scans_are_ignored(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["scan.pdf", "SCN_0001.TIF", "ymgynghoriad – oriau.pdf", "no suffix"])
def test_scans_are_not_ignored(name: str) -> None:
    assert not is_ignored(name)


def test_the_inbox_is_listed_with_its_desks_and_without_what_is_ours(tmp_path: Path) -> None:
    for name in ("a.pdf", "town-hall/b.pdf", "town-hall/deeper/c.pdf", ".claimed/x-d.pdf", f"{SET_ASIDE}/e.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"scan")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "a.pdf")
    (tmp_path / "elsewhere").symlink_to(tmp_path / "town-hall")
    os.mkfifo(tmp_path / "pipe.pdf")
    listing = list_inbox(tmp_path)
    assert sorted(listing) == ["a.pdf", "town-hall/b.pdf", "town-hall/deeper/c.pdf"]
    assert listing["a.pdf"].size == 4


def test_a_claimed_file_is_out_of_the_way_of_its_own_name(tmp_path: Path) -> None:
    scan = tmp_path / "town-hall" / "SCN_0001.pdf"
    scan.parent.mkdir()
    scan.write_bytes(b"first")
    first = claim(scan)
    scan.write_bytes(b"second")
    second = claim(scan)
    assert first is not None
    assert second is not None
    assert (first.read_bytes(), second.read_bytes()) == (b"first", b"second")
    assert name_of(first, tmp_path) == name_of(second, tmp_path) == "town-hall/SCN_0001.pdf"
    assert list_inbox(tmp_path) == {}


def test_a_file_that_is_gone_cannot_be_claimed(tmp_path: Path) -> None:
    assert claim(tmp_path / "gone.pdf") is None


def test_a_very_long_name_can_be_claimed(tmp_path: Path) -> None:
    scan = tmp_path / ("ŵ" * 120 + ".pdf")
    scan.write_bytes(b"scan")
    claimed = claim(scan)
    assert claimed is not None
    assert claimed.suffix == ".pdf"


def test_what_a_killed_run_left_is_taken_up_again_oldest_first(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    claimed = []
    for age, name in enumerate(["a.pdf", "desk/b.pdf", "c-d.pdf"]):
        (tmp_path / name).write_bytes(b"scan")
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
        claimed.append(claim(tmp_path / name))
    assert claimed_before(tmp_path) == claimed[::-1]
    assert [name_of(path, tmp_path) for path in claimed_before(tmp_path)] == ["c-d.pdf", "desk/b.pdf", "a.pdf"]
    for path in claimed_before(tmp_path):
        retire(path)
        retire(path)
    assert claimed_before(tmp_path) == []
