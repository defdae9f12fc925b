"""What the record knows of printed paper, fetched as reading asks for it: one connection a process, kept open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from pipeline.form.layout import FIXED, Layout
from pipeline.form.layout_text import layout_from_text
from pipeline.page.blank import blank_from_png
from pipeline.page.known import Blank, KnownPaper
from pipeline.store.database import open_to_read

_LAYOUTS_HELD, _BLANKS_HELD = 64, 12
"""How many of each are kept at hand: a layout takes some 100 kB, a blank a megabyte."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@cache
def known_paper(store: Path) -> KnownPaper:
    """Return the paper known to the store at `store`, what is printed later included. Raises StoreError."""
    db = open_to_read(store)
    return KnownPaper(_Layouts(db), _Copies(db), _Blanks(db), _Fixed(db))


class _Rows(Mapping[Key, Value]):
    """A table seen as a mapping. `table` and `key` are the names of its table and key columns."""

    table: str
    key: tuple[str, ...]

    def __init__(self, db: Database) -> None:
        self._db = db

    def __iter__(self) -> Iterator[Key]:
        for row in self._db.execute(f"SELECT {', '.join(self.key)} FROM {self.table}"):
            yield row[0] if len(row) == 1 else row

    def __len__(self) -> int:
        return int(self._db.execute(f"SELECT COUNT(*) FROM {self.table}").fetchone()[0])


class _Layouts(_Rows[str, Layout]):
    table, key = "layouts", ("layout",)

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._fetched = lru_cache(_LAYOUTS_HELD)(self._fetch)

    def __getitem__(self, layout: str) -> Layout:
        return self._fetched(layout)

    def _fetch(self, layout: str) -> Layout:
        row = self._db.execute("SELECT geometry FROM layouts WHERE layout = ?", [layout]).fetchone()
        if row is None:
            raise KeyError(layout)
        return layout_from_text(row[0])


class _Copies(_Rows[str, str]):
    table, key = "copies", ("copy",)

    def __getitem__(self, copy: str) -> str:
        row = self._db.execute("SELECT layout FROM copies WHERE copy = ?", [copy]).fetchone()
        if row is None:
            raise KeyError(copy)
        return str(row[0])


class _Blanks(_Rows[tuple[str, int], Blank]):
    table, key = "blanks", ("layout", "page")

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._fetched = lru_cache(_BLANKS_HELD)(self._fetch)

    def __getitem__(self, page: tuple[str, int]) -> Blank:
        return self._fetched(page)

    def _fetch(self, page: tuple[str, int]) -> Blank:
        row = self._db.execute("SELECT picture, px_per_mm FROM blanks WHERE layout = ? AND page = ?", page).fetchone()
        if row is None:
            raise KeyError(page)
        return blank_from_png(*row)


class _Fixed(Collection[str]):
    """The layouts of forms made elsewhere that are read at the moment, those registered last first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def __iter__(self) -> Iterator[str]:
        return (str(layout) for (layout,) in self._rows("layout"))

    def __len__(self) -> int:
        return int(next(self._rows("COUNT(*)"))[0])

    def __contains__(self, layout: object) -> bool:
        return layout in list(self)

    def _rows(self, columns: str) -> Iterator[tuple[Any, ...]]:
        query = f"SELECT {columns} FROM layouts WHERE edition = ? AND retired_at IS NULL ORDER BY rowid DESC"
        yield from self._db.execute(query, [FIXED]).fetchall()
