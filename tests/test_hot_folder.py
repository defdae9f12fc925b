"""The hot folder takes what settled and says, in a note and at the desk, why it does not take the rest."""

import errno
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from read_sites import Here
from rich.progress import Progress
from sqlite_utils import Database
from test_opening import claimed_png, jpeg_picture, locked_pdf, pdf, pdf_of_pages

from pipeline import hot_folder, intake
from pipeline.doctor import examine
from pipeline.hot_folder import ingest_inbox, reading_inbox, watch_inbox
from pipeline.inbox.hold import InboxHeldError, held
from pipeline.inbox.names import NOTE_SUFFIX, desk_of
from pipeline.inbox.shelf import Shelf
from pipeline.inbox.trouble import Hindrance, Reason, hindrance_in, hindrances, sentences
from pipeline.inbox.waiting import is_written_to, leave_note, waiting_in
from pipeline.inbox.watch import claim, claimed_before, give_back, list_inbox, look
from pipeline.intake import FileOutcome
from pipeline.site import Site, SiteError, open_site
from pipeline.store.database import immediately
from pipeline.web.overview import overview

QUIET = Progress(disable=True)
NOT_A_SCAN = b"GIF89a no scan at all"
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who writes a file")


@pytest.fixture(autouse=True)
def without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of these files hurts its reader."""
    monkeypatch.setattr(hot_folder, "Workers", Here)
    monkeypatch.setattr(hot_folder, "LOOK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(hot_folder, "TRY_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(hot_folder, "POLL_SECONDS", 0.0)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "scanner_inbox").mkdir()
    return open_site(tmp_path)


@pytest.fixture
def watching(site: Site) -> Iterator[Iterator[FileOutcome]]:
    outcomes = watch_inbox(site, 0.0, QUIET)
    yield outcomes
    outcomes.close()


def drop(site: Site, name: str, content: bytes = NOT_A_SCAN) -> Path:
    path = site.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def note(path: Path) -> str:
    return path.with_name(path.name + NOTE_SUFFIX).read_text(encoding="utf-8")


def told_at_the_desk(site: Site) -> dict[str, str]:
    return {scan.name: scan.sentence for scan in waiting_in(site.inbox, site.archive)}


def test_folders_however_deep_name_the_desk_of_their_scans(site: Site) -> None:
    assert [desk_of(name) for name in ("a.pdf", "town-hall/a.pdf", "town-hall/2026/a.pdf")] == ["", *["town-hall"] * 2]
    drop(site, "town-hall/2026/a.pdf")
    (outcome,) = ingest_inbox(site, 0.0, QUIET).files
    assert (outcome.name, outcome.status) == ("town-hall/2026/a.pdf", "set_aside")
    assert site.open_store().execute("SELECT desk FROM files").fetchone() == ("town-hall",)


@ON_LINUX
def test_a_file_another_program_still_writes_is_left_until_it_lets_go(
    site: Site, watching: Iterator[FileOutcome]
) -> None:
    path = drop(site, "slow.pdf")
    with path.open("ab"):
        outcome = next(watching)
        assert (outcome.status, outcome.reason) == ("blocked", Hindrance.IN_USE.sentence)
        assert Hindrance.IN_USE.sentence in note(path)
        assert told_at_the_desk(site) == {"slow.pdf": Hindrance.IN_USE.sentence}
    assert next(watching).status == "set_aside"
    assert told_at_the_desk(site) == {}
    next_round(watching, site)
    assert not path.with_name(path.name + NOTE_SUFFIX).exists()


def next_round(watching: Iterator[FileOutcome], site: Site) -> FileOutcome:
    """Let a whole round end, which a file more is the sign of."""
    drop(site, f"{time.monotonic_ns()}.gif", os.urandom(16))
    return next(watching)


@ON_LINUX
def test_a_program_that_never_lets_go_does_not_keep_a_file_for_ever(site: Site) -> None:
    path = drop(site, "held.pdf")
    with path.open("ab"):
        assert is_written_to(path)
        os.utime(path, (time.time() - 700, time.time() - 700))
        assert not is_written_to(path)


def test_a_file_that_cannot_be_opened_waits_with_a_note(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(site, "locked.pdf")
    with monkeypatch.context() as locked:
        refuse_to_open(locked, path)
        assert next(watching).reason == Hindrance.LOCKED.sentence
        assert Hindrance.LOCKED.sentence in note(path)
        assert told_at_the_desk(site) == {"locked.pdf": Hindrance.LOCKED.sentence}
    assert path.read_bytes() == NOT_A_SCAN
    assert next(watching).status == "set_aside"


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, locked: Path) -> None:
    """Answer as Windows does while another program holds a file: tests may run as root, whom no right stops."""
    opened = Path.open

    def refusing(path: Path, *arguments: object, **options: object) -> object:
        if path == locked:
            raise PermissionError(errno.EACCES, "in use", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refusing)


def test_a_folder_that_may_not_be_written_to_is_told(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(site, "desk/a.pdf")
    monkeypatch.setattr("pipeline.inbox.waiting.os.access", lambda path, mode: path.name != "desk")
    assert next(watching).reason == Hindrance.READ_ONLY.sentence
    assert told_at_the_desk(site) == {"desk/a.pdf": Hindrance.READ_ONLY.sentence}


def test_a_folder_that_turns_out_not_to_be_written_to_is_told(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(site, "a.pdf")
    monkeypatch.setattr(Path, "rename", raising(OSError(errno.EROFS, "read-only")))
    assert next(watching).reason == Hindrance.READ_ONLY.sentence


def raising(error: Exception) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


def test_where_the_disk_has_no_room_nothing_is_touched_and_it_is_said(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(site, "a.pdf")
    with monkeypatch.context() as full:
        full.setattr("pipeline.inbox.waiting.ROOM_BYTES", 1 << 60)
        assert next(watching).reason == Hindrance.DISK_FULL.sentence
        assert Hindrance.DISK_FULL.sentence in note(path)
        assert told_at_the_desk(site) == {"a.pdf": Hindrance.DISK_FULL.sentence}
        (found,) = (finding for finding in examine(site) if finding.what == "inbox")
        assert (found.is_well, found.advice) == (False, Hindrance.DISK_FULL.sentence)
    assert next(watching).status == "set_aside"


def test_a_disk_that_fills_up_meanwhile_gives_the_file_back(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(site, "a.pdf")
    with monkeypatch.context() as full:
        full.setattr("pipeline.inbox.disk.os.fsync", raising(OSError(errno.ENOSPC, "full")))
        full.setattr("pipeline.inbox.watch.sync_folder", lambda folder: None)
        full.setattr("pipeline.inbox.disk.sync_folder", lambda folder: None)
        assert next(watching).reason == Hindrance.DISK_FULL.sentence
        assert path.read_bytes() == NOT_A_SCAN
        assert Hindrance.DISK_FULL.sentence in note(path)
        assert [each for each in site.archive.rglob("*") if each.is_file()] == []
    assert next(watching).status == "set_aside"


def test_a_record_held_by_another_program_blocks_and_is_tried_again(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.store.database.BUSY_SECONDS", 0.1)
    holding = open_site(site.root).open_store()
    holding.execute("BEGIN IMMEDIATE")
    drop(site, "a.pdf")
    assert next(watching).reason == Hindrance.RECORD_AWAY.sentence
    holding.conn.rollback()
    holding.close()
    assert next(watching).status == "set_aside"


def test_a_commit_that_fails_is_taken_back_and_the_next_can_be_made(site: Site) -> None:
    db = site.open_store()
    with pytest.raises(sqlite3.IntegrityError):
        commit_what_cannot_be(db)
    assert not db.conn.in_transaction
    with immediately(db):
        pass
    db.close()


def commit_what_cannot_be(db: Database) -> None:
    with immediately(db):
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("INSERT INTO event_bodies (event, salt, body) VALUES (99, '', '')")


def test_what_nobody_thought_of_costs_its_own_file_and_stops_nothing(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(site, "a.pdf")
    os.utime(site.inbox / "a.pdf", (1, 1))
    drop(site, "b.pdf", NOT_A_SCAN * 2)
    taken_in = intake.take_in

    def stumbling(bench: intake.Bench, arrived: intake.Arrived) -> FileOutcome:
        if arrived.name == "a.pdf":
            raise ZeroDivisionError
        return taken_in(bench, arrived)

    monkeypatch.setattr(hot_folder, "take_in", stumbling)
    assert [(next(watching).name, next(watching).status)] == [("a.pdf", "set_aside")]
    assert (site.inbox / "a.pdf").exists()
    assert told_at_the_desk(site)["a.pdf"] == Hindrance.UNFORESEEN.sentence


def test_a_file_larger_than_any_stack_is_moved_and_not_copied(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LARGEST_FILE_BYTES", 10)
    drop(site, "film.pdf")
    outcome = next(watching)
    assert outcome.status == "set_aside"
    assert "larger than 4 GB" in outcome.reason
    (moved,) = (site.inbox / "set-aside").glob("film-*.pdf")
    assert moved.read_bytes() == NOT_A_SCAN
    assert "this is the only one" in note(moved)
    assert not site.archive.exists()


def test_a_scanner_that_went_on_writing_arrives_once_more(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(site, "a.gif")
    file_status = intake.file_status

    def writing_on(db: object, sha256: str) -> tuple[str, str]:
        for claimed in claimed_before(site.inbox):
            claimed.write_bytes(NOT_A_SCAN * 3)
        monkeypatch.setattr(intake, "file_status", file_status)
        return file_status(db, sha256)

    monkeypatch.setattr(intake, "file_status", writing_on)
    first, second = next(watching), next(watching)
    assert first.sha256 != second.sha256
    (set_aside,) = (site.inbox / "set-aside").glob("*.gif")
    assert set_aside.read_bytes() == NOT_A_SCAN * 3
    assert not path.exists()


def test_a_file_that_was_exchanged_between_looking_and_taking_is_left(tmp_path: Path) -> None:
    path = tmp_path / "SCN_0001.pdf"
    path.write_bytes(b"first")
    seen = look(path)
    path.write_bytes(b"the next, half of it")
    assert claim(path, seen) is None
    assert path.read_bytes() == b"the next, half of it"


def test_giving_back_never_replaces_what_a_scanner_wrote_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "SCN_0001.pdf"
    path.write_bytes(b"first")
    claimed = claim(path)
    assert claimed is not None
    path.write_bytes(b"second")
    assert not give_back(claimed, tmp_path)
    assert (path.read_bytes(), claimed.read_bytes()) == (b"second", b"first")
    path.unlink()
    assert give_back(claimed, tmp_path)
    assert path.read_bytes() == b"first"


def test_links_lead_nowhere_even_if_they_take_a_files_place_at_the_last_moment(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.pdf").write_bytes(b"not for the archive")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.pdf").symlink_to(outside / "secret.pdf")
    (inbox / "library").symlink_to(outside)
    assert list_inbox(inbox) == {}
    assert claim(inbox / "a.pdf") is None
    assert (outside / "secret.pdf").exists()


def test_links_in_the_place_of_what_is_ours_lead_nowhere_either(site: Site, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "some-letter.pdf").write_bytes(b"somebody else's")
    secret = outside / "secret"
    secret.write_text("a\n\nnobody's business\n\n", encoding="utf-8")
    path = drop(site, "a.gif")
    (site.inbox / ".claimed").symlink_to(outside)
    (site.inbox / ".arriving-note").symlink_to(secret)
    path.with_name("a.gif.why.txt").symlink_to(secret)
    assert told_at_the_desk(site) == {"a.gif": ""}
    leave_note(site.inbox, "a.gif", "Please wait.", datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert [file.name for file in ingest_inbox(site, 0.0, QUIET).files] == ["a.gif"]
    assert (outside / "some-letter.pdf").read_bytes() == b"somebody else's"
    assert "nobody's business" in secret.read_text(encoding="utf-8")


def test_files_and_folders_that_vanish_stop_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(site, "desk/a.pdf")
    drop(site, "b.pdf")
    listed = hot_folder.list_inbox

    def vanishing(inbox: Path) -> dict[str, object]:
        listing = listed(inbox)
        shutil.rmtree(inbox / "desk", ignore_errors=True)
        return listing

    monkeypatch.setattr(hot_folder, "list_inbox", vanishing)
    assert [file.name for file in ingest_inbox(site, 0.0, QUIET).files] == ["b.pdf"]


FILM = b"\0\0\0\x18ftypmp42" + bytes(200)
LETTER = b"PK\x03\x04 word/document.xml" + bytes(200)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("nothing.pdf", b"", Reason.EMPTY),
        ("half.pdf", pdf(jpeg_picture())[:-700], Reason.CUT_SHORT),
        ("locked.pdf", locked_pdf(), Reason.PASSWORD),
        ("letter.docx", LETTER, Reason.WRONG_TYPE),
        ("film.mp4", FILM, Reason.WRONG_TYPE),
        ("film.pdf", FILM, Reason.WRONG_TYPE),
        ("wall.png", claimed_png(60_000, 60_000), Reason.TOO_LARGE),
        ("stack.pdf", pdf_of_pages(2001), Reason.TOO_MANY_PAGES),
    ],
)
def test_each_file_that_is_no_scan_is_told_in_a_note_and_at_the_desk_and_is_kept(
    site: Site, name: str, content: bytes, reason: Reason
) -> None:
    drop(site, f"town-hall/{name}", content)
    (outcome,) = ingest_inbox(site, 0.0, QUIET).files
    (moved,) = (path for path in (site.inbox / "set-aside").iterdir() if not path.name.endswith(NOTE_SUFFIX))
    assert (outcome.status, outcome.reason) == ("set_aside", sentences[reason])
    assert sentences[reason] in note(moved)
    db = site.open_store()
    assert [(trouble.name, trouble.reason) for trouble in overview(db, {}, "2026-03-02").troubles] == [
        (f"town-hall/{name}", sentences[reason])
    ]
    db.close()
    kept = Shelf(site.archive).find(str(outcome.sha256))
    assert kept is not None
    assert kept.read_bytes() == moved.read_bytes() == content


def test_two_watchers_of_one_folder_take_turns_and_take_each_file_once(site: Site) -> None:
    for number in range(40):
        drop(site, f"{number}.gif", NOT_A_SCAN + bytes([number]))
    site.open_store().close()
    stop, told = hot_folder.Event(), []
    watchers = [Thread(target=lambda: told.extend(watch_inbox(site, 0.0, QUIET, stop))) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    until(lambda: len(list((site.inbox / "set-aside").glob("*.gif"))) == 40)
    stop.set()
    for watcher in watchers:
        watcher.join()
    assert sorted(outcome.name for outcome in told) == sorted(f"{number}.gif" for number in range(40))
    assert site.open_store().execute("SELECT COUNT(*) FROM files").fetchone() == (40,)


def test_an_inbox_held_for_long_is_left_to_whoever_holds_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot_folder, "TURN_SECONDS", 0.1)
    with held(site.inbox), pytest.raises(InboxHeldError, match="Let it finish"):
        ingest_inbox(site, 0.0, QUIET)


def test_an_inbox_that_is_away_is_said_once_and_waited_for(
    site: Site, watching: Iterator[FileOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [True, True, True, False]
    held_really = hot_folder.held

    def held_perhaps(inbox: Path, wait_s: float = 0.0) -> object:
        if away.pop(0) if away else False:
            raise OSError(errno.EROFS, "read-only")
        return held_really(inbox, wait_s)

    drop(site, "a.gif")
    monkeypatch.setattr(hot_folder, "held", held_perhaps)
    assert [next(watching).name, next(watching).name] == ["scanner_inbox", "a.gif"]


def test_serving_reads_the_inbox_too_and_stops_when_told(site: Site) -> None:
    with reading_inbox(site, 0.0):
        path = drop(site, "a.gif")
        until(lambda: any((site.inbox / "set-aside").glob("*.gif")))
    assert not path.exists()
    drop(site, "b.gif", NOT_A_SCAN * 2)
    time.sleep(0.1)
    assert (site.inbox / "b.gif").exists()


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    assert is_so()


def test_a_round_that_fails_is_followed_by_another(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(site, "a.gif")
    watched, failures = hot_folder.watch_inbox, [True]

    def failing_once(*arguments: object) -> Iterator[FileOutcome]:
        if failures:
            failures.pop()
            raise ZeroDivisionError
        return watched(*arguments)

    monkeypatch.setattr(hot_folder, "watch_inbox", failing_once)
    with reading_inbox(site, 0.0):
        until(lambda: any((site.inbox / "set-aside").glob("*.gif")))


def test_stopping_between_pages_leaves_the_file_to_the_next_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(site, "a.gif")
    monkeypatch.setattr(hot_folder, "take_in", raising(intake.StoppedReading()))
    stop = hot_folder.Event()
    thread = Thread(target=lambda: list(watch_inbox(site, 0.0, QUIET, stop)))
    thread.start()
    until(lambda: bool(claimed_before(site.inbox)))
    stop.set()
    thread.join()
    monkeypatch.undo()
    assert [file.status for file in ingest_inbox(site, 0.0, QUIET).files] == ["set_aside"]


def test_a_note_is_written_once_whatever_the_name(tmp_path: Path) -> None:
    name = os.fsdecode(b"sg\xe2n.pdf")
    leave_note(tmp_path, name, "Please wait.", datetime(2026, 3, 2, 12, tzinfo=UTC))
    leave_note(tmp_path, name, "Please wait.", datetime(2026, 3, 3, 12, tzinfo=UTC))
    (written,) = tmp_path.iterdir()
    assert "Monday 02 March 2026" in written.read_text(encoding="utf-8")
    leave_note(tmp_path / "no such folder", "a.pdf", "Please wait.", datetime(2026, 3, 2, 12, tzinfo=UTC))


def test_every_error_of_disk_and_record_has_its_sentence() -> None:
    assert set(hindrances) == set(Hindrance)
    assert hindrance_in(OSError(errno.ENOSPC, "")) is Hindrance.DISK_FULL
    assert hindrance_in(OSError(errno.EIO, "")) is Hindrance.NOT_KEPT
    assert hindrance_in(ValueError()) is Hindrance.UNFORESEEN


def test_how_long_a_file_must_rest_is_a_setting_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("settle_seconds: 12.5\n", encoding="utf-8")
    assert open_site(tmp_path).settings.settle_seconds == 12.5
    (tmp_path / "site.yaml").write_text("settle_seconds: -1\n", encoding="utf-8")
    with pytest.raises(SiteError, match="settle_seconds"):
        open_site(tmp_path)
