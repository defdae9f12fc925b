"""Lay a form out: from the definition to the place of every word, box and code on every page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import chain, repeat
from typing import Any, TypeVar

from pipeline.form.code import layout_code
from pipeline.form.definition import FormDefinition, in_easy_words, say
from pipeline.form.fonts import unprintable
from pipeline.form.layout import FIXED, Box, CardSheet, Elsewhere, Field, Layout, PageLayout, PrintedCode, TextRun
from pipeline.form.paper.asked import passages
from pipeline.form.paper.blocks import Block, mirrored, moved, moved_box, untold, within
from pipeline.form.paper.editions import EDITIONS, PAPERS, POSTCARD, Edition
from pipeline.form.paper.foot import MOST_PAGES, foot
from pipeline.form.paper.frame import QR_SIDE, Frame, card_size, page_codes, serial_run
from pipeline.form.paper.matter import ending, masthead, opening, running_head
from pipeline.form.paper.pagination import LayoutError, paginate
from pipeline.form.paper.postcard import card_sheet, lay_out_card
from pipeline.form.paper.typeset import Setting, in_script_of

__all__ = ["LayoutError", "lay_out", "layout_from_text", "layout_json", "layout_to_text"]

_HEAD, _OPENING, _ASKED, _ENDING, FOOT_PART = range(5)
"""The parts of a form as a tagged PDF tells them. The foot is told once, of the first page, and last."""

FOOT_GAP = 3.0
"""mm of white, at least, between the last question of a page and the foot."""

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
        pages = _sheets(definition, _known(edition, EDITIONS, "edition"), languages, paper_mm)
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


def _sheets(
    definition: FormDefinition, edition: Edition, languages: tuple[str, ...], paper_mm: tuple[float, float]
) -> tuple[PageLayout, ...]:
    """Return the pages of a form that fill their paper."""
    frame = Frame(*paper_mm)
    setting = Setting(in_script_of(edition, languages), languages, frame.column)
    return _pages(in_easy_words(definition) if edition.is_easy else definition, setting, frame)


def _told_apart(layout: Layout) -> str:
    """Return what tells a layout from every other, as text: what is printed, and not which part of the form it tells.

    Whole pages say nothing of a sheet that they are not cut from, nor words of the end they begin at that all do.
    """
    everything = asdict(layout)
    if layout.sheet is None:
        del everything["sheet"]
    return json.dumps(_without_tags(everything), ensure_ascii=False, sort_keys=True)


def _without_tags(value: Any) -> Any:
    if isinstance(value, dict):
        told = {key: inner for key, inner in value.items() if key != "tag" and (key, inner) != ("anchor", "left")}
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


def _pages(definition: FormDefinition, setting: Setting, frame: Frame) -> tuple[PageLayout, ...]:
    beside = replace(setting, width=frame.between_codes)
    (first,) = within("Sect", _HEAD, (masthead(definition, beside),))
    further = untold(running_head(definition, beside, frame.body_top - frame.top))
    tops = _body_top(frame, setting, first), _body_top(frame, setting, further)
    bottom = min(frame.body_bottom, _foot_top(frame, foot(definition, beside, 1, 1)) - FOOT_GAP)
    if max(tops) > bottom:
        raise LayoutError(
            f"The title of {definition.id} fills a page in {setting.edition.name} print. Say it in fewer words."
        )
    flow = (
        *(within("Sect", _OPENING, passage) for passage in opening(definition, setting)),
        *(within("Sect", _ASKED, passage) for passage in passages(definition, setting, bottom - tops[1])),
        *(within("Sect", _ENDING, passage) for passage in ending(definition, setting, beside)),
    )
    columns = paginate(flow, tops, bottom)
    if len(columns) > MOST_PAGES:
        raise LayoutError(
            f"{definition.id} takes {len(columns)} pages in {setting.edition.name} print, and no form may take more"
            f" than {MOST_PAGES}. Ask less in one form, or make two of it."
        )
    (told_foot,) = within("Sect", FOOT_PART, (foot(definition, beside, 1, len(columns)),))
    further_feet = (untold(foot(definition, beside, number, len(columns))) for number in range(2, len(columns) + 1))
    heads = chain([first], repeat(further))
    return tuple(
        _page(frame, setting, number, (head, column, below))
        for number, (head, column, below) in enumerate(zip(heads, columns, (told_foot, *further_feet), strict=False), 1)
    )


def _head_top(frame: Frame, head: Block) -> float:
    """Return the y of a head beside the upper QR code: level with its middle, unless it is the higher of the two."""
    return frame.top + max(0.0, (QR_SIDE - head.height) / 2)


def _body_top(frame: Frame, setting: Setting, head: Block) -> float:
    return max(frame.body_top, _head_top(frame, head) + head.height + setting.edition.line * 0.6)


def _foot_top(frame: Frame, foot: Block) -> float:
    """Return the y of a foot beside the lower QR code: level with its middle, as far as the paper's end allows."""
    return min(frame.bottom - (QR_SIDE + foot.height) / 2, frame.last - foot.height)


def _page(frame: Frame, setting: Setting, number: int, parts: tuple[Block, Block, Block]) -> PageLayout:
    """Return a page of its head, its column and its foot; codes and corner marks never move."""
    beside_code = frame.left + frame.column - frame.between_codes
    head, column, foot = parts
    if setting.mirrored:
        widths = frame.between_codes, frame.column, frame.between_codes
        head, column, foot = (mirrored(part, width) for part, width in zip(parts, widths, strict=True))
    body = moved(column, frame.left, 0)
    around = moved(head, frame.left, _head_top(frame, head)), moved(foot, beside_code, _foot_top(frame, foot))
    return PageLayout(
        number,
        page_codes(frame, number),
        body.fields,
        (*around[0].drawings, *body.drawings, *around[1].drawings, serial_run(frame)),
    )


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
    codes = (replace(code, box=moved_box(code.box, right, down)) for code in page.codes)
    fields = (replace(field, box=moved_box(field.box, right, down)) for field in page.fields)
    return {
        "page": page.number,
        **told,
        "codes": [_code_json(code) for code in codes],
        "fields": [_field_json(field) for field in fields],
    }


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
