"""The pictures of Easy Read: plain symbols drawn from lines, which every printer and photocopier keeps.

Each is drawn on a grid of 100 by 100, x to the right and y down, and may be scaled to any size.
"""

from __future__ import annotations

from math import cos, pi, sin

from pipeline.form.definition import Kind
from pipeline.form.layout import Curve
from pipeline.form.paper.blocks import Block

Points = tuple[tuple[float, float], ...]
Mark = tuple[Points, float]
"""A line through points and its width in parts of 100; a width of 0 fills what the points enclose."""

LINE, FINE, FILLED = 6.0, 4.0, 0.0
_GRID = 100.0
_STEPS = 36
"""Corners of a circle: at 22 mm none shows."""


def _line(*points: tuple[float, float], width: float = LINE) -> Mark:
    return points, width


def _loop(*points: tuple[float, float], width: float = LINE) -> Mark:
    return (*points, points[0]), width


def _solid(*points: tuple[float, float]) -> Mark:
    return points, FILLED


def _box(x: float, y: float, right: float, bottom: float, width: float = LINE) -> Mark:
    corners = (x, y), (right, y), (right, bottom), (x, bottom)
    return _loop(*corners, width=width) if width else _solid(*corners)


def _arc(x: float, y: float, radius: float, start: float, end: float, width: float = LINE) -> Mark:
    """Part of a circle from `start` to `end`, in degrees clockwise from the right."""
    steps = max(2, round(abs(end - start) / 360 * _STEPS))
    angles = ((start + (end - start) * step / steps) * pi / 180 for step in range(steps + 1))
    return tuple((x + radius * cos(angle), y + radius * sin(angle)) for angle in angles), width


def _ring(x: float, y: float, radius: float, width: float = LINE) -> Mark:
    return _arc(x, y, radius, 0, 360, width)


def _disc(x: float, y: float, radius: float) -> Mark:
    return _arc(x, y, radius, 0, 360, FILLED)


def _face(x: float, y: float, radius: float, mouth: Mark) -> tuple[Mark, ...]:
    eyes = (_disc(x + side * radius * 0.36, y - radius * 0.25, radius * 0.13) for side in (-1, 1))
    return (_ring(x, y, radius, FINE), *eyes, mouth)


def _ticked(x: float, y: float, side: float, width: float = LINE) -> tuple[Mark, ...]:
    tick = (x + 0.2 * side, y + 0.5 * side), (x + 0.45 * side, y + 0.78 * side), (x + 1.05 * side, y - 0.1 * side)
    return _box(x, y, x + side, y + side, width), _line(*tick, width=1.3 * width)


def _person(x: float, top: float, size: float) -> tuple[Mark, ...]:
    """Head and shoulders, `size` wide."""
    shoulders = _arc(x, top + 1.2 * size, 0.5 * size, 180, 360)
    body = (*shoulders[0], (x + 0.5 * size, top + 1.45 * size), (x - 0.5 * size, top + 1.45 * size))
    return _disc(x, top + 0.28 * size, 0.28 * size), _solid(*body)


