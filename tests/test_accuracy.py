"""Stated accuracy: a blind sample finds the misreadings that were planted, and its interval holds the truth."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from read_sites import QUIET, Here, Read, ReadSite, always, exchanged, ingest_misread
from sqlite_utils import Database
from test_store import tables
from webpages import NOON

from pipeline import reread as rereading
from pipeline.cli.main import main
from pipeline.form.answer import Authority, Held
from pipeline.reading.readings import PageReading
from pipeline.reread import reread
from pipeline.review.checks import Check, Kind, Standing, agree, allocate
from pipeline.site import Site, open_site
from pipeline.store.checks import OpenCheck, enter_check, open_checks, second_looks, settle_check
from pipeline.store.coded import read_coded
from pipeline.store.projection import rebuild
from pipeline.store.responses import read_dataset
from pipeline.store.sample import KindCount, count_checks, draw_checks
from pipeline.tables.accuracy import accuracy_sentence, measure_accuracy, per_1000
from pipeline.tables.report import report_html

ANSWERS = [
    {"visited": "yes", "why": "books", "rating.staff": "good", "rating.stock": "poor", "visits": "12"},
    {"visited": "no", "rating.staff": "poor", "rating.stock": "good"},
    {"visited": "no", "rating.staff": "good", "rating.stock": "good"},
]
PLANTED = 2
"""Answers that the earlier reader exchanges: those of the first and the second copy to `rating.staff`."""

misread_copies: set[str] = set()


def misread(read: Read) -> Read:
    """What the earlier reader makes of these pages: on the first two copies, one answer is exchanged for the other."""
    if isinstance(read, PageReading) and len(misread_copies | {read.code.copy}) <= PLANTED:
        misread_copies.add(read.code.copy)
    if isinstance(read, PageReading) and read.code.copy in misread_copies:
        return exchanged(read, "rating.staff", "good", "poor")
    return read


@pytest.fixture(scope="module")
def misread_site(tmp_path_factory: pytest.TempPathFactory) -> ReadSite:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return ingest_misread(monkeypatch, tmp_path_factory.mktemp("accuracy") / "site", ANSWERS, misread)


@pytest.fixture
def site(misread_site: ReadSite, tmp_path: Path) -> Site:
    shutil.copytree(misread_site.site.root, tmp_path / "site")
    return open_site(tmp_path / "site")


@pytest.fixture
def db(site: Site) -> Database:
    return site.open_store()


@pytest.fixture
def truth(misread_site: ReadSite) -> Mapping[str, Mapping[str, str]]:
    """What each copy's writer meant, by the code of the copy."""
    return dict(zip(misread_site.codes, ANSWERS, strict=True))


def see(db: Database, check: OpenCheck, truth: Mapping[str, Mapping[str, str]]) -> None:
    """Enter what is on the paper, as somebody who reads it well."""
    value = truth[str(check.copy)].get(check.question)
    assert enter_check(db, check.check, value, None if value else "blank", "Mair", NOON) is None


def draw_and_see_all(db: Database, truth: Mapping[str, Mapping[str, str]]) -> None:
    draw_checks(db, None, 1000, 1, NOON, always)
    for check in open_checks(db):
        see(db, check, truth)


def test_checking_everything_finds_what_was_planted_and_puts_it_right(
    db: Database, truth: Mapping[str, Mapping[str, str]]
) -> None:
    draw_and_see_all(db, truth)
    looks = second_looks(db)
    assert [look.field.question for look in looks] == ["rating.staff"] * PLANTED
    assert {(look.read.value, look.entered.value) for look in looks} == {("poor", "good"), ("good", "poor")}
    before = measure_accuracy(count_checks(db))
    assert (before.overall.wrong, before.overall.differing) == (PLANTED, PLANTED), "wrong until somebody looks again"
    for look in looks:
        assert settle_check(db, look.field.check, "checker", "Ana", NOON) is None
    after = measure_accuracy(count_checks(db))
    assert (after.overall.wrong, after.overall.differing, after.waiting) == (PLANTED, 0, 0)
    assert after.kinds[Kind.MARKS].wrong == PLANTED
    assert after.kinds[Kind.BLANK].wrong == 0
    for response in read_dataset(db, "every-kind").responses:
        assert response.answers.items() <= truth[str(response.facts["copy"])].items()
    assert {row["entered_by"] for row in db["checks"].rows} == {"Mair"}
    assert {row["found_by"] for row in db["checks"].rows} == {None, "Ana"}


def test_a_slip_of_the_checker_is_not_counted_as_the_machines(
    db: Database, truth: Mapping[str, Mapping[str, str]]
) -> None:
    draw_checks(db, None, 1000, 1, NOON, always)
    (check, *_) = [each for each in open_checks(db) if each.question == "visited"]
    right = truth[str(check.copy)]["visited"]
    slip = "no" if right == "yes" else "yes"
    for verdict, standing, value in [("neither", "open", right), ("computer", "right", right)]:
        assert enter_check(db, check.check, slip, None, "Mair", NOON) is None
        assert settle_check(db, check.check, verdict, "Mair", NOON) is None
        assert db["checks"].get(check.check)["standing"] == standing
        assert answer(db, check)[0] == value
    assert answer(db, check)[1] == Authority.REVIEWED
    assert settle_check(db, check.check, "computer", "Mair", NOON) is not None, "what is settled is not asked again"


