"""Shares among weighed people, with intervals that know of the weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from pipeline.tables.intervals import LEVEL, Interval
from pipeline.tables.weighing.raking import Cells, Floats


@dataclass(frozen=True, slots=True)
class Share:
    """A share among weighed people, its standard error, and the interval of what everybody would say."""

    share: float
    error: float
    interval: Interval


def weighted_shares(cells: Cells, weights: Floats, said: Floats, answered: Floats) -> tuple[Share, ...]:
    """Return for each answer its share among those who answered: `said` (cells, answers), `answered` (cells,).

    The variance is linearised: what counts is not how far each person is from the share but from what the margins
    foretell of that, since raking holds the margins fixed; who did not answer is at no distance. J.-C. Deville,
    C.-E. Särndal, Calibration estimators in survey sampling, Journal of the American Statistical Association 87
    (1992), 376–382; for parts of everybody: T. Lumley, Complex Surveys (2010), section 7.4.
    """
    total = weights @ answered
    shares = (weights @ said) / total
    columns = _columns(cells)
    far = _foretold(columns, weights * cells.n, (said - answered[:, None] * shares) / cells.n[:, None])
    squares = (
        said * (1 - shares - far) ** 2
        + (answered[:, None] - said) * (shares + far) ** 2
        + (cells.n - answered)[:, None] * far**2
    )
    people = float(cells.n.sum())
    lost = people / max(people - columns.shape[1], 1)
    errors = np.sqrt(lost * (weights**2 @ squares)) / total
    return tuple(
        Share(float(share), float(error), _interval(float(share), float(error), float(answered.sum())))
        for share, error in zip(shares, errors, strict=True)
    )


def _foretold(columns: Floats, weighed: Floats, means: Floats) -> Floats:
    """What the margins foretell of `means` (cells, answers), by weighted least squares."""
    root = np.sqrt(weighed)[:, None]
    fitted, *_ = np.linalg.lstsq(columns * root, means * root, rcond=None)
    return np.asarray(columns @ fitted)


def _columns(cells: Cells) -> Floats:
    """A column for everybody, and one for each group of each margin but its first (cells, columns)."""
    columns = [np.ones(len(cells.n))]
    for margin in cells.groups.T:
        columns.extend((margin == group).astype(float) for group in np.unique(margin)[1:])
    return np.stack(columns, axis=1)


def _interval(share: float, error: float, people: float) -> Interval:
    """Wilson's interval at the number of people who, drawn by chance, would err as much.

    C. Franco, R. J. A. Little, T. A. Louis, E. V. Slud, Comparative study of confidence intervals for proportions in
    complex sample surveys, Journal of Survey Statistics and Methodology 7 (2019), 334–364.
    """
    n = share * (1 - share) / error**2 if error > 0 else people
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))
