"""Datasets made up for tests: answers by the rules of a form, from paper and online, some waiting, some missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Shape, Variable, canonical_json
from pipeline.form.parse import parse_definition
from pipeline.form.rules import missing_kinds
from pipeline.practice.answers import random_answers
from pipeline.store.coded import COUNTED, WRITTEN, Coded, CodedDataset, Written, missing_code
from pipeline.store.responses import Dataset, Response

FORMS = Path(__file__).resolve().parent.parent / "forms"
VERSION = "0123456789abcdef"
"""The version of the form that every made-up response answers."""

NAMES = ("front-desk", "library-visit", "opening-hours")


def asking(title: str, questions: str) -> str:
    """Return the text of a form that asks these questions, each a block of YAML indented by two."""
    return f"""\
title: {title}
council: Glanmor Council
service: Libraries
languages: [en]
minutes: 2
intro: Why we ask.
privacy: What we do with it.
return_to: Any library.
thanks: Thank you.
help_line: Ask us.
scans_kept_days: 30
answers_kept_days: 365
publish: true
questions:
{questions}"""


EVERY_KIND = asking(
    "Every kind",
    """\
  - id: found
    kind: one
    text: Did you find it?
    choices:
      - {value: yes, label: "Yes"}
      - {value: partly, label: Partly}
      - {value: no, label: "No"}
  - id: needs
    kind: many
    text: What do you need?
    choices:
      - {value: books, label: Books}
      - {value: warmth, label: Warmth}
      - {value: other, other: true, label: Something else}
  - id: hours
    kind: scale
    text: How useful are these hours?
    statements:
      - {id: early, text: Early}
      - {id: late, text: Late}
    points:
      - {value: very, label: Very}
      - {value: not_very, label: Not very}
  - id: visits
    kind: number
    maximum: 99
    text: How many visits?
  - id: visited_on
    kind: date
    text: When?
  - id: home
    kind: postcode
    text: Where do you live?
  - id: ticket
    kind: code
    pattern: A99
    text: What was your ticket?
  - id: desk
    kind: text
    length: 12
    text: Which desk?
  - section: About you
  - id: condition
    kind: one
    sensitive: true
    text: Do you have a condition?
    choices:
      - {value: yes, label: "Yes"}
      - {value: no, label: "No"}
      - {value: not_said, label: Prefer not to say}
  - id: effect
    kind: one
    sensitive: true
    when: {condition: yes}
    text: Does it affect you?
    choices:
      - {value: a_lot, label: A lot}
      - {value: a_little, label: A little}
  - id: story
    kind: comment
    lines: 2
    sensitive: true
    text: What should we know of it?
  - id: remark
    kind: comment
    lines: 3
    text: Anything else?
""",
)

_WAITS, _COMMENT_WAITS, _PAGE_LOST = 0.05, 0.4, 0.08


def load(name: str) -> FormDefinition:
    """Return a form of the repository."""
    return define((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)


def define(text: str, name: str = "made-up") -> FormDefinition:
    """Return the form that `text` defines."""
    parsed = parse_definition(text, name)
    assert isinstance(parsed, FormDefinition), parsed
    return parsed


def response(
    form: FormDefinition,
    answers: Mapping[str, str],
    missing: Mapping[str, Missing] | None = None,
    number: int = 0,
    **facts: str,
) -> Response:
    """Return a response; what it has no answer to is missing as the rules say, unless `missing` says otherwise."""
    kinds = missing_kinds(form, answers) | dict(missing or {})
    told = {
        "submission": f"submission-{number:04}",
        "copy": None,
        "channel": "paper",
        "edition": "clear",
        "lang": "en",
        "site": "central",
        "received_at": "2026-03-02T10:00:00.000Z",
        "status": "waiting" if Missing.WAITING in kinds.values() else "complete",
    } | facts
    return Response(told, told["received_at"][:10], VERSION, dict(answers), kinds)


def dataset(form: FormDefinition, *responses: Response) -> Dataset:
    """Return the dataset of these responses."""
    return Dataset(form, form.variables, responses)


def coded(made_up: Dataset) -> CodedDataset:
    """Return what the report counts of a dataset, put into columns one answer at a time."""
    counted = [each for each in made_up.responses if each.facts["status"] in COUNTED]
    left = [each.facts["status"] for each in made_up.responses if each.facts["status"] not in COUNTED]
    return CodedDataset(
        made_up.form,
        made_up.variables,
        made_up.versions,
        made_up.checks,
        Counter(map(str, left)),
        np.arange(1, len(counted) + 1),
        *(_column([each.facts[name] or "" for each in counted]) for name in ("channel", "site", "lang")),
        _column([each.received_on for each in counted]),
        _column([each.version for each in counted]),
        answers={each.name: _answers(counted, each) for each in made_up.variables},
        written={
            each.name: _texts([one.answers.get(each.name, "") for one in counted])
            for each in made_up.variables
            if each.shape in WRITTEN
        },
        remarks=_texts([each.remarks for each in counted]),
    )


def store_rows(db: Database, made_up: Dataset) -> None:
    """Put made-up responses into the record's tables as they stand, whatever events they would have come from."""
    form = made_up.form
    db["forms"].insert({"version": VERSION, "form": form.id, "definition": canonical_json(form), "first_used": "2026"})
    plain = {"form": form.id, "version": VERSION, "pages_missing": ""}
    for key, each in enumerate(made_up.responses, start=1):
        told = {**each.facts, **plain, "id": key, "received_on": each.received_on, "remarks": each.remarks}
        db["submissions"].insert(told)
        held = [(key, name, value, None) for name, value in each.answers.items()]
        held += [(key, name, None, kind) for name, kind in each.missing.items()]
        db.conn.executemany(
            "INSERT INTO answers (submission, question, value, missing, authority, confidence)"
            " VALUES (?, ?, ?, ?, 0, 1)",
            held,
        )


