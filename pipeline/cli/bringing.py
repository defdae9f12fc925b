"""The command about answers given elsewhere: bring in the file of another tool, or take one back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from pipeline.cli.common import as_json, now, print_json, require_form, this_site
from pipeline.cli.exits import told
from pipeline.form.brought.map import AnswerMap, read_map
from pipeline.form.brought.reading import MapDoesNotFitError, RefusedRow, read_answers
from pipeline.form.brought.refused import table_of_refused
from pipeline.form.brought.rows import NotAnswersError, read_rows
from pipeline.form.definition import FormDefinition
from pipeline.form.words import counted
from pipeline.inbox.disk import hash_of
from pipeline.inbox.shelf import Shelf
from pipeline.site import Site, SiteError, load_form, read_words
from pipeline.store.imports import OTHERWISE, AnswerFile, Import, bring_in, imports_of, take_back, would_bring_in

_A_FILE = click.Path(exists=True, path_type=Path, dir_okay=False)

_SHORTEST_HASH = 6
"""Signs of a file's hash by which it may be named: enough that no two files of a site share them."""


@click.command("import")
@click.argument("form")
@click.argument("responses", required=False, type=_A_FILE)
@click.option("--map", "map_", type=_A_FILE, metavar="MAP.yaml", help="Which column answers which question.")
@click.option("--as", "name", default="", help="Who brings it in, or takes it back: the name goes on record.")
@click.option("--dry-run", is_flag=True, help="Say what would be brought in, and bring in nothing.")
@click.option(
    "--refused",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Write the rows that were not taken here, each with the reason, to be put right and brought in again.",
)
@click.option("--take-back", "taken", metavar="FILE", help="Count nothing of this file any more: its name or its hash.")
@as_json
@click.pass_context
def import_(
    context: click.Context,
    form: str,
    responses: Path | None,
    map_: Path | None,
    name: str,
    dry_run: bool,
    refused: Path | None,
    taken: str | None,
    json_wanted: bool,
) -> None:
    """Bring in answers to FORM that were given to another tool, from its RESPONSES (.csv or .xlsx).

    With FORM alone, tell which files were brought in.
    """
    with told():
        site = this_site(context)
        if taken is not None:
            document = _take_back(site, form, taken, name)
        elif responses is None:
            require_form(site, form)
            document = {"imports": [asdict(each) for each in imports_of(site.open_store(), form)]}
        elif map_ is None:
            raise click.UsageError("Say which column answers which question, with --map MAP.yaml.")
        else:
            document = asdict(_bring_in(site, load_form(site, form), responses, map_, name, dry_run, refused))
    if json_wanted:
        print_json(document)
    else:
        _tell(document)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a file: rows that are `new`, counted `again` or known `before`, and those `refused`, and why."""

    file: str
    sha256: str
    dry_run: bool
    new: int
    again: int
    before: int
    passed_over: int
    refused: list[dict[str, Any]]
    unused: tuple[str, ...]


def _bring_in(
    site: Site, form: FormDefinition, path: Path, map_: Path, name: str, dry_run: bool, refused: Path | None
) -> _Outcome:
    said = _read_map(map_, form)
    try:
        source = read_rows(path.read_bytes())
        brought = read_answers(source, said, form, site.zone)
    except (NotAnswersError, MapDoesNotFitError) as error:
        raise SiteError(f"{path.name} was not brought in. {error}") from error
    db = site.open_store()
    if dry_run:
        sha256, done = hash_of(path), would_bring_in(db, form.id, said.source, brought.rows)
    else:
        sha256 = Shelf(site.archive).keep(path)
        file = AnswerFile(sha256, path.name, said.source, name)
        done = bring_in(db, form, file, brought.rows, site.local_date, now())
    cells = {row.number: row.cells for row in source.rows}
    otherwise = [RefusedRow(row.row, row.source_id, (OTHERWISE,), cells[row.row]) for row in done.otherwise]
    not_taken = sorted((*brought.refused, *otherwise), key=lambda row: row.row)
    if refused:
        _write_refused(refused, source.columns, not_taken)
    listed = [{"row": row.row, "id": row.source_id, "why": list(row.whys)} for row in not_taken]
    return _Outcome(
        path.name, sha256, dry_run, done.new, done.again, done.before, brought.passed_over, listed, brought.unused
    )


def _read_map(path: Path, form: FormDefinition) -> AnswerMap:
    said = read_map(read_words(path), path.name, form)
    if isinstance(said, AnswerMap):
        return said
    raise SiteError("\n".join(map(str, said)))


def _write_refused(path: Path, columns: Sequence[str], rows: Sequence[RefusedRow]) -> None:
    """Write rows that were not taken, every cell in quotation marks: headings may hold what parts cells elsewhere."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(table_of_refused(columns, rows))


def _take_back(site: Site, form: str, meant: str, name: str) -> dict[str, Any]:
    if not name:
        raise click.UsageError("Say who takes it back, with --as NAME: it goes on record.")
    db = site.open_store()
    found = [each for each in imports_of(db, form) if _is_meant(each, meant)]
    if not found:
        raise SiteError(f"No file “{meant}” was brought in for {form}. The command import {form} names them all.")
    if len(found) > 1:
        raise SiteError(f"Several files are called “{meant}”. Name it by its hash: see the command import {form}.")
    return {
        "file": found[0].name,
        "sha256": found[0].sha256,
        "taken_back": take_back(db, form, found[0].sha256, name, now()),
    }


def _is_meant(each: Import, meant: str) -> bool:
    return each.name == Path(meant).name or (len(meant) >= _SHORTEST_HASH and each.sha256.startswith(meant.lower()))


def _tell(document: dict[str, Any]) -> None:
    if "imports" in document:
        _tell_imports(document["imports"])
    elif "taken_back" in document:
        click.echo(f"{document['file']}: {counted(document['taken_back'], 'response')} taken back.")
    else:
        _tell_brought_in(document)


def _tell_imports(imports: list[dict[str, Any]]) -> None:
    for each in imports:
        back = f", {each['taken_back']} taken back" if each["taken_back"] else ""
        by = f" by {each['brought_by']}" if each["brought_by"] else ""
        click.echo(f"{each['name']} ({each['sha256'][:12]}), {each['source']}: {each['rows']} counted{back}.")
        click.echo(f"  Brought in on {each['brought_at'][:10]}{by}.")
    if not imports:
        click.echo("Nothing was brought in yet.")


def _tell_brought_in(done: dict[str, Any]) -> None:
    for row in done["refused"]:
        for why in row["why"]:
            click.echo(f"row {row['row']} ({row['id']}): {why}")
    if done["unused"]:
        click.echo(f"Not asked for by the map: {'; '.join(done['unused'])}.")
    if done["passed_over"]:
        click.echo(f"{counted(done['passed_over'], 'row')} left out, as the map says.")
    before = f", {done['before']} brought in before" if done["before"] else ""
    again = f", {done['again']} counted again" if done["again"] else ""
    what = "would be brought in" if done["dry_run"] else "brought in"
    click.echo(f"{counted(done['new'], 'row')} {what}{again}{before}, {len(done['refused'])} not taken.")
