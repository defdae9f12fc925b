"""Commands for analysts: the file they are handed, and a way to look through it in a browser."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import click
from sqlite_utils import Database

from pipeline.analysis.file import Made, write_analysis
from pipeline.analysis.own_folder import own_folder
from pipeline.cli.common import as_json, now, print_json, this_site
from pipeline.cli.exits import told
from pipeline.form.words import counted
from pipeline.inbox.disk import hash_of
from pipeline.site import Site, SiteError
from pipeline.store.record import record_handed_out
from pipeline.tables.extras import ExtraMissingError
from pipeline.web.accounts import may_of
from pipeline.web.roles import May

ANALYSIS = "analysis.db"
"""What the file for analysts is called, in the folder of the site."""


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The file to write. {ANALYSIS} in the site's folder unless told otherwise.",
)
@click.option("--personal", is_flag=True, help="With comments, postcodes and answers to sensitive questions.")
@click.option("--as", "name", default="", help="Who asks for --personal: the name goes on record.")
@as_json
@click.pass_context
def analysis(context: click.Context, output: Path | None, personal: bool, name: str, json_wanted: bool) -> None:
    """Make the file for analysts: all forms and answers in one SQLite file that is safe to hand out."""
    with told():
        site = this_site(context)
        if personal:
            _refuse_unless_allowed(site, name)
        target = output or site.root / ANALYSIS
        db = site.open_store()
        if personal:
            made = write_analysis(site.store, target, True, _recorder(db, target.name, name))
        else:
            made = write_analysis(site.store, target)
    if json_wanted:
        counts = {"forms": made.forms, "responses": made.responses, "left_out": made.left_out}
        print_json({"file": str(target), "personal": personal, **counts})
    else:
        click.echo(_told(target, made, personal))


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes any free one.")
@as_json
@click.pass_context
def explore(context: click.Context, file: Path | None, port: int, json_wanted: bool) -> None:
    """Look through the file for analysts in a browser, on this computer alone.

    FILE is one that was handed out; without it, one is made anew from the record, and removed at the end.
    """

    def announce(address: str) -> None:
        if json_wanted:
            print_json({"url": address})
        else:
            click.echo(f"The answers: {address}\nStop with Ctrl-C.")

    with told():
        serve_file = _datasette()
        if file is None:
            with _file_of_its_own(this_site(context)) as made:
                serve_file(made, port, announce)
        else:
            serve_file(file, port, announce)


@contextmanager
def _file_of_its_own(site: Site) -> Iterator[Path]:
    """Make a file for analysts that is there only while it is looked through; files that somebody asked for stay.

    It lies in the site's folder, on the disk that holds the record: as many answers may not fit among temporary files.
    """
    # Whoever ends the command otherwise than with Ctrl-C must not leave the file behind either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    site.open_store().close()
    with own_folder(site.root) as folder:
        made = folder / ANALYSIS
        write_analysis(site.store, made)
        yield made


def _datasette() -> Callable[[Path, int, Callable[[str], None]], None]:
    """What serves a file in a browser. Raises ExtraMissingError where Datasette is not installed."""
    try:
        return import_module("pipeline.analysis.explore").explore  # type: ignore[no-any-return]
    except ModuleNotFoundError as error:
        raise ExtraMissingError(
            f"To look through the answers in a browser, {error.name} is needed, which is not installed. "
            'Add it with: pip install "pillarbox[explore]"'
        ) from error


def _refuse_unless_allowed(site: Site, name: str) -> None:
    """Raise SiteError unless somebody with an account here may see what is personal."""
    if not name:
        raise click.UsageError("Say who asks for personal answers, with --as NAME: it goes on record.")
    if May.SEE_PERSONAL not in may_of(site.private, name):
        raise SiteError(f"{name} may not {May.SEE_PERSONAL}. Ask somebody who may, or leave out --personal.")


def _recorder(db: Database, what: str, name: str) -> Callable[[Path], None]:
    """What puts on record who made a file with personal answers, before there is one under its name."""
    return lambda finished: record_handed_out(db, hash_of(finished), what, name, now())


def _told(target: Path, made: Made, personal: bool) -> str:
    holds = f"{target}: {counted(made.responses, 'response')} to {counted(made.forms, 'form')}."
    if personal:
        return f"{holds} It holds personal answers: keep it as you keep the forms themselves."
    left_out = f"{counted(made.left_out, 'variable')} that may tell who somebody is or what is sensitive"
    return f"{holds} Left out: {left_out}; its table left_out says why." if made.left_out else holds
