"""Files cut at any byte: none is read as a page unless its picture is whole."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from benchmarks.faults.stacks import DPI, KINDS, Sheet
from pipeline.inbox.trouble import SetAside
from pipeline.page.content import FileFacts
from pipeline.page.image import inspect, open_page
from pipeline.practice.pens import Grey
from pipeline.practice.scanner import as_tiff

WITHIN_THE_END = 60
"""Cuts tried byte by byte at the end, where what is lost may be a line feed, or the last rows of a page."""

CUT_KINDS: Mapping[str, Callable[[Grey], bytes]] = {**KINDS, "lzw.tif": lambda page: as_tiff([page], DPI)}


class CutFiles(NamedTuple):
    """How many cuts of a kind of file were tried, after how many it was read, and how often it was not whole then."""

    cuts: int
    read: int
    not_whole: int


def cut_files(sheets: tuple[Sheet, ...], number: int, seed: int) -> dict[str, CutFiles]:
    """Cut a file of each kind `number` times by lot, a fresh sheet each hundred, and byte by byte at its end."""
    return {kind: _cut(make, sheets, number, random.Random(f"{seed}{kind}")) for kind, make in CUT_KINDS.items()}


def _cut(make: Callable[[Grey], bytes], sheets: tuple[Sheet, ...], number: int, rng: random.Random) -> CutFiles:
    cuts = read = not_whole = 0
    for nth in range(-(-number // 100)):
        content = make(sheets[nth % len(sheets)].page)
        whole = _page(content)
        assert whole is not None, "a whole file must be read"
        wanted = min(100, number - 100 * nth)
        ends = [rng.randrange(len(content)) for _ in range(wanted)]
        ends += [len(content) - lost for lost in range(1, WITHIN_THE_END)] if nth == 0 else []
        for end in ends:
            page = _page(content[:end])
            cuts += 1
            read += page is not None
            not_whole += page is not None and not np.array_equal(page, whole)
    return CutFiles(cuts, read, not_whole)


def _page(content: bytes) -> Grey | None:
    """The first page of a file, None where the file or the page is set aside."""
    facts = inspect(content)
    if not isinstance(facts, FileFacts):
        return None
    page = open_page(content, 0)
    return None if isinstance(page, SetAside) else page.grey
