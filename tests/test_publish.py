"""What is published: no small number, none that can be worked out, nothing that looks like a personal detail."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_dataset import EVERY_KIND, FORMS, dataset, define, random_dataset, response

from pipeline.cli.main import main
from pipeline.store.database import open_store
from pipeline.store.record import Arrival, OnlineReturn, record_online
from pipeline.store.responses import Dataset, Response
from pipeline.tables.disclose import FEWEST
from pipeline.tables.publishing.counting import EVERYONE, FOLLOWS, NO_LEAVE, OTHER_WAYS, SENSITIVE, CountRow
from pipeline.tables.publishing.hiding import Cell, Grid, bounds, hidden_cells
from pipeline.tables.publishing.publication import Publication, publication_of
from pipeline.tables.publishing.scrub import scrub
from pipeline.tables.publishing.tally import tally
from pipeline.tables.publishing.writing import files_of
from pipeline.tables.table import table_of

optimize = pytest.importorskip("scipy.optimize")

FORM = define(EVERY_KIND)

GRIDS = (
    st.integers(1, 6)
    .flatmap(
        lambda rows: st.integers(1, 4).flatmap(
            lambda columns: st.lists(
                st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=columns, max_size=columns).map(
                    tuple
                ),
                min_size=rows,
                max_size=rows,
            )
        )
    )
    .map(lambda counts: Grid(tuple(counts)))
)


def solved(grid: Grid, hidden: Iterable[Cell], cell: Cell) -> tuple[int, int]:
    """The least and the most that a hidden cell can be, by an independent solver of the equations it is bound by.

    Known are all other cells, every total of a column, and that nothing is less than 0.
    """
    unknown = {each: place for place, each in enumerate(hidden)}
    equations, totals = [], []

    def bind(cells: dict[Cell, int], total: int) -> None:
        line = np.zeros(len(unknown))
        for each, sign in cells.items():
            if each in unknown:
                line[unknown[each]] += sign
            else:
                total -= sign * grid.cells[each]
        equations.append(line)
        totals.append(total)

    rows, columns = range(len(grid.counts)), range(len(grid.counts[0]))
    for column in columns:
        bind({(row, column): 1 for row in rows}, sum(counts[column] for counts in grid.counts))
    for row in rows:
        bind({(row, column): 1 for column in columns} | {(row, None): -1}, 0)
    found = []
    for sign in (1, -1):
        goal = np.zeros(len(unknown))
        goal[unknown[cell]] = sign
        result = optimize.linprog(goal, A_eq=np.array(equations), b_eq=totals, bounds=(0, None))
        assert result.success
        found.append(round(result.x[unknown[cell]]))
    return found[0], found[1]


@settings(max_examples=40)
@given(grid=GRIDS, least=st.sampled_from([0, 1]))
def test_no_hidden_number_can_be_worked_out(grid: Grid, least: int) -> None:
    hidden = hidden_cells(grid, least)
    if hidden is None:
        hidden = frozenset(grid.cells)
    else:
        assert {cell for cell, n in grid.cells.items() if least <= n < FEWEST} <= hidden
    for cell in sorted(hidden, key=str)[:4]:
        low, high = solved(grid, hidden, cell)
        assert low <= grid.cells[cell] <= high
        assert bounds(grid, hidden, cell) == (low, high), "the flow and the solver agree"
        if hidden_cells(grid, least) is not None:
            assert high - low >= FEWEST


def test_a_number_is_hidden_besides_only_where_it_must_be() -> None:
    assert hidden_cells(Grid(((40, 30), (13, 12), (20, 9))), 0) == frozenset()
    hidden = hidden_cells(Grid(((40, 30), (3, 12), (20, 9), (50, 50))), 0)
    assert hidden == {(1, 0), (1, 1), (2, 0), (2, 1)}, "one small number takes a cycle of four, the cheapest"


def test_the_numbers_of_a_table_are_listed_once() -> None:
    grid = Grid(((3, 12), (20, 9)))
    assert grid.cells is grid.cells, "listed anew for each of them, a table of 200 districts took minutes"


def test_words_are_not_counted_where_nearly_every_one_is_another() -> None:
    told = tally(
        table_of(dataset(FORM, *(response(FORM, {"desk": f"Desk {n}", "remark": f"So {n}"}) for n in range(9))))
    )
    assert not any(told.given[name] for name in ("desk", "remark"))
    assert len(told.written) == 9


def published(made_up: Dataset, names: tuple[str, ...] = ()) -> Publication:
    return publication_of(table_of(made_up), names)


def tables(rows: Iterable[CountRow]) -> dict[str, dict[tuple[str, str], CountRow]]:
    found: dict[str, dict[tuple[str, str], CountRow]] = defaultdict(dict)
    for row in rows:
        found[row.variable][row.value, row.by] = row
    return found


@pytest.mark.parametrize("name", ["library-visit", "front-desk", "opening-hours"])
@pytest.mark.parametrize(("size", "seed"), [(40, 1), (160, 2), (600, 3)])
def test_nothing_hidden_follows_from_all_that_is_published(name: str, size: int, seed: int) -> None:
    """Every equation and bound that the whole of a publication gives, solved for each hidden number."""
    made_up = random_dataset(name, size, seed)
    many = {variable.name for variable in made_up.variables if variable.shape == "choices"}
    told = published(made_up)
    hidden_anywhere = 0
    for variable, rows in tables(told.counts).items():
        sensitive = next(each.question.sensitive for each in made_up.variables if each.name == variable)
        assert all(row.n is None or row.n >= FEWEST or (row.n == 0 and not sensitive) for row in rows.values())
        unknown = {key: place for place, key in enumerate(key for key, row in rows.items() if row.n is None)}
        hidden_anywhere += len(unknown)
        equations, totals = [], []
        values, ways = dict.fromkeys(key[0] for key in rows), dict.fromkeys(key[1] for key in rows)
        asked = {way: next(row.of for key, row in rows.items() if key[1] == way) for way in ways}
        alike = [({(value, way): 1 for value in values}, asked[way]) for way in ways if variable not in many]
        sums = [
            ({(value, way): 1 for way in ways if way != EVERYONE} | {(value, EVERYONE): -1}, 0)
            for value in values
            if (value, "paper") in rows
        ]
        for cells, total in [*alike, *sums]:
            line = np.zeros(len(unknown))
            for key, sign in cells.items():
                if key in unknown:
                    line[unknown[key]] += sign
                elif key in rows:
                    total -= sign * int(rows[key].n or 0)
            equations.append(line)
            totals.append(total)
        limits = [(0, asked[way]) for _, way in unknown]
        for key in list(unknown)[:5]:
            ends = []
            for sign in (1, -1):
                goal = np.zeros(len(unknown))
                goal[unknown[key]] = sign
                result = optimize.linprog(
                    goal, A_eq=np.array(equations).reshape(-1, len(unknown)), b_eq=totals, bounds=limits
                )
                assert result.success, result.message
                ends.append(round(result.x[unknown[key]]))
            assert ends[1] - ends[0] >= FEWEST, (variable, key, ends)
    assert hidden_anywhere or size > 500, "of six hundred, so many gave each answer that all may be told"


def answered(number: int, answers: dict[str, str], **facts: str) -> Response:
    return response(FORM, answers, number=number, **facts)


def twenty(answers: dict[str, str], start: int = 0, times: int = 20, **facts: str) -> list[Response]:
    return [answered(start + number, answers, **facts) for number in range(times)]


def test_what_was_withdrawn_or_is_to_be_confirmed_is_in_no_number() -> None:
    told = published(
        dataset(
            FORM,
            *twenty({"found": "yes"}),
            *twenty({"found": "no", "remark": "Gone"}, 20, 7, status="withdrawn"),
            *twenty({"found": "no", "remark": "Unsure"}, 30, 6, status="to_confirm"),
        )
    )
    assert told.responses == 20
    assert tables(told.counts)["found"]["yes", EVERYONE].n == 20
    assert told.comments == ()
    assert {(each.what, each.times) for each in told.removed} >= {("withdrawn", 7), ("to_confirm", 6)}


def test_comments_are_published_only_with_leave() -> None:
    closed = define(EVERY_KIND.replace("publish: true", "publish: false"))
    told = published(Dataset(closed, closed.variables, tuple(twenty({"remark": "Warm"}))))
    assert told.comments == ()
    assert "comments.csv" not in files_of(told)
    assert NO_LEAVE in {each.why for each in told.removed}
    assert len(published(dataset(FORM, *twenty({"remark": "Warm"}))).comments) == 20


def test_sensitive_questions_are_told_without_channels_and_never_in_words() -> None:
    told = published(
        dataset(
            FORM,
            *twenty({"condition": "yes", "effect": "a_lot", "story": "Asthma"}),
            *twenty({"condition": "no"}, 20, 20, channel="online"),
            *twenty({"condition": "not_said"}, 40, 8, channel="online"),
        )
    )
    assert {row.by for row in told.counts if row.variable in ("condition", "effect")} == {EVERYONE}
    assert all("Asthma" not in each.text for each in told.comments)
    assert SENSITIVE in {each.why for each in told.removed if each.variable == "story"}


def test_what_follows_from_hidden_numbers_is_left_out() -> None:
    few = [*twenty({"condition": "no"}), *twenty({"condition": "yes", "effect": "a_lot"}, 20, 3)]
    told = published(dataset(FORM, *few, *twenty({"condition": "not_said"}, 30, 9)))
    rows = tables(told.counts)
    assert rows["condition"]["yes", EVERYONE].n is None
    assert "effect" not in rows
    assert FOLLOWS in {each.why for each in told.removed if each.variable == "effect"}


def test_what_is_written_beside_a_hidden_choice_is_left_out() -> None:
    few = [*twenty({"needs": "books"}), *twenty({"needs": "other", "needs.other": "Chess"}, 20, 2)]
    assert all(each.variable != "needs.other" for each in published(dataset(FORM, *few)).comments)
    many = [*twenty({"needs": "books"}), *twenty({"needs": "other", "needs.other": "Chess"}, 20, 9)]
    assert [each.text for each in published(dataset(FORM, *many)).comments] == ["Chess"] * 9


def test_channels_of_few_responses_are_taken_together() -> None:
    made_up = dataset(
        FORM,
        *twenty({"found": "yes"}),
        *twenty({"found": "yes"}, 20, 9, channel="online"),
        *twenty({"found": "yes"}, 40, 3, channel="phone"),
        *twenty({"found": "yes"}, 50, 4, channel="kiosk"),
    )
    rows = tables(published(made_up).counts)["found"]
    assert {by: rows["yes", by].n for _, by in rows if _ == "yes"} == {
        EVERYONE: 36,
        "paper": 20,
        "online": 9,
        OTHER_WAYS: 7,
    }


def test_figures_are_banded_and_postcodes_told_by_district() -> None:
    rows = tables(published(dataset(FORM, *twenty({"visits": "12", "home": "CF10 1AA"}))).counts)
    assert rows["visits"]["10–19", EVERYONE].n == rows["home"]["CF10", EVERYONE].n == 20
    assert {"visited_on", "ticket", "desk"}.isdisjoint(rows)


def test_nothing_is_published_of_fewer_people_than_may_be_told() -> None:
    told = published(dataset(FORM, *twenty({"found": "yes", "remark": "Warm"}, times=4)))
    assert (told.responses, told.counts, told.comments) == (0, (), ())


DETAILS = [
    ("Write to jo.bloggs+x@council.gov.uk please", "jo.bloggs"),
    ("jo (at) example (dot) com", "example"),
    ("jo dot bloggs at gmail dot com", "gmail"),
    ("Ring 029 2018 0456 after six", "0456"),
    ("Ring +44 (0)7700 900-123", "7700"),
    ("My number is ０７７００ ９００１２３", "900"),
    ("I live at 12 Harbour Street", "Harbour"),
    ("Flat 3, 7b St Mary's Road", "Mary"),
    ("12 Stryd yr Harbwr", "Harbwr"),
    ("near cf101aa", "101"),
    ("my NI is AB 12 34 56 C", "34"),
    ("born 5/7/1948", "1948"),
    ("my card 4929 1234 5678 9012", "4929"),
    ("see https://x.example/me", "x.example"),
    ("ask @mair_evans", "mair"),
    ("Mrs Evans was kind", "Evans"),
    ("Cllr J. R. Hartley never came", "Hartley"),
    ("my name is zebedee", "zebedee"),
    ("Fy enw i yw Llew", "Llew"),
    ("Angharad at the desk helped", "Angharad"),
    ("Will Hopkins said no", "Hopkins"),
    ("my car AB12 CDE was towed", "CDE"),
    ("blodeuwedd on the desk was rude", "blodeuwedd"),
    ("I said I was Xanthippe", "Xanthippe"),
]


@pytest.mark.parametrize(("text", "detail"), DETAILS)
def test_a_personal_detail_is_taken_out(text: str, detail: str) -> None:
    cleaned = scrub(text, ["Blodeuwedd"], ["Xanthippe"])
    assert detail not in cleaned.text
    assert len(cleaned.removed) >= 1
    assert cleaned.text.count(" removed]") == len(cleaned.removed)


@pytest.mark.parametrize(
    "text",
    [
        "Open from 9 to 5 on Sundays: 10 of us would come",
        "Will you open in May? The ramp at Park Road is too steep.",
        "It cost 12.50 for 3 people in 2019, 100% too much",
        "Agorwch yn hwyrach ar nos Iau os gwelwch yn dda.",
        "The bus 61 takes 40 minutes, way too long",
        "10/10, grand place",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert scrub(text) == scrub(text, ["Blodeuwedd"])
    assert scrub(text).text == text


def test_every_detail_that_was_taken_out_is_logged_by_kind_and_row_and_never_by_word() -> None:
    made_up = dataset(
        FORM, *twenty({"remark": "Fine"}, times=6), answered(9, {"remark": "Ask jo@x.org or 07700 900123"})
    )
    files = files_of(published(made_up))
    log = list(csv.DictReader(io.StringIO(files["removed.csv"].decode())))
    comments = list(csv.DictReader(io.StringIO(files["comments.csv"].decode())))
    rows = [each for each in log if each["file"].startswith("comments.csv, row")]
    assert {each["what"] for each in rows} == {"e-mail address", "telephone number"}
    number = int(rows[0]["file"].rpartition(" ")[2])
    assert "removed" in comments[number - 2]["comment"]
    assert not any(word.encode() in content for word in ("jo@x", "900123") for content in files.values())


def test_the_order_of_comments_tells_nothing_of_when_they_came() -> None:
    texts = ["C", "A", "B", "E", "D"]
    told = published(dataset(FORM, *(answered(number, {"remark": text}) for number, text in enumerate(texts))))
    assert [each.text for each in told.comments] == sorted(texts)


def test_the_command_writes_the_same_files_each_time(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "library-visit.yaml").write_bytes((FORMS / "library-visit.yaml").read_bytes())
    db, made_up = open_store(tmp_path / "pillarbox.db", "main"), random_dataset("library-visit", 30, 8)
    for number, told in enumerate(made_up.responses):
        arrival = Arrival(datetime(2026, 3, 1, 12, number, tzinfo=UTC), "2026-03-01")
        answers = dict(told.answers) | {"change": "Ask Morwenna"}
        record_online(db, OnlineReturn(made_up.form, "en", "online", answers, None, f"key-{number:04}", arrival))
    (tmp_path / "names.txt").write_text("Morwenna\n", encoding="utf-8")
    arguments = ["--site", str(tmp_path), "publish", "library-visit", "--names", str(tmp_path / "names.txt"), "--json"]
    for folder in ("one", "two"):
        done = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / folder)])
        assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["files"] == ["about.txt", "comments.csv", "counts.csv", "removed.csv"]
    assert (document["responses"], document["comments"] >= 30) == (30, True)
    for name in document["files"]:
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes()
        assert b"Morwenna" not in content
