"""Kept originals looked through and read, each page as the last one was: what every worker loads (`kept_pages`)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pipeline.inbox.trouble import Reason, SetAside
from pipeline.page.content import FileFacts
from pipeline.reading.read_file import is_of_boxes, read_page_of_file
from pipeline.reading.readings import PictureRead
from pipeline.reading.typed import TypedFile
from pipeline.store.known import known_paper
from pipeline.store.originals import fields_of_original, inspect_original, original_page

_of_boxes_lately: dict[int, bool] = {}
"""Whether the last front (0) that was read in this process was one of boxes alone, and the last back (1). A stack of
paper goes on as it began; where it does not, a page takes longer to read and is read the same."""

_SIDES = 2


def inspect(path: Path) -> FileFacts | SetAside:
    """Look through a file: whatever it does to its reader, it costs that file and nothing else."""
    try:
        return inspect_original(path)
    except Exception as error:  # noqa: BLE001
        return _charged_to_the_file(error)


def read_fields(path: Path) -> TypedFile | SetAside:
    """Read what the fields of a PDF hold: whatever it does to its reader, it costs that file and nothing else."""
    try:
        return fields_of_original(path)
    except Exception as error:  # noqa: BLE001
        return _charged_to_the_file(error)


def read(path: Path, index: int, store: Path) -> PictureRead | SetAside:
    """Read page `index` (from 0) by the paper that `store` knows: what that does to its reader costs the page alone."""
    try:
        return _read(path, index, store)
    except Exception as error:  # noqa: BLE001
        return _charged_to_the_file(error)


def _read(path: Path, index: int, store: Path) -> PictureRead:
    """Read a page, beginning as the last one on the same side of a sheet turned out to be read."""
    page = original_page(path, index)
    side = index % _SIDES
    guess = _of_boxes_lately.get(side, any(_of_boxes_lately.values()))
    read = read_page_of_file(page, known_paper(store), half_first=guess)
    _of_boxes_lately[side] = is_of_boxes(read)
    return read


def _charged_to_the_file(error: Exception) -> SetAside:
    """What a file did to its reader; raised again where the disk, the record or a limit was at fault, and not the file.

    An error of the system has a number; those that decoders raise about a damaged picture have none.
    """
    is_of_the_system = isinstance(error, OSError) and error.errno is not None
    if is_of_the_system or isinstance(error, (MemoryError, sqlite3.Error)):
        raise error
    return SetAside(Reason.CRASHED, repr(error))
