"""A cover sheet read: what its code says, and the number of forms where that was written by hand."""

from __future__ import annotations

from pipeline.form.code import PageCode
from pipeline.form.cover import MOST_FORMS
from pipeline.form.paper.cover import COVER_LAYOUT, cover_page
from pipeline.form.paper.editions import PAPERS
from pipeline.page.covers import FoundCover, find_cover
from pipeline.page.identify import FoundCode, IdentifiedPage
from pipeline.page.picture import PageImage
from pipeline.page.refusal import Refusal
from pipeline.page.register import crop, register
from pipeline.reading.characters import read_characters
from pipeline.reading.glyphs import PIXELS_PER_MM
from pipeline.reading.grammar import decode_number
from pipeline.reading.readings import CoverPage


def read_cover(image: PageImage) -> CoverPage | None:
    """Read the cover that a picture shows, or return None where it shows none."""
    found = find_cover(image)
    if found is None:
        return None
    return CoverPage(found.cover, None if found.cover.forms is not None else _written(image, found))


def _written(image: PageImage, found: FoundCover) -> int | None:
    """The number in the boxes, read like any on a form; a person is asked about one that is not certain."""
    code = PageCode(COVER_LAYOUT, found.cover.batch, 1)
    page = IdentifiedPage(image, code, tuple(FoundCode(code, corners) for corners in found.codes))
    registered = register(page, cover_page(found.cover.paper), PAPERS[found.cover.paper])
    if isinstance(registered, Refusal):
        return None
    readings = read_characters([crop(registered, placed.box, PIXELS_PER_MM) for placed in registered.fields])
    number = decode_number(readings, 1, MOST_FORMS)
    return int(number.value) if number.value and number.sure else None
