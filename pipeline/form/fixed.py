"""The geometry of a form made elsewhere: from its JSON and the form's definition to a layout, or all that is wrong.

The JSON is what `layout --json` prints for forms of our own; only what reading needs must be there.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.form.code import layout_code
from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.form.layout import FIXED, Box, Elsewhere, Layout, PageLayout, PrintedCode
from pipeline.form.layout import Field as Place

BARCODES = ("code128", "itf", "qr", "datamatrix")
"""The kinds of barcode that are read on forms made elsewhere."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_SMALLEST_MM, _LARGEST_MARK_MM = 1.5, 15.0
"""Sides of a box to tick that can be told from dust, and that is not an area to write in."""

_DATE_BOXES = 8


@dataclass(frozen=True, slots=True)
class GeometryError:
    """One thing to put right in the geometry: `where` in it, `what` is wrong, and what to write `instead`."""

    where: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.instead}"


_Positive = Annotated[float, Field(gt=0, le=1000)]
_BoxMm = tuple[float, float, _Positive, _Positive]


class _WrittenField(BaseModel):
    model_config = ConfigDict(extra="ignore")

    question: str
    kind: Literal["mark", "character", "text"]
    box_mm: _BoxMm
    value: str = ""
    shape: Literal["box", "oval"] = "box"
    filled: Literal["marked", "cancelled"] | None = None
    index: Annotated[int, Field(ge=0)] = 0
    allowed: str = ""

    def place(self) -> Place:
        """Return the field; filling in a bubble is how it is marked, filling in a box is how it is cancelled."""
        filled = self.filled or ("marked" if self.shape == "oval" else "cancelled")
        allowed = self.allowed or (_LETTERS if self.kind == "character" else "")
        is_mark = self.kind == "mark"
        return Place(
            self.question,
            self.kind,
            Box(*self.box_mm),
            self.value,
            self.shape,
            self.index,
            allowed,
            filled if is_mark else "cancelled",
        )


class _WrittenCode(BaseModel):
    """Anything that differs from copy to copy; on forms of ours, what we print to know the page by."""

    model_config = ConfigDict(extra="ignore")

    box_mm: _BoxMm


class _WrittenPage(BaseModel):
    model_config = ConfigDict(extra="ignore")

    page: Annotated[int, Field(ge=1)]
    fields: list[_WrittenField]
    codes: list[_WrittenCode] = []

    def place(self) -> PageLayout:
        """Return the page; whatever differs from copy to copy counts as a serial."""
        codes = tuple(PrintedCode("serial", Box(*code.box_mm)) for code in self.codes)
        return PageLayout(self.page, codes, tuple(field.place() for field in self.fields))


class _WrittenLayout(BaseModel):
    model_config = ConfigDict(extra="ignore")

    paper_mm: tuple[_Positive, _Positive]
    pages: Annotated[list[_WrittenPage], Field(min_length=1)]
    lang: str = ""
    sides: Literal["one", "both"] = "one"
    respondent: Literal["", "code128", "itf", "qr", "datamatrix"] = ""


def fixed_layout(definition: FormDefinition, text: str, blanks: bytes) -> Layout | tuple[GeometryError, ...]:
    """Return the layout that the JSON `text` describes for a form, or everything in it that is wrong.

    `blanks` is whatever tells one set of blank pages from another: the layout is another if they are.
    """
    try:
        written = _WrittenLayout.model_validate_json(text)
    except ValidationError as refused:
        return tuple(_explained(error, text) for error in refused.errors(include_url=False))
    layout = _layout(definition, written)
    errors = (*_misplaced(layout), *_unknown(definition, layout), *_lacking(definition, layout))
    if errors:
        return errors
    geometry = json.dumps(asdict(layout), ensure_ascii=False, sort_keys=True)
    return replace(layout, id=layout_code(geometry + hashlib.sha256(blanks).hexdigest()))


def _layout(definition: FormDefinition, written: _WrittenLayout) -> Layout:
    return Layout(
        id="",
        form=definition.id,
        version=definition.version,
        edition=FIXED,
        lang=written.lang or definition.languages[0],
        paper="",
        paper_mm=written.paper_mm,
        pages=tuple(page.place() for page in written.pages),
        elsewhere=Elsewhere(written.sides, written.respondent),
    )


def _explained(error: Mapping[str, Any], text: str) -> GeometryError:
    """Say what is wrong with the JSON itself, or with one key of it."""
    steps = error["loc"]
    if error["type"] == "json_invalid":
        return GeometryError(
            "geometry", f"this is not JSON ({error['ctx']['error']}).", "Print an example with layout."
        )
    where = ", ".join(
        f"{str(step).removesuffix('s')} {int(steps[place + 1]) + 1}"
        for place, step in enumerate(steps[:-1])
        if step in ("pages", "fields") and isinstance(steps[place + 1], int)
    )
    key = next((str(step) for step in reversed(steps) if isinstance(step, str)), "geometry")
    return GeometryError(where or "geometry", f"{key} is wrong: {error['msg'].lower()}.", _EXAMPLES.get(key, _EXAMPLE))


