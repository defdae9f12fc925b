"""The picture beside what a person is asked, cut from the kept original when it is first wanted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from sqlite_utils import Database

from pipeline.form.layout import Box
from pipeline.inbox.shelf import Shelf
from pipeline.inbox.workers import Workers
from pipeline.page.content import RENDER_DPI
from pipeline.review.evidence import Shown, shown_around, shown_of_box
from pipeline.site import Site
from pipeline.store.catalogue import layout_of
from pipeline.store.kept_pages import Cut, cut_kept

_MM_PER_INCH = 25.4


class OnPaper(Protocol):
    """What can be shown as it is on the paper: the `name` to ask for it by, and its box (mm) on a page of a kept file.

    `shown` says how much of the page around the box; on a whole page the box is marked, if there is one. Without a
    file, nothing is shown.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def sha256(self) -> str | None: ...  # noqa: D102
    @property
    def page(self) -> int | None: ...  # noqa: D102
    @property
    def box_mm(self) -> tuple[float, float, float, float] | None: ...  # noqa: D102
    @property
    def shown(self) -> Shown: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class WholePage:
    """The whole page on which something stands, with its place marked."""

    of: OnPaper

    @property
    def name(self) -> str:
        """The name of what it is about."""
        return self.of.name

    @property
    def sha256(self) -> str | None:
        """The file that the page is in."""
        return self.of.sha256

    @property
    def page(self) -> int | None:
        """Its number in the file, from 0."""
        return self.of.page

    @property
    def box_mm(self) -> tuple[float, float, float, float] | None:
        """The place that is marked."""
        return self.of.box_mm

    @property
    def shown(self) -> Shown:
        """All of it."""
        return Shown.PAGE


def cut_crops(site: Site, db: Database, workers: Workers, wanted: Sequence[OnPaper]) -> None:
    """Cut all pictures that are not there yet; the originals are opened in the workers, never here.

    What was on an original that is no longer kept goes without.
    """
    missing = [each for each in wanted if each.sha256 and crop_path(site, db, each) is None]
    found = [(each, what) for each in missing if (what := _what_to_cut(site, db, each))]
    cuts = workers.map_bounded(cut_kept, [what for _, what in found])
    for (each, _), picture in zip(found, cuts, strict=True):
        if isinstance(picture, bytes):
            _write(_path(site, db, each), picture)


def crop_path(site: Site, db: Database, wanted: OnPaper) -> Path | None:
    """Return the picture of what came on paper, or None where there is none (yet): a row as PNG, a page as JPEG."""
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
    shown = json.dumps([wanted.sha256, wanted.page, read and read[0], wanted.box_mm, wanted.shown])
    suffix = "jpg" if wanted.shown is Shown.PAGE else "png"
    return site.archive / "crops" / f"{hashlib.sha256(shown.encode()).hexdigest()[:32]}.{suffix}"


def _what_to_cut(site: Site, db: Database, wanted: OnPaper) -> Cut | None:
    (body,) = db.execute(
        "SELECT b.body FROM pages p JOIN event_bodies b ON b.event = p.event WHERE p.sha256 = ? AND p.page = ?",
        [wanted.sha256, wanted.page],
    ).fetchone()
    width, height = layout_of(db, json.loads(body)["layout"]).paper_mm
    original = Shelf(site.archive).find(str(wanted.sha256))
    if original is None:
        return None
    homography = _homography(json.loads(body))
    index, place = int(wanted.page or 0), Box(*wanted.box_mm) if wanted.box_mm else None
    if place is None or wanted.shown is Shown.PAGE:
        return Cut(original, index, homography, Box(0, 0, width, height), Shown.PAGE, place)
    shown = shown_of_box(place) if wanted.shown is Shown.BOX else shown_around(place, (width, height))
    return Cut(original, index, homography, shown, wanted.shown)


def _homography(body: dict[str, Any]) -> tuple[float, ...]:
    """How millimetres become pixels on a page: as it was registered, or as a PDF of ours is drawn."""
    if "reading" in body:
        return tuple(body["reading"]["homography"])
    scale = RENDER_DPI / _MM_PER_INCH
    return (scale, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 1.0)


def _write(path: Path, picture: bytes) -> None:
    """Write a picture so that it is never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f".{uuid4().hex}")
    arriving.write_bytes(picture)
    arriving.replace(path)
