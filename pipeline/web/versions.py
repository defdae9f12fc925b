"""Which version of a form was filled in: the one that was shown stays good, however the form has changed since."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from pipeline.form.definition import FormDefinition
from pipeline.store.catalogue import definition_of
from pipeline.store.record import register_shown


class Versions:
    """What this process has shown: each version is put on record once, before anybody can have filled it in."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def show(self, db: Database, form: FormDefinition, now: datetime) -> None:
        """Put on record that a form is shown as it stands."""
        if form.version not in self._shown:
            register_shown(db, form, now)
            self._shown.add(form.version)


def as_filled(db: Database, form: FormDefinition, version: str) -> FormDefinition | None:
    """Return the form as it was filled in, None where it never was like that here.

    Whoever does not say which version (programs, mostly) means the `form` as it stands.
    """
    if version in ("", form.version):
        return form
    try:
        filled = definition_of(db, version)
    except LookupError:
        return None
    return filled if filled.id == form.id else None
