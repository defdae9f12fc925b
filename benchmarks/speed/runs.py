"""What a run costs: processor time and memory of all its processes, time on the clock. Linux only.

Processor time is stated for work done on the same cores under the same load, since a core that is kept busy beside
another is slower than one alone: pages are decoded, for comparison, by as many processes as read them.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier as Gate
from pathlib import Path

from benchmarks.speed.stacks import Stack
from pipeline.page.jpeg import decode_grey

_COMMAND = "from pipeline.cli import main; main()"
_SET_CHILD_SUBREAPER = 36
"""Of prctl(2)."""

_EVERY_S = 0.2
"""How often memory is looked at."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What something took: processor time of all its processes and time on the clock, in seconds."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, what it took, and the most memory it had in use at once.

    `peak_mb` is the proportional set size of all its processes together: memory that several share counts once. It is 0
    where nobody looked.
    """

    told: str
    spent: Spent
    peak_mb: float


def cores() -> tuple[int, ...]:
    """The cores this process may run on."""
    return tuple(sorted(os.sched_getaffinity(0)))


def pillarbox(arguments: Sequence[str | Path], on: Sequence[int], *, weighed: bool = True) -> Ran:
    """Run the command on these cores, as anybody would, from its start to its end.

    To look at its memory takes up to a tenth of a core, which is only missed where the command would have used it:
    where time on the clock is compared, it is not `weighed`.
    """
    command = [sys.executable, "-c", _COMMAND, *map(str, arguments)]
    start = time.perf_counter()
    before = _children_cpu_s()
    with _adopting():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, on))
        memory = _Memory(process.pid) if weighed else None
        told, _ = process.communicate()
        wall_s = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"pillarbox ended with status {process.returncode}")
    return Ran(told.decode(), Spent(_children_cpu_s() - before, wall_s), memory.peak_mb() if memory else 0.0)


def ingest(stack: Stack, on: Sequence[int], *, weighed: bool = True) -> Ran:
    """Read a stack on these cores."""
    return pillarbox(["--site", stack.site.root, "ingest", stack.file, "--json"], on, weighed=weighed)


def decode(jpegs: Sequence[bytes], on: Sequence[int]) -> Spent:
    """Decode JPEGs and do nothing with them: one process for each of these cores, starting together."""
    context = get_context("fork")
    gate, told = context.Barrier(len(on) + 1), context.SimpleQueue()
    decoders = [
        context.Process(target=_decode, args=(jpegs[nth :: len(on)], core, gate, told)) for nth, core in enumerate(on)
    ]
    for decoder in decoders:
        decoder.start()
    gate.wait()
    start = time.perf_counter()
    cpu_s = sum(told.get() for _ in decoders)
    wall_s = time.perf_counter() - start
    for decoder in decoders:
        decoder.join()
    return Spent(cpu_s, wall_s)


def _decode(jpegs: Sequence[bytes], core: int, gate: Gate, told: SimpleQueue[float]) -> None:
    os.sched_setaffinity(0, [core])
    for jpeg in jpegs[:1]:
        decode_grey(jpeg)
    gate.wait()
    start = time.process_time()
    for jpeg in jpegs:
        decode_grey(jpeg)
    told.put(time.process_time() - start)


@contextmanager
def _adopting() -> Iterator[None]:
    """Have processes that outlive their parent within the block end as children of this one, so that they count."""
    libc, ours = ctypes.CDLL(None), set(_children(os.getpid()))
    libc.prctl(_SET_CHILD_SUBREAPER, 1)
    yield
    while adopted := set(_children(os.getpid())) - ours:
        os.waitpid(adopted.pop(), 0)
    libc.prctl(_SET_CHILD_SUBREAPER, 0)


def _children_cpu_s() -> float:
    """Processor time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Memory(threading.Thread):
    """Looks at the memory of a process and its descendants until it has ended."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._peak_kb = 0
        self.start()

    def run(self) -> None:
        while (used_kb := sum(pss_kb(pid) for pid in family(self._pid))) > 0:
            self._peak_kb = max(self._peak_kb, used_kb)
            time.sleep(_EVERY_S)

    def peak_mb(self) -> float:
        """The most that was seen, once the process has ended."""
        self.join()
        return self._peak_kb / 1024


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    return [pid, *(each for child in _children(pid) for each in family(child))]


def _children(pid: int) -> list[int]:
    """The children of a process, of whichever of its threads; none where it is gone."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def pss_kb(pid: int) -> int:
    """Proportional set size, kB (Linux, Documentation/filesystems/proc.rst); 0 of a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
