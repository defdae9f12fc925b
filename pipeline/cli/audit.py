"""Commands about how well paper was read: read it again by a newer reader, have a sample checked by a person."""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline.cli.common import as_json, print_json, progress_bar, require_form, this_site
from pipeline.cli.exits import told
from pipeline.form.code import spoken_copy_code
from pipeline.reread import Change, RereadReport, would_reread
from pipeline.reread import reread as reread_site
from pipeline.store.rereading import Held


@click.command()
@click.argument("form", required=False)
@click.option("--all", "of_any_reader", is_flag=True, help="Also what today's reader has read already.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@as_json
@click.pass_context
def reread(context: click.Context, form: str | None, of_any_reader: bool, dry_run: bool, json_wanted: bool) -> None:
    """Read kept scans again by the reader installed now; what a person decided stays."""
    with told():
        site = this_site(context)
        require_form(site, form)
        with progress_bar(json_wanted) as progress:
            report = (would_reread if dry_run else reread_site)(site, form, of_any_reader, progress)
    if json_wanted:
        print_json(asdict(report))
    else:
        _tell_reread(report, "would be" if dry_run else "were")


def _tell_reread(report: RereadReport, were: str) -> None:
    for change in report.changed:
        _tell_change(change)
    for page in (*report.gained, *report.stands, *report.gone):
        click.echo(f"{page.name}, page {page.page + 1}: {page.reason}")
    click.echo(
        f"{report.pages} pages {were} read again: {len(report.changed)} answers changed, "
        f"{report.new_doubts} new doubts, {report.doubts_gone} doubts gone."
    )


def _tell_change(change: Change) -> None:
    copy = f"copy {spoken_copy_code(change.copy)}" if change.copy else change.submission
    click.echo(f"{copy}, {change.question}: {_in_words(change.old)} → {_in_words(change.new)}")


def _in_words(held: Held) -> str:
    return f"“{held.value}”" if held.value is not None else str(held.missing).replace("_", " ")
