"""Each kind of fault put to a whole stack: the run it happens in, the runs after it, and what is missing or doubled."""

from __future__ import annotations

import os
import pickle
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from benchmarks.faults import runs
from benchmarks.faults.account import account, bytes_lost
from benchmarks.faults.runs import Fault, in_a_process, ingest, ingest_to_the_end, ingest_watched, ingest_with
from benchmarks.faults.stacks import DPI, Sheet, Stack, drop, every_ending, filled_sheets, new_site
from benchmarks.faults.steps import Step
from pipeline.practice.scanner import as_pdf
from pipeline.site import Site, open_site

REUSED = "SCN_0001.pdf"
"""The name that a scanner gives to every file, and that the faults about writing are put to."""

SMALL_DISKS = 40
"""How many sizes of a small disk are tried, from one with no room at all to one with enough."""


class Outcome(NamedTuple):
    """What a fault led to: how the run ended (0, 1 by an exception, minus a signal), and what was lost or doubled.

    A fault has not happened where the run was over before.
    """

    fault: Fault
    where: str
    happened: bool
    ended: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """A site with a stack in its inbox, to be copied for each fault; the steps of an undisturbed run, and room."""

    site: Site
    stack: Stack
    sheets: tuple[Sheet, ...]
    steps: tuple[Step, ...]
    folder: Path

    def copied(self, name: str, into: Path | None = None) -> Site:
        """A copy of the site as it was before anything was read."""
        return open_site(Path(shutil.copytree(self.site.root, (into or self.folder) / name)))


def make_world(folder: Path, seed: int) -> World:
    """Print, fill in and drop a stack, and learn the steps of a run that nothing happens to."""
    site = new_site(folder / "template")
    sheets = filled_sheets(site, 4, seed)
    stack = every_ending(sheets)
    drop(site, stack)
    world = World(site, stack, sheets, (), folder)
    ingest(world.copied("warm"))  # What is loaded once is loaded before processes are copied.
    return replace(world, steps=recorded_steps(world.copied("undisturbed"), ingest))


def recorded_steps(site: Site, read: Callable[[Site], object]) -> tuple[Step, ...]:
    """The steps of a run, without what they write."""
    file = site.root.with_suffix(".steps")

    def record() -> None:
        steps: list[Step] = []
        ingest_watched(site, lambda step: steps.append(replace(step, content=b"")), lambda step: None, read)
        file.write_bytes(pickle.dumps(steps))

    assert in_a_process(record) == 0, "a run that nothing happens to must end well"
    return tuple(pickle.loads(file.read_bytes()))


