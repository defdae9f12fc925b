"""What was printed and asked, and what read it: kept as it was and never changed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlite_utils import Database

from pipeline.form.code import ALPHABET, COPY_LENGTH, copy_code
from pipeline.form.definition import FormDefinition, canonical_json
from pipeline.form.layout import Elsewhere, Layout
from pipeline.form.layout_text import layout_from_text, layout_json, layout_to_text
from pipeline.form.stored import definition_from_json
from pipeline.page.known import Blank
from pipeline.review.reader import Reader
from pipeline.store.events import instant
from pipeline.store.schema import write_places

_HELD = 64
"""How many definitions and layouts are kept at hand, each by its very text: reading them anew takes a millisecond."""


@dataclass(frozen=True, slots=True)
class PrintedCopy:
    """One copy that this site printed, and what was printed on it; `copy` is empty for a form made elsewhere."""

    copy: str
    layout: str
    form: str
    version: str
    edition: str
    lang: str


def keep_form(db: Database, definition: FormDefinition, now: datetime) -> bool:
    """Keep a version of a form; returns whether it is used for the first time. The caller holds the transaction."""
    if db.execute("SELECT 1 FROM forms WHERE version = ?", [definition.version]).fetchone():
        return False
    db.execute(
        "INSERT INTO forms (version, form, definition, first_used) VALUES (?, ?, ?, ?)",
        [definition.version, definition.id, canonical_json(definition), instant(now)],
    )
    return True


def keep_layout(db: Database, layout: Layout, blanks: Mapping[int, Blank] | None = None) -> None:
    """Keep what reading needs of a layout: its codes and fields, and a picture of each page without answers.

    `blanks`, by page number, are those of a form made elsewhere; a form of our own is drawn.
    """
    inserted = db.execute(
        "INSERT INTO layouts (layout, form, version, edition, lang, paper, paper_width, paper_height, geometry)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            layout.id,
            layout.form,
            layout.version,
            layout.edition,
            layout.lang,
            layout.paper,
            *layout.paper_mm,
            layout_to_text(layout),
        ],
    )
    if inserted.rowcount == 1:
        write_places(db, layout.id, layout_json(layout)["pages"])
        _keep_blanks(db, layout, blanks)


def _keep_blanks(db: Database, layout: Layout, blanks: Mapping[int, Blank] | None) -> None:
    # What prints and draws is loaded only where a layout is new: all else here looks up what was printed.
    from pipeline.page.blank import blank_to_png, drawn_blanks

    kept = drawn_blanks(layout) if blanks is None else blanks
    db.conn.executemany(
        "INSERT INTO blanks (layout, page, px_per_mm, picture) VALUES (?, ?, ?, ?)",
        [(layout.id, page, blank.px_per_mm, blank_to_png(blank)) for page, blank in kept.items()],
    )


def keep_reader(db: Database, reader: Reader, now: datetime) -> None:
    """Keep what a reader is, the first time it reads here; the caller holds the write transaction."""
    if not db.execute("SELECT 1 FROM readers WHERE reader = ?", [reader.id]).fetchone():
        db.execute(
            "INSERT INTO readers (reader, version, description, first_used) VALUES (?, ?, ?, ?)",
            [reader.id, reader.version, reader.description, instant(now)],
        )


def register_copies(db: Database, layout: Layout, number: int, now: datetime) -> tuple[str, ...]:
    """Draw `number` new copy codes for a layout and keep them; the caller holds the write transaction."""
    codes: dict[str, None] = {}
    while len(codes) < number:
        code = copy_code(secrets.randbelow(len(ALPHABET) ** (COPY_LENGTH - 1)))
        if find_copy(db, code) is None:
            codes[code] = None
    db.conn.executemany(
        "INSERT INTO copies (copy, layout, printed_at) VALUES (?, ?, ?)",
        [(code, layout.id, instant(now)) for code in codes],
    )
    return tuple(codes)


def find_copy(db: Database, copy: str) -> PrintedCopy | None:
    """Return what is known of a copy, or None when this site has not printed it."""
    row = db.execute(
        "SELECT c.copy, l.layout, l.form, l.version, l.edition, l.lang FROM copies c JOIN layouts l USING (layout)"
        " WHERE c.copy = ?",
        [copy],
    ).fetchone()
    return PrintedCopy(*row) if row else None


def find_elsewhere(db: Database, layout: str) -> tuple[PrintedCopy, Elsewhere]:
    """Return what is known of a form made elsewhere. Raises LookupError when there is no such layout here."""
    known = layout_of(db, layout)
    assert known.elsewhere is not None, "a form printed here was asked for as one made elsewhere"
    return PrintedCopy("", known.id, known.form, known.version, known.edition, known.lang), known.elsewhere


def definition_of(db: Database, version: str) -> FormDefinition:
    """Return the definition of a form as it was in `version`; raises LookupError when it was never used here."""
    row = db.execute("SELECT definition FROM forms WHERE version = ?", [version]).fetchone()
    if row is None:
        raise LookupError(f"no form of version {version} was ever used here")
    return _definition(row[0])


def newest_definition(db: Database, form: str) -> FormDefinition | None:
    """Return the version of a form that was used here last for the first time, None where none ever was."""
    newest = "SELECT definition FROM forms WHERE form = ? ORDER BY first_used DESC, rowid DESC LIMIT 1"
    row = db.execute(newest, [form]).fetchone()
    return _definition(row[0]) if row else None


def layout_of(db: Database, layout: str) -> Layout:
    """Return a layout as it was printed; raises LookupError when nothing was printed with it here."""
    row = db.execute("SELECT geometry FROM layouts WHERE layout = ?", [layout]).fetchone()
    if row is None:
        raise LookupError(f"nothing was printed here with layout {layout}")
    return _layout(row[0])


@lru_cache(_HELD)
def _definition(stored: str) -> FormDefinition:
    return definition_from_json(stored)


@lru_cache(_HELD)
def _layout(stored: str) -> Layout:
    return layout_from_text(stored)


def keep_local_postcodes(db: Database, postcodes: Iterable[str]) -> None:
    """Keep the postcodes around here, in place of those kept before; the caller holds the write transaction."""
    db.execute("DELETE FROM local_postcodes")
    db.conn.executemany("INSERT OR IGNORE INTO local_postcodes VALUES (?)", [(postcode,) for postcode in postcodes])


class LocalPostcodes(Collection[str]):
    """The postcodes around here, as the record has them at the time; none where the site has not been told any.

    Asked one by one where they are: a district has thousands, and only postcodes that are hard to read are looked up.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._any = bool(db.execute("SELECT 1 FROM local_postcodes LIMIT 1").fetchone())

    def __contains__(self, postcode: object) -> bool:
        return bool(self._db.execute("SELECT 1 FROM local_postcodes WHERE postcode = ?", [postcode]).fetchone())

    def __bool__(self) -> bool:
        return self._any

    def __iter__(self) -> Iterator[str]:
        return (postcode for (postcode,) in self._db.execute("SELECT postcode FROM local_postcodes"))

    def __len__(self) -> int:
        return int(self._db.execute("SELECT COUNT(*) FROM local_postcodes").fetchone()[0])
