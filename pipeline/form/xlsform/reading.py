"""An XLSForm workbook as the text of a form definition, with the place of every cell that could not be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from pipeline.form.definition import FormDefinition
from pipeline.form.xlsform.cells import Left, plain, said, stored_value
from pipeline.form.xlsform.columns import (
    ADDRESS,
    CHOICES,
    EASY,
    FORM_FACTS,
    FORM_WORDS,
    KEY,
    LABEL,
    LIST,
    MORE_FORM_WORDS,
    NAME,
    OTHER,
    OURS,
    SETTINGS,
    SURVEY,
    VALUE,
    easy_wording_in,
    language_of,
    languages_in,
    wording_in,
)
from pipeline.form.xlsform.questions import Entry, Reader
from pipeline.form.xlsform.sheets import Book, NotASpreadsheetError, Row, Sheet, read_book

WIDTH = 110
"""Characters in a line of a definition: its words are to be edited by people."""

_SETTINGS_KEPT = frozenset({"form_title", "form_id", "version", "default_language"})


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a definition (YAML), and every cell of the spreadsheet that it does not say in full."""

    text: str
    left: tuple[Left, ...]


def read_xlsform(content: bytes, like: FormDefinition | None = None) -> Imported:
    """Return the definition that an .xlsx file in the form of XLSForm makes.

    What a spreadsheet from elsewhere does not say (the council, the promise, where paper goes back to) is taken from
    the form `like`, in the languages that both have, else left for its author to write. Raises `NotASpreadsheetError`.
    """
    book = read_book(content)
    if SURVEY not in book:
        raise NotASpreadsheetError("it has no sheet called survey")
    languages = _languages(book)
    left: list[Left] = []
    lists, values = _lists(book, languages, left)
    reader = Reader(book[SURVEY], languages, lists, values)
    items = reader.items()
    form = {**_borrowed(like, languages), **_form(book, languages, left)}
    ordered = {key: form[key] for key in _ORDER if key in form}
    return Imported(_as_yaml({**ordered, "questions": items}), (*left, *reader.left))


_ORDER = (
    "title", "council", "service", "languages", "minutes", "intro", "privacy", "return_to", "thanks", "help_line",
    "opens", "closes", "scans_kept_days", "answers_kept_days", "publish", "on_one_page", "destroy_by", "receipt",
    ADDRESS, *MORE_FORM_WORDS,
)  # fmt: skip


def _languages(book: Book) -> tuple[str, ...]:
    """The languages of the form, the main one first: as our sheet lists them, else as the columns of words do."""
    if listed := _facts(book).get("languages"):
        return tuple(tag.strip() for tag in listed.split(",") if tag.strip())
    main = language_of(_setting(book, "default_language"))
    found = languages_in(heading for sheet in (SURVEY, CHOICES) if sheet in book for heading in book[sheet].columns)
    return tuple(dict.fromkeys(([main] if main and (main in found or not found) else []) + list(found))) or ("en",)


def _form(book: Book, languages: Sequence[str], left: list[Left]) -> Entry:
    """The keys of the whole form that the workbook says."""
    form: Entry = {"languages": list(languages)}
    if title := _setting(book, "form_title"):
        form["title"] = title if len(languages) == 1 else {languages[0]: title}
    for row in _rows(book, OURS):
        key = row.get(KEY)
        if key in (*FORM_WORDS, *MORE_FORM_WORDS) and (
            words := plain(wording_in(row.cells, VALUE, languages), languages)
        ):
            form[key] = words
        elif key in FORM_FACTS and key != "languages":
            form[key] = _fact(row.get(VALUE))
        elif key == ADDRESS:
            form[key] = row.get(VALUE).splitlines()
    for row in _rows(book, SETTINGS):
        for heading, words in row.cells.items():
            if words and heading not in _SETTINGS_KEPT:
                place = book[SETTINGS].place(row, heading)
                left.append(Left(place, f"“{heading}” has no place here.", "It was left out."))
    return form


def _lists(
    book: Book, languages: Sequence[str], left: list[Left]
) -> tuple[dict[str, list[Entry]], dict[str, dict[str, str]]]:
    """The choices by the name of their list, and what each name of a choice became."""
    lists: dict[str, list[Entry]] = {}
    values: dict[str, dict[str, str]] = {}
    sheet = book.get(CHOICES, Sheet(CHOICES, {}, ()))
    for row in sheet.rows:
        name = row.get(LIST) or row.get("list name")
        written = row.get(NAME) or row.get(VALUE)
        if not name or not written:
            left.append(Left(sheet.place(row, NAME), "this choice has no list or no name.", "It was left out."))
            continue
        value = stored_value(written)
        if value != written:
            left.append(Left(sheet.place(row, NAME), f"“{written}” cannot be stored.", f"It is stored as {value}."))
        values.setdefault(name, {})[written] = value
        choice: Entry = {"value": value, "label": said(row, LABEL, languages) or written}
        if easy := plain(easy_wording_in(row.cells, "label", languages), languages):
            choice["easy_label"] = easy
        if row.get(OTHER):
            choice["other"] = True
        lists.setdefault(name, []).append(choice)
        left.extend(_strange_cells(sheet, row))
    return lists, values


def _strange_cells(sheet: Sheet, row: Row) -> list[Left]:
    known = {LIST, "list name", NAME, VALUE, OTHER}
    return [
        Left(sheet.place(row, heading), f"“{heading}” has no place here.", "It was left out.")
        for heading, words in row.cells.items()
        if words and not (heading in known or heading.partition("::")[0].lower() == LABEL or heading.startswith(EASY))
    ]


def _borrowed(like: FormDefinition | None, languages: Sequence[str]) -> Entry:
    """The keys of another form that a form of this council shares with it."""
    if like is None:
        return {}
    shared = [language for language in languages if language in like.languages]
    words = {
        key: plain({language: getattr(like, key)[language] for language in shared}, languages)
        for key in FORM_WORDS
        if key != "title" and shared
    }
    facts = {key: getattr(like, key) for key in ("service", "minutes", "scans_kept_days", "answers_kept_days")}
    return {**words, **facts}


def _fact(written: str) -> str | int | bool:
    """A value as its author would write it: numbers and true without quotation marks."""
    return True if written.lower() in ("true", "yes") else int(written) if written.isdecimal() else written


def _facts(book: Book) -> dict[str, str]:
    return {row.get(KEY): row.get(VALUE) for row in _rows(book, OURS)}


def _setting(book: Book, heading: str) -> str:
    return next((row.get(heading) for row in _rows(book, SETTINGS)), "")


def _rows(book: Book, sheet: str) -> tuple[Row, ...]:
    return book[sheet].rows if sheet in book else ()


def _as_yaml(tree: Mapping[str, Any]) -> str:
    yaml = YAML()
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    written = StringIO()
    yaml.dump(dict(tree), written)
    return written.getvalue()
