"""Kept originals as workers read them: mapped from the disk, and laid open as long as their pages are wanted."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pipeline.inbox.trouble import SetAside
from pipeline.page.content import Content, FileFacts, unmap
from pipeline.page.image import OpenFile, PageImage, inspect
from pipeline.page.numbering import picture_of
from pipeline.reading.read_file import PageOfFile
from pipeline.reading.typed import TypedFile, read_fields

Taken = TypeVar("Taken")


def inspect_original(path: Path) -> FileFacts | SetAside:
    """What a kept file holds, or why it is set aside. Raises OSError."""
    return inspect(_mapped(path))


def fields_of_original(path: Path) -> TypedFile:
    """What the fields of a kept PDF hold. Raises OSError, and what pdfplumber raises where it cannot read the file."""
    return read_fields(_mapped(path))


def page_of_original(path: Path, index: int) -> PageImage | SetAside:
    """Page `index` (from 0) of a kept file, or why it is set aside; a card is shown by its picture. Raises OSError."""
    return original_page(path, index).whole()


def original_page(path: Path, index: int) -> PageOfFile:
    """The same page, to be had whole or at half its size. Raises OSError.

    The file stays open for its next page, but what was read of it leaves this process's memory.
    """
    content, file = _laid_open(path)

    def taken(page: Callable[[int], Taken]) -> Taken:
        picture = page(picture_of(index))
        unmap(content)
        return picture

    return PageOfFile(whole=lambda: taken(file.page), half=lambda: taken(file.half))


@lru_cache(maxsize=1)
def _laid_open(path: Path) -> tuple[Content, OpenFile]:
    content = _mapped(path)
    return content, OpenFile(content)


def _mapped(path: Path) -> Content:
    """The bytes of a file where they lie; nothing can be mapped of an empty one."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
