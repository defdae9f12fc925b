"""What analysts came to need: where answers come from, variables as rows, comments to search, other tools' files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from pipeline.store.schema.steps import create, migrations
from pipeline.store.variables import FREE, write_variables
from pipeline.store.views import refresh_views

ACROSS_FORMS = """
    SELECT k.joined_by, k.name, v.form, s.submission, s.channel, s.received_on, s.status, v.variable, v.asked, v.part,
        a.value, COALESCE(l.label, (
            SELECT GROUP_CONCAT(label, '; ') FROM (
                SELECT COALESCE(t.label, o.value) AS label FROM answer_options o
                LEFT JOIN labels t ON t.form = v.form AND t.variable = v.variable AND t.value = o.value
                    AND t.lang = v.lang
                WHERE o.submission = s.id AND o.question = v.variable ORDER BY t.place)
        ), a.value) AS label, CASE WHEN a.submission IS NULL THEN 'not_asked' ELSE a.missing END AS missing
    FROM (
        SELECT 'about' AS joined_by, about AS name, form, variable FROM variables WHERE about IS NOT NULL
        UNION ALL SELECT 'standard', standard, form, variable FROM variables WHERE standard IS NOT NULL
    ) k
    JOIN variables v ON v.form = k.form AND v.variable = k.variable
    JOIN submissions s ON s.form = v.form
    LEFT JOIN answers a ON a.submission = s.id AND a.question = v.variable
    LEFT JOIN labels l ON l.form = v.form AND l.variable = v.variable AND l.value = a.value AND l.lang = v.lang
"""
"""Answers of all forms to questions that speak to one outcome (`about`) or are one `standard` question."""

PROVENANCE = """
    SELECT s.form, s.submission, s.channel, s.version, a.question, a.value, a.missing, a.authority, a.confidence,
        COALESCE(p.sha256, r.sha256) AS sha256, COALESCE(f.name, i.name) AS file, p.page, p.form_page, p.layout,
        w.x, w.y, w.w, w.h, r.row, p.reader, d.decided_by, d.decided_at, d.reason AS decided_because,
        COALESCE(e.event, g.event) AS event, COALESCE(e.at, g.at) AS recorded_at
    FROM answers a
    JOIN submissions s ON s.id = a.submission
    LEFT JOIN (
        pages p JOIN field_places w ON w.layout = p.layout AND w.form_page = p.form_page AND p.status = 'read'
    ) ON p.submission = s.submission AND w.question = a.question
    LEFT JOIN files f ON f.sha256 = p.sha256
    LEFT JOIN imported r ON r.submission = s.id
    LEFT JOIN imports i ON i.sha256 = r.sha256 AND i.form = r.form
    LEFT JOIN decisions d ON d.event = (
        SELECT event FROM decisions WHERE submission = s.id AND question = a.question AND kind = 'decided'
        AND undone_by IS NULL ORDER BY decided_at DESC, event DESC LIMIT 1)
    LEFT JOIN events e ON e.id = p.event
    LEFT JOIN events g ON g.subject = s.submission AND g.kind = 'answered'
