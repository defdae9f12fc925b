"""Set this checkout up: a virtual environment from the lock files, and what the system itself must bring.

`make` runs this before everything else, through `setup/prepare`. A second run finds its stamp and ends within
a tenth of a second. It needs Python's standard library only. pip comes as the wheel beside this file, because
Debian's Python has neither pip nor the means to make one; the wheel is the release that requirements-dev.txt
pins, and a test compares their hashes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "prepared"
LOCKS = tuple(CHECKOUT / f"requirements{what}.txt" for what in ("", "-analysis", "-dev"))
HEADLESS_LOCK = CHECKOUT / "requirements-headless.txt"
HANDWRITING_LOCK = CHECKOUT / "requirements-handwriting.txt"
HANDWRITING_NETWORK = "lib/python*/site-packages/rapidocr/models/PP-OCRv6_rec_small.onnx"
HANDWRITING_LOSS = (
    "The reader of handwriting is missing and could not be fetched, so written comments are not read, only\n"
    "kept as pictures for staff. Everything else works. To add it:\n"
    "    .venv/bin/pip install --no-deps --require-hashes -r requirements-handwriting.txt"
)
PIP_WHEEL = next((CHECKOUT / "setup").glob("pip-*.whl"))

OPENCV_LIBRARIES = ("libgl1", "libglib2.0-0")
TESSERACT = ("tesseract-ocr", "tesseract-ocr-eng", "tesseract-ocr-cym")
TESSERACT_LANGUAGES = frozenset({"eng", "cym"})
TESSERACT_LOSS = (
    "Tesseract with its English and Welsh data is missing and was not installed, so typed and printed\n"
    "comments will not be turned into text. Their pictures are kept, and everything else works. To add it:\n"
    f"    sudo apt-get install {' '.join(TESSERACT)}    (other systems: docs/install.md)"
)
CHROMIUM = "chromium"
NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")

# An unattended apt-get waits two minutes for another one, and ten seconds for a mirror that does not answer.
APT_OPTIONS = (
    "-qq",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Acquire::Retries=1",
    "-o",
    "Acquire::http::Timeout=10",
)


class SetupError(Exception):
    """Set-up cannot go on; the message says what is missing and what to do about it."""


def main() -> int:
    """Bring this checkout to where every `make` target works; 0 when it is there, 1 when it cannot be."""
    try:
        if not is_prepared():
            prepare()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        command = " ".join(str(part) for part in error.cmd)
        print(f"Set-up stopped at this command, which says above why:\n    {command}", file=sys.stderr)
        return 1
    if not has_tesseract():
        print(TESSERACT_LOSS, file=sys.stderr)
    if not has_handwriting_reader():
        print(HANDWRITING_LOSS, file=sys.stderr)
    return 0


def prepare() -> None:
    """Make or complete the environment, then stamp it."""
    STAMP.unlink(missing_ok=True)
    make_environment()
    install_packages()
    install_handwriting_reader()
    install_system_packages()
    install_browser()
    use_an_opencv_that_starts()
    STAMP.write_text(recipe())


def is_prepared() -> bool:
    """Whether the stamp is of exactly these lock files and this set-up, and the environment still starts."""
    return STAMP.is_file() and STAMP.read_text() == recipe() and environment_starts()


def recipe() -> str:
    """Hash everything the environment is made from, where it stands included: its scripts hold that path."""
    ingredients = hashlib.sha256(str(CHECKOUT).encode())
    for path in (*LOCKS, HEADLESS_LOCK, HANDWRITING_LOCK, CHECKOUT / "pyproject.toml", Path(__file__)):
        ingredients.update(hashlib.sha256(path.read_bytes()).digest())
    return ingredients.hexdigest()


def environment_starts() -> bool:
    """Whether the environment holds a Python that runs and is new enough."""
    return succeeds([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"])


def make_environment() -> None:
    """Make the virtual environment, unless a working one is there, and put the pinned pip into it."""
    if not environment_starts():
        say(f"Making a virtual environment in .venv with {sys.executable} ...")
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", "--prompt", "pillarbox", ENVIRONMENT])
    run([PYTHON, PIP_WHEEL / "pip", "install", "--quiet", "--no-index", PIP_WHEEL])


def install_packages() -> None:
    """Install the pinned packages, each checked against its hash, and this checkout itself.

    Wheels only: building from source would need compilers that a library's computer does not have.
    """
    say("Installing the pinned packages, each checked against its hash; this may take a minute or two ...")
    pip("uninstall", "--quiet", "--yes", "opencv-python-headless")  # of an earlier set-up: one cv2 at a time
    locks = [argument for lock in LOCKS for argument in ("--requirement", lock)]
    try:
        pip("install", "--require-hashes", "--only-binary", ":all:", *locks)
    except subprocess.CalledProcessError as error:
        raise SetupError(
            "The pinned packages could not be installed; pip says above why. If this machine reaches no\n"
            "package index, docs/install.md tells how to install from a folder of wheels."
        ) from error
    # Quieter by one step than the rest: setuptools warns of every editable installation, errors still show.
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", CHECKOUT)


def install_handwriting_reader() -> None:
    """Add the package whose network reads handwriting, without the second OpenCV and the rest it asks for.

    Only its model file is used. Nothing depends on it: where it cannot be had, set-up goes on.
    """
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    succeeds([*command, "--require-hashes", "--only-binary", ":all:", "--requirement", HANDWRITING_LOCK])


def has_handwriting_reader() -> bool:
    """Whether the network that reads handwriting is in the environment."""
    return any(ENVIRONMENT.glob(HANDWRITING_NETWORK))


def install_system_packages() -> None:
    """Bring what pip cannot, where something is missing."""
    missing = missing_system_packages()
    if missing:
        install_with_apt(missing)


def install_browser() -> None:
    """Bring a browser for the tests of the pages, which skip without one; nothing else uses it.

    By itself: where apt-get knows no Chromium, Tesseract is to be installed all the same.
    """
    if not any(map(shutil.which, NAMES_OF_CHROMIUM)):
        install_with_apt((CHROMIUM,))


def install_with_apt(packages: Sequence[str]) -> None:
    """Install Debian packages with apt-get, where it may be used; what cannot be had stays missing."""
    administrator = as_administrator()
    if administrator is None:
        return
    say(f"Installing {', '.join(packages)} with apt-get ...")
    install = [
        *administrator,
        "apt-get",
        *APT_OPTIONS,
        "install",
        "--yes",
        "--no-install-recommends",
        *packages,
    ]
    if not succeeds(install):
        succeeds([*administrator, "apt-get", *APT_OPTIONS, "update"])
        succeeds(install)


def missing_system_packages() -> tuple[str, ...]:
    """Name the Debian packages that this machine lacks and pillarbox uses."""
    return (() if opencv_starts() else OPENCV_LIBRARIES) + (() if has_tesseract() else TESSERACT)


def as_administrator() -> tuple[str, ...] | None:
    """Tell how to run apt-get with the rights it needs; None where it is absent, unwanted or not allowed."""
    if shutil.which("apt-get") is None or os.environ.get("PILLARBOX_APT") == "never":
        return None
    environment = ("env", "DEBIAN_FRONTEND=noninteractive")
    if os.geteuid() == 0:
        return environment
    return ("sudo", "-n", *environment) if succeeds(["sudo", "-n", "true"]) else None


def has_tesseract() -> bool:
    """Whether Tesseract is here with its English and its Welsh data."""
    if shutil.which("tesseract") is None:
        return False
    listing = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return set(listing.stdout.split()) >= TESSERACT_LANGUAGES


def opencv_starts() -> bool:
    """Whether OpenCV finds the shared libraries it was linked to."""
    return succeeds([PYTHON, "-c", "import cv2"])


def use_an_opencv_that_starts() -> None:
    """Put OpenCV's headless build in place of the full one where its windowing libraries cannot be had.

    pillarbox opens no windows, so nothing is lost. An environment must hold one cv2 only: both builds write
    to the same folder, hence the one is taken out before the other goes in.
    """
    if opencv_starts():
        return
    say("OpenCV lacks libGL or GLib here, so its headless build of the same version is used. Nothing is lost.")
    pip("uninstall", "--yes", "opencv-python")
    pip("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", HEADLESS_LOCK)
    if not opencv_starts():
        raise SetupError(
            "OpenCV does not start on this machine. To see why: .venv/bin/python -c 'import cv2'\n"
            f"On Debian and Ubuntu this usually helps: sudo apt-get install {' '.join(OPENCV_LIBRARIES)}"
        )


def pip(action: str, *arguments: str | Path) -> None:
    """Run the environment's own pip, without its chatter."""
    run([PYTHON, "-m", "pip", action, "--quiet", "--disable-pip-version-check", *arguments])


def run(command: Sequence[str | Path]) -> None:
    """Run a command that has to work, in the checkout."""
    subprocess.run(command, cwd=CHECKOUT, check=True)


def succeeds(command: Sequence[str | Path]) -> bool:
    """Run a command for its exit status alone; one that is not there does not succeed."""
    try:
        finished = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return finished.returncode == 0


def say(message: str) -> None:
    """Tell the person waiting what is being done."""
    print(message, flush=True)


if __name__ == "__main__":
    sys.exit(main())
