"""A filled-in PDF: what its fields hold, and the answers they give, without looking at its pages.

Only a copy of our fillable edition is read by its fields, and only as it left us: with a field for every variable and
nothing drawn over it. All else is paper that came as a PDF: one printed to PDF has no fields any more, and the pen of
a tablet leaves none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.form.code import PageCode, parse_page_code
from pipeline.form.definition import FormDefinition
from pipeline.form.typed_fields import COPY_FIELD, OFF, WHOLE_COPY, Entry, typed_answer
from pipeline.page.content import Content, as_file

MOST_FIELDS: Final = 20_000
"""Fields and heads of fields looked at in one file: a form of 99 pages has some thousands."""

DEEPEST: Final = 16
"""Heads above a field that we follow; ours have two."""

_OURS: Final = frozenset({"Widget", "Link", "Popup"})
"""Annotations that put nothing on a page beside its fields (ISO 32000-2, table 171)."""

_UTF16_BE, _UTF16_LE, _UTF8 = b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf"
"""How texts begin that are not in the encoding of PDF itself (ISO 32000-2, 7.9.2.2)."""


@dataclass(frozen=True, slots=True)
class TypedFile:
    """What the fields of a PDF hold, by their full names; `pages` is how many it has.

    `drawn_on` tells that something was put on its pages beside what is in its fields: ink, notes, stamps.
    """

    entries: Mapping[str, Entry]
    pages: int
    drawn_on: bool


def read_fields(content: Content) -> TypedFile:
    """Return what the fields of a PDF hold. Raises what pdfplumber raises where it cannot read the file."""
    import pdfplumber  # Takes half a second to load, and most PDFs are scans.

    with pdfplumber.open(as_file(content)) as pdf:
        form = _plain(pdf.doc.catalog.get("AcroForm")) or {}
        kinds = {_kind(each) for page in pdf.pages for each in _plain(page.page_obj.annots) or ()}
        entries = dict(_fields(_plain(form.get("Fields")) or ()))
        return TypedFile(entries, len(pdf.pages), drawn_on=not kinds <= _OURS)


def copy_of(file: TypedFile) -> PageCode | None:
    """Return which copy of which layout a file says it is, None where it says nothing of the kind."""
    code = parse_page_code(file.entries[COPY_FIELD].text.strip()) if COPY_FIELD in file.entries else None
    return code if code is not None and code.form_page == WHOLE_COPY else None


def typed_answers(file: TypedFile, definition: FormDefinition) -> dict[str, str] | None:
    """Return the answers as they were typed, "" for none; None where the fields are not those of the form."""
    answers = {variable.name: typed_answer(variable, file.entries) for variable in definition.variables}
    given = {name: answer for name, answer in answers.items() if answer is not None}
    return given if len(given) == len(answers) else None


@dataclass(frozen=True, slots=True)
class _Above:
    """What a field takes over from those above it: its full name so far, kind, value and room."""

    name: str = ""
    kind: str = ""
    value: Any = None
    room: int = 0


def _fields(top: Any) -> Iterator[tuple[str, Entry]]:
    """Yield every field that can be filled in, by its full name, however deep it lies."""
    waiting = [(each, _Above(), 0) for each in reversed(top)]
    for _ in range(MOST_FIELDS):
        if not waiting:
            return
        reference, above, depth = waiting.pop()
        field = _plain(reference)
        if not isinstance(field, Mapping) or depth > DEEPEST:
            continue
        own = _taken_over(field, above)
        kids = [_plain(kid) for kid in _plain(field.get("Kids")) or ()]
        heads = [kid for kid in kids if isinstance(kid, Mapping) and "T" in kid]
        waiting += [(kid, own, depth + 1) for kid in reversed(heads)]
        if own.kind and not heads:
            yield own.name, _entry(own, [field, *kids])


def _taken_over(field: Mapping[str, Any], above: _Above) -> _Above:
    part = _text(_plain(field.get("T")))
    room = _plain(field.get("MaxLen"))
    return _Above(
        name=".".join(filter(None, (above.name, part))),
        kind=_text(_plain(field.get("FT"))) or above.kind,
        value=_plain(field["V"]) if "V" in field else above.value,
        room=room if isinstance(room, int) else above.room,
    )


def _entry(field: _Above, widgets: list[Any]) -> Entry:
    if field.kind != "Btn":
        return Entry(_text(field.value), field.room)
    shown = (_text(_plain(widget.get("AS"))) for widget in widgets if isinstance(widget, Mapping))
    states = shown if field.value is None else [_text(field.value)]
    return Entry(next((state for state in states if state not in ("", OFF)), ""))


def _text(value: Any) -> str:
    """A value as text: a name, a string in any of the encodings, several choices a line each, or rich text."""
    from pdfminer.pdftypes import PDFStream
    from pdfminer.psparser import PSLiteral
    from pdfminer.utils import PDFDocEncoding

    if isinstance(value, PSLiteral):
        return value.name if isinstance(value.name, str) else value.name.decode("utf-8", "replace")
    if isinstance(value, PDFStream):
        return _text(value.get_data())
    if isinstance(value, list):
        return "\n".join(_text(_plain(each)) for each in value)
    if not isinstance(value, bytes):
        return "" if value is None else str(value)
    for mark, encoding in ((_UTF16_BE, "utf-16-be"), (_UTF16_LE, "utf-16-le"), (_UTF8, "utf-8")):
        if value.startswith(mark):
            return value[len(mark) :].decode(encoding, "replace")
    return "".join(PDFDocEncoding[byte] for byte in value)


def _kind(annotation: Any) -> str:
    found = _plain(annotation)
    return _text(_plain(found.get("Subtype"))) if isinstance(found, Mapping) else ""


def _plain(value: Any) -> Any:
    """What a reference leads to."""
    from pdfminer.pdftypes import resolve1

    return resolve1(value)
