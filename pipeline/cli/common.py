"""What every command needs: the site it works in, the clock, and one way of printing JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.site import Site, UnknownFormError, form_names, open_site
from pipeline.store.catalogue import versions_of

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document for programs.")


def this_site(context: click.Context) -> Site:
    """Return the site the command is run in. Raises SiteError."""
    root: Path = context.obj
    return open_site(root)


def require_form(site: Site, form: str | None) -> None:
    """Raise UnknownFormError for a form that the site does not have and never had; no form is all of them."""
    if form and form not in form_names(site) and not versions_of(site.open_store(), form):
        raise UnknownFormError(f"There is no form “{form}” here. The forms are: {', '.join(form_names(site))}.")


def now() -> datetime:
    """Return the present moment, UTC."""
    return datetime.now(UTC)


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def progress_bar(is_hidden: bool = False) -> Iterator[Progress]:
    """Show a progress bar on a terminal and nothing elsewhere, never on standard output: that is for results."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=is_hidden or not console.is_terminal, transient=True) as progress:
        yield progress
