"""Where everything sits on the paper: one geometry that the printer draws and the reader measures.

All lengths are millimetres from the top-left corner of the paper; type sizes alone are points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

FRAME_WIDTH_PT = 0.7
"""Thickness of every field's frame. Solid black, 0.4 to 0.7 pt, survives copiers and bitonal scans."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres: `x`, `y` of its top-left corner, `w` wide, `h` high."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (x, y)."""
        return self.x + self.w / 2, self.y + self.h / 2

    def grown(self, by: float) -> Box:
        """The same box with every side moved outwards by `by` millimetres (inwards if negative)."""
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point (x, y) is within."""
        return self.x <= point[0] <= self.right and self.y <= point[1] <= self.bottom

    def moved(self, right: float, down: float) -> Box:
        """The same box so many millimetres farther right and down."""
        return Box(self.x + right, self.y + down, self.w, self.h)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document as a tagged PDF tells it: a standard structure type (`H1`, `LI`; ISO 32000-2, 14.8.4), its
    `place` among the parts of its parent, which is also what it is known by, and what it `says` if it is a picture."""

    kind: str
    place: int = 0
    says: str = ""


Tag = tuple[Part, ...]
"""The part of the document that something drawn belongs to, after those it lies within, the outermost first; empty of
what only decorates."""


@dataclass(frozen=True, slots=True)
class Field:
    """One place to answer. `box` is the centre line of its printed frame.

    `question` is the variable's name (`hours.sat`, `q.other`). A `mark` field means `value` when marked; a
    `character` field is box number `index` (from 0) of its question and takes one of `allowed`; a `text`
    field is an area for free writing. `filled` says what filling a mark field in means: on our forms it cancels. The
    `tag` is for printing alone: reading has no use for it.
    """

    question: str
    kind: Literal["mark", "character", "text"]
    box: Box
    value: str = ""
    shape: Literal["box", "oval"] = "box"
    index: int = 0
    allowed: str = ""
    filled: Literal["marked", "cancelled"] = "cancelled"
    tag: Tag = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A machine-readable mark: a QR page code, an ArUco corner mark (`id` in its dictionary), the serial in letters."""

    kind: Literal["qr", "aruco", "serial"]
    box: Box
    id: int = 0


@dataclass(frozen=True, slots=True)
class TextRun:
    """One line of words, ready broken, in the order they are read: `x`, `y` is the left end of its base line, whichever
    way it runs; `font` a name in `fonts.FONTS`."""

    x: float
    y: float
    text: str
    font: str
    size_pt: float
    grey: float = 0.0
    red: bool = False
    language: str = ""
    tag: Tag = ()


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line from (`x`, `y`) to (`x2`, `y2`), `width_pt` thick, `grey` 0 black to 1 white."""

    x: float
    y: float
    x2: float
    y2: float
    width_pt: float
    grey: float = 0.0
    red: bool = False
    tag: Tag = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A filled rectangle without a frame: `grey` 0 black to 1 white, or the accent red."""

    box: Box
    grey: float
    red: bool = False
    tag: Tag = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A black line through `points` (mm) with round corners, `width` mm thick; a width of 0 fills what they enclose."""

    points: tuple[tuple[float, float], ...]
    width: float
    tag: Tag = ()


@dataclass(frozen=True, slots=True)
class PenLine:
    """A straight line in the colour of a pen: `rgb` from 0 to 1. For the scanner's check sheet; no form needs one."""

    x: float
    y: float
    x2: float
    y2: float
    width_pt: float
    rgb: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class CopyRun:
    """Words that differ from copy to copy, placed like a `TextRun`: the resident's code in groups of four, or the
    page's serial (`7Q2MABCD-1`). `anchor` says which end of them `x` is: the words differ in width."""

    x: float
    y: float
    words: Literal["code", "serial"]
    font: str
    size_pt: float
    anchor: Literal["left", "right"] = "left"
    tag: Tag = ()


Drawing = TextRun | Stroke | Curve | PenLine | Panel | CopyRun


@dataclass(frozen=True, slots=True)
class PageLayout:
    """One page: the codes it carries, the fields to answer in print order, and the drawings around them.

    Every drawing but a `CopyRun` is the same on all copies. What is below `tear_at` (mm from the top), where there is
    such a line, may have been torn off when the page comes back.
    """

    number: int
    codes: tuple[PrintedCode, ...]
    fields: tuple[Field, ...]
    drawings: tuple[Drawing, ...] = ()
    tear_at: float | None = None


@dataclass(frozen=True, slots=True)
class CardSheet:
    """The paper that several cards are printed on and cut from: its size, and the top-left corner of each card (mm).

    `cuts` are the lines to cut along, in mm of this paper.
    """

    paper_mm: tuple[float, float]
    slots: tuple[tuple[float, float], ...]
    cuts: tuple[Stroke, ...] = ()


FIXED = "fixed"
"""The edition of a form that was made elsewhere."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How a form made elsewhere comes back: without codes of ours, its pages must find each other in another way.

    `sides` says whether both sides of each sheet are printed and scanned one right after the other; `respondent`
    names the kind of barcode that differs from person to person, or is empty.
    """

    sides: Literal["one", "both"] = "one"
    respondent: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One edition of one version of a form on one paper. `id` is the hash of the geometry actually printed.

    `title` and `author` (the council) describe the printed file; the reader has no use for them. `elsewhere` is
    there for forms that were not printed here, which carry no codes and are known by their print. `sheet` is there for
    cards: `paper_mm` and all places are then those of one card, cut out.
    """

    id: str
    form: str
    version: str
    edition: str
    lang: str
    paper: str
    paper_mm: tuple[float, float]
    pages: tuple[PageLayout, ...]
    title: str = ""
    author: str = ""
    elsewhere: Elsewhere | None = None
    sheet: CardSheet | None = None

    def paper_of(self, page: PageLayout) -> tuple[float, float]:
        """Return the size of a page as far as it always comes back: without what may have been torn off."""
        return self.paper_mm[0], page.tear_at or self.paper_mm[1]


def around_all(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all of these."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    return Box(left, top, max(box.right for box in boxes) - left, max(box.bottom for box in boxes) - top)


def moved_box(box: Box, right: float, down: float) -> Box:
    """Return `box` moved, to a micrometre, so that a layout's text is the same on every machine."""
    return Box(round(box.x + right, 3), round(box.y + down, 3), round(box.w, 3), round(box.h, 3))


class LayoutError(ValueError):
    """A form that cannot be printed as asked; the message says what is in the way and what to change."""
