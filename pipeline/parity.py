"""Hold every edition of a form, in every language, on paper and online, against the form itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.form.definition import FormDefinition, in_easy_words
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import LayoutError
from pipeline.form.paper.editions import EDITION_NAMES, EDITIONS
from pipeline.form.paper.postcard import left_out
from pipeline.form.parity import AsAsked, Difference, Respect, asked_on_paper, differences, words_of_question
from pipeline.web.form_page import view_items
from pipeline.web.question_view import Input, Options, Parts, QuestionView

ONLINE = "online"
"""What the online form is called among the editions."""


@dataclass(frozen=True, slots=True)
class Parity:
    """What was compared of one version of a form, and every difference found."""

    form: str
    version: str
    editions: tuple[str, ...]
    languages: tuple[str, ...]
    differences: tuple[Difference, ...]


def parity_of(definition: FormDefinition) -> Parity:
    """Return how every edition of a form differs from it in every language: nothing but what is listed."""
    editions = (*EDITION_NAMES, ONLINE)
    found = (each for edition in editions for lang in definition.languages for each in _of(definition, edition, lang))
    return Parity(definition.id, definition.version, editions, definition.languages, tuple(found))


def _of(definition: FormDefinition, edition: str, language: str) -> Iterator[Difference]:
    if edition == ONLINE:
        yield from differences(definition, edition, language, _asked_online(definition, language))
        return
    try:
        layout = lay_out(definition, edition, lang=language)
    except LayoutError as error:
        yield Difference(edition, language, "", Respect.NOT_MADE, str(error))
        return
    is_easy = edition in EDITIONS and EDITIONS[edition].is_easy
    worded = in_easy_words(definition) if is_easy else definition
    why_not = {each.question.id: each.why for each in left_out(definition, layout)}
    yield from differences(worded, edition, language, asked_on_paper(worded, layout), why_not)
    if is_easy:
        yield from _easier_words(definition, worded, edition, language)


def _easier_words(
    definition: FormDefinition, worded: FormDefinition, edition: str, language: str
) -> Iterator[Difference]:
    """Yield the questions that Easy Read asks in words of its own."""
    for plain, easy in zip(definition.questions, worded.questions, strict=True):
        pairs = zip(words_of_question(plain, language), words_of_question(easy, language), strict=True)
        changed = [f"“{after}” for “{before}”" for before, after in pairs if before != after]
        if changed:
            yield Difference(edition, language, plain.id, Respect.WORDS, f"In easier words: {'; '.join(changed)}.")


def _asked_online(definition: FormDefinition, language: str) -> tuple[AsAsked, ...]:
    views = view_items(definition, {}, (), language)
    return tuple(_as_shown(view) for view in views if isinstance(view, QuestionView))


def _as_shown(view: QuestionView) -> AsAsked:
    places = tuple(place for field in view.fields for place in _places(view, field))
    labels = (label for field in view.fields for label in _labels(field))
    texts = frozenset(_without_marks(text) for text in (view.text, *labels))
    return AsAsked(view.id, places, texts, routed=bool(view.only_if))


def _places(view: QuestionView, field: Input | Options | Parts) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the variables of a field; the parts of a date are one."""
    if isinstance(field, Options):
        yield field.name, tuple(option.value for option in field.options)
        yield from ((option.other.name, ()) for option in field.options if option.other)
    else:
        yield (field.name if isinstance(field, Input) else view.id), ()


def _labels(field: Input | Options | Parts) -> tuple[str, ...]:
    return (field.label, *(option.label for option in field.options)) if isinstance(field, Options) else ()


def _without_marks(text: str) -> str:
    """A text without the signs that keep figures and Latin words in order for a browser."""
    return " ".join("".join(sign for sign in text if unicodedata.category(sign) != "Cf" or sign == "\u200c").split())
