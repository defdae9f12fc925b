"""The command that holds the editions of a form against each other."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby

import click

from pipeline.cli.common import as_json, now, print_json, this_site
from pipeline.cli.exits import told
from pipeline.form.words import counted
from pipeline.parity import Parity, parity_of
from pipeline.site import load_form
from pipeline.store.parity import keep_parity


@click.command()
@click.argument("form")
@as_json
@click.pass_context
def parity(context: click.Context, form: str, json_wanted: bool) -> None:
    """Show whether all editions of FORM ask the same, on paper and online, and list every difference."""
    with told():
        site = this_site(context)
        found = parity_of(load_form(site, form))
        document = asdict(found)
        db = site.open_store()
        keep_parity(db, found.form, found.version, json.dumps(document, ensure_ascii=False), now())
        db.close()
    if json_wanted:
        print_json(document)
    else:
        _tell(found)


def _tell(found: Parity) -> None:
    compared = f"{counted(len(found.editions), 'edition')} in {counted(len(found.languages), 'language')}"
    if not found.differences:
        click.echo(f"{found.form}: {compared} ask the same questions, in the same order, words, choices and routing.")
        return
    click.echo(f"{found.form}: {compared} ask the same, but for {counted(len(found.differences), 'difference')}.")
    for (edition, lang), some in groupby(found.differences, key=lambda each: (each.edition, each.lang)):
        click.echo(f"  {edition}, {lang}")
        for each in some:
            click.echo(f"    {f'{each.question}: ' if each.question else ''}{each.what}")
