"""The pages of a form that fill their paper: head, column and foot of each, the receipt, the panel for the post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pipeline.form.definition import FormDefinition, in_easy_words
from pipeline.form.layout import LayoutError, PageLayout
from pipeline.form.paper.asked import passages
from pipeline.form.paper.blocks import Block, mirrored, moved, untold, within
from pipeline.form.paper.editions import Edition
from pipeline.form.paper.foot import MOST_PAGES, foot
from pipeline.form.paper.frame import QR_SIDE, Frame, page_codes, serial_run
from pipeline.form.paper.matter import ending, masthead, opening, running_head
from pipeline.form.paper.pagination import fresh_room, paginate
from pipeline.form.paper.post import address, with_panel
from pipeline.form.paper.receipt import PAGES_TORN, receipt
from pipeline.form.paper.typeset import Setting, in_script_of

HEAD, OPENING, ASKED, ENDING, FOOT_PART = range(5)
"""The parts of a form as a tagged PDF tells them. The foot is told once, of the first page, and last."""

FOOT_GAP = 3.0
"""mm of white, at least, between the last question of a page and the foot."""


def lay_out_pages(
    definition: FormDefinition, edition: Edition, languages: tuple[str, ...], paper_mm: tuple[float, float]
) -> tuple[PageLayout, ...]:
    """Return the pages of a form. Raises `LayoutError` where they cannot be as asked."""
    paper = Frame(*paper_mm)
    setting = Setting(in_script_of(edition, languages), languages, paper.column)
    return _pages(_sheaf(in_easy_words(definition) if edition.is_easy else definition, setting, paper))


@dataclass(frozen=True, slots=True)
class _Sheaf:
    """A form's pages while they are laid out: the heads of the first and of the others, and the strip of the receipt.

    `beside` is the setting of what stands beside the codes.
    """

    definition: FormDefinition
    setting: Setting
    beside: Setting
    paper: Frame
    first: Block
    further: Block
    strip: Block

    def frame(self, page: int) -> Frame:
        """Return the frame of a page: on the sheet that the receipt is torn off, it stands above that."""
        torn = self.strip.height if page <= PAGES_TORN else 0.0
        return replace(self.paper, height=round(self.paper.height - torn, 3))

    def head(self, page: int) -> Block:
        """Return the head of a page."""
        return self.first if page == 1 else self.further

    def span(self, page: int) -> tuple[float, float]:
        """Return from where to where (mm) the column of a page is filled."""
        frame = self.frame(page)
        bottom = min(frame.body_bottom, _foot_top(frame, foot(self.definition, self.beside, 1, 1)) - FOOT_GAP)
        return _body_top(frame, self.setting, self.head(page)), bottom


def _sheaf(definition: FormDefinition, setting: Setting, paper: Frame) -> _Sheaf:
    beside = replace(setting, width=paper.between_codes)
    (first,) = within("Sect", HEAD, (masthead(definition, beside),))
    further = untold(running_head(definition, beside, paper.body_top - paper.top))
    return _Sheaf(definition, setting, beside, paper, first, further, receipt(definition, setting))


def _pages(sheaf: _Sheaf) -> tuple[PageLayout, ...]:
    definition, setting, beside = sheaf.definition, sheaf.setting, sheaf.beside
    if any(top > bottom for top, bottom in map(sheaf.span, (1, 2))):
        raise LayoutError(
            f"The title of {definition.id} fills a page in {setting.edition.name} print. Say it in fewer words."
        )
    flow = (
        *(within("Sect", OPENING, passage) for passage in opening(definition, setting)),
        *(within("Sect", ASKED, passage) for passage in passages(definition, setting, fresh_room(sheaf.span))),
        *(within("Sect", ENDING, passage) for passage in ending(definition, setting, beside)),
    )
    columns = with_panel(paginate(flow, sheaf.span), definition, setting, sheaf.span)
    if len(columns) > MOST_PAGES:
        raise LayoutError(
            f"{definition.id} takes {len(columns)} pages in {setting.edition.name} print, and no form may take more"
            f" than {MOST_PAGES}. Ask less in one form, or make two of it."
        )
    (told_foot,) = within("Sect", FOOT_PART, (foot(definition, beside, 1, len(columns)),))
    further_feet = (untold(foot(definition, beside, number, len(columns))) for number in range(2, len(columns) + 1))
    parts = zip(columns, chain([told_foot], further_feet), strict=True)
    pages = [_page(sheaf, number, column, below) for number, (column, below) in enumerate(parts, 1)]
    return tuple(_with_address(_with_receipt(pages, sheaf), sheaf))


def _with_receipt(pages: Sequence[PageLayout], sheaf: _Sheaf) -> list[PageLayout]:
    """Return the pages with the strip of the receipt at the foot of the first, and what is torn off with it told."""
    if not sheaf.strip.height:
        return list(pages)
    tear_at = sheaf.frame(1).height
    strip = mirrored(sheaf.strip, sheaf.setting.width) if sheaf.setting.mirrored else sheaf.strip
    drawn = moved(strip, sheaf.paper.left, tear_at).drawings
    torn = [replace(page, tear_at=tear_at) for page in pages[:PAGES_TORN]]
    return [replace(torn[0], drawings=(*torn[0].drawings, *drawn)), *torn[1:], *pages[PAGES_TORN:]]


def _with_address(pages: Sequence[PageLayout], sheaf: _Sheaf) -> Sequence[PageLayout]:
    """Return the pages with the address, where there is one, on the last."""
    if not sheaf.definition.return_address:
        return pages
    drawn = address(sheaf.definition, sheaf.paper.left).drawings
    return [*pages[:-1], replace(pages[-1], drawings=(*pages[-1].drawings, *drawn))]


def _head_top(frame: Frame, head: Block) -> float:
    """Return the y of a head beside the upper QR code: level with its middle, unless it is the higher of the two."""
    return frame.top + max(0.0, (QR_SIDE - head.height) / 2)


def _body_top(frame: Frame, setting: Setting, head: Block) -> float:
    return max(frame.body_top, _head_top(frame, head) + head.height + setting.edition.line * 0.6)


def _foot_top(frame: Frame, foot: Block) -> float:
    """Return the y of a foot beside the lower QR code: level with its middle, as far as the paper's end allows."""
    return min(frame.bottom - (QR_SIDE + foot.height) / 2, frame.last - foot.height)


def _page(sheaf: _Sheaf, number: int, column: Block, foot: Block) -> PageLayout:
    """Return a page of its head, its column and its foot; codes and corner marks never move."""
    frame, parts = sheaf.frame(number), (sheaf.head(number), column, foot)
    beside_code = frame.left + frame.column - frame.between_codes
    if sheaf.setting.mirrored:
        widths = frame.between_codes, frame.column, frame.between_codes
        head, column, foot = (mirrored(part, width) for part, width in zip(parts, widths, strict=True))
    else:
        head, column, foot = parts
    body = moved(column, frame.left, 0)
    around = moved(head, frame.left, _head_top(frame, head)), moved(foot, beside_code, _foot_top(frame, foot))
    return PageLayout(
        number,
        page_codes(frame, number),
        body.fields,
        (*around[0].drawings, *body.drawings, *around[1].drawings, serial_run(frame)),
    )
