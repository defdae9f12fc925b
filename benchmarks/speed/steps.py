"""Where the processor time of a page goes: the steps of its journey timed one by one, all in this process.

The functions that are the steps are replaced, for the time of one ingest, by ones that time them. Each step is charged
with its own time, without that of steps within it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

import cv2
from rich.progress import Progress

from benchmarks.speed.stacks import Stack
from pipeline import intake

STEPS = {
    "keep the original": ("pipeline.inbox.shelf.Shelf.keep",),
    "look through the file": ("pipeline.intake.inspect_kept",),
    "take the picture out of the PDF": ("pipeline.page.image.OpenFile.page", "pipeline.page.image.OpenFile.half"),
    "check that the JPEG is whole": ("pipeline.page.jpeg.check_complete",),
    "decode the JPEG": ("pipeline.page.jpeg.decode_grey", "pipeline.page.jpeg.decode_half"),
    "look for streaks": ("pipeline.reading.read_page.without_streaks", "pipeline.reading.read_file.without_streaks"),
    "read the square codes": (
        "pipeline.reading.read_page.identify",
        "pipeline.reading.read_file.identify_by_both_codes",
    ),
    "place the paper by its corner marks": ("pipeline.reading.read_page.register",),
    "find each frame": ("pipeline.page.register.place_fields",),
    "boxes to tick": ("pipeline.reading.read_page.read_marks",),
    "boxed characters": ("pipeline.reading.read_page.read_character_boxes",),
    "writing": ("pipeline.reading.read_page.read_texts",),
    "crops of writing": ("pipeline.reading.read_page._png", "pipeline.intake.keep_crops"),
    "writing outside the fields": ("pipeline.reading.read_page.find_remarks",),
    "sign the ink": ("pipeline.reading.read_page.sign_ink",),
    "judge the answers": ("pipeline.store.projection.judge",),
    "record": ("pipeline.intake.record_pages",),
}
"""Each step, and the functions that do it, under the names by which they are called."""


def step_times(stack: Stack) -> dict[str, float]:
    """Ingest a stack in this process; processor time a page of each step, in ms. What is left over is `the rest`."""
    cv2.setNumThreads(1)
    watch = _Stopwatch()
    with ExitStack() as patched:
        for step, functions in STEPS.items():
            for name in functions:
                patched.enter_context(_timed(watch, step, name))
        patched.enter_context(patch.object(intake, "Workers", _Here))
        with watch.running("the rest"):
            intake.ingest_files(stack.site, [stack.file], Progress(disable=True))
    return {step: 1000 * spent / len(stack.jpegs) for step, spent in watch.spent.items()}


class _Stopwatch:
    """Charges processor time (seconds) to whatever runs innermost."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = dict.fromkeys((*STEPS, "the rest"), 0.0)
        self._running: list[str] = []
        self._since = time.process_time()

    @contextmanager
    def running(self, step: str) -> Iterator[None]:
        self._charge()
        self._running.append(step)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    def _charge(self) -> None:
        now = time.process_time()
        if self._running:
            self.spent[self._running[-1]] += now - self._since
        self._since = now


@contextmanager
def _timed(watch: _Stopwatch, step: str, name: str) -> Iterator[None]:
    """Time a function, named as `module.function` or `module.Class.function`, for the length of the block."""
    owner, _, function = name.rpartition(".")
    where = _found(owner)
    wrapped: Callable[..., Any] = getattr(where, function)

    def timed(*args: Any, **named: Any) -> Any:
        with watch.running(step):
            return wrapped(*args, **named)

    with patch.object(where, function, timed):
        yield


def _found(name: str) -> Any:
    """A module or a class in one."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        module, _, within = name.rpartition(".")
        return getattr(import_module(module), within)


class _Here:
    """Does in this process what workers do."""

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *trouble: object) -> None:
        pass

    def load(self, function: Callable[..., Any]) -> None:
        pass

    def run(self, function: Callable[..., Any], *arguments: object) -> Any:
        return function(*arguments)

    def map_bounded(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        return map(function, items)
