"""The whole journey on paper: what is read right, what waits for a person, what is wrong, and how fast.

200 consultation forms are printed, filled in by drawn residents, scanned, read and settled, as in the test of the
same claim; then real handwriting and real marks; then the speed of the reader alone. Options: --copies, --seed.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress

from pipeline.form.code import copy_code
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.page.image import open_page
from pipeline.page.known import KnownPaper
from pipeline.practice.printer import printed_pages
from pipeline.practice.real import held_out_glyphs, read_real_characters
from pipeline.practice.trial import Trial, run_trial, scanned_copies
from pipeline.reading.read_file import read_page
from pipeline.site import Site, load_form, open_site

CHECKOUT = Path(__file__).resolve().parent.parent
FORM = "opening-hours"
SPEED_COPIES = 8
REAL_ROUNDS = 100
PX_PER_MM = 300 / 25.4


@contextmanager
def fresh_site() -> Iterator[Site]:
    """A site in a temporary folder with the forms of this checkout."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(CHECKOUT / "forms", root / "forms")
        (root / "scanner_inbox").mkdir()
        yield open_site(root)


def measure_speed(site: Site) -> dict[str, float]:
    """Read a few copies in this process: pages a CPU second, and how often bare decoding would fit in."""
    definition = load_form(site, FORM)
    layout = lay_out(definition)
    codes = [copy_code(number) for number in range(SPEED_COPIES)]
    files = [scanned.pdf for scanned in scanned_copies(definition, layout, codes, seed=1)]
    read_page(files[0], 0, KnownPaper({layout.id: layout}))
    reading, decoding = cpu_of_reading(files, layout), cpu_of_decoding(files, layout)
    pages = len(files) * len(layout.pages)
    return {"pages_per_cpu_s": round(pages / reading, 1), "times_decode": round(reading / decoding, 1)}


def cpu_of_reading(files: list[bytes], layout: Layout) -> float:
    """CPU seconds to read every page, Tesseract included."""
    start = cpu_s()
    for data in files:
        for index in range(len(layout.pages)):
            read_page(data, index, KnownPaper({layout.id: layout}))
    return cpu_s() - start


def cpu_of_decoding(files: list[bytes], layout: Layout) -> float:
    """CPU seconds to open every page and do nothing with it."""
    start = cpu_s()
    for data in files:
        for index in range(len(layout.pages)):
            open_page(data, index)
    return cpu_s() - start


def cpu_s() -> float:
    """CPU seconds that this process and its ended children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure_real(site: Site) -> dict[str, object]:
    """Read real characters on printed pages; nothing where the shared data are not to be had."""
    shared = Path(os.environ.get("PILLARBOX_SHARED", CHECKOUT.parent / "shared" / "data"))
    if not shared.is_dir():
        print(f"no real characters: the shared data are not at {shared}")
        return {}
    layout = lay_out(load_form(site, FORM))
    pages = list(printed_pages(print_copies(layout, [copy_code(1)], "one")))
    glyphs = held_out_glyphs(shared / "glyphs" / "emnist_byclass.npz")
    figures, capitals = read_real_characters(glyphs, layout, pages, PX_PER_MM, REAL_ROUNDS, seed=1)
    return {
        "real_figures": round(figures.rate, 4),
        "real_figures_of": figures.of,
        "real_capitals": round(capitals.rate, 4),
        "real_capitals_of": capitals.of,
    }


def figures_of(trial: Trial) -> dict[str, object]:
    """What a trial amounts to."""
    return {
        "answers": trial.answers,
        "right": trial.right,
        "waiting": sum(trial.waiting.values()),
        "waiting_share": round(trial.share_waiting, 4),
        "waiting_by_reason": dict(trial.waiting),
        "wrong": len(trial.mistakes),
        "wrong_after_settling": len(trial.unsettled),
        "pages": trial.pages,
        "pages_refused": trial.refused,
    }


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()
    with fresh_site() as site:
        trial = run_trial(site, FORM, options.copies, options.seed, Progress(disable=True))
        for mistake in trial.mistakes:
            print(f"{mistake.copy} {mistake.variable}: read {mistake.read!r}, meant {mistake.meant!r}")
        figures = {"copies": options.copies, "seed": options.seed, **figures_of(trial)}
        figures |= measure_real(site) | measure_speed(site)
    for name, value in figures.items():
        print(f"{name:22} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
