"""One page from the bytes of a file to everything that was read on it: what a worker process runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import cv2

from pipeline.form.code import PageCode
from pipeline.form.layout import Box, Layout, PageLayout
from pipeline.form.paper.check_sheet import check_page, paper_of_check
from pipeline.form.paper.editions import PAPERS
from pipeline.inbox.trouble import SetAside
from pipeline.page.barcodes import read_barcodes
from pipeline.page.by_print import register_by_print
from pipeline.page.cards import may_lie_beside_others
from pipeline.page.foreign import recognise
from pipeline.page.frames import PlacedField
from pipeline.page.identify import IdentifiedPage, UnnamedPage, identify
from pipeline.page.known import KnownPaper
from pipeline.page.measured import Barcode
from pipeline.page.naming import name_by_serial
from pipeline.page.picture import PageImage, small_picture
from pipeline.page.refusal import BlankPage, Reason, Refusal
from pipeline.page.register import RegisteredPage, crop, crops, register
from pipeline.page.scanner_check import check_scanner
from pipeline.page.streaks import without_streaks
from pipeline.reading.cards import read_each_card
from pipeline.reading.characters import read_characters
from pipeline.reading.covers import read_cover
from pipeline.reading.glyphs import PIXELS_PER_MM
from pipeline.reading.ink import sign_ink
from pipeline.reading.marks import read_marks
from pipeline.reading.readings import (
    Cards,
    CharacterBox,
    CheckPage,
    MarkReading,
    PageRead,
    PageReading,
    PictureRead,
    Remark,
    TextReading,
)
from pipeline.reading.redraw import character_on_page, mark_on_page, redraw
from pipeline.reading.remarks import find_remarks
from pipeline.reading.second_opinion import ask_again
from pipeline.reading.strokes import with_followed
from pipeline.reading.writing import read_texts

SMALLEST_SIDE_PX = 200
"""A picture smaller than this shows no page: the short side of a postcard is 400 pixels at 100 dpi."""

_TEXT_CROP_PX_PER_MM = 200 / 25.4
"""Scale of the kept pictures of writing: easy to read for a person, 30 kB for a large comment."""

_AROUND_BARCODE_MM = 3.0
"""How much around the bars belongs to a barcode: the figures under them."""


Read = TypeVar("Read", MarkReading, CharacterBox, TextReading)


def read_opened(image: PageImage | SetAside, known: KnownPaper) -> PictureRead:
    """Read a page as opening left it: its picture, or the trouble there was."""
    if isinstance(image, SetAside):
        return Refusal(Reason.NOT_OPENED, f"{image.reason}: {image.detail}")
    return read_image(image, known)


def read_image(image: PageImage, known: KnownPaper) -> PictureRead:
    """Read a picture of a page; one that is refused comes with a small picture to show."""
    read = _read_image(image, known)
    if isinstance(read, Cards):
        return Cards(tuple(_shown(each, image) for each in read.pages))
    return _shown(read, image)


Seen = TypeVar("Seen", bound=PageRead)


def _shown(read: Seen, image: PageImage) -> Seen:
    return replace(read, picture=small_picture(image.grey)) if isinstance(read, Refusal) else read


def _read_image(image: PageImage, known: KnownPaper) -> PictureRead:
    if min(image.grey.shape) < SMALLEST_SIDE_PX:
        return Refusal(Reason.TOO_COARSE, f"the picture measures {image.grey.shape[1]} by {image.grey.shape[0]} pixels")
    image = without_streaks(image)
    page = identify(image)
    if isinstance(page, UnnamedPage):
        page = name_by_serial(page, known.copies)
    if isinstance(page, Refusal) and page.reason is Reason.FOREIGN:
        return read_cover(image) or (_read_made_elsewhere(image, known) if known.fixed else page)
    if isinstance(page, Refusal) and page.reason is Reason.TWO_SHEETS:
        return _read_cards(image, known) or page
    if isinstance(page, BlankPage | Refusal):
        return page
    if paper := paper_of_check(page.code.layout):
        return _read_check(page, paper)
    layout, printed = as_printed(page.code, known)
    if layout is None or printed is None:
        return Refusal(Reason.UNKNOWN_LAYOUT, f"layout {page.code.layout}, page {page.code.form_page}")
    if layout.sheet and page.codes and may_lie_beside_others(page, layout.paper_mm):
        return _read_cards(image, known) or Refusal(Reason.TWO_SHEETS, "a card lies beside another page")
    return read_identified(page, layout, printed, known)


def as_printed(code: PageCode, known: KnownPaper) -> tuple[Layout | None, PageLayout | None]:
    """Return the layout that a page belongs to and the page as it was printed; None of what is not known here."""
    layout = known.layouts.get(code.layout)
    return layout, next((each for each in layout.pages if each.number == code.form_page), None) if layout else None


def read_identified(
    page: IdentifiedPage, layout: Layout, printed: PageLayout, known: KnownPaper
) -> PageReading | Refusal:
    """Read a page that is known, whatever else may be in its picture."""
    registered = register(page, printed, layout.paper_of(printed))
    return registered if isinstance(registered, Refusal) else _read_registered(registered, layout, known)


def _read_registered(page: RegisteredPage, layout: Layout, known: KnownPaper) -> PageReading:
    read, blank = _read(page, layout.lang), known.blanks.get((layout.id, page.layout.number))
    if blank is None:
        return read
    paper_mm = layout.paper_of(page.layout)
    marks = with_followed(read.marks, page, paper_mm, blank)
    return replace(read, marks=marks, remarks=find_remarks(page, paper_mm, blank))


def _read_cards(image: PageImage, known: KnownPaper) -> Cards | PageReading | Refusal | None:
    """Read every card in a picture; None where not all that lies in it are cards."""
    read = read_each_card(image, known, lambda page, layout: _read_registered(page, layout, known))
    return Cards(read) if len(read) > 1 else next(iter(read), None)


def _read_check(page: IdentifiedPage, paper: str) -> CheckPage | Refusal:
    """Measure the scanner on its check sheet."""
    registered = register(page, check_page(paper, page.code.form_page), PAPERS[paper])
    if isinstance(registered, Refusal):
        return registered
    is_front = page.code.form_page == 1
    return CheckPage(page.code.form_page, check_scanner(registered, paper) if is_front else None)


def _read_made_elsewhere(image: PageImage, known: KnownPaper) -> PageReading | Refusal:
    """Read a page that carries no code of ours by its own print.

    Its answers are read on a sheet of ours; where they are and what is shown of them is told of the page itself.
    """
    found = recognise(image, known)
    if isinstance(found, Refusal):
        return found
    page = register_by_print(found)
    if isinstance(page, Refusal):
        return page
    on_sheet = _read(redraw(page, found.blank), found.layout.lang)
    barcodes = read_barcodes(page.image.grey, page.homography)
    texts = tuple(replace(text, box=place.box) for text, place in _with_places(page, "text", on_sheet.texts))
    return replace(
        on_sheet,
        homography=tuple(float(value) for value in page.homography.ravel()),
        marks=tuple(mark_on_page(mark, place) for mark, place in _with_places(page, "mark", on_sheet.marks)),
        characters=tuple(
            replace(each, box=place.box, reading=character_on_page(each.reading, place))
            for each, place in _with_places(page, "character", on_sheet.characters)
        ),
        texts=texts,
        text_crops={text.question: _png(page, text.box) for text in texts if text.has_ink},
        barcodes=barcodes,
        remarks=tuple(_besides(barcodes, find_remarks(page, found.layout.paper_mm, found.blank))),
    )


def _besides(barcodes: Sequence[Barcode], remarks: Sequence[Remark]) -> Iterator[Remark]:
    """The remarks that are no part of a barcode, which may be another on every copy."""
    bars = [barcode.box.grown(_AROUND_BARCODE_MM) for barcode in barcodes]
    return (remark for remark in remarks if not any(box.holds(remark.box.centre) for box in bars))


def _with_places(page: RegisteredPage, kind: str, read: Sequence[Read]) -> Iterator[tuple[Read, PlacedField]]:
    """What was read in each field of a kind, in print order, and where on the page it was found."""
    return zip(read, (each for each in page.fields if each.field.kind == kind), strict=True)


def _read(page: RegisteredPage, lang: str) -> PageReading:
    texts = read_texts(page, lang)
    return PageReading(
        code=page.code,
        quality=page.quality,
        homography=tuple(float(value) for value in page.homography.ravel()),
        marks=read_marks(page),
        characters=read_character_boxes(page),
        texts=texts,
        signature=sign_ink(page),
        text_crops={text.question: _png(page, text.box) for text in texts if text.has_ink},
    )


def read_character_boxes(page: RegisteredPage) -> tuple[CharacterBox, ...]:
    """Read every box for a single character on a page, in print order; on black and white, unclear rows a second time.

    A grey scan leaves the network of boxes less to guess at, and that of lines takes 65 MB and 30 ms a row.
    """
    placed = [each for each in page.fields if each.field.kind == "character"]
    boxes = crops(page, [each.box for each in placed], PIXELS_PER_MM)
    readings = list(read_characters(boxes))
    for places in _rows(placed) if page.quality.bitonal else ():
        allowed = [placed[place].field.allowed for place in places]
        again = ask_again([readings[place] for place in places], [boxes[place] for place in places], allowed)
        for place, reading in zip(places, again, strict=True):
            readings[place] = reading
    return tuple(
        CharacterBox(each.field.question, each.field.index, each.box, reading)
        for each, reading in zip(placed, readings, strict=True)
    )


def _rows(placed: Sequence[PlacedField]) -> Iterator[list[int]]:
    """The places of the boxes of each question, in the order in which they are written in."""
    questions = dict.fromkeys(each.field.question for each in placed)
    for question in questions:
        places = [place for place, each in enumerate(placed) if each.field.question == question]
        yield sorted(places, key=lambda place: placed[place].field.index)


def _png(page: RegisteredPage, box: Box) -> bytes:
    _, coded = cv2.imencode(".png", crop(page, box.grown(1.0), _TEXT_CROP_PX_PER_MM))
    return bytes(coded)
