"""Pages as rows: what became of each page of a file, and what is worth telling about how it was scanned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlite_utils import Database

from pipeline.page.advice import advise, advise_scanner
from pipeline.page.measured import PageQuality, ScannerCheck
from pipeline.store.events import Event

_QUALITY = TypeAdapter(PageQuality)
_CHECK = TypeAdapter(ScannerCheck)


def _advice(body: Mapping[str, Any]) -> str | None:
    """What is worth telling about how a page was scanned, as JSON; None where there is nothing."""
    if "reading" in body:
        advice = advise(_QUALITY.validate_python(body["reading"]["quality"]))
    elif body.get("check"):
        advice = advise_scanner(_CHECK.validate_python(body["check"]))
    else:
        return None
    told = [{"hint": each.hint, "sentence": each.sentence, "harmless": each.harmless} for each in advice]
    return json.dumps(told) if told else None


def write_page(db: Database, event: Event, submission: str | None) -> None:
    """Write what became of a page. What was found first stands, until the page is read `again`: then the latest."""
    body = event.body
    row = {
        "sha256": body["sha256"],
        "page": body["page"],
        "status": body["status"],
        "reason": body["reason"],
        "copy": body["copy"],
        "form_page": body["form_page"],
        "submission": submission,
        "event": event.id,
        "reader": body.get("reader"),
        "picture": body.get("picture"),
        "advice": _advice(body),
        "layout": body.get("layout"),
        "respondent": body.get("respondent"),
        "likeness": body.get("likeness"),
        "batch": body.get("batch"),
    }
    columns, places = ", ".join(row), ", ".join("?" for _ in row)
    renewed = ", ".join(f"{column} = excluded.{column}" for column in row)
    when = "(SELECT at, event FROM events WHERE id = {}.event)"
    db.execute(
        f"INSERT INTO pages ({columns}) VALUES ({places}) ON CONFLICT (sha256, page) DO UPDATE SET {renewed}"
        f" WHERE ? AND {when.format('excluded')} > {when.format('pages')}",
        [*row.values(), bool(body.get("again"))],
    )


def typed_pages(event: Event) -> Mapping[int, Event]:
    """The pages of what was typed into a PDF, by their numbers in the form, each as an event of its own; else none."""
    return {
        number: replace(
            event, body={**event.body, "page": number - 1, "form_page": number, "status": "read", "reason": ""}
        )
        for number in range(1, event.body.get("pages", 0) + 1)
    }
