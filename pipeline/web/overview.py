"""What the desk sees first: what came today, what waits for a person, what could not be read and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.form.definition import FormDefinition, say
from pipeline.reading.letters import line_reader
from pipeline.reading.tesseract import tesseract_version

CHANNELS = {
    "paper": "On paper",
    "online": "Online",
    "kiosk": "At a library screen",
    "pdf": "As a filled-in PDF",
    "phone": "By phone",
    "import": "Brought in from a file",
}
"""What each channel is called where staff look."""

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
    """A file, or a page of one (counted from 1), that was not read, and the reason in words."""

    name: str
    page: int | None
    reason: str
    day: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a site on one day."""

    today: tuple[tuple[str, int], ...]
    doubts: int
    checks: int
    channels: tuple[str, ...]
    forms: tuple[FormLine, ...]
    troubles: tuple[Trouble, ...]


def overview(db: Database, forms: Mapping[str, FormDefinition], today: str) -> Overview:
    """Return the state of the site on the local date `today` (ISO 8601)."""
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
        doubts=db.execute("SELECT COUNT(*) FROM doubts").fetchone()[0],
        checks=db.execute("SELECT COUNT(*) FROM checks WHERE standing IN ('open', 'differs')").fetchone()[0],
        channels=tuple(CHANNELS[channel] for channel in channels),
        forms=tuple(
            _form_line(name, forms, {row[1]: (row[2], row[3]) for row in counted if row[0] == name}, channels)
            for name in sorted({row[0] for row in counted} | forms.keys())
        ),
        troubles=tuple(_troubles(db)),
    )


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
    rows = db.execute(
        "SELECT name, NULL, reason, received_at AS at FROM files WHERE status = 'set_aside'"
        " UNION ALL SELECT f.name, p.page + 1, p.reason, f.received_at FROM pages p JOIN files f USING (sha256)"
        " WHERE p.status IN ('refused', 'foreign') ORDER BY at DESC LIMIT ?",
        [MOST_TROUBLES],
    )
    return [Trouble(name, page, reason, at[:10]) for name, page, reason, at in rows]
