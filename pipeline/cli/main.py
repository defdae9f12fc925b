"""The command `pillarbox` itself: which site is meant, and the commands in the order of the journey."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

import pipeline

COMMANDS = {
    "check": "forms.check",
    "print": "forms.print_",
    "layout": "forms.layout",
    "parity": "parity.parity",
    "fixed": "elsewhere.fixed",
    "xlsform": "spreadsheets.xlsform",
    "postcodes": "forms.postcodes",
    "cover": "sheets.cover",
    "check-sheet": "sheets.check_sheet",
    "ingest": "scans.ingest",
    "watch": "scans.watch",
    "batches": "scans.batches",
    "doubts": "scans.doubts",
    "settle": "scans.settle",
    "import": "bringing.import_",
    "withdraw": "withdrawal.withdraw",
    "reread": "audit.reread",
    "accuracy": "audit.accuracy",
    "serve": "people.serve",
    "user": "people.user",
    "kiosk": "kiosks.kiosk",
    "export": "results.export",
    "publish": "publishing.publish",
    "trace": "tracing.trace",
    "analysis": "analysts.analysis",
    "explore": "analysts.explore",
    "report": "results.report",
    "trends": "results.trends_",
    "demo": "whole.demo",
    "doctor": "whole.doctor",
}
"""Each command, and its module and function in `pipeline.cli`."""


class Journey(click.Group):
    """Loads a command when it is asked for: to read scans, and in every worker, half a second for others is saved."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command by its name, or None where there is none of that name."""
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name].partition(".")
        command: click.Command = getattr(import_module(f"pipeline.cli.{module}"), function)
        return command


@click.group(cls=Journey, context_settings={"help_option_names": ["-h", "--help"]})
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
