"""Which answers a person at the desk is not shown."""

from __future__ import annotations

from sqlite_utils import Database

from pipeline.store.variables import personal_variables
from pipeline.web.accounts import Signed


def withheld(db: Database, form: str, signed: Signed) -> frozenset[str]:
    """Return the variables of a form, of whatever version, whose answers are not for this person."""
    return frozenset() if signed.may_see_personal else personal_variables(db, form)
