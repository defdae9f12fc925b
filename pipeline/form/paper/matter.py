"""What a form says around its questions: the heads of its pages, and its end."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from pipeline.form.definition import FormDefinition, Kind, Wording, say
from pipeline.form.layout import Box, Panel, Stroke
from pipeline.form.paper.asked import PICTURE_GAP, Passage, paragraph
from pipeline.form.paper.blocks import Block, indented, kept, moved, overlaid, picture, stacked, white, within
from pipeline.form.paper.foot import tells_where
from pipeline.form.paper.typeset import ACCENT, STRONG, Setting, Style, set_words, unturned
from pipeline.form.words import long_date, long_time, phrase, phrase_of, printed

EXAMPLE_PT = 0.7

TITLE = Style("bold", "bold", "semibold")


def masthead(definition: FormDefinition, setting: Setting) -> Block:
    """Return the head of the first page: whose form it is, and its title."""
    council = within("P", 0, set_words(setting, definition.council, ACCENT))
    title = within("H1", 1, set_words(setting, definition.title, TITLE, size_pt=setting.edition.title_pt, leading=1.15))
    return stacked((*council, *white(title, setting.edition.line * 0.2)))


def running_head(definition: FormDefinition, setting: Setting, room: float) -> Block:
    """Return the head of a further page: the title and, if `room` mm hold it, how to change an answer."""
    title = set_words(setting, definition.title, STRONG)
    reminder = set_words(setting, printed("change_of_mind", setting.languages)) if _is_ticked(definition) else ()
    full = stacked((*title, *reminder))
    return full if full.height <= room else stacked(title)


def opening(definition: FormDefinition, setting: Setting) -> tuple[Passage, ...]:
    """Return why the form is asked, how long it takes, until when, where else it can be answered, and how to tick."""
    line = setting.edition.line
    online = printed(_voiced("online", setting), setting.languages)
    return (
        within("P", 0, paragraph(set_words(setting, definition.intro), 0.0)),
        within("P", 1, paragraph(set_words(setting, _time(definition, setting.languages), STRONG), line * 0.5)),
        within("P", 2, paragraph(set_words(setting, online), line * 0.2)),
        within("P", 3, _typed(setting)),
        within("L", 4, _how_to(setting)) if _is_ticked(definition) else (),
    )


def _typed(setting: Setting) -> Passage:
    """Return that the file can be filled in on a screen, where it can."""
    if not setting.edition.is_typed:
        return ()
    return paragraph(set_words(setting, printed("type_in", setting.languages)), setting.edition.line * 0.2)


def ending(definition: FormDefinition, setting: Setting, beside: Setting) -> tuple[Passage, ...]:
    """Return the thanks, where the form goes if the foot does not say it, the privacy notice, and the help line.

    `beside` is the setting of the foot.
    """
    line = setting.edition.line
    where = () if tells_where(definition, beside) else within("Div", 1, _headed("where", definition.return_to, setting))
    thanks = set_words(setting, definition.thanks, STRONG)
    return tuple(
        passage
        for passage in (
            within("P", 0, white(kept(thanks[:-1]) + thanks[-1:], line * 1.5, divided=True)),
            where,
            within("Div", 2, _headed("privacy", _privacy(definition, setting), setting)),
            within("P", 3, paragraph(set_words(setting, definition.help_line), line * 0.8)),
        )
        if passage
    )


def _privacy(definition: FormDefinition, setting: Setting) -> Wording:
    """Return the author's notice, how long scans and answers are kept, and whether comments may be published."""
    days, end = (definition.scans_kept_days, definition.answers_kept_days), definition.destroy_by
    kept_for = _voiced("kept", setting)
    return {
        language: " ".join(
            part
            for part in (
                say(definition.privacy, language).strip(),
                phrase(kept_for, language, scans=long_time(days[0], language), answers=long_time(days[1], language)),
                phrase("destroyed", language, date=long_date(end, language)) if end else "",
                phrase("publish", language) if definition.publish else "",
            )
            if part
        )
        for language in setting.languages
    }


