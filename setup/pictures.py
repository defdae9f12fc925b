"""Make the pictures of the README from a demo: `.venv/bin/python setup/pictures.py demo-site`. Needs Chromium.

The form is the first page that the demo printed, the report the upper part of the page it wrote.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
HEIGHT = 1000
"""Pixels high, both of them, so that they stand beside each other."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def form_picture(site: Path) -> Image.Image:
    """Draw the first printed page."""
    with pypdfium2.PdfDocument(site / "opening-hours.pdf") as document:
        page: Image.Image = document[0].render(scale=2).to_pil()
    return page


def report_picture(site: Path) -> Image.Image:
    """Take a picture of the report as a browser shows it."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("Chromium is not installed: apt-get install chromium, or a browser of its kind.")
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "report.png"
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        size = ["--window-size=1000,1414", "--force-device-scale-factor=1.5"]
        page = (site / "report.html").resolve().as_uri()
        subprocess.run([browser, *flags, *size, f"--screenshot={shot}", page], check=True, capture_output=True)
        return Image.open(shot).copy()


def main(site: Path) -> None:
    """Write both pictures, framed by a thin grey line."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, picture in (("form", form_picture(site)), ("report", report_picture(site))):
        width = round(picture.width * HEIGHT / picture.height)
        small = picture.convert("RGB").resize((width, HEIGHT), Image.Resampling.LANCZOS)
        ImageOps.expand(small, border=1, fill="#b1b4b6").save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
