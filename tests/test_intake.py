"""Paper into the record: pages joined, scanned once, never lost, whatever happens in between."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.hot_folder import ingest_inbox, watch_inbox
from pipeline.inbox.trouble import SetAside
from pipeline.intake import IngestReport, ingest_files
from pipeline.practice.answers import random_answers
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import Scanner, as_g4_tiff, as_jpeg, as_pdf, as_png, photocopy, scan
from pipeline.site import Site, load_form, open_site
from pipeline.store.kept_pages import PageTask, read_kept
from pipeline.store.record import register_print
from pipeline.store.responses import read_dataset

FORMS = Path(__file__).parents[1] / "forms"
DPI = 200
PX_PER_MM = DPI / 25.4
QUIET = Progress(disable=True)


@dataclass(frozen=True)
class Stack:
    """A site with copies of one form printed, and their pages filled in."""

    site: Site
    form: FormDefinition
    layout: Layout
    codes: tuple[str, ...]
    blank: tuple[tuple[Grey, ...], ...]
    filled: tuple[tuple[Grey, ...], ...]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return print_and_fill(tmp_path_factory.mktemp("site"), "library-visit", 3)


@pytest.fixture
def stack(printed: Stack, tmp_path: Path) -> Stack:
    """The printed stack in a fresh copy of its site."""
    root = tmp_path / "site"
    shutil.copytree(printed.site.root, root)
    return Stack(open_site(root), printed.form, printed.layout, printed.codes, printed.blank, printed.filled)


def print_and_fill(root: Path, name: str, copies: int) -> Stack:
    shutil.copytree(FORMS, root / "forms")
    (root / "scanner_inbox").mkdir()
    site = open_site(root)
    form = load_form(site, name)
    layout = lay_out(form)
    db = site.open_store()
    codes = register_print(db, form, layout, copies, datetime.now(UTC))
    db.close()
    pages = list(printed_pages(print_copies(layout, codes), DPI))
    sides = len(pages) // copies
    blank = tuple(tuple(pages[copy * sides : copy * sides + len(layout.pages)]) for copy in range(copies))
    rng = np.random.default_rng(11)
    filled = tuple(fill(each, layout, random_answers(form, rng), random_resident(rng), rng).pages for each in blank)
    return Stack(site, form, layout, codes, blank, filled)


def scanned(pages: Sequence[Grey], seed: int = 1, **settings: object) -> list[Grey]:
    rng = np.random.default_rng(seed)
    return [scan(page, PX_PER_MM, Scanner(dpi=DPI, turn=rng.uniform(-1, 1), **settings), rng) for page in pages]


def drop(stack: Stack, name: str, content: bytes) -> Path:
    path = stack.site.inbox / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def ingest(stack: Stack) -> IngestReport:
    return ingest_inbox(stack.site, 0.0, QUIET)


def statuses(report: IngestReport) -> list[str]:
    return [page.status for file in report.files for page in file.pages]


def test_pages_are_joined_whatever_their_order_file_or_kind_of_file(stack: Stack) -> None:
    first, second, third = (scanned(pages) for pages in stack.filled)
    drop(stack, "a.pdf", as_pdf([second[-1], *first[::-1]], DPI))
    drop(stack, "b.tif", as_g4_tiff(second[:-1], DPI))
    for number, page in enumerate(third):
        drop(stack, f"desk/{number}.{'png' if number else 'jpg'}", (as_png if number else as_jpeg)(page, DPI))
    report = ingest(stack)
    assert set(statuses(report)) == {"read"}
    assert {outcome.copy for outcome in report.submissions} == set(stack.codes)
    assert all(not outcome.pages_missing for outcome in report.submissions)
    sites = {response.facts["copy"]: response.facts["site"] for response in read(stack)}
    assert sites == {stack.codes[0]: "main", stack.codes[1]: "main", stack.codes[2]: "desk"}
    assert [path.name for path in stack.site.inbox.rglob("*") if path.is_file() and path.name[0] != "."] == []


def test_a_missing_page_is_named_and_joined_when_it_comes_another_day(stack: Stack) -> None:
    pages = scanned(stack.filled[0])
    drop(stack, "monday.pdf", as_pdf(pages[:-1], DPI))
    (monday,) = ingest(stack).submissions
    assert monday.pages_missing == (len(pages),)
    (waiting,) = read(stack)
    assert "page_not_returned" in waiting.missing.values()
    drop(stack, "tuesday.pdf", as_pdf(pages[-1:], DPI))
    (tuesday,) = ingest(stack).submissions
    assert (tuesday.submission, tuesday.pages_missing) == (monday.submission, ())
    (whole,) = read(stack)
    assert "page_not_returned" not in whole.missing.values()


def test_the_same_file_and_the_same_sheet_count_once(stack: Stack) -> None:
    content = as_pdf(scanned(stack.filled[0]), DPI)
    drop(stack, "SCN_0001.pdf", content)
    ingest(stack)
    drop(stack, "SCN_0001.pdf", content)
    (again,) = ingest(stack).files
    assert again.status == "duplicate"
    assert "counted once" in again.reason
    drop(stack, "SCN_0002.pdf", as_pdf(scanned(stack.filled[0], seed=5, upside_down=True, noise=6.0), DPI))
    rescanned = ingest(stack)
    assert set(statuses(rescanned)) == {"duplicate"}
    assert len(read(stack)) == 1


def test_a_photocopied_blank_is_a_second_person_and_staff_are_asked(stack: Stack) -> None:
    rng = np.random.default_rng(3)
    copied = [photocopy(page, PX_PER_MM, rng) for page in stack.blank[0]]
    theirs = fill(copied, stack.layout, random_answers(stack.form, rng), random_resident(rng), rng).pages
    drop(stack, "a.pdf", as_pdf(scanned(stack.filled[0]), DPI))
    drop(stack, "b.pdf", as_pdf(scanned(theirs), DPI))
    report = ingest(stack)
    assert sorted(outcome.status for outcome in report.submissions if outcome.status == "to_confirm") == ["to_confirm"]
    assert [response.facts["copy"] for response in read(stack)] == [stack.codes[0]] * 2


def test_a_file_that_cannot_be_read_is_set_aside_with_a_note_and_the_next_goes_on(stack: Stack) -> None:
    whole = as_pdf(scanned(stack.filled[0]), DPI)
    drop(stack, "cut.pdf", whole[: len(whole) // 2])
    drop(stack, "letter.docx", b"PK\x03\x04 something else")
    drop(stack, "whole.pdf", whole)
    by_name = {file.name: file for file in ingest(stack).files}
    assert {name: file.status for name, file in by_name.items()} == {
        "cut.pdf": "set_aside",
        "letter.docx": "set_aside",
        "whole.pdf": "read",
    }
    notes = sorted((stack.site.inbox / "set-aside").glob("*.why.txt"))
    assert len(notes) == 2
    assert by_name["cut.pdf"].reason in notes[0].read_text(encoding="utf-8")
    assert sha256(whole[: len(whole) // 2]).hexdigest() == by_name["cut.pdf"].sha256


def test_given_files_are_left_in_place(stack: Stack) -> None:
    path = drop(stack, "a.pdf", as_pdf(scanned(stack.filled[0]), DPI))
    report = ingest_files(stack.site, [path], QUIET)
    assert report.files[0].status == "read"
    assert path.exists()


def test_a_page_of_a_copy_printed_elsewhere_is_not_counted(stack: Stack, tmp_path: Path) -> None:
    elsewhere = print_and_fill(tmp_path / "elsewhere", "library-visit", 1)
    drop(stack, "a.pdf", as_pdf(scanned(elsewhere.filled[0]), DPI))
    report = ingest(stack)
    assert set(statuses(report)) == {"foreign"}
    assert "was not printed here" in report.files[0].pages[0].reason


KILLS = 12


def test_killed_at_any_point_and_started_again_nothing_is_lost_and_nothing_counts_twice(stack: Stack) -> None:
    """Kill a run before its N-th effect, for N all along the run; then let a second run finish."""
    dropped = [
        drop(stack, "SCN_0001.pdf", as_pdf(scanned(stack.filled[0]), DPI)),
        drop(stack, "desk/SCN_0001.pdf", as_pdf(scanned(stack.filled[2]), DPI)),
        drop(stack, "bad.pdf", as_pdf(scanned(stack.filled[1]), DPI)[:-900]),
    ]
    originals = {sha256(path.read_bytes()).hexdigest() for path in dropped}
    effects = int(run_killed(fresh(stack, "whole"), 10**6).stdout)
    assert effects > KILLS
    for fatal in np.linspace(1, effects, KILLS, dtype=int):
        killed = fresh(stack, f"killed-{fatal}")
        assert run_killed(killed, int(fatal)).returncode == -9
        assert originals <= hashes_below(killed.site.root), f"bytes were lost when killed before effect {fatal}"
        ingest(killed)
        assert_all_counted_once(killed, originals)


def fresh(stack: Stack, name: str) -> Stack:
    """The stack in another copy of its site."""
    root = stack.site.root.with_name(name)
    shutil.copytree(stack.site.root, root)
    return Stack(open_site(root), stack.form, stack.layout, stack.codes, stack.blank, stack.filled)


def assert_all_counted_once(stack: Stack, originals: set[str]) -> None:
    assert originals <= hashes_below(stack.site.archive)
    counted = read(stack)
    assert sorted(str(response.facts["copy"]) for response in counted) == sorted((stack.codes[0], stack.codes[2]))
    assert all("page_not_returned" not in response.missing.values() for response in counted)
    db = stack.site.open_store()
    pages = db.execute("SELECT status, COUNT(*) FROM pages GROUP BY status").fetchall()
    files = db.execute("SELECT status, COUNT(*) FROM files GROUP BY status ORDER BY status").fetchall()
    db.close()
    assert pages == [("read", 2 * len(stack.layout.pages))]
    assert files == [("read", 2), ("set_aside", 1)]
    left = [path for path in stack.site.inbox.rglob("*") if path.is_file() and path.name != ".pillarbox.lock"]
    assert len(left) == 2, "only the file set aside and its note are left in the inbox"


def run_killed(stack: Stack, fatal: int) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).with_name("killed_ingest.py")
    command = [sys.executable, str(script), str(stack.site.root), str(fatal)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def hashes_below(folder: Path) -> set[str]:
    return {sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def read(stack: Stack) -> Sequence[object]:
    db = stack.site.open_store()
    try:
        return read_dataset(db, stack.form.id).responses
    finally:
        db.close()


def test_what_was_blocked_is_tried_again_while_watching(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.hot_folder.TRY_AGAIN_SECONDS", 0.0)
    stack.site.archive.write_text("a file where the archive should be")
    drop(stack, "a.pdf", as_pdf(scanned(stack.filled[0]), DPI))
    outcomes = watch_inbox(stack.site, 0.0, QUIET)
    blocked = next(outcomes)
    assert blocked.status == "blocked"
    assert "tried again" in blocked.reason
    stack.site.archive.unlink()
    assert next(outcomes).status == "read"
    outcomes.close()


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (2, 1200), (1200, 2)])
def test_a_picture_too_small_to_be_a_page_stops_nothing(stack: Stack, shape: tuple[int, int]) -> None:
    drop(stack, "a.png", as_png(np.full(shape, 255, np.uint8), DPI))
    drop(stack, "b.pdf", as_pdf(scanned(stack.filled[0]), DPI))
    small, whole = ingest(stack).files
    assert [page.status for page in small.pages] == ["refused"]
    assert whole.status == "read"


def test_a_page_that_breaks_its_reader_costs_itself_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise ValueError("a picture nobody thought of")

    monkeypatch.setattr("pipeline.store.read_originals.original_page", break_down)
    read = read_kept(PageTask(tmp_path / "a.pdf", 0, tmp_path))
    assert isinstance(read, SetAside)
    assert "nobody thought of" in read.detail


def test_a_disk_that_is_away_is_no_fault_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_kept(PageTask(tmp_path / "no such file", 0, tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows names are always text")
def test_a_file_name_that_is_no_text_is_told_all_the_same(stack: Stack) -> None:
    named = stack.site.inbox / os.fsdecode(b"sg\xe2n.pdf")
    named.write_bytes(as_pdf(scanned(stack.filled[0]), DPI))
    (stack.site.inbox / os.fsdecode(b"b\xff.txt")).write_bytes(b"nothing")
    assert sorted(file.status for file in ingest(stack).files) == ["read", "set_aside"]


def test_a_file_that_could_not_be_kept_lies_where_it_lay(stack: Stack) -> None:
    stack.site.archive.write_text("a file where the archive should be")
    path = drop(stack, "desk/a.pdf", as_pdf(scanned(stack.filled[0]), DPI))
    assert [file.status for file in ingest(stack).files] == ["blocked"]
    assert path.exists()


def test_a_file_of_which_nothing_counted_says_so_when_it_comes_again(stack: Stack) -> None:
    for again in (False, True):
        drop(stack, "a.png", as_png(np.full((2339, 1654), 255, np.uint8), DPI))
        (outcome,) = ingest(stack).files
        assert ("nothing on it could be counted" in outcome.reason) is again
