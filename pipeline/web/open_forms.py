"""The site's forms as the web shows them: read again when their files change, open between their dates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from threading import Lock

from pipeline.form.definition import FormDefinition
from pipeline.site import Site, load_forms


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


class Forms:
    """Every right definition of a site. Parsing takes a tenth of a second each, so it is done once per change."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._stamps: frozenset[_Stamp] = frozenset()
        self._forms: dict[str, FormDefinition] = {}

    def current(self) -> dict[str, FormDefinition]:
        """Return the definitions as their files are now, by name."""
        stamps = frozenset(_stamps(self._site.forms))
        with self._lock:
            if stamps != self._stamps:
                self._forms, self._stamps = load_forms(self._site), stamps
            return self._forms

    def open_on(self, moment: datetime) -> list[FormDefinition]:
        """Return the forms that may be answered at `moment`, in the order of their names."""
        today = self.local_day(moment)
        return [form for form in self.current().values() if opening(form, today) is Opening.OPEN]

    def local_day(self, moment: datetime) -> date:
        """Return the site's local date at `moment`."""
        return date.fromisoformat(self._site.local_date(moment))


def _stamps(folder: Path) -> Iterator[_Stamp]:
    """Yield the stamp of every definition; one that an editor is swapping at this moment is looked at next time."""
    for path in folder.glob("*.yaml"):
        with suppress(FileNotFoundError):
            status = path.stat()
            yield _Stamp(path.name, status.st_mtime_ns, status.st_size)
