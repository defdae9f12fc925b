"""Weights equal those of other hands, meet their margins, and widen what is said by as much as they must."""

import json

import numpy as np
import pandas as pd
import pytest
import weightipy
from hypothesis import given
from hypothesis import strategies as st
from test_benchmarks import benchmarks

from pipeline.practice.council import Council, draw
from pipeline.tables.alike import Tables, difference, score
from pipeline.tables.intervals import wilson
from pipeline.tables.weighing.estimates import weighted_shares
from pipeline.tables.weighing.raking import Cells, design_effect, gather, rake, trim

TARGETS = (np.array([0.2, 0.5, 0.3]), np.array([0.6, 0.4]), np.array([0.1, 0.2, 0.3, 0.4]))


def people(n: int, seed: int) -> np.ndarray:
    """Made-up people in the groups of three margins, unevenly and not by chance alone."""
    rng = np.random.default_rng(seed)
    first = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    second = (rng.random(n) < 0.3 + 0.2 * first).astype(int)
    return np.stack([first, second, rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])], axis=1)


@pytest.mark.parametrize("seed", range(3))
def test_weights_equal_those_of_an_independent_package(seed: int) -> None:
    codes = people(700, seed)
    cells, cell = gather(codes)
    raked = rake(cells, TARGETS)
    assert raked.converged
    scheme = {
        f"m{margin}": {code: 100 * part for code, part in enumerate(target)} for margin, target in enumerate(TARGETS)
    }
    theirs = weightipy.weight_dataframe(
        pd.DataFrame(codes, columns=list(scheme)), weightipy.scheme_from_dict(scheme), "weight"
    )["weight"]
    assert np.abs(raked.weights[cell] - theirs.to_numpy()).max() < 1e-6
    kish = weightipy.weighting_efficiency(theirs)
    assert design_effect(cells, raked.weights) == pytest.approx(100 / kish, rel=1e-6)


def test_weights_meet_every_margin_and_none_is_larger_than_allowed() -> None:
    cells, _ = gather(people(900, 5))
    free = rake(cells, TARGETS)
    cut = trim(cells, free, TARGETS, 4.0)
    assert free.weights.max() > 4
    assert cut.weights.max() <= 4 + 1e-9
    assert cut.trimmed > 0
    for raked, slack in ((free, 1e-8), (cut, cut.furthest + 1e-12)):
        assert raked.weights @ cells.n == pytest.approx(900)
        for margin, target in enumerate(TARGETS):
            shares = np.bincount(cells.groups[:, margin], raked.weights * cells.n) / 900
            assert np.abs(shares - target).max() <= slack
    assert design_effect(cells, cut.weights) < design_effect(cells, free.weights)


def test_margins_that_contradict_who_answered_are_not_met_and_it_is_said() -> None:
    """Everybody of the first group is of the first group of the other margin too, which has fewer in the area."""
    cells = Cells(np.array([[0, 0], [1, 1]]), np.array([50.0, 50.0]))
    assert not rake(cells, (np.array([0.7, 0.3]), np.array([0.4, 0.6]))).converged


def test_equal_weights_give_the_score_interval() -> None:
    cells = Cells(np.zeros((1, 1), int), np.array([300.0]))
    (found,) = weighted_shares(cells, np.ones(1), np.array([[81.0]]), np.array([300.0]))
    plain = wilson(81, 300)
    assert (found.interval.low, found.interval.high) == pytest.approx((plain.low, plain.high), abs=3e-4)


def test_what_the_margins_foretell_costs_no_certainty() -> None:
    """Two groups, one all for it and one all against: who knows the margin knows the share."""
    cells = Cells(np.array([[0], [1]]), np.array([150.0, 50.0]))
    weights = rake(cells, (np.array([0.5, 0.5]),)).weights
    (found,) = weighted_shares(cells, weights, np.array([[150.0], [0.0]]), cells.n)
    assert found.share == pytest.approx(0.5)
    assert found.error == pytest.approx(0.0, abs=1e-9)


@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 4).filter(lambda t: t[0] + t[1] and t[2] + t[3]), min_size=1, max_size=8)
)
def test_the_difference_is_a_mean_of_those_of_the_strata(strata: list[tuple[int, int, int, int]]) -> None:
    a, not_a, b, not_b = np.array(strata, float).T
    found = difference(Tables(a, a + not_a, b, b + not_b))
    each = a / (a + not_a) - b / (b + not_b)
    assert each.min() - 1e-9 <= found.points <= each.max() + 1e-9
    assert found.error >= 0
    assert found.compared == 1


def test_the_score_is_that_of_a_worked_example() -> None:
    """One stratum of 10 and 10, 8 and 3 of whom said it: 8 − 5.5 over the root of 10 × 10 × 11 × 9 / (400 × 19)."""
    found = score(Tables(np.array([8.0]), np.array([10.0]), np.array([3.0]), np.array([10.0])))
    assert found == pytest.approx(2.5 / np.sqrt(9900 / 7600))
    assert score(Tables(np.array([1.0]), np.array([1.0]), np.array([0.0]), np.array([0.0]))) == 0


def test_one_large_stratum_has_the_error_of_a_plain_difference() -> None:
    found = difference(Tables(np.array([600.0]), np.array([2000.0]), np.array([500.0]), np.array([1000.0])))
    assert found.points == pytest.approx(-0.2)
    assert found.error == pytest.approx(np.sqrt(0.3 * 0.7 / 2000 + 0.25 / 1000), rel=0.02)


def test_what_has_nobody_alike_is_not_compared() -> None:
    """Of twenty on paper ten are of an age that nobody online is."""
    found = difference(
        Tables(np.array([5.0, 9.0]), np.array([10.0, 10.0]), np.array([5.0, 0.0]), np.array([20.0, 0.0]))
    )
    assert found.points == pytest.approx(0.25)
    assert found.compared == pytest.approx(0.5)
    nobody = difference(Tables(np.array([1.0, 0.0]), np.array([4.0, 0.0]), np.array([0.0, 2.0]), np.array([0.0, 4.0])))
    assert np.isnan(nobody.points)


def test_intervals_hold_the_truth_that_was_planted_as_often_as_they_say() -> None:
    finished = benchmarks("synthetic-council", "--seeds", "100")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    for what in ("mode_effect_covered", "gap_covered", "share_covered", "trimmed_share_covered"):
        assert 90 <= figures[what] <= 99, what


def test_the_made_up_council_differs_by_who_answers_and_not_by_the_channel_alone() -> None:
    council = Council()
    drawn = draw(council, 200_000, 1)
    paper, online = (drawn.content[..., place].sum() / drawn.n[..., place].sum() for place in (0, 1))
    assert paper - online > council.mode_effect + 0.04
