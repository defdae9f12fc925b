"""Every count equals a plain recount, every interval is the published one, and small numbers stay hidden."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product
from math import comb
from pathlib import Path

import pytest
from hypothesis import given as made
from hypothesis import strategies as st
from made_up_dataset import EVERY_KIND, NAMES, coded, dataset, define, random_dataset, response, store_rows

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape, Variable
from pipeline.store.coded import COUNTED, read_coded
from pipeline.store.database import immediately, open_store
from pipeline.store.responses import Dataset, Response
from pipeline.tables.describe import EVERYONE, Count, Given, Stack, VariableSummary, describe
from pipeline.tables.disclose import FEWEST, Disclosed, disclose, too_small
from pipeline.tables.intervals import level_for, middle_range, newcombe, wilson
from pipeline.tables.spread import (
    FEWEST_IN_AREA,
    area_stacks,
    areas,
    date_stacks,
    largest_area,
    number_stacks,
    periods,
    spreads,
    time_stacks,
)

FORM = define(EVERY_KIND)
MONTHS = ["March", "April", "May", "June", "July", "August", "September", "October", "November"]
CASES = [(name, seed) for name in NAMES for seed in (1, 2)]


def counted(made_up: Dataset, channel: str | None = None) -> list[Response]:
    return [
        each
        for each in made_up.responses
        if each.facts["status"] in COUNTED and channel in (None, each.facts["channel"])
    ]


def summaries(made_up: Dataset) -> list[VariableSummary]:
    return [found for question in describe(coded(made_up)).questions for found in question.variables]


def given(*values: str, channel: str = "paper") -> list[Given]:
    return [Given(value, channel, 1) for value in values]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_every_count_equals_a_plain_recount(name: str, seed: int) -> None:
    made_up = random_dataset(name, 150, seed)
    assert [found.variable for found in summaries(made_up)] == list(made_up.variables)
    for found in summaries(made_up):
        for tally in (found.everyone, *found.channels):
            among = counted(made_up, None if tally.group == EVERYONE else tally.group)
            values = [each.answers[found.variable.name] for each in among if found.variable.name in each.answers]
            assert (tally.responses, tally.answered) == (len(among), len(values))
            for count in tally.counts:
                assert count.n == sum(count.value in value.split(";") for value in values)
                assert count.of == len(values)
            for kind in Missing:
                assert tally.missing.get(kind, 0) == sum(
                    each.missing.get(found.variable.name) is kind for each in among
                )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_from_the_record_in_columns_counts_the_same(name: str, tmp_path: Path) -> None:
    made_up = random_dataset(name, 150, 3)
    db = open_store(tmp_path / "pillarbox.db", "main")
    with immediately(db):
        store_rows(db, made_up)
    in_order = sorted(made_up.responses, key=lambda each: (each.facts["received_at"], each.facts["submission"]))
    stored = read_coded(db, name)
    made_up = Dataset(stored.form, stored.variables, tuple(in_order))
    assert describe(stored) == describe(coded(made_up))


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_parts_add_up_to_the_whole(name: str, seed: int) -> None:
    summary = describe(coded(random_dataset(name, 150, seed)))
    assert sum(summary.channels.values()) == summary.responses
    assert sum(stack.n for stack in summary.sites) == sum(stack.n for stack in summary.days) == summary.responses
    assert sum(summary.not_counted.values()) == 150 - summary.responses
    for found in (each for question in summary.questions for each in question.variables):
        for tally in (found.everyone, *found.channels):
            assert tally.answered + sum(tally.missing.values()) == tally.responses
            if found.variable.shape is Shape.CHOICE:
                assert sum(count.n for count in tally.counts) == tally.answered
        for place, count in enumerate(found.everyone.counts):
            assert sum(tally.counts[place].n for tally in found.channels) == count.n
        assert len(found.said) + sum(each.n for each in found.given) == (
            0 if found.everyone.counts else found.everyone.answered
        )


def test_waiting_answers_are_counted_once_each_and_only_among_what_counts() -> None:
    made_up = dataset(
        FORM,
        response(FORM, {}, {"found": Missing.WAITING, "remark": Missing.WAITING}, 1),
        response(FORM, {"found": "yes"}, {"remark": Missing.WAITING}, 2),
        response(FORM, {}, {"found": Missing.WAITING}, 3, status="to_confirm"),
        response(FORM, {"found": "yes"}, number=4),
    )
    summary = describe(coded(made_up))
    assert (summary.responses, summary.waiting, summary.waiting_in) == (3, 3, 2)
    assert summary.not_counted == {"to_confirm": 1}


def test_answers_that_only_an_older_version_offered_are_counted_and_what_it_lacked_was_not_asked() -> None:
    older = response(FORM, {"found": "mostly"}, number=1, channel="online")
    older = replace(older, missing={name: kind for name, kind in older.missing.items() if name != "visits"})
    gone = replace(FORM.questions[0], id="weather")
    made_up = Dataset(
        FORM,
        (*FORM.variables, Variable("weather", gone, Shape.CHOICE, gone.text, gone.choices)),
        (older, response(FORM, {"found": "yes", "weather": "no"}, number=2)),
    )
    found = {each.question.id: each for each in describe(coded(made_up)).questions}
    counts = found["found"].parts[0].everyone.counts
    assert [(count.label, count.n) for count in counts] == [("Yes", 1), ("Partly", 0), ("No", 0), ("mostly", 1)]
    assert {len(tally.counts) for tally in found["found"].parts[0].groups} == {4}
    assert found["visits"].parts[0].everyone.missing == {Missing.NOT_ASKED: 1, Missing.BLANK: 1}
    assert (found["weather"].number, found["weather"].parts[0].everyone.answered) == (None, 1)


def test_one_channel_alone_is_not_shown_beside_everyone() -> None:
    (part,) = describe(coded(dataset(FORM, response(FORM, {"found": "yes"})))).questions[0].parts
    assert part.groups == (part.everyone,)


@made(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_narrows_with_more_answers(case: tuple[int, int]) -> None:
    n, of = case
    count = Count("a", "A", n, of)
    assert 0 <= count.interval.low <= count.share <= count.interval.high <= 1
    wider, narrower = count.interval, wilson(10 * n, 10 * of)
    assert narrower.high - narrower.low < wider.high - wider.low


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_score_interval_is_the_published_one(n: int, of: int, low: float, high: float) -> None:
    """R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3."""
    assert (wilson(n, of).low, wilson(n, of).high) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((5, 56), (0, 29), -0.0381, 0.1926)],
)
def test_the_interval_of_a_difference_is_the_published_one(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """R. G. Newcombe, Interval estimation for the difference (1998), table II, method 10."""
    found = newcombe(first, second)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8])
def test_the_score_interval_covers_as_often_as_it_says(share: float) -> None:
    of = 60
    likely = [comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(of + 1)]
    covered = sum(chance for n, chance in enumerate(likely) if wilson(n, of).low <= share <= wilson(n, of).high)
    assert 0.93 <= covered <= 0.98


def test_nobody_asked_is_no_knowledge() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)
    assert Count("a", "A", 0, 0).share == 0


def test_comparing_ten_answers_asks_more_of_each() -> None:
    assert level_for(1) == pytest.approx(0.95)
    assert level_for(10) == pytest.approx(0.995)


@pytest.mark.parametrize("n", [6, 7, 10, 25, 60, 101, 400])
def test_the_interval_of_the_middle_covers_as_often_as_it_says(n: int) -> None:
    low, high = middle_range(n)
    assert low + high == n - 1
    below = sum(comb(n, k) for k in range(low + 1)) / 2**n
    assert 0.93 <= 1 - 2 * below <= 0.985


@pytest.mark.parametrize(("cells", "total"), [(2, 20), (3, 16), (4, 13)])
def test_no_number_that_is_withheld_can_be_worked_out(cells: int, total: int) -> None:
    """Other counts look just the same: the same total, the same answers withheld, the same numbers shown."""
    alike: dict[tuple[frozenset[str], tuple[int, ...]], list[tuple[int, ...]]] = {}
    for numbers in product(range(total + 1), repeat=cells):
        if sum(numbers) == total:
            hidden = too_small([Count(str(place), "", n, total) for place, n in enumerate(numbers)])
            shown = tuple(n for place, n in enumerate(numbers) if str(place) not in hidden)
            assert all(n >= FEWEST for n in shown)
            alike.setdefault((hidden, shown), []).append(numbers)
    for (hidden, _), candidates in alike.items():
        for place in map(int, hidden):
            assert len({numbers[place] for numbers in candidates}) > 1


@pytest.mark.parametrize("seed", range(8))
def test_sensitive_questions_show_no_small_number_and_no_words(seed: int) -> None:
    for each in disclose(describe(coded(random_dataset("opening-hours", 70, seed))).questions):
        if not each.question.question.sensitive or each.wholly_withheld:
            continue
        for found in each.question.variables:
            assert not found.said
            assert not found.given
            assert all(count.n >= FEWEST for tally in (found.everyone, *found.channels) for count in tally.counts)


def shown(*responses: Response) -> dict[str, Disclosed]:
    return {each.question.question.id: each for each in disclose(describe(coded(dataset(FORM, *responses))).questions)}


def test_what_follows_from_an_answer_that_is_withheld_is_withheld_whole() -> None:
    answers = (
        [{"condition": "yes", "effect": "a_lot"}] * 3 + [{"condition": "no"}] * 20 + [{"condition": "not_said"}] * 9
    )
    found = shown(*(response(FORM, each, number=number) for number, each in enumerate(answers)))
    assert found["condition"].withheld == ("Yes", "Prefer not to say")
    assert [count.label for count in found["condition"].question.parts[0].everyone.counts] == ["No"]
    assert found["effect"].wholly_withheld
    assert not found["found"].wholly_withheld


def test_sensitive_answers_stand_apart_by_channel_where_each_is_given_by_enough() -> None:
    responses = [
        response(FORM, {"condition": value}, channel=channel)
        for value in ("yes", "no", "not_said")
        for channel in ("paper", "online")
        for _ in range(FEWEST)
    ]
    apart, together = shown(*responses)["condition"], shown(*responses[1:])["condition"]
    assert len(apart.question.parts[0].groups) == 3
    assert not apart.channels_withheld
    assert together.channels_withheld
    assert together.question.parts[0].channels == ()
    assert not together.withheld, "nine people said yes, which is enough when nobody is told how"


def test_what_follows_from_a_question_whose_channels_are_withheld_tells_none_either() -> None:
    answers = [{"condition": "yes", "effect": "a_lot"}] * 9 + [{"condition": "no"}] * 20
    answers += [{"condition": "not_said"}] * 9
    responses = [
        response(FORM, each, number=number, channel="paper" if number < 2 or number > 18 else "online")
        for number, each in enumerate(answers)
    ]
    found = shown(*responses)
    assert found["condition"].channels_withheld
    assert not found["condition"].withheld
    assert found["effect"].channels_withheld
    assert all(each.channels == each.said == each.given == () for each in found["effect"].question.variables)


@made(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_ranges_of_numbers_hold_every_number_once_and_fit_a_small_chart(numbers: list[int]) -> None:
    stacks = number_stacks(given(*map(str, numbers)))
    assert sum(stack.n for stack in stacks) == len(numbers)
    assert len(stacks) <= 12
    assert stacks[0].n > 0
    assert stacks[-1].n > 0


def test_ranges_say_which_numbers_they_hold() -> None:
    assert [stack.label for stack in number_stacks(given("3", "5"))] == ["3", "4", "5"]
    assert [(stack.label, stack.n) for stack in number_stacks(given("2400", "7", "30"))] == [
        ("0–499", 2),
        ("500–999", 0),
        ("1,000–1,499", 0),
        ("1,500–1,999", 0),
        ("2,000–2,499", 1),
    ]


def test_where_numbers_lie() -> None:
    everyone, paper, online = spreads([*given("1", "2", "9"), *given("4", channel="online")])
    assert (everyone.n, everyone.lowest, everyone.middle, everyone.highest) == (4, 1, 3, 9)
    assert (everyone.lower, everyone.upper) == (1.75, 5.25)
    assert (paper.group, paper.middle) == ("paper", 2)
    assert (online.lowest, online.lower, online.middle, online.upper, online.highest) == (4, 4, 4, 4, 4)
    assert spreads([]) == ()


def test_dates_are_counted_by_month_and_over_long_times_by_years() -> None:
    months = date_stacks(given("2026-01-31", "2026-03-01", "2026-03-31"))
    assert [(stack.label, stack.n) for stack in months] == [
        ("January 2026", 1),
        ("February 2026", 0),
        ("March 2026", 2),
    ]
    years = date_stacks(given("1931-05-01", "2012-05-01", "1939-12-31"))
    assert (years[0].label, years[0].n, years[-1].label) == ("1930–1939", 2, "2010–2019")
    (everyone, _) = periods(given("2026-03-01", "2026-01-31", "2026-03-31", "2026-02-01"))
    assert (everyone.first, everyone.middle, everyone.last) == (date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31))


def test_small_areas_are_put_together() -> None:
    postcodes = given("CF10", "CF10", "CF10", "SA1", "LL57", "LL57")
    assert [(stack.label, stack.n) for stack in area_stacks(postcodes)] == [
        ("CF10", 3),
        (f"2 areas with fewer than {FEWEST_IN_AREA} people each", 3),
    ]
    assert areas(postcodes) == 3
    assert (largest := largest_area(postcodes)) is not None
    assert largest.label == "CF10"
    assert largest_area(postcodes[3:]) is None


@pytest.mark.parametrize(
    ("last", "labels"),
    [
        ("2026-03-04", ["2 March 2026", "3 March 2026", "4 March 2026"]),
        ("2026-04-02", [f"Week of {day} March 2026" for day in (2, 9, 16, 23, 30)]),
        ("2026-11-02", [f"{month} 2026" for month in MONTHS]),
    ],
)
def test_arrivals_are_told_by_day_week_or_month_without_gaps(last: str, labels: list[str]) -> None:
    stacks = time_stacks([Stack("2026-03-02", {"paper": 2}), Stack(last, {"paper": 1, "online": 4})])
    assert [stack.label for stack in stacks] == labels
    assert (stacks[0].n, stacks[-1].channels) == (2, {"paper": 1, "online": 4})
    assert Counter(stack.n for stack in stacks[1:-1]) == Counter({0: len(stacks) - 2})
