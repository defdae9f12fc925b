"""What a fresh machine is given: pinned packages with hashes, no addresses, and every file of the package."""

import hashlib
import os
import re
import runpy
import subprocess
import tomllib
from importlib import resources
from importlib.metadata import distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-headless.txt", "requirements-handwriting.txt")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<rest>(?:.*\\\n)+.*)$", re.MULTILINE)


def text_of(lock: str) -> str:
    return (CHECKOUT / lock).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    return {found["name"]: found["version"] for found in PIN.finditer(text_of(lock))}


def declared_dependencies() -> set[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split("[<>=]", dependency)[0] for dependency in project["dependencies"]}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_with_hashes_and_names_no_address(lock: str) -> None:
    text = text_of(lock)
    assert "://" not in text
    found = list(PIN.finditer(text))
    assert all("--hash=sha256:" in each["rest"] for each in found)
    assert len(found) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), "each line that names a package pins it"


def test_every_declared_dependency_is_pinned() -> None:
    assert declared_dependencies() <= pins("requirements.txt").keys()


def test_both_locks_agree_where_they_meet() -> None:
    running, developing = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: running[name] for name in running.keys() & developing.keys()}.items() <= developing.items()


def test_there_is_one_opencv_and_its_headless_build_is_the_same_version() -> None:
    running = pins("requirements.txt")
    assert [name for name in running if name.startswith("opencv")] == ["opencv-python"]
    assert pins("requirements-headless.txt") == {"opencv-python-headless": running["opencv-python"]}


def test_the_reader_of_handwriting_is_pinned_alone_and_explained() -> None:
    assert pins("requirements-handwriting.txt").keys() == {"rapidocr"}
    assert "rapidocr" not in pins("requirements.txt")
    assert "**rapidocr**" in (CHECKOUT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def test_the_environment_holds_one_opencv() -> None:
    names = {each.metadata["Name"].lower() for each in distributions()}
    assert len({name for name in names if name.startswith("opencv")}) == 1


def test_set_up_goes_on_without_the_reader_of_handwriting(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = runpy.run_path(str(CHECKOUT / "setup" / "prepare.py"))
    install = prepare["install_handwriting_reader"]
    commands: list[list[str]] = []
    monkeypatch.setitem(install.__globals__, "succeeds", lambda command: bool(commands.append(command)))
    install()
    [command] = commands
    assert {"--no-deps", "--require-hashes"} <= set(command)


@pytest.mark.parametrize(("browser", "wanted"), [(None, [("chromium",)]), ("/usr/bin/chromium", [])])
def test_a_browser_is_installed_by_itself_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, browser: str | None, wanted: list[tuple[str, ...]]
) -> None:
    install = runpy.run_path(str(CHECKOUT / "setup" / "prepare.py"))["install_browser"]
    asked: list[tuple[str, ...]] = []
    monkeypatch.setitem(install.__globals__, "install_with_apt", asked.append)
    monkeypatch.setattr("shutil.which", lambda name: browser)
    install()
    assert asked == wanted


def test_the_pip_in_the_checkout_is_the_pinned_one() -> None:
    [wheel] = (CHECKOUT / "setup").glob("pip-*.whl")
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() in text_of("requirements-dev.txt")


def test_every_file_of_the_package_is_installed() -> None:
    listing = subprocess.run(["git", "ls-files", "pipeline"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    installed = resources.files("pipeline")
    tracked = [Path(name).relative_to("pipeline") for name in listing.stdout.splitlines()]
    assert [str(path) for path in tracked if not installed.joinpath(*path.parts).is_file()] == []


def test_every_dependency_is_explained() -> None:
    explained = (CHECKOUT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert {name for name in declared_dependencies() if f"**{name}**" not in explained} == set()


def test_without_a_python_set_up_says_what_to_do(tmp_path: Path) -> None:
    finished = subprocess.run(
        ["/bin/sh", CHECKOUT / "setup" / "prepare"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "Python 3.11 or newer" in finished.stderr
    assert "install python3" in finished.stderr


def test_the_ci_runs_what_everybody_runs() -> None:
    script = CHECKOUT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "exec make test" in script.read_text(encoding="utf-8")
