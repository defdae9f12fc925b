"""The command for people who take back what they said."""

from __future__ import annotations

from collections.abc import Sequence

import click
from sqlite_utils import Database

from pipeline.cli.common import now, this_site
from pipeline.cli.exits import told
from pipeline.review.doubts import SECOND_RETURN
from pipeline.site import SiteError, UnknownAnswerError
from pipeline.store.database import immediately
from pipeline.store.decision_rows import standing, standing_decisions
from pipeline.store.events import Event, EventKind, events_about
from pipeline.store.projection import apply
from pipeline.store.withdrawal_rows import Withdrawal, covering, standing_withdrawals, withdrawal_of
from pipeline.store.withdrawing import Named, record_put_back, record_withdrawn, responses_named


@click.command()
@click.argument("response")
@click.argument("question", required=False)
@click.option("--as", "name", required=True, help="Who enters it: the name goes on record.")
@click.option("--undo", is_flag=True, help="Put back what was withdrawn by mistake.")
@click.pass_context
def withdraw(context: click.Context, response: str, question: str | None, name: str, undo: bool) -> None:
    """Take back a RESPONSE, or the answer to one QUESTION of it, because the person who gave it asks for that.

    RESPONSE is its receipt, the code of its copy, or its name in the exports. With an answer go those to questions that
    are asked only after it, which would tell it.
    """
    with told():
        db = this_site(context).open_store()
        meant = _meant(db, response)
        if question is not None:
            _require_question(db, meant, question)
        with immediately(db):
            if undo:
                events = record_put_back(db, meant.submission, question, name, now())
            else:
                events = [record_withdrawn(db, meant.submission, question, name, now())]
            for event in events:
                apply(db, event)
        if not events:
            raise UnknownAnswerError(_nothing_to_put_back(db, meant, question))
        still = standing_withdrawals(db, meant.submission)
        why_not = _why_not_counted(db, meant.submission)
    click.echo(_put_back(meant, question, still, why_not) if undo else _withdrawn(meant, question, events[0]))


def _withdrawn(meant: Named, question: str | None, event: Event) -> str:
    what = f"The answer to {question}" if question else "All of it"
    told = f"{what} is withdrawn and counts no more: {meant.form}, {meant.channel}, {meant.received_on}."
    also = event.body.get("with")
    return f"{told} So is what is asked only after that answer: {', '.join(also)}." if also else told


def _put_back(meant: Named, question: str | None, still: Sequence[Withdrawal], why_not: str) -> str:
    """What counts again, and what does not: it is `still` withdrawn by another name, or the response is left out."""
    if question is not None and (taken := covering(still, question)):
        return f"The answer to {question} stays withdrawn {_with_what(taken)}."
    what = f"The answer to {question}, and what follows from it," if question else "The response"
    becomes = "is put back, and still is in no number" if why_not else "counts again"
    told = " ".join(filter(None, (f"{what} {becomes}: {meant.form}, {meant.channel}, {meant.received_on}.", why_not)))
    names = dict.fromkeys(each.named for each in still if each.named)
    return f"{told} What was withdrawn by another name stays so: {', '.join(names)}." if names else told


def _why_not_counted(db: Database, submission: str) -> str:
    """Why a response is in no number for another reason than that a person took it back; "" where there is none."""
    (status,) = db.execute("SELECT status FROM submissions WHERE submission = ?", [submission]).fetchone()
    if status == "to_confirm":
        return "It counts once somebody has said at the desk that it is another person's answer."
    if status != "withdrawn":
        return ""
    events = events_about(db, submission)
    if taken := standing(events, EventKind.LEFT_OUT):
        return f"{taken[-1].body['by']} took back the file it came in: brought in again, it counts."
    said = [each for each in standing_decisions(events) if each.variable == SECOND_RETURN]
    if not said:
        return ""
    last = max(said, key=lambda each: (each.at, each.event))
    return f"{last.by} left it out at the desk, as no other person's answer."


def _nothing_to_put_back(db: Database, meant: Named, question: str | None) -> str:
    """Why there is nothing to put back, and under which name there is, if so."""
    taken = withdrawal_of(db, meant.submission, question or "")
    if taken is None:
        what = f"The answer to {question}" if question else "This response"
        return f"{what} is not withdrawn, so nothing was changed."
    return f"The answer to {question} was withdrawn {_with_what(taken)}. Nothing was changed."


def _with_what(taken: Withdrawal) -> str:
    """With what an answer was withdrawn that was not named itself."""
    return f"with {f'the answer to {taken.named}' if taken.named else 'all of the response'}: put that back"


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
