"""How far a share may be from the true one: score intervals for one and for two, exact ones for rare mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

LEVEL = 0.95
"""How often such an interval is to hold the true share, over many samples."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both as parts of one: shares in [0, 1], differences of shares in [-1, 1]."""

    low: float
    high: float


def wilson(n: int, of: int, level: float = LEVEL) -> Interval:
    """Return the score interval of the share `n` / `of`; all of [0, 1] where nobody was asked.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927), 209–212. It holds for few answers and for shares of none or all, where the
    usual p ± 1.96 standard errors does not.
    """
    if of == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = n / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Interval(
        0.0 if n == 0 else min(share, centre - half),
        1.0 if n == of else max(share, centre + half),
    )


def clopper_pearson(n: int, of: int, level: float = LEVEL) -> Interval:
    """Return the exact interval of the share `n` / `of`, for what is rare; all of [0, 1] where nothing was looked at.

    C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial,
    Biometrika 26 (1934), 404–413. It holds the true share at least as often as `level` says, whatever the share is.
    """
    if of == 0:
        return Interval(0.0, 1.0)
    tail = (1 - level) / 2
    return Interval(
        0.0 if n == 0 else _where(lambda share: 1 - _at_most(n - 1, of, share) >= tail, 1.0),
        1.0 if n == of else _where(lambda share: _at_most(n, of, share) <= tail, 1.0),
    )


def fay_feuer(counts: Sequence[tuple[int, float]], level: float = LEVEL) -> Interval:
    """Return the interval of a sum of rare counts, each given as (n, the weight of one): `Σ weight × n`.

    For a rate put together from strata that were sampled unequally: there the weight of one mistake is the stratum's
    share of everything, divided by how many of it were looked at. M. P. Fay, E. J. Feuer, Confidence intervals for
    directly standardized rates: a method based on the gamma distribution, Statistics in Medicine 16 (1997), 791–801.
    It is on the safe side, also where nothing was found: then the heaviest weight alone decides. With one stratum it
    is the exact interval of a Poisson count. Raises ValueError without any counts.
    """
    rate, spread = sum(n * weight for n, weight in counts), sum(n * weight**2 for n, weight in counts)
    heaviest, tail = max(weight for _, weight in counts), (1 - level) / 2
    low = _gamma_quantile(tail, rate**2 / spread, spread / rate) if spread > 0 else 0.0
    above, wider = rate + heaviest, spread + heaviest**2
    return Interval(low, min(1.0, _gamma_quantile(1 - tail, above**2 / wider, wider / above)))


def newcombe(first: tuple[int, int], second: tuple[int, int], level: float = LEVEL) -> Interval:
    """Return the interval of the first share less the second, each given as (n, of) with `of` at least 1.

    R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine
    17 (1998), 873–890, method 10: the Wilson limits of both, joined by squares.
    """
    (n, of), (other_n, other_of) = first, second
    share, other = n / of, other_n / other_of
    mine, theirs = wilson(n, of, level), wilson(other_n, other_of, level)
    below = sqrt((share - mine.low) ** 2 + (theirs.high - other) ** 2)
    above = sqrt((mine.high - share) ** 2 + (other - theirs.low) ** 2)
    return Interval(share - other - below, share - other + above)


def middle_range(n: int) -> tuple[int, int]:
    """Return which of `n` sorted numbers (counted from 0) bound the 95 % interval of their median.

    Whatever the numbers' distribution: W. J. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), section 3.2.
    With fewer than six numbers even the lowest and the highest hold the median less often than that.
    """
    lower = max(1, ceil((n - NormalDist().inv_cdf((1 + LEVEL) / 2) * sqrt(n)) / 2)) - 1
    return lower, n - 1 - lower


def level_for(comparisons: int) -> float:
    """Return the level at which each of so many comparisons is made, so that together they hold at `LEVEL`.

    Bonferroni's rule: where ten answers are compared at once, one of them would else differ by chance every other time.
    """
    return 1 - (1 - LEVEL) / comparisons


def _at_most(n: int, of: int, share: float) -> float:
    """Probability of at most `n` among `of`, each with probability `share` in (0, 1)."""
    ways = lgamma(of + 1)
    return sum(
        exp(ways - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log1p(-share)) for k in range(n + 1)
    )


def _gamma_quantile(probability: float, shape: float, scale: float) -> float:
    """The value below which a gamma-distributed number lies with this probability."""
    beyond = shape + 12 * sqrt(shape) + 40
    return scale * _where(lambda x: _below(shape, x) >= probability, beyond)


def _below(shape: float, x: float) -> float:
    """Probability that a gamma-distributed number of scale 1 is below `x`: the series of DLMF 8.7.1."""
    term = total = 1 / shape
    place = shape
    while term > total * 1e-15:
        place += 1
        term *= x / place
        total += term
    return total * exp(shape * log(x) - x - lgamma(shape))


def _where(is_reached: Callable[[float], bool], most: float) -> float:
    """Where in (0, most) a condition that then stays true becomes true, by halving to 15 figures."""
    low, high = 0.0, most
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high
