"""Commands about what people said: export the merged dataset, write the report."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.common import now, this_site
from pipeline.cli.exits import told
from pipeline.site import UnknownFormError
from pipeline.store.responses import Dataset, read_dataset
from pipeline.tables.export import FORMATS
from pipeline.tables.report import report_html

_output = click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")


@click.command()
@click.argument("form")
@click.option("--format", "format_", type=click.Choice(sorted(FORMATS)), required=True)
@_output
@click.pass_context
def export(context: click.Context, form: str, format_: str, output: Path | None) -> None:
    """Export every response to FORM, paper and online, one row each; to standard output without -o."""
    with told():
        text = FORMATS[format_](_dataset(context, form))
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8", newline="")


@click.command()
@click.argument("form")
@_output
@click.pass_context
def report(context: click.Context, form: str, output: Path | None) -> None:
    """Write the report on FORM: one HTML page that opens without a network and prints well."""
    with told():
        target = output or Path(f"{form}-report.html")
        written_on = this_site(context).local_date(now())
        target.write_text(report_html(_dataset(context, form), written_on), encoding="utf-8")
    click.echo(f"The report is in {target}.")


def _dataset(context: click.Context, form: str) -> Dataset:
    db = this_site(context).open_store()
    try:
        return read_dataset(db, form)
    except LookupError as error:
        raise UnknownFormError(str(error)) from error
