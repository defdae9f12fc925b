"""What every test stands on: no outside network, properties without deadlines, and the shared data."""

import os
import runpy
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["browser", "counter"]

CHECKOUT = Path(__file__).resolve().parent.parent
OFFLINE = Path(__file__).resolve().parent / "offline"

# Drawing and reading a page takes as long as the machine is busy, so examples have no deadline. They are the
# same examples each time: a test that fails for one person fails for the next.
settings.register_profile("pillarbox", deadline=None, derandomize=True, database=None)
settings.load_profile("pillarbox")


def pytest_configure() -> None:
    """Forbid outside connections to this process and to every Python it will start, which finds the tests' modules."""
    runpy.run_path(str(OFFLINE / "sitecustomize.py"))
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(OFFLINE), str(OFFLINE.parent), *([inherited] if inherited else [])])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Find the folder of real scans, marks and broken files; the test skips where it is absent.

    PILLARBOX_SHARED names it, or else it is `shared/data` beside the checkout. It is too large, and under too
    many licences, to be part of the project.
    """
    folder = Path(os.environ.get("PILLARBOX_SHARED", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the shared test data is not at {folder}; set PILLARBOX_SHARED to where it is")
    return folder
