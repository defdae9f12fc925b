"""Worker processes with limits, because a scanned file can hang, crash or fill the memory of whoever decodes it.

A 394-byte PDF took pdfium to 4.6 GB and a 4 kB one hung it. So files are opened in processes that may use a stated
amount of memory, processor time and time on the clock, and that are replaced after a number of tasks. A task that
breaks a limit costs its own file and nothing else.

Memory and processor limits need the `resource` module of Unix; Windows goes without them and keeps the clock.
"""

import contextlib
import ctypes
import math
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TookTooLongError
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Final, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from pipeline.inbox.trouble import Reason, SetAside

if sys.platform != "win32":
    import resource
if sys.platform == "linux":
    from multiprocessing import forkserver

Item = TypeVar("Item")
Result = TypeVar("Result")
Task = TypeVar("Task", bound=Callable[..., object])

_IN_FLIGHT_PER_WORKER: Final = 2
_ONE_THREAD: Final = dict.fromkeys(
    ("OPENCV_FOR_THREADS_NUM", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"), "1"
)
"""How OpenCV, Tesseract and numpy are told to start one thread each, since every core has a worker of its own."""

_KEPT_BYTES: Final = {-3: 1 << 26, -1: 1 << 28}
"""Of mallopt(3): the size from which memory is had from the system by itself (M_MMAP_THRESHOLD), and how much may lie
free at the end before it is given back (M_TRIM_THRESHOLD), in bytes. A page of A4 at 600 dpi takes 35 million."""

_START: Final = "forkserver" if sys.platform == "linux" else "spawn"
"""How workers come about: as copies of a process that has loaded what they need, where libraries stand that."""


_LOADED: Final[dict[Callable[..., object], str]] = {}
"""The module that a task imports when it is done, by the task."""


def loading(module: str) -> Callable[[Task], Task]:
    """Say which module a task imports when it is done: workers load it ahead, and whoever asks for the task never."""

    def said(task: Task) -> Task:
        _LOADED[task] = module
        return task

    return said


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use, and how many tasks a worker does before a fresh one takes its place."""

    memory_bytes: int = 1_500_000_000
    cpu_s: int = 10
    wall_s: float = 60.0
    tasks_per_worker: int = 1000
    """Where each worker loads what it needs it takes half a second to start: half a millisecond a task."""


class Workers:
    """A pool of worker processes, to be used in a `with` block. Functions and arguments must be importable there."""

    def __init__(self, count: int | None = None, limits: Limits | None = None) -> None:
        self.count = count or _cores()
        self._limits = limits or Limits()
        os.environ.update(_ONE_THREAD)  # for the workers: libraries look when they are loaded
        self._pool = ProcessPool(
            max_workers=self.count,
            max_tasks=self._limits.tasks_per_worker,
            initializer=_prepare,
            initargs=(self._limits.memory_bytes,),
            context=multiprocessing.get_context(_START),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def load(self, function: Callable[..., object]) -> None:
        """Begin to load what a task needs, while this process goes on; without it, the first task waits for that."""
        if sys.platform == "linux":
            multiprocessing.set_forkserver_preload([_LOADED.get(function, function.__module__)])
            forkserver.ensure_running()

    def run(self, function: Callable[..., Result], *args: object) -> Result | SetAside:
        """`function(*args)` in a worker, or why it was stopped. What the function raises is raised here."""
        return _outcome(self._start(function, *args))

    def map_bounded(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result | SetAside]:
        """`function` of every item, in order. At most two items a worker are taken ahead of what was yielded."""
        ahead = iter(items)
        waiting = deque(self._start(function, item) for item in islice(ahead, _IN_FLIGHT_PER_WORKER * self.count))
        try:
            while waiting:
                outcome = _outcome(waiting.popleft())
                waiting.extend(self._start(function, item) for item in islice(ahead, 1))
                yield outcome
        finally:
            for future in waiting:
                future.cancel()  # type: ignore[no-untyped-call]

    def _start(self, function: Callable[..., Result], *args: object) -> "ProcessFuture[Result]":
        self.load(function)
        return self._pool.schedule(
            _within_limits, args=(self._limits.cpu_s, function, args), timeout=self._limits.wall_s
        )


def _cores() -> int:
    """How many cores this process may use: in a container or under `taskset` fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _outcome(future: "ProcessFuture[Result]") -> Result | SetAside:
    """The result of a task, or the limit it broke."""
    try:
        return future.result()
    except TookTooLongError as error:
        return SetAside(Reason.TOO_SLOW, f"stopped by the clock: {error}")
    except MemoryError as error:
        return SetAside(Reason.TOO_MUCH_MEMORY, f"{error}")
    except ProcessExpired as error:
        if sys.platform != "win32" and error.exitcode == -signal.SIGXCPU:
            return SetAside(Reason.TOO_SLOW, "stopped at its limit of processor time")
        return SetAside(Reason.CRASHED, f"the worker ended with code {error.exitcode}")


def _prepare(memory_bytes: int) -> None:
    """Run once in each worker, before its first task.

    Ctrl-C is for the process that owns the pool; a crash leaves no core file.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_freed_memory()
    if sys.platform == "win32":
        return
    _set_soft_limit(resource.RLIMIT_CORE, 0)
    _set_soft_limit(resource.RLIMIT_DATA, memory_bytes)


def _keep_freed_memory() -> None:
    """Have memory that is freed kept for what comes next, where the C library is glibc.

    It would give pictures of pages back to the system each time, and getting them anew costs 3 ms a page.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        for what, threshold in _KEPT_BYTES.items():
            ctypes.CDLL(None).mallopt(what, threshold)


def _within_limits(cpu_s: int, function: Callable[..., Result], args: tuple[object, ...]) -> Result:
    """Move the worker's limit of processor time on by `cpu_s` from what it has used, then do the task."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _set_soft_limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + cpu_s)
    return function(*args)


def _set_soft_limit(what: int, limit: int) -> None:
    """Lower a soft limit; a stricter hard limit set by whoever started us stays, as does one we may not change."""
    _, hard = resource.getrlimit(what)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (wanted, hard))
