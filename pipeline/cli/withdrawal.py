"""The command for people who take back what they said."""

from __future__ import annotations

import click
from sqlite_utils import Database

from pipeline.cli.common import now, this_site
from pipeline.cli.exits import told
from pipeline.site import SiteError, UnknownAnswerError
from pipeline.store.database import immediately
from pipeline.store.projection import apply
from pipeline.store.withdrawing import Named, record_withdrawn, responses_named


@click.command()
@click.argument("response")
@click.argument("question", required=False)
@click.option("--as", "name", required=True, help="Who enters it: the name goes on record.")
@click.pass_context
def withdraw(context: click.Context, response: str, question: str | None, name: str) -> None:
    """Take back a RESPONSE, or the answer to one QUESTION of it, because the person who gave it asks for that.

    RESPONSE is its receipt, the code of its copy, or its name in the exports.
    """
    with told():
        db = this_site(context).open_store()
        meant = _meant(db, response)
        if question is not None:
            _require_question(db, meant, question)
        with immediately(db):
            apply(db, record_withdrawn(db, meant.submission, question, name, now()))
    what = f"The answer to {question}" if question else "All of it"
    click.echo(f"{what} is withdrawn and counts no more: {meant.form}, {meant.channel}, {meant.received_on}.")


def _meant(db: Database, typed: str) -> Named:
    found = responses_named(db, typed)
    if not found:
        raise UnknownAnswerError(f"There is no response “{typed}”. Give its receipt, or the code of its copy.")
    if len(found) > 1:
        names = "; ".join(f"{each.submission} ({each.channel}, {each.received_on})" for each in found)
        raise SiteError(f"This copy came back {len(found)} times. Name the one that is meant: {names}.")
    return found[0]


def _require_question(db: Database, meant: Named, question: str) -> None:
    rows = db.execute("SELECT DISTINCT question FROM variables WHERE form = ? ORDER BY place", [meant.form]).fetchall()
    names = [name for (name,) in rows]
    if question not in names:
        raise UnknownAnswerError(f"It has no question “{question}”. It has {', '.join(names)}.")