PICTURES: dict[str, tuple[Mark, ...]] = {
    "tick": _ticked(14, 20, 66),
    "list": (
        *_ticked(10, 10, 20, FINE),
        _line((44, 20), (92, 20)),
        _box(10, 40, 30, 60, FINE),
        _line((44, 50), (92, 50)),
        *_ticked(10, 70, 20, FINE),
        _line((44, 80), (92, 80)),
    ),
    "faces": (
        *_face(24, 30, 20, _arc(24, 32, 10, 25, 155, FINE)),
        *_face(76, 30, 20, _arc(76, 47, 10, 205, 335, FINE)),
        *_face(50, 74, 20, _line((41, 81), (59, 81), width=FINE)),
    ),
    "numbers": (
        _line((10, 38), (20, 28), (20, 72)),
        _line(*_arc(46, 40, 12, 190, 385)[0], (34, 72), (60, 72)),
        _line(*_arc(80, 39, 11, 200, 440)[0], *_arc(80, 60, 12, 280, 520)[0]),
    ),
    "calendar": (
        _box(10, 18, 90, 90),
        _box(10, 18, 90, 38, FILLED),
        _line((30, 8), (30, 26)),
        _line((70, 8), (70, 26)),
        *(_box(x - 5, y - 4, x + 5, y + 4, FILLED) for y in (52, 66, 80) for x in (28, 50, 72)),
    ),
    "house": (_line((6, 52), (50, 12), (94, 52)), _line((20, 42), (20, 90), (80, 90), (80, 42)), _box(42, 60, 58, 90)),
    "ticket": (
        _loop(*_arc(8, 50, 10, -90, 90)[0], (8, 78), (92, 78), *_arc(92, 50, 10, 90, 270)[0], (92, 22), (8, 22)),
        *(_line((66, y), (66, y + 6), width=FINE) for y in (30, 47, 64)),
        _line((26, 42), (54, 42)),
        _line((26, 58), (48, 58)),
    ),
    "pencil": (
        _loop((22, 62), (70, 14), (86, 30), (38, 78), (16, 84)),
        _solid((16, 84), (19, 73), (27, 81)),
        _line((58, 26), (74, 42), width=FINE),
        _line((46, 92), (92, 92)),
    ),
    "speech": (
        _loop((8, 14), (92, 14), (92, 66), (50, 66), (28, 90), (30, 66), (8, 66)),
        _line((24, 32), (76, 32)),
        _line((24, 48), (60, 48)),
    ),
    "question": (_ring(50, 50, 40), _line(*_arc(50, 40, 14, 180, 420)[0], (50, 62), width=8), _disc(50, 75, 5)),
    "idea": (
        _line((40, 70), (40, 60), *_arc(50, 40, 24, 125, 415)[0], (60, 60), (60, 70)),
        _line((40, 78), (60, 78)),
        _line((44, 88), (56, 88)),
        *(_line((x, y), (x2, y2), width=FINE) for x, y, x2, y2 in ((10, 40, 18, 40), (82, 40, 90, 40))),
        *(_line((x, y), (x2, y2), width=FINE) for x, y, x2, y2 in ((22, 12, 28, 18), (78, 12, 72, 18))),
    ),
    "person": _person(50, 12, 52),
    "people": (*_person(28, 22, 40), *_person(72, 22, 40)),
    "clock": (_ring(50, 50, 40), _line((50, 50), (50, 24)), _line((50, 50), (68, 60)), _disc(50, 50, 4)),
    "book": (
        _loop((50, 26), (30, 18), (8, 20), (8, 78), (30, 76), (50, 84), (70, 76), (92, 78), (92, 20), (70, 18)),
        _line((50, 26), (50, 84), width=FINE),
        *(_line((18, y), (40, y + 4), width=FINE) for y in (36, 50)),
        *(_line((60, y + 4), (82, y), width=FINE) for y in (36, 50)),
    ),
    "computer": (_box(12, 16, 88, 68), _line((50, 68), (50, 84)), _line((28, 86), (72, 86))),
    "phone": (_box(28, 6, 72, 94), _line((28, 78), (72, 78), width=FINE), _disc(50, 86, 4), _line((42, 14), (58, 14))),
    "letter": (_box(8, 22, 92, 80), _line((8, 22), (50, 56), (92, 22))),
    "bus": (
        _box(8, 20, 92, 74),
        _line((8, 48), (92, 48), width=FINE),
        *(_line((x, 20), (x, 48), width=FINE) for x in (36, 64)),
        _disc(28, 78, 9),
        _disc(72, 78, 9),
    ),
    "money": (
        _ring(50, 50, 40),
        _line(*_arc(54, 38, 12, 340, 180)[0], (42, 62), (36, 72), (66, 72)),
        _line((34, 54), (58, 54)),
    ),
    "heart": (_loop(*_arc(31, 36, 21, 150, 350)[0], *_arc(69, 36, 21, 190, 390)[0], (50, 88)),),
    "star": (
        _loop(*((50 + r * sin(turn * pi / 5), 52 - r * cos(turn * pi / 5)) for turn in range(10)
                for r in ((42,) if turn % 2 == 0 else (18,)))),
    ),
    "place": (_loop((50, 92), *_arc(50, 38, 30, 155, 385)[0]), _ring(50, 38, 11)),
}  # fmt: skip
"""Every picture by the name a definition calls it by."""

OF_KIND: dict[Kind, str] = {
    Kind.ONE: "tick",
    Kind.MANY: "list",
    Kind.SCALE: "faces",
    Kind.NUMBER: "numbers",
    Kind.DATE: "calendar",
    Kind.POSTCODE: "house",
    Kind.CODE: "ticket",
    Kind.TEXT: "pencil",
    Kind.COMMENT: "speech",
}
"""The picture of a question whose author chose none."""


def symbol(name: str, side: float) -> Block:
    """Return a picture `side` mm wide and high."""
    scale = side / _GRID
    return Block(
        side,
        tuple(
            Curve(tuple((round(x * scale, 3), round(y * scale, 3)) for x, y in points), round(width * scale, 3))
            for points, width in PICTURES[name]
        ),
    )