def answer(db: Database, check: OpenCheck) -> tuple[str, int]:
    found: tuple[str, int] = db.execute(
        "SELECT a.value, a.authority FROM answers a JOIN submissions s ON s.id = a.submission"
        " WHERE s.submission = ? AND a.question = ?",
        [check.submission, check.question],
    ).fetchone()
    return found


def test_a_field_is_drawn_once_and_the_same_seed_draws_the_same(db: Database, site: Site) -> None:
    whole = sum(count.answers for count in count_checks(db))
    other = site.open_store()
    assert draw_checks(db, None, 10, 7, NOON, always) == 10
    first = {check.check for check in open_checks(db)}
    assert draw_checks(other, None, 10, 8, NOON, always) == 10
    assert len(open_checks(db)) == 20, "a second draw takes others"
    assert first < {check.check for check in open_checks(db)}
    assert draw_checks(db, None, 1000, 9, NOON, always) == whole - 20
    assert draw_checks(db, None, 1000, 9, NOON, always) == 0
    assert sum(count.answers for count in count_checks(db)) == whole


def test_the_same_seed_draws_the_same_sample(misread_site: ReadSite, tmp_path: Path) -> None:
    drawn = []
    for name in ("one", "two"):
        shutil.copytree(misread_site.site.root, tmp_path / name)
        db = open_site(tmp_path / name).open_store()
        draw_checks(db, "every-kind", 12, 7, NOON, always)
        drawn.append([check.check for check in open_checks(db)])
        assert len({kind for (kind,) in db.execute("SELECT kind FROM checks")}) == 3, "every kind has its share"
    assert drawn[0] == drawn[1]


def test_nothing_is_drawn_from_paper_that_is_kept_no_longer(db: Database) -> None:
    assert draw_checks(db, None, 1000, 1, NOON, lambda sha256: False) == 0
    assert open_checks(db) == []


def test_what_cannot_be_taken_is_refused_in_words(db: Database) -> None:
    draw_checks(db, None, 1000, 1, NOON, always)
    (check, *_) = [each for each in open_checks(db) if each.question == "visited"]
    for value, by, why in [("perhaps", "Mair", "perhaps"), ("yes", " ", "Say who"), (None, "Mair", "Give a value")]:
        assert why in str(enter_check(db, check.check, value, None, by, NOON))
    assert "Nothing waits" in str(enter_check(db, "no such", "yes", None, "Mair", NOON))
    assert "Say which is right" in str(settle_check(db, check.check, "both", "Mair", NOON))
    assert "Nothing waits" in str(settle_check(db, check.check, "computer", "Mair", NOON))


