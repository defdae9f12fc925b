"""The process that takes scans in records what others read: it loads nothing that opens, reads or prints a page."""

import subprocess
import sys

import pytest

MACHINERY = (
    "PIL",
    "cv2",
    "onnxruntime",
    "pikepdf",
    "pypdfium2",
    "pytesseract",
    "reportlab",
    "simplejpeg",
    "uharfbuzz",
    "zxingcpp",
)


LOADED = f"[name for name in {MACHINERY} if name in sys.modules]"


def told_by_a_fresh_interpreter(code: str) -> list[str]:
    """The names that it prints, once it ran this."""
    ran = subprocess.run([sys.executable, "-c", f"import sys\n{code}"], capture_output=True, text=True, check=True)
    return ran.stdout.split()


def test_taking_scans_in_loads_nothing_that_reads_them() -> None:
    code = f"import pipeline.cli.main, pipeline.cli.scans, pipeline.intake; print(*{LOADED})"
    assert told_by_a_fresh_interpreter(code) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker loads what it needs")
def test_a_worker_begins_with_all_of_it_loaded() -> None:
    code = f"""
from pipeline.inbox.workers import Workers
from pipeline.store.kept_pages import read_kept
with Workers(1) as workers:
    workers.load(read_kept)
    print(*workers.run(eval, "[name for name in {MACHINERY} if name in __import__('sys').modules]"))
"""
    assert told_by_a_fresh_interpreter(code) == list(MACHINERY)