def _voiced(name: str, setting: Setting) -> str:
    """Return the name of a phrase as this edition says it."""
    return f"easy_{name}" if setting.edition.is_easy else name


def _is_ticked(definition: FormDefinition) -> bool:
    return any(question.kind in (Kind.ONE, Kind.MANY, Kind.SCALE) for question in definition.questions)


def _time(definition: FormDefinition, languages: tuple[str, ...]) -> Wording:
    minutes = definition.minutes
    taken = {language: phrase_of(minutes, "minutes", language, minutes=minutes) for language in languages}
    if definition.closes is None:
        return taken
    closes = definition.closes
    return {
        language: f"{taken[language]} {phrase('closes', language, date=long_date(closes, language))}"
        for language in languages
    }


def _how_to(setting: Setting) -> Passage:
    """Return how to tick and how to change an answer, each beside a small drawn example."""
    line = setting.edition.line
    tick = unturned(setting, _ticked_box(setting), setting.edition.mark)
    ticked = _beside(setting, _picture(setting, "a_ticked_box", tick), "how_to_tick")
    changed = _beside(setting, _picture(setting, "a_filled_box", _filled_box(setting)), "change_of_mind")
    rows = white(kept((ticked,)), line * 0.8) + white((changed,), line * 0.4)
    return tuple(item for place, row in enumerate(rows) for item in within("LI", place, (row,)))


def _picture(setting: Setting, name: str, drawn: Block) -> Block:
    """Return a drawn example with what it says in the first of the languages."""
    return picture(drawn, phrase(name, setting.languages[0]))


def _beside(setting: Setting, drawn: Block, name: str) -> Block:
    """Return the printed words `name` with an example in the margin column, level with their first line.

    Where questions have pictures, the example stands under the pictures.
    """
    indent = setting.edition.number_column
    lines = set_words(setting, printed(name, setting.languages), width=setting.width - indent)
    words = stacked(within("LBody", 1, indented(lines, indent)))
    (example,) = within("Lbl", 0, (drawn,))
    taller = (example.height - setting.edition.line) / 2
    left = indent - PICTURE_GAP - (setting.edition.picture + example.height) / 2 if setting.edition.is_easy else 0.0
    row = overlaid(moved(example, left, max(0.0, -taller)), moved(words, 0, max(0.0, taller)))
    return replace(row, height=max(example.height, words.height + max(0.0, taller)))


def _ticked_box(setting: Setting) -> Block:
    side = setting.edition.mark
    corners = ((0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0))
    tick = ((0.2 * side, 0.55 * side), (0.42 * side, 0.8 * side), (0.95 * side, 0.0))
    return Block(side, _path(corners, EXAMPLE_PT) + _path(tick, 2.5 * EXAMPLE_PT))


def _filled_box(setting: Setting) -> Block:
    side = setting.edition.mark
    return Block(side, (Panel(Box(0, 0, side, side), 0.0),))


def _path(points: tuple[tuple[float, float], ...], width_pt: float) -> tuple[Stroke, ...]:
    return tuple(Stroke(*start, *end, width_pt) for start, end in pairwise(points))


def _headed(name: str, wording: Wording, setting: Setting) -> Passage:
    """Return a paragraph under a printed heading, one language after the other."""
    alone = (replace(setting, languages=(language,)) for language in setting.languages)
    return tuple(
        block
        for place, each in enumerate(alone)
        if (lines := set_words(each, {each.languages[0]: say(wording, each.languages[0])}))
        for block in (
            *within("H2", 2 * place, _heading(each, name)),
            *within("P", 2 * place + 1, paragraph(lines, 0.0)),
        )
    )


def _heading(setting: Setting, name: str) -> Passage:
    return white(kept(set_words(setting, printed(name, setting.languages), STRONG)), setting.edition.line * 0.8)
