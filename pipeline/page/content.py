"""The content of a file: bytes at hand, or mapped from the disk, so that no stack of paper is ever whole in memory."""

import io
from mmap import mmap
from typing import Any

Content = bytes | mmap
"""Both give bytes when sliced, and are searched and measured alike."""


def as_file(content: Content) -> io.BufferedReader:
    """Content for libraries that want a file to read from; nothing is copied until they do."""
    return io.BufferedReader(_Raw(content))


class _Raw(io.RawIOBase):
    def __init__(self, content: Content) -> None:
        super().__init__()
        self._view = memoryview(content)
        self._at = 0

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
        return len(piece)

    def close(self) -> None:
        self._view.release()
        super().close()
