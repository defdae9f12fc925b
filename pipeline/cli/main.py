"""The command `pillarbox` itself: which site is meant, and the commands in the order of the journey."""

from __future__ import annotations

from pathlib import Path

import click

import pipeline
from pipeline.cli.audit import accuracy, reread
from pipeline.cli.elsewhere import fixed
from pipeline.cli.forms import check, layout, postcodes, print_
from pipeline.cli.people import serve, user
from pipeline.cli.results import export, report
from pipeline.cli.scans import doubts, ingest, settle, watch
from pipeline.cli.whole import demo, doctor


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pipeline.__version__, prog_name="pillarbox")
@click.option(
    "--site",
    "root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    envvar="PILLARBOX_SITE",
    show_envvar=True,
    help="The site's folder, with forms/ and scanner_inbox/ in it. The current folder unless told otherwise.",
)
@click.pass_context
def main(context: click.Context, root: Path) -> None:
    """Feedback on paper and online, in one record.

    Print a form, read the returned scans, put the same form on the web, and see what people said.
    """
    context.obj = root


for command in (
    check,
    print_,
    layout,
    fixed,
    postcodes,
    ingest,
    watch,
    doubts,
    settle,
    reread,
    accuracy,
    serve,
    user,
    export,
    report,
    demo,
    doctor,
):
    main.add_command(command)
