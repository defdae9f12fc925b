"""Sentences claim what the numbers support, and no more."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from made_up_dataset import EVERY_KIND, coded, dataset, define, response

from pipeline.form.answer import Missing
from pipeline.store.responses import Response
from pipeline.tables.describe import Stack, describe
from pipeline.tables.disclose import Disclosed, disclose
from pipeline.tables.findings import comparison, completeness, finding
from pipeline.tables.wording import by_channel, figure, joined, percent, whole_percent

FORM = define(EVERY_KIND)


def question(name: str, *responses: Response) -> Disclosed:
    alone = replace(FORM, items=tuple(item for item in FORM.questions if item.id == name))
    (shown,) = disclose(describe(coded(dataset(alone, *responses))).questions)
    return shown


def told(name: str, paper: Mapping[str, int], online: Mapping[str, int] | None = None) -> Disclosed:
    """A question with so many answers of each value on paper and online."""
    return question(
        name,
        *(
            response(FORM, {name: value}, channel=channel)
            for channel, values in (("paper", paper), ("online", online or {}))
            for value, n in values.items()
            for _ in range(n)
        ),
    )


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Nobody has answered this yet."),
        ({"yes": 1}, "The one person who answered said “Yes”."),
        ({"yes": 3}, "Everybody said “Yes”: 3 people."),
        ({"yes": 21, "no": 9}, "Most people, 21 of 30 (70%), said “Yes”."),
        ({"yes": 16, "no": 14}, "More than half, 16 of 30 (53%), said “Yes”."),
        ({"yes": 28, "no": 2}, "Nearly everybody, 28 of 30 (93%), said “Yes”."),
        ({"yes": 15, "no": 15}, "“Yes” and “No” were said most often, by 15 of 30 people each."),
        ({"yes": 12, "partly": 10, "no": 8}, "“Yes” was said most often: by 12 of 30 (40%), then “Partly”, by 10."),
        ({"yes": 2, "no": 1}, "More than half, 2 of 3 (67%), said “Yes”. Only 3 answers so far: read this with care."),
    ],
)
def test_a_pick_one_question(answers: dict[str, int], sentence: str) -> None:
    assert finding(told("found", answers)) == sentence


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"books": 9, "books;warmth": 6}, "“Books” was ticked most often: by 15 of 15 (100%), then “Warmth”, by 6."),
        ({"books;warmth": 12}, "“Books” and “Warmth” were ticked most often, by 12 of 12 people each."),
    ],
)
def test_a_tick_all_question(answers: dict[str, int], sentence: str) -> None:
    assert finding(told("needs", answers)) == sentence


def test_how_complete_the_answers_are_names_every_reason() -> None:
    found = question(
        "found",
        response(FORM, {"found": "yes"}),
        response(FORM, {}),
        *(response(FORM, {}, {"found": kind}) for kind in (*Missing, Missing.WAITING)),
    )
    assert completeness(found) == (
        "1 of 10 answered: 2 left it blank, 2 wait for a person, 1 could not be read, 1 did not want to say, "
        "1 was not asked, 1 is on a page that was not returned, 1 was withdrawn."
    )
    assert completeness(told("found", {"yes": 3})) == "All 3 answered."


def test_few_answers_are_not_said_to_differ() -> None:
    said = comparison(told("found", {"yes": 8, "no": 5}, {"yes": 13, "no": 4}))
    assert said == (
        "Paper and online differ most on “Yes”: 8 of 13 (62%) on paper, 13 of 17 (76%) online, 14 points apart. "
        "With so few answers this may be chance."
    )


def test_a_gap_that_chance_would_seldom_make_is_said_to_be_one_and_its_cause_left_open() -> None:
    said = comparison(told("found", {"yes": 80, "no": 120}, {"yes": 150, "no": 50}))
    assert said == (
        "Paper and online differ on “Yes”: 80 of 200 (40%) on paper, 150 of 200 (75%) online, 35 points apart. "
        "That is more than chance alone would usually bring; it may come from the channel, or from who chooses it."
    )


@pytest.mark.parametrize(
    ("paper", "online", "sentence"),
    [
        ({"yes": 5}, {"yes": 30}, "Too few answered on paper or online to compare the two."),
        ({"yes": 10, "no": 10}, {"yes": 20, "no": 20}, "Paper and online gave the same percentages."),
        ({"yes": 30}, {}, ""),
    ],
)
def test_what_cannot_be_compared_is_not(paper: dict[str, int], online: dict[str, int], sentence: str) -> None:
    assert comparison(told("found", paper, online)) == sentence


def test_numbers_are_compared_by_their_middle() -> None:
    few = comparison(told("visits", {"2": 4, "4": 4}, {"8": 4, "2": 5}))
    assert few == "It was 3 on paper and 2 online. With so few answers this may be chance."
    many = comparison(told("visits", {"2": 60, "4": 60}, {"8": 60, "12": 60}))
    assert many.startswith("It was 3 on paper and 10 online. That is more than chance alone would usually bring;")


def test_channels_that_say_the_same_are_seldom_said_to_differ() -> None:
    """Surveys of two times 60 people of one and the same opinion: in at most 5 of 100 a difference is claimed."""
    rng = np.random.default_rng(4)
    differ = 0
    for sample in rng.multinomial(60, [0.5, 0.3, 0.2], (100, 2)).tolist():
        paper, online = (dict(zip(("yes", "partly", "no"), counts, strict=True)) for counts in sample)
        differ += "more than chance" in comparison(told("found", paper, online))
    assert differ <= 5


def test_figures_read_as_people_write_them() -> None:
    assert [percent(n, 1000) for n in (0, 4, 5, 994, 995, 1000)] == ["0%", "<1%", "1%", "99%", ">99%", "100%"]
    assert whole_percent(1, 8) == 13, "a half is rounded up"
    assert (figure(7.0), figure(7.25), figure(1204.5)) == ("7", "7.2", "1,204.5")
    assert [joined(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert by_channel(Stack("Monday", {"paper": 4, "online": 5, "pdf": 0}), 30) == "9 · 30%: 4 paper, 5 online"
    assert by_channel(Stack("Monday", {"pdf": 1}), 4) == "1 · 25%: PDF"
    assert by_channel(Stack("Monday", {}), 30) == "0 · 0%"
