"""A layout as text, as `layout --json` tells it and the record keeps it: read back without what lays forms out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from pipeline.form.layout import FIXED, Box, CardSheet, Elsewhere, Field, Layout, PageLayout, PrintedCode, moved_box


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
