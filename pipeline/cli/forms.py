"""Commands about forms: check a definition, print copies, tell the geometry."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli.common import as_json, now, print_json, this_site
from pipeline.cli.exits import OTHER_ERRORS, told
from pipeline.form.authoring.source import DefinitionError
from pipeline.form.checking import Checked, check_definition
from pipeline.form.code import spoken_copy_code, tidy_copy_code
from pipeline.form.definition import FormDefinition, say
from pipeline.form.fillable import print_fillable
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.layout_text import layout_json
from pipeline.form.paper.editions import EDITION_NAMES, PAPERS, is_typed
from pipeline.form.paper.postcard import LeftOut, left_out
from pipeline.form.parse import check_listing
from pipeline.form.printing import Sides, print_copies, printed_pages
from pipeline.form.tagged import print_copy
from pipeline.form.words import counted
from pipeline.site import Site, SiteError, UnknownFormError, definition_text, form_names, load_form, read_postcodes
from pipeline.store.catalogue import find_copy, keep_local_postcodes, layout_of
from pipeline.store.database import immediately
from pipeline.store.record import register_print

_edition = click.option("--edition", type=click.Choice(EDITION_NAMES), default="clear", show_default=True)
_paper = click.option("--paper", type=click.Choice(sorted(PAPERS)), default="a4", show_default=True)
_lang = click.option("--lang", help="A language of the form, such as cy. Its first language unless told otherwise.")


@click.command()
@click.argument("forms", nargs=-1)
@as_json
@click.pass_context
def check(context: click.Context, forms: tuple[str, ...], json_wanted: bool) -> None:
    """Check form definitions and say everything that is wrong, with file, line and what to write instead."""
    with told():
        site = this_site(context)
        found = {name: _check(name, definition_text(site, name)) for name in forms or form_names(site)}
        if not found:
            raise UnknownFormError(f"There are no forms in {site.forms}: files such as visit.yaml. Is this the site?")
    if json_wanted:
        print_json([_check_listing(name, checked) for name, checked in found.items()])
    else:
        for name, checked in found.items():
            _tell_check(name, checked.errors)
    sys.exit(OTHER_ERRORS if any(checked.errors for checked in found.values()) else 0)


def _check(name: str, text: str | DefinitionError) -> Checked:
    return check_definition(text, name) if isinstance(text, str) else Checked((text,))


def _check_listing(name: str, checked: Checked) -> dict[str, object]:
    """The document of `check --json` for one form: errors, and notes on what a postcard leaves out."""
    notes = [{"file": note.file, "line": note.line, "what": note.what} for note in checked.notes]
    return {**check_listing(name, checked.errors), "notes": notes}


def _tell_check(name: str, errors: tuple[DefinitionError, ...]) -> None:
    if not errors:
        click.echo(f"{name}: all is well.")
    for error in errors:
        click.echo(str(error))


@click.command("print")
@click.argument("form")
@click.option("-n", "--copies", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many copies.")
@_edition
@_paper
@_lang
@click.option(
    "--sides",
    type=click.Choice(["one", "both"]),
    default="both",
    show_default=True,
    help="Print on one side of the paper, or on both: then every copy starts on a fresh sheet.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the PDF.")
@as_json
@click.pass_context
def print_(
    context: click.Context,
    form: str,
    copies: int,
    edition: str,
    paper: str,
    lang: str | None,
    sides: Sides,
    output: Path | None,
    json_wanted: bool,
) -> None:
    """Print copies of FORM to a PDF, each with a code of its own, ready for a duplex printer.

    A single copy is tagged besides, so that a screen reader can read it out.
    """
    with told():
        site = this_site(context)
        if copies > 1 and is_typed(edition):
            raise click.UsageError("A form to fill in on a screen is one file with a code of its own: print it alone.")
        definition = load_form(site, form)
        layout = lay_out(definition, edition, paper, lang or definition.languages[0])
        if output:
            output.touch()
        codes = register_print(site.open_store(), definition, layout, copies, now())
        target = output or Path(f"{form}-{layout.lang}-{edition}-{codes[0]}.pdf")
        target.write_bytes(_pdf(layout, load_form(site, form), codes, sides))
    if json_wanted:
        print_json(_printed(layout, codes, sides, target, left_out(definition, layout)))
    else:
        copies_of = f"{counted(copies, 'copy')} of {counted(len(layout.pages), 'page')}"
        spoken = " to ".join(spoken_copy_code(code) for code in dict.fromkeys((codes[0], codes[-1])))
        click.echo(f"{target}: {copies_of}, {'code' if copies == 1 else 'codes'} {spoken}.")
        for each in left_out(definition, layout):
            click.echo(f"Not on the card: “{say(each.question.text, definition.languages[0])}”, because {each.why}.")


def _pdf(layout: Layout, definition: FormDefinition, codes: tuple[str, ...], sides: Sides) -> bytes:
    """A single copy is for the screen, too; a stack is for paper alone."""
    if len(codes) > 1:
        return print_copies(layout, codes, sides)
    return print_fillable(layout, definition, *codes) if is_typed(layout.edition) else print_copy(layout, *codes)


def _printed(
    layout: Layout, codes: tuple[str, ...], sides: Sides, target: Path, not_asked: tuple[LeftOut, ...]
) -> dict[str, object]:
    """The document of `print --json`: every page of the PDF that belongs to a copy, blank backs left out.

    Of a card it names the questions that are not asked there.
    """
    named = [{"question": each.question.id, "why": each.why} for each in not_asked]
    return {
        "pdf": str(target),
        "form": layout.form,
        "version": layout.version,
        "layout": layout.id,
        "pages": [asdict(page) for page in printed_pages(layout, codes, sides)],
        **({"left_out": named} if named else {}),
    }


@click.command()
@click.argument("form", required=False)
@click.option("--copy", "copy", help="The code of a printed copy: the layout it was printed with.")
@_edition
@_paper
@_lang
@as_json
@click.pass_context
def layout(
    context: click.Context,
    form: str | None,
    copy: str | None,
    edition: str,
    paper: str,
    lang: str | None,
    json_wanted: bool,
) -> None:
    """Tell where everything sits on the pages of FORM, or of a printed copy: the geometry the reader uses."""
    with told():
        site = this_site(context)
        if copy:
            told_layout = _layout_of_copy(site, copy)
        elif form:
            told_layout = _lay_out(site, form, edition, paper, lang)
        else:
            raise click.UsageError("Name a form, or a printed copy with --copy CODE.")
    if json_wanted:
        print_json(layout_json(told_layout))
        return
    for page in told_layout.pages:
        click.echo(f"page {page.number}")
        for field in page.fields:
            box = field.box
            click.echo(
                f"  {field.question} {field.value or field.kind}: {box.x:.1f}, {box.y:.1f} mm, {box.w} × {box.h}"
            )


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.pass_context
def postcodes(context: click.Context, path: Path) -> None:
    """Tell the reader the postcodes around here, one a line in FILE: many more are then read without a person."""
    with told():
        listed = read_postcodes(path)
        db = this_site(context).open_store()
        with immediately(db):
            keep_local_postcodes(db, listed)
    known = f"{counted(len(listed), 'postcode')} {'is' if len(listed) == 1 else 'are'} known as local"
    click.echo(f"{known}. Postcodes from elsewhere still count.")


def _lay_out(site: Site, form: str, edition: str, paper: str, lang: str | None) -> Layout:
    definition = load_form(site, form)
    return lay_out(definition, edition, paper, lang or definition.languages[0])


def _layout_of_copy(site: Site, typed: str) -> Layout:
    db = site.open_store()
    printed = find_copy(db, tidy_copy_code(typed))
    if printed is None:
        raise SiteError(f"No copy {typed} was printed here. Check the code, or name the site with --site.")
    return layout_of(db, printed.layout)
