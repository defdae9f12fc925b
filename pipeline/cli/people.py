"""Commands for people who answer and decide in a browser: the web server and the staff who may sign in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline.cli.common import as_json, print_json, settle_option, settled_after, this_site
from pipeline.cli.exits import told
from pipeline.hot_folder import reading_inbox
from pipeline.web.accounts import ROLES, add_user
from pipeline.web.server import serve as serve_site


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port for residents.")
@click.option("--staff-port", type=click.IntRange(0, 65535), default=8081, show_default=True, help="Port for staff.")
@click.option("--tls-cert", type=click.Path(exists=True, path_type=Path), help="A certificate, PEM.")
@click.option("--tls-key", type=click.Path(exists=True, path_type=Path), help="Its key, PEM.")
@settle_option
@as_json
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    staff_port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    settle: float | None,
    json_wanted: bool,
) -> None:
    """Put the forms on the web for residents, and the desk for staff, and keep reading the inbox.

    Port 0 takes any free one.
    """

    def announce(resident_url: str, staff_url: str) -> None:
        if json_wanted:
            print_json({"resident_url": resident_url, "staff_url": staff_url})
        else:
            click.echo(f"Forms for residents: {resident_url}\nThe desk for staff:  {staff_url}\nStop with Ctrl-C.")

    with told():
        site = this_site(context)
        with reading_inbox(site, settled_after(site, settle)):
            serve_site(site, host, port, staff_port, tls_cert, tls_key, announce)


@click.group()
def user() -> None:
    """Who of the staff may sign in."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--crops-only", is_flag=True, help="Show this person the places in doubt, and never a whole page.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.pass_context
def add(context: click.Context, name: str, role: str, crops_only: bool, password_stdin: bool) -> None:
    """Let NAME sign in, or give an account a new password and role."""
    password = (
        _password_from_stdin()
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    with told():
        add_user(this_site(context).private, name, role, password, crops_only)
    click.echo(f"{name} may sign in as {role}.")


def _password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")
