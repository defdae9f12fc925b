"""The picture beside what a person is asked, cut from the kept original when it is first wanted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import cv2
import numpy as np
from sqlite_utils import Database

from pipeline.form.layout import Box
from pipeline.inbox.shelf import Shelf
from pipeline.inbox.trouble import SetAside
from pipeline.inbox.workers import Workers
from pipeline.page.plane import cut
from pipeline.review.evidence import PAGE_PIXELS_PER_MM, PIXELS_PER_MM, shown_around
from pipeline.site import Site
from pipeline.store.catalogue import layout_of
from pipeline.store.originals import page_of_original


class OnPaper(Protocol):
    """What can be shown as it is on the paper: the `name` to ask for it by, and its box (mm) on a page of a kept file.

    Without a box, the whole page is shown; without a file, nothing.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def sha256(self) -> str | None: ...  # noqa: D102
    @property
    def page(self) -> int | None: ...  # noqa: D102
    @property
    def box_mm(self) -> tuple[float, float, float, float] | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Cut:
    """What to cut: page `index` (from 0) of an original, its homography (mm to pixels), and the box on the form."""

    original: Path
    index: int
    homography: tuple[float, ...]
    box: Box
    pixels_per_mm: float


def cut_crops(site: Site, db: Database, workers: Workers, wanted: Sequence[OnPaper]) -> None:
    """Cut all pictures that are not there yet; the originals are opened in the workers, never here.

    What was on an original that is no longer kept goes without.
    """
    missing = [each for each in wanted if each.sha256 and crop_path(site, db, each) is None]
    found = [(each, what) for each in missing if (what := _what_to_cut(site, db, each))]
    cuts = workers.map_bounded(_cut_out, [what for _, what in found])
    for (each, _), picture in zip(found, cuts, strict=True):
        if isinstance(picture, bytes):
            _write(_path(site, db, each), picture)


def crop_path(site: Site, db: Database, wanted: OnPaper) -> Path | None:
    """Return the picture (PNG) of what came on paper, or None where there is none (yet)."""
    path = _path(site, db, wanted)
    return path if path.exists() else None


def can_show(site: Site, db: Database, wanted: OnPaper) -> bool:
    """Whether there is a picture, or an original to cut it from."""
    return crop_path(site, db, wanted) is not None or is_kept(site, str(wanted.sha256))


def is_kept(site: Site, sha256: str) -> bool:
    """Whether the original with this hash is kept still."""
    return Shelf(site.archive).find(sha256) is not None


def _path(site: Site, db: Database, wanted: OnPaper) -> Path:
    """Where a picture is kept: by what it shows, since a page that is read again may have the box elsewhere."""
    read = db.execute("SELECT event FROM pages WHERE sha256 = ? AND page = ?", [wanted.sha256, wanted.page]).fetchone()
    shown = json.dumps([wanted.sha256, wanted.page, read and read[0], wanted.box_mm])
    return site.archive / "crops" / f"{hashlib.sha256(shown.encode()).hexdigest()[:32]}.png"


def _what_to_cut(site: Site, db: Database, wanted: OnPaper) -> _Cut | None:
    """One answer is shown with the words around it; what is about the whole return shows the page."""
    (body,) = db.execute(
        "SELECT b.body FROM pages p JOIN event_bodies b ON b.event = p.event WHERE p.sha256 = ? AND p.page = ?",
        [wanted.sha256, wanted.page],
    ).fetchone()
    width, height = layout_of(db, json.loads(body)["layout"]).paper_mm
    original = Shelf(site.archive).find(str(wanted.sha256))
    if original is None:
        return None
    homography = tuple(json.loads(body)["reading"]["homography"])
    if wanted.box_mm is None:
        return _Cut(original, int(wanted.page or 0), homography, Box(0, 0, width, height), PAGE_PIXELS_PER_MM)
    shown = shown_around(Box(*wanted.box_mm), (width, height))
    return _Cut(original, int(wanted.page or 0), homography, shown, PIXELS_PER_MM)


def _cut_out(what: _Cut) -> bytes | SetAside:
    page = page_of_original(what.original, what.index)
    if isinstance(page, SetAside):
        return page
    homography = np.asarray(what.homography, dtype=np.float64).reshape(3, 3)
    return cv2.imencode(".png", cut(page.grey, homography, what.box, what.pixels_per_mm))[1].tobytes()


def _write(path: Path, picture: bytes) -> None:
    """Write a picture so that it is never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f".{uuid4().hex}")
    arriving.write_bytes(picture)
    arriving.replace(path)
