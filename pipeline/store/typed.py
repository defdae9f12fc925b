"""A filled-in PDF on record: which copy it is, and what its fields say, as an answer on a screen."""

from __future__ import annotations

from sqlite_utils import Database

from pipeline.inbox.trouble import Reason, SetAside
from pipeline.reading.typed import TypedFile, copy_of, typed_answers
from pipeline.store.catalogue import definition_of, find_copy
from pipeline.store.record import Arrival, KeptFile, OnlineReturn, Recorded, record_online


def record_typed(db: Database, sha256: str, file: TypedFile, arrival: Arrival) -> Recorded | SetAside | None:
    """Record what was typed into a kept file, once however often it is asked.

    None where the file is to be read as paper: it is not a copy that was printed here, not all of its fields are
    there, or something was drawn on it.
    """
    code = copy_of(file)
    printed = find_copy(db, code.copy) if code else None
    if code is None or printed is None or printed.layout != code.layout or file.drawn_on:
        return None
    definition = definition_of(db, printed.version)
    answers = typed_answers(file, definition)
    if answers is None:
        return None
    if not any(answers.values()):
        return SetAside(Reason.NOT_FILLED_IN, f"copy {printed.copy}")
    return record_online(
        db,
        OnlineReturn(
            definition=definition,
            language=printed.lang,
            channel="pdf",
            answers=answers,
            copy=printed.copy,
            submission_key=sha256,
            arrival=arrival,
            edition=printed.edition,
            file=KeptFile(sha256, printed.layout, file.pages),
        ),
    )
