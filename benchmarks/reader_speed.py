"""How fast scans are read, from file to stored answers, against the bare decoding of the same pages; and its memory.

Stacks of A4 pages at 300 dots per inch, grey, a JPEG each in one PDF, are drawn, and then read by `pillarbox ingest`
into a site that printed them. Processor time is that of all its processes from start to end. A virtual machine gets
memory from its host as that is first touched, and gives it back when it was free for some seconds, which can cost more
than all copying does: so as much as a run will keep is touched just before it. Options: --cold, without that; --pages,
how many are in the large stack; --rounds, how often one core is held against two; --seed. Linux only.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from compileall import compile_dir
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pipeline
from benchmarks.speed.runs import Ran, Spent, cores, decode, ingest
from benchmarks.speed.stacks import Stack, drawn_stack, first_of
from benchmarks.speed.steps import step_times

SMALLER = {"boxes": 1, "characters": 2, "comments": 20}
"""By how much each stack is smaller than the large one, which is of boxes."""

FOR_TWO_CORES = 3
"""By how much the stack is smaller that is read on one core and on two: it is read several times."""

PIECE = b"touched " * 131_072
"""What is written to touch memory: a mebibyte at a time."""

STEPS_OF = 40
"""Pages whose reading is timed step by step."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a stack that was read, and what bare decoding of its pages took."""

    stack: Stack
    ingested: Ran
    decoding: Spent

    @property
    def times_decode(self) -> float:
        """How often the pages could have been decoded in the processor time it took to read them."""
        return self.ingested.spent.cpu_s / self.decoding.cpu_s

    @property
    def cpu_ms(self) -> float:
        """Processor time a page, in ms."""
        return 1000 * self.ingested.spent.cpu_s / len(self.stack.jpegs)

    @property
    def figures(self) -> dict[str, object]:
        """What there is to say of it."""
        pages, spent, told = len(self.stack.jpegs), self.ingested.spent, json.loads(self.ingested.told)
        return {
            "pages": dict(Counter(page["status"] for file in told["files"] for page in file["pages"])),
            "cpu_ms": round(self.cpu_ms, 1),
            "decode_cpu_ms": round(1000 * self.decoding.cpu_s / pages, 1),
            "times_decode": round(self.times_decode, 2),
            "pages_per_cpu_s": round(pages / spent.cpu_s, 1),
            "pages_per_s": round(pages / spent.wall_s, 1),
            "peak_mb": round(self.ingested.peak_mb),
        }


def read_stack(stack: Stack, *, cold: bool) -> Reading:
    """Read a stack on all cores; decode half of it before and half of it after, in case the machine slows down."""
    before = decode(stack.jpegs[::2], cores())
    ingested = read_at_a_new_site(stack, len(stack.jpegs), cores(), cold=cold)
    after = decode(stack.jpegs[1::2], cores())
    return Reading(stack, ingested, Spent(before.cpu_s + after.cpu_s, before.wall_s + after.wall_s))


def read_at_a_new_site(stack: Stack, pages: int, on: Sequence[int], *, cold: bool, weighed: bool = True) -> Ran:
    """Read the first pages of a stack; what was kept of them is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        fewer = first_of(stack, pages, Path(folder, "site"))
        if not cold:
            have_memory_at_hand(Path(folder), 2 * fewer.file.stat().st_size)
        return ingest(fewer, on, weighed=weighed)


def have_memory_at_hand(folder: Path, size: int) -> None:
    """Have the system hold so much free memory (bytes), by what it keeps of a file that is written and deleted."""
    touched = folder / "touched"
    with touched.open("wb") as file:
        for _ in range(size // len(PIECE)):
            file.write(PIECE)
    touched.unlink()


def two_core_share(stack: Stack, pages: int, rounds: int, *, cold: bool) -> float | None:
    """How much faster two cores read than one, as a share of how much faster two decoders are; None on one core."""
    one, two = cores()[:1], cores()[:2]
    if len(two) < 2:
        return None
    shares = []
    for _ in range(rounds):
        decoding = [decode(stack.jpegs[:pages], on).wall_s for on in (one, two)]
        read = [read_at_a_new_site(stack, pages, on, cold=cold, weighed=False) for on in (one, two)]
        reading = [ran.spent.wall_s for ran in read]
        shares.append((reading[0] / reading[1]) / (decoding[0] / decoding[1]))
        print(f"one core and two, seconds: reading {reading}, decoding {decoding}", flush=True)
    return round(median(shares), 3) if shares else None


def print_steps(read: Mapping[str, Reading], folder: Path) -> None:
    """Print, as a table, where the processor time of a page of each stack goes, in ms.

    What the steps in one process do not show, starting and passing pages between processes, is the difference.
    """
    times = {form: step_times(first_of(reading.stack, STEPS_OF, folder / form)) for form, reading in read.items()}
    print("|", "step", *(f"| {form}" for form in times), "|")
    for step in next(iter(times.values())):
        print("|", step, *(f"| {of[step]:.1f}" for of in times.values()), "|")
    print("| all steps", *(f"| {sum(of.values()):.1f}" for of in times.values()), "|")
    print("| as counted from outside", *(f"| {reading.cpu_ms:.1f}" for reading in read.values()), "|", flush=True)


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    compile_dir(Path(pipeline.__file__).parent, quiet=1)  # as installing does, lest every start do it
    with tempfile.TemporaryDirectory() as folder:
        stacks = {
            form: drawn_stack(form, max(2, options.pages // smaller), Path(folder, form), options.seed)
            for form, smaller in SMALLER.items()
        }
        fewer = max(2, options.pages // FOR_TWO_CORES)
        share = two_core_share(stacks["boxes"], fewer, options.rounds, cold=options.cold)
        read = {form: read_stack(stack, cold=options.cold) for form, stack in stacks.items()}
        for form, reading in read.items():
            print(f"{form}: {reading.figures}")
        print_steps(read, Path(folder, "steps"))
    print(
        json.dumps(
            {
                "pages_per_cpu_s": round(len(stacks["boxes"].jpegs) / read["boxes"].ingested.spent.cpu_s, 1),
                "times_decode": round(read["boxes"].times_decode, 2),
                "times_decode_characters": round(read["characters"].times_decode, 2),
                "two_core_share": share,
                "peak_mb_1000_pages": round(read["boxes"].ingested.peak_mb),
                "pages": options.pages,
                **{form: reading.figures for form, reading in read.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
