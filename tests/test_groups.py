"""A gap that was planted between groups is found among people alike, and nothing is found where nothing is."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_council import council_dataset, with_answers

from pipeline.practice.council import Council
from pipeline.store.coded import CodedDataset
from pipeline.tables.describe import describe
from pipeline.tables.disclose import disclose
from pipeline.tables.groups import GroupGap, group_gaps
from pipeline.tables.sections.groups import groups_section


def gaps(dataset: CodedDataset) -> tuple[GroupGap, ...]:
    return group_gaps(dataset, disclose(describe(dataset).questions)).found


def of_condition(found: tuple[GroupGap, ...]) -> list[GroupGap]:
    return [each for each in found if (each.group, each.answer) == ("Yes", "Yes, all of it")]


def test_the_planted_gap_lies_in_its_interval_and_is_found() -> None:
    held = found = 0
    for seed in range(20):
        for gap in of_condition(gaps(council_dataset(Council(gap=-0.2), 3000, seed))):
            found += 1
            held += gap.interval.low <= -0.2 <= gap.interval.high
            assert gap.asked == "Do you have a lasting condition?"
    assert found >= 19
    assert held == found, "intervals that allow for all comparisons hold nearly always"


def test_where_no_group_differs_one_is_said_to_in_hardly_any_council() -> None:
    """Ratings are drawn by chance. In two of 40 councils one of 147 may be found."""
    found = [[gap for gap in gaps(council_dataset(Council(), 1500, seed)) if gap.number == 2] for seed in range(40)]
    assert sum(map(bool, found)) <= 4


def test_a_group_is_not_taken_for_different_because_of_the_channel_it_chose() -> None:
    """Old people choose paper, and paper is kinder: beside others alike nothing of that is left."""
    kind = Council(mode_effect=0.25, gap=0.0)
    dataset = council_dataset(kind, 6000, 3)
    rng = np.random.default_rng(1)
    paper = dataset.channel.codes == 0
    by_channel = with_answers(dataset, "content", (rng.random(6000) > np.where(paper, 0.7, 0.4)).astype(int))
    assert not [gap for gap in gaps(by_channel) if gap.number == 1]


def test_of_a_sensitive_group_nothing_is_told_that_few_said() -> None:
    dataset = council_dataset(Council(gap=-0.2), 3000, 1)
    condition = dataset.answers["condition"].codes
    few = np.flatnonzero((condition == 0) & (dataset.answers["content"].codes == 0))
    codes = dataset.answers["content"].codes
    nearly_none = with_answers(dataset, "content", np.where(np.isin(np.arange(3000), few[3:]), 1, codes))
    assert not of_condition(gaps(nearly_none)), "only three of them said yes"


def test_the_section_says_the_widest_in_a_sentence() -> None:
    dataset = council_dataset(Council(gap=-0.25), 4000, 2)
    section = groups_section(group_gaps(dataset, disclose(describe(dataset).questions)))
    assert section is not None
    assert section.intro[0].startswith("The widest: of those who answered “")
    assert "comparisons that were made (Bonferroni)" in section.intro[1]
    few = council_dataset(Council(), 40, 2)
    assert groups_section(group_gaps(few, disclose(describe(few).questions))) is None


@pytest.mark.parametrize("seed", range(2))
def test_a_difference_is_that_of_a_plain_recount_where_all_are_alike(seed: int) -> None:
    """With one channel and one stratum the difference is the share of the group less that of the others."""
    dataset = council_dataset(Council(gap=-0.3), 2000, seed)
    same = np.zeros(2000, int)
    plain = with_answers(with_answers(dataset, "library", same), "age", same)
    alone = replace(plain, channel=plain.lang)
    (gap,) = of_condition(gaps(alone))
    said, condition = alone.answers["content"].codes, alone.answers["condition"].codes
    shares = [np.mean(said[(condition == value) & (said >= 0)] == 0) for value in (0, 1)]
    assert gap.points == pytest.approx(shares[0] - shares[1])