def test_what_was_checked_survives_a_newer_reader_which_is_held_to_it(
    db: Database, site: Site, truth: Mapping[str, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "Workers", Here)
    draw_and_see_all(db, truth)
    for look in second_looks(db):
        settle_check(db, look.field.check, "checker", "Ana", NOON)
    answers = tables(db)["answers"]
    reread(site, None, False, QUIET)
    assert tables(db)["answers"] == answers, "what people said stays, whatever a newer reader makes of it"
    assert measure_accuracy(count_checks(db)).overall.wrong == 0, "today's reader reads what was misread before"


def test_the_tables_come_out_the_same_when_they_are_built_again(
    db: Database, truth: Mapping[str, Mapping[str, str]]
) -> None:
    draw_checks(db, None, 1000, 1, NOON, always)
    for check in open_checks(db):
        if check.question in ("rating.staff", "visits"):
            see(db, check, truth)
    settle_check(db, second_looks(db)[0].field.check, "checker", "Ana", NOON)
    before, checks = without_small_keys(db), tables(db)["answers"]
    rebuild(db)
    assert without_small_keys(db) == before
    assert tables(db)["answers"] == checks


def without_small_keys(db: Database) -> list[dict[str, object]]:
    rows = db.query("SELECT * FROM checks ORDER BY check_id")
    return [{name: value for name, value in row.items() if name != "submission"} for row in rows]


def test_the_command_draws_lists_blind_takes_and_tells(
    site: Site, db: Database, truth: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    def run(*options: str) -> dict[str, object]:
        found = CliRunner().invoke(main, ["--site", str(site.root), "accuracy", "every-kind", "--json", *options])
        assert found.exit_code == 0, found.output
        document: dict[str, object] = json.loads(found.stdout)
        return document

    first = run("--sample", "12", "--seed", "3")
    checks = first["checks"]
    assert (first["drawn"], first["waiting"], len(checks), first["sentence"]) == (12, 12, 12, "")
    assert all(Path(check["crop"]).read_bytes().startswith(b"\x89PNG") for check in checks)
    assert not {"read", "kind", "value", "missing"} & set(checks[0])
    file = tmp_path / "seen.json"
    seen = [
        {"check": check["check"], **({"value": value} if value else {"missing": "blank"})}
        for check in checks
        for value in [truth[check["copy"]].get(check["question"])]
    ]
    file.write_text(json.dumps([*seen, {"check": "no such", "value": "yes"}]))
    second = run("--answers", str(file), "--as", "Mair")
    assert (second["drawn"], second["taken"], second["waiting"], second["checked"]) == (0, 12, 0, 12)
    assert [refused["check"] for refused in second["refused"]] == ["no such"]
    file.write_text(json.dumps([{"check": look["check"], "right": "checker"} for look in second["second_looks"]]))
    third = run("--answers", str(file), "--as", "Ana")
    assert third["second_look"] == 0
    assert third["low"] <= third["per_1000"] <= third["high"]
    told = CliRunner().invoke(main, ["--site", str(site.root), "accuracy"]).stdout
    assert third["sentence"] in told
    assert third["sentence"].replace("“", "") in report_html(read_coded(db, "every-kind"), "2026-06-15")


def test_the_report_says_how_to_find_out_as_long_as_nobody_has_checked(db: Database) -> None:
    assert "Nobody has checked yet" in report_html(read_coded(db, "every-kind"), "2026-06-15")


@pytest.mark.parametrize(
    ("read", "entered", "found", "standing"),
    [
        (None, None, None, Standing.DROPPED),
        ("a", None, None, Standing.OPEN),
        ("a", "a", None, Standing.RIGHT),
        ("a", "b", None, Standing.DIFFERS),
        ("a", "b", "a", Standing.RIGHT),
        ("a", "b", "b", Standing.WRONG),
        ("b", "b", "a", Standing.WRONG),
    ],
)
def test_how_a_check_stands(
    misread_site: ReadSite, read: str | None, entered: str | None, found: str | None, standing: Standing
) -> None:
    held = [Held(value, None) if value else None for value in (read, entered, found)]
    assert Check(misread_site.form.variables[0], Kind.MARKS, *held).standing is standing


def test_what_says_the_same(misread_site: ReadSite) -> None:
    variables = {variable.name: variable for variable in misread_site.form.variables}
    assert agree(Held("The  ramp\nis steep", None), Held("the ramp is steep", None), variables["story"])
    assert not agree(Held("the ramp is steep.", None), Held("the ramp is steep", None), variables["story"])
    assert agree(Held(None, "not_asked"), Held(None, "blank"), variables["why"])
    assert not agree(Held(None, "unreadable"), Held(None, "blank"), variables["why"])
    assert not agree(Held("books", None), Held(None, "blank"), variables["why"])


@given(st.dictionaries(st.sampled_from(list(Kind)), st.integers(1, 10_000), min_size=1), st.integers(0, 20_000))
def test_shares_add_up_and_no_kind_is_asked_for_more_than_it_has(sizes: dict[Kind, int], number: int) -> None:
    shares = allocate(sizes, number)
    assert sum(shares.values()) == min(number, sum(sizes.values()))
    assert all(0 <= shares[kind] <= size for kind, size in sizes.items())
    if number >= 4 * len(sizes):
        assert all(shares.values()), "no kind goes unchecked"


@pytest.mark.parametrize("wrong", [(0, 0), (2, 0), (0, 6), (8, 8), (60, 1)])
def test_the_interval_of_a_drawn_sample_holds_the_true_rate(wrong: tuple[int, int]) -> None:
    sizes = {Kind.MARKS: 4000, Kind.BLANK: 600}
    truth = sum(wrong) / sum(sizes.values())
    shares, chance, held = allocate(sizes, 200), Random(5), 0
    for _ in range(300):
        counts = []
        for (kind, size), planted in zip(sizes.items(), wrong, strict=True):
            found = Counter(place < planted for place in chance.sample(range(size), shares[kind]))
            counts.append(KindCount(kind, size, 0, found[False], found[True], 0))
        interval = measure_accuracy(counts).overall.interval
        assert interval is not None
        held += interval.low <= truth <= interval.high
    assert held >= 0.95 * 300


def test_the_sentence_says_what_is_known_and_no_more() -> None:
    counts = [
        KindCount(Kind.MARKS, 9000, 3, 398, 1, 1),
        KindCount(Kind.BLANK, 1000, 0, 0, 0, 0),
    ]
    accuracy = measure_accuracy(counts)
    assert accuracy_sentence(accuracy) == (
        "Of 400 answers checked by a person who did not see what the computer had read, 2 had been read wrongly: "
        "5 in 1,000 of all answers read without a person (95% interval: 0.61 to 18). Of those one waits for a second "
        "look, and may yet turn out to be right. This says nothing of answers left blank: none of them have been "
        "checked yet."
    )
    assert accuracy_sentence(measure_accuracy([])) == ""
    assert "none had been read wrongly: 0 in 1,000" in accuracy_sentence(
        measure_accuracy([KindCount(Kind.MARKS, 900, 0, 400, 0, 0)])
    )
    assert [per_1000(share) for share in (0.0, 0.000063, 0.0025, 0.0138, 0.5)] == ["0", "0.063", "2.5", "14", "500"]
