"""Every format, opened by a reader that is not ours, gives back the values, the words and each kind of missing."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from frictionless import Package, system
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_dataset import EVERY_KIND, dataset, define, random_dataset, response

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape
from pipeline.form.rules import split_values
from pipeline.store.database import open_store
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.store.responses import Dataset, Response, read_dataset
from pipeline.store.views import FACTS
from pipeline.tables.codebook import codebook_of
from pipeline.tables.formats import FORMATS, write
from pipeline.tables.formats.ddi import NAMESPACE
from pipeline.tables.table import MISSING_LABELS, plain_names, table_of, why_missing

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pyreadstat = pytest.importorskip("pyreadstat")

FORM = define(EVERY_KIND)
TICKED = (Shape.CHOICE, Shape.CHOICES)

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), min_size=1
).filter(lambda words: words == words.strip())

VALUES = {
    Shape.NUMBER: st.integers(0, 99).map(str),
    Shape.DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat),
    Shape.POSTCODE: st.just("CF10 1AA"),
    Shape.CODE: st.from_regex(r"[A-Z][0-9]{2}", fullmatch=True),
    Shape.TEXT: WORDS,
    Shape.COMMENT: WORDS,
}


@st.composite
def responses(draw: st.DrawFn) -> Response:
    answers, missing = {}, {}
    for variable in FORM.variables:
        kind = draw(st.sampled_from([None, None, *Missing]))
        choices = [choice.value for choice in variable.choices]
        if kind is not None:
            missing[variable.name] = kind
        elif variable.shape is Shape.CHOICE:
            answers[variable.name] = draw(st.sampled_from(choices))
        elif variable.shape is Shape.CHOICES:
            answers[variable.name] = ";".join(value for value in choices if draw(st.booleans())) or choices[0]
        else:
            answers[variable.name] = draw(VALUES[variable.shape])
    told = response(FORM, answers, missing, draw(st.integers(0, 9999)), site=draw(st.sampled_from(["main", "tŷ"])))
    return Response(told.facts, told.received_on, told.version, answers, missing, draw(st.just("") | WORDS))


DATASETS = st.lists(responses(), max_size=8, unique_by=lambda told: told.facts["submission"]).map(
    lambda drawn: dataset(FORM, *drawn)
)
few = settings(max_examples=8)


def exported(made_up: Dataset, name: str) -> bytes:
    out = io.BytesIO()
    write(table_of(made_up), name, out)
    return out.getvalue()


def as_written(row: dict[str, Any]) -> dict[str, str]:
    """A row of text as it was before words that look like a formula were defused."""
    free = {each.name for each in FORM.variables if each.shape in (Shape.TEXT, Shape.COMMENT, Shape.CODE)} | {"remarks"}
    cells = {name: str(cell or "") for name, cell in row.items()}
    return {
        name: cell[1:] if name in free and cell[:1] == "'" and cell[1:2] in "=+-@\t\r" and cell[1:] else cell
        for name, cell in cells.items()
    }


def holds(row: dict[str, str], told: Response) -> bool:
    """Whether a row of text holds all of a response."""
    kinds = dict(pair.split("=") for pair in row["missing"].split(";") if pair)
    answers = {variable.name: row[variable.name] for variable in FORM.variables if variable.name not in kinds}
    facts = {fact: row[fact] or None for fact in FACTS}
    return (facts, answers, kinds, row["remarks"]) == (
        {fact: told.facts[fact] or None for fact in FACTS},
        dict(told.answers),
        {name: kind.value for name, kind in told.missing.items()},
        told.remarks,
    )


@pytest.mark.parametrize("name", ["csv", "csv-bom"])
@few
@given(made_up=DATASETS)
def test_csv_gives_everything_back(name: str, made_up: Dataset) -> None:
    data = exported(made_up, name)
    assert data.startswith(b"\xef\xbb\xbf") is (name == "csv-bom")
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert [holds(as_written(row), told) for row, told in zip(rows, made_up.responses, strict=True)].count(False) == 0


@few
@given(made_up=DATASETS)
def test_json_lines_give_everything_back(made_up: Dataset) -> None:
    rows = [json.loads(line) for line in exported(made_up, "jsonl").decode().split("\n") if line]
    for row, told in zip(rows, made_up.responses, strict=True):
        assert (row["answers"], row["missing"], row["remarks"]) == (told.answers, told.missing, told.remarks)
        assert {fact: row[fact] for fact in FACTS} == told.facts


@few
@given(made_up=DATASETS)
def test_a_workbook_gives_everything_back_and_no_cell_is_a_formula(made_up: Dataset) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(made_up, "xlsx")))
    assert book.sheetnames == ["Responses", "Codebook", "Missing"]
    header, *rows = book["Responses"].iter_rows()
    assert all(cell.data_type in ("s", "n") for row in rows for cell in row)
    names = [str(cell.value) for cell in header]
    for row, told in zip(rows, made_up.responses, strict=True):
        cells = {name: str("" if cell.value is None else cell.value) for name, cell in zip(names, row, strict=True)}
        assert holds(as_written(cells), told)
    kinds = {row[0]: row[1] for row in book["Missing"].iter_rows(min_row=2, values_only=True)}
    assert kinds == {kind.value: words for kind, words in MISSING_LABELS.items()}


@few
@given(made_up=DATASETS)
def test_parquet_gives_everything_back_with_a_reason_beside_each_gap(made_up: Dataset) -> None:
    read = parquet.read_table(io.BytesIO(exported(made_up, "parquet")))
    read.validate(full=True)
    for row, told in zip(read.to_pylist(), made_up.responses, strict=True):
        assert {fact: row[fact] for fact in FACTS} == told.facts
        for variable in FORM.variables:
            assert row[f"{variable.name}.missing"] == told.missing.get(variable.name)
            value = row[variable.name]
            text = ";".join(value) if isinstance(value, list) else value if value is None else str(value)
            assert text == told.answers.get(variable.name)
    about = read.schema.field("found").metadata
    assert json.loads(about[b"values"])["partly"] == {"en": "Partly"}
    assert about[b"measure"] == b"nominal"


def statistical(made_up: Dataset, name: str, tmp: Path) -> tuple[list[dict[str, Any]], Any]:
    path = tmp / f"data.{name}"
    path.write_bytes(exported(made_up, name))
    reader = pyreadstat.read_sav if name == "sav" else pyreadstat.read_dta
    columns, about = reader(path, user_missing=True, output_format="dict")
    cells = ([None if cell != cell else cell for cell in column] for column in columns.values())
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]
    return rows, about


NAMES = plain_names([*FACTS, *(variable.name for variable in FORM.variables)])


@pytest.mark.parametrize("name", ["sav", "dta"])
@few
@given(made_up=DATASETS)
def test_spss_and_stata_give_everything_back(name: str, tmp_path_factory: Any, made_up: Dataset) -> None:
    rows, about = statistical(made_up, name, tmp_path_factory.mktemp(name))
    labels = about.variable_value_labels
    assert len(rows) == len(made_up.responses)
    for row, told in zip(rows, made_up.responses, strict=True):
        assert {fact: row[fact] or None for fact in FACTS} == {fact: told.facts[fact] or None for fact in FACTS}
        for variable in FORM.variables:
            kind = why_missing(told, variable.name)
            for column, expected in expected_cells(variable, told):
                words = labels[column].get(row[column], row[column]) if column in labels else row[column]
                assert words == (MISSING_LABELS[kind] if kind and column in labels else expected), column


def expected_cells(variable: Any, told: Response) -> Iterator[tuple[str, Any]]:
    """What a variable's columns show, its labels in place of numbers."""
    plain, value = NAMES[variable.name], told.answers.get(variable.name)
    if variable.shape is Shape.CHOICES:
        for choice in variable.choices:
            if plain == "needs" and choice.value != "other":  # `needs_other` has its writing-in
                yield f"{plain}_{choice.value}", "Ticked" if choice.value in split_values(value or "") else "Not ticked"
    elif variable.shape is Shape.CHOICE:
        yield plain, next((choice.label["en"] for choice in variable.choices if choice.value == value), None)
    elif variable.shape is Shape.NUMBER:
        yield plain, None if value is None else float(value)
    elif variable.shape is Shape.DATE:
        yield plain, None if value is None else date.fromisoformat(value)
        yield f"{plain}_missing", "Answered"
    else:
        yield plain, value or ""
        yield f"{plain}_missing", "Answered"


