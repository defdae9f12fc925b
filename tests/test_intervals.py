"""Intervals for rare mistakes hold the truth at least as often as they say, worked out exactly for every outcome."""

from itertools import product
from math import comb

import pytest

from pipeline.tables.intervals import Interval, clopper_pearson, fay_feuer


def test_the_exact_interval_gives_tabled_values() -> None:
    """The values that every table of exact binomial limits gives; and 3 in n for none."""
    for n, of, low, high in [(10, 100, 0.0490, 0.1762), (5, 10, 0.1871, 0.8129), (1, 20, 0.0013, 0.2487)]:
        found = clopper_pearson(n, of)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert clopper_pearson(0, 30_000, level=0.9).high == pytest.approx(3 / 30_000, rel=2e-3)
    assert clopper_pearson(7, 7).high == 1.0
    assert clopper_pearson(0, 0) == Interval(0.0, 1.0)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.5, 0.97])
def test_the_exact_interval_holds_every_share(share: float) -> None:
    of = 60
    intervals = [clopper_pearson(n, of) for n in range(of + 1)]
    assert sum(chance(n, of, share) for n, each in enumerate(intervals) if each.low <= share <= each.high) >= 0.95


def test_one_stratum_has_the_exact_interval_of_a_poisson_count() -> None:
    """F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936), table I."""
    for n, low, high in [(0, 0.0, 3.689), (1, 0.0253, 5.572), (4, 1.090, 10.242)]:
        found = fay_feuer([(n, 1 / 1000)])
        assert (1000 * found.low, 1000 * found.high) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.parametrize("shares", [(0.01, 0.01), (0.05, 0.0), (0.0, 0.05), (0.002, 0.1)])
def test_strata_sampled_unequally_hold_the_rate_of_the_whole(shares: tuple[float, float]) -> None:
    parts, checked = (0.9, 0.1), (40, 40)
    weights = [part / of for part, of in zip(parts, checked, strict=True)]
    truth = sum(part * share for part, share in zip(parts, shares, strict=True))
    held = 0.0
    for counts in product(range(15), repeat=2):
        found = fay_feuer(list(zip(counts, weights, strict=True)))
        if found.low <= truth <= found.high:
            held += chance(counts[0], checked[0], shares[0]) * chance(counts[1], checked[1], shares[1])
    assert held >= 0.95


def test_where_nothing_was_found_the_heaviest_weight_decides() -> None:
    assert fay_feuer([(0, 0.9 / 40), (0, 0.1 / 40)]).high == pytest.approx(fay_feuer([(0, 0.9 / 40)]).high)


def chance(n: int, of: int, share: float) -> float:
    return comb(of, n) * share**n * (1 - share) ** (of - n)
