"""Commands about how well paper was read: read it again by a newer reader, have a sample checked by a person."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, ConfigDict
from sqlite_utils import Database

from pipeline.cli.common import as_json, now, print_json, progress_bar, read_list, require_form, this_site
from pipeline.cli.exits import told
from pipeline.crops import crop_path, cut_crops, is_kept
from pipeline.form.answer import Held
from pipeline.form.code import spoken_copy_code
from pipeline.form.definition import say
from pipeline.form.words import counted
from pipeline.inbox.workers import Workers
from pipeline.reread import Change, RereadReport, would_reread
from pipeline.reread import reread as reread_site
from pipeline.site import Site
from pipeline.store.catalogue import definition_of
from pipeline.store.checks import OpenCheck, SecondLook, enter_check, open_checks, second_looks, settle_check
from pipeline.store.sample import count_checks, draw_checks
from pipeline.tables.accuracy import KINDS, Accuracy, Rate, accuracy_sentence, measure_accuracy, per_1000


@click.command()
@click.argument("form", required=False)
@click.option("--all", "of_any_reader", is_flag=True, help="Also what today's reader has read already.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@as_json
@click.pass_context
def reread(context: click.Context, form: str | None, of_any_reader: bool, dry_run: bool, json_wanted: bool) -> None:
    """Read kept scans again by the reader installed now; what a person decided stays."""
    with told():
        site = this_site(context)
        require_form(site, form)
        with progress_bar(json_wanted) as progress:
            report = (would_reread if dry_run else reread_site)(site, form, of_any_reader, progress)
    if json_wanted:
        print_json(asdict(report))
    else:
        if dry_run:
            click.echo("Nothing was changed. This is what reading again would do:")
        _tell_reread(report)


DRAWN = 200
"""Answers drawn the first time: with no mistake among them, at most 18 in 1,000 are wrong; an hour's work."""


@click.command()
@click.argument("form", required=False)
@click.option("--sample", type=click.IntRange(0), metavar="N", help=f"Draw N answers more. {DRAWN} the first time.")
@click.option("--seed", type=click.IntRange(0), help="Draw the same sample from the same record.")
@click.option(
    "--answers",
    "path",
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    metavar="FILE.json",
    help='What somebody saw there: a list of {"check", "value"} or {"check", "missing"} or {"check", "right"}.',
)
@click.option("--as", "name", default="", help="Who checked what is in --answers: the name goes on record.")
@as_json
@click.pass_context
def accuracy(
    context: click.Context,
    form: str | None,
    sample: int | None,
    seed: int | None,
    path: Path | None,
    name: str,
    json_wanted: bool,
) -> None:
    """Say how well paper was read, by a sample of answers that people check without seeing what the computer read."""
    with told():
        site = this_site(context)
        require_form(site, form)
        db = site.open_store()
        taken, refused = _take_answers(db, path, name) if path else (0, [])
        number = _number_to_draw(db, form, sample, is_taking=path is not None)
        seeded = secrets.randbits(32) if seed is None else seed
        drawn = draw_checks(db, form, number, seeded, now(), partial(is_kept, site)) if number else 0
        found = measure_accuracy(count_checks(db, form))
        checks, looks = open_checks(db, form), second_looks(db, form)
        if json_wanted:
            with Workers() as workers:
                cut_crops(site, db, workers, [*checks, *(look.field for look in looks)])
    if json_wanted:
        document = {"form": form, "drawn": drawn, "taken": taken, "refused": refused, **_accuracy_document(found)}
        listed = {
            "checks": [_check_document(site, db, check) for check in checks],
            "second_looks": [_look_document(site, db, look) for look in looks],
        }
        print_json({**document, **listed})
    else:
        _tell_accuracy(found, form, drawn, len(looks), refused)


class _Checked(BaseModel):
    """What somebody says of one field, as a file brings it: what is there, or at a second look which is right."""

    model_config = ConfigDict(extra="forbid")

    check: str
    value: str | None = None
    missing: str | None = None
    right: str | None = None


def _take_answers(db: Database, path: Path, name: str) -> tuple[int, list[dict[str, str]]]:
    """Record what a file brings; returns how many were taken, and what was refused and why."""
    if not name:
        raise click.UsageError("Say who checked, with --as NAME: it goes on record.")
    listed = read_list(path, _Checked, '[{"check": "0f3a…", "value": "yes"}]')
    refused = []
    for one in listed:
        if one.right is not None:
            why = settle_check(db, one.check, one.right, name, now())
        else:
            why = enter_check(db, one.check, one.value, one.missing, name, now())
        if why:
            refused.append({"check": one.check, "why": why})
    return len(listed) - len(refused), refused


