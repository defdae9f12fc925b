"""The postcard: one tick, and where to answer the rest. Four to a sheet, each cut out a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.form.definition import FormDefinition, Kind, Question
from pipeline.form.layout import Box, CardSheet, CopyRun, Layout, LayoutError, PageLayout, Stroke
from pipeline.form.paper.asked import PLACES, question_head
from pipeline.form.paper.blocks import Block, mirrored, moved, overlaid, stacked, white, within
from pipeline.form.paper.editions import MM_PER_PT, POSTCARD
from pipeline.form.paper.frame import (
    ACROSS,
    DOWN,
    MARK_SIDE,
    QR_SIDE,
    QUIET,
    CardFrame,
    card_size,
    page_codes,
    serial_run,
)
from pipeline.form.paper.places import places
from pipeline.form.paper.typeset import ACCENT, STRONG, Setting, base_line, in_script_of, set_words
from pipeline.form.words import printed

CUT_PT, CUT_GREY = 0.5, 0.5
"""The lines to cut along."""

PARTS = (0, 2, 3, 4)
"""What head, questions, where it goes and foot are called in a tagged PDF, as on whole pages."""

WHITE = 3.0
"""mm, at least, between the question and what stands below it."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that the card does not ask, and why: words that follow “because”."""

    question: Question
    why: str


@dataclass(frozen=True, slots=True)
class OnCard:
    """The questions of a form that its card asks, and those that it does not."""

    asked: tuple[Question, ...]
    left_out: tuple[LeftOut, ...]


def card_sheet(paper_mm: tuple[float, float]) -> CardSheet:
    """Return how cards stand on a sheet of paper, in reading order, and where it is cut."""
    width, height = card_size(paper_mm)
    slots = tuple((column * width, row * height) for row in range(DOWN) for column in range(ACROSS))
    across = (Stroke(0.0, row * height, paper_mm[0], row * height, CUT_PT, CUT_GREY) for row in range(1, DOWN))
    down = (Stroke(column * width, 0.0, column * width, paper_mm[1], CUT_PT, CUT_GREY) for column in range(1, ACROSS))
    return CardSheet(paper_mm, slots, (*across, *down))


def lay_out_card(definition: FormDefinition, languages: tuple[str, ...], paper_mm: tuple[float, float]) -> PageLayout:
    """Return the one side of a card cut from this paper. Raises `LayoutError` where no question fits on it."""
    card = _card(definition, languages, paper_mm)
    asked = on_card(definition, languages, paper_mm).asked
    if not asked:
        raise LayoutError(_nothing_fits(card))
    room, frame, foot = card.room, card.frame, _foot(card)
    blocks = (
        moved(_turned(card, _head(card), frame.between_codes), frame.left, frame.top),
        moved(_turned(card, _questions(card, asked), room.w), room.x, room.y),
        moved(_turned(card, _where(card), room.w), room.x, room.bottom + WHITE),
        moved(_turned(card, foot, card.foot_width), card.beside_code, frame.bottom - foot.height),
    )
    whole = overlaid(
        *(block for part, each in zip(PARTS, blocks, strict=True) for block in within("Sect", part, (each,)))
    )
    return PageLayout(1, page_codes(frame, 1), whole.fields, (*whole.drawings, serial_run(frame)))


def _turned(card: _Card, block: Block, width: float) -> Block:
    """Return a block `width` mm wide as the card's language is written; codes and corner marks never move."""
    return mirrored(block, width) if card.setting.mirrored else block


def _part(number: int, block: Block) -> tuple[Block, ...]:
    return within("Sect", number, (block,))


def on_card(definition: FormDefinition, languages: tuple[str, ...], paper_mm: tuple[float, float]) -> OnCard:
    """Return the questions that the card asks, and all the others, each with the reason.

    Of those that the author chose, or else of all, it asks as many as there is room for, in the order of the form,
    of those that everybody answers with one tick.
    """
    card = _card(definition, languages, paper_mm)
    asked: tuple[Question, ...] = ()
    left_out: list[LeftOut] = []
    for question in definition.questions:
        why = _unfit(definition, question)
        if not why and _questions(card, (*asked, question)).height > card.room.h:
            why = "there is no room left for it" if asked else "it is too long for a card"
        if why:
            left_out.append(LeftOut(question, why))
        else:
            asked = (*asked, question)
    return OnCard(asked, tuple(left_out))


