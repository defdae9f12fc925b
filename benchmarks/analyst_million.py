"""A million responses of twenty questions each: recording them, every export, the report, and counting by DuckDB.

Made-up answers are recorded as those of other tools are, in durable transactions of 200, at a new site; beside it, in
the same run, the same rows are put into the same tables by nothing but `executemany`. Then `pillarbox export` and
`pillarbox report` run on what is there, as anybody would run them, and DuckDB counts one question by channel and month
from the Parquet export. All this for each size in turn, so that growth shows. Times are processor time, but that of the
count, which is by the clock. Options: --sizes; --seed; --formats. Linux only.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from shutil import copy

import duckdb

from benchmarks.analyst.answers import made_up_returns
from benchmarks.analyst.bare import bare_cpu_s
from benchmarks.speed.runs import Ran, cores, pillarbox
from pipeline.site import Site, load_form, open_site
from pipeline.store.database import immediately
from pipeline.store.imports import AT_ONCE
from pipeline.store.record import add_returns

FORM = Path(__file__).parent / "analyst" / "twenty.yaml"
SIZES = (10_000, 100_000, 1_000_000)

SNAPSHOT = "parquet"
FORMATS = (SNAPSHOT, "csv", "jsonl", "json", "xlsx", "sav", "dta", "ddi", "datapackage")

CROSSTAB = """
    SELECT overall, channel, date_trunc('month', received_at::TIMESTAMP) AS month, count(*) AS n
    FROM read_parquet(?) WHERE overall IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
"""What docs/data.md shows: one question by channel and month."""


def record(site: Site, responses: int, seed: int) -> float:
    """Record so many made-up responses; the processor time it took, in seconds. Making them up is not counted."""
    form = load_form(site, FORM.stem)
    spent = 0.0
    with closing(site.open_store()) as db:
        for portion in made_up_returns(form, responses, seed):
            began = time.process_time()
            for start in range(0, len(portion), AT_ONCE):
                with immediately(db):
                    add_returns(db, portion[start : start + AT_ONCE], datetime.now(UTC))
            spent += time.process_time() - began
    return spent


def crosstab(parquet: Path) -> tuple[float, int]:
    """Count one question by channel and month: seconds by the clock, and how many answers that were."""
    began = time.perf_counter()
    rows = duckdb.execute(CROSSTAB, [str(parquet)]).fetchall()
    return time.perf_counter() - began, sum(n for *_, n in rows)


def run(responses: int, seed: int, formats: Sequence[str], folder: Path) -> dict[str, object]:
    """Everything for one size."""
    (folder / "forms").mkdir(parents=True)
    copy(FORM, folder / "forms")
    site = open_site(folder)
    recorded_s = record(site, responses, seed)
    recording_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare_s = bare_cpu_s(site.store, folder, responses, AT_ONCE)
    (folder / "bare.db").unlink()
    ran = {each: _export(site, each) for each in formats} | {"report": _report(site)}
    for name, each in ran.items():
        print(f"{responses}: {name}: {each.spent.cpu_s:.1f} s, {each.peak_mb:.0f} MB", flush=True)
    crosstab_s, answers = crosstab(folder / f"{FORM.stem}.{SNAPSHOT}")
    return {
        "responses": responses,
        "insert_s": round(recorded_s, 1),
        "bare_insert_s": round(bare_s, 1),
        "insert_ratio": round(recorded_s / bare_s, 2),
        "store_mb": round(site.store.stat().st_size / 1e6),
        **_times(ran),
        "crosstab_s": round(crosstab_s, 3),
        "crosstab_answers": answers,
        "peak_mb": round(max(recording_mb, *(each.peak_mb for each in ran.values()))),
    }


def _times(ran: Mapping[str, Ran]) -> dict[str, object]:
    spent = {name: round(each.spent.cpu_s, 1) for name, each in ran.items()}
    return {
        "snapshot_s": spent[SNAPSHOT],
        "report_s": spent.pop("report"),
        "export_s": spent,
        "mb": {name: round(each.peak_mb) for name, each in ran.items()},
    }


def _export(site: Site, name: str) -> Ran:
    out = site.root / f"{FORM.stem}.{name}"
    ran = pillarbox(["--site", site.root, "export", FORM.stem, "--format", name, "-o", out], cores())
    if name != SNAPSHOT:
        out.unlink()
    return ran


def _report(site: Site) -> Ran:
    return pillarbox(["--site", site.root, "report", FORM.stem, "-o", site.root / "report.html"], cores())


def growth(runs: Sequence[Mapping[str, object]]) -> dict[str, list[float]]:
    """By how much each time grew from one size to the next; ten times the responses should take ten times as long."""
    grown = {}
    for name in ("insert_s", "snapshot_s", "report_s"):
        spent = [max(float(str(each[name])), 0.1) for each in runs]
        grown[name] = [round(larger / smaller, 1) for smaller, larger in pairwise(spent)]
    return grown


def main() -> None:
    """Run the benchmark; the last line is one JSON object, whose figures are those of the largest size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--formats", nargs="+", default=FORMATS)
    options = parser.parse_args()
    runs = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            runs.append(run(size, options.seed, options.formats, Path(folder, "site")))
        print(json.dumps(runs[-1]), flush=True)
    print(json.dumps({**runs[-1], "growth": growth(runs), "sizes": list(options.sizes)}))


if __name__ == "__main__":
    main()
