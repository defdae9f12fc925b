"""Make the three typefaces that forms are printed in, from the npm package they are published in.

    npm pack @fontsource/atkinson-hyperlegible-next@5.3.0
    tar xzf fontsource-atkinson-hyperlegible-next-5.3.0.tgz
    python setup/fonts.py package pipeline/form/fonts

The package holds each weight as two files: `latin`, and `latin-ext` with the letters beyond it (ŵ and ŷ among
them). A printed page needs one file with both. Needs fontTools, which nothing else here does.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

WEIGHTS = {"Regular": 400, "SemiBold": 600, "Bold": 700}
FAMILY = "AtkinsonHyperlegibleNext"

# Form text is set without kerning or ligatures, so that its measured width is the sum of its letters.
UNUSED_TABLES = ["GSUB", "GPOS", "GDEF", "DSIG"]


def merge_weight(package: Path, weight: int, target: Path) -> None:
    """Write one TrueType file to `target` with every letter that `package` holds in `weight`."""
    with TemporaryDirectory() as folder:
        parts = []
        for subset in ("latin", "latin-ext"):
            font = TTFont(package / "files" / f"atkinson-hyperlegible-next-{subset}-{weight}-normal.woff")
            font.flavor = None
            part = Path(folder) / f"{subset}.ttf"
            font.save(part)
            parts.append(str(part))
        merged = Merger(Options(drop_tables=UNUSED_TABLES)).merge(parts)
        merged["head"].modified = merged["head"].created
        merged.recalcTimestamp = False
        merged.save(target)


def main() -> None:
    """Merge every weight from the unpacked package (first argument) into the folder (second), licence beside."""
    package, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for name, weight in WEIGHTS.items():
        merge_weight(package, weight, target / f"{FAMILY}-{name}.ttf")
    shutil.copy(package / "LICENSE", target / "OFL.txt")


if __name__ == "__main__":
    main()
