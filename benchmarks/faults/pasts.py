"""The runs that power cuts are put to: one file each, for every way it can end, also after a run that was killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.faults.cases import recorded_steps
from benchmarks.faults.changes import Past, recorded
from benchmarks.faults.runs import Fault, ingest, ingest_with
from benchmarks.faults.stacks import DPI, filled_sheets, new_site
from pipeline.practice.scanner import as_g4_tiff, as_png
from pipeline.site import Site, open_site

LARGEST_BYTES = 1_000_000
"""What is too large to be kept here: nobody need write 4 GB for it."""


def single_files(folder: Path, seed: int) -> dict[str, Site]:
    """Sites with one file in the inbox, by what becomes of it."""
    site = new_site(folder / "paper")
    (sheet,) = filled_sheets(site, 1, seed)
    strange = np.full((400, 300), 255, np.uint8)
    strange[100:300:7, 40:260] = 0
    page = as_g4_tiff([sheet.page], DPI)
    files = {
        "read": page,
        "refused": as_png(strange, DPI),
        "set aside": page[:-40],
        "too large": bytes(LARGEST_BYTES + 1),
    }
    sites = {name: open_site(Path(shutil.copytree(site.root, folder / name))) for name in (*files, "again")}
    for name, content in {**files, "again": page}.items():
        (sites[name].inbox / "SCN_0001.tif").write_bytes(content)
    ingest(sites["again"])
    (sites["again"].inbox / "SCN_0002.tif").write_bytes(page)
    return sites


def all_pasts(sites: dict[str, Site], every: int = 1) -> Iterator[tuple[str, Past]]:
    """Each file read; given back at an error of the disk and then read; killed after each N-th step, then read."""
    with patch("pipeline.intake.LARGEST_FILE_BYTES", LARGEST_BYTES):
        steps = {name: recorded_steps(_copied(site), ingest) for name, site in sites.items()}
        for name, site in sites.items():
            yield name, _past(site, None)
        for name, site in sites.items():
            error = next((step for step in steps[name] if step.effect == "write"), None)
            if error:
                yield f"{name}, an error first", _past(site, Fault("disk error", error.number))
        for name, site in sites.items():
            for step in steps[name][::every]:
                yield f"{name}, killed first after {step.name}", _past(site, Fault("killed after", step.number))


def _past(site: Site, first: Fault | None) -> Past:
    copy = _copied(site)
    faults = [first, None] if first else [None]
    try:
        return recorded(copy, [partial(_run, copy, fault) for fault in faults])
    finally:
        shutil.rmtree(copy.root)


def _run(site: Site, fault: Fault | None, told: object) -> None:
    ingest_with(site, fault, told)  # type: ignore[arg-type]


def _copied(site: Site) -> Site:
    root = site.root.with_name(f"{site.root.name}-copy")
    shutil.rmtree(root, ignore_errors=True)
    return open_site(Path(shutil.copytree(site.root, root)))
