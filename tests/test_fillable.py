"""A copy that is filled in on a screen: every question has its fields, in words, and they look right filled in."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pdf_structure import faults, kinds

from pipeline.form.code import PageCode, copy_code
from pipeline.form.definition import FormDefinition, say
from pipeline.form.fillable import print_fillable
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Layout
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.form.typed_fields import COPY_FIELD, FieldKind, TypedField, typed_fields
from pipeline.practice.typist import fill_in

FORMS = Path(__file__).resolve().parent.parent / "forms"
NAMES = sorted(path.stem for path in FORMS.glob("*.yaml"))
ONE = copy_code(20_270_331)
PX_PER_MM = 4


def form(name: str) -> FormDefinition:
    parsed = parse_definition((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert isinstance(parsed, FormDefinition)
    return parsed


def printed(name: str, lang: str = "en") -> tuple[FormDefinition, Layout, bytes]:
    definition = form(name)
    layout = lay_out(definition, "fillable", lang=lang)
    return definition, layout, print_fillable(layout, definition, ONE)


def fields_in(pdf: bytes) -> dict[str, Any]:
    """Every field with a kind, by its full name, as plain values."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return {name: field for top in document.Root.AcroForm.Fields for name, field in walk(top, "")}


def walk(field: Any, above: str) -> Any:
    name = f"{above}.{field.T}" if above else str(field.T)
    if "/FT" in field:
        yield name, {"kind": str(field.FT), "words": str(field.get("/TU", "")), "value": str(field.get("/V", ""))}
    else:
        for kid in field.Kids:
            yield from walk(kid, name)


def pictures(pdf: bytes, scale: float = PX_PER_MM * 25.4 / 72) -> list[np.ndarray]:
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        return [np.array(page.render(scale=scale, grayscale=True).to_numpy()).squeeze() for page in document]


def ink(picture: np.ndarray, box: Box) -> float:
    """Share of what lies well within a box that is not white."""
    inner = box.grown(-0.6)
    x, y, right, bottom = (round(side * PX_PER_MM) for side in (inner.x, inner.y, inner.right, inner.bottom))
    return float((picture[y:bottom, x:right] < 200).mean())


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_has_its_fields_and_they_ask_in_words(name: str) -> None:
    definition, layout, pdf = printed(name)
    found = fields_in(pdf)
    assert list(found) == [field.name for field in typed_fields(definition, layout)] + [COPY_FIELD]
    for field in typed_fields(definition, layout):
        assert field.name in (field.variable.name, f"{field.variable.name}.{field.number}")
        assert say(field.variable.question.text, "en") in found[field.name]["words"]
    assert found[COPY_FIELD]["value"] == str(PageCode(layout.id, ONE, 0))


def test_a_variable_that_is_one_field_has_its_own_name() -> None:
    definition, layout, _ = printed("library-visit")
    names = [field.name for field in typed_fields(definition, layout)]
    ticks = [f"reasons.{number}" for number in range(1, 6)]
    assert names == ["library", *ticks, "reasons.other", "got_it", "not_found", "change"]


def test_side_by_side_it_asks_in_both_languages() -> None:
    *_, pdf = printed("library-visit", "cy+en")
    words = fields_in(pdf)["library"]["words"]
    assert words == "1 Pa lyfrgell wnaethoch chi ymweld â hi? / 1 Which library did you visit?"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["en", "cy+en"])
def test_nothing_is_wrong_with_how_it_is_built(name: str, lang: str) -> None:
    if not set(lang.split("+")) <= set(form(name).languages):
        pytest.skip(f"{name} is not written in {lang}")
    definition, layout, pdf = printed(name, lang)
    assert faults(pdf) == []
    spots = sum(len(field.spots) for field in typed_fields(definition, layout))
    assert kinds(pdf).count("Form") == spots


def test_the_same_copy_is_the_same_file() -> None:
    assert printed("opening-hours")[2] == printed("opening-hours")[2]


def test_empty_it_is_the_same_paper_as_any_copy() -> None:
    _, layout, pdf = printed("opening-hours")
    empty, paper = ([crc32(page) for page in pictures(each)] for each in (pdf, print_copies(layout, [ONE], "one")))
    assert empty == paper


def entry_for(field: TypedField) -> str:
    if field.kind in (FieldKind.ROUND, FieldKind.TICK):
        return field.spots[-1].value
    return "8" * len(field.spots[0].fields) if field.kind is FieldKind.BOXES else "A word or two"


def test_filled_in_it_shows_what_was_entered_where_it_was_entered() -> None:
    definition, layout, pdf = printed("opening-hours")
    fields = typed_fields(definition, layout)
    filled = fill_in(pdf, {field.name: entry_for(field) for field in fields})
    pages = pictures(filled)
    for field in fields:
        for spot in field.spots:
            chosen = not spot.value or spot.value == entry_for(field)
            shown = [ink(pages[spot.page], place.box) for place in spot.fields]
            assert (min(shown) > 0.001) if chosen else (max(shown) == 0.0), field.name


def test_each_letter_stands_in_its_box() -> None:
    """The middle of the ink in each box of a row is near the middle of the box."""
    definition, layout, pdf = printed("opening-hours")
    postcode = next(field for field in typed_fields(definition, layout) if field.name == "postcode")
    picture = pictures(fill_in(pdf, {"postcode": "CF10 1AA"}))[postcode.spots[0].page]
    for place, letter in zip(postcode.spots[0].fields, "CF10 1AA", strict=True):
        inner = place.box.grown(-0.6)
        left, right = round(inner.x * PX_PER_MM), round(inner.right * PX_PER_MM)
        top, bottom = round(inner.y * PX_PER_MM), round(inner.bottom * PX_PER_MM)
        columns = np.flatnonzero((picture[top:bottom, left:right] < 160).any(axis=0))
        assert (len(columns) > 0) == (letter != " ")
        if letter != " ":
            assert abs((columns.min() + columns.max()) / 2 / PX_PER_MM - inner.w / 2) < 1.0
