"""What Datasette tells of the file for analysts: titles, columns, facets and saved queries, from its own tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlite_utils import Database

from pipeline.form.definition import Shape
from pipeline.store.coded import COUNTED
from pipeline.store.views import view_name
from pipeline.tables.table import FACT_LABELS

_FACT_LABELS = {**FACT_LABELS, "received_on": "The day it came"}

_FACTS = ("channel", "site", "edition", "lang", "status")
"""Columns by which any response can be told apart."""

_MOST_FACETS = 8
"""Facets of one view: each is counted anew whenever the view is shown."""

_COUNTS = f"s.status IN ({', '.join(repr(status) for status in COUNTED)})"
"""The condition that a response counts in the report."""

_TABLES: Mapping[str, tuple[str, str]] = {
    "forms": ("Forms", "One row a form."),
    "variables": ("Variables", "What each variable asks, in all versions of its form."),
    "labels": ("Labels", "What each value means, in each language."),
    "left_out": ("Left out", "The variables that are not in this file, and why."),
    "missing_kinds": ("Kinds of missing", "Why an answer may be missing. It is never one thing."),
    "submissions": ("Responses", "One row a response, to whatever form."),
    "answers": ("Answers", "One row an answer: a value, or why there is none."),
    "answer_options": ("Ticked choices", "One row a ticked choice of “tick all that apply”."),
    "across_forms": (
        "Across forms",
        "Answers of all forms to questions about one outcome, or to one standard question.",
    ),
    "provenance": ("Where answers come from", "For every answer its page, its place there and the original’s SHA-256."),
    "comments": ("Comments", "What people wrote. Type words into the search."),
    "pages": ("Pages", "Scanned pages that were read."),
    "field_places": ("Places on paper", "Where each variable stands on a page, in mm."),
    "decisions": ("Decisions", "What people decided, and why it was asked."),
    "imported": ("Brought in", "Responses that are rows of a file of another tool."),
    "about": ("About this file", "Which site it is from, and up to which day."),
}


def describe_file(db: Database, name: str) -> dict[str, Any]:
    """Return Datasette's metadata for the file open as `db`, which it knows by `name`."""
    site = str(db.execute("SELECT told FROM about WHERE what = 'site'").fetchone()[0])
    forms = db.execute("SELECT form, title, service FROM forms ORDER BY form").fetchall()
    there = {*db.table_names(), *db.view_names()}
    tables = {
        table: {"title": title, "description": told} for table, (title, told) in _TABLES.items() if table in there
    }
    for form, title, service in forms:
        tables |= dict(_views(db, form, title, service))
    return {
        "title": f"What people said: {site}",
        "databases": {
            name: {
                "title": "The file for analysts",
                "description": "Made by pillarbox from the record. It is for reading only.",
                "tables": tables,
                "queries": dict(_queries(db, forms)),
            }
        },
    }


def _views(db: Database, form: str, title: str, service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = db.execute(
        "SELECT variable, asked, part, shape FROM variables WHERE form = ? ORDER BY place", [form]
    ).fetchall()
    asked_in = {name: " – ".join(filter(None, (asked, part))) for name, asked, part, _ in rows}
    words = _FACT_LABELS | asked_in
    columns = {name: words[name] for _, name, *_ in db.execute(f"PRAGMA table_info({view_name(form)})").fetchall()}
    ticked = [name for name, _, _, shape in rows if shape == Shape.CHOICE]
    about = {"facets": [*_FACTS[:2], *ticked][:_MOST_FACETS], "columns": columns}
    view = view_name(form)
    yield (
        f"{view}_labelled",
        about | {"title": f"{title} – answers in words", "description": f"{service}. One row a response."},
    )
    yield view, about | {"title": f"{title} – values", "description": f"{service}. The same, with values as stored."}


def _queries(db: Database, forms: list[tuple[str, str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    for form, title, _ in forms:
        yield f"{_plain(form)}_by_day", _query(f"{title} – responses by day and channel", _BY_DAY.format(form=form))
        yield f"{_plain(form)}_missing", _query(f"{title} – why answers are missing", _MISSING.format(form=form))
        for name, asked, part, shape in db.execute(
            "SELECT variable, asked, part, shape FROM variables WHERE form = ? AND shape IN (?, ?) ORDER BY place",
            [form, Shape.CHOICE, Shape.CHOICES],
        ).fetchall():
            words = " – ".join(filter(None, (asked, part)))
            counted = _TICKED if shape == Shape.CHOICES else _CHOSEN
            yield (
                f"{_plain(form)}_{_plain(name)}",
                _query(f"{title} – {words}", counted.format(form=form, variable=name)),
            )
    yield "trace", _query("Where one answer comes from", _TRACE)
    yield "across", _query("One outcome, many forms", _ACROSS)
    if "comments" in db.table_names():
        yield "search", _query("Search what people wrote", _SEARCH)


def _query(title: str, sql: str) -> dict[str, str]:
    return {"title": title, "sql": re.sub(r"\n {4}", "\n", sql).strip()}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name)


_BY_DAY = f"""
    SELECT s.received_on, s.channel, COUNT(*) AS responses FROM submissions s
    WHERE s.form = '{{form}}' AND {_COUNTS} GROUP BY s.received_on, s.channel
"""

_MISSING = f"""
    SELECT v.asked, v.part, k.label AS why, COUNT(*) AS responses FROM answers a
    JOIN submissions s ON s.id = a.submission
    JOIN variables v ON v.form = s.form AND v.variable = a.question
    JOIN missing_kinds k ON k.missing = a.missing
    WHERE s.form = '{{form}}' AND {_COUNTS} GROUP BY v.place, k.label
"""

_CHOSEN = f"""
    SELECT COALESCE(l.label, a.value, k.label) AS answer, s.channel, COUNT(*) AS responses FROM answers a
    JOIN submissions s ON s.id = a.submission
    JOIN variables v ON v.form = s.form AND v.variable = a.question
    LEFT JOIN labels l ON l.form = s.form AND l.variable = a.question AND l.value = a.value AND l.lang = v.lang
    LEFT JOIN missing_kinds k ON k.missing = a.missing
    WHERE s.form = '{{form}}' AND a.question = '{{variable}}' AND {_COUNTS}
    GROUP BY a.value, a.missing, s.channel ORDER BY a.value IS NULL, l.place, s.channel
"""

_TICKED = f"""
    SELECT COALESCE(l.label, o.value) AS answer, s.channel, COUNT(*) AS responses FROM answer_options o
    JOIN submissions s ON s.id = o.submission
    JOIN variables v ON v.form = s.form AND v.variable = o.question
    LEFT JOIN labels l ON l.form = s.form AND l.variable = o.question AND l.value = o.value AND l.lang = v.lang
    WHERE s.form = '{{form}}' AND o.question = '{{variable}}' AND {_COUNTS}
    GROUP BY o.value, s.channel ORDER BY l.place, s.channel
"""

_TRACE = "SELECT * FROM provenance WHERE submission = :submission AND question = :variable"

_ACROSS = f"""
    SELECT s.name, s.form, s.asked, s.part, s.label, COUNT(*) AS responses FROM across_forms s
    WHERE s.missing IS NULL AND {_COUNTS} GROUP BY s.joined_by, s.name, s.form, s.variable, s.label
"""

_SEARCH = f"""
    SELECT s.submission, s.form, s.channel, c.question, c.text FROM comments_search
    JOIN comments c ON c.id = comments_search.rowid JOIN submissions s ON s.id = c.submission
    WHERE comments_search MATCH :words AND {_COUNTS} ORDER BY rank
"""
