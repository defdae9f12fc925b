"""The fields of the fillable edition: what each is called, where it sits, and how its answers are put together again.

A variable that is one field has its own name. One that takes several (ticks, parts of a date, rows of boxes), or whose
name heads that of another (`reason` that of `reason.other`), numbers them: `reason.1`, `reason.2`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, groupby

from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.form.layout import Box, Field, Layout, Tag
from pipeline.form.normal import SEPARATOR, join_date

COPY_FIELD = "copy"
"""The hidden field that holds the page code of the whole copy; a definition allows no question of this name."""

WHOLE_COPY = 0
"""The form page in that code: all of them."""

OFF = "Off"
"""What a box that is not ticked holds (ISO 32000-2, 12.7.5.2.3)."""

_CALLED_OFF = f"{OFF}="
"""What the box of a choice holds whose value is just that; no value has this sign."""

DATE_PARTS = 3


class FieldKind(StrEnum):
    """What a field is to whoever fills it in."""

    ROUND = "round"
    TICK = "tick"
    BOXES = "boxes"
    LINE = "line"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a field shows on page `page` (from 0): one place to tick or write in, or neighbouring boxes of a row."""

    page: int
    fields: tuple[Field, ...]

    @property
    def tag(self) -> Tag:
        """The part of the form it is."""
        return self.fields[0].tag

    @property
    def value(self) -> str:
        """What a tick here means."""
        return self.fields[0].value

    @property
    def state(self) -> str:
        """What the box holds once it is ticked."""
        return _CALLED_OFF if self.value == OFF else self.value

    @property
    def box(self) -> Box:
        """What it covers, in mm."""
        first, last = self.fields[0].box, self.fields[-1].box
        return Box(first.x, first.y, last.right - first.x, first.h)


@dataclass(frozen=True, slots=True)
class TypedField:
    """One field: its full name, the variable it answers, and its spots; a round one has a spot for each choice.

    `number` (from 1) tells it among the `of` fields of its variable.
    """

    name: str
    variable: Variable
    kind: FieldKind
    spots: tuple[Spot, ...]
    number: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What a field of a returned file holds: its text or what its tick means, "" for none; `room` is how many
    characters it takes, 0 where there is no limit."""

    text: str
    room: int = 0

    @property
    def is_full(self) -> bool:
        """Whether a word may go on in the next row of boxes."""
        return 0 < self.room <= len(self.text)


def typed_fields(definition: FormDefinition, layout: Layout) -> tuple[TypedField, ...]:
    """Return every field of the fillable edition, in the order of the form."""
    names = {variable.name for variable in definition.variables}
    return tuple(
        TypedField(name, variable, kind, spots, number, len(parts))
        for variable in definition.variables
        for kind, parts in [_parts(variable, layout)]
        for number, spots in enumerate(parts, 1)
        for name in [_name(variable, number, heads=len(parts) > 1 or f"{variable.name}.other" in names)]
    )


def typed_answer(variable: Variable, entries: Mapping[str, Entry]) -> str | None:
    """Return one answer as it was typed, "" for none, from all entries by the names of their fields.

    None where the file has no field for it.
    """
    parts = list(_entries(variable, entries))
    if not parts:
        return None
    match variable.shape:
        case Shape.CHOICE | Shape.CHOICES:
            return SEPARATOR.join(value_of(part.text) for part in parts if part.text)
        case Shape.DATE if len(parts) == DATE_PARTS:
            return join_date(*(part.text for part in parts))
        case _:
            return "".join(f"{part.text}{'' if part.is_full else ' '}" for part in parts).strip()


def value_of(state: str) -> str:
    """Return what it means that a box holds this, being ticked."""
    return OFF if state == _CALLED_OFF else state


def _entries(variable: Variable, entries: Mapping[str, Entry]) -> Iterator[Entry]:
    """Yield what was entered in the field of a variable, or in each of its numbered ones."""
    if variable.name in entries:
        yield entries[variable.name]
        return
    for number in count(1):
        entry = entries.get(_name(variable, number, heads=True))
        if entry is None:
            return
        yield entry


def _name(variable: Variable, number: int, *, heads: bool) -> str:
    return f"{variable.name}.{number}" if heads else variable.name


def _parts(variable: Variable, layout: Layout) -> tuple[FieldKind, list[tuple[Spot, ...]]]:
    """Return what the fields of a variable are, and the spots of each."""
    spots = list(_spots(variable.name, layout))
    first = spots[0].fields[0]
    if variable.shape is Shape.CHOICE:
        return FieldKind.ROUND, [tuple(spots)]
    if first.kind == "mark":
        return FieldKind.TICK, [(spot,) for spot in spots]
    if first.kind == "character":
        return FieldKind.BOXES, [(spot,) for spot in spots]
    return FieldKind.LINES if variable.shape is Shape.COMMENT else FieldKind.LINE, [(spot,) for spot in spots]


def _spots(name: str, layout: Layout) -> Iterator[Spot]:
    """Yield where a variable is answered: boxes that are told as one are one spot."""
    for page in layout.pages:
        own = (field for field in page.fields if field.question == name)
        for _, together in groupby(own, key=lambda field: field.tag):
            yield Spot(page.number - 1, tuple(together))
