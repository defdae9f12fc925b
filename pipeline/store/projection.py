"""What the events add up to: the tables of the record, computed from the events of one subject at a time.

A submission is always folded whole from all its events, so the order in which they reached this store, on
whatever day or stick, makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from pipeline.form.answer import Answer, Authority, Missing, given, lacking
from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.rules import split_values
from pipeline.reading.readings import PageReading, reading_from_json
from pipeline.reading.sheet import Sheet
from pipeline.review.decisions import Decision, Outcome, settled
from pipeline.review.doubts import SECOND_RETURN, Doubt, Judged, Reason, judge
from pipeline.review.typed import judge_typed
from pipeline.store.batch_rows import write_batch
from pipeline.store.catalogue import LocalPostcodes, definition_of, layout_of
from pipeline.store.character_rows import write_characters
from pipeline.store.check_rows import checked_by_people, write_checks
from pipeline.store.database import immediately
from pipeline.store.decision_rows import standing, standing_decisions, write_decisions
from pipeline.store.doubt_rows import doubt_name, write_doubts
from pipeline.store.events import Event, EventKind, all_events, events_about
from pipeline.store.import_rows import write_import, write_imported
from pipeline.store.page_rows import typed_pages, write_page
from pipeline.store.schema import PROJECTIONS
from pipeline.store.variables import FREE
from pipeline.store.views import REMARKS
from pipeline.store.withdrawal_rows import write_withdrawals
from pipeline.store.withdrawing import without_withdrawn, without_words


def apply(db: Database, event: Event) -> None:
    """Bring the tables up to date with one event; the caller holds the write transaction."""
    match event.kind:
        case EventKind.FILE_KEPT:
            _file_kept(db, event)
        case EventKind.FILE_READ:
            _file_read(db, event)
        case EventKind.PAGE_PASSED_OVER:
            write_page(db, event, event.body["submission"])
        case EventKind.DEALT_WITH:
            _dealt_with(db, event)
        case EventKind.PAGE_READ:
            write_page(db, event, event.subject)
            fold(db, event.subject, event)
        case EventKind.COVER_READ:
            write_page(db, event, None)
            write_batch(db, event.subject)
        case EventKind.BATCH_COUNTED:
            write_batch(db, event.subject)
        case EventKind.HANDED_OUT:
            pass  # it stays on record and changes no table
        case EventKind.BROUGHT_IN:
            write_import(db, event)
        case _:
            fold(db, event.subject)


def rebuild(db: Database) -> None:
    """Empty every table that the events add up to and build it again from them."""
    with immediately(db):
        for table in PROJECTIONS:
            db.execute(f"DELETE FROM {table}")
        for event in all_events(db):
            apply(db, event)


@dataclass(frozen=True, slots=True)
class _Folded:
    """One submission added up: its row for `submissions`, its outcome, and the page each form page was read from.

    `typed` are the pages of a PDF that was read by its fields; `machine` is what the answers are without what checks
    decided.
    """

    row: Mapping[str, Any]
    definition: FormDefinition
    outcome: Outcome
    pages: Mapping[int, Event]
    typed: Mapping[int, Event]
    machine: Mapping[str, Answer]


def fold(db: Database, submission: str, known: Event | None = None) -> None:
    """Add up all events of one submission, one of which may be `known`; write its row, answers and doubts anew."""
    events = events_about(db, submission, known)
    folded = _fold(db, submission, events)
    key = _write_submission(db, folded.row)
    for page in folded.typed.values():
        write_page(db, page, submission)
    _write_answers(db, key, folded)
    _write_comments(db, key, folded)
    write_imported(db, key, events)
    doubts = {doubt_name(submission, doubt.variable): doubt for doubt in folded.outcome.doubts.values()}
    write_doubts(db, key, folded.row, doubts, folded.pages or folded.typed)
    told = without_words(folded.definition, events)
    write_decisions(db, key, told)
    write_characters(db, key, doubts, folded.pages.values(), events)
    write_checks(db, key, told, folded.definition, folded.machine)
    write_withdrawals(db, key, folded.definition, events)


def _fold(db: Database, submission: str, events: Sequence[Event]) -> _Folded:
    online = next((event for event in events if event.kind is EventKind.ANSWERED), None)
    pages = {event.body["form_page"]: event for event in events if event.kind is EventKind.PAGE_READ}
    first = online or next(event for event in events if event.kind is EventKind.PAGE_READ)
    decisions = standing_decisions(events)
    definition = definition_of(db, first.body["version"])
    typed = typed_pages(online) if online else {}
    sheet = None if online else _sheet(db, definition, pages)
    judged = _with_second_return(
        judge(sheet, LocalPostcodes(db)) if sheet else _answered(db, definition, first), first.body
    )
    outcome = settled(definition, judged, decisions)
    if standing(events, EventKind.LEFT_OUT):
        outcome = replace(outcome, left_out=True)
    outcome = without_withdrawn(definition, outcome, events)
    missing = sheet.pages_missing if sheet else ()
    covered = next((event for event in pages.values() if event.body.get("batch")), first)
    row = submission_row(first, definition, _status(outcome, missing)) | {
        "remarks": "\n".join(outcome.remarks),
        "pages_missing": ";".join(map(str, missing)),
        "site": covered.body["site"],
        "batch": covered.body.get("batch"),
    }
    return _Folded(row, definition, outcome, pages, typed, _machine(definition, judged, decisions, events, outcome))


def _machine(
    definition: FormDefinition, judged: Judged, decisions: Sequence[Decision], events: Sequence[Event], outcome: Outcome
) -> Mapping[str, Answer]:
    """What the answers are without what checks of them decided; none of a submission that was left out."""
    checked = checked_by_people(events)
    others = [decision for decision in decisions if decision.variable not in checked]
    if outcome.left_out:
        return {}
    return settled(definition, judged, others).answers if checked else outcome.answers


def _sheet(db: Database, definition: FormDefinition, pages: Mapping[int, Event]) -> Sheet:
    readings = {number: _reading(event) for number, event in pages.items()}
    return Sheet(definition, layout_of(db, next(iter(pages.values())).body["layout"]), readings)


def _reading(event: Event) -> PageReading:
    return reading_from_json(event.body["reading"])


def _answered(db: Database, definition: FormDefinition, event: Event) -> Judged:
    """A return from a screen: the resident's own word, and nothing to doubt where the rules were there to tell them."""
    values = event.body["answers"]
    if "layout" in event.body:
        return judge_typed(definition, values, layout_of(db, event.body["layout"]))
    answers = {
        name: given(name, values[name], Authority.RESIDENT)
        if values.get(name)
        else lacking(name, Missing.BLANK, Authority.RESIDENT)
        for name in (variable.name for variable in definition.variables)
    }
    return Judged(answers, {}, {})


