"""Pillarbox: feedback on paper and online, read into one record."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__version__ = "0.1.0"


@contextmanager
def without_pandas() -> Iterator[None]:
    """Load in here what loads pandas wherever it finds it, as if it were not installed.

    It serves tables that nobody asks of it here: half a second and 100 MB in every process that reads paper.
    """
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # type: ignore[assignment]  # importing it fails then
    try:
        yield
    finally:
        del sys.modules["pandas"]


with without_pandas():
    import sqlite_utils  # noqa: F401
