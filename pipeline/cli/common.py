"""What every command needs: the site it works in, the clock, and one way of printing JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from uuid import uuid4

import click
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.site import Site, SiteError, UnknownFormError, form_names, open_site
from pipeline.store.variables import versions_of

Entry = TypeVar("Entry", bound=BaseModel)

settle_option = click.option(
    "--settle",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Take a file from the inbox once it has not changed for so long. As in site.yaml unless told otherwise.",
)

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document for programs.")


def this_site(context: click.Context) -> Site:
    """Return the site the command is run in. Raises SiteError."""
    root: Path = context.obj
    return open_site(root)


def settled_after(site: Site, settle_s: float | None) -> float:
    """Return how many seconds a file must stay unchanged: as said on the command line, or else in `site.yaml`."""
    return site.settings.settle_seconds if settle_s is None else settle_s


def require_form(site: Site, form: str | None) -> None:
    """Raise UnknownFormError for a form that the site does not have and never had; no form is all of them."""
    if form and form not in form_names(site) and not versions_of(site.open_store(), form):
        raise UnknownFormError(f"There is no form “{form}” here. The forms are: {', '.join(form_names(site))}.")


def read_list(path: Path, kind: type[Entry], example: str) -> list[Entry]:
    """Read a JSON file that holds a list. Raises SiteError, which shows an `example`, when it holds anything else."""
    try:
        return TypeAdapter(list[kind]).validate_json(path.read_bytes())  # type: ignore[valid-type]
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(map(str, first["loc"]))
        raise SiteError(f"{path} is not a list such as {example}: {where} {first['msg']}") from error


def now() -> datetime:
    """Return the present moment, UTC."""
    return datetime.now(UTC)


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that appears under its name only once it is whole; trouble leaves what was there before."""
    arriving = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with arriving.open("wb") as file:
            yield file
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)


@contextmanager
def progress_bar(is_hidden: bool = False) -> Iterator[Progress]:
    """Show a progress bar on a terminal and nothing elsewhere, never on standard output: that is for results."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=is_hidden or not console.is_terminal, transient=True) as progress:
        yield progress
