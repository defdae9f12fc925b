"""Real marks, cut out: boxes and bubbles that many people filled in and phones photographed, read one by one.

Open Data Kit Scan (Apache-2.0) labels each picture by its name; nothing was trained on them. Their print is known by
what the empty ones share, and each is read against it as a page made elsewhere is. Options: --shared DIR, where the
shared data is; --keep DIR, where the pictures of what is not right are put.
"""

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.code import PageCode
from pipeline.form.layout import Box, Field, PageLayout
from pipeline.page.blank import FIXED_PX_PER_MM
from pipeline.page.frames import PlacedField
from pipeline.page.known import Blank
from pipeline.page.measured import PageQuality
from pipeline.page.picture import PageImage
from pipeline.page.register import RegisteredPage
from pipeline.practice.pens import Grey
from pipeline.reading.marks import read_marks
from pipeline.reading.redraw import mark_on_page, redraw
from pipeline.reading.verdict import Verdict
from pipeline.tables.intervals import clopper_pearson

BOX_MM = 6.0
"""The photographed boxes and bubbles are 18 pixels wide: taken for 6 mm, a scale of 3 pixels a millimetre."""

PX_PER_MM = 3.0

OFF_MM = 1.0
"""How far from the middle of its picture a box may lie."""

CLEAR = ("X", "check", "diagonal", "horizontal", "vertical", "empty")
"""Kinds of which everybody would say the same; of the others only the split is told."""

