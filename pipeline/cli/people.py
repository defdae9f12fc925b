"""Commands for people who answer and decide in a browser: the web server and the staff who may sign in."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli.common import as_json, print_json, settle_option, settled_after, this_site
from pipeline.cli.exits import told
from pipeline.hot_folder import reading_inbox
from pipeline.web.accounts import accounts, add_user, remove_user
from pipeline.web.gate import CouncilSignOn
from pipeline.web.roles import ROLES
from pipeline.web.server import serve as serve_site


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port for residents.")
@click.option("--staff-port", type=click.IntRange(0, 65535), default=8081, show_default=True, help="Port for staff.")
@click.option("--tls-cert", type=click.Path(exists=True, path_type=Path), help="A certificate, PEM.")
@click.option("--tls-key", type=click.Path(exists=True, path_type=Path), help="Its key, PEM.")
@click.option("--sso-header", help="Believe this header about who signs in, if it comes from --trusted-proxy.")
@click.option(
    "--trusted-proxy", multiple=True, help="The address of the proxy that signs staff in; may be given again."
)
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
    sso_header: str | None,
    trusted_proxy: tuple[str, ...],
    settle: float | None,
    json_wanted: bool,
) -> None:
    """Put the forms on the web for residents, and the desk for staff, and keep reading the inbox.

    Port 0 takes any free one.
    """

    if bool(sso_header) != bool(trusted_proxy):
        raise click.UsageError("The council's own sign-on needs both --sso-header and --trusted-proxy.")
    council = CouncilSignOn(sso_header, frozenset(trusted_proxy)) if sso_header else None

    def announce(resident_url: str, staff_url: str) -> None:
        if json_wanted:
            print_json({"resident_url": resident_url, "staff_url": staff_url})
        else:
            click.echo(f"Forms for residents: {resident_url}\nThe desk for staff:  {staff_url}\nStop with Ctrl-C.")

    with told():
        site = this_site(context)
        with reading_inbox(site, settled_after(site, settle)):
            serve_site(site, host, port, staff_port, tls_cert, tls_key, announce, council)


@click.group()
def user() -> None:
    """Who of the staff may sign in."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--crops-only", is_flag=True, help="Show this person the places in doubt, and never a whole page.")
@click.option("--no-personal", is_flag=True, help="Nor comments, nor answers to sensitive questions.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.option("--no-password", is_flag=True, help="Only the council's own sign-on lets this person in.")
@click.pass_context
def add(
    context: click.Context,
    name: str,
    role: str,
    crops_only: bool,
    no_personal: bool,
    password_stdin: bool,
    no_password: bool,
) -> None:
    """Let NAME sign in, or give an account a new password and role."""
    password = None if no_password else _password_from_stdin() if password_stdin else _password_asked_for()
    withheld = [name for name, held in (("crops_only", crops_only), ("no_personal", no_personal)) if held]
    with told():
        add_user(this_site(context).private, name, role, password, withheld)
    click.echo(f"{name} may sign in as {role}.")


@user.command()
@click.argument("name")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Let NAME sign in no longer; what NAME decided stays on record."""
    with told():
        remove_user(this_site(context).private, name)
    click.echo(f"{name} may sign in no longer.")


@user.command("list")
@as_json
@click.pass_context
def list_(context: click.Context, json_wanted: bool) -> None:
    """Tell who may sign in, as what, and when each did so last."""
    with told():
        found = accounts(this_site(context).private)
    if json_wanted:
        print_json([{**asdict(account), "withheld": sorted(account.withheld)} for account in found])
        return
    for account in found:
        less = "".join(f", {each.replace('_', ' ')}" for each in sorted(account.withheld))
        click.echo(f"{account.name}: {account.role}{less}; signed in last: {account.last_sign_in or 'not yet'}")


def _password_asked_for() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")
