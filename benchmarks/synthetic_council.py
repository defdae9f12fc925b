"""How often the intervals of the report hold a planted truth, over 200 made-up councils; and what weighing costs.

Three questions are put to each council: how much kinder paper makes people, how much worse people with a lasting
condition are served, and how many of all who live there would say they are content. Who answers depends on what is
recorded (library, age, condition) alone, except in `hidden`, where people are drawn to paper by something that no form
asks for: there the first interval must fail, and the report cannot know.
"""

import argparse
import json
import time
from collections.abc import Sequence

import numpy as np

from pipeline.practice.council import SHAPE, Answers, Council, draw
from pipeline.tables.alike import Difference, Tables, difference
from pipeline.tables.weighing.estimates import Share, weighted_shares
from pipeline.tables.weighing.raking import Cells, design_effect, rake, trim

PEOPLE = 2_000
SEEDS = 200
LARGEST = 3.0


def of_channel(drawn: Sequence[Answers]) -> Difference:
    """Paper less online, among people of one library, age and condition."""
    n, said = (
        np.stack([getattr(each, what) for each in drawn]).reshape(len(drawn), -1, 2) for what in ("n", "content")
    )
    return difference(Tables(said[..., 0], n[..., 0], said[..., 1], n[..., 1]))


def of_condition(drawn: Sequence[Answers]) -> Difference:
    """Those with a condition less the others, among people of one library, age and channel."""
    n, said = (
        np.moveaxis(np.stack([getattr(each, what) for each in drawn]), 3, -1).reshape(len(drawn), -1, 2)
        for what in ("n", "content")
    )
    return difference(Tables(said[..., 0], n[..., 0], said[..., 1], n[..., 1]))


def of_everybody(council: Council, drawn: Answers, largest: float | None) -> tuple[Share, float]:
    """What everybody would say, by weights to the margins of library, age and condition; and the design effect."""
    n, said = drawn.n.sum(axis=-1), drawn.content.sum(axis=-1)
    groups = np.stack(np.indices(SHAPE), axis=-1).reshape(-1, 3)
    full = n.ravel() > 0
    cells = Cells(groups[full], n.ravel()[full])
    targets = [council.live.sum(axis=tuple({0, 1, 2} - {margin})) for margin in range(3)]
    raked = rake(cells, targets)
    if largest is not None:
        raked = trim(cells, raked, targets, largest)
    (share,) = weighted_shares(cells, raked.weights, said.ravel()[full, None], cells.n)
    return share, design_effect(cells, raked.weights)


def covered(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    """Return how many of the intervals in 100 hold the truth."""
    return round(100 * float(np.mean((low <= truth) & (truth <= high))), 1)


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=SEEDS)
    asked.add_argument("--people", type=int, default=PEOPLE)
    wanted = asked.parse_args()
    started = time.process_time()
    council, hidden = Council(), Council(hidden=1.0)
    drawn = [draw(council, wanted.people, seed) for seed in range(wanted.seeds)]
    unknown = [draw(hidden, wanted.people, seed) for seed in range(wanted.seeds)]
    channel, condition, fooled = of_channel(drawn), of_condition(drawn), of_channel(unknown)
    shares = [of_everybody(council, each, None) for each in drawn]
    trimmed = [of_everybody(council, each, LARGEST) for each in drawn]
    paper, online = (
        np.array([each.content[..., place].sum() / each.n[..., place].sum() for each in drawn]) for place in (0, 1)
    )
    raw, planted = 100 * np.mean(paper - online), 100 * council.mode_effect
    print(f"Paper less online as it stands: {raw:.1f} points; planted: {planted:.1f}")
    figures = {
        "seeds": wanted.seeds,
        "people": wanted.people,
        "mode_effect_covered": covered(*channel.interval(), council.mode_effect),
        "mode_effect_bias_points": round(100 * float(np.mean(channel.points) - council.mode_effect), 2),
        "gap_covered": covered(*condition.interval(), council.gap),
        "gap_bias_points": round(100 * float(np.mean(condition.points) - council.gap), 2),
        "share_covered": covered(*_ends(shares), council.truth),
        "share_bias_points": round(100 * float(np.mean([share.share for share, _ in shares]) - council.truth), 2),
        "trimmed_share_covered": covered(*_ends(trimmed), council.truth),
        "design_effect": round(float(np.mean([effect for _, effect in shares])), 2),
        "trimmed_design_effect": round(float(np.mean([effect for _, effect in trimmed])), 2),
        "hidden_mode_effect_covered": covered(*fooled.interval(), council.mode_effect),
        "cpu_s": round(time.process_time() - started, 2),
    }
    print(json.dumps(figures))


def _ends(shares: Sequence[tuple[Share, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([share.interval.low for share, _ in shares]), np.array([share.interval.high for share, _ in shares])


if __name__ == "__main__":
    main()
