"""Pillarbox: feedback on paper and online, read into one record."""

import sys
from importlib import import_module

__version__ = "0.1.0"


def _load_without_pandas(*names: str) -> None:
    """Load modules that load pandas wherever they find it, as if it were not installed.

    It serves tables that nobody asks of them here: half a second and 100 MB in every process that reads paper.
    """
    if "pandas" not in sys.modules:
        sys.modules["pandas"] = None  # type: ignore[assignment]  # importing it fails then
        try:
            for name in names:
                import_module(name)
        finally:
            del sys.modules["pandas"]


_load_without_pandas("pytesseract", "sqlite_utils")
