"""Lay a form out: from the definition to the place of every word, box and code on every page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

from pipeline.form.code import layout_code
from pipeline.form.definition import FormDefinition, say
from pipeline.form.fonts import unprintable
from pipeline.form.layout import FIXED, Box, CardSheet, Elsewhere, Field, Layout, PageLayout, PrintedCode, TextRun
from pipeline.form.paper.blocks import moved_box
from pipeline.form.paper.editions import EDITIONS, PAPERS, POSTCARD
from pipeline.form.paper.frame import card_size
from pipeline.form.paper.pages import lay_out_pages
from pipeline.form.paper.pagination import LayoutError
from pipeline.form.paper.postcard import card_sheet, lay_out_card

__all__ = ["LayoutError", "lay_out", "layout_from_text", "layout_json", "layout_to_text"]

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


def layout_json(layout: Layout) -> dict[str, Any]:
    """Return the geometry as `layout --json` tells it: boxes as [x, y, w, h] in mm, no drawings."""
    return {
        "form": layout.form,
        "version": layout.version,
        "layout": layout.id,
        "edition": layout.edition,
        "lang": layout.lang,
        "paper": layout.paper,
        "paper_mm": list(layout.sheet.paper_mm if layout.sheet else layout.paper_mm),
        **({"card_mm": list(layout.paper_mm)} if layout.sheet else {}),
        **(asdict(layout.elsewhere) if layout.elsewhere else {}),
        "pages": [_page_json(page, *where) for where in _wheres(layout) for page in layout.pages],
    }


Where = tuple[dict[str, Any], float, float]
"""What is told of a card's place on its sheet, and by how much it is moved right and down (mm)."""


def _wheres(layout: Layout) -> Sequence[Where]:
    """Return where a layout stands on its paper: a page once, and a card in every slot of its sheet."""
    if layout.sheet is None:
        return (({}, 0.0, 0.0),)
    return [({"slot": slot, "at_mm": list(at)}, *at) for slot, at in enumerate(layout.sheet.slots)]


def _page_json(page: PageLayout, told: dict[str, Any], right: float, down: float) -> dict[str, Any]:
    return {
        "page": page.number,
        **told,
        **({"tear_at_mm": page.tear_at} if page.tear_at else {}),
        "codes": [_code_json(replace(code, box=_at(code.box, right, down))) for code in page.codes],
        "fields": [_field_json(replace(field, box=_at(field.box, right, down))) for field in page.fields],
    }


def _at(box: Box, right: float, down: float) -> Box:
    """A box moved to where its card is; one that stays is told to the last digit, however it was measured."""
    return moved_box(box, right, down) if right or down else box


def layout_to_text(layout: Layout) -> str:
    """Return, as one line of JSON, all that reading a printed page needs: codes and fields, no drawings."""
    return json.dumps(layout_json(layout), ensure_ascii=False, separators=(",", ":"))


def layout_from_text(text: str) -> Layout:
    """Return the layout that `layout_to_text` wrote, without drawings. Raises ValueError or KeyError for other text."""
    told = json.loads(text)
    width, height = told.get("card_mm", told["paper_mm"])
    slots = tuple(tuple(page["at_mm"]) for page in told["pages"] if "at_mm" in page)
    return Layout(
        id=told["layout"],
        form=told["form"],
        version=told["version"],
        edition=told["edition"],
        lang=told["lang"],
        paper=told["paper"],
        paper_mm=(width, height),
        pages=tuple(
            PageLayout(
                page["page"],
                tuple(_code_from_json(code) for code in page["codes"]),
                tuple(_field_from_json(field) for field in page["fields"]),
                tear_at=page.get("tear_at_mm"),
            )
            for page in told["pages"]
            if not page.get("slot")
        ),
        elsewhere=Elsewhere(told["sides"], told["respondent"]) if told["edition"] == FIXED else None,
        sheet=CardSheet(tuple(told["paper_mm"]), slots) if slots else None,
    )


def _code_json(code: PrintedCode) -> dict[str, Any]:
    number = {"id": code.id} if code.kind == "aruco" else {}
    return {"kind": code.kind, **number, "box_mm": _box_json(code.box)}


def _code_from_json(told: dict[str, Any]) -> PrintedCode:
    return PrintedCode(told["kind"], Box(*told["box_mm"]), told.get("id", 0))


def _field_json(field: Field) -> dict[str, Any]:
    """Return what means something for the field's kind, and nothing else."""
    filled = {} if field.filled == "cancelled" else {"filled": field.filled}
    meanings: dict[str, dict[str, Any]] = {
        "mark": {"value": field.value, "shape": field.shape, **filled},
        "character": {"index": field.index, "allowed": field.allowed},
        "text": {},
    }
    return {"question": field.question, "kind": field.kind, **meanings[field.kind], "box_mm": _box_json(field.box)}


def _field_from_json(told: dict[str, Any]) -> Field:
    meaning = {name: value for name, value in told.items() if name != "box_mm"}
    return Field(box=Box(*told["box_mm"]), **meaning)


def _box_json(box: Box) -> list[float]:
    return [box.x, box.y, box.w, box.h]
