"""What becomes of scans when a run is killed, the disk is full, the power is cut: every sheet on record, none twice.

Four parts. `faults`: something goes wrong at every step of taking in a small stack that reaches the disk or the
record. `power`: every state a disk may be in after a power cut, with all fsyncs and with each taken out. `soak`:
thousands of files through `pillarbox watch`. `cuts`: files cut at any byte.

Options: --only PART …; --every N puts each N-th fault only; --files of the soak; --cuts of each kind of file;
--processes, how many runs go on at once; --seed.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2

from benchmarks.faults.cases import Outcome, all_faults, make_world, may_mount, put
from benchmarks.faults.cuts import cut_files
from benchmarks.faults.pasts import all_pasts, single_files
from benchmarks.faults.power import cuts_survived, first_cut, labels_of
from benchmarks.faults.soak import soak
from benchmarks.faults.stacks import filled_sheets, new_site

MEMORY_DISK = Path("/dev/shm")
"""A kill loses nothing that was written, so what is killed may run in memory; power cuts are a model of their own."""

FILES_PER_SHEET = 8
"""Of the files of the soak one in so many is a sheet that nothing is wrong with and that was not sent before."""


def main() -> None:
    """Do each part, and say what came of it."""
    options = _options()
    cv2.setNumThreads(1)
    figures: dict[str, object] = {}
    for part in options.only:
        with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
            figures |= PARTS[part](Path(folder), options)
    print(json.dumps(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="desk-faults", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to do")
    parser.add_argument("--every", type=int, default=1, help="put each N-th fault only")
    parser.add_argument("--files", type=int, default=2000, help="of the soak")
    parser.add_argument("--cuts", type=int, default=1000, help="of each kind of file")
    parser.add_argument("--processes", type=int, default=2, help="how many runs go on at once")
    parser.add_argument("--seed", type=int, default=20264, help="of stacks and lots")
    return parser.parse_args()


def _faults(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    world = make_world(folder, options.seed)
    with _pool(options) as pool:
        put_all = list(pool.map(partial(put, world), all_faults(world)[:: options.every]))
    outcomes = [outcome for outcome in put_all if outcome.happened]
    _tell(outcomes)
    return {
        "faults": len(outcomes),
        "lost": sum(len(outcome.lost) for outcome in outcomes),
        "doubled": sum(len(outcome.doubled) for outcome in outcomes),
        "broke_off": sum(outcome.ended == 1 for outcome in outcomes),
        "steps": len(world.steps),
        "by_kind": dict(Counter(outcome.fault.kind for outcome in outcomes)),
        "small_disk": "tmpfs" if may_mount() else "RLIMIT_FSIZE",
    }


def _tell(outcomes: Sequence[Outcome]) -> None:
    for kind, faults in Counter(outcome.fault.kind for outcome in outcomes).items():
        lost = sum(bool(outcome.lost) for outcome in outcomes if outcome.fault.kind == kind)
        doubled = sum(bool(outcome.doubled) for outcome in outcomes if outcome.fault.kind == kind)
        print(f"{kind:24} {faults:4} faults, {lost} lost, {doubled} doubled")
    for outcome in outcomes:
        for trouble in (*outcome.lost, *outcome.doubled):
            print(f"  {outcome.fault.kind} at step {outcome.fault.step} ({outcome.where}): {trouble}")


def _power(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    pasts = list(all_pasts(single_files(folder, options.seed), options.every))
    labels = sorted(set().union(*(labels_of(past) for _, past in pasts)))
    with _pool(options) as pool:
        survived = list(pool.map(cuts_survived, [past for _, past in pasts]))
        caught = list(pool.map(partial(first_cut, pasts), labels))
    for (name, _), (_, cut) in zip(pasts, survived, strict=True):
        if cut:
            print(f"  {name}, power cut after change {cut.after}: {cut.missing}")
    for label, found in zip(labels, caught, strict=True):
        print(f"without {label}:\n    {f'{found[0]}: {found[1].missing}' if found else 'NOTHING IS MISSING'}")
    return {
        "power_states": sum(states for states, _ in survived),
        "power_lost": sum(cut is not None for _, cut in survived),
        "fsyncs": len(labels),
        "fsyncs_needed": sum(found is not None for found in caught),
    }


def _soak(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    site = new_site(folder / "site")
    soaked = soak(
        site, filled_sheets(site, options.files // FILES_PER_SHEET, options.seed), options.files, options.seed
    )
    for trouble in (*soaked.account.lost, *soaked.account.doubled):
        print(f"  soak: {trouble}")
    return {
        "soak_files": soaked.files,
        "soak_sheets": soaked.sheets,
        "soak_faults": soaked.faults,
        "soak_lost": len(soaked.account.lost),
        "soak_doubled": len(soaked.account.doubled),
        "soak_early_mb": round(soaked.early_mb, 1),
        "soak_late_mb": round(soaked.late_mb, 1),
        "soak_seconds": round(soaked.seconds),
    }


def _cuts(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    site = new_site(folder / "site")
    tried = cut_files(filled_sheets(site, 10, options.seed), options.cuts, options.seed)
    for kind, cut in tried.items():
        print(f"{kind:8} {cut.cuts} cuts, {cut.read} read all the same, {cut.not_whole} of them not whole")
    return {
        "cuts": sum(cut.cuts for cut in tried.values()),
        "cuts_not_whole": sum(cut.not_whole for cut in tried.values()),
    }


def _pool(options: argparse.Namespace) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(options.processes, mp_context=get_context("fork"))


PARTS: dict[str, Callable[[Path, argparse.Namespace], dict[str, object]]] = {
    "faults": _faults,
    "power": _power,
    "soak": _soak,
    "cuts": _cuts,
}


if __name__ == "__main__":
    main()
