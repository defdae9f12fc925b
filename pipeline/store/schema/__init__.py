"""The tables of the store, as migrations that sqlite-utils applies in the order in which these modules are loaded."""

from pipeline.store.schema.truth import PROJECTIONS  # isort: split

from pipeline.store.schema import desk  # isort: split

from pipeline.store.schema.analysts import ACROSS_FORMS, COMMENTS, write_places
from pipeline.store.schema.steps import migrations  # isort: split

from pipeline.store.schema import withdrawals  # isort: split

from pipeline.store.schema import covers

__all__ = ["ACROSS_FORMS", "COMMENTS", "PROJECTIONS", "covers", "desk", "migrations", "withdrawals", "write_places"]
