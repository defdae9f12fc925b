"""What the desk sees first: what came today, what waits for a person, what could not be read and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from pipeline.form.definition import FormDefinition, say
from pipeline.form.words import long_date
from pipeline.inbox.waiting import WaitingScan
from pipeline.page.numbering import picture_of
from pipeline.reading.letters import line_reader
from pipeline.reading.tesseract import tesseract_version
from pipeline.store.pace import minutes_left
from pipeline.store.queue import count_doubts
from pipeline.web.kiosks import Kiosk
from pipeline.web.open_forms import WrongFile

CHANNELS = {
    "paper": "On paper",
    "online": "Online",
    "kiosk": "At a library screen",
    "pdf": "As a filled-in PDF",
    "phone": "By phone",
    "import": "Brought in from a file",
}
"""What each channel is called where staff look."""

PAGES_LOOKED_BACK = 200
"""Pages that advice about the scanner is drawn from: what has been put right is soon no longer told."""

MOST_ADVICE = 6

MOST_MISTAKES = 5
"""Mistakes told of one file: one slip in YAML can make many, and `check` names them all."""

MOST_TROUBLES = 50
"""Files and pages listed; the newest are the ones somebody can still put right."""


@dataclass(frozen=True, slots=True)
class FormLine:
    """How many people answered one form: `counts` by channel in the order of `Overview.channels`."""

    title: str
    counts: tuple[int, ...]
    total: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file, or a page of one (counted from 1), that was not read, and the reason in words.

    `picture` is where its small picture is shown, None where there is none; `done` where to say it is dealt with.
    """

    name: str
    page: int | None
    reason: str
    day: str
    picture: str | None
    done: str