def _number_to_draw(db: Database, form: str | None, sample: int | None, is_taking: bool) -> int:
    """As many as asked for; unasked, a first sample where nothing was ever drawn."""
    if sample is not None:
        return sample
    was_drawn = any(count.waiting or count.right or count.wrong or count.differing for count in count_checks(db, form))
    return 0 if was_drawn or is_taking else DRAWN


def _accuracy_document(found: Accuracy) -> dict[str, Any]:
    return {
        "sentence": accuracy_sentence(found),
        "waiting": found.waiting,
        **_rate_document(found.overall),
        "kinds": [{"kind": kind, **_rate_document(rate)} for kind, rate in found.kinds.items()],
    }


def _rate_document(rate: Rate) -> dict[str, Any]:
    return {
        "answers": rate.answers,
        "checked": rate.checked,
        "wrong": rate.wrong,
        "second_look": rate.differing,
        "per_1000": None if rate.share is None else 1000 * rate.share,
        "low": rate.interval and 1000 * rate.interval.low,
        "high": rate.interval and 1000 * rate.interval.high,
    }


def _check_document(site: Site, db: Database, check: OpenCheck) -> dict[str, Any]:
    """A field to be checked, without a word of what the machine read there."""
    definition = definition_of(db, check.version)
    variable = next(each for each in definition.variables if each.name == check.question)
    language, crop = definition.languages[0], crop_path(site, db, check)
    return {
        **asdict(check),
        "asked": say(variable.question.text, language),
        "part": "" if variable.name == variable.question.id else say(variable.text, language),
        "choices": [choice.value for choice in variable.choices],
        "crop": str(crop) if crop else None,
    }


def _look_document(site: Site, db: Database, look: SecondLook) -> dict[str, Any]:
    said = {"read": asdict(look.read), "entered": asdict(look.entered), "by": look.by}
    return {**_check_document(site, db, look.field), **said}


def _tell_accuracy(found: Accuracy, form: str | None, drawn: int, looks: int, refused: list[dict[str, str]]) -> None:
    for each in refused:
        click.echo(f"{each['check']}: {each['why']}")
    if not found.kinds:
        click.echo("No answers have been read from paper without a person yet, so there is nothing to check.")
        return
    for kind, rate in found.kinds.items():
        click.echo(f"{KINDS[kind]}: {_rate_said(rate)}")
    if sentence := accuracy_sentence(found):
        click.echo(sentence)
    if drawn:
        click.echo(f"{counted(drawn, 'answer')} {'was' if drawn == 1 else 'were'} drawn by lot.")
    if found.waiting or looks:
        look = f", {looks} to look at a second time" if looks else ""
        waits = f"{found.waiting} {'waits' if found.waiting == 1 else 'wait'} to be checked"
        click.echo(f"{waits}{look}: at the desk under “Check the reading”, or by --answers.")
    elif not drawn:
        click.echo("Nothing waits to be checked. Draw more with --sample.")


def _rate_said(rate: Rate) -> str:
    if rate.share is None or rate.interval is None:
        return f"{rate.answers} read without a person, none checked yet"
    interval = f"{per_1000(rate.interval.low)} to {per_1000(rate.interval.high)}"
    wrong = f"{rate.wrong} of {rate.checked} checked were wrong"
    return f"{rate.answers} read without a person; {wrong}: {per_1000(rate.share)} in 1,000 (95% interval: {interval})"


def _tell_reread(report: RereadReport) -> None:
    for change in report.changed:
        _tell_change(change)
    for page in (*report.gained, *report.stands, *report.gone):
        click.echo(f"{page.name}, page {page.page + 1}: {page.reason}")
    changed, new, gone = len(report.changed), report.new_doubts, report.doubts_gone
    click.echo(
        f"{counted(report.pages, 'page')} read again: {counted(changed, 'answer')} changed, "
        f"{counted(new, 'new doubt')}, {counted(gone, 'doubt')} gone."
    )


def _tell_change(change: Change) -> None:
    copy = f"copy {spoken_copy_code(change.copy)}" if change.copy else change.submission
    click.echo(f"{copy}, {change.question}: {_in_words(change.old)} → {_in_words(change.new)}")


def _in_words(held: Held) -> str:
    return f"“{held.value}”" if held.value is not None else str(held.missing).replace("_", " ")
