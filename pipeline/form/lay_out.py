"""Lay a form out: from the definition to the place of every word, box and code on every page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

from pipeline.form.code import layout_code
from pipeline.form.definition import FormDefinition, say
from pipeline.form.fonts import unprintable
from pipeline.form.layout import Layout, LayoutError, PageLayout, TextRun
from pipeline.form.paper.editions import EDITIONS, PAPERS, POSTCARD
from pipeline.form.paper.frame import card_size
from pipeline.form.paper.pages import lay_out_pages
from pipeline.form.paper.postcard import card_sheet, lay_out_card

Named = TypeVar("Named")


def lay_out(definition: FormDefinition, edition: str = "clear", paper: str = "a4", lang: str = "en") -> Layout:
    """Return where everything of a form sits on the paper.

    `edition` is one of `EDITION_NAMES`, `paper` in `PAPERS`; `lang` a language of the form, or several joined by
    `+` in the order they are printed (`cy+en`). The same arguments give the same layout, to the letter.

    Raises `LayoutError` for an edition, paper or language there is none of, for letters the typeface does not
    have, for more than 99 pages, and where something that cannot be parted is taller than a page.
    """
    paper_mm = _known(paper, PAPERS, "paper")
    languages = _languages(definition, lang)
    is_card = edition == POSTCARD.name
    if is_card:
        pages: tuple[PageLayout, ...] = (lay_out_card(definition, languages, paper_mm),)
    else:
        pages = lay_out_pages(definition, _known(edition, EDITIONS, "edition"), languages, paper_mm)
    _refuse_unprintable(definition, pages)
    layout = Layout(
        id="",
        form=definition.id,
        version=definition.version,
        edition=edition,
        lang=lang,
        paper=paper,
        paper_mm=card_size(paper_mm) if is_card else paper_mm,
        pages=pages,
        title=say(definition.title, languages[0]),
        author=say(definition.council, languages[0]),
        sheet=card_sheet(paper_mm) if is_card else None,
    )
    return replace(layout, id=layout_code(_told_apart(layout)))


_SAID_SINCE = (("anchor", "left"), ("sheet", None), ("tear_at", None))
"""What layouts say only since a later release, where they do not say it: left out, so that none changes its name."""


def _told_apart(layout: Layout) -> str:
    """Return what tells a layout from every other, as text: what is printed, and not which part it is of the form."""
    return json.dumps(_without_tags(asdict(layout)), ensure_ascii=False, sort_keys=True)


def _without_tags(value: Any) -> Any:
    if isinstance(value, dict):
        told = {key: inner for key, inner in value.items() if key != "tag" and (key, inner) not in _SAID_SINCE}
        return {key: _without_tags(inner) for key, inner in told.items()}
    return [_without_tags(inner) for inner in value] if isinstance(value, list | tuple) else value


def _known(name: str, among: Mapping[str, Named], what: str) -> Named:
    if name not in among:
        raise LayoutError(f"There is no {what} {name!r}. Choose one of {', '.join(among)}.")
    return among[name]


def _languages(definition: FormDefinition, lang: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(lang.split("+")))
    for language in languages:
        if language not in definition.languages:
            raise LayoutError(
                f"{definition.id} is not written in {language!r}. Choose from {', '.join(definition.languages)}."
            )
    return languages


def _refuse_unprintable(definition: FormDefinition, pages: Sequence[PageLayout]) -> None:
    words = (run.text for page in pages for run in page.drawings if isinstance(run, TextRun))
    letters = unprintable("".join(words))
    if letters:
        raise LayoutError(
            f"{definition.id} has letters that the typeface cannot print: {' '.join(letters)}. Write them another way,"
            " or leave out the language that needs them on paper."
        )
