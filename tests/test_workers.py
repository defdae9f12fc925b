"""A file that hangs, crashes or fills the memory costs itself and nothing else."""

import ctypes
import os
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from zlib import compressobj

import pikepdf
import pytest

from pipeline.inbox.trouble import Reason, SetAside
from pipeline.inbox.workers import Limits, Workers
from pipeline.page.image import open_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="memory and processor limits need Unix")

LIMITS = Limits(cpu_s=1, wall_s=4)


def doubled(number: int) -> int:
    return 2 * number


def spin(_: int) -> int:
    while True:
        pass


def work_half_a_second(number: int) -> int:
    began = time.process_time()
    while time.process_time() - began < 0.5:
        pass
    return number


def sleep(_: int) -> int:
    time.sleep(60)
    return 0


def fill(size: int) -> int:
    return len(bytearray(size))


def crash(_: int) -> str:
    return ctypes.string_at(0).decode()


def unfolding_pdf() -> bytes:
    """A PDF of two megabytes whose page content unfolds to four hundred."""
    packer = compressobj(1)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
    document = pikepdf.new()
    page = document.add_blank_page()
    content = pikepdf.Stream(document, b"")
    content.write(packed, filter=pikepdf.Name.FlateDecode)
    page.Contents = content
    file = BytesIO()
    document.save(file, compress_streams=False)
    return file.getvalue()


def fail(number: int) -> int:
    raise KeyError(number)


def worker(_: int) -> int:
    time.sleep(0.02)
    return os.getpid()


def crash_on_thirds(number: int) -> int:
    if number % 3 == 0:
        crash(number)
    return number


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2, LIMITS) as pool:
        pool.run(doubled, 0)
        yield pool


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (spin, 0, Reason.TOO_SLOW),
        (sleep, 0, Reason.TOO_SLOW),
        (fill, 2_000_000_000, Reason.TOO_MUCH_MEMORY),
        (crash, 0, Reason.CRASHED),
    ],
)
def test_a_task_that_breaks_a_limit_is_stopped_and_the_next_one_runs(
    workers: Workers, function: object, argument: int, reason: Reason
) -> None:
    began = time.monotonic()
    stopped = workers.run(function, argument)  # type: ignore[arg-type]
    assert isinstance(stopped, SetAside)
    assert stopped.reason is reason
    assert time.monotonic() - began < LIMITS.wall_s + 4
    assert workers.run(doubled, 21) == 42


def test_a_pdf_that_unfolds_beyond_the_limit_is_stopped_and_the_reason_told() -> None:
    with Workers(1, Limits(memory_bytes=300_000_000)) as pool:
        page = pool.run(open_page, unfolding_pdf(), 0)
    assert isinstance(page, SetAside)
    assert page.reason is Reason.TOO_MUCH_MEMORY


def test_memory_within_the_limit_is_granted(workers: Workers) -> None:
    assert workers.run(fill, 500_000_000) == 500_000_000


def test_each_task_has_the_whole_processor_time_for_itself() -> None:
    with Workers(1, LIMITS) as pool:
        assert list(pool.map_bounded(work_half_a_second, range(4))) == list(range(4))


def test_what_a_task_raises_is_raised_to_the_caller(workers: Workers) -> None:
    with pytest.raises(KeyError, match="7"):
        workers.run(fail, 7)


def test_results_come_in_order_with_few_tasks_ahead(workers: Workers) -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(30):
            taken.append(number)
            yield number

    for nth, result in enumerate(workers.map_bounded(doubled, items())):
        assert result == 2 * nth
        assert len(taken) <= nth + 1 + 2 * workers.count


def test_a_crash_among_many_costs_only_its_own_item(workers: Workers) -> None:
    results = list(workers.map_bounded(crash_on_thirds, range(12)))
    assert [result if isinstance(result, int) else result.reason for result in results] == [
        Reason.CRASHED if number % 3 == 0 else number for number in range(12)
    ]


def test_a_worker_is_replaced_after_its_number_of_tasks() -> None:
    with Workers(1, Limits(tasks_per_worker=2)) as pool:
        seen = list(pool.map_bounded(worker, range(6)))
    assert len(set(map(str, seen))) == 3
