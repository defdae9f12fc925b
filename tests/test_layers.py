"""The journey holds its direction: a step imports only earlier steps, and the core touches nothing outside.

Imports are read with `ast` from every module, those inside functions and under TYPE_CHECKING included, so a
module that no other test imports is held to the line as well.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "pipeline"
SOURCE = Path(__file__).resolve().parent.parent / PACKAGE

STEPS = ("form", "inbox", "page", "reading", "review", "store", "tables", "exchange")

# What stands beside the journey, and which others of these each may import. Each may import every step, and no
# step imports any of them.
BESIDE = {
    "site": frozenset[str](),
    "crops": frozenset({"site"}),
    "practice": frozenset({"site", "intake", "hot_folder"}),
    "intake": frozenset({"site", "crops"}),
    "hot_folder": frozenset({"site", "intake"}),
    "reread": frozenset({"site", "intake"}),
    "web": frozenset({"site", "crops", "intake"}),
    "demo": frozenset({"site", "crops", "intake", "hot_folder", "practice", "web"}),
    "doctor": frozenset({"site"}),
    "analysis": frozenset[str](),
    "parity": frozenset({"web"}),
    "cli": frozenset(
        {"site", "crops", "intake", "hot_folder", "reread", "web", "demo", "doctor", "analysis", "parity"}
    ),
}

CORE_STEPS = frozenset({"form", "page", "reading", "review", "tables"})

# Modules of a core step that meet the world on its behalf, each with its reason.
EDGES = frozenset(
    {
        "pipeline.tables.formats.statistical",  # the library for SPSS and Stata writes to a path, and nowhere else
    }
)

EFFECTS = frozenset(
    {
        "glob",
        "http",
        "multiprocessing",
        "os",
        "pathlib",
        "shutil",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "time",
        "urllib.request",
    }
)


def violations(source: Path) -> list[str]:
    """Say of every import in the package at `source` that breaks the line: where it is and what it breaks."""
    return [
        f"{path.relative_to(source.parent)}, line {line}: {trouble}"
        for path in sorted(source.rglob("*.py"))
        for line, imported in imports(path, source)
        for trouble in (out_of_order(module_name(path, source), imported), effect(path, source, imported))
        if trouble
    ]


def imports(path: Path, source: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full dotted name of everything a module imports; `from a import b` yields `a.b`."""
    package = module_name(path, source).split(".")
    if path.name != "__init__.py":
        package.pop()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{origin}.{name.name}") for name in node.names)


def module_name(path: Path, source: Path) -> str:
    """Name a module as an import would: pipeline.form.layout."""
    parts = path.relative_to(source.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str | None:
    """Name the step, or what stands beside it, that a module of the package belongs to; None for others."""
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else None


def out_of_order(module: str, imported: str) -> str | None:
    """Say why one module may not import the other, or None where it may."""
    home, other = room(module), room(imported)
    if home is None or other is None or home == other or other.startswith("__"):
        return None
    for name in (home, other):
        if name not in STEPS and name not in BESIDE:
            return f"{PACKAGE}.{name} has no place in the order; give it one in {Path(__file__).name}"
    return None if other in allowed(home) else f"{home} may not import {other}"


def allowed(home: str) -> frozenset[str]:
    """Name what a room may import besides itself."""
    if home in BESIDE:
        return BESIDE[home] | frozenset(STEPS)
    return frozenset(STEPS[: STEPS.index(home)])


def effect(path: Path, source: Path, imported: str) -> str | None:
    """Say which effect an import brings into the core, or None."""
    module = module_name(path, source)
    if room(module) not in CORE_STEPS or module in EDGES:
        return None
    if any(imported == name or imported.startswith(f"{name}.") for name in EFFECTS):
        return f"{room(module)} is core and may not import {imported}; effects live at the edges"
    return None


def test_the_journey_holds_its_direction() -> None:
    broken = violations(SOURCE)
    assert not broken, "\n".join(broken)


def test_every_room_has_its_place() -> None:
    rooms = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert rooms - {"__init__", "__main__"} <= {*STEPS, *BESIDE}


def test_every_named_edge_exists() -> None:
    assert {module_name(path, SOURCE) for path in SOURCE.rglob("*.py")} >= EDGES


@pytest.fixture
def small_package(tmp_path: Path) -> Path:
    """Lay out a package of the journey's shape, so far without a fault."""
    source = tmp_path / PACKAGE
    write(source / "__init__.py", '__version__ = "1"')
    write(source / "form" / "__init__.py", "")
    write(source / "form" / "layout.py", "import json\nfrom pipeline import __version__\nfrom . import code")
    write(source / "form" / "code.py", "import posixpath, timeit")
    write(source / "page" / "register.py", "from pipeline.form.layout import lay_out\nfrom ..form import code")
    write(source / "store" / "database.py", "import sqlite3, time\nfrom pathlib import Path")
    write(source / "cli.py", "from pipeline import demo, form\nimport os")
    return source


def write(path: Path, code: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, encoding="utf-8")


def test_a_faultless_package_breaks_nothing(small_package: Path) -> None:
    assert violations(small_package) == []


@pytest.mark.parametrize(
    ("module", "code", "broken"),
    [
        ("form/layout.py", "from pipeline.page import register", "form may not import page"),
        ("form/layout.py", "import pipeline.store.database", "form may not import store"),
        ("form/layout.py", "from pipeline import store", "form may not import store"),
        ("form/layout.py", "from ..page.register import x", "form may not import page"),
        ("page/__init__.py", "from ..reading import marks", "page may not import reading"),
        ("reading/marks.py", "from pipeline.cli import main", "reading may not import cli"),
        ("tables/merge.py", "from pipeline.practice import pens", "tables may not import practice"),
        ("web/desk.py", "from pipeline.practice import pens", "web may not import practice"),
        ("demo.py", "from pipeline.cli import main", "demo may not import cli"),
        ("form/layout.py", "from pipeline.odds import ends", "pipeline.odds has no place in the order"),
        ("form/layout.py", "import os", "form is core and may not import os"),
        ("form/layout.py", "import os.path as p", "form is core and may not import os.path"),
        ("page/image.py", "from pathlib import Path", "page is core and may not import pathlib.Path"),
        ("review/doubts.py", "from urllib import request", "may not import urllib.request"),
        ("tables/report.py", "def now():\n    import time", "tables is core and may not import time"),
        ("reading/marks.py", "if TYPE_CHECKING:\n    import sqlite3", "may not import sqlite3"),
    ],
)
def test_each_fault_is_found(small_package: Path, module: str, code: str, broken: str) -> None:
    write(small_package / module, code)
    [found] = violations(small_package)
    assert found.startswith(f"pipeline/{module}, line ")
    assert broken in found
