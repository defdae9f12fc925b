"""A signal is told from noise by the published rules, and a change of wording breaks the line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_up_council import FORM, MONTHS, council_dataset, with_answers
from made_up_dataset import random_dataset, store_rows

from pipeline.cli.main import main
from pipeline.practice.council import Council
from pipeline.store.coded import Coded, CodedDataset
from pipeline.store.database import immediately, open_store
from pipeline.tables.describe import describe
from pipeline.tables.disclose import disclose
from pipeline.tables.over_time.series import Trend, trends
from pipeline.tables.over_time.xmr import Limits, Rule, limits_of, signals
from pipeline.tables.sections.over_time import chart_of, over_time_section, verdict


def test_limits_are_those_of_a_worked_example() -> None:
    """Moving ranges 2, 3, 1, 2, 4, 3, 1, 2, 0 have the mean 2; the values the mean 10.5: 10.5 ± 2.66 × 2."""
    found = limits_of([10, 12, 9, 10, 8, 12, 9, 10, 12, 12.0])
    assert found is not None
    assert (found.low, found.middle, found.high) == pytest.approx((10.4 - 5.32, 10.4, 10.4 + 5.32))
    assert limits_of([1, 2, 3, 4, 5]) is None


LIMITS = Limits(0.0, 10.0, 20.0)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([9, 11, 9, 21, 9], [(Rule.BEYOND, 3, 3, True)]),
        ([9, 11, -1, 11, 9], [(Rule.BEYOND, 2, 2, False)]),
        ([9] + [11] * 8 + [9], [(Rule.RUN, 1, 8, True)]),
        ([9] + [11] * 7 + [9], []),
        ([11] * 4 + [10] + [11] * 4, []),
        ([9, 16, 16, 11, 16, 9], [(Rule.NEAR, 1, 4, True)]),
        ([9, 4, 4, 9, 9, 4], []),
        ([4, 4, 11, 4, 4], [(Rule.NEAR, 0, 4, False)]),
        ([20, 0, 20, 0], []),
    ],
)
def test_each_rule_of_detection(values: list[float], found: list[tuple[Rule, int, int, bool]]) -> None:
    assert [(each.rule, each.first, each.last, each.is_above) for each in signals(values, LIMITS)] == found


def test_noise_alone_seldom_makes_a_signal_beyond_the_limits() -> None:
    """Of steady processes of 24 values fewer than one value in 100 lies beyond its limits."""
    rng = np.random.default_rng(3)
    beyond = 0
    for values in rng.normal(0, 1, (200, 24)).tolist():
        limits = limits_of(values)
        assert limits
        beyond += sum(each.rule is Rule.BEYOND for each in signals(values, limits))
    assert beyond < 0.01 * 200 * 24


def trend(dataset: CodedDataset, question: str = "content") -> Trend:
    return next(each for each in trends(dataset, disclose(describe(dataset).questions)) if each.question == question)


def test_a_steady_question_is_noise() -> None:
    dataset = council_dataset(Council(), 6000, 5)
    found = trend(dataset)
    (series,) = found.series
    assert len(series.points) == MONTHS
    assert (found.period, series.points[0].label, series.points[-1].label) == ("month", "January 2025", "December 2026")
    assert sum(point.of for point in series.points) == describe(dataset).questions[0].parts[0].everyone.answered
    assert verdict(found)[0].startswith("Noise: every month lies where it usually does, between ")


def test_a_month_unlike_all_others_is_a_signal() -> None:
    dataset = council_dataset(Council(), 6000, 5)
    july = dataset.received_on.codes == dataset.received_on.values.index("2026-07-15")
    changed = np.where(july & (np.arange(6000) % 4 > 0), 1, dataset.answers["content"].codes)
    spoilt = with_answers(dataset, "content", changed)
    said = [each for each in verdict(trend(spoilt)) if each.startswith("Signal: July 2026, at ")]
    assert len(said) == 1
    assert "lies above where a month usually does" in said[0], "more than ever say that they did not get all of it"


def test_a_change_of_wording_breaks_the_line_and_each_side_has_its_own_limits() -> None:
    dataset = council_dataset(Council(), 6000, 5)
    first = FORM.questions[0]
    newer = replace(FORM, items=(replace(first, text={"en": "Did you get all you needed?"}), *FORM.items[1:]))
    late = (dataset.received_on.codes >= 12).astype(int)
    versions = Coded((FORM.version, newer.version), late)
    changed = with_answers(
        dataset, "content", np.where(late & (np.arange(6000) % 3 > 0), 1, dataset.answers["content"].codes)
    )
    two = replace(changed, form=newer, versions=(FORM, newer), version=versions)
    found = trend(two)
    assert [each.wording for each in found.series] == ["Did you get what you needed?", "Did you get all you needed?"]
    assert all(said.startswith("Noise") for said in verdict(found)), "the step is where the wording changed"
    assert len(trend(two, "rating").series) == 1, "what reads the same goes on"
    breaks = [row.break_ for row in chart_of(found).rows if row.break_]
    assert breaks == ["The wording changed. It now reads: “Did you get all you needed?”"]


def test_few_answers_and_few_months_are_not_shown_as_if_they_told_anything() -> None:
    dataset = council_dataset(Council(), 150, 5)
    found = trends(dataset, disclose(describe(dataset).questions))
    assert over_time_section(found) is None
    assert verdict(found[0])[0].startswith("Too few months to tell signal from noise: ")
    assert all(point.share is None for point in found[0].series[0].points if point.of < 10)


def test_what_is_sensitive_or_says_who_somebody_is_is_not_told_over_time() -> None:
    dataset = council_dataset(Council(), 3000, 5)
    told = {each.question for each in trends(dataset, disclose(describe(dataset).questions))}
    assert told == {"content", "rating"}


def test_the_command_says_what_is_signal_and_what_noise(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    made_up = random_dataset("library-visit", 300, 4)
    db = open_store(tmp_path / "pillarbox.db")
    with immediately(db):
        store_rows(db, made_up)
    run = CliRunner().invoke(main, ["--site", str(tmp_path), "trends", "library-visit"], catch_exceptions=False)
    assert "3. Did you get what you needed? – “" in run.stdout
    assert "  Noise: every week lies where it usually does" in run.stdout
    told = CliRunner().invoke(main, ["--site", str(tmp_path), "trends", "library-visit", "--json"])
    (needed,) = (each for each in json.loads(told.stdout) if each["question"] == "got_it")
    assert len(needed["series"][0]["points"]) == 7
    assert needed["verdict"][0] in run.stdout
