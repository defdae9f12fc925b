"""What is done to the record in one durable transaction each: copies printed, forms answered on a screen."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlite_utils import Database

from pipeline.form.code import ALPHABET
from pipeline.form.definition import FormDefinition
from pipeline.form.layout import FIXED, Layout
from pipeline.page.known import Blank
from pipeline.store.catalogue import keep_form, keep_layout, register_copies
from pipeline.store.database import immediately, site_name
from pipeline.store.events import EventKind, append, append_all, instant, new_id
from pipeline.store.first import apply_first
from pipeline.store.projection import apply
from pipeline.store.variables import write_variables
from pipeline.store.views import refresh_views

RECEIPT_LENGTH = 10
"""Symbols in a receipt: 31**10 of them, so that none can be guessed."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When and where something arrived: `at` in UTC, `on` the local date, `desk` the inbox folder it lay in."""

    at: datetime
    on: str
    desk: str = ""


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """Which row of a file of another tool an answer is: the file's SHA-256, its survey, and the answer's name there."""

    sha256: str
    row: int
    source: str
    source_id: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The original of what was typed into a PDF: its SHA-256, the layout it was printed with, how many pages it has."""

    sha256: str
    layout: str
    pages: int


@dataclass(frozen=True, slots=True)
class OnlineReturn:
    """A form answered on a screen: answers normalised and checked, `copy` the printed code if one was used.

    `typed_by` is the member of staff who typed in what somebody else wrote or said; `imported` is told of what was
    answered in another tool. What came as a `file` holds its answers as they were typed: nobody was there to be told
    what is to be put right.
    """

    definition: FormDefinition
    language: str
    channel: str
    answers: Mapping[str, str]
    copy: str | None
    submission_key: str
    arrival: Arrival
    edition: str = "web"
    typed_by: str | None = None
    imported: ImportedRow | None = None
    file: KeptFile | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An online return on record; `again` when the same `submission_key` had been recorded before."""

    submission: str
    receipt: str
    again: bool


def register_print(
    db: Database, definition: FormDefinition, layout: Layout, number: int, now: datetime
) -> tuple[str, ...]:
    """Record that `number` copies are printed, and return their codes: reading will need to know them."""
    with immediately(db):
        _keep_form(db, definition, now)
        keep_layout(db, layout)
        return register_copies(db, layout, number, now)


def register_shown(db: Database, definition: FormDefinition, now: datetime) -> None:
    """Record that a form is answered on screens as it stands: answers to it may come weeks later, from devices
    without a network, when the form has long been changed."""
    with immediately(db):
        _keep_form(db, definition, now)


def register_elsewhere(
    db: Database, definition: FormDefinition, layout: Layout, blanks: Mapping[int, Blank], now: datetime
) -> None:
    """Record that a form made elsewhere may come back, and what its pages look like, by page number."""
    with immediately(db):
        _keep_form(db, definition, now)
        keep_layout(db, layout, blanks)
        db.execute("UPDATE layouts SET retired_at = NULL WHERE layout = ?", [layout.id])


def retire_elsewhere(db: Database, form: str, now: datetime) -> tuple[str, ...]:
    """Record that sheets of a form made elsewhere are read no more, and return its layouts that were until now.

    Layouts and blanks stay, because what was read by them does.
    """
    with immediately(db):
        read = "form = ? AND edition = ? AND retired_at IS NULL"
        rows = db.execute(f"SELECT layout FROM layouts WHERE {read} ORDER BY rowid", [form, FIXED]).fetchall()
        db.execute(f"UPDATE layouts SET retired_at = ? WHERE {read}", [instant(now), form, FIXED])
        return tuple(str(layout) for (layout,) in rows)


def record_online(db: Database, returned: OnlineReturn) -> Recorded:
    """Record an online return once, however often it is sent."""
    with immediately(db):
        return _record_once(db, returned)


