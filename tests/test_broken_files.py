"""Files that crash, hang or lie go through `ingest` one by one and among good ones: each is told, none stops it."""

import shutil
from pathlib import Path

import pytest
from test_intake import QUIET, Stack, ingest, print_and_fill, scanned

from pipeline.intake import FileOutcome, ingest_files
from pipeline.practice.scanner import as_pdf

NOT_FILES = {"observed.json"}


@pytest.fixture(scope="module")
def broken(shared_data: Path) -> list[Path]:
    files = [path for path in (shared_data / "broken").rglob("*") if path.is_file() and path.name not in NOT_FILES]
    assert len(files) == 82
    return sorted(files)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return print_and_fill(tmp_path / "site", "front-desk", 3)


def assert_told(outcome: FileOutcome) -> None:
    assert outcome.status in ("read", "set_aside", "duplicate"), outcome
    assert outcome.status == "read" or outcome.reason.endswith("."), outcome
    assert all(page.status in ("foreign", "blank", "refused", "duplicate") for page in outcome.pages), outcome


def test_one_by_one_each_broken_file_is_read_or_set_aside_with_a_reason(broken: list[Path], stack: Stack) -> None:
    for outcome in ingest_files(stack.site, broken, QUIET).files:
        assert_told(outcome)


def test_among_broken_files_every_good_one_is_read(broken: list[Path], stack: Stack) -> None:
    for number, path in enumerate(broken):
        shutil.copy(path, stack.site.inbox / f"{number:03}-{path.name}")
    for number, pages in enumerate(stack.filled):
        (stack.site.inbox / f"{number * 40:03}-good.pdf").write_bytes(as_pdf(scanned(pages), 200))
    files = ingest(stack).files
    good = [outcome for outcome in files if outcome.name.endswith("-good.pdf")]
    assert [[page.status for page in outcome.pages] for outcome in good] == [["read"] * len(stack.layout.pages)] * 3
    for outcome in files:
        if outcome not in good:
            assert_told(outcome)
    assert len(files) == len(broken) + len(good)
