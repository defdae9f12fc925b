"""The command that leads from one answer back to where it comes from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pipeline.cli.common import as_json, print_json, this_site
from pipeline.cli.exits import told
from pipeline.crops import crop_path, cut_crops
from pipeline.form.answer import Authority, Held, Missing
from pipeline.inbox.shelf import Shelf
from pipeline.inbox.workers import Workers
from pipeline.page.numbering import page_in_words
from pipeline.site import Site, UnknownAnswerError
from pipeline.store.trace import DecidedBy, Given, OnScan, Trace
from pipeline.store.trace import trace as trace_answer
from pipeline.store.withdrawal_rows import Withdrawal

_SAID_BY = {
    Authority.MACHINE: "read by the computer",
    Authority.RESIDENT: "as the resident gave it",
    Authority.REVIEWED: "decided by a person who looked at the paper",
    Authority.REVIEWED_TWICE: "decided by two people who looked at the paper",
}
"""Whose word an answer is, in words."""


@click.command()
@click.argument("submission")
@click.argument("variable")
@as_json
@click.pass_context
def trace(context: click.Context, submission: str, variable: str, json_wanted: bool) -> None:
    """Tell where the answer in VARIABLE of a response (SUBMISSION) comes from: page, picture, reading, who decided."""
    with told():
        site = this_site(context)
        db = site.open_store()
        try:
            found = trace_answer(db, submission, variable)
        except LookupError as error:
            raise UnknownAnswerError(str(error)) from error
        with Workers() as workers:
            cut_crops(site, db, workers, found.scans)
        crops = {scan.event: crop_path(site, db, scan) for scan in found.scans}
    if json_wanted:
        print_json(_document(site, found, crops))
    else:
        _tell(site, found, crops)


def _document(site: Site, found: Trace, crops: dict[str, Path | None]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(asdict(found)))
    held = document.pop("held")
    for scan in document["scans"]:
        crop = crops[scan["event"]]
        scan["crop"] = str(crop) if crop else None
        scan["original"] = _original(site, scan["sha256"])
    given = document["given"]
    if given and given["imported"]:
        given["imported"]["original"] = _original(site, given["imported"]["sha256"])
    return {**document, **held}


def _original(site: Site, sha256: str) -> str | None:
    kept = Shelf(site.archive).find(sha256)
    return str(kept) if kept else None


def _tell(site: Site, found: Trace, crops: dict[str, Path | None]) -> None:
    click.echo(f"{found.variable}: {_held(found.held)}, {_SAID_BY[Authority(found.authority)]}.")
    click.echo(f"Response {found.submission} to {found.form}, by {found.channel}, received on {found.received_on}.")
    for scan in found.scans:
        _tell_scan(site, scan, crops[scan.event])
    for decision in found.decisions:
        click.echo(_decision(decision))
    if found.given:
        click.echo(_given(found.given))
    if found.held.missing == Missing.WITHDRAWN:
        click.echo("The person took it back, so nothing more of it is shown.")
        if found.withdrawn:
            click.echo(_withdrawn(found.variable, found.withdrawn))
    elif not found.scans and not found.given:
        click.echo("The page with it has not come back.")


def _held(held: Held) -> str:
    return f"“{held.value}”" if held.value is not None else str(held.missing).replace("_", " ")


def _tell_scan(site: Site, scan: OnScan, crop: Path | None) -> None:
    x, y, w, h = scan.box_mm
    click.echo(f"On {page_in_words(scan.page)} of {scan.file}, which is page {scan.form_page} of the form:")
    click.echo(f"  {x:.0f} mm from the left, {y:.0f} mm from the top, {w:.0f} by {h:.0f} mm")
    click.echo(f"  the original: {_original(site, scan.sha256) or 'is kept no longer'} (SHA-256 {scan.sha256})")
    click.echo(f"  its picture: {crop or 'there is none'}")
    for mark in scan.measured.get("marks", ()):
        sure = f"{mark['verdict']}, {mark['confidence']:.3f}"
        click.echo(f"  box {mark['value']}: {sure}; {mark['measured']['ink']:.1f} mm² of ink")
    for text in scan.measured.get("texts", ()):
        click.echo(f"  writing: {text['ink']:.1f} mm² of ink" + (f", read as “{text['text']}”" if text["text"] else ""))
    if boxes := scan.measured.get("characters", ()):
        click.echo(f"  {len(boxes)} boxes for letters and figures; all that was measured is in --json")


def _decision(decision: DecidedBy) -> str:
    undone = f"; {decision.undone_by} took it back" if decision.undone_by else ""
    said = _held(Held(decision.value, decision.missing))
    return f"{decision.by} decided on {decision.at[:10]}: {said} (asked because: {decision.because}){undone}."


def _withdrawn(variable: str, taken: Withdrawal) -> str:
    """Who entered that an answer was taken back, and with what it went."""
    with_what = "with all of the response" if taken.named is None else f"with the answer to {taken.named}"
    went = "" if taken.named == variable else f" It went {with_what}."
    return f"{taken.by} entered that on {taken.at[:10]}.{went}"


def _given(given: Given) -> str:
    if given.imported:
        return (
            f"Row {given.imported.row} of {given.imported.file} (SHA-256 {given.imported.sha256}), called "
            f"{given.imported.source_id} in {given.imported.source}."
        )
    by = f"typed in by {given.typed_by}" if given.typed_by else "given on a screen"
    return f"It was {by} on {given.at[:10]} (event {given.event})."
