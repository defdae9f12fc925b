"""Both channels as one dataset: one row a response, read from the generated view of a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Variable
from pipeline.form.layout import Box
from pipeline.store.sample import KindCount, count_checks
from pipeline.store.variables import merged_variables, versions_of
from pipeline.store.views import FACTS, view_name


@dataclass(frozen=True, slots=True)
class Response:
    """One response: its facts (see `FACTS`), the answers that hold a value, and why each of the others does not.

    `remarks` is what was written on paper outside the fields, as a person typed it, one line a page. `received_on` is
    the site's local date, ISO 8601; `version` that of the form it answers.
    """

    facts: Mapping[str, str | None]
    received_on: str
    version: str
    answers: Mapping[str, str]
    missing: Mapping[str, Missing]
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a variable stands on one page of a printed edition: the rectangle around its boxes, mm."""

    variable: str
    edition: str
    lang: str
    paper: str
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Dataset:
    """All responses to all versions of one form; `form` is its newest version, `variables` those of all versions.

    `checks` tells how many answers were read from paper without a person, and what came of checking some of them.
    `versions` are all versions, oldest first, where they are known; `places` where the variables stand on paper.
    """

    form: FormDefinition
    variables: tuple[Variable, ...]
    responses: tuple[Response, ...]
    checks: tuple[KindCount, ...] = ()
    versions: tuple[FormDefinition, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredResponses:
    """Every response to a form, the earliest received first, read from the record each time they are gone through.

    However many there are, one at a time is in memory.
    """

    db: Database
    form: FormDefinition
    variables: tuple[Variable, ...]

    def __iter__(self) -> Iterator[Response]:
        """Read them anew."""
        return _responses(self.db, self.form, self.variables)


def open_dataset(db: Database, form: str) -> tuple[Dataset, Iterable[Response]]:
    """Return all there is to know of a form's dataset but the responses, and those to go through as often as needed.

    Raises LookupError if the form was never used.
    """
    versions = tuple(versions_of(db, form))
    if not versions:
        raise LookupError(f"Nothing was printed or answered of “{form}” yet, so there is nothing to show.")
    variables = merged_variables(versions)
    about = Dataset(versions[-1], variables, (), count_checks(db, form), versions, tuple(_places(db, form)))
    return about, StoredResponses(db, versions[-1], variables)


def read_dataset(db: Database, form: str) -> Dataset:
    """Return every response to a form, the earliest received first. Raises LookupError if the form was never used."""
    about, responses = open_dataset(db, form)
    return replace(about, responses=tuple(responses))


def _places(db: Database, form: str) -> Iterator[Place]:
    rows = db.execute(
        "SELECT w.question, l.edition, l.lang, l.paper, w.form_page, w.x, w.y, w.w, w.h FROM field_places w"
        " JOIN layouts l USING (layout) WHERE l.form = ? ORDER BY l.edition, l.lang, l.paper, l.layout, w.form_page",
        [form],
    )
    for question, edition, lang, paper, page, *box in rows:
        yield Place(question, edition, lang, paper, page, Box(*box))


def _responses(db: Database, form: FormDefinition, variables: tuple[Variable, ...]) -> Iterator[Response]:
    view = view_name(form.id)
    names = [variable.name for variable in variables]
    columns = ", ".join((*(f"r.{fact}" for fact in FACTS), *(f'r."{name}"' for name in names)))
    rows = db.execute(
        f'SELECT {columns}, s.remarks, r.missing, s.received_on, s.version FROM "{view}" r'
        " JOIN submissions s ON s.submission = r.submission ORDER BY r.received_at, r.submission"
    )
    for *row, remarks, missing, received_on, version in rows:
        values = dict(zip(names, row[len(FACTS) :], strict=True))
        yield Response(
            facts=dict(zip(FACTS, row, strict=False)),
            received_on=received_on,
            version=version,
            answers={name: value for name, value in values.items() if value is not None},
            missing=_missing(missing),
            remarks=remarks,
        )


def _missing(listed: str) -> dict[str, Missing]:
    pairs = (pair.split("=") for pair in listed.split(";") if pair)
    return {name: Missing(kind) for name, kind in pairs}