READ_AS: Mapping[str, Verdict] = {**dict.fromkeys(CLEAR, Verdict.MARKED), "empty": Verdict.EMPTY}


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One picture: what its name says is in it, and its greys."""

    name: str
    kind: str
    grey: Grey


def crops(folder: Path) -> list[Crop]:
    """Load every picture of a folder."""
    return [
        Crop(path.name, _kind(path.name), np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8))
        for path in sorted(folder.glob("*.jpg"))
    ]


def _kind(name: str) -> str:
    """The words before the first number: one for a kind, several for a compound of kinds."""
    words = re.sub(r"_(empty|filled)_(cb|bub)\d+_image.*", "", name)
    return re.sub(r"_(cb|b)(_?[a-z]*\d+).*", "", words)


def common_print(empties: Sequence[Crop]) -> Blank:
    """Return what empty boxes share: their mean, each moved so that it lies on the others."""
    pictures = [_enlarged(crop.grey) for crop in empties]
    mean = np.mean(pictures, axis=0).astype(np.uint8)
    moved = [_moved(picture, _shift(picture, mean)) for picture in pictures]
    return Blank(np.mean(moved, axis=0).astype(np.uint8), FIXED_PX_PER_MM)


def _enlarged(grey: Grey) -> Grey:
    """The picture at the scale of a blank, its greys stretched so that the paper is white."""
    scale = FIXED_PX_PER_MM / PX_PER_MM
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.clip(large * (250.0 / np.percentile(large, 75)), 0, 255).astype(np.uint8)


def _shift(picture: Grey, common: Grey) -> tuple[float, float]:
    """How far (mm) a picture's box lies from the common one, right and down."""
    reach = round(OFF_MM * FIXED_PX_PER_MM)
    inner = common[reach:-reach, reach:-reach]
    match = cv2.matchTemplate(picture, inner, cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(match)
    return (x - reach) / FIXED_PX_PER_MM, (y - reach) / FIXED_PX_PER_MM


def _moved(picture: Grey, shift: tuple[float, float]) -> NDArray[np.float32]:
    by = np.array([[1, 0, -shift[0] * FIXED_PX_PER_MM], [0, 1, -shift[1] * FIXED_PX_PER_MM]], np.float32)
    size = picture.shape[1], picture.shape[0]
    return cv2.warpAffine(picture.astype(np.float32), by, size, borderMode=cv2.BORDER_REPLICATE)


def verdict_on(crop: Crop, blank: Blank, shape: Literal["box", "oval"]) -> Verdict:
    """Read one picture as a page made elsewhere that holds one field."""
    middle = crop.grey.shape[0] / PX_PER_MM / 2
    printed = Box(middle - BOX_MM / 2, middle - BOX_MM / 2, BOX_MM, BOX_MM)
    field = Field("real", "mark", printed, value="1", shape=shape, filled="marked" if shape == "oval" else "cancelled")
    dx, dy = _shift(_enlarged(crop.grey), blank.grey)
    placed = PlacedField(field, Box(printed.x + dx, printed.y + dy, BOX_MM, BOX_MM), 1.0, True)
    page = RegisteredPage(
        image=PageImage(crop.grey, None, bitonal=False),
        code=PageCode("CROP", "CROP", 1),
        layout=PageLayout(1, (), (field,), ()),
        homography=np.array([[PX_PER_MM, 0.0, -0.5], [0.0, PX_PER_MM, -0.5], [0.0, 0.0, 1.0]]),
        fields=(placed,),
        quality=PageQuality(PX_PER_MM * 25.4, None, 0.0, 0, False, 1.0, 0, 0),
    )
    (mark,) = read_marks(redraw(page, blank))
    return mark_on_page(mark, placed).verdict


def verdicts(folder: Path, shape: Literal["box", "oval"]) -> Iterator[tuple[Crop, Verdict]]:
    """Read every picture of a folder against the print that its empty ones share, an empty one against the others'."""
    every = crops(folder)
    empties = [crop for crop in every if crop.kind == "empty"]
    common = common_print(empties)
    for crop in every:
        blank = common_print([other for other in empties if other is not crop]) if crop in empties else common
        yield crop, verdict_on(crop, blank, shape)


def split(read: Sequence[tuple[Crop, Verdict]]) -> dict[str, dict[str, int]]:
    """How often each kind was read as what."""
    kinds: dict[str, Counter[str]] = {}
    for crop, verdict in read:
        kinds.setdefault(crop.kind, Counter())[verdict.value] += 1
    return {kind: dict(kinds[kind]) for kind in sorted(kinds)}


def figures(boxes: Sequence[tuple[Crop, Verdict]], bubbles: Sequence[tuple[Crop, Verdict]]) -> dict[str, object]:
    """Everything that is stated: clear kinds held to what they are, the split of all."""
    clear = [(crop, verdict) for crop, verdict in boxes if crop.kind in CLEAR]
    right = sum(verdict is READ_AS[crop.kind] for crop, verdict in clear)
    unsure = sum(verdict is Verdict.UNSURE for _, verdict in clear)
    silent = len(clear) - right - unsure
    interval = clopper_pearson(silent, len(clear))
    filled = [verdict for crop, verdict in bubbles if crop.kind == "filled"]
    return {
        "clear": len(clear),
        "right": right,
        "unsure": unsure,
        "silent": silent,
        "silent_interval": [round(interval.low, 4), round(interval.high, 4)],
        "filled_bubbles": len(filled),
        "filled_marked_or_unsure": sum(verdict in (Verdict.MARKED, Verdict.UNSURE) for verdict in filled),
        "boxes": split(boxes),
        "bubbles": split(bubbles),
    }


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("PILLARBOX_SHARED", "../shared/data")))
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    folder = options.shared / "crops" / "odkscan"
    if not folder.is_dir():
        sys.exit(f"There are no pictures to read in {folder}. Say where they lie with --shared.")
    cv2.setNumThreads(1)
    boxes = list(verdicts(folder / "checkboxes", "box"))
    bubbles = list(verdicts(folder / "bubbles", "oval"))
    for crop, verdict in boxes:
        if crop.kind in CLEAR and verdict is not READ_AS[crop.kind]:
            print(f"{'unsure' if verdict is Verdict.UNSURE else 'silent'}: {crop.name} was read as {verdict.value}")
            if options.keep is not None:
                options.keep.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(options.keep / f"{crop.name}.png"), crop.grey)
    print(json.dumps(figures(boxes, bubbles)))


if __name__ == "__main__":
    main()
