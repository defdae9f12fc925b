"""Files that crash, hang or lie: each is read or set aside with a reason, as docs/broken-files.md says."""

import re
import time
from pathlib import Path

import pytest

from pipeline.inbox.trouble import Reason, SetAside
from pipeline.inbox.workers import Limits, Workers
from pipeline.page.image import inspect, open_page

LONGEST_S = Limits().wall_s + 2
"""Stated limit for one file: a minute on the clock (ten seconds of processor time), and two seconds to notice."""

TABLE = Path(__file__).resolve().parent.parent / "docs" / "broken-files.md"
ROW = re.compile(r"^\| `([^`]+)` \| (read|[a-z_]+) \|", re.MULTILINE)


def opened(path: Path) -> SetAside | int:
    """The number of pages read, or why the file or its first refused page was set aside."""
    data = path.read_bytes()
    facts = inspect(data)
    if isinstance(facts, SetAside):
        return facts
    for index in range(facts.pages):
        page = open_page(data, index)
        if isinstance(page, SetAside):
            return page
    return facts.pages


def outcome(result: SetAside | int) -> str:
    return result.reason.value if isinstance(result, SetAside) else "read"


@pytest.fixture(scope="module")
def broken(shared_data: Path) -> dict[str, Path]:
    folder = shared_data / "broken"
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "observed.json"
    }


def test_all_broken_files_end_as_the_documentation_says(broken: dict[str, Path]) -> None:
    with Workers(count=2) as workers:
        results = dict(zip(broken, workers.map_bounded(opened, broken.values()), strict=True))
    documented = dict(ROW.findall(TABLE.read_text(encoding="utf-8")))
    assert len(results) == 82
    assert {name: outcome(result) for name, result in results.items()} == documented
    assert not {Reason.CRASHED, Reason.TOO_SLOW, Reason.TOO_MUCH_MEMORY} & set(documented.values())


def test_no_broken_file_holds_the_folder_up(broken: dict[str, Path]) -> None:
    with Workers(count=1) as workers:
        workers.run(inspect, b"")
        for name, path in broken.items():
            began = time.monotonic()
            workers.run(opened, path)
            assert time.monotonic() - began < LONGEST_S, name