def _with_second_return(judged: Judged, body: Mapping[str, Any]) -> Judged:
    if not body.get("second_of"):
        return judged
    doubt = Doubt(SECOND_RETURN, Reason.SECOND_RETURN, "", 0.0, None)
    return replace(judged, doubts={**judged.doubts, SECOND_RETURN: doubt})


def _status(outcome: Outcome, pages_missing: Sequence[int]) -> str:
    if outcome.left_out:
        return "withdrawn"
    if SECOND_RETURN in outcome.doubts:
        return "to_confirm"
    if outcome.doubts:
        return "waiting"
    return "partial" if pages_missing else "complete"


def submission_row(first: Event, definition: FormDefinition, status: str) -> dict[str, Any]:
    """Return a row of `submissions` as its first event has it: no page missing, nothing written beside the fields."""
    body = first.body
    return {
        "submission": first.subject,
        "form": definition.id,
        "version": body["version"],
        "copy": body["copy"],
        "channel": body["channel"],
        "edition": body["edition"],
        "lang": body["lang"],
        "site": body["site"],
        "received_at": body["received_at"],
        "received_on": body["received_on"],
        "status": status,
        "remarks": "",
        "pages_missing": "",
        "submission_key": body.get("submission_key"),
        "receipt": body.get("receipt"),
        "second_of": body.get("second_of"),
    }


def _write_submission(db: Database, row: Mapping[str, Any]) -> int:
    columns, places = ", ".join(row), ", ".join("?" for _ in row)
    renewed = ", ".join(f"{column} = excluded.{column}" for column in row)
    db.execute(
        f"INSERT INTO submissions ({columns}) VALUES ({places}) ON CONFLICT (submission) DO UPDATE SET {renewed}",
        list(row.values()),
    )
    return int(db.execute("SELECT id FROM submissions WHERE submission = ?", [row["submission"]]).fetchone()[0])


def _write_answers(db: Database, key: int, folded: _Folded) -> None:
    db.execute("DELETE FROM answer_options WHERE submission = ?", [key])
    db.execute("DELETE FROM answers WHERE submission = ?", [key])
    db.conn.executemany(
        "INSERT INTO answers (submission, question, value, missing, authority, confidence) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, answer.variable, answer.value, answer.missing, int(answer.authority), answer.confidence)
            for answer in folded.outcome.answers.values()
        ],
    )
    db.conn.executemany(
        "INSERT INTO answer_options (submission, question, value) VALUES (?, ?, ?)",
        [
            (key, variable.name, value)
            for variable in folded.definition.variables
            if variable.shape is Shape.CHOICES
            for value in split_values(folded.outcome.answers[variable.name].value or "")
        ],
    )


def _write_comments(db: Database, key: int, folded: _Folded) -> None:
    """Write what was written in words anew, where it can be searched."""
    answers = folded.outcome.answers
    written = {each.name: answers[each.name].value for each in folded.definition.variables if each.shape in FREE}
    written[REMARKS] = folded.row["remarks"]
    db.execute("DELETE FROM comments WHERE submission = ?", [key])
    db.conn.executemany(
        "INSERT INTO comments (submission, question, text) VALUES (?, ?, ?)",
        [(key, question, text) for question, text in written.items() if text],
    )


def _file_kept(db: Database, event: Event) -> None:
    body = event.body
    db.execute(
        "INSERT INTO files (sha256, name, suffix, bytes, status, desk, received_at)"
        " VALUES (?, ?, ?, ?, 'reading', ?, ?) ON CONFLICT (sha256) DO NOTHING",
        [event.subject, body["name"], body["suffix"], body["bytes"], body["desk"], event.at],
    )


def _file_read(db: Database, event: Event) -> None:
    body = event.body
    db.execute(
        "UPDATE files SET status = ?, reason = ?, pages = ? WHERE sha256 = ?",
        [body["status"], body["reason"], body["pages"], event.subject],
    )


def _dealt_with(db: Database, event: Event) -> None:
    by, page = event.body["by"], event.body["page"]
    if page is None:
        db.execute("UPDATE files SET dealt_with_by = ? WHERE sha256 = ?", [by, event.subject])
    else:
        db.execute("UPDATE pages SET dealt_with_by = ? WHERE sha256 = ? AND page = ?", [by, event.subject, page])
