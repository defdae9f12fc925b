"""queXF's survey: the boxes of its XML, in pixels of its own PDF at 300 dpi, and the truth beside its filled copies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MM_PER_PX = 25.4 / 300
MARKS, LETTERS = "1", "3"
SCALES = {"A1_A": "a1.a", "A1_B": "a1.b", "B1_A": "b1.a", "B1_B": "b1.b", "B1_C": "b1.c"}


def geometry(folder: Path) -> dict[str, Any]:
    """Return where its boxes are, as `pillarbox fixed` takes it."""
    root = ElementTree.parse(folder / "test_original.xml").getroot()
    pages = [
        {"page": number, "fields": [field for group in page.iter("boxgroup") for field in _fields(group)]}
        for number, page in enumerate(root.iter("page"), 1)
    ]
    return {"paper_mm": [210, 297], "sides": "both", "pages": pages}


def truth(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the filled copies say, by file: the answers, and under `_cancelled` the boxes scribbled out."""
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {
        name: {variable(key): value for key, value in answers.items() if key != "_cancelled"}
        | {"_cancelled": {(variable(key), value) for key, values in answers["_cancelled"].items() for value in values}}
        for name, answers in told.items()
        if name != "note"
    }


def variable(name: str) -> str:
    """Return what one of its variables is called in the form's definition."""
    return SCALES.get(name, name.lower())


def _fields(group: ElementTree.Element) -> Iterator[dict[str, Any]]:
    question, kind = variable(group.findtext("varname", "")), group.findtext("type", "")
    for index, box in enumerate(group.iter("box")):
        left, top, right, bottom = (int(box.findtext(corner, "0")) for corner in ("tlx", "tly", "brx", "bry"))
        box_mm = [round(each * MM_PER_PX, 3) for each in (left, top, right - left, bottom - top)]
        if kind == MARKS:
            yield {"question": question, "kind": "mark", "value": box.findtext("value", ""), "box_mm": box_mm}
        elif kind == LETTERS:
            yield {"question": question, "kind": "character", "index": index, "box_mm": box_mm}
