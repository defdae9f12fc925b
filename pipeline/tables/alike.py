"""Two groups compared among people who are alike: is a difference between them, or between who is in them?

The difference of Mantel and Haenszel: within each stratum of people alike in everything recorded, share less share, and
of these the mean by how much each stratum can tell. It stays sound where strata are many and small.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipeline.tables.intervals import LEVEL, Interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """For each stratum how many of the first and of the second group answered, and how many of those said it.

    All are (…, strata); what stands before the strata is worked out at once (answers, or made-up councils).
    """

    first_said: Floats
    first: Floats
    second_said: Floats
    second: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """The first share less the second among people alike (…), its standard error, and what part could be compared.

    `compared` is the smaller of the two parts of a group that has anybody of the other group like them; where nobody
    has, the difference is not a number.
    """

    points: Floats
    error: Floats
    compared: Floats

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """The interval of the difference, low and high."""
        half = NormalDist().inv_cdf((1 + level) / 2) * self.error
        return self.points - half, self.points + half


def difference(tables: Tables) -> Difference:
    """Return the difference among people alike.

    S. Greenland, J. M. Robins, Estimation of a common effect parameter from sparse follow-up data, Biometrics 41
    (1985), 55–68; its variance: T. Sato, On the variance estimator for the Mantel–Haenszel risk difference, Biometrics
    45 (1989), 1323–1324.
    """
    a, n1, b, n0 = tables.first_said, tables.first, tables.second_said, tables.second
    both = (n1 > 0) & (n0 > 0)
    people = np.where(both, n1 + n0, 1.0)
    weight = np.where(both, n1 * n0 / people, 0.0).sum(axis=-1)
    weight = np.where(weight > 0, weight, np.nan)
    points = np.where(both, (a * n0 - b * n1) / people, 0.0).sum(axis=-1) / weight
    shared = np.where(both, (n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / people**2, 0.0).sum(axis=-1)
    own = np.where(both, (a * (n0 - b) + b * (n1 - a)) / (2 * people), 0.0).sum(axis=-1)
    variance = np.maximum(points * shared + own, 0.0) / weight**2
    return Difference(points, np.sqrt(variance), np.minimum(_part(n1, both), _part(n0, both)))


def score(tables: Tables) -> Floats:
    """Return how many standard errors what the first group said is from what chance would deal it, among people alike.

    N. Mantel, W. Haenszel, Statistical aspects of the analysis of data from retrospective studies of disease, Journal
    of the National Cancer Institute 22 (1959), 719–748. Where many comparisons are made in small strata it keeps its
    level, which the interval of the difference then does not. 0 where nothing could have come out otherwise.
    """
    a, n1, n0 = tables.first_said, tables.first, tables.second
    said, people = a + tables.second_said, n1 + n0
    some = people > 1
    safe = np.where(some, people, 2.0)
    beyond = np.where(some, a - n1 * said / safe, 0.0).sum(axis=-1)
    variance = np.where(some, n1 * n0 * said * (people - said) / (safe**2 * (safe - 1)), 0.0).sum(axis=-1)
    return np.asarray(np.divide(beyond, np.sqrt(variance), out=np.zeros_like(beyond), where=variance > 0))


def interval_of(found: Difference, level: float) -> Interval:
    """Return the interval of a single difference."""
    low, high = found.interval(level)
    return Interval(float(low), float(high))


def _part(n: Floats, both: NDArray[np.bool_]) -> Floats:
    everybody = n.sum(axis=-1)
    alike = np.where(both, n, 0.0).sum(axis=-1)
    return np.asarray(np.divide(alike, everybody, out=np.zeros_like(everybody), where=everybody > 0))
