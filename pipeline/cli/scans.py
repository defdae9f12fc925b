"""Commands about paper that came back: read the inbox, list what is unclear, settle it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, ConfigDict

from pipeline.cli.common import (
    as_json,
    now,
    print_json,
    progress_bar,
    read_list,
    require_form,
    settle_option,
    settled_after,
    this_site,
)
from pipeline.cli.exits import told
from pipeline.crops import crop_path, cut_crops
from pipeline.form.cover import spoken_batch_code
from pipeline.form.words import counted
from pipeline.hot_folder import ingest_inbox, watch_inbox
from pipeline.inbox.workers import Workers
from pipeline.intake import FileOutcome, IngestReport, ingest_files
from pipeline.store.batches import Batch, all_batches, find_batches
from pipeline.store.scanner_checks import CheckedScanner, scanner_checks_in
from pipeline.store.waiting import OpenDoubt, open_doubts, settle_doubt

_TOLD_APART = ("read", "cover", "check")
"""What becomes of pages that needs no line beside their file."""

MOST_BATCHES = 100
"""Stacks told of, the newest first: some weeks of a busy library."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path, dir_okay=False))
@settle_option
@as_json
@click.pass_context
def ingest(context: click.Context, paths: tuple[Path, ...], settle: float | None, json_wanted: bool) -> None:
    """Read the scans that lie in the inbox, or the files at PATHS, which are left in place."""
    with told():
        site = this_site(context)
        with progress_bar(json_wanted) as progress:
            report = (
                ingest_files(site, paths, progress)
                if paths
                else ingest_inbox(site, settled_after(site, settle), progress)
            )
    if json_wanted:
        print_json(asdict(report))
    else:
        _tell(report)


@click.command()
@settle_option
@click.pass_context
def watch(context: click.Context, settle: float | None) -> None:
    """Keep reading whatever lands in the inbox, until stopped with Ctrl-C."""
    with told():
        site = this_site(context)
        db = site.open_store()
        click.echo(f"Watching {site.inbox}. Stop with Ctrl-C.")
        with progress_bar() as progress:
            try:
                for outcome in watch_inbox(site, settled_after(site, settle), progress):
                    _tell_file(outcome)
                    _tell_batches(find_batches(db, dict.fromkeys(page.batch for page in outcome.pages if page.batch)))
                    _tell_scanners(scanner_checks_in(db, outcome.sha256) if outcome.sha256 else ())
            except KeyboardInterrupt:
                click.echo("Stopped. What had arrived is kept; start again whenever you like.")


@click.command()
@as_json
@click.pass_context
def batches(context: click.Context, json_wanted: bool) -> None:
    """Tell of each stack that came under a cover how many forms were said, how many arrived, and what is missing."""
    with told():
        found = all_batches(this_site(context).open_store(), MOST_BATCHES)
    if json_wanted:
        print_json([asdict(batch) for batch in found])
        return
    _tell_batches(found)
    if not found:
        click.echo("No stack has come under a cover sheet yet. Print one with “pillarbox cover”.")


@click.command()
@click.argument("form", required=False)
@as_json
@click.pass_context
def doubts(context: click.Context, form: str | None, json_wanted: bool) -> None:
    """List the answers that wait for a person, each with the crop that shows it."""
    with told():
        site = this_site(context)
        db = site.open_store()
        require_form(site, form)
        waiting = open_doubts(db, form)
        with Workers() as workers:
            cut_crops(site, db, workers, waiting)
        listed = [(doubt, crop_path(site, db, doubt)) for doubt in waiting]
    if json_wanted:
        print_json([_doubt_document(doubt, crop) for doubt, crop in listed])
        return
    for doubt, crop in listed:
        guess = f" It may be “{doubt.guess}”." if doubt.guess else ""
        which = f"copy {doubt.copy}" if doubt.copy else f"{doubt.form} {doubt.submission}"
        click.echo(f"{doubt.doubt}  {which}, {doubt.question}: {doubt.sentence}{guess}\n    {crop or ''}")
    click.echo(_waiting(len(listed)))


@click.command()
@click.argument("path", metavar="FILE.json", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--as", "name", required=True, help="Who decides: the name goes on record with every decision.")
@as_json
@click.pass_context
def settle(context: click.Context, path: Path, name: str, json_wanted: bool) -> None:
    """Settle doubts from a list of {"doubt", "value"} or {"doubt", "missing"}."""
    with told():
        db = this_site(context).open_store()
        decisions = read_list(path, _Settlement, '[{"doubt": "0f3a…", "value": "yes"}]')
        whys = {one.doubt: settle_doubt(db, one.doubt, one.value, one.missing, name, now()) for one in decisions}
    refused = [{"doubt": doubt, "why": why} for doubt, why in whys.items() if why]
    if json_wanted:
        print_json({"settled": len(whys) - len(refused), "refused": refused})
        return
    click.echo(f"{len(whys) - len(refused)} settled, {len(refused)} refused.")
    for refusal in refused:
        click.echo(f"{refusal['doubt']}: {refusal['why']}")


class _Settlement(BaseModel):
    """One decision as a file brings it."""

    model_config = ConfigDict(extra="forbid")

    doubt: str
    value: str | None = None
    missing: str | None = None


def _doubt_document(doubt: OpenDoubt, crop: Path | None) -> dict[str, Any]:
    document = asdict(doubt)
    del document["turn"]
    return {**json.loads(json.dumps(document)), "crop": str(crop) if crop else None}


def _tell(report: IngestReport) -> None:
    for outcome in report.files:
        _tell_file(outcome)
    _tell_batches(report.batches)
    _tell_scanners(report.scanners)
    waiting = sum(submission.doubts for submission in report.submissions)
    read = f"{counted(len(report.files), 'file')}, {counted(len(report.submissions), 'form')}"
    click.echo(f"{read}; {_waiting(waiting)}")


def _waiting(answers: int) -> str:
    return f"{counted(answers, 'answer')} {'waits' if answers == 1 else 'wait'} for a person."


def _tell_file(outcome: FileOutcome) -> None:
    click.echo(f"{outcome.name}: {outcome.status.replace('_', ' ')}. {outcome.reason}".rstrip())
    for (status, reason), pages in groupby(outcome.pages, key=lambda page: (page.status, page.reason)):
        numbers = [page.page + 1 for page in pages]
        which = f"page {numbers[0]}" if len(numbers) == 1 else f"pages {numbers[0]} to {numbers[-1]}"
        if status not in _TOLD_APART:
            click.echo(f"  {which}: {status}. {reason}")
    advised = Counter(sentence for page in outcome.pages if page.status == "read" for sentence in page.advice)
    for sentence, pages_advised in advised.items():
        click.echo(f"  {counted(pages_advised, 'page')}: {sentence}")


def _tell_scanners(checked: Iterable[CheckedScanner]) -> None:
    for scanner in checked:
        click.echo(f"Scanner check, {scanner.name}: {' '.join(scanner.sentences)}")


def _tell_batches(found: Iterable[Batch]) -> None:
    for batch in found:
        click.echo(f"Stack {spoken_batch_code(batch.batch)}, {batch.library}, {batch.day}: {batch.sentence}")
