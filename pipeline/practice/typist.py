"""Somebody who fills in a fillable PDF on a screen: pdfium takes the clicks and the typing, as it does in a browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import groupby, islice
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pikepdf import Name

from pipeline.form.definition import Kind, Question
from pipeline.form.rules import split_values
from pipeline.form.typed_fields import FieldKind, TypedField, value_of


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a field is clicked: page from 0, points from the bottom-left; what a tick `means`, "" of room to type."""

    name: str
    page: int
    x: float
    y: float
    means: str


def fill_in(pdf: bytes, entries: Mapping[str, str]) -> bytes:
    """Return the file with these entries, by the names of their fields: text, or what the box to tick means."""
    spots = [spot for spot in _spots(pdf) if _is_wanted(spot, entries)]
    document = pdfium.PdfDocument(pdf)
    document.init_forms()
    for number in range(len(document)):
        page = document[number]
        for spot in (each for each in spots if each.page == number):
            _enter(document, page, spot, entries[spot.name])
        page.close()
    target = BytesIO()
    document.save(target)
    document.close()
    return target.getvalue()


def entries_of(fields: Iterable[TypedField], answers: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody with these answers enters, by the names of the fields they do not leave empty."""
    entries: dict[str, str] = {}
    for name, group in groupby(fields, key=lambda field: field.variable.name):
        together = list(group)
        entries |= dict(zip((field.name for field in together), _cut(together, answers.get(name, "")), strict=True))
    return {name: entry for name, entry in entries.items() if entry}


def _cut(fields: list[TypedField], answer: str) -> list[str]:
    """One answer as the entries of its fields."""
    first = fields[0]
    if first.kind is FieldKind.TICK:
        ticked = split_values(answer)
        return [field.spots[0].value if field.spots[0].value in ticked else "" for field in fields]
    if first.kind is not FieldKind.BOXES:
        return [answer]
    letters = iter(_boxed(first.variable.question, answer))
    return ["".join(islice(letters, len(field.spots[0].fields))) for field in fields]


def _boxed(question: Question, answer: str) -> str:
    """What is written in the boxes of an answer, one letter in each."""
    if question.kind is Kind.DATE and answer:
        return f"{date.fromisoformat(answer):%d%m%Y}"
    if question.kind is Kind.CODE and answer:
        return "".join(letter for letter, sign in zip(answer, question.pattern, strict=True) if sign in "9AX")
    return answer


def _is_wanted(spot: _Spot, entries: Mapping[str, str]) -> bool:
    entry = entries.get(spot.name, "")
    return bool(entry) and spot.means in ("", entry)


def _enter(document: pdfium.PdfDocument, page: pdfium.PdfPage, spot: _Spot, entry: str) -> None:
    form = document.formenv.raw
    pdfium_c.FORM_OnMouseMove(form, page.raw, 0, spot.x, spot.y)
    pdfium_c.FORM_OnLButtonDown(form, page.raw, 0, spot.x, spot.y)
    pdfium_c.FORM_OnLButtonUp(form, page.raw, 0, spot.x, spot.y)
    if not spot.means:
        text = (entry + "\0").encode("utf-16-le")
        typed = (pdfium_c.FPDF_WCHAR * (len(text) // 2)).from_buffer_copy(text)
        pdfium_c.FORM_ReplaceSelection(form, page.raw, typed)
    pdfium_c.FORM_ForceToKillFocus(form)


def _spots(pdf: bytes) -> Iterator[_Spot]:
    with pikepdf.open(BytesIO(pdf)) as document:
        for number, page in enumerate(document.pages):
            for widget in page.obj.get("/Annots", ()):
                left, bottom, right, top = map(float, widget.Rect)
                yield _Spot(_full_name(widget), number, (left + right) / 2, (bottom + top) / 2, _means(widget))


def _full_name(field: Any) -> str:
    above = _full_name(field.Parent) if "/Parent" in field else ""
    return ".".join(filter(None, (above, str(field.get("/T", "")))))


def _means(widget: Any) -> str:
    field = widget if "/FT" in widget else widget.Parent
    if Name.Btn != field.FT:
        return ""
    return next(value_of(str(state)[1:]) for state in widget.AP.N if state != "/Off")
