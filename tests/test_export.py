"""Exports hold what the dataset holds, one row a response, and no cell that a spreadsheet would run."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_up_dataset import FORMS, NAMES, asking, dataset, define, load, random_dataset, response

from pipeline.form.answer import Missing
from pipeline.form.cells import FORMULA_STARTS
from pipeline.form.definition import Shape
from pipeline.store.coded import COUNTED
from pipeline.store.database import open_store
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.store.responses import Dataset, read_dataset
from pipeline.store.views import FACTS
from pipeline.tables.describe import CHANNELS
from pipeline.tables.formats import FORMATS, write
from pipeline.tables.table import table_of

NOT_COUNTED = ("to_confirm", "withdrawn")

FORM = define(
    asking(
        "Small",
        """\
  - id: needs
    kind: many
    text: What do you need?
    choices:
      - {value: books, label: Books}
      - {value: warmth, label: Warmth}
      - {value: other, other: true, label: Something else}
  - id: home
    kind: postcode
    text: Where do you live?
  - id: remark
    kind: comment
    lines: 3
    text: Anything else?
""",
    )
)


def exported(made_up: Dataset, name: str) -> bytes:
    out = io.BytesIO()
    write(table_of(made_up), name, out)
    return out.getvalue()


def as_csv(made_up: Dataset) -> str:
    return exported(made_up, "csv").decode()


def as_json(made_up: Dataset) -> str:
    return exported(made_up, "json").decode()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", NAMES)
def test_csv_read_back_holds_every_fact_answer_and_reason(name: str) -> None:
    made_up = random_dataset(name, 60, seed=3)
    rows = rows_of(as_csv(made_up))
    assert len(rows) == len(made_up.responses)
    for row, told in zip(rows, made_up.responses, strict=True):
        assert {fact: row[fact] for fact in FACTS} == {fact: told.facts[fact] or "" for fact in FACTS}
        for variable in made_up.variables:
            defused = "'" if row[variable.name].startswith("'") else ""
            assert row[variable.name] == defused + told.answers.get(variable.name, "")
        pairs = [pair.split("=") for pair in row["missing"].split(";") if pair]
        assert {name: Missing(kind) for name, kind in pairs} == told.missing


def test_csv_has_the_facts_then_a_column_a_variable_then_what_is_missing() -> None:
    header = as_csv(dataset(FORM)).splitlines()
    assert header == [
        "submission,copy,channel,edition,lang,site,received_at,status,needs,needs.other,home,remark,remarks,missing"
    ]


def test_what_was_ticked_is_joined_in_the_order_of_the_form_and_missing_kinds_stay_apart() -> None:
    told = response(FORM, {"needs": "books;other", "needs.other": "chess"}, {"remark": Missing.WAITING})
    (row,) = rows_of(as_csv(dataset(FORM, told)))
    assert (row["needs"], row["needs.other"], row["copy"]) == ("books;other", "chess", "")
    assert row["missing"] == "home=blank;remark=waiting"
    assert row["status"] == "waiting"


@pytest.mark.parametrize(
    "words", ['He said "no", twice', "one\ntwo", "a;b,c", "tŷ, ŵyr — اردو", " spaced ", "'quoted'"]
)
def test_words_survive_csv_as_they_were_written(words: str) -> None:
    (row,) = rows_of(as_csv(dataset(FORM, response(FORM, {"remark": words}))))
    assert row["remark"] == words


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_free_words_that_look_like_a_formula_are_defused(start: str) -> None:
    dangerous = f'{start}HYPERLINK("http://example.com","Click")'
    told = response(FORM, {"remark": dangerous, "needs": "other", "needs.other": dangerous})
    (row,) = rows_of(as_csv(dataset(FORM, told)))
    assert row["remark"] == row["needs.other"] == f"'{dangerous}"
    (as_told,) = json.loads(as_json(dataset(FORM, told)))["rows"]
    assert as_told["answers"]["remark"] == dangerous, "JSON is not opened by a spreadsheet and stays as it was written"


def test_json_is_one_document_of_facts_answers_and_reasons() -> None:
    told = response(FORM, {"home": "CF10 1AA"}, number=7, copy="7Q2MABCD")
    document = json.loads(as_json(dataset(FORM, told)))
    assert set(document) == {"form", "rows"}
    assert document["form"] == "made-up"
    (row,) = document["rows"]
    assert list(row) == [*FACTS, "answers", "remarks", "missing"]
    assert (row["copy"], row["answers"]) == ("7Q2MABCD", {"home": "CF10 1AA"})
    assert row["missing"] == {"needs": "blank", "needs.other": "blank", "remark": "blank"}


def test_every_row_of_every_format_names_every_variable_once() -> None:
    made_up = random_dataset("opening-hours", 40, seed=8)
    names = {variable.name for variable in made_up.variables}
    for row in json.loads(as_json(made_up))["rows"]:
        assert row["answers"].keys() | row["missing"].keys() == names
        assert row["answers"].keys().isdisjoint(row["missing"].keys())


def test_what_was_answered_online_comes_out_of_the_store_as_it_went_in(tmp_path: Path) -> None:
    form = load("opening-hours")
    db = open_store(tmp_path / "pillarbox.db", "main")
    sent = [told.answers for told in random_dataset(form.id, 12, seed=5).responses]
    for number, answers in enumerate(sent):
        arrival = Arrival(datetime(2026, 3, 1, 23, number, tzinfo=UTC), "2026-03-02")
        record_online(db, OnlineReturn(form, "en", "online", answers, None, f"key-{number:04}", arrival))
    stored = read_dataset(db, form.id)
    assert [told.received_on for told in stored.responses] == ["2026-03-02"] * 12, "the day is the site's own"
    assert {told.version for told in stored.responses} == {form.version}
    assert answered(stored) == [dict(answers) for answers in sent]
    written = [variable.name for variable in form.variables if variable.shape is Shape.POSTCODE]
    assert [row[written[0]] for row in rows_of(as_csv(stored))] == [answers.get(written[0], "") for answers in sent]


def answered(stored: Dataset) -> list[dict[str, str]]:
    return [dict(told.answers) for told in stored.responses]


def test_the_page_on_the_data_names_every_column_status_reason_table_and_view(tmp_path: Path) -> None:
    page = (FORMS.parent / "docs" / "data.md").read_text(encoding="utf-8")
    form = load("library-visit")
    db = open_store(tmp_path / "pillarbox.db", "main")
    record_online(db, OnlineReturn(form, "en", "online", {}, None, "key-1", Arrival(datetime.now(UTC), "2026-03-02")))
    tables = {name for name in db.table_names() if not name.startswith(("_", "comments_search_"))}
    names = {*FACTS, *Missing, *CHANNELS, *NOT_COUNTED, *COUNTED, *FORMATS, *tables, *db.view_names()}
    assert [name for name in sorted(names) if f"`{name}`" not in page and f" {name} " not in page] == []


def test_the_queries_on_the_page_on_the_data_run(tmp_path: Path) -> None:
    page = (FORMS.parent / "docs" / "data.md").read_text(encoding="utf-8")
    form = load("library-visit")
    db = open_store(tmp_path / "pillarbox.db", "main")
    answers = {"library": "central", "reasons": "borrow;event", "got_it": "all"}
    record_online(
        db, OnlineReturn(form, "en", "online", answers, None, "key-1", Arrival(datetime.now(UTC), "2026-03-02"))
    )
    by_channel, missing, reasons = page.partition("```sql")[2].partition("```")[0].split(";\n")[:3]
    assert db.execute(by_channel).fetchall() == [("Yes, all of it", "online", 1)]
    assert db.execute(missing).fetchall() == [("not_asked", 1)]
    assert sorted(db.execute(reasons).fetchall()) == [("borrow", 1), ("event", 1)]
    for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL):
        for query in filter(str.strip, block.split(";\n")):
            db.execute(query).fetchall()
