"""The items of a form as blocks in reading order: questions with their places to answer, headings, notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.form.definition import FormDefinition, Item, Kind, Note, Question, Section, Wording, say
from pipeline.form.paper.blocks import Block, indented, kept, moved, overlaid, stacked, white, within
from pipeline.form.paper.boxed import allowed_letters
from pipeline.form.paper.pictures import OF_KIND, symbol
from pipeline.form.paper.places import is_grid, places
from pipeline.form.paper.routing import for_whom, leads
from pipeline.form.paper.typeset import ACCENT, BODY, SIGNPOST, STRONG, Setting, Style, set_words, unturned
from pipeline.form.words import printed

Passage = tuple[Block, ...]
"""Blocks that belong together: they share a page if any page can hold them."""

HEADING_LEADING = 1.2
_WORDS, _FOR_WHOM, _ADVICE, PLACES, _ROUTES = range(5)
"""The parts of a question as they are told: its heading comes first, though whom it is for is printed above."""
PICTURE_GAP = 5.0
"""mm between a picture and the words at its right."""

LONE_LINES = 2
"""Lines of a paragraph that are never left alone at the end or the start of a page."""


def passages(definition: FormDefinition, setting: Setting, room: float) -> Iterator[Passage]:
    """Yield the items of a form, each heading and note together with the item it leads to; `room` in mm is a page's."""
    waiting: Passage = ()
    heading = "H2"
    for place, item in enumerate(definition.items):
        blocks = within("Sect", place, _item(definition, setting, item, room, heading))
        heading = "H3" if isinstance(item, Section) else heading
        if isinstance(item, Question):
            yield waiting + (white(blocks, setting.edition.line) if waiting else blocks)
            waiting = ()
        else:
            waiting += (*blocks[:-1], *kept(blocks[-1:]))
    if waiting:
        yield waiting


def paragraph(lines: tuple[Block, ...], above: float) -> Passage:
    """Return lines of words with `above` mm of white before them, no line of theirs left alone on a page."""
    last = len(lines) - 1
    return white(
        (replace(line, sticks=n < LONE_LINES - 1 or last - LONE_LINES < n < last) for n, line in enumerate(lines)),
        above,
    )


def _item(definition: FormDefinition, setting: Setting, item: Item, room: float, heading: str) -> Passage:
    """Return an item; a question's words are a heading of the level `heading`."""
    line = setting.edition.line
    if isinstance(item, Question):
        return _question(definition, setting, item, room, heading)
    if isinstance(item, Note):
        return within("P", 0, paragraph(set_words(setting, item.text), line))
    title = set_words(setting, item.title, STRONG, size_pt=setting.edition.heading_pt, leading=HEADING_LEADING)
    text = paragraph(set_words(setting, item.text), line * 0.3)
    return within("H2", 0, white(kept(title), line * 1.6)) + within("P", 1, text)


def _question(definition: FormDefinition, setting: Setting, question: Question, room: float, heading: str) -> Passage:
    """Return a question: number in the margin column, words, instructions, places to answer, where to go next."""
    line = setting.edition.line
    indent = setting.edition.number_column
    inner = replace(setting, width=setting.width - indent)
    number = definition.questions.index(question) + 1
    head = indented(question_head(definition, inner, question, heading), indent)
    if setting.edition.is_easy:
        head = _pictured(setting, question, head)
    first = overlaid(*within(heading, _WORDS, (_number(setting, number),)), head[0])
    answers = within("Div", PLACES, places(inner, question, room))
    again = _again(setting, number)
    routes = tuple(
        block
        for place, lead in enumerate(leads(definition, question, setting.languages), _ROUTES)
        for block in within("P", place, set_words(inner, lead, SIGNPOST))
    )
    body = _unparted(answers, white(routes, line * 0.6))
    return (
        *white(kept((first, *head[1:])), line * 1.3, divided=True),
        *(replace(block, heads=_under(again, block.heads)) for block in indented(white(body, line * 0.4), indent)),
    )


def _pictured(setting: Setting, question: Question, head: Passage) -> Passage:
    """Return the words of a question with its picture at their left, under which no answer begins."""
    side = setting.edition.picture
    drawn = unturned(setting, symbol(question.picture or OF_KIND[question.kind], side), side)
    drawn = moved(drawn, setting.edition.number_column - side - PICTURE_GAP, 0)
    lacking = side - sum(block.above + block.height for block in head)
    first = replace(head[0], drawings=(*drawn.drawings, *head[0].drawings))
    *others, last = first, *head[1:]
    return (*others, replace(last, height=last.height + max(0.0, lacking)))


def question_head(definition: FormDefinition, setting: Setting, question: Question, heading: str) -> Passage:
    """Return whom a question is for, its words as a heading of that level, and how to answer it, a block a line."""
    line = setting.edition.line
    wordings: list[tuple[str, int, Wording, Style]] = [
        ("P", _FOR_WHOM, for_whom(definition, question, setting.languages), BODY),
        (heading, _WORDS, question.text, STRONG),
        ("P", _ADVICE, _advice(setting, question), BODY),
    ]
    paragraphs = (within(kind, place, set_words(setting, words, style)) for kind, place, words, style in wordings)
    return tuple(
        block
        for number, lines in enumerate(lines for lines in paragraphs if lines)
        for block in white(lines, line * 0.2 if number else 0.0)
    )


def _advice(setting: Setting, question: Question) -> Wording:
    """Return, as one paragraph, the author's help, that a sensitive question is free to answer, and how to answer."""
    languages = setting.languages
    free = printed("need_not", languages) if question.sensitive else {}
    return _sentences(_sentences(question.help, free, languages), _instruction(setting, question), languages)


def _instruction(setting: Setting, question: Question) -> Wording:
    names = {Kind.ONE: "tick_one", Kind.MANY: "tick_all", Kind.SCALE: "tick_statements"}
    if is_grid(setting, question):
        return printed("tick_rows", setting.languages)
    if question.kind in names:
        return printed(names[question.kind], setting.languages)
    if question.kind is Kind.COMMENT or (question.kind is Kind.TEXT and not question.length):
        return {}
    return printed("digits" if allowed_letters(question).isdecimal() else "capitals", setting.languages)


def _sentences(first: Wording, second: Wording, languages: tuple[str, ...]) -> Wording:
    """Return two wordings one after the other, in each language."""
    pairs = {language: (say(first, language).strip(), say(second, language)) for language in languages}
    return {
        language: " ".join((f"{one}." if one and two and one[-1].isalnum() else one, two)).strip()
        for language, (one, two) in pairs.items()
    }


def _number(setting: Setting, number: int) -> Block:
    """Return a question's number, as high as its first line."""
    return set_words(setting, {"": str(number)}, ACCENT)[0]


def _again(setting: Setting, number: int) -> Block:
    """Return what stands above the rest of a question that had to be parted: its number, and that it goes on."""
    words = indented(set_words(setting, printed("continued", setting.languages)), setting.edition.number_column)
    head = overlaid(_number(setting, number), stacked(words))
    return replace(head, height=head.height + setting.edition.line * 0.4)


def _under(upper: Block, lower: Block | None) -> Block:
    return stacked((upper, lower)) if lower else upper


def _unparted(answers: Passage, routes: Passage) -> Passage:
    """Return the answers, the first and the last of them never alone on a page, and then the routes."""
    last = len(answers) - 1
    bound = {0, last - 1, *([last] if routes else [])}
    together = (replace(block, sticks=block.sticks or place in bound) for place, block in enumerate(answers))
    return (*together, *kept(routes[:-1]), *routes[-1:])
