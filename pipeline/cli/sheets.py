"""Commands that print sheets for staff: the cover of a stack, and the check of a scanner."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from pipeline.cli.common import as_json, now, print_json, this_site
from pipeline.cli.exits import told
from pipeline.form.cover import LONGEST_LIBRARY, MOST_FORMS, Cover, new_batch, spoken_batch_code
from pipeline.form.paper.check_sheet import CHECK_COPY, lay_out_check_sheet
from pipeline.form.paper.cover import is_library, lay_out_cover
from pipeline.form.paper.editions import PAPERS
from pipeline.form.printing import print_copies, print_covers
from pipeline.form.staff_words import LANGUAGES

_MOST_COVERS = 100
"""At once: a year of them for a small library."""


@click.command()
@click.argument("library")
@click.option("--forms", type=click.IntRange(1, MOST_FORMS), help="How many forms; else there is room to write it.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day on it. Today unless told otherwise.")
@click.option("-n", "--covers", type=click.IntRange(1, _MOST_COVERS), default=1, show_default=True, help="How many.")
@click.option("--paper", type=click.Choice(sorted(PAPERS)), default="a4", show_default=True)
@click.option("--lang", default="en", show_default=True, help="en, cy, or both as en+cy.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the PDF.")
@as_json
@click.pass_context
def cover(
    context: click.Context,
    library: str,
    forms: int | None,
    day: datetime | None,
    covers: int,
    paper: str,
    lang: str,
    output: Path | None,
    json_wanted: bool,
) -> None:
    """Print a cover sheet that says which LIBRARY the stack under it comes from, and how many forms it holds."""
    languages = _languages(lang)
    if not is_library(library):
        raise click.BadParameter(
            f"Give a name of at most {LONGEST_LIBRARY} letters, without “|”.", param_hint="LIBRARY"
        )
    with told():
        on = day.date() if day else date.fromisoformat(this_site(context).local_date(now()))
        printed = [Cover(new_batch(), library.strip(), on, forms, paper) for _ in range(covers)]
        target = output or Path(f"cover-{printed[0].batch}.pdf")
        target.write_bytes(print_covers([(each, lay_out_cover(each, languages)) for each in printed]))
    if json_wanted:
        print_json({"pdf": str(target), "batches": [each.batch for each in printed]})
    else:
        click.echo(f"{target}: {', '.join(spoken_batch_code(each.batch) for each in printed)}. Lay it on the stack.")


@click.command("check-sheet")
@click.option("--paper", type=click.Choice(sorted(PAPERS)), default="a4", show_default=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("check-sheet.pdf"),
    show_default=True,
    help="Where to write the PDF.",
)
def check_sheet(paper: str, lang: str, output: Path) -> None:
    """Print a sheet that tells, once scanned, whether the scanner is set well or what to change."""
    with told():
        output.write_bytes(print_copies(lay_out_check_sheet(paper, lang), [CHECK_COPY]))
    click.echo(f"{output}: print it in colour on both sides, scan it like a form, and drop it in.")


def _languages(lang: str) -> tuple[str, ...]:
    """Return the languages of a sheet for staff. Raises click.BadParameter for one it does not speak."""
    languages = tuple(lang.split("+"))
    if unknown := [each for each in languages if each not in LANGUAGES]:
        raise click.BadParameter(
            f"These sheets do not speak {', '.join(unknown)}: choose en, cy or en+cy.", param_hint="--lang"
        )
    return languages
