"""What somebody is told who holds a code: that a form arrived, when and how, and whether a person still reads it.

A receipt belongs to one form that was sent; the code on paper to all that came back with it, because photocopies
share it. Neither shows a word of what was answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from pipeline.form.code import spoken_copy_code
from pipeline.form.definition import FormDefinition
from pipeline.form.words import long_date
from pipeline.store.arrivals import ArrivedForm
from pipeline.web.pages import last_page, page
from pipeline.web.resident_pages import shared
from pipeline.web.words import spoken


@dataclass(frozen=True, slots=True)
class Arrival:
    """One arrival in words."""

    when: str
    state: str


def receipt_page(form: FormDefinition, language: str, receipt: str, came: ArrivedForm, again: bool) -> Response:
    """Show a receipt; `again` if the same answers had arrived before."""
    return last_page(
        "received.html",
        **shared(form, language),
        receipt=spoken_receipt(receipt),
        arrival=arrival_in_words(came, language),
        again=again,
    )


def arrived_page(form: FormDefinition, language: str, copy: str, came: Sequence[ArrivedForm]) -> Response:
    """Show what came back of one printed copy."""
    return page(
        "arrived.html",
        **shared(form, language),
        copy=copy,
        code=spoken_copy_code(copy),
        arrivals=[arrival_in_words(each, language) for each in came],
    )


def arrival_in_words(came: ArrivedForm, language: str) -> Arrival:
    """Say of a form when and how it arrived, and whether anybody still has to read something."""
    on = long_date(date.fromisoformat(came.received_on), language)
    by = spoken(f"by_{came.channel}" if came.channel in CHANNELS else "by_other", language)
    return Arrival(spoken("arrived_on", language, date=on, by=by), spoken(f"state_{came.status}", language))


CHANNELS = ("paper", "online", "kiosk", "pdf", "phone")
"""Ways in which a form arrives that have words of their own here."""


def spoken_receipt(receipt: str) -> str:
    """Return a receipt in two groups of five, as it is shown."""
    return f"{receipt[:5]} {receipt[5:]}"
