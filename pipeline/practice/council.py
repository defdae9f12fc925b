"""A made-up council whose truth is known: who lives there, who answers by which channel, and what a channel does.

Three libraries, eight bands of age, and whether somebody has a lasting condition. Older people answer more, and more on
paper; what people think depends on all of these together. On paper people are kinder, as they are where somebody may
see what they tick; and those with a condition are served worse. Both are planted, and to be found again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIBRARIES = ("central", "porth_gwyn", "pentre_helyg")
AGES = ("under_16", "16_24", "25_34", "35_44", "45_54", "55_64", "65_74", "75_plus")
CONDITIONS = ("yes", "no")
CHANNELS = ("paper", "online")

SHAPE = (len(LIBRARIES), len(AGES), len(CONDITIONS))
"""People by library, age and condition: the shape of every table here."""

_LIVE_AT = np.array([0.55, 0.3, 0.15])
_AGED = np.array([0.17, 0.11, 0.13, 0.12, 0.13, 0.13, 0.11, 0.10])
"""About what the census of 2021 has for Wales."""
_WITH_CONDITION = np.array([0.08, 0.14, 0.17, 0.22, 0.30, 0.40, 0.50, 0.65])
_ANSWER = np.array([0.4, 0.45, 0.65, 0.9, 1.1, 1.5, 2.1, 2.7])
"""How readily each band of age answers, beside the middle."""
_ON_PAPER = np.array([-1.6, -2.0, -1.8, -1.4, -0.9, -0.2, 0.8, 1.9])
"""Log-odds of paper over online by age."""


@dataclass(frozen=True)
class Council:
    """What holds in the council: the effect of paper and the gap of those with a condition, in parts of one.

    `hidden` is how much a trait that no form asks for draws people to paper (in log-odds) and makes them kinder.
    """

    mode_effect: float = 0.08
    gap: float = -0.12
    hidden: float = 0.0

    @cached_property
    def live(self) -> Floats:
        """The part of everybody who lives in each cell (SHAPE)."""
        aged = np.stack([_AGED * np.linspace(1 - tilt, 1 + tilt, len(AGES)) for tilt in (-0.2, 0.1, 0.4)])
        aged /= aged.sum(axis=1, keepdims=True)
        condition = np.stack([_WITH_CONDITION, 1 - _WITH_CONDITION], axis=1)
        return np.asarray(_LIVE_AT[:, None, None] * aged[:, :, None] * condition)

    @cached_property
    def on_paper(self) -> Floats:
        """Which part of those who answer does so on paper (SHAPE)."""
        logit = _ON_PAPER[None, :, None] + np.array([-0.4, 0.3, 0.8])[:, None, None] + np.array([0.3, 0.0])
        logit = logit + 0.25 * np.cos(np.arange(np.prod(SHAPE)).reshape(SHAPE))
        return np.asarray(1 / (1 + np.exp(-logit)))

    @cached_property
    def come(self) -> Floats:
        """The part of all answers that comes from each cell (SHAPE): who lives there, by how readily they answer."""
        ready = _ANSWER[None, :, None] * np.array([1.0, 1.6, 1.2])[:, None, None] * np.array([1.3, 1.0])
        come = self.live * ready
        return np.asarray(come / come.sum())

    @cached_property
    def content(self) -> Floats:
        """How likely somebody is content, before paper makes them kinder (SHAPE): everything bears on everything."""
        library, age = np.indices(SHAPE[:2])
        base = 0.34 + 0.035 * age + 0.06 * np.cos(2.1 * library + 0.7 * age)
        return np.asarray(base[:, :, None] + np.array([self.gap, 0.0]))

    @property
    def truth(self) -> float:
        """Which part of everybody who lives there would say they are content, each by the channel they would choose."""
        return float((self.live * (self.content + self.mode_effect * self.on_paper)).sum())


@dataclass(frozen=True, slots=True)
class Answers:
    """How many answered in each cell by each channel, and how many of them are content: both (*SHAPE, channels)."""

    n: Floats
    content: Floats


def draw(council: Council, people: int, seed: int) -> Answers:
    """Draw so many answers."""
    rng = np.random.default_rng(seed)
    paper, extra = council.on_paper, np.zeros((*SHAPE, 2))
    if council.hidden:
        logit = np.log(paper / (1 - paper))
        kinder, others = (1 / (1 + np.exp(-logit - sign * council.hidden)) for sign in (1, -1))
        paper = (kinder + others) / 2
        part = np.stack([kinder / (kinder + others), (1 - kinder) / (2 - kinder - others)], axis=-1)
        extra = 0.15 * (2 * part - 1)
    chances = np.stack([council.come * paper, council.come * (1 - paper)], axis=-1)
    n = rng.multinomial(people, chances.ravel()).reshape(chances.shape)
    likely = council.content[..., None] + np.array([council.mode_effect, 0.0]) + extra
    return Answers(n.astype(float), rng.binomial(n, likely).astype(float))
