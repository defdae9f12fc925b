"""Numbers and names in the words of the report: `21 of 30`, `70%`, `on paper`, `2 left it blank`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.form.answer import Missing
from pipeline.form.words import long_date
from pipeline.tables.describe import EVERYONE, Count, Stack, Tally
from pipeline.tables.intervals import Interval

GROUPS = {
    EVERYONE: "Everyone",
    "paper": "Paper",
    "online": "Online",
    "kiosk": "Kiosk",
    "pdf": "PDF",
    "phone": "Phone",
    "import": "Brought in",
}
"""What a group is called at the head of a column; a mark in a chart carries the same word in small letters."""

CAME = {
    "paper": "on paper",
    "online": "online",
    "kiosk": "at a kiosk",
    "pdf": "as a PDF",
    "phone": "by phone",
    "import": "brought in from elsewhere",
}
"""How answers came, to stand after a number."""

MISSING = {
    Missing.BLANK: ("left it blank", "left it blank"),
    Missing.WAITING: ("waits for a person", "wait for a person"),
    Missing.UNREADABLE: ("could not be read", "could not be read"),
    Missing.REFUSED: ("did not want to say", "did not want to say"),
    Missing.NOT_ASKED: ("was not asked", "were not asked"),
    Missing.PAGE_NOT_RETURNED: ("is on a page that was not returned", "are on pages that were not returned"),
    Missing.WITHDRAWN: ("was withdrawn", "were withdrawn"),
}
"""Every kind of missing, in the order of the tables, as it is said of one and of several."""

MISSING_HEADS = {
    Missing.BLANK: "Left blank",
    Missing.WAITING: "Waiting for a person",
    Missing.UNREADABLE: "Could not be read",
    Missing.REFUSED: "Did not want to say",
    Missing.NOT_ASKED: "Not asked",
    Missing.PAGE_NOT_RETURNED: "Page not returned",
    Missing.WITHDRAWN: "Withdrawn",
}
"""Every kind of missing as the head of a row."""

MISSING_MEANS = {
    Missing.BLANK: "The question was put and no answer was given.",
    Missing.WAITING: "There is an answer on the paper, but only a person can say which. It is not counted until then.",
    Missing.UNREADABLE: "A person looked at the paper and could not read the answer either.",
    Missing.REFUSED: "The person said that they would rather not answer.",
    Missing.NOT_ASKED: "An earlier answer led past this question, or the form did not have it at the time.",
    Missing.PAGE_NOT_RETURNED: "The page with this question has not come back, or not yet.",
    Missing.WITHDRAWN: "The person took the answer back.",
}
"""What each kind of missing means."""

NOT_COUNTED = {
    "to_confirm": (
        "return of a form that had come back before, in other ink, is not counted until a person has said whether"
        " somebody else filled it in",
        "returns of forms that had come back before, in other ink, are not counted until a person has said whether"
        " somebody else filled them in",
    ),
    "withdrawn": (
        "response was taken back or left out, and is not counted",
        "responses were taken back or left out, and are not counted",
    ),
}
"""Why a response is not counted, by status, as it is said of one and of several."""


def number(n: int) -> str:
    """Return a whole number as it is read: `1,204`."""
    return f"{n:,}"


def figure(value: float) -> str:
    """Return a number with at most one decimal: `7`, `7.5`."""
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def people(n: int) -> str:
    """Return `1 person` or `2 people`."""
    return "1 person" if n == 1 else f"{number(n)} people"


def answers(n: int) -> str:
    """Return `1 answer` or `2 answers`."""
    return "1 answer" if n == 1 else f"{number(n)} answers"


def whole_percent(n: int, of: int) -> int:
    """Return the share in whole per cent, a half rounded up; 0 of nobody."""
    return (200 * n + of) // (2 * of) if of else 0


def percent(n: int, of: int) -> str:
    """Return the share as `70%`; what is not quite none or all is never called so."""
    rounded = whole_percent(n, of)
    if rounded == 0 and n > 0:
        return "<1%"
    if rounded == 100 and n < of:
        return ">99%"
    return f"{rounded}%"


def n_and_percent(count: Count) -> str:
    """Return what stands at the end of a bar: `21 · 70%`."""
    return f"{number(count.n)} · {percent(count.n, count.of)}"


def interval(found: Interval) -> str:
    """Return an interval of shares in per cent, rounded outwards never, to the nearest always: `52–83%`."""
    return f"{found.low * 100:.0f}–{found.high * 100:.0f}%"


def joined(parts: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


def quoted(label: str) -> str:
    """Return a label in quotation marks, as something a person said."""
    return f"“{label}”"


def head(group: str) -> str:
    """Return what a group is called at the head of a column."""
    return GROUPS.get(group, group)


def mark(group: str) -> str:
    """Return the word beside a mark in a chart: `paper`."""
    return head(group) if group == "pdf" else head(group).lower()


def came(channel: str) -> str:
    """Return how answers came by a channel: `on paper`."""
    return CAME.get(channel, f"by {channel}")


def by_channel(stack: Stack, of: int) -> str:
    """Return how many of all came, and how: `9 · 30%: 4 paper, 5 online`, or `9 · 30%: online` where all came so."""
    said = f"{number(stack.n)} · {percent(stack.n, of)}"
    used = [(channel, n) for channel, n in stack.channels.items() if n]
    if len(used) == 1:
        return f"{said}: {mark(used[0][0])}"
    listed = ", ".join(f"{number(n)} {mark(channel)}" for channel, n in used)
    return f"{said}: {listed}" if listed else said


def missing_said(tally: Tally) -> tuple[str, ...]:
    """Return every kind of missing that occurs, in words: `2 left it blank`, `1 waits for a person`."""
    return tuple(
        f"{number(tally.missing[kind])} {words[tally.missing[kind] > 1]}"
        for kind, words in MISSING.items()
        if tally.missing.get(kind)
    )


def day(iso: str) -> str:
    """Return a date as it is written out: `31 March 2026`."""
    return long_date(date.fromisoformat(iso), "en")


def days(first: str, last: str) -> str:
    """Return from which to which day, once if they are the same."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"
