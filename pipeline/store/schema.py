"""The tables of the store, as migrations that sqlite-utils applies in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database, Migrations

from pipeline.store.variables import FREE, write_variables
from pipeline.store.views import refresh_views

migrations = Migrations("pillarbox")

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

PROJECTIONS = (
    "imported",
    "imports",
    "comments",
    "answer_options",
    "answers",
    "doubts",
    "characters",
    "decisions",
    "checks",
    "submissions",
    "pages",
    "files",
    "batches",
)
"""Tables that the events add up to, in an order in which they can be emptied and built again."""


@migrations()
def m001_events(db: Database) -> None:
    """The truth. A header and its hash are append-only; its body can be erased and leaves the chain whole."""
    _create(
        db,
        "CREATE TABLE site (name TEXT NOT NULL)",
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            event TEXT NOT NULL UNIQUE,
            site TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            body_hash TEXT NOT NULL,
            UNIQUE (site, sequence)
        )
        """,
        "CREATE INDEX events_by_subject ON events (subject, kind)",
        """
        CREATE TABLE event_bodies (
            event INTEGER PRIMARY KEY REFERENCES events (id),
            salt TEXT NOT NULL,
            body TEXT NOT NULL
        )
        """,
        """
        CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
        """,
        """
        CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
        """,
    )


@migrations()
def m002_printed(db: Database) -> None:
    """What reading goes by: definitions, layouts and copies as they were when printed, and the local postcodes."""
    _create(
        db,
        """
        CREATE TABLE forms (
            version TEXT PRIMARY KEY,
            form TEXT NOT NULL,
            definition TEXT NOT NULL,
            first_used TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE layouts (
            layout TEXT PRIMARY KEY,
            form TEXT NOT NULL,
            version TEXT NOT NULL REFERENCES forms (version),
            edition TEXT NOT NULL,
            lang TEXT NOT NULL,
            paper TEXT NOT NULL,
            paper_width REAL NOT NULL,
            paper_height REAL NOT NULL,
            geometry TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE copies (
            copy TEXT PRIMARY KEY,
            layout TEXT NOT NULL REFERENCES layouts (layout),
            printed_at TEXT NOT NULL
        )
        """,
        "CREATE TABLE local_postcodes (postcode TEXT PRIMARY KEY) WITHOUT ROWID",
    )


