"""Every step of taking a scan in that reaches the disk or the record, named and counted, with a fault where wanted.

A step is a call into the system from the code of pillarbox: a file made, written to, synced, renamed, linked or
deleted, a folder made, a transaction begun or committed. They are found by watching those calls, and not from a list,
so that a step that is added later has its faults put to it too.
"""

from __future__ import annotations

import io
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = f"{os.sep}pipeline{os.sep}"
NAMED_BY = 3
"""How many functions of pillarbox name a step, the innermost first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number in the run from 1, what is done (`fsync`), by which functions, to which paths or record.

    `write` carries what is written and where in the file.
    """

    number: int
    effect: str
    where: str
    paths: tuple[Path, ...] = ()
    offset: int = 0
    content: bytes = b""

    @property
    def name(self) -> str:
        """The name of the step: what is done where."""
        return f"{self.effect} in {self.where}"


Told = Callable[[Step], None]


class Watch:
    """Tells of every step under the folder `root`, just before it is done and just after."""

    def __init__(self, root: Path, before: Told, after: Told) -> None:
        self._root, self._before, self._after = root, before, after
        self._number, self._is_telling = 0, False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Watch for the length of the block."""
        kept = {name: getattr(os, name) for name in ("rename", "replace", "link", "unlink", "mkdir", "fsync")}
        opened, connect = io.open, sqlite3.connect
        for name, function in kept.items():
            setattr(os, name, self._watched(name, function))
        io.open = self._opening(opened)  # type: ignore[assignment]
        sqlite3.connect = self._connecting(connect)  # type: ignore[assignment]
        try:
            yield
        finally:
            for name, function in kept.items():
                setattr(os, name, function)
            io.open, sqlite3.connect = opened, connect  # type: ignore[assignment]

    def step(self, do: Callable[[], Any], effect: str, **told: Any) -> Any:
        """Do one step, and tell of it."""
        where = "" if self._is_telling else _callers()
        if not where:
            return do()
        self._number += 1
        step = Step(self._number, effect, where, **told)
        self._tell(self._before, step)
        done = do()
        self._tell(self._after, step)
        return done

    def _tell(self, told: Told, step: Step) -> None:
        """What those who are told do themselves is no step."""
        self._is_telling = True
        try:
            told(step)
        finally:
            self._is_telling = False

    def _watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            def do() -> Any:
                return function(*arguments, **options)

            if name == "fsync":
                path = Path(f"/proc/self/fd/{arguments[0]}").readlink()
                return self.step(do, name, paths=(path,))
            paths = tuple(Path(argument) for argument in arguments if isinstance(argument, str | os.PathLike))
            if name == "mkdir" and paths[0].is_dir():
                return do()
            return self.step(do, "rename" if name == "replace" else name, paths=paths)

        return watched

    def _opening(self, opened: Callable[..., Any]) -> Callable[..., Any]:
        def open_watched(file: Any, mode: str = "r", buffering: int = -1, *arguments: Any, **options: Any) -> Any:
            if mode.strip("bt") == "r" or not str(file).startswith(str(self._root)):
                return opened(file, mode, buffering, *arguments, **options)
            plain = mode.replace("b", "").replace("t", "")
            raw = self.step(lambda: _Watched(self, file, plain), "create", paths=(Path(file),))
            buffered = io.BufferedWriter(raw)
            return buffered if "b" in mode else io.TextIOWrapper(buffered, *arguments, **options)

        return open_watched

    def _connecting(self, connect: Callable[..., Any]) -> Callable[..., Any]:
        watch = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
                if not sql.startswith("BEGIN"):
                    return super().execute(sql, *parameters)
                return watch.step(lambda: super(Connection, self).execute(sql, *parameters), "begin")

            def commit(self) -> None:
                watch.step(super().commit, "commit")

        return lambda *arguments, **options: connect(*arguments, factory=Connection, **options)


class _Watched(io.FileIO):
    """A file each of whose writes is a step."""

    def __init__(self, watch: Watch, path: Any, mode: str) -> None:
        super().__init__(path, mode)
        self._watch = watch

    def write(self, content: Any) -> int:
        written = bytes(content)
        told = {"paths": (Path(str(self.name)),), "offset": self.tell(), "content": written}
        return int(self._watch.step(lambda: super(_Watched, self).write(written), "write", **told))


def _callers() -> str:
    """The functions of pillarbox that a call comes from, the innermost first; empty where it comes from none."""
    names: list[str] = []
    frame = sys._getframe(2)
    while frame is not None and len(names) < NAMED_BY:
        if PACKAGE in frame.f_code.co_filename and not frame.f_code.co_name.startswith("<"):
            names.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
        frame = frame.f_back  # type: ignore[assignment]
    return " for ".join(names)
