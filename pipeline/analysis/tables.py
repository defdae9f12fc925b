"""The tables of the file for analysts, in SQL, and how each is filled from the record attached as `store`.

Tables and views have the names and columns they have in the record, less what is left out: what runs on the one runs on
the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.store.schema import COMMENTS
from pipeline.store.views import REMARKS

BEFORE = ("submission", "channel", "edition", "lang", "site", "received_on", "status")
"""What is told of every response before its answers."""

BEFORE_PERSONAL = ("submission", "copy", "channel", "edition", "lang", "site", "received_at", "received_on", "status")
"""The same where personal answers are in the file: the code of the paper, and the very moment it came."""

AFTER_PERSONAL = (REMARKS,)
"""What is then told of it after its answers; nothing where they are not."""

DESCRIBED = (
    "CREATE TABLE about (what TEXT PRIMARY KEY, told TEXT NOT NULL)",
    "CREATE TABLE forms (form TEXT PRIMARY KEY, title TEXT NOT NULL, service TEXT NOT NULL, versions INTEGER NOT NULL)",
    "CREATE TABLE left_out (form TEXT, variable TEXT, why TEXT NOT NULL, PRIMARY KEY (form, variable))",
    "CREATE TABLE missing_kinds (missing TEXT PRIMARY KEY, label TEXT NOT NULL)",
)
"""Tables that the definitions fill."""

_ANSWERS = (
    """
    CREATE TABLE answers (
        submission INTEGER NOT NULL REFERENCES submissions (id),
        question TEXT NOT NULL,
        value TEXT,
        missing TEXT REFERENCES missing_kinds (missing),
        authority INTEGER NOT NULL,
        confidence REAL NOT NULL,
        PRIMARY KEY (submission, question)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE answer_options (
        submission INTEGER NOT NULL REFERENCES submissions (id),
        question TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (submission, question, value)
    ) WITHOUT ROWID
    """,
)

_KEYS = (
    "CREATE TEMP TABLE keys (id INTEGER PRIMARY KEY, stored INTEGER NOT NULL UNIQUE)",
    "INSERT INTO keys (stored) SELECT id FROM store.submissions ORDER BY received_at, submission",
)
"""New numbers for the responses, in the order they came: the record's own tell in which order it took them up."""


def filled(personal: bool) -> Iterator[str]:
    """Yield the statements that copy the record, once `left_out` is filled."""
    yield from _KEYS
    yield from _submissions(personal)
    yield from _words()
    yield from _ANSWERS
    answer = ("question", "value", "missing", "authority", "confidence")
    yield f"INSERT INTO answers {_of_kept_variables('answers', answer)}"
    yield f"INSERT INTO answer_options {_of_kept_variables('answer_options', ('question', 'value'))}"
    yield "CREATE INDEX answers_by_value ON answers (question, value)"
    yield from _paper(personal)
    if personal:
        yield from _comments()


def _of_kept_variables(table: str, columns: tuple[str, ...], condition: str = "TRUE", order: str = "") -> str:
    """The SELECT of the rows of a table about variables that are not left out.

    The joins are in the order of the new numbers, and so are the rows: nothing is sorted.
    """
    listed = ", ".join(f"a.{column}" for column in columns)
    return (
        f"SELECT k.id AS submission, {listed} FROM keys k CROSS JOIN store.{table} a ON a.submission = k.stored"
        f" CROSS JOIN store.submissions s ON s.id = k.stored WHERE {condition} AND NOT EXISTS"
        f" (SELECT 1 FROM left_out o WHERE o.form = s.form AND o.variable = a.question)"
        f" ORDER BY k.id, a.question{order}"
    )


def _submissions(personal: bool) -> Iterator[str]:
    told = (*(BEFORE_PERSONAL if personal else BEFORE), "form", "version", *(AFTER_PERSONAL if personal else ()))
    columns = ", ".join(f"{name} TEXT" for name in told)
    yield f"CREATE TABLE submissions (id INTEGER PRIMARY KEY, {columns}, UNIQUE (submission))"
    selected = ", ".join(f"s.{name}" for name in told)
    yield (
        f"INSERT INTO submissions SELECT k.id, {selected} FROM keys k JOIN store.submissions s ON s.id = k.stored"
        " ORDER BY k.id"
    )
    yield "CREATE INDEX submissions_by_form ON submissions (form, channel)"


def _words() -> Iterator[str]:
    for table, unique in (("variables", "form, variable"), ("labels", "form, variable, value, lang")):
        yield (
            f"CREATE TABLE {table} AS SELECT a.* FROM store.{table} a WHERE NOT EXISTS (SELECT 1 FROM left_out o"
            " WHERE o.form = a.form AND o.variable = a.variable) ORDER BY a.form, a.variable, a.place"
        )
        yield f"CREATE UNIQUE INDEX {table}_by_name ON {table} ({unique})"


def _paper(personal: bool) -> Iterator[str]:
    """Pages, places and decisions, and the view that joins them: from every answer to its place on paper.

    Names of scans, and of those who decided, go with personal answers.
    """
    file, by = ("f.name AS file, ", ("decided_by",)) if personal else ("", ())
    yield (
        f"CREATE TABLE pages AS SELECT p.sha256, {file}p.page, p.form_page, p.layout, p.submission, p.reader"
        " FROM store.pages p JOIN store.files f USING (sha256) WHERE p.status = 'read' AND p.submission IS NOT NULL"
        " ORDER BY p.submission, p.form_page, p.sha256, p.page"
    )
    yield "CREATE INDEX pages_by_submission ON pages (submission, form_page)"
    yield (
        "CREATE TABLE field_places AS SELECT w.* FROM store.field_places w JOIN store.layouts l USING (layout)"
        " WHERE NOT EXISTS (SELECT 1 FROM left_out o WHERE o.form = l.form AND o.variable = w.question)"
        " ORDER BY w.layout, w.question, w.form_page"
    )
    yield "CREATE UNIQUE INDEX field_places_by_question ON field_places (layout, question, form_page)"
    standing = "a.kind = 'decided' AND a.undone_by IS NULL"
    decided = _of_kept_variables(
        "decisions", ("question", "reason", "decided_at", *by), standing, ", a.decided_at, a.event"
    )
    yield f"CREATE TABLE decisions AS {decided}"
    yield "CREATE INDEX decisions_by_submission ON decisions (submission, question, decided_at)"
    yield (
        "CREATE TABLE imported AS SELECT k.id AS submission, r.sha256, r.row FROM keys k"
        " JOIN store.imported r ON r.submission = k.stored ORDER BY k.id"
    )
    yield "CREATE UNIQUE INDEX imported_by_submission ON imported (submission)"
    yield _PROVENANCE.format(file="p.file, " if personal else "", by="d.decided_by, " if personal else "")


_PROVENANCE = """
    CREATE VIEW provenance AS
    SELECT s.form, s.submission, s.channel, s.version, a.question, a.value, a.missing, a.authority, a.confidence,
        COALESCE(p.sha256, r.sha256) AS sha256, {file}p.page, p.form_page, p.layout, w.x, w.y, w.w, w.h, r.row,
        p.reader, {by}d.decided_at, d.reason AS decided_because
    FROM answers a
    JOIN submissions s ON s.id = a.submission
    LEFT JOIN (
        pages p JOIN field_places w ON w.layout = p.layout AND w.form_page = p.form_page
    ) ON p.submission = s.submission AND w.question = a.question
    LEFT JOIN imported r ON r.submission = s.id
    LEFT JOIN decisions d ON d.rowid = (
        SELECT rowid FROM decisions WHERE submission = a.submission AND question = a.question
        ORDER BY decided_at DESC, rowid DESC LIMIT 1)
"""


def _comments() -> Iterator[str]:
    yield from COMMENTS
    yield (
        "INSERT INTO comments (submission, question, text) SELECT k.id, c.question, c.text FROM keys k"
        " JOIN store.comments c ON c.submission = k.stored ORDER BY k.id, c.question"
    )
    yield "INSERT INTO comments_search (comments_search) VALUES ('optimize')"