def test_spss_knows_what_is_missing_and_what_may_be_calculated(tmp_path: Path) -> None:
    _, about = statistical(dataset(FORM, response(FORM, {"visits": "3"})), "sav", tmp_path)
    assert about.missing_ranges["visits"] == about.missing_ranges["found"] == [{"lo": -97, "hi": -91}]
    measures = about.variable_measure
    assert (measures["visits"], measures["found"], measures["hours_early"]) == ("scale", "nominal", "ordinal")
    assert about.column_names_to_labels["hours_early"] == "How useful are these hours? – Early"


@few
@given(made_up=DATASETS)
def test_frictionless_finds_the_package_valid_and_everything_in_it(tmp_path_factory: Any, made_up: Dataset) -> None:
    folder = tmp_path_factory.mktemp("package")
    zipfile.ZipFile(io.BytesIO(exported(made_up, "datapackage"))).extractall(folder)
    with system.use_context(trusted=True):
        package = Package(str(folder / "datapackage.json"))
        report = package.validate()
        assert report.valid, report.flatten(["title", "message"])
        rows = package.get_resource("responses").read_rows()
    for row, told in zip(rows, made_up.responses, strict=True):
        assert holds(as_written({name: "" if cell is None else cell for name, cell in row.to_dict().items()}), told)
    (found,) = [field for field in package.get_resource("responses").schema.fields if field.name == "found"]
    assert found.title == "Did you find it?"


