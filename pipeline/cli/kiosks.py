"""Commands for library screens: tablets on which people answer one after another."""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline.cli.common import as_json, print_json, this_site
from pipeline.cli.exits import told
from pipeline.web.kiosks import add_kiosk, kiosks, remove_kiosk, spoken_kiosk_code


@click.group()
def kiosk() -> None:
    """Library screens: tablets on which people answer one after another."""


@kiosk.command()
@click.argument("name")
@click.pass_context
def add(context: click.Context, name: str) -> None:
    """Let a tablet be the library screen NAME, and print the address to open on it once."""
    with told():
        code = add_kiosk(this_site(context).private, name)
    click.echo(f"Open this on the tablet, once, after the address of your forms: /kiosk/{spoken_kiosk_code(code)}")
    click.echo("The code in it lets staff see forms that need them on that screen. Keep it to yourselves.")


@kiosk.command()
@click.argument("name")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Let a tablet be a library screen no longer; what it has sent stays on record."""
    with told():
        remove_kiosk(this_site(context).private, name)
    click.echo(f"{name} is a library screen no longer.")


@kiosk.command("list")
@as_json
@click.pass_context
def list_(context: click.Context, json_wanted: bool) -> None:
    """Tell of each library screen how many forms wait on it, as it said last."""
    with told():
        found = kiosks(this_site(context).private)
    if json_wanted:
        shown = ("name", "heard_at", "waiting", "refused", "oldest")
        print_json([{name: asdict(each)[name] for name in shown} for each in found])
        return
    for each in found:
        heard = f"heard from {each.heard_at}" if each.heard_at else "not heard from yet"
        click.echo(f"{each.name}: {each.waiting} wait to be sent, {each.refused} need somebody; {heard}")
