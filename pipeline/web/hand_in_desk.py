"""Handing in scans at the desk: files go into the inbox like the scanner's, and the page tells what was read there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from sqlite_utils import Database
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.form.words import counted
from pipeline.inbox.hand_in import hand_in
from pipeline.inbox.trouble import hindrance_in
from pipeline.inbox.waiting import waiting_in
from pipeline.site import Site
from pipeline.web.accounts import Signed
from pipeline.web.guard import Fields
from pipeline.web.staff_pages import staff_page
from pipeline.web.stores import Stores

SCANS = "scans"
"""The field that holds the files."""

FILE = "file"
"""The parameters that say which files the page tells of: hash and name, with a tilde between."""

LARGEST: Final = 500 * 1024 * 1024
"""Bytes that may be sent in one go: two reams at 300 dots per inch are 400 MB."""

MOST_FILES: Final = 50

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was handed in, and what has become of it so far."""

    name: str
    state: str
    going_on: bool


class HandInDesk:
    """The page for handing in, and what is done with the files."""

    def __init__(self, site: Site, stores: Stores) -> None:
        self._site = site
        self._stores = stores

    def page(self, request: Request, signed: Signed, fields: Fields) -> Response:
        """Ask for files, and tell what has become of those handed in just now."""
        with self._stores.lent() as db:
            handed = list(self._handed(db, request.query_params.getlist(FILE)))
            waiting = db.execute("SELECT EXISTS (SELECT 1 FROM doubts)").fetchone()[0]
        return self._show(request, signed, handed=handed, waiting=bool(waiting))

    def take(self, request: Request, signed: Signed, files: Sequence[UploadFile]) -> Response:
        """Put files into the inbox, and lead to the page that tells of them; or say what is wrong."""
        if not files:
            return self._show(request, signed, "Choose one file or more first.")
        found: list[tuple[str, str]] = []
        for sent in files:
            name = sent.filename or "scan"
            try:
                handed = hand_in(self._site.inbox, name, _pieces(sent))
            except OSError as error:
                why = f"{name} could not be taken. {hindrance_in(error).sentence}"
                return self._show(request, signed, why, self._so_far(found))
            found.append((FILE, f"{handed.sha256}~{handed.name}"))
        return RedirectResponse(f"{request.url.path}?{urlencode(found)}", 303)

    def _so_far(self, found: Sequence[tuple[str, str]]) -> list[Handed]:
        with self._stores.lent() as db:
            return list(self._handed(db, [each for _, each in found]))

    def _handed(self, db: Database, files: Sequence[str]) -> Iterator[Handed]:
        held_up = {scan.name: scan.sentence for scan in waiting_in(self._site.inbox, self._site.archive)}
        for each in files[:MOST_FILES]:
            sha256, _, name = each.partition("~")
            yield _state(db, sha256, name, held_up.get(name, ""))

    def _show(
        self,
        request: Request,
        signed: Signed,
        why: str = "",
        handed: Sequence[Handed] = (),
        waiting: bool = False,
    ) -> Response:
        return staff_page(
            "desk_hand_in.html",
            signed,
            422 if why else 200,
            why=why,
            handed=handed,
            going_on=any(each.going_on for each in handed),
            waiting=waiting and signed.may_decide,
            here=f"{request.url.path}?{request.url.query}",
        )


def _pieces(sent: UploadFile) -> Iterator[bytes]:
    while piece := sent.file.read(_PIECE):
        yield piece


def _state(db: Database, sha256: str, name: str, held_up: str) -> Handed:
    """What has become of a file, in words."""
    row = db.execute("SELECT status, reason FROM files WHERE sha256 = ?", [sha256]).fetchone()
    if row is None:
        return Handed(name, held_up or "Waits for its turn.", going_on=True)
    status, reason = row
    pages = db.execute("SELECT status, COUNT(*) FROM pages WHERE sha256 = ? GROUP BY status", [sha256]).fetchall()
    read = _pages_in_words(dict(pages))
    if status == "reading":
        return Handed(name, f"Being read. {read}" if read else "Being read.", going_on=True)
    return Handed(name, reason if status == "set_aside" else read or "Nothing was found in it.", going_on=False)


_PAGE_WORDS = {
    "read": "read",
    "duplicate": "had been scanned before",
    "blank": "blank",
    "refused": "could not be read: see the overview",
    "foreign": "not ours",
    "cover": "a cover",
}


def _pages_in_words(pages: dict[str, int]) -> str:
    told = [f"{counted(number, 'page')} {_PAGE_WORDS.get(status, status)}" for status, number in pages.items()]
    return f"{', '.join(told)}." if told else ""