# The order of elements that the schema of DDI-Codebook 2.5 asks for, as far as they are written.
IN_ORDER = {
    "codeBook": ["stdyDscr", "fileDscr", "dataDscr"],
    "var": ["labl", "qstn", "sumStat", "catgry", "concept", "varFormat", "notes"],
    "catgry": ["catValu", "labl", "catStat"],
    "citation": ["titlStmt", "rspStmt"],
    "titlStmt": ["titl", "parTitl", "IDNo"],
    "fileTxt": ["fileName", "dimensns"],
    "dimensns": ["caseQnty", "varQnty"],
}


def test_ddi_has_the_structure_its_schema_asks_for_and_counts_every_kind() -> None:
    made_up = random_dataset("library-visit", 80, seed=4)
    root = ElementTree.fromstring(exported(made_up, "ddi"))
    assert root.tag == f"{{{NAMESPACE}}}codeBook"
    for element in root.iter():
        order = IN_ORDER.get(element.tag.rpartition("}")[2])
        places = [order.index(child.tag.rpartition("}")[2]) for child in element] if order else []
        assert places == sorted(places), element.tag
    names = {"d": NAMESPACE}
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    for entry in codebook_of(table_of(made_up)).entries:
        (variable,) = root.findall(f".//d:var[@name='{entry.column.name}']", names)
        told = {
            (one.findtext("d:catValu", None, names), one.get("missing")): one.findtext("d:catStat", None, names)
            for one in variable.findall("d:catgry", names)
        }
        assert told == {(value.value, None): str(value.n) for value in entry.values} | {
            (kind.value, "Y"): str(n) for kind, n in entry.missing.items()
        }
        assert len(variable.findall("d:qstn", names)) == 2, "the question in English and in Welsh"


def test_duckdb_finds_in_parquet_what_the_dataset_holds(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    made_up = random_dataset("opening-hours", 120, seed=6)
    path = tmp_path / "data.parquet"
    path.write_bytes(exported(made_up, "parquet"))
    with duckdb.connect() as db:
        for variable in made_up.variables:
            kinds = db.execute(
                f'SELECT "{variable.name}.missing", COUNT(*) FROM read_parquet(?) WHERE "{variable.name}" IS NULL'
                " GROUP BY ALL",
                [str(path)],
            ).fetchall()
            assert dict(kinds) == Counter(
                str(why_missing(told, variable.name)) for told in made_up.responses if variable.name not in told.answers
            )
        ticked = db.execute(
            "SELECT value, channel, COUNT(*) FROM (SELECT UNNEST(not_visited_why) AS value, channel"
            " FROM read_parquet(?)) GROUP BY ALL",
            [str(path)],
        ).fetchall()
    assert {(value, channel): n for value, channel, n in ticked} == Counter(
        (value, told.facts["channel"])
        for told in made_up.responses
        for value in split_values(told.answers.get("not_visited_why", ""))
    )


LABELLED = random_dataset("library-visit", 40, seed=11)


def labels_of(language: str) -> dict[tuple[str, str], str]:
    return {
        (variable.name, choice.value): choice.label[language]
        for variable in LABELLED.variables
        for choice in variable.choices
    }


def test_every_label_is_in_the_workbook_the_package_and_the_codebook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(LABELLED, "xlsx")))["Codebook"]
    header, *rows = book.iter_rows(values_only=True)
    listed = [dict(zip(header, row, strict=True)) for row in rows]
    as_text = list(csv.DictReader(io.StringIO(exported(LABELLED, "codebook-csv").decode(), newline="")))
    for lines in (listed, as_text):
        for language in ("en", "cy"):
            told = {
                (each["variable"], each["value"]): each[f"label_{language}"] for each in lines if each["is"] == "value"
            }
            assert told == labels_of(language)
        kinds = {(each["variable"], each["value"]) for each in lines if each["is"] == "missing"}
        assert kinds == {(variable.name, kind.value) for variable in LABELLED.variables for kind in Missing}
    package = zipfile.ZipFile(io.BytesIO(exported(LABELLED, "datapackage")))
    fields = json.loads(package.read("datapackage.json"))["resources"][0]["schema"]["fields"]
    categories = {
        (field["name"], each["value"]): each["label"] for field in fields for each in field.get("categories", ())
    }
    assert categories == labels_of("en")
    kinds = list(csv.DictReader(io.StringIO(package.read("missing.csv").decode(), newline="")))
    assert {row["kind"]: row["label"] for row in kinds} == {str(kind): words for kind, words in MISSING_LABELS.items()}


