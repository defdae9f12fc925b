"""The site's forms as the web shows them: read again when their files change, open between their dates.

A file that is wrong, because somebody is still writing in it or made a slip, takes no form from residents: they are
shown the version that was last right, and the desk is told what to mend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from threading import Lock

from pipeline.form.authoring.source import DefinitionError
from pipeline.form.definition import FormDefinition
from pipeline.site import Site, read_forms
from pipeline.store.catalogue import newest_definition


class Opening(Enum):
    """Whether a form may be answered online on a day. Its closing day is the last on which it may."""

    NOT_YET = "not yet"
    OPEN = "open"
    CLOSED = "closed"


def opening(definition: FormDefinition, today: date) -> Opening:
    """Return whether a form is open on the local date `today`."""
    if definition.opens and today < definition.opens:
        return Opening.NOT_YET
    if definition.closes and today > definition.closes:
        return Opening.CLOSED
    return Opening.OPEN


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one state of a definition's file from another."""

    name: str
    modified_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class WrongFile:
    """A definition's file as it is wrong now; `instead` is the version that residents are shown meanwhile, if any."""

    name: str
    errors: tuple[DefinitionError, ...]
    instead: FormDefinition | None


@dataclass(frozen=True, slots=True)
class _AsRead:
    """What a site's files were when they were read last."""

    stamps: frozenset[_Stamp]
    forms: Mapping[str, FormDefinition]
    wrong: tuple[WrongFile, ...]


class Forms:
    """Every form of a site. Parsing takes a tenth of a second each, so it is done once per change."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._read = _AsRead(frozenset(), {}, ())

    def current(self) -> Mapping[str, FormDefinition]:
        """Return the definitions as their files are now, or were when they were last right, by name."""
        return self._up_to_date().forms

    def wrong(self) -> tuple[WrongFile, ...]:
        """Return every definition's file that is to be mended, in the order of their names."""
        return self._up_to_date().wrong

    def open_on(self, moment: datetime) -> list[FormDefinition]:
        """Return the forms that may be answered at `moment`, in the order of their names."""
        today = self.local_day(moment)
        return [form for form in self.current().values() if opening(form, today) is Opening.OPEN]

    def local_day(self, moment: datetime) -> date:
        """Return the site's local date at `moment`."""
        return date.fromisoformat(self._site.local_date(moment))

    def _up_to_date(self) -> _AsRead:
        stamps = frozenset(_stamps(self._site.forms))
        with self._lock:
            if stamps != self._read.stamps:
                self._read = self._read_again(stamps)
            return self._read

    def _read_again(self, stamps: frozenset[_Stamp]) -> _AsRead:
        forms: dict[str, FormDefinition] = {}
        wrong: list[WrongFile] = []
        for name, found in read_forms(self._site).items():
            form = found if isinstance(found, FormDefinition) else self._last_right(name)
            if form:
                forms[name] = form
            if not isinstance(found, FormDefinition):
                wrong.append(WrongFile(name, found, form))
        return _AsRead(stamps, forms, tuple(wrong))

    def _last_right(self, name: str) -> FormDefinition | None:
        """Return a form as it was before its file went wrong; after a new start, the newest version on record."""
        known = self._read.forms.get(name)
        if known:
            return known
        db = self._site.open_store()
        with closing(db.conn):
            return newest_definition(db, name)


def _stamps(folder: Path) -> Iterator[_Stamp]:
    """Yield the stamp of every definition; one that an editor is swapping at this moment is looked at next time."""
    for path in folder.glob("*.yaml"):
        with suppress(FileNotFoundError):
            status = path.stat()
            yield _Stamp(path.name, status.st_mtime_ns, status.st_size)