def record_together(db: Database, returns: Iterable[OnlineReturn]) -> list[Recorded | Exception]:
    """Record many online returns in one durable transaction: reaching the disk costs the same for one as for many.

    Return what came of each, in their order; one that cannot be recorded leaves the others as they are.
    """
    with immediately(db):
        return [_tried(db, returned) for returned in returns]


def _tried(db: Database, returned: OnlineReturn) -> Recorded | Exception:
    db.execute("SAVEPOINT one")
    try:
        recorded = _record_once(db, returned)
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it is told to whoever sent this one
        db.execute("ROLLBACK TO one")
        return trouble
    finally:
        db.execute("RELEASE one")
    return recorded


def _record_once(db: Database, returned: OnlineReturn) -> Recorded:
    known = db.execute(
        "SELECT submission, receipt FROM submissions WHERE submission_key = ?", [returned.submission_key]
    ).fetchone()
    if known:
        return Recorded(submission=known[0], receipt=known[1], again=True)
    return add_return(db, returned, returned.arrival.at)


def add_return(db: Database, returned: OnlineReturn, now: datetime) -> Recorded:
    """Record a return that is not on record yet; the caller holds the write transaction."""
    _keep_form(db, returned.definition, now)
    submission, body = _began(db, returned, site_name(db))
    apply(db, append(db, EventKind.ANSWERED, submission, body, now))
    return Recorded(submission, str(body["receipt"]), again=False)


def add_returns(db: Database, returned: Sequence[OnlineReturn], now: datetime) -> None:
    """Record many returns that are not on record yet, no two of one copy; the caller holds the write transaction."""
    for definition in {each.definition.version: each.definition for each in returned}.values():
        _keep_form(db, definition, now)
    site = site_name(db)
    apply_first(db, append_all(db, EventKind.ANSWERED, [_began(db, each, site) for each in returned], now))


def _began(db: Database, returned: OnlineReturn, site: str) -> tuple[str, dict[str, object]]:
    """A new submission, and what its first event says."""
    submission = new_id(returned.arrival.at)
    return submission, {
        "version": returned.definition.version,
        "copy": returned.copy,
        "channel": returned.channel,
        "edition": returned.edition,
        "lang": returned.language,
        "answers": dict(returned.answers),
        "submission_key": returned.submission_key,
        "receipt": _new_receipt(),
        "second_of": earlier_return(db, returned.copy),
        **({"typed_by": returned.typed_by} if returned.typed_by else {}),
        **(asdict(returned.file) if returned.file else {}),
        **({"imported": asdict(returned.imported)} if returned.imported else {}),
        **arrived(returned.arrival, site),
    }


def record_handed_out(db: Database, sha256: str, what: str, by: str, now: datetime) -> None:
    """Record that somebody made a file that holds personal answers: its hash, what it is, and who."""
    with immediately(db):
        apply(db, append(db, EventKind.HANDED_OUT, sha256, {"what": what, "by": by}, now))


def earlier_return(db: Database, copy: str | None) -> str | None:
    """Return the first submission of a copy, by whatever channel, or None."""
    if copy is None:
        return None
    row = db.execute("SELECT submission FROM submissions WHERE copy = ? ORDER BY id LIMIT 1", [copy]).fetchone()
    return row[0] if row else None


def arrived(arrival: Arrival, site: str) -> dict[str, str]:
    """Return what every event says of an arrival: when, on which local date, and at which desk or else site."""
    return {
        "received_at": instant(arrival.at),
        "received_on": arrival.on,
        "site": arrival.desk or site,
    }


def _keep_form(db: Database, definition: FormDefinition, now: datetime) -> None:
    if keep_form(db, definition, now):
        write_variables(db, definition.id)
        refresh_views(db, definition.id)


def _new_receipt() -> str:
    number, symbols = secrets.randbelow(len(ALPHABET) ** RECEIPT_LENGTH), []
    for _ in range(RECEIPT_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[place])
    return "".join(symbols)
