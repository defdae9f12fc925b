"""The sample: drawn by chance from what the machine accepted, so many of each kind of field, and counted.

A field is drawn once and never again. Each draw is an event, like everything else that happens.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random

from sqlite_utils import Database

from pipeline.form.answer import Authority, Held, Missing
from pipeline.form.definition import Variable
from pipeline.reading.sheet import Place, places_of
from pipeline.review.checks import Check, Kind, Standing, allocate, field_kind
from pipeline.store.catalogue import definition_of, layout_of
from pipeline.store.database import immediately
from pipeline.store.events import EventKind, append
from pipeline.store.projection import apply


@dataclass(frozen=True, slots=True)
class KindCount:
    """What is known of one kind of field: how many `answers` the machine accepted, how many of them were drawn.

    Of those drawn, `waiting` are to be checked still, `right` and `wrong` have been, and `differing` wait for a
    second look.
    """

    kind: Kind
    answers: int
    waiting: int
    right: int
    wrong: int
    differing: int


def draw_checks(
    db: Database, form: str | None, number: int, seed: int, now: datetime, is_kept: Callable[[str], bool]
) -> int:
    """Draw `number` fields by chance, of one form or of all, to be checked; returns how many were drawn.

    The same record and the same `seed` give the same sample. Kinds of field share it as `allocate` says. A field drawn
    from an original (named by its SHA-256) that is kept no longer can be checked by nobody, and is left out.
    """
    with immediately(db):
        by_kind: dict[Kind, list[_Candidate]] = defaultdict(list)
        for each in _candidates(db, form):
            by_kind[each.kind].append(each)
        shares = allocate({kind: len(by_kind[kind]) for kind in Kind if by_kind[kind]}, number)
        chance = Random(seed)
        drawn = [each for kind, share in shares.items() for each in chance.sample(by_kind[kind], share)]
        return sum(_draw(db, each, seed, now, is_kept) for each in drawn)


def count_checks(db: Database, form: str | None = None) -> tuple[KindCount, ...]:
    """Count what the machine accepted and what came of checking it, by kind; kinds that do not occur are left out."""
    drawn = _count_drawn(db, form)
    answers = _count_unchecked(db, form)
    for (kind, _), number in drawn.items():
        answers[kind] += number
    return tuple(
        KindCount(
            kind,
            answers[kind],
            waiting=drawn[kind, Standing.OPEN],
            right=drawn[kind, Standing.RIGHT],
            wrong=drawn[kind, Standing.WRONG],
            differing=drawn[kind, Standing.DIFFERS],
        )
        for kind in Kind
        if answers[kind]
    )


_UNCHECKED = (
    " FROM answers a JOIN submissions s ON s.id = a.submission"
    " JOIN (SELECT submission, MIN(layout) AS layout FROM pages WHERE status = 'read' GROUP BY submission) p"
    " ON p.submission = s.submission"
    f" WHERE s.channel = 'paper' AND s.status <> 'withdrawn' AND a.authority = {int(Authority.MACHINE)}"
    f" AND (a.value IS NOT NULL OR a.missing IN ('{Missing.BLANK}', '{Missing.NOT_ASKED}'))"
    " AND NOT EXISTS (SELECT 1 FROM checks c WHERE c.submission = s.id AND c.question = a.question)"
    " AND (? IS NULL OR s.form = ?)"
)
"""Answers that the machine accepted and nobody has been asked to check."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An answer that may be drawn: of which submission, what the machine read, and where it stands on the paper."""

    submission: str
    variable: Variable
    read: Held
    field: Kind
    kind: Kind
    place: Place


@dataclass(frozen=True, slots=True)
class _Form:
    """A form as it was printed: its variables, where each stands on the paper, and which are written in boxes."""

    variables: Mapping[str, Variable]
    places: Mapping[str, Place]
    boxed: frozenset[str]

    def kind(self, question: str) -> Kind:
        return field_kind(self.variables[question], question in self.boxed)


def _printed(db: Database) -> Callable[[str, str], _Form]:
    """Return what looks up a form by its version and layout, each once."""

    @cache
    def look_up(version: str, layout: str) -> _Form:
        known, variables = layout_of(db, layout), definition_of(db, version).variables
        boxed = {field.question for page in known.pages for field in page.fields if field.kind == "character"}
        return _Form({variable.name: variable for variable in variables}, places_of(known), frozenset(boxed))

    return look_up


def _candidates(db: Database, form: str | None) -> Iterator[_Candidate]:
    """Every answer that may be drawn, always in the same order."""
    printed = _printed(db)
    columns = "SELECT s.submission, s.version, p.layout, a.question, a.value, a.missing"
    rows = db.execute(f"{columns}{_UNCHECKED} ORDER BY s.submission, a.question", [form, form])
    for submission, version, layout, question, value, missing in rows:
        known = printed(version, layout)
        if question in known.places:
            read = Held(value, missing)
            check = Check(known.variables[question], known.kind(question), read)
            yield _Candidate(submission, check.variable, read, check.field, check.kind, known.places[question])


def _count_unchecked(db: Database, form: str | None) -> Counter[Kind]:
    printed, counts = _printed(db), Counter[Kind]()
    columns = "SELECT s.version, p.layout, a.question, a.value IS NULL, COUNT(*)"
    rows = db.execute(f"{columns}{_UNCHECKED} GROUP BY 1, 2, 3, 4", [form, form])
    for version, layout, question, is_blank, number in rows:
        known = printed(version, layout)
        if question in known.places:
            counts[Kind.BLANK if is_blank else known.kind(question)] += number
    return counts


def _count_drawn(db: Database, form: str | None) -> Counter[tuple[Kind, Standing]]:
    rows = db.execute(
        "SELECT c.kind, c.standing, COUNT(*) FROM checks c JOIN submissions s ON s.id = c.submission"
        " WHERE c.standing <> ? AND c.decided_by IS NULL AND (? IS NULL OR s.form = ?) GROUP BY c.kind, c.standing",
        [Standing.DROPPED, form, form],
    )
    return Counter({(Kind(kind), Standing(standing)): number for kind, standing, number in rows})


def _draw(db: Database, drawn: _Candidate, seed: int, now: datetime, is_kept: Callable[[str], bool]) -> bool:
    """Append that a field was drawn, and return whether it was."""
    sha256, page, reader = db.execute(
        "SELECT sha256, page, reader FROM pages WHERE submission = ? AND form_page = ? AND status = 'read'",
        [drawn.submission, drawn.place.form_page],
    ).fetchone()
    if not is_kept(sha256):
        return False
    box, question = drawn.place.box, drawn.variable.name
    body = {
        "question": question,
        "check": hashlib.sha256(f"check {drawn.submission} {question}".encode()).hexdigest()[:12],
        "kind": drawn.kind,
        "field": drawn.field,
        "value": drawn.read.value,
        "missing": drawn.read.missing,
        "reader": reader,
        "seed": seed,
        "sha256": sha256,
        "page": page,
        "box_mm": [box.x, box.y, box.w, box.h],
    }
    apply(db, append(db, EventKind.CHECK_DRAWN, drawn.submission, body, now))
    return True
