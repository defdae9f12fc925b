"""Paper beside online: by how many points each answer differs, and which difference is the widest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.tables.describe import Count, Tally, VariableSummary
from pipeline.tables.intervals import Interval, level_for, newcombe
from pipeline.tables.wording import quoted, whole_percent

FEWEST_TO_COMPARE = 6
"""With fewer answers than these on either side, no sentence puts them beside each other."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One answer to `variable` beside itself, on paper and online: `what` it is in words.

    `level` is that of its interval: the more answers were compared to pick the widest, the wider.
    """

    variable: str
    what: str
    paper: Count
    online: Count
    level: float

    @property
    def points(self) -> int:
        """How far the two percentages are apart as they are shown."""
        return abs(whole_percent(self.paper.n, self.paper.of) - whole_percent(self.online.n, self.online.of))

    @property
    def share(self) -> float:
        """The share on paper less that online."""
        return self.paper.share - self.online.share

    @property
    def interval(self) -> Interval:
        """Where the difference may lie (Newcombe 1998)."""
        return newcombe((self.paper.n, self.paper.of), (self.online.n, self.online.of), self.level)

    @property
    def is_supported(self) -> bool:
        """Whether the interval of the difference leaves out nought."""
        return leaves_out_nought(self.interval)


def leaves_out_nought(found: Interval) -> bool:
    """Whether a difference is more than chance alone would usually bring."""
    return found.low > 0 or found.high < 0


def gaps(parts: Sequence[VariableSummary]) -> Iterator[Gap]:
    """Yield every answer to a question that people gave, or could have given, both on paper and online."""
    answers = sum(len(part.everyone.counts) for part in parts if _tallies(part))
    for part in parts:
        for paper, online in zip(*(tally.counts for tally in _tallies(part) or ()), strict=True):
            of_what = f" of {quoted(part.label)}" if len(parts) > 1 else ""
            yield Gap(part.variable.name, f"{quoted(paper.label)}{of_what}", paper, online, level_for(answers))


def widest_gap(parts: Sequence[VariableSummary]) -> Gap | None:
    """Return the widest of the gaps that chance does not explain, else of all; None where too few answered."""
    found = list(gaps(parts))
    if not found or min(min(gap.paper.of, gap.online.of) for gap in found) < FEWEST_TO_COMPARE:
        return None
    return max([gap for gap in found if gap.is_supported] or found, key=lambda gap: gap.points)


def _tallies(part: VariableSummary) -> tuple[Tally, Tally] | None:
    """The tallies of paper and of online, where people answered on both."""
    answered = {tally.group: tally for tally in part.channels if tally.answered}
    return (answered["paper"], answered["online"]) if {"paper", "online"} <= answered.keys() else None
