"""Whether the check sheet names each fault of a scanner, no other, and leaves a scanner that is set well in peace.

Scanners that are set well are drawn at random: 200 to 400 dots an inch, printers that shrink or enlarge, guides not
quite shut, either way up. Some are asked as they are, as many others with each of the faults. Options: --scanners (of
each kind), --seed.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from pipeline.form.paper.check_sheet import CHECK_COPY, lay_out_check_sheet
from pipeline.form.printing import print_copies
from pipeline.page.advice import Hint, advise_scanner
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.practice.pens import Grey
from pipeline.practice.scanner import Scanner, ordinary_scanner, scan
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import CheckPage

DPI = 300
PRINTED = KnownPaper({})

Random = np.random.Generator
Colours = NDArray[np.uint8]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a scanner: its settings, what its light shows of the colours, what it makes of the picture."""

    hints: frozenset[Hint]
    settings: Callable[[Random], Mapping[str, float]] = lambda rng: {}
    light: Callable[[Colours], Grey] = lambda colours: np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), np.uint8)
    picture: Callable[[Grey, Random], Grey] = lambda picture, rng: picture


def brightness(by: float, times: float) -> Callable[[Grey, Random], Grey]:
    """Return what a wrong brightness does."""
    return lambda picture, rng: np.clip(picture * times + by, 0, 255).astype(np.uint8)


def dust(picture: Grey, rng: Random) -> Grey:
    """Return the picture with a line down it, a quarter darker, where the paper is."""
    column = int(rng.uniform(0.1, 0.9) * picture.shape[1])
    dusty = picture.copy()
    dusty[:, column : column + 2] = dusty[:, column : column + 2] * 0.75
    return dusty


def channel(number: int) -> Callable[[Colours], Grey]:
    """Return what light of one colour shows: 0 red, 2 blue."""
    return lambda colours: np.ascontiguousarray(colours[:, :, number])


FAULTS = {
    "none": Fault(frozenset()),
    "too dark": Fault(frozenset({Hint.DARK}), picture=brightness(-60, 1.0)),
    "dim lamp": Fault(frozenset({Hint.DARK}), picture=brightness(0, 0.75)),
    "too light": Fault(frozenset({Hint.PALE}), picture=brightness(0, 1.35)),
    "blurred": Fault(frozenset({Hint.BLURRED}), lambda rng: {"blur": rng.uniform(0.105, 0.14)}),
    "black and white": Fault(frozenset({Hint.BITONAL}), lambda rng: {"bitonal": int(rng.integers(140, 180))}),
    "150 dpi": Fault(frozenset({Hint.COARSE}), lambda rng: {"dpi": 150}),
    "askew": Fault(frozenset({Hint.ASKEW}), lambda rng: {"turn": rng.choice((-1, 1)) * rng.uniform(3.4, 5)}),
    "dust": Fault(frozenset({Hint.STREAK, Hint.STREAK_UPSIDE_DOWN}), picture=dust),
    "blue light": Fault(frozenset({Hint.LOSES_BLUE}), light=channel(2)),
    "red light": Fault(frozenset({Hint.LOSES_RED}), light=channel(0)),
}


def good_scanner(rng: Random) -> Scanner:
    """Return a scanner that is set well and clean."""
    ordinary = ordinary_scanner(rng, int(rng.choice([200, 300, 300, 400])))
    return replace(ordinary, turn=float(rng.uniform(-2.5, 2.5)), streaks=0, shadow=0.0)


def named(sheet: Colours, fault: Fault, rng: Random) -> frozenset[Hint] | None:
    """Return what is to be done about a scanner, by its sheet; None where the sheet was not known."""
    scanner = replace(good_scanner(rng), **fault.settings(rng))
    picture = fault.picture(scan(fault.light(sheet), DPI / 25.4, scanner, rng), rng)
    if scanner.bitonal is None:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, scanner.jpeg_quality])[1]
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    read = read_image(PageImage(picture, (scanner.dpi, scanner.dpi), scanner.bitonal is not None), PRINTED)
    if not isinstance(read, CheckPage) or read.check is None:
        return None
    return frozenset(each.hint for each in advise_scanner(read.check) if not each.harmless)


def count(sheet: Colours, scanners: int, seed: int) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield for each fault in how many scans it was named, something else was, and the sheet was not known."""
    for number, (name, fault) in enumerate(FAULTS.items()):
        told = [named(sheet, fault, np.random.default_rng((seed, number, nth))) for nth in range(scanners)]
        yield (
            name,
            {
                "scans": scanners,
                "named": sum(hints is not None and (not fault.hints or bool(hints & fault.hints)) for hints in told),
                "something_else": sum(bool(hints and hints - fault.hints) for hints in told),
                "not_known": told.count(None),
            },
        )


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scanners", type=int, default=40)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    with pypdfium2.PdfDocument(print_copies(lay_out_check_sheet(), [CHECK_COPY])) as document:
        sheet = np.array(document[0].render(scale=DPI / 72).to_numpy())[:, :, 2::-1].copy()
    faults = dict(count(sheet, options.scanners, options.seed))
    for name, counts in faults.items():
        print(f"{name:16}", *(f"{value} {what.replace('_', ' ')}" for what, value in counts.items()), sep="  ")
    wrong = {
        "missed": sum(each["scans"] - each["named"] for each in faults.values()),
        "false": sum(each["something_else"] for each in faults.values()),
        "scans": sum(each["scans"] for each in faults.values()),
    }
    print(json.dumps({**wrong, "faults": faults, "seed": options.seed}))


if __name__ == "__main__":
    main()
