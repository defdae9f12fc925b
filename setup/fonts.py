"""Make the typefaces that forms are printed in, from the npm packages they are published in.

    npm pack @fontsource/atkinson-hyperlegible-next@5.3.0 @fontsource/noto-nastaliq-urdu@5.3.0 \\
        @fontsource/noto-naskh-arabic@5.3.0 @fontsource/noto-sans-bengali@5.3.0 @fontsource/noto-sans-gurmukhi@5.3.0
    python setup/fonts.py . pipeline/form/fonts pipeline/web/static/fonts

All are under the SIL Open Font License, whose text is laid beside them. Needs fontTools and brotli, which nothing
else here does, and uharfbuzz beside them, to pack Nastaliq's rules small.

A package holds each weight of Atkinson Hyperlegible Next as two files: `latin`, and `latin-ext` with the letters
beyond it (ŵ and ŷ among them). A printed page needs one file with both. Of Noto, paper needs the letters of its
own script alone, since figures and Latin words within a line are set in Atkinson Hyperlegible. Browsers get the same,
packed, in one weight, which they embolden; but no Nastaliq. So a first visit stays below 100 kB in every language.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

PUBLISHED = "fontsource-{name}-5.3.0.tgz"

LATIN = "atkinson-hyperlegible-next"
LATIN_FAMILY = "AtkinsonHyperlegibleNext"
LATIN_WEIGHTS = {"Regular": 400, "SemiBold": 600, "Bold": 700}

# Latin text is set without kerning or ligatures, so that its measured width is the sum of its letters.
UNUSED_TABLES = ["GSUB", "GPOS", "GDEF", "DSIG"]


@dataclass(frozen=True)
class Script:
    """A Noto family: its package, the part of it that has the script, the script's letters (first, last), the file,
    and whether browsers get it."""

    package: str
    part: str
    letters: tuple[tuple[int, int], ...]
    family: str
    for_browsers: bool


JOINERS = (0x200C, 0x200D)
DANDAS = (0x0964, 0x0965)
ARABIC = (0x0600, 0x06FF)
SCRIPTS = (
    Script("noto-nastaliq-urdu", "arabic", (ARABIC, JOINERS), "NotoNastaliqUrdu", False),
    Script("noto-naskh-arabic", "arabic", (ARABIC, JOINERS), "NotoNaskhArabic", True),
    Script("noto-sans-bengali", "bengali", ((0x0980, 0x09FE), DANDAS, JOINERS), "NotoSansBengali", True),
    Script("noto-sans-gurmukhi", "gurmukhi", ((0x0A01, 0x0A76), DANDAS, JOINERS), "NotoSansGurmukhi", True),
)
NAMES = {
    "ar": ("noto-naskh-arabic", "العربية اردو"),
    "bn": ("noto-sans-bengali", "বাংলা"),
    "pa": ("noto-sans-gurmukhi", "ਪੰਜਾਬੀ"),
}
"""What languages call themselves, and the face that links to them are shown in wherever a device lacks the letters."""

SCRIPT_WEIGHTS = {"Regular": 400, "Bold": 700}


def unpacked(folder: Path, name: str, into: Path) -> Path:
    """Return the contents of a published package, laid into a folder of its own."""
    with tarfile.open(folder / PUBLISHED.format(name=name)) as package:
        package.extractall(into / name, filter="data")
    return into / name / "package"


def write_latin(package: Path, weight: int, target: Path, scratch: Path) -> None:
    """Write one TrueType file to `target` with every letter that `package` holds in `weight`."""
    parts = []
    for subset in ("latin", "latin-ext"):
        font = TTFont(package / "files" / f"{LATIN}-{subset}-{weight}-normal.woff", recalcTimestamp=False)
        font.flavor = None
        part = scratch / f"{subset}.ttf"
        font.save(part)
        parts.append(str(part))
    merged = Merger(MergeOptions(drop_tables=UNUSED_TABLES)).merge(parts)
    merged["head"].created = font["head"].created
    write(merged, target)


def write_script(package: Path, script: Script, weight: int, target: Path) -> None:
    """Write one TrueType file to `target` with the letters of `script` and all that joins and stacks them."""
    font = TTFont(package / "files" / f"{script.package}-{script.part}-{weight}-normal.woff")
    font.flavor = None
    options = Options(layout_features=["*"], glyph_names=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in script.letters for code in range(first, last + 1)])
    subsetter.subset(font)
    write(font, target)


def write_names(package: Path, script: Script, names: str, target: Path) -> None:
    """Write the few letters of languages' names: a page that offers a language need not fetch the whole face."""
    font = TTFont(package / "files" / f"{script.package}-{script.part}-400-normal.woff", recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=["*"], glyph_names=False))
    subsetter.populate(text=names)
    subsetter.subset(font)
    font.flavor = "woff2"
    write(font, target)


def write(font: TTFont, target: Path) -> None:
    """Write a font with the dates it was published with, so that the same packages give the same bytes."""
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(target)


def pack(font: Path, target: Path) -> None:
    """Write a font as browsers like it: WOFF2."""
    packed = TTFont(font, recalcTimestamp=False)
    packed.flavor = "woff2"
    packed.save(target)


def main() -> None:
    """Make every font from the packages in a folder (first argument), for paper (second) and for browsers (third)."""
    source, paper, browser = (Path(argument) for argument in sys.argv[1:4])
    paper.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        package = unpacked(source, LATIN, scratch)
        for name, weight in LATIN_WEIGHTS.items():
            write_latin(package, weight, paper / f"{LATIN_FAMILY}-{name}.ttf", scratch)
        shutil.copyfile(package / "LICENSE", paper / "OFL.txt")
        for script in SCRIPTS:
            package = unpacked(source, script.package, scratch)
            for name, weight in SCRIPT_WEIGHTS.items():
                write_script(package, script, weight, paper / f"{script.family}-{name}.ttf")
            if script.for_browsers:
                pack(paper / f"{script.family}-Regular.ttf", browser / f"{script.package}.woff2")
            for language, (package_name, names) in NAMES.items():
                if package_name == script.package:
                    write_names(package, script, names, browser / f"names-{language}.woff2")
            for place in (paper, browser) if script.for_browsers else (paper,):
                shutil.copyfile(package / "LICENSE", place / f"OFL-{script.family}.txt")


if __name__ == "__main__":
    main()
