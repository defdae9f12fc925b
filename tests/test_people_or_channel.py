"""Whether a difference is the channel or the people, and who was not heard, is said as the planted truth has it."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_council import FORM, census, council_dataset, with_answers

from pipeline.practice.council import AGES, Council
from pipeline.store.coded import Coded, CodedDataset
from pipeline.tables.describe import describe
from pipeline.tables.disclose import disclose
from pipeline.tables.people_or_channel import Cause, Compared, among_alike, find_alike
from pipeline.tables.sections.channels import channels_section, compared_questions
from pipeline.tables.sections.represented import represented_section
from pipeline.tables.weighing.census import CensusError, read_census
from pipeline.tables.weighing.represented import Weighed, moved, weigh


def compared(dataset: CodedDataset) -> dict[str, Compared]:
    _, found = compared_questions(dataset, disclose(describe(dataset).questions))
    return {each.question: each for each in found}


def test_a_planted_effect_of_the_channel_is_told_from_that_of_the_people() -> None:
    both, people, channel = (
        compared(council_dataset(council, 12_000, 2))["content"]
        for council in (Council(), Council(mode_effect=0.0), Council(mode_effect=0.3))
    )
    assert both.cause is Cause.BOTH
    assert people.cause is Cause.PEOPLE
    assert channel.cause is Cause.CHANNEL
    assert people.gap.share > 0.03, "as it stands, paper looks kinder"
    assert "It is not who answered" not in among_alike(people)
    assert among_alike(people).startswith("Among people alike, paper is")
    assert "the difference is who answered, and not the channel" in among_alike(people)
    assert "part of the difference is who answered" in among_alike(both)


def test_the_planted_effect_lies_in_the_interval_of_the_report_as_often_as_it_says() -> None:
    found = [compared(council_dataset(Council(), 1500, seed))["content"] for seed in range(40)]
    held = sum(each.interval.low <= 0.08 <= each.interval.high for each in found if each.interval)
    assert held >= 36


def test_where_nothing_differs_nothing_is_said_to() -> None:
    found = [compared(council_dataset(Council(), 1500, seed))["rating"] for seed in range(40)]
    assert sum(each.cause is not Cause.CHANCE for each in found) <= 4


def test_a_form_that_asks_nothing_about_people_says_that_it_cannot_be_told() -> None:
    dataset = council_dataset(Council(), 400, 1)
    asked = tuple(replace(each, question=replace(each.question, who=False)) for each in dataset.variables)
    dataset = replace(dataset, variables=asked)
    assert find_alike(dataset) is None


def test_people_who_have_nobody_like_them_on_the_other_channel_are_not_compared() -> None:
    dataset = council_dataset(Council(), 2000, 1)
    old = np.isin(dataset.answers["age"].codes, (6, 7))
    split = replace(dataset, channel=Coded(("paper", "online"), np.where(old, 0, 1)))
    alike = find_alike(split)
    assert alike is not None
    assert alike.questions == ("Which library do you use most?",), "age would leave nobody alike"
    alone = replace(dataset, channel=Coded(("paper", "online"), dataset.answers["library"].codes % 2))
    assert find_alike(alone) is None
    section = channels_section(alone, *compared_questions(alone, disclose(describe(alone).questions)))
    assert section is not None
    assert "too few people on paper are like somebody online" in section.intro[0]


def test_one_channel_alone_has_no_such_section() -> None:
    dataset = council_dataset(Council(), 300, 1)
    alone = replace(dataset, channel=Coded(("paper",), np.zeros(300, int)))
    assert channels_section(alone, *compared_questions(alone, disclose(describe(alone).questions))) is None


def test_groups_are_named_by_how_many_times_their_share_they_answered() -> None:
    dataset = council_dataset(Council(), 3000, 1)
    section = represented_section(dataset, disclose(describe(dataset).questions), read_census(census(Council()), FORM))
    assert section is not None
    assert section.intro[0] == "“75 or over” is 2.6 times its share: 25% of the answers, 10% of those who live here."
    assert any(sentence.startswith("“Under 16” is only 3") for sentence in section.intro)
    assert "design effect" in " ".join(section.pieces[-1].sentences)


def test_weighed_shares_hold_what_everybody_would_say() -> None:
    council = Council()
    table, held = read_census(census(council), FORM), 0
    for seed in range(30):
        dataset = council_dataset(council, 2500, seed)
        weighed = weigh(dataset, table)
        assert isinstance(weighed, Weighed)
        first = next(moved(dataset, disclose(describe(dataset).questions), weighed))
        held += first.weighed.interval.low <= council.truth <= first.weighed.interval.high
    assert held >= 26


def test_weights_that_the_answers_cannot_support_are_refused_in_words() -> None:
    table = read_census(census(Council()), FORM)
    few = weigh(council_dataset(Council(), 90, 1), table)
    assert few == "Nothing is weighed, because only 90 people answered: at least 100 are needed."
    dataset = council_dataset(Council(), 2000, 1)
    ages = dataset.answers["age"].codes
    none_young = with_answers(dataset, "age", np.where(ages == 0, 5, ages))
    assert "fewer than 10 people answered “Under 16” to “What is your age?”" in str(weigh(none_young, table))
    nearly_all_old = with_answers(dataset, "age", np.where(np.arange(2000) < 1880, 7, np.arange(2000) % 8))
    assert "few people would have to count for many" in str(weigh(nearly_all_old, table))
    same = replace(dataset, answers={**dataset.answers, "condition": Coded(("yes", "no"), (ages < 3).astype(int))})
    table = "question,value,share\nage,under_16,50\nage,75_plus,50\ncondition,yes,10\ncondition,no,90"
    contrary = read_census(table, FORM)
    ends = with_answers(same, "age", np.where(ages < 3, 0, 7))
    assert "no weights give every group its share at once" in str(weigh(ends, contrary))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("question,value\nage,75_plus", "line 1 lacks the column share"),
        ("question,value,share\nheight,tall,3", "line 2: “height” is no pick-one question of the form."),
        ("question,value,share\nage,80_plus,3", "line 2: “80_plus” is no answer to “age”."),
        ("question,value,share\nage,75_plus,many", "line 2: “many” is not a number of people or a share."),
        ("question,value,share\nage,75_plus,-3", "line 2: “-3” is not a number of people or a share."),
        ("question,value,share\nage,75_plus,3\nage,75_plus,4", "line 3: “age”, “75_plus” stands there twice."),
        ("question,value,share\nage,75_plus,0", "all shares of “age” are 0."),
        ("question,value,share\n", "there are no lines beneath the first."),
    ],
)
def test_a_table_that_does_not_fit_says_where(text: str, said: str) -> None:
    with pytest.raises(CensusError, match=f"^{said.replace('.', '[.]')}"):
        read_census(text, FORM)


def test_people_and_parts_are_brought_to_shares() -> None:
    table = read_census('\ufeffvalue,question,share,note\nyes,condition,"1,000",x\nno,condition,3000,\n', FORM)
    assert table.margins == {"condition": {"yes": 0.25, "no": 0.75}}
    assert sum(read_census(census(Council()), FORM).margins["age"][age] for age in AGES) == pytest.approx(1)
