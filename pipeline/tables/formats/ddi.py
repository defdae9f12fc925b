"""DDI-Codebook 2.5: the codebook as archives take it. Elements stand in the order its schema asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from pipeline.form.definition import Shape, Wording, say
from pipeline.store.views import FACTS
from pipeline.tables.codebook import Codebook, Entry, codebook_of, where
from pipeline.tables.table import FACT_LABELS, MISSING, MISSING_LABELS, REMARKS, Measure, Table

NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_FILE = "F1"

_NATURE = {Measure.NOMINAL: "nominal", Measure.ORDINAL: "ordinal", Measure.SCALE: "ratio"}
"""The words of DDI for what may be done with values."""


def write_ddi(table: Table, out: BinaryIO) -> None:
    """Write the codebook of a table, with counts, as DDI-Codebook 2.5; the data are the CSV of the same export."""
    book = codebook_of(table)
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", _LANGUAGE: table.language})
    _write_study(root, table)
    file = SubElement(SubElement(root, "fileDscr", ID=_FILE), "fileTxt")
    _text(file, "fileName", f"{table.form.id}.csv")
    dimensions = SubElement(file, "dimensns")
    _text(dimensions, "caseQnty", str(book.responses))
    _text(dimensions, "varQnty", str(len(table.header)))
    _write_variables(root, book)
    indent(root)
    ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)


def _write_study(root: Element, table: Table) -> None:
    form = table.form
    study = SubElement(root, "stdyDscr")
    citation = SubElement(study, "citation")
    titles = SubElement(citation, "titlStmt")
    _text(titles, "titl", say(form.title, table.language))
    for language in form.languages[1:]:
        _text(titles, "parTitl", say(form.title, language), {_LANGUAGE: language})
    _text(titles, "IDNo", f"{form.id} {form.version}")
    _text(SubElement(citation, "rspStmt"), "AuthEnty", say(form.council, table.language))
    _text(SubElement(study, "stdyInfo"), "abstract", say(form.intro, table.language))


def _write_variables(root: Element, book: Codebook) -> None:
    described = SubElement(root, "dataDscr")
    for fact in FACTS:
        _write_fact(described, fact)
    for entry in book.entries:
        _write_variable(described, entry, book.table.form.languages)
    for fact in (REMARKS, MISSING):
        _write_fact(described, fact)


def _write_fact(described: Element, name: str) -> None:
    variable = SubElement(described, "var", ID=f"V_{name}", name=name, files=_FILE)
    _text(variable, "labl", FACT_LABELS[name], {"level": "variable"})
    SubElement(variable, "varFormat", type="character")


def _write_variable(described: Element, entry: Entry, languages: tuple[str, ...]) -> None:
    column = entry.column
    attributes = {"ID": f"V_{column.name}", "name": column.name, "files": _FILE}
    attributes |= {"intrvl": "discrete", "nature": _NATURE[column.measure]}
    variable = SubElement(described, "var", attributes)
    for language, words in _said(column.variable.text, languages):
        _text(variable, "labl", words, {"level": "variable", _LANGUAGE: language})
    for language, words in _said(column.variable.question.text, languages):
        _text(SubElement(variable, "qstn", {_LANGUAGE: language}), "qstnLit", words)
    missing = sum(entry.missing.values())
    for kind, n in (("vald", entry.answered), ("invd", missing)):
        _text(variable, "sumStat", str(n), {"type": kind})
    for value in entry.values:
        _write_category(variable, value.value, _said(value.label, languages), value.n, {})
    for missed, n in entry.missing.items():
        _write_category(variable, missed.value, [("en", MISSING_LABELS[missed])], n, {"missing": "Y"})
    if about := column.variable.question.about:
        _text(variable, "concept", about)
    SubElement(variable, "varFormat", type="numeric" if column.shape is Shape.NUMBER else "character")
    for place in entry.places:
        _text(variable, "notes", where(place), {"subject": "place on paper"})


def _write_category(
    variable: Element,
    value: str,
    labels: list[tuple[str, str]] | Iterator[tuple[str, str]],
    n: int,
    marks: dict[str, str],
) -> None:
    category = SubElement(variable, "catgry", marks)
    _text(category, "catValu", value)
    for language, words in labels:
        _text(category, "labl", words, {_LANGUAGE: language})
    _text(category, "catStat", str(n), {"type": "freq"})


def _said(wording: Wording, languages: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for language in languages:
        yield language, say(wording, language)


def _text(parent: Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    SubElement(parent, name, attributes or {}).text = "".join(c for c in text if c.isprintable() or c in "\n\t")
