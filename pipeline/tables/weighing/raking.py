"""Weights by raking: everyone counts so much that each group has its share of the area, question by question.

W. E. Deming, F. F. Stephan, On a least squares adjustment of a sampled frequency table when the expected marginal
totals are known, Annals of Mathematical Statistics 11 (1940), 427–444. People alike in every margin get the same
weight, so that the work is done on cells: the combinations that occur, however many people are in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

ROUNDS = 500
"""Rounds after which raking is given up. Margins that can be met are met within 20 or so."""

CLOSE = 1e-9
"""How near each group must come to its share of everybody, in parts of one."""


@dataclass(frozen=True, slots=True)
class Cells:
    """People by the groups they are in: `groups` (cells, margins) counts from 0, `n` (cells,) how many people."""

    groups: Codes
    n: Floats


@dataclass(frozen=True, slots=True)
class Raked:
    """The weight of one person in each cell (cells,), mean 1 over people, and whether raking met every margin.

    `furthest` is how far the group furthest from its share is, in parts of one; trimming moves it. `trimmed` is how
    many people have the largest weight allowed.
    """

    weights: Floats
    converged: bool
    furthest: float
    trimmed: int


def gather(codes: Codes) -> tuple[Cells, Codes]:
    """Put people together by their groups: `codes` (people, margins); also returns the cell of each (people,)."""
    sizes = codes.max(axis=0, initial=0) + 1
    place = np.ravel_multi_index(tuple(codes.T), tuple(sizes))
    found, cell, n = np.unique(place, return_inverse=True, return_counts=True)
    return Cells(np.stack(np.unravel_index(found, tuple(sizes)), axis=1), n.astype(float)), cell


def rake(cells: Cells, targets: Sequence[Floats]) -> Raked:
    """Weigh the cells so that margin `m` has the shares `targets[m]` (groups,), each adding up to 1."""
    weights, furthest = np.ones_like(cells.n), np.inf
    for _ in range(ROUNDS):
        for margin, target in enumerate(targets):
            weights = weights * _factors(cells, weights, margin, target)[cells.groups[:, margin]]
        furthest = _furthest(cells, weights, targets)
        if furthest < CLOSE:
            break
    return Raked(weights * cells.n.sum() / (weights @ cells.n), furthest < CLOSE, furthest, 0)


def trim(cells: Cells, raked: Raked, targets: Sequence[Floats], largest: float) -> Raked:
    """Cut weights to at most `largest` times the mean; what is cut goes to all others in proportion to their weights.

    F. J. Potter, A study of procedures to identify and trim extreme sampling weights, Proceedings of the Section on
    Survey Research Methods, American Statistical Association (1990), 225–230. Who is cut no longer counts for all of
    their share: a little untruth about them for much less chance in everything.
    """
    weights, people = raked.weights, cells.n.sum()
    cut = weights > largest
    while (weights > largest * (1 + CLOSE)).any():
        cut |= weights > largest
        rest = people - largest * cells.n[cut].sum()
        weights = np.where(cut, largest, weights * rest / (weights[~cut] @ cells.n[~cut]))
    return Raked(weights, raked.converged, _furthest(cells, weights, targets), int(cells.n[cut].sum()))


def design_effect(cells: Cells, weights: Floats) -> float:
    """Return by how much unequal weights alone widen the variance: n Σw² / (Σw)².

    L. Kish, Weighting for unequal Pᵢ, Journal of Official Statistics 8 (1992), 183–200.
    """
    return float(cells.n.sum() * (cells.n @ weights**2) / (cells.n @ weights) ** 2)


def _shares(cells: Cells, weights: Floats, margin: int, groups: int) -> Floats:
    weighed = np.bincount(cells.groups[:, margin], weights=weights * cells.n, minlength=groups)
    return np.asarray(weighed / weighed.sum())


def _factors(cells: Cells, weights: Floats, margin: int, target: Floats) -> Floats:
    shares = _shares(cells, weights, margin, len(target))
    return np.asarray(np.divide(target, shares, out=np.zeros_like(target), where=shares > 0))


def _furthest(cells: Cells, weights: Floats, targets: Sequence[Floats]) -> float:
    return max(
        float(np.abs(_shares(cells, weights, margin, len(target)) - target).max())
        for margin, target in enumerate(targets)
    )