def left_out(definition: FormDefinition, layout: Layout) -> tuple[LeftOut, ...]:
    """Return the questions of a form that this layout of it does not ask: none, unless it is of a card."""
    if layout.sheet is None:
        return ()
    return on_card(definition, tuple(layout.lang.split("+")), layout.sheet.paper_mm).left_out


@dataclass(frozen=True, slots=True)
class _Card:
    """What is set on a card, and within which frame. The setting's column is as wide as the card allows."""

    definition: FormDefinition
    setting: Setting
    frame: CardFrame

    @property
    def beside_code(self) -> float:
        """The x where the foot begins, at the right of the lower code."""
        return self.frame.left + QR_SIDE + QUIET

    @property
    def foot_width(self) -> float:
        """The mm between the lower code and the corner mark at its right."""
        return self.frame.width - self.frame.side - MARK_SIDE - QUIET - self.beside_code

    @property
    def room(self) -> Box:
        """Where the questions go: under the head, above what is said below them."""
        frame = self.frame
        top = max(frame.body_top, frame.top + _head(self).height + WHITE)
        foot = min(frame.body_bottom, frame.bottom - _foot(self).height - WHITE)
        bottom = foot - _where(self).height - WHITE
        return Box(frame.side, top, self.setting.width, bottom - top)


def _card(definition: FormDefinition, languages: tuple[str, ...], paper_mm: tuple[float, float]) -> _Card:
    frame = CardFrame(*card_size(paper_mm))
    sizes = in_script_of(POSTCARD, languages)
    return _Card(definition, Setting(sizes, languages, frame.width - 2 * frame.side), frame)


def _unfit(definition: FormDefinition, question: Question) -> str:
    """Return why a question is not for a card at all, or nothing."""
    if question.kind is not Kind.ONE:
        return "it is not answered with one tick"
    if question.when:
        return "only some people are asked it"
    is_picked = any(each.postcard for each in definition.questions)
    return "others were chosen for the card" if is_picked and not question.postcard else ""


def _nothing_fits(card: _Card) -> str:
    form = card.definition
    first = next((each for each in form.questions if not _unfit(form, each)), None)
    if first is None:
        return (
            f"{form.id} has no question for a postcard: one that everybody answers with one tick."
            " Ask one, or print another edition."
        )
    needed = _questions(card, (first,)).height
    return (
        f"No question of {form.id} fits on a postcard: “{first.id}” needs {needed:.0f} mm, and there are"
        f" {card.room.h:.0f} mm. Give it fewer or shorter choices, or choose another with postcard: true."
    )


def _head(card: _Card) -> Block:
    beside = replace(card.setting, width=card.frame.between_codes)
    council = within("P", 0, set_words(beside, card.definition.council, ACCENT))
    return stacked((*council, *within("H1", 1, set_words(beside, card.definition.title, STRONG))))


def _questions(card: _Card, questions: Sequence[Question]) -> Block:
    """Return questions one under the other, without numbers: nothing on the card refers to them."""
    line = card.setting.edition.line
    return stacked(
        block
        for place, question in enumerate(questions)
        for block in white(within("Sect", place, _question(card, question)), line)
    )


def _question(card: _Card, question: Question) -> Iterator[Block]:
    yield from question_head(card.definition, card.setting, question, "H2")
    answers = places(card.setting, question, card.frame.height)
    yield from white(within("Div", PLACES, answers), card.setting.edition.line * 0.4)


def _where(card: _Card) -> Block:
    """Return where the card goes."""
    words = card.definition.postcard_return_to or card.definition.return_to
    return stacked(within("P", 0, set_words(card.setting, words, size_pt=POSTCARD.small_pt)))


def _foot(card: _Card) -> Block:
    """Return where the whole form is answered, and the code for that, between the lower code and the corner mark."""
    size = card.setting.edition.code_pt
    height = size * MM_PER_PT * card.setting.edition.leading
    code = Block(height, (CopyRun(0, base_line(size, height), "code", "bold", size),))
    words = printed("whole_form", card.setting.languages)
    return stacked(
        within("P", 0, (*set_words(card.setting, words, size_pt=POSTCARD.small_pt, width=card.foot_width), code))
    )
