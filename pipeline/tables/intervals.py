"""How far a share may be from what everybody would have said: score intervals for one share and for two."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
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
