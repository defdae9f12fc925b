"""The codebook: of every variable its words in each language, values, how many gave them, and its place on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape, Wording, say
from pipeline.form.rules import split_values
from pipeline.store.responses import Place
from pipeline.store.views import FACTS
from pipeline.tables.formats.text import csv_bytes
from pipeline.tables.pages import page_template
from pipeline.tables.table import FACT_LABELS, MISSING_LABELS, Column, Table, plain_names, why_missing


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its `number` in formats that hold numbers, its words, and how many responses hold it."""

    number: int
    value: str
    label: Wording
    n: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One variable: `plain` is its name where no dots are allowed; every response is `answered` or missing."""

    column: Column
    plain: str
    answered: int
    values: tuple[Value, ...]
    missing: Mapping[Missing, int]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Codebook:
    """The codebook of all responses in a table, whatever their status."""

    table: Table
    responses: int
    entries: tuple[Entry, ...]


def codebook_of(table: Table) -> Codebook:
    """Go through the responses once and count every variable."""
    ticked = {column.name: column.shape in (Shape.CHOICE, Shape.CHOICES) for column in table.columns}
    given: dict[str, Counter[str]] = {name: Counter() for name in ticked}
    missing: dict[str, Counter[Missing]] = {name: Counter() for name in ticked}
    responses = 0
    for response in table.responses:
        responses += 1
        for name, has_codes in ticked.items():
            if kind := why_missing(response, name):
                missing[name][kind] += 1
            elif has_codes:
                given[name].update(split_values(response.answers[name]))
    plain = plain_names([*FACTS, *ticked])
    return Codebook(
        table,
        responses,
        tuple(
            Entry(
                column,
                plain[column.name],
                responses - missing[column.name].total(),
                _values(column, given[column.name]),
                {kind: missing[column.name][kind] for kind in Missing},
                tuple(place for place in table.places if place.variable == column.name),
            )
            for column in table.columns
        ),
    )


def write_codebook_csv(table: Table, out: BinaryIO) -> None:
    """Write the codebook as CSV: a row a value and a row a kind of missing, variable by variable."""
    out.writelines(csv_bytes(codebook_rows(codebook_of(table))))


def write_codebook_html(table: Table, out: BinaryIO) -> None:
    """Write the codebook as one HTML page that opens without a network and prints well."""
    template = page_template("codebook.html")
    book = codebook_of(table)
    page = template.render(
        book=book, table=table, facts=FACT_LABELS, missing_labels=MISSING_LABELS, where=where, say=say
    )
    out.write(page.encode())


def codebook_rows(book: Codebook) -> Iterator[list[str]]:
    """Yield the codebook as rows of text, the header first."""
    languages = book.table.form.languages
    questions, labels = ([f"{what}_{language}" for language in languages] for what in ("question", "label"))
    yield ["variable", "plain_name", *questions, "shape", "measure", "is", "value", "number", *labels, "n", "place"]
    for entry in book.entries:
        column = entry.column
        wording = [say(column.wording, language) for language in languages]
        head = [column.name, entry.plain, *wording, column.shape.value, column.measure.value]
        place = "; ".join(map(where, entry.places))
        yield [*head, "answered", "", "", *("" for _ in languages), str(entry.answered), place]
        for each in entry.values:
            words = [say(each.label, language) for language in languages]
            yield [*head, "value", each.value, str(each.number), *words, str(each.n), place]
        for kind, n in entry.missing.items():
            yield [*head, "missing", kind.value, "", *(MISSING_LABELS[kind] for _ in languages), str(n), place]


def where(place: Place) -> str:
    """Say where on paper a variable stands: `clear, en, a4: page 2, 20 mm from the left, 110 mm from the top`."""
    box = place.box
    return (
        f"{place.edition}, {place.lang}, {place.paper}: page {place.page}, {box.x:.0f} mm from the left, "
        f"{box.y:.0f} mm from the top, {box.w:.0f} by {box.h:.0f} mm"
    )


def _values(column: Column, given: Counter[str]) -> tuple[Value, ...]:
    """Every value that could be ticked, then those that only came in from elsewhere, under their own name."""
    known = [Value(code.number, code.value, code.label, given[code.value]) for code in column.codes]
    strange = sorted(given.keys() - {code.value for code in column.codes})
    return (*known, *(Value(len(known) + at, value, {"": value}, given[value]) for at, value in enumerate(strange, 1)))
