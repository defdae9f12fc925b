"""Commands about what people said: export the merged dataset, write the report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from sqlite_utils import Database

from pipeline.cli.common import as_json, now, print_json, this_site, written_whole
from pipeline.cli.exits import told
from pipeline.form.definition import FormDefinition
from pipeline.site import SiteError, UnknownFormError, read_words
from pipeline.store.coded import CodedDataset, places_of, read_coded
from pipeline.store.database import as_it_stands
from pipeline.store.responses import open_dataset
from pipeline.tables.comments.codes import Codes, CodesError, codes_of, read_codes
from pipeline.tables.describe import describe
from pipeline.tables.disclose import disclose
from pipeline.tables.formats import FORMATS, write
from pipeline.tables.over_time.series import trends
from pipeline.tables.report import report_html, report_pdf
from pipeline.tables.sections.over_time import title_of, verdict
from pipeline.tables.table import table_of
from pipeline.tables.weighing.census import Census, CensusError, read_census

_output = click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")


@click.command()
@click.argument("form")
@click.option("--format", "format_", type=click.Choice(sorted(FORMATS)), required=True)
@_output
@click.pass_context
def export(context: click.Context, form: str, format_: str, output: Path | None) -> None:
    """Export every response to FORM, paper and online, one row each; to standard output without -o."""
    with told():
        db = this_site(context).open_store()
        with as_it_stands(db):
            with used_here():
                about, responses = open_dataset(db, form)
            table = table_of(about, responses)
            if output is None:
                write(table, format_, sys.stdout.buffer)
            else:
                with written_whole(output) as file:
                    write(table, format_, file)


@click.command()
@click.argument("form")
@_output
@click.option(
    "--census",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A table of who lives here (question,value,share), to show who has not been heard.",
)
@click.option(
    "--codes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A table of the codes you gave to comments, to count them (docs/report.md says how).",
)
@click.option("--pdf", "as_pdf", is_flag=True, help="Write it as a PDF.")
@click.pass_context
def report(
    context: click.Context, form: str, output: Path | None, census: Path | None, codes: Path | None, as_pdf: bool
) -> None:
    """Write the report on FORM: one HTML page that opens without a network and prints well, or a PDF."""
    with told():
        target = output or Path(f"{form}-report.{'pdf' if as_pdf else 'html'}")
        site = this_site(context)
        db = site.open_store()
        dataset = _dataset(db, form)
        lives_here = _census(census, dataset.form) if census else None
        given = _codes(codes, db, dataset) if codes else None
        write_as = report_pdf if as_pdf else _page
        with written_whole(target) as file:
            file.write(write_as(dataset, site.local_date(now()), lives_here, given))
    click.echo(f"The report is in {target}.")


@click.command("trends")
@click.argument("form")
@as_json
@click.pass_context
def trends_(context: click.Context, form: str, json_wanted: bool) -> None:
    """Say of each question of FORM whether anything stands out over time, or all is noise."""
    with told():
        dataset = _dataset(this_site(context).open_store(), form)
    found = trends(dataset, disclose(describe(dataset).questions))
    if json_wanted:
        print_json([{**asdict(trend), "verdict": verdict(trend)} for trend in found])
        return
    for trend in found:
        click.echo(title_of(trend))
        for sentence in verdict(trend):
            click.echo(f"  {sentence}")


def _dataset(db: Database, form: str) -> CodedDataset:
    with as_it_stands(db), used_here():
        return read_coded(db, form)


def _page(dataset: CodedDataset, written_on: str, census: Census | None, codes: Codes | None) -> bytes:
    return report_html(dataset, written_on, census, codes).encode()


def _census(path: Path, form: FormDefinition) -> Census:
    """Read who lives here. Raises SiteError with the line that does not fit the form."""
    try:
        return read_census(read_words(path), form)
    except CensusError as error:
        raise SiteError(f"{path}: {error}") from error


def _codes(path: Path, db: Database, dataset: CodedDataset) -> Codes:
    """Read the codes of comments. Raises SiteError with the line that does not fit."""
    try:
        given = read_codes(read_words(path))
        return codes_of(dataset, given, places_of(db, dataset, (each.submission for each in given)))
    except CodesError as error:
        raise SiteError(f"{path}: {error}") from error


@contextmanager
def used_here() -> Iterator[None]:
    """Turn the trouble that a form was never used here into UnknownFormError."""
    try:
        yield
    except LookupError as error:
        raise UnknownFormError(str(error)) from error
