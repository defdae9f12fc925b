"""The content of a file: bytes at hand, or mapped from the disk, so that no stack of paper is ever whole in memory;
and what was found to be in it."""

import io
import mmap as memory
from dataclasses import dataclass
from enum import StrEnum
from mmap import mmap
from typing import Any

Content = bytes | mmap
"""Both give bytes when sliced, and are searched and measured alike."""


class Kind(StrEnum):
    """The four kinds of file that are read."""

    PDF = "pdf"
    TIFF = "tiff"
    JPEG = "jpeg"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a whole file holds: its kind, its number of pages, and whether it has fields that can be filled in."""

    kind: Kind
    pages: int
    has_fields: bool = False


RENDER_DPI = 300
"""Resolution at which a page of a PDF is drawn that is not one picture, in dots per inch."""

_AROUND = 1 << 19
_MOST_MAPPED = 1 << 25
"""Bytes that Linux may map around each place that is touched (0.4 MB were seen), and bytes mapped until they are let
go of: looking through a thousand pages would otherwise end with all of them mapped."""


def as_file(content: Content) -> io.BufferedReader:
    """Content for libraries that want a file to read from; nothing is copied until they do."""
    return io.BufferedReader(_Raw(content))


def unmap(content: Content) -> None:
    """Let go of what was read of mapped content, where the system can: it no longer counts as this process's memory."""
    if isinstance(content, mmap) and hasattr(memory, "MADV_DONTNEED"):
        content.madvise(memory.MADV_DONTNEED)


class _Raw(io.RawIOBase):
    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content
        self._view = memoryview(content)
        self._at = 0
        self._mapped = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        if at < 0:
            raise ValueError(f"there is no byte {at} in a file")
        self._at = at
        return at

    def readinto(self, target: Any) -> int:
        room = memoryview(target).cast("B")
        piece = self._view[self._at : self._at + len(room)]
        room[: len(piece)] = piece
        self._at += len(piece)
        self._let_go(len(piece))
        return len(piece)

    def _let_go(self, read: int) -> None:
        """Unmap what was read, now and then; it stays on the disk and mostly in the system's memory."""
        self._mapped += read + _AROUND
        if self._mapped > _MOST_MAPPED:
            unmap(self._content)
            self._mapped = 0

    def close(self) -> None:
        self._view.release()
        super().close()