"""
"""For every answer where it comes from: its place on paper, or the row of a file; what read it and who decided."""

COMMENTS = (
    """
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY,
        submission INTEGER NOT NULL REFERENCES submissions (id),
        question TEXT NOT NULL,
        text TEXT NOT NULL
    )
    """,
    "CREATE INDEX comments_by_submission ON comments (submission)",
    """
    CREATE VIRTUAL TABLE comments_search USING fts5 (
        text, content='comments', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER comments_come AFTER INSERT ON comments BEGIN
        INSERT INTO comments_search (rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER comments_go AFTER DELETE ON comments BEGIN
        INSERT INTO comments_search (comments_search, rowid, text) VALUES ('delete', old.id, old.text);
    END
    """,
)
"""What people wrote, a row a variable of a response, and its index for full-text search: in a table with row ids, which
the index needs. Words are found by their English stem, and with or without accents."""


@migrations()
def m014_places(db: Database) -> None:
    """Where each variable stands on paper, and for every answer how it came to be: the view `provenance`.

    `field_places` holds the rectangle around all fields of a variable on a page, mm from the paper's top-left corner.
    """
    create(
        db,
        """
        CREATE TABLE field_places (
            layout TEXT NOT NULL REFERENCES layouts (layout),
            question TEXT NOT NULL,
            form_page INTEGER NOT NULL,
            x REAL NOT NULL,
            y REAL NOT NULL,
            w REAL NOT NULL,
            h REAL NOT NULL,
            PRIMARY KEY (layout, question, form_page)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX pages_by_submission ON pages (submission, form_page)",
        """
        CREATE VIEW provenance AS
        SELECT s.form, s.submission, s.channel, s.version, a.question, a.value, a.missing, a.authority, a.confidence,
            f.sha256, f.name AS file, p.page, p.form_page, p.layout, w.x, w.y, w.w, w.h, p.reader,
            d.decided_by, d.decided_at, d.reason AS decided_because, e.event, e.at AS recorded_at
        FROM answers a
        JOIN submissions s ON s.id = a.submission
        LEFT JOIN (
            pages p JOIN field_places w ON w.layout = p.layout AND w.form_page = p.form_page AND p.status = 'read'
            JOIN files f ON f.sha256 = p.sha256
        ) ON p.submission = s.submission AND w.question = a.question
        LEFT JOIN decisions d ON d.event = (
            SELECT event FROM decisions WHERE submission = s.id AND question = a.question AND kind = 'decided'
            AND undone_by IS NULL ORDER BY decided_at DESC, event DESC LIMIT 1)
        LEFT JOIN events e ON e.id = p.event
        """,
    )
    for layout, geometry in db.execute("SELECT layout, geometry FROM layouts").fetchall():
        write_places(db, layout, json.loads(geometry)["pages"])


def write_places(db: Database, layout: str, pages: Iterable[Mapping[str, Any]]) -> None:
    """Write where each variable of a layout stands; `pages` are those of its geometry as JSON.

    Cards are told in every slot of their sheet, and are all alike: places are those on the first, at its corner.
    """
    for page in pages:
        if page.get("slot"):
            continue
        boxes: dict[str, list[tuple[float, float, float, float]]] = {}
        for field in page["fields"]:
            x, y, w, h = field["box_mm"]
            boxes.setdefault(field["question"], []).append((x, y, x + w, y + h))
        for question, found in boxes.items():
            left, top = (min(box[side] for box in found) for side in (0, 1))
            right, bottom = (max(box[side] for box in found) for side in (2, 3))
            db.execute(
                "INSERT INTO field_places VALUES (?, ?, ?, ?, ?, ?, ?)",
                [layout, question, page["page"], left, top, right - left, bottom - top],
            )


@migrations()
def m015_variables(db: Database) -> None:
    """What each variable is called and asks, the words of its values, and what people wrote, to be searched.

    `across_forms` puts answers of several forms under each other, by the outcome or the standard question they share.
    """
    create(
        db,
        """
        CREATE TABLE variables (
            form TEXT NOT NULL,
            variable TEXT NOT NULL,
            place INTEGER NOT NULL,
            question TEXT NOT NULL,
            shape TEXT NOT NULL,
            lang TEXT NOT NULL,
            asked TEXT NOT NULL,
            part TEXT NOT NULL,
            about TEXT,
            standard TEXT,
            sensitive INTEGER NOT NULL,
            personal INTEGER NOT NULL,
            PRIMARY KEY (form, variable)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE labels (
            form TEXT NOT NULL,
            variable TEXT NOT NULL,
            value TEXT NOT NULL,
            lang TEXT NOT NULL,
            place INTEGER NOT NULL,
            label TEXT NOT NULL,
            PRIMARY KEY (form, variable, value, lang)
        ) WITHOUT ROWID
        """,
        f"CREATE VIEW across_forms AS {ACROSS_FORMS}",
        *COMMENTS,
    )
    for (form,) in db.execute("SELECT DISTINCT form FROM forms").fetchall():
        write_variables(db, form)
        refresh_views(db, form)
    db.execute(
        "INSERT INTO comments (submission, question, text) SELECT a.submission, a.question, a.value FROM answers a"
        " JOIN submissions s ON s.id = a.submission JOIN variables v ON v.form = s.form AND v.variable = a.question"
        f" WHERE a.value IS NOT NULL AND v.shape IN ({', '.join('?' * len(FREE))})",
        list(FREE),
    )
    db.execute(
        "INSERT INTO comments (submission, question, text) SELECT id, 'remarks', remarks FROM submissions"
        " WHERE remarks <> ''"
    )


@migrations()
def m016_imports(db: Database) -> None:
    """Files of answers brought in from other tools, and which row of which file each of their responses is."""
    create(
        db,
        """
        CREATE TABLE imports (
            sha256 TEXT NOT NULL,
            form TEXT NOT NULL,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            brought_by TEXT NOT NULL,
            brought_at TEXT NOT NULL,
            PRIMARY KEY (sha256, form)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE imported (
            submission INTEGER PRIMARY KEY REFERENCES submissions (id),
            sha256 TEXT NOT NULL,
            form TEXT NOT NULL,
            row INTEGER NOT NULL,
            source TEXT NOT NULL,
            source_id TEXT NOT NULL,
            left_out INTEGER NOT NULL
        )
        """,
        "CREATE INDEX imported_by_file ON imported (sha256, form)",
        "CREATE INDEX imported_by_source ON imported (form, source, source_id)",
    )


@migrations()
def m017_provenance(db: Database) -> None:
    """The view `provenance` with the column `sha256` under its name, and the file of what another tool brought."""
    create(db, "DROP VIEW provenance", f"CREATE VIEW provenance AS {PROVENANCE}")


@migrations()
def m018_parity(db: Database) -> None:
    """What was found when the editions of a version of a form were held against it, as JSON."""
    create(
        db,
        """
        CREATE TABLE parity (
            version TEXT PRIMARY KEY,
            form TEXT NOT NULL,
            checked_at TEXT NOT NULL,
            document TEXT NOT NULL
        ) WITHOUT ROWID
        """,
    )
