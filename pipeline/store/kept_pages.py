"""What worker processes do with kept originals: look through a file, read one page of it, cut a picture out of one.

Whoever asks for that loads nothing of what does it. Every task here imports it when it is done, in a worker, and says
what that will be: workers have it loaded by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.form.layout import Box
from pipeline.inbox.trouble import SetAside
from pipeline.inbox.workers import loading
from pipeline.page.content import FileFacts
from pipeline.reading.readings import PictureRead
from pipeline.reading.typed import TypedFile
from pipeline.review.evidence import Shown
from pipeline.review.reader import Reader


@dataclass(frozen=True, slots=True)
class PageTask:
    """One page to read in a worker: page `index` (from 0) of the original at `path`, by what `store` knows of paper."""

    path: Path
    index: int
    store: Path


@dataclass(frozen=True, slots=True)
class Cut:
    """What to cut: page `index` (from 0) of an original, its homography (mm to pixels), and the box on the form.

    `marked` is what is framed in the picture, where the picture is of a whole page.
    """

    original: Path
    index: int
    homography: tuple[float, ...]
    box: Box
    shown: Shown
    marked: Box | None = None


@loading("pipeline.store.read_originals")
def inspect_kept(path: Path) -> FileFacts | SetAside:
    """Look through a file: whatever it does to its reader, it costs that file and nothing else."""
    from pipeline.store import read_originals

    return read_originals.inspect(path)


@loading("pipeline.store.read_originals")
def read_fields_kept(path: Path) -> TypedFile | SetAside:
    """Read what the fields of a PDF hold: whatever it does to its reader, it costs that file and nothing else."""
    from pipeline.store import read_originals

    return read_originals.read_fields(path)


@loading("pipeline.store.read_originals")
def read_kept(task: PageTask) -> PictureRead | SetAside:
    """Read a page: whatever it does to its reader, it costs that page and nothing else."""
    from pipeline.store import read_originals

    return read_originals.read(task.path, task.index, task.store)


@loading("pipeline.store.read_originals")
def reader_of_kept() -> Reader:
    """Return what reads here, told in full."""
    from pipeline.review.installed import this_reader

    return this_reader()


@loading("pipeline.store.cut_originals")
def cut_kept(what: Cut) -> bytes | SetAside:
    """Cut a picture out of a page: a whole page as JPEG, part of one as PNG; or why the page cannot be had."""
    from pipeline.store.cut_originals import cut_out

    return cut_out(what)