@migrations()
def m003_record(db: Database) -> None:
    """What the events add up to: files, their pages, submissions, answers, and what waits for a person."""
    _create(
        db,
        """
        CREATE TABLE files (
            sha256 TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            suffix TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            pages INTEGER,
            status TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            desk TEXT NOT NULL DEFAULT '',
            received_at TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE pages (
            sha256 TEXT NOT NULL REFERENCES files (sha256),
            page INTEGER NOT NULL,
            status TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            copy TEXT,
            form_page INTEGER,
            submission TEXT,
            event INTEGER REFERENCES events (id),
            PRIMARY KEY (sha256, page)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX pages_by_copy ON pages (copy, form_page)",
        """
        CREATE TABLE submissions (
            id INTEGER PRIMARY KEY,
            submission TEXT NOT NULL UNIQUE,
            form TEXT NOT NULL,
            version TEXT NOT NULL REFERENCES forms (version),
            copy TEXT,
            channel TEXT NOT NULL,
            edition TEXT NOT NULL,
            lang TEXT NOT NULL,
            site TEXT NOT NULL,
            received_at TEXT NOT NULL,
            received_on TEXT NOT NULL,
            status TEXT NOT NULL,
            pages_missing TEXT NOT NULL,
            submission_key TEXT UNIQUE,
            receipt TEXT UNIQUE,
            second_of TEXT
        )
        """,
        "CREATE INDEX submissions_by_form ON submissions (form, channel)",
        "CREATE INDEX submissions_by_copy ON submissions (copy)",
        """
        CREATE TABLE answers (
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            value TEXT,
            missing TEXT,
            authority INTEGER NOT NULL,
            confidence REAL NOT NULL,
            PRIMARY KEY (submission, question),
            CHECK ((value IS NULL) <> (missing IS NULL))
        ) WITHOUT ROWID
        """,
        "CREATE INDEX answers_by_value ON answers (question, value)",
        """
        CREATE TABLE answer_options (
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (submission, question, value)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE doubts (
            doubt TEXT PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            reason TEXT NOT NULL,
            guess TEXT NOT NULL,
            confidence REAL NOT NULL,
            sha256 TEXT,
            page INTEGER,
            box_mm TEXT,
            raised_at TEXT NOT NULL
        )
        """,
        "CREATE INDEX doubts_by_submission ON doubts (submission)",
    )


@migrations()
def m004_blanks(db: Database) -> None:
    """Every page as it left the printer, as a PNG file, so that ink can be told from print."""
    _create(
        db,
        """
        CREATE TABLE blanks (
            layout TEXT NOT NULL REFERENCES layouts (layout),
            page INTEGER NOT NULL,
            px_per_mm REAL NOT NULL,
            picture BLOB NOT NULL,
            PRIMARY KEY (layout, page)
        )
        """,
    )


@migrations()
def m004_readers(db: Database) -> None:
    """What read each page: kept in full once, named in short by every page."""
    _create(
        db,
        """
        CREATE TABLE readers (
            reader TEXT PRIMARY KEY,
            version TEXT NOT NULL,
            description TEXT NOT NULL,
            first_used TEXT NOT NULL
        )
        """,
        "ALTER TABLE pages ADD COLUMN reader TEXT",
    )


@migrations()
def m005_checks(db: Database) -> None:
    """Fields drawn to be checked by a person who does not see what the machine read there."""
    _create(
        db,
        """
        CREATE TABLE checks (
            check_id TEXT PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            kind TEXT NOT NULL,
            standing TEXT NOT NULL,
            read_value TEXT,
            read_missing TEXT,
            entered_value TEXT,
            entered_missing TEXT,
            entered_by TEXT,
            entered_at TEXT,
            found_value TEXT,
            found_missing TEXT,
            found_by TEXT,
            found_at TEXT,
            sha256 TEXT NOT NULL,
            page INTEGER NOT NULL,
            box_mm TEXT NOT NULL,
            drawn_at TEXT NOT NULL,
            UNIQUE (submission, question)
        )
        """,
    )


@migrations()
def m006_shown_and_advised(db: Database) -> None:
    """The small picture of a page that was not read, by its hash; what is worth telling about how it was scanned."""
    _create(db, "ALTER TABLE pages ADD COLUMN picture TEXT", "ALTER TABLE pages ADD COLUMN advice TEXT")


@migrations()
def m006_elsewhere(db: Database) -> None:
    """The layout of every page read; of forms made elsewhere whose it is, if told, and what scans of a sheet share."""
    _create(
        db,
        "ALTER TABLE pages ADD COLUMN layout TEXT",
        "ALTER TABLE pages ADD COLUMN respondent TEXT",
        "ALTER TABLE pages ADD COLUMN likeness TEXT",
        "CREATE INDEX pages_by_respondent ON pages (respondent)",
        "CREATE INDEX pages_by_likeness ON pages (likeness)",
    )


@migrations()
def m007_remarks(db: Database) -> None:
    """What was written outside the fields, as people typed it: one line a page."""
    _create(db, "ALTER TABLE submissions ADD COLUMN remarks TEXT NOT NULL DEFAULT ''")


@migrations()
def m008_queue(db: Database) -> None:
    """The turn of each doubt in the queue, and what people decided, whether taken back or not: who, and when."""
    _create(
        db,
        "ALTER TABLE doubts ADD COLUMN turn TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX doubts_by_turn ON doubts (turn)",
        "CREATE INDEX doubts_by_reason ON doubts (reason)",
        """
        CREATE TABLE decisions (
            event TEXT PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            question TEXT NOT NULL,
            doubt TEXT,
            reason TEXT NOT NULL,
            value TEXT,
            missing TEXT,
            decided_by TEXT NOT NULL,
            decided_at TEXT NOT NULL,
            batch TEXT,
            undone_by TEXT,
            undone_at TEXT
        )
        """,
        "CREATE INDEX decisions_by_submission ON decisions (submission)",
        "CREATE INDEX decisions_by_doubt ON decisions (doubt, decided_at)",
        "CREATE INDEX decisions_by_time ON decisions (decided_at)",
        "CREATE INDEX decisions_by_person ON decisions (decided_by, decided_at)",
    )
    _line_up(db)
    _tell_of_decisions(db)


@migrations()
def m009_retired(db: Database) -> None:
    """From when on sheets of a form made elsewhere are read no more, UTC."""
    _create(db, "ALTER TABLE layouts ADD COLUMN retired_at TEXT")


def _line_up(db: Database) -> None:
    """Give doubts that wait already their turn, by pages; they come nearer to it when their form is next added up."""
    db.execute(
        "UPDATE doubts SET turn = (SELECT s.received_at || ' ' || s.submission || ' ' || COALESCE(doubts.page, 0)"
        " || ' ' || doubts.doubt FROM submissions s WHERE s.id = doubts.submission)"
    )


def _tell_of_decisions(db: Database) -> None:
    """List what was decided before, as `decision_rows` does."""
    decided = db.execute(
        "SELECT e.event, s.id, e.at, b.body FROM events e JOIN event_bodies b ON b.event = e.id"
        " JOIN submissions s ON s.submission = e.subject WHERE e.kind = 'decided'"
    ).fetchall()
    for event, submission, at, text in decided:
        body = json.loads(text)
        said = [body[name] for name in ("question", "doubt", "reason", "value", "missing", "by")]
        db.execute(
            "INSERT INTO decisions (event, submission, decided_at, question, doubt, reason, value, missing, decided_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [event, submission, at, *said],
        )


@migrations()
def m009_batches(db: Database) -> None:
    """Stacks that came under a cover: what was said of each, and which pages and submissions came in it."""
    _create(
        db,
        """
        CREATE TABLE batches (
            batch TEXT PRIMARY KEY,
            library TEXT NOT NULL,
            day TEXT NOT NULL,
            said INTEGER,
            said_by TEXT,
            received_at TEXT NOT NULL
        )
        """,
        "ALTER TABLE pages ADD COLUMN batch TEXT",
        "CREATE INDEX pages_by_batch ON pages (batch)",
        "ALTER TABLE submissions ADD COLUMN batch TEXT",
    )


@migrations()
def m010_personal_doubts(db: Database) -> None:
    """Which doubts show what only some may see. Those that wait already are taken to, until their form is added up."""
    _create(db, "ALTER TABLE doubts ADD COLUMN personal INTEGER NOT NULL DEFAULT 1")


@migrations()
def m011_characters(db: Database) -> None:
    """Boxed characters of doubts that people look at together with others that were read as the same."""
    _create(
        db,
        """
        CREATE TABLE characters (
            doubt TEXT NOT NULL,
            position INTEGER NOT NULL,
            figure TEXT NOT NULL,
            turn TEXT NOT NULL,
            submission INTEGER NOT NULL REFERENCES submissions (id),
            sha256 TEXT NOT NULL,
            page INTEGER NOT NULL,
            box_mm TEXT NOT NULL,
            PRIMARY KEY (doubt, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX characters_by_figure ON characters (figure, turn, position)",
        "CREATE INDEX characters_by_submission ON characters (submission)",
        "ALTER TABLE decisions ADD COLUMN kind TEXT NOT NULL DEFAULT 'decided'",
    )


@migrations()
def m012_second_checks(db: Database) -> None:
    """Checks of what a person decided, beside those of what the machine read: whose decision it was."""
    _create(db, "ALTER TABLE checks ADD COLUMN decided_by TEXT")


@migrations()
def m013_dealt_with(db: Database) -> None:
    """Who has dealt with a file that was set aside, or with a page that was not read."""
    _create(db, "ALTER TABLE files ADD COLUMN dealt_with_by TEXT", "ALTER TABLE pages ADD COLUMN dealt_with_by TEXT")


@migrations()
def m014_places(db: Database) -> None:
    """Where each variable stands on paper, and for every answer how it came to be: the view `provenance`.

    `field_places` holds the rectangle around all fields of a variable on a page, mm from the paper's top-left corner.
    """
    _create(
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
    _create(
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
    _create(
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
    _create(db, "DROP VIEW provenance", f"CREATE VIEW provenance AS {PROVENANCE}")


@migrations()
def m018_parity(db: Database) -> None:
    """What was found when the editions of a version of a form were held against it, as JSON."""
    _create(
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


def _create(db: Database, *statements: str) -> None:
    """Run each statement inside the transaction at hand; a script would first commit it."""
    for statement in statements:
        db.execute(statement)