def test_ddi_says_each_value_in_each_language_and_each_kind_of_missing_in_words() -> None:
    root, names = ElementTree.fromstring(exported(LABELLED, "ddi")), {"d": NAMESPACE}
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    told = {
        (variable.get("name"), category.findtext("d:catValu", None, names), label.get(lang)): label.text
        for variable in root.findall(".//d:var", names)
        for category in variable.findall("d:catgry", names)
        for label in category.findall("d:labl", names)
    }
    for language in ("en", "cy"):
        for (name, value), words in labels_of(language).items():
            assert told[name, value, language] == words
    for variable in LABELLED.variables:
        for kind, words in MISSING_LABELS.items():
            assert told[variable.name, kind.value, "en"] == words


def test_what_a_version_did_not_ask_is_told_apart_in_every_format(tmp_path: Path) -> None:
    """Two versions in one store: what only one of them asks was not asked of the others, and is blank of its own."""
    db, noon = open_store(tmp_path / "pillarbox.db"), datetime(2026, 3, 1, 12, tzinfo=UTC)
    later = define(EVERY_KIND.replace("id: desk", "id: counter").replace("label: Partly", "label: In part"))
    for number, (form, answers) in enumerate([(FORM, {"found": "partly"}), (later, {"counter": "Loans"})]):
        arrival = Arrival(noon + timedelta(minutes=number), "2026-03-01")
        record_online(db, OnlineReturn(form, "en", "online", answers, None, f"key-{number:04}", arrival))
    stored = read_dataset(db, FORM.id)
    expected = [("blank", "not_asked"), ("not_asked", None)]
    names = ("desk", "counter")
    assert [tuple(why_missing(told, name) for name in names) for told in stored.responses] == expected

    def pairs(row: dict[str, Any]) -> tuple[str | None, ...]:
        kinds = dict(pair.split("=") for pair in str(row["missing"]).split(";"))
        return tuple(kinds.get(name) for name in names)

    rows = csv.DictReader(io.StringIO(exported(stored, "csv").decode(), newline=""))
    assert [pairs(row) for row in rows] == expected
    lines = [json.loads(line) for line in exported(stored, "jsonl").splitlines()]
    assert [tuple(row["missing"].get(name) for name in names) for row in lines] == expected
    header, *cells = openpyxl.load_workbook(io.BytesIO(exported(stored, "xlsx")))["Responses"].iter_rows(
        values_only=True
    )
    assert [pairs(dict(zip(header, row, strict=True))) for row in cells] == expected
    read = parquet.read_table(io.BytesIO(exported(stored, "parquet"))).to_pylist()
    assert [tuple(row[f"{name}.missing"] for name in names) for row in read] == expected
    words = [tuple(MISSING_LABELS[Missing(kind)] if kind else "Answered" for kind in row) for row in expected]
    for name in ("sav", "dta"):
        told, about = statistical(stored, name, tmp_path)
        labels = about.variable_value_labels
        columns = ("desk_missing", "counter_missing")
        assert [tuple(labels[column][row[column]] for column in columns) for row in told] == words
        assert "In part" in labels["found"].values(), "the newest words of a value"


def test_the_codebook_counts_what_the_dataset_holds() -> None:
    made_up = random_dataset("front-desk", 70, seed=9)
    book = codebook_of(table_of(made_up))
    assert book.responses == 70
    for entry in book.entries:
        assert entry.answered + sum(entry.missing.values()) == 70
        if entry.column.shape is Shape.CHOICE:
            assert sum(value.n for value in entry.values) == entry.answered
    page = exported(made_up, "codebook").decode()
    assert all(entry.column.wording["cy"].replace("'", "&#39;") in page for entry in book.entries)
    rows = list(csv.DictReader(io.StringIO(exported(made_up, "codebook-csv").decode(), newline="")))
    assert {row["variable"] for row in rows} == {entry.column.name for entry in book.entries}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_data_are_the_same_bytes(name: str) -> None:
    made_up = random_dataset("opening-hours", 15, seed=2)
    assert exported(made_up, name) == exported(made_up, name)


def test_names_without_dots_are_short_plain_and_never_twice() -> None:
    wanted = ["hours.sat", "hours_sat", "with", "a" * 24 + "." + "b" * 24, "a" * 24 + "." + "b" * 23 + "c"]
    plain = list(plain_names(wanted).values())
    assert plain[:3] == ["hours_sat", "hours_sat_2", "with_2"]
    assert len(set(plain)) == 5
    assert max(map(len, plain)) == 32
