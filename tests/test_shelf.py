"""Originals are never lost: kept under their hash, whole, whatever happens meanwhile."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from pipeline.inbox import shelf as shelf_module
from pipeline.inbox.disk import holds, write_through
from pipeline.inbox.names import NOTE_SUFFIX, SET_ASIDE
from pipeline.inbox.shelf import NotKeptError, Shelf
from pipeline.inbox.trouble import Reason, sentences

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CONTENT = b"%PDF-1.7 three sheets of paper"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "archive")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "SCN_0001.PDF"
    path.write_bytes(CONTENT)
    return path


def kept_files(shelf: Shelf) -> list[Path]:
    return sorted(path for path in shelf.archive.rglob("*") if path.is_file())


def test_a_kept_file_lies_under_its_hash_and_the_original_stays(shelf: Shelf, scan: Path) -> None:
    assert shelf.keep(scan) == SHA256
    assert shelf.find(SHA256) == shelf.archive / SHA256[:2] / f"{SHA256}.pdf"
    assert [path.read_bytes() for path in kept_files(shelf)] == [CONTENT]
    assert scan.read_bytes() == CONTENT


def test_keeping_twice_changes_nothing_even_under_another_name(shelf: Shelf, scan: Path, tmp_path: Path) -> None:
    again = tmp_path / "copy.jpg"
    again.write_bytes(CONTENT)
    assert shelf.keep(scan) == shelf.keep(again) == shelf.keep_bytes(CONTENT, ".png")
    assert len(kept_files(shelf)) == 1


def test_an_original_that_changes_once_it_was_copied_is_kept_as_it_was(
    shelf: Shelf, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written_then_changed(path: Path, pieces: Iterator[bytes]) -> str:
        sha256 = write_through(path, pieces)
        scan.write_bytes(CONTENT + b", and one more")
        return sha256

    monkeypatch.setattr(shelf_module, "write_through", written_then_changed)
    assert shelf.keep(scan) == SHA256
    assert [path.read_bytes() for path in kept_files(shelf)] == [CONTENT]


@pytest.mark.parametrize("other", [b"", CONTENT[:-1], CONTENT + b"!", CONTENT.replace(b"three", b"seven")])
def test_a_file_holds_just_what_it_holds(scan: Path, other: bytes) -> None:
    assert holds(scan, [CONTENT[:5], CONTENT[5:]])
    assert not holds(scan, [other[:5], other[5:]])


@pytest.mark.parametrize("spoilt", [b"", CONTENT[:-1], CONTENT.replace(b"three", b"seven")])
def test_a_kept_file_that_was_spoilt_is_mended(shelf: Shelf, scan: Path, spoilt: bytes) -> None:
    shelf.keep(scan)
    kept = shelf.find(SHA256)
    assert kept is not None
    kept.write_bytes(spoilt)
    shelf.keep(scan)
    assert [path.read_bytes() for path in kept_files(shelf)] == [CONTENT]


def test_a_crop_is_kept_under_the_hash_of_its_bytes(shelf: Shelf) -> None:
    sha256 = shelf.keep_bytes(b"crop", ".png")
    kept = shelf.find(sha256)
    assert kept is not None
    assert kept.read_bytes() == b"crop"
    assert kept.suffix == ".png"


def test_a_suffix_nobody_would_want_in_a_file_name_is_left_out(shelf: Shelf) -> None:
    kept = shelf.find(shelf.keep_bytes(b"odd", ".p/../x"))
    assert kept is not None
    assert kept.suffix == ".bin"


def test_what_is_not_kept_is_not_found(shelf: Shelf) -> None:
    assert shelf.find(SHA256) is None


def test_a_disk_that_gives_back_other_bytes_is_found_out(
    shelf: Shelf, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(descriptor: int) -> None:
        os.pwrite(descriptor, b"?", 0)

    monkeypatch.setattr("pipeline.inbox.disk.os.fsync", spoil)
    with pytest.raises(NotKeptError, match="Check the disk"):
        shelf.keep(scan)
    assert kept_files(shelf) == []


def test_a_file_set_aside_has_a_note_beside_it_and_is_kept(shelf: Shelf, scan: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "scanner_inbox"
    moved = shelf.set_aside(scan, "town-hall/SCN_0001.PDF", inbox, sentences[Reason.CUT_SHORT], NOON)
    note = moved.with_name(moved.name + NOTE_SUFFIX).read_text(encoding="utf-8")
    assert moved.parent == inbox / SET_ASIDE
    assert moved.read_bytes() == CONTENT
    assert moved.name.startswith("SCN_0001-")
    assert not scan.exists()
    assert sentences[Reason.CUT_SHORT] in note
    assert "town-hall/SCN_0001.PDF" in note
    assert "Monday 02 March 2026 at 12:00" in note
    assert SHA256 in note
    assert shelf.find(SHA256) is not None


def test_two_files_of_one_name_are_set_aside_side_by_side(shelf: Shelf, scan: Path, tmp_path: Path) -> None:
    first = shelf.set_aside(scan, scan.name, tmp_path, "Please scan it again.", NOON)
    scan.write_bytes(b"another stack")
    second = shelf.set_aside(scan, scan.name, tmp_path, "Please scan it again.", NOON)
    assert first != second
    assert first.read_bytes() == CONTENT
    assert second.read_bytes() == b"another stack"


def test_setting_aside_again_after_an_interruption_ends_in_the_same_place(
    shelf: Shelf, scan: Path, tmp_path: Path
) -> None:
    first = shelf.set_aside(scan, scan.name, tmp_path, "Please scan it again.", NOON)
    first.rename(scan)
    assert shelf.set_aside(scan, scan.name, tmp_path, "Please scan it again.", NOON) == first
    assert sorted(path.name for path in first.parent.iterdir()) == [first.name, first.name + NOTE_SUFFIX]


KEEP_MANY = """
import sys
from pathlib import Path
from pipeline.inbox.shelf import Shelf
shelf = Shelf(Path(sys.argv[1]))
for number in range(10_000):
    print(shelf.keep_bytes(b"%d " % number * 20_000, ".bin"), flush=True)
"""


def test_whatever_bears_its_hash_is_whole_after_a_kill_at_any_moment(shelf: Shelf) -> None:
    random = Random(3)
    promised: set[str] = set()
    for _ in range(8):
        keeper = subprocess.Popen(
            [sys.executable, "-c", KEEP_MANY, str(shelf.archive)], stdout=subprocess.PIPE, text=True
        )
        assert keeper.stdout is not None
        promised.add(keeper.stdout.readline().strip())
        time.sleep(random.uniform(0, 0.05))
        keeper.send_signal(signal.SIGKILL)
        promised.update(line.strip() for line in keeper.stdout.readlines() if line.endswith("\n"))
        keeper.stdout.close()
        keeper.wait()
    for path in shelf.archive.glob("??/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    assert all(shelf.find(sha256) for sha256 in promised)
    shelf.remove_leftovers(older_than_s=0)
    assert not list(shelf.archive.glob(".*"))
