"""FormScanner's questionnaire: the bubbles of its template, found again as rings on its blank PDF, and its truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np

from benchmarks.foreign.pictures import Grey

MM_PER_PX = 25.4 / 300
CORNERS = ("TOP_LEFT", "TOP_RIGHT", "BOTTOM_RIGHT", "BOTTOM_LEFT")
RING_PX = (18, 50)
VALUES = {
    "<25": "under-25",
    ">=60": "60-up",
    "<1": "under-1",
    "strongly agree": "strongly_agree",
    "strongly disagree": "strongly_disagree",
}
ON_PAPER = {("Q00005.jpg", "restaurants"): ""}
"""Where truth.json is not what stands on the paper: all five bubbles of this question are empty on this scan."""

STATEMENTS = ("movies", "music", "reading")


def geometry(folder: Path, blank: Grey) -> dict[str, Any]:
    """Return where its bubbles are on the blank, a picture of 300 dpi, as `pillarbox fixed` takes it.

    The template gives points on one of its scans; its corners carry them over to the blank, where each is moved to
    the ring it falls in.
    """
    root = ElementTree.parse(folder / "questionnaire_template.xtmpl").getroot()
    seen = np.array([_point(root.find(f".//corner[@position='{name}']/point")) for name in CORNERS])
    to_blank, _ = cv2.findHomography(seen, _corners(blank))
    rings = list(_rings(blank))
    fields = [
        {**named, "kind": "mark", "shape": "oval", "box_mm": _ring_at(rings, _carried(to_blank, point))}
        for named, point in _bubbles(root)
    ]
    return {"paper_mm": [210, 297], "pages": [{"page": 1, "fields": fields}]}


def truth(folder: Path) -> dict[str, dict[str, str]]:
    """Return what each scan says, by file, and under `qr` the words of its barcode."""
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]
    return {
        name: {variable(key): ON_PAPER.get((name, key), _stored(value)) for key, value in answers.items()}
        for name, answers in told.items()
    }


def variable(name: str) -> str:
    """Return what one of its variables is called in the form's definition."""
    return f"agree.{name}" if name in STATEMENTS else name


def _stored(value: str | list[str]) -> str:
    if isinstance(value, str):
        return VALUES.get(value, value)
    order = ("newspapers", "magazines", "TV", "internet", "radio", "books")
    return ";".join(sorted(value, key=order.index))


def _bubbles(root: ElementTree.Element) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    for question in root.iter("question"):
        for value in question.iter("value"):
            response = value.get("response", "")
            named = {
                "question": variable(question.get("question", "")),
                "value": VALUES.get(response, response),
            }
            yield named, _point(value.find("point"))


def _point(point: ElementTree.Element | None) -> np.ndarray:
    assert point is not None, "the template lacks a point"
    return np.array([float(point.get("x", "0")), float(point.get("y", "0"))])


def _carried(to_blank: np.ndarray, point: np.ndarray) -> np.ndarray:
    return cv2.perspectiveTransform(point.reshape(1, 1, 2), to_blank).reshape(2)


def _corners(blank: Grey) -> np.ndarray:
    """The outer corners of the page's four corner brackets, top-left first and clockwise."""
    rows, columns = np.nonzero(blank < 128)
    points = np.stack([columns, rows], axis=1)
    outward = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([points[np.argmax(points @ np.array(way))] for way in outward], dtype=np.float64)


def _rings(blank: Grey) -> Iterator[tuple[int, int, int, int]]:
    """Everything printed that is as large and as round as a bubble: left, top, width, height in pixels."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((blank < 160).astype(np.uint8))
    for left, top, width, height, _ in stats[1:]:
        if RING_PX[0] <= min(width, height) and max(width, height) <= RING_PX[1] and abs(width - height) <= 3:
            yield int(left), int(top), int(width), int(height)


def _ring_at(rings: list[tuple[int, int, int, int]], point: np.ndarray) -> list[float]:
    left, top, width, height = min(
        rings, key=lambda ring: float(np.hypot(ring[0] + ring[2] / 2 - point[0], ring[1] + ring[3] / 2 - point[1]))
    )
    return [round(each * MM_PER_PX, 3) for each in (left + 1, top + 1, width - 2, height - 2)]