def all_faults(world: World) -> list[Fault]:
    """Every fault at every step that can meet it."""
    numbers = [step.number for step in world.steps]
    faults = [Fault(kind, number) for kind in ("killed before", "killed after") for number in numbers]
    for kind, (effects, _) in runs.ERRORS.items():
        faults += [Fault(kind, step.number) for step in world.steps if step.effect in effects]
    faults += [Fault("record locked", step.number) for step in world.steps if step.effect == "begin"]
    spread = numbers[:: max(1, len(numbers) // 40)]
    faults += [Fault(kind, number) for kind in ("name reused", "clock set back", "slow writer") for number in spread]
    retired = next(step.number for step in world.steps if "retire" in step.where)
    faults += [Fault("slow writer on a share", number) for number in numbers if number < retired]
    faults += [Fault("small disk", size) for size in range(SMALL_DISKS)]
    return faults


def put(world: World, fault: Fault) -> Outcome:
    """Let the fault happen in a copy of the world, start again, and take stock."""
    name = f"{fault.kind}-{fault.step}".replace(" ", "-")
    if fault.kind == "small disk":
        with small_disk(world, name, fault.step) as (site, limit):
            ended = in_a_process(lambda: _ingest_on_small_disk(site, limit))
            if account(site, world.stack).lost:
                runs.happens(site)
            return _outcome(world, fault, site, world.stack, ended, roomy(site))
    site = world.copied(name)
    try:
        act = _ACTS.get(fault.kind, _plainly)
        return act(world, fault, site)
    finally:
        shutil.rmtree(site.root)


def _plainly(world: World, fault: Fault, site: Site) -> Outcome:
    ended = in_a_process(lambda: ingest_with(site, fault))
    return _outcome(world, fault, site, world.stack, ended)


def _clock_set_back(world: World, fault: Fault, site: Site) -> Outcome:
    """The run is killed, and the next begins on the day before."""

    def yesterday() -> None:
        with runs.clock_set_back(timedelta(days=1)):
            ingest_to_the_end(site)

    ended = in_a_process(lambda: ingest_with(site, Fault("killed before", fault.step)))
    return _outcome(world, fault, site, world.stack, ended, yesterday)


def _name_reused(world: World, fault: Fault, site: Site) -> Outcome:
    """As soon as the name is free, the scanner uses it for the next sheet; every other time the run is killed then."""
    path, done = site.inbox / REUSED, runs.happened(site)
    content = as_pdf([world.sheets[3].page], DPI)

    def write_next(step: Step) -> None:
        if step.number >= fault.step and not path.exists() and not done.exists():
            path.write_bytes(content)
            runs.happens(site)
            if fault.step % 2:
                os.kill(os.getpid(), 9)

    ended = in_a_process(lambda: ingest_watched(site, write_next, lambda step: None))
    if not done.exists():
        (site.inbox / "SCN_0002.pdf").write_bytes(content)
    stack = Stack({**world.stack.files, "the next sheet": content}, (*world.stack.copies, world.sheets[3].copy))
    return _outcome(world, fault, site, stack, ended)


def _slow_writer(world: World, fault: Fault, site: Site) -> Outcome:
    """A file that looked whole is written anew, two pages for one, by the program that still has it open."""
    final = world.stack.files[REUSED]
    stack = Stack({name: one for name, one in world.stack.files.items() if "again" not in name}, world.stack.copies)
    (site.inbox / "town-hall" / "again.pdf").unlink()
    path = site.inbox / REUSED
    path.write_bytes(as_pdf([world.sheets[0].page], DPI))
    writer = os.open(path, os.O_RDWR)

    def write_on(step: Step) -> None:
        if step.number == fault.step:
            runs.happens(site)
            os.pwrite(writer, final, 0)
            os.close(writer)

    def run() -> None:
        if fault.kind == "slow writer":
            ingest_watched(site, write_on, lambda step: None)
            return
        unknown = patch("pipeline.hot_folder.hindered", return_value=None)
        with unknown, patch("pipeline.intake.is_written_to", return_value=False):
            ingest_watched(site, write_on, lambda step: None)

    ended = in_a_process(run)
    os.close(writer)
    if not runs.happened(site).exists():
        path.write_bytes(final)
    return _outcome(world, fault, site, stack, ended)


_ACTS: Mapping[str, Callable[[World, Fault, Site], Outcome]] = {
    "clock set back": _clock_set_back,
    "name reused": _name_reused,
    "slow writer": _slow_writer,
    "slow writer on a share": _slow_writer,
}


def _outcome(
    world: World, fault: Fault, site: Site, stack: Stack, ended: int, restart: Callable[[], object] | None = None
) -> Outcome:
    """Take stock at once, when no byte may be missing, and once more when all has been done."""
    at_once, has_happened = bytes_lost(site, stack), runs.happened(site).exists()
    again = in_a_process(restart or (lambda: ingest_to_the_end(site)))
    found = account(site, stack)
    where = next((step.name for step in world.steps if step.number == fault.step), "")
    lost = (*(f"{name} at once" for name in at_once), *found.lost, *(["the next run failed"] if again else []))
    return Outcome(fault, where, has_happened, ended, lost, found.doubled)


@contextmanager
def small_disk(world: World, name: str, size: int) -> Iterator[tuple[Site, int]]:
    """A copy of the site on a disk with little room left; without the right to mount one, a limit on each file.

    The limit is 0 where the disk is one.
    """
    needed = sum(len(content) for content in world.stack.files.values())
    room = int(needed * 1.1 * size / SMALL_DISKS)
    mount = world.folder / f"disk-{name}"
    mount.mkdir()
    used = sum(-(-path.stat().st_size // 4096) * 4096 for path in world.site.root.rglob("*")) + (96 << 10)
    try:
        if not may_mount() or not _mounted(mount, used + room):
            yield world.copied(name, mount), max(4096, room // 4)
        else:
            yield world.copied(name, mount), 0
    finally:
        subprocess.run(["umount", str(mount)], check=False, capture_output=True)
        shutil.rmtree(mount)


def may_mount() -> bool:
    """Whether this process may mount a disk of its own."""
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("mount") is not None


def roomy(site: Site) -> Callable[[], object]:
    """Make room on the disk, then read to the end."""

    def make_room() -> None:
        subprocess.run(["mount", "-o", "remount,size=1g", str(site.root.parent)], check=False, capture_output=True)
        ingest_to_the_end(site)

    return make_room


def _mounted(mount: Path, size: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _ingest_on_small_disk(site: Site, limit: int) -> None:
    """Read without looking for room first, so that the disk fills up in the midst of it."""
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with patch("pipeline.inbox.waiting.ROOM_BYTES", -(1 << 40)):
        ingest(site)
