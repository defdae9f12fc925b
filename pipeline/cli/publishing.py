"""The command that lays out what may be published of a form."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from pipeline.cli.common import as_json, print_json, this_site, written_whole
from pipeline.cli.exits import told
from pipeline.cli.results import used_here
from pipeline.form.words import counted
from pipeline.site import read_words
from pipeline.store.database import as_it_stands
from pipeline.store.responses import open_dataset
from pipeline.tables.publishing.publication import Publication, publication_of
from pipeline.tables.publishing.writing import files_of
from pipeline.tables.table import table_of


@click.command()
@click.argument("form")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="The folder to write: counts.csv, comments.csv, removed.csv and about.txt.",
)
@click.option(
    "--names",
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Names to take out of comments besides, one a line: of staff, say.",
)
@as_json
@click.pass_context
def publish(context: click.Context, form: str, output: Path, names: Path | None, json_wanted: bool) -> None:
    """Write what may be published of FORM: counts without small numbers, and comments without personal details."""
    with told():
        db = this_site(context).open_store()
        with as_it_stands(db), used_here():
            about, responses = open_dataset(db, form)
            published = publication_of(table_of(about, responses), _names(names) if names else ())
        files = files_of(published)
        output.mkdir(parents=True, exist_ok=True)
        (output / "comments.csv").unlink(missing_ok=True)
        for name, content in files.items():
            with written_whole(output / name) as file:
                file.write(content)
    if json_wanted:
        print_json(
            {
                "folder": str(output),
                "files": sorted(files),
                "responses": published.responses,
                "comments": len(published.comments),
                "numbers": sum(row.n is not None for row in published.counts),
                "hidden": sum(row.n is None for row in published.counts),
            }
        )
    else:
        _tell(output, published)


def _names(path: Path) -> list[str]:
    return [line.strip() for line in read_words(path).splitlines() if line.strip()]


def _tell(output: Path, published: Publication) -> None:
    hidden = sum(row.n is None for row in published.counts)
    click.echo(
        f"{output}: {counted(published.responses, 'response')}; {hidden} of {len(published.counts)} numbers hidden."
    )
    details = Counter(each.what for each in published.removed if each.file.startswith("comments.csv, row"))
    taken = sum(each.times for each in published.removed if each.file.startswith("comments.csv, row"))
    if published.comments:
        click.echo(f"{counted(len(published.comments), 'comment')}; {counted(taken, 'personal detail')} taken out.")
        for kind, comments in sorted(details.items()):
            click.echo(f"  {kind}: in {counted(comments, 'comment')}")
        click.echo("Read the comments before you publish them: rules find what looks like a detail, and no more.")
    click.echo("What was removed, and why, is in removed.csv.")
