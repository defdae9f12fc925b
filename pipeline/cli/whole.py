"""Commands about the whole: walk the journey once from nothing, and look whether everything is in order."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.common import as_json, print_json, progress_bar, this_site
from pipeline.cli.exits import OTHER_ERRORS, told
from pipeline.demo import DemoOutcome, run_demo
from pipeline.doctor import examine, examine_scan
from pipeline.form.answer import Missing
from pipeline.form.words import counted
from pipeline.store.responses import Response


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path("demo-site"))
@click.pass_context
def demo(context: click.Context, folder: Path) -> None:
    """Walk the whole journey in a folder of its own: print, fill in, scan, read, answer online, merge, report."""
    with told(), progress_bar() as progress:
        outcome = run_demo(folder, this_site(context).forms, progress)
    _tell_demo(outcome)


def _tell_demo(outcome: DemoOutcome) -> None:
    console = Console()
    console.print(_arrived(outcome))
    console.print(_responses(outcome))
    right, waiting, wrong = outcome.compared
    console.print(
        f"Of {counted(right + waiting + wrong, 'answer')} on paper, {right} {_was(right)} read as meant, "
        f"{waiting} {'waits' if waiting == 1 else 'wait'} for a person, and {wrong} {_was(wrong)} read wrongly."
    )
    console.print(f"The report is in {outcome.report.resolve()}", soft_wrap=True)
    console.print(f"The record is in {outcome.site.store.resolve()}", soft_wrap=True)


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _arrived(outcome: DemoOutcome) -> Table:
    """One line a file: what came of its pages."""
    table = Table(title="What arrived in the inbox", title_justify="left")
    for heading in ("file", "read", "not read, and why"):
        table.add_column(heading)
    for file in outcome.ingested.files:
        read = sum(page.status == "read" for page in file.pages)
        others = [f"page {page.page + 1}: {page.reason}" for page in file.pages if page.status != "read"]
        table.add_row(file.name, f"{read} of {len(file.pages)}", "\n".join([file.reason, *others]).strip())
    return table


def _responses(outcome: DemoOutcome) -> Table:
    """One line a channel: how its responses stand."""
    table = Table(title="What people sent, on paper and online", title_justify="left")
    for heading in ("channel", "responses", "complete", "with answers waiting", "with a page missing", "to confirm"):
        table.add_column(heading, justify="left" if heading == "channel" else "right")
    by_channel: dict[str, list[Response]] = {}
    for response in outcome.dataset.responses:
        by_channel.setdefault(str(response.facts["channel"]), []).append(response)
    for channel, responses in sorted(by_channel.items()):
        table.add_row(channel, *map(str, _standing(responses)))
    return table


def _standing(responses: Sequence[Response]) -> tuple[int, int, int, int, int]:
    """How many responses there are, and how many are complete, wait, lack a page, and are to be confirmed."""
    statuses = Counter(response.facts["status"] for response in responses)
    kinds = [set(response.missing.values()) for response in responses]
    waiting = sum(Missing.WAITING in each for each in kinds)
    lacking = sum(Missing.PAGE_NOT_RETURNED in each for each in kinds)
    return len(responses), statuses["complete"], waiting, lacking, statuses["to_confirm"]


@click.command()
@click.argument("scan", metavar="[SCAN]", required=False, type=click.Path(exists=True, path_type=Path, dir_okay=False))
@as_json
@click.pass_context
def doctor(context: click.Context, scan: Path | None, json_wanted: bool) -> None:
    """Look whether everything a site needs is there, or how a scanner is set by the SCAN of its check sheet."""
    with told():
        site = this_site(context)
        findings = list(examine_scan(site, scan) if scan else examine(site))
    if json_wanted:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            state = "well   " if finding.is_well else "LOOK AT"
            click.echo(f"{state}  {finding.what}: {finding.found} {finding.advice}".rstrip())
    sys.exit(0 if all(finding.is_well for finding in findings) else OTHER_ERRORS)
