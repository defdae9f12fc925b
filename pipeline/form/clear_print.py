"""A layout held against RNIB's Clear Print, as it will be printed: size, line length, alignment and contrast.

No face that forms are set in leans. The author's own words are looked at where they are written
(`authoring.plain_words`). Source: RNIB, Clear Print guidelines; UKAAF, Creating clear print and large print documents
(G003).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from pipeline.form.languages import runs_right_to_left
from pipeline.form.layout import Layout, PageLayout, Stroke, TextRun
from pipeline.form.paper.editions import EDITIONS, MM_PER_PT, POSTCARD
from pipeline.form.paper.post import FOR_THE_POST
from pipeline.form.paper.typeset import LONGEST_LINE
from pipeline.form.printing import INK, PILLAR_BOX_RED
from pipeline.form.shaping import text_width

LEAST_CONTRAST = 4.5
"""Of words on white paper, as WCAG 2.2 measures it (1.4.3)."""

_NEAR_MM = 0.2
"""Lines of a paragraph begin at one place, as nearly as this."""

_UNDERLINE_EM = 0.3
"""A line that runs so far below the base line, as a part of the type size, underlines."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of words that is not printed as clear print is: the words, and what is the matter with them."""

    words: str
    what: str


def faults(layout: Layout) -> Iterator[Fault]:
    """Yield every line of words on a layout that breaks a rule of clear print."""
    edition = EDITIONS.get(layout.edition, POSTCARD)
    for page in layout.pages:
        for run in _runs(page):
            yield from _of_one(run, edition.smallest_pt)
            yield from _underlined(run, page)
        yield from _out_of_line(page)


def _runs(page: PageLayout) -> Iterator[TextRun]:
    """The words on a page that residents read; the address is for the post, and has a size of its own."""
    words = (drawing for drawing in page.drawings if isinstance(drawing, TextRun) and drawing.text.strip())
    return (run for run in words if not any(part.kind == FOR_THE_POST for part in run.tag))


def _of_one(run: TextRun, smallest_pt: float) -> Iterator[Fault]:
    if run.size_pt < smallest_pt:
        yield Fault(run.text, f"is printed in {run.size_pt:g} pt, and {smallest_pt:g} pt is the least")
    if len(run.text) > LONGEST_LINE:
        yield Fault(run.text, f"makes a line of {len(run.text)} characters, and {LONGEST_LINE} are the most")
    if contrast(run) < LEAST_CONTRAST:
        yield Fault(run.text, f"has a contrast of {contrast(run):.1f} to 1, and {LEAST_CONTRAST} is the least")


def contrast(run: TextRun) -> float:
    """Return the contrast of words with white paper, as WCAG 2.2 defines it: 1 for white, 21 for black."""
    colour = PILLAR_BOX_RED if run.red else tuple(ink + (1 - ink) * run.grey for ink in INK)
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    red, green, blue = linear
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _underlined(run: TextRun, page: PageLayout) -> Iterator[Fault]:
    depth = _UNDERLINE_EM * run.size_pt * MM_PER_PT
    right = run.x + text_width(run.text, run.font, run.size_pt)
    level = (line for line in page.drawings if isinstance(line, Stroke) and line.y == line.y2)
    under = (line for line in level if 0 < line.y - run.y < depth)
    if any(min(line.x, line.x2) < right and max(line.x, line.x2) > run.x for line in under):
        yield Fault(run.text, "is underlined")


def _out_of_line(page: PageLayout) -> Iterator[Fault]:
    """Yield lines of a paragraph that do not begin under the line above: at the left, or where Arabic begins."""
    told = sorted((run for run in _runs(page) if run.tag), key=lambda run: (str(run.tag), run.language, run.red, run.y))
    for _, lines in groupby(told, key=lambda run: (run.tag, run.language, run.red, run.font, run.size_pt)):
        for upper, lower in pairwise(lines):
            if lower.y > upper.y and abs(_start(lower) - _start(upper)) > _NEAR_MM:
                yield Fault(lower.text, "does not begin where the line above it begins")


def _start(run: TextRun) -> float:
    width = text_width(run.text, run.font, run.size_pt) if runs_right_to_left(run.language) else 0.0
    return run.x + width
