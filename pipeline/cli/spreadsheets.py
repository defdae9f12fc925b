"""The command about forms in spreadsheets: read an XLSForm into a definition, write a definition as one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli.common import as_json, print_json, this_site
from pipeline.cli.exits import told
from pipeline.form.authoring.source import DefinitionError
from pipeline.form.parse import FORM_NAME, check_listing, parse_definition
from pipeline.form.xlsform.reading import Imported, read_xlsform
from pipeline.form.xlsform.sheets import NotASpreadsheetError
from pipeline.form.xlsform.writing import write_xlsform
from pipeline.site import SiteError, load_form


@click.group()
def xlsform() -> None:
    """Bring a form from a spreadsheet in the XLSForm standard, or write one for other programs."""


@xlsform.command("import")
@click.argument("spreadsheet", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--name", help="What the form is called here. The name of the spreadsheet unless told otherwise.")
@click.option("--like", help="A form of yours that says what the spreadsheet does not: council, privacy, thanks …")
@as_json
@click.pass_context
def import_(context: click.Context, spreadsheet: Path, name: str | None, like: str | None, json_wanted: bool) -> None:
    """Make a definition in forms/ from SPREADSHEET (.xlsx), and name every cell that could not be kept."""
    with told():
        site = this_site(context)
        form = name or _name_from(spreadsheet)
        if not FORM_NAME.fullmatch(form):
            raise SiteError(
                f"A form cannot be called “{form}”. Use small letters, figures and hyphens: --name my-form."
            )
        target = site.forms / f"{form}.yaml"
        if target.exists():
            raise SiteError(f"There is a form “{form}” already: {target}. Choose another name with --name.")
        try:
            imported = read_xlsform(spreadsheet.read_bytes(), load_form(site, like) if like else None)
        except NotASpreadsheetError as error:
            raise SiteError(f"{spreadsheet.name} is no spreadsheet in the XLSForm standard: {error}.") from error
        site.forms.mkdir(exist_ok=True)
        target.write_text(imported.text, encoding="utf-8")
    parsed = parse_definition(imported.text, form)
    if json_wanted:
        left = [asdict(each) for each in imported.left]
        print_json({"file": str(target), "left": left, "check": check_listing(form, parsed)})
    else:
        _tell(target, imported, parsed if isinstance(parsed, tuple) else ())


@xlsform.command("export")
@click.argument("form")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@as_json
@click.pass_context
def export(context: click.Context, form: str, output: Path | None, json_wanted: bool) -> None:
    """Write FORM as a spreadsheet that programs which know XLSForm open."""
    with told():
        definition = load_form(this_site(context), form.removesuffix(".yaml"))
        target = output or Path(f"{definition.id}.xlsx")
        target.write_bytes(write_xlsform(definition))
    if json_wanted:
        print_json({"form": definition.id, "version": definition.version, "file": str(target)})
    else:
        click.echo(f"Written: {target}")


def _name_from(spreadsheet: Path) -> str:
    return "-".join("".join(each if each.isalnum() else " " for each in spreadsheet.stem.lower()).split())[:40]


def _tell(target: Path, imported: Imported, wrong: tuple[DefinitionError, ...]) -> None:
    click.echo(f"Written: {target}")
    if imported.left:
        click.echo("\nNot kept as it stands in the spreadsheet:")
        for left in imported.left:
            click.echo(f"  {left}")
    if wrong:
        click.echo("\nStill to do before it can be printed:")
        for error in wrong:
            click.echo(f"  {error}")