@dataclass(frozen=True, slots=True)
class ScannerAdvice:
    """Something to put right at a scanner: in how many of the latest pages, and in which file it was seen last."""

    sentence: str
    pages: int
    name: str
    day: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a site on one day; `minutes` is what the doubts will take one person.

    In the inbox lie files that something stands in the way of (`held_up`), and others that only wait their turn.
    """

    today: tuple[tuple[str, int], ...]
    doubts: int
    minutes: int
    checks: int
    channels: tuple[str, ...]
    forms: tuple[FormLine, ...]
    held_up: tuple[WaitingScan, ...]
    in_turn: int
    troubles: tuple[Trouble, ...]
    not_ours: tuple[Trouble, ...]
    advice: tuple[ScannerAdvice, ...]


def overview(
    db: Database, forms: Mapping[str, FormDefinition], today: str, waiting: Sequence[WaitingScan] = ()
) -> Overview:
    """Return the state of the site on the local date `today` (ISO 8601); `waiting` is what lies in the inbox."""
    held_up = tuple(scan for scan in waiting if scan.sentence)
    counted = db.execute(
        "SELECT form, channel, COUNT(*), SUM(status IN ('waiting', 'to_confirm')), SUM(received_on = ?)"
        " FROM submissions GROUP BY form, channel",
        [today],
    ).fetchall()
    channels = tuple(channel for channel in CHANNELS if any(row[1] == channel for row in counted))
    return Overview(
        today=tuple(
            (CHANNELS[channel], came)
            for channel in channels
            if (came := sum(row[4] for row in counted if row[1] == channel))
        ),
        doubts=count_doubts(db),
        minutes=minutes_left(db),
        checks=db.execute("SELECT COUNT(*) FROM checks WHERE standing IN ('open', 'differs')").fetchone()[0],
        channels=tuple(CHANNELS[channel] for channel in channels),
        forms=tuple(
            _form_line(name, forms, {row[1]: (row[2], row[3]) for row in counted if row[0] == name}, channels)
            for name in sorted({row[0] for row in counted} | forms.keys())
        ),
        held_up=held_up,
        in_turn=len(waiting) - len(held_up),
        troubles=tuple(_troubles(db)),
        not_ours=tuple(_pages_not_read(db, "foreign")),
        advice=tuple(_scanner_advice(db)),
    )


@dataclass(frozen=True, slots=True)
class MendLine:
    """A form whose file is to be mended: what is wrong where and what to write, and what residents see until then."""

    title: str
    mistakes: tuple[str, ...]
    more: int
    meanwhile: str


def told_of_wrong_files(wrong: Sequence[WrongFile]) -> tuple[MendLine, ...]:
    """Return a line for each form whose file is to be mended."""
    return tuple(
        MendLine(
            title=say(file.instead.title, file.instead.languages[0]) if file.instead else file.name,
            mistakes=tuple(str(error) for error in file.errors[:MOST_MISTAKES]),
            more=len(file.errors[MOST_MISTAKES:]),
            meanwhile=_AS_BEFORE if file.instead else _NOT_SHOWN,
        )
        for file in wrong
    )


_AS_BEFORE = "Until it is mended, residents and the desk go on with the form as it was before."
_NOT_SHOWN = "Until it is mended, nobody can open this form."


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """What a library screen last told: forms that wait there to be sent, those that need somebody, and when."""

    name: str
    waiting: int
    refused: int
    heard: str


def told_of_kiosks(screens: Sequence[Kiosk], zone: ZoneInfo) -> tuple[ScreenLine, ...]:
    """Return a line for each library screen, its moments by the clock of `zone`."""
    return tuple(ScreenLine(each.name, each.waiting, each.refused, _in_words(each.heard_at, zone)) for each in screens)


def _in_words(moment: str | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "not heard from yet"
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"heard from on {long_date(local.date(), 'en')}, {local:%H:%M}"


def not_read_here() -> tuple[str, ...]:
    """Say what this computer lacks the means to read, in sentences; the pictures are kept all the same."""
    handwriting = "Handwriting is not read on this computer: please type what the pictures say."
    print_ = "Typed and printed words are not read on this computer: please type what the pictures say."
    lacking = ((line_reader(), handwriting), (tesseract_version(), print_))
    return tuple(sentence for reader, sentence in lacking if reader is None)


def _form_line(
    name: str,
    forms: Mapping[str, FormDefinition],
    counts: Mapping[str, tuple[int, int]],
    channels: tuple[str, ...],
) -> FormLine:
    title = say(forms[name].title, forms[name].languages[0]) if name in forms else name
    return FormLine(
        title=title,
        counts=tuple(counts.get(channel, (0, 0))[0] for channel in channels),
        total=sum(count for count, _ in counts.values()),
        waiting=sum(waiting for _, waiting in counts.values()),
    )


def _troubles(db: Database) -> list[Trouble]:
    """Files that were set aside and pages of ours that were refused, the newest first."""
    files = db.execute(
        "SELECT name, reason, received_at, sha256 FROM files WHERE status = 'set_aside' AND dealt_with_by IS NULL"
        " ORDER BY received_at DESC LIMIT ?",
        [MOST_TROUBLES],
    )
    troubles = [
        Trouble(name, None, reason, at[:10], None, f"/scans/{sha256}/done") for name, reason, at, sha256 in files
    ]
    every = sorted([*troubles, *_pages_not_read(db, "refused")], key=lambda trouble: trouble.day, reverse=True)
    return every[:MOST_TROUBLES]


def _pages_not_read(db: Database, status: str) -> list[Trouble]:
    rows = db.execute(
        "SELECT f.name, p.page, p.reason, f.received_at, p.sha256, p.picture FROM pages p JOIN files f USING (sha256)"
        " WHERE p.status = ? AND p.dealt_with_by IS NULL ORDER BY f.received_at DESC, p.page LIMIT ?",
        [status, MOST_TROUBLES],
    )
    return [
        Trouble(
            name,
            picture_of(page) + 1,
            reason,
            at[:10],
            picture_address(sha256, page) if picture else None,
            f"/scans/{sha256}/{page}/done",
        )
        for name, page, reason, at, sha256, picture in rows
    ]


def picture_address(sha256: str, page: int) -> str:
    """Where the desk shows the small picture of a page that was not read."""
    return f"/pages/{sha256}/{page}/picture"


def _scanner_advice(db: Database) -> list[ScannerAdvice]:
    """What to put right at the scanner, from the latest pages; the most frequent first."""
    rows = db.execute(
        "SELECT f.name, f.received_at, p.advice FROM pages p JOIN files f USING (sha256)"
        " WHERE p.status = 'read' ORDER BY f.received_at DESC, p.event DESC LIMIT ?",
        [PAGES_LOOKED_BACK],
    )
    seen: dict[str, list[tuple[str, str]]] = {}
    for name, at, advice in rows:
        for each in json.loads(advice or "[]"):
            if not each["harmless"]:
                seen.setdefault(each["sentence"], []).append((name, at[:10]))
    often = sorted(seen.items(), key=lambda item: -len(item[1]))[:MOST_ADVICE]
    return [ScannerAdvice(sentence, len(pages), *pages[0]) for sentence, pages in often]
