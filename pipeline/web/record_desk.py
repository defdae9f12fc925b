"""The record of the desk, for managers: who signed in, who decided what, and what was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database
from starlette.requests import Request
from starlette.responses import Response

from pipeline.site import Site
from pipeline.store.catalogue import definition_of
from pipeline.store.queue import latest_decisions
from pipeline.store.withdrawal_rows import latest_withdrawals
from pipeline.web.accounts import Signed, accounts
from pipeline.web.guard import Fields
from pipeline.web.sessions import sign_ins
from pipeline.web.staff_pages import staff_page
from pipeline.web.stores import Stores
from pipeline.web.told import what_was_said, which_question, which_withdrawn

MOST_LINES = 100
"""Lines of each list: about a week of a busy desk. Everything is in the tables, for whoever needs more."""


@dataclass(frozen=True, slots=True)
class Line:
    """One decision in words, and when (local) it was made."""

    when: str
    who: str
    said: str
    about: str
    undone: str


class RecordDesk:
    """The one page of the record."""

    def __init__(self, site: Site, stores: Stores) -> None:
        self._site = site
        self._stores = stores

    def page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Show accounts, the latest times that somebody signed in, and the latest decisions."""
        with self._stores.lent() as db:
            decisions, withdrawn = self._lines(db), self._withdrawn(db)
        people = [(each.name, each.role, self._when(each.last_sign_in)) for each in accounts(self._site.private)]
        came = [(each.name, self._when(each.at), each.how) for each in sign_ins(self._site.private, MOST_LINES)]
        return staff_page(
            "desk_record.html", signed, people=people, came=came, decisions=decisions, withdrawn=withdrawn
        )

    def _lines(self, db: Database) -> list[Line]:
        lines = []
        for decided in latest_decisions(db, MOST_LINES):
            definition = definition_of(db, decided.version)
            undone = f"{decided.undone_by} took it back" if decided.undone_by else ""
            said, about = what_was_said(definition, decided), which_question(definition, decided.question)
            lines.append(Line(self._when(decided.at), decided.by, said, about, undone))
        return lines

    def _withdrawn(self, db: Database) -> list[tuple[str, str, str, str]]:
        """What residents took back of late: when that was entered, by whom, what it is, and who put it back."""
        return [
            (
                self._when(each.at),
                each.by,
                which_withdrawn(definition_of(db, each.version), each),
                f"{each.undone_by} put it back" if each.undone_by else "",
            )
            for each in latest_withdrawals(db, MOST_LINES)
        ]

    def _when(self, at: str | None) -> str:
        """A moment of the record (UTC, as text) as staff say it: day and time here."""
        if at is None:
            return "not yet"
        local = datetime.fromisoformat(at).astimezone(self._site.zone)
        return f"{local.day} {local:%B %Y, %H:%M}"