_EXAMPLE = "Compare it with what layout --json prints."
_EXAMPLES = {
    "paper_mm": 'Write the paper\'s width and height, such as "paper_mm": [210, 297].',
    "pages": 'Write a list such as "pages": [{"page": 1, "fields": [...]}].',
    "page": 'Number the pages from 1, such as "page": 1.',
    "fields": 'Write a list, or "fields": [] for a page without anything to answer.',
    "box_mm": 'Write left, top, width and height in millimetres, such as "box_mm": [20.5, 61, 5, 5].',
    "kind": 'Write "mark" for a box to tick, "character" for a box for one letter, "text" for an area to write in.',
    "shape": 'Write "box" or "oval".',
    "filled": 'Write "marked" or "cancelled": what filling it in means.',
    "sides": 'Write "one", or "both" where both sides of a sheet are printed and scanned together.',
    "respondent": f"Write the kind of barcode that is different on every copy: {', '.join(BARCODES)}.",
}


def _misplaced(layout: Layout) -> Iterator[GeometryError]:
    """Pages that are not numbered 1, 2, 3…, and boxes off the paper or of a size that nobody ticks."""
    numbers = [page.number for page in layout.pages]
    if numbers != list(range(1, len(numbers) + 1)):
        yield GeometryError("pages", f"they are numbered {numbers}.", "Number them 1, 2, 3 in order.")
    width, height = layout.paper_mm
    for page in layout.pages:
        for field in page.fields:
            box = field.box
            if box.x < 0 or box.y < 0 or box.right > width or box.bottom > height:
                what = f"its box reaches from ({box.x:g}, {box.y:g}) to ({box.right:g}, {box.bottom:g}) mm."
                yield GeometryError(
                    _named(page, field), what, f"The paper is {width:g} by {height:g} mm: keep it there."
                )
            elif (
                field.kind == "mark" and not _SMALLEST_MM <= min(box.w, box.h) <= max(box.w, box.h) <= _LARGEST_MARK_MM
            ):
                what = f"a box to tick of {box.w:g} by {box.h:g} mm cannot be read."
                yield GeometryError(
                    _named(page, field), what, f"It must be {_SMALLEST_MM:g} to {_LARGEST_MARK_MM:g} mm."
                )


def _unknown(definition: FormDefinition, layout: Layout) -> Iterator[GeometryError]:
    """Fields that belong to no question, stand for no choice, or are of a kind that its question does not have."""
    variables = {variable.name: variable for variable in definition.variables}
    asked = dict.fromkeys(field.question for page in layout.pages for field in page.fields)
    for name in (name for name in asked if name not in variables):
        instead = f"Its questions are {', '.join(variables)}."
        yield GeometryError(name, f"{definition.id} has no such question.", instead)
    for page in layout.pages:
        for field in page.fields:
            variable = variables.get(field.question)
            if variable is None:
                continue
            if field.kind not in _KINDS[variable.shape]:
                what = f"a question of this kind has no {field.kind} fields."
                yield GeometryError(_named(page, field), what, f"Write {' or '.join(_KINDS[variable.shape])}.")
            elif field.kind == "mark" and field.value not in {choice.value for choice in variable.choices}:
                values = ", ".join(choice.value for choice in variable.choices)
                what = f"{field.value or 'nothing'} is not one of its answers."
                yield GeometryError(_named(page, field), what, f"Write one of {values} as its value.")


_KINDS: Mapping[Shape, tuple[str, ...]] = {
    Shape.CHOICE: ("mark",),
    Shape.CHOICES: ("mark",),
    Shape.NUMBER: ("character",),
    Shape.DATE: ("character",),
    Shape.POSTCODE: ("character",),
    Shape.CODE: ("character",),
    Shape.TEXT: ("character", "text"),
    Shape.COMMENT: ("text",),
}


def _lacking(definition: FormDefinition, layout: Layout) -> Iterator[GeometryError]:
    """Questions and choices without a field, fields there are too many of, and boxes for letters badly numbered."""
    for variable in definition.variables:
        fields = [field for page in layout.pages for field in page.fields if field.question == variable.name]
        if not fields:
            what = f"{variable.name} has no field on any page."
            yield GeometryError("geometry", what, "Add where it is answered, or take the question out of the form.")
        elif fields[0].kind == "mark":
            yield from _wrong_choices(variable, Counter(field.value for field in fields))
        elif fields[0].kind == "character":
            yield from _wrong_boxes(variable, sorted(field.index for field in fields))


def _wrong_choices(variable: Variable, seen: Counter[str]) -> Iterator[GeometryError]:
    for choice in variable.choices:
        if seen[choice.value] != 1:
            times = "has no box" if seen[choice.value] == 0 else f"has {seen[choice.value]} boxes"
            what = f"the answer {choice.value} of {variable.name} {times}."
            yield GeometryError("geometry", what, "Give every answer one box.")


def _wrong_boxes(variable: Variable, numbers: list[int]) -> Iterator[GeometryError]:
    if numbers != list(range(len(numbers))):
        what = f"the boxes of {variable.name} have the numbers {numbers}."
        yield GeometryError("geometry", what, 'Number them from 0, from left to right, as "index".')
    wanted = _boxes_wanted(variable)
    if wanted and len(numbers) != wanted:
        what = f"{variable.name} has {len(numbers)} boxes for letters."
        yield GeometryError("geometry", what, f"This question needs {wanted}.")


def _boxes_wanted(variable: Variable) -> int:
    """How many boxes a question must have, or 0 where it may have any number."""
    if variable.shape is Shape.DATE:
        return _DATE_BOXES
    return sum(sign in "9AX" for sign in variable.question.pattern) if variable.shape is Shape.CODE else 0


def _named(page: PageLayout, field: Place) -> str:
    which = field.value or (f"box {field.index}" if field.kind == "character" else field.kind)
    return f"page {page.number}, {field.question} ({which})"