def _column(values: Sequence[str]) -> Coded:
    known = list(dict.fromkeys(values))
    return Coded(tuple(known), np.array([known.index(value) for value in values], np.int64))


def _answers(counted: Sequence[Response], variable: Variable) -> Coded:
    held = {
        Shape.POSTCODE: lambda value: value.split()[0],
        Shape.TEXT: lambda value: "",
        Shape.COMMENT: lambda value: "",
    }.get(variable.shape, str)
    values = [held(each.answers[variable.name]) for each in counted if variable.name in each.answers]
    known = sorted(set(values))
    codes = [
        known.index(held(each.answers[variable.name]))
        if variable.name in each.answers
        else missing_code(each.missing.get(variable.name, Missing.NOT_ASKED))
        for each in counted
    ]
    return Coded(tuple(known), np.array(codes, np.int64))


def _texts(texts: Sequence[str]) -> Written:
    places = [place for place, text in enumerate(texts) if text]
    return Written(np.array(places, np.int64), tuple(texts[place] for place in places))


@cache
def random_dataset(name: str, size: int, seed: int) -> Dataset:
    """Return so many made-up responses to a form of the repository.

    About two in five are on paper; two in a hundred are not to be counted.
    """
    form, rng = load(name), np.random.default_rng(seed)
    return dataset(form, *(_random_response(form, number, rng) for number in range(size)))


def _random_response(form: FormDefinition, number: int, rng: np.random.Generator) -> Response:
    on_paper = rng.random() < 0.4
    lang = "cy" if "cy" in form.languages and rng.random() < 0.15 else "en"
    answers = random_answers(form, rng, lang)
    missing = dict(_unclear(form, answers, rng)) if on_paper else {}
    answers = {name: value for name, value in answers.items() if name not in missing}
    received = date(2026, 3, 1) + timedelta(days=int(rng.integers(40)))
    facts = {
        "channel": "paper" if on_paper else str(rng.choice(["online", "online", "kiosk"])),
        "lang": lang,
        "site": str(rng.choice(["central", "porth-gwyn"])) if on_paper else "main",
        "received_at": f"{received.isoformat()}T12:00:00.000Z",
    }
    if rng.random() < 0.02:
        facts["status"] = str(rng.choice(["to_confirm", "withdrawn"]))
    return response(form, answers, missing, number, **facts)


def _unclear(form: FormDefinition, answers: Mapping[str, str], rng: np.random.Generator) -> Mapping[str, Missing]:
    """What could not be read for sure, and what stood on a page that was not returned."""
    lost = rng.random() < _PAGE_LOST
    names = [variable.name for variable in form.variables]
    missing = {}
    for variable in form.variables:
        waits = _COMMENT_WAITS if variable.shape is Shape.COMMENT else _WAITS
        if lost and names.index(variable.name) > len(names) // 2:
            missing[variable.name] = Missing.PAGE_NOT_RETURNED
        elif variable.name in answers and rng.random() < waits:
            missing[variable.name] = Missing.WAITING
    return missing
