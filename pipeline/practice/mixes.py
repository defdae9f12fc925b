"""Two mixes of marks, ORDINARY and HARD, that the reader of boxes is held to; docs/accuracy.md has them in words.

A page is marked question by question as people do, and what the writer meant by every box is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np

from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.layout import Field, PageLayout
from pipeline.practice.marks import Care
from pipeline.practice.pens import FAINT_PENCIL, FELT_TIP, ORDINARY_PENS, Grey, Pen
from pipeline.practice.ways import Hand, Paper, Way, put

BoxKey = tuple[str, str]
"""A box to tick: its variable and the value it stands for."""


class Meaning(StrEnum):
    """What the writer meant by a box. `OPEN` is ink of which nobody could say: reading it with certainty is wrong."""

    EMPTY = "empty"
    MARKED = "marked"
    TAKEN_BACK = "taken back"
    OPEN = "open"


Shares = Mapping[Way, float]
"""Ways of marking with their shares, which sum to 1."""


@dataclass(frozen=True, slots=True)
class Mix:
    """What a crowd of writers does.

    `pens` and `slips`, `spreads`, `tremors` (lowest and highest, see `Care`) are drawn once for each writer, and so is
    the writer's way among `usual`. `hard` are ways used instead in a share `hard_share` of marks. Shares of questions:
    `left_out` not answered, `ticked` of the boxes of a tick-all question marked, `changed` pick-one questions (and
    `changed_in_many` tick-all ones) with a change of mind, `hurried` of these scribbled out instead of filled in.
    Shares of boxes: `slipped` with a stroke through, `open` of ink that nobody could read, by `open_ways`.
    """

    name: str
    pens: Mapping[Pen, float]
    usual: Shares
    hard: Shares
    hard_share: float
    slips: tuple[float, float]
    spreads: tuple[float, float]
    tremors: tuple[float, float]
    left_out: float
    ticked: float
    changed: float
    changed_in_many: float
    hurried: float
    slipped: float
    open: float
    open_ways: Shares


_OPEN_WAYS = {Way.DOT: 0.35, Way.RING: 0.25, Way.HALF_FILLED: 0.2, Way.BESIDE: 0.2}

ORDINARY = Mix(
    name="ordinary",
    pens=dict(zip(ORDINARY_PENS, (0.38, 0.3, 0.14, 0.08, 0.1), strict=True)),
    usual={Way.CROSS: 0.4, Way.TICK: 0.44, Way.SCRIBBLE: 0.08, Way.SLASH: 0.05, Way.LINE: 0.03},
    hard={},
    hard_share=0.0,
    slips=(0.15, 0.5),
    spreads=(0.05, 0.15),
    tremors=(0.02, 0.06),
    left_out=0.05,
    ticked=0.5,
    changed=0.015,
    changed_in_many=0.0,
    hurried=0.0,
    slipped=0.0,
    open=0.0,
    open_ways=_OPEN_WAYS,
)

HARD = Mix(
    name="hard",
    pens=dict(zip((*ORDINARY_PENS, FAINT_PENCIL), (0.23, 0.2, 0.12, 0.15, 0.12, 0.18), strict=True)),
    usual=ORDINARY.usual,
    hard={
        Way.DASH: 0.16,
        Way.SMALL: 0.12,
        Way.LETTER: 0.12,
        Way.HALF_OUTSIDE: 0.16,
        Way.LONG_TAIL: 0.16,
        Way.WIDE_CROSS: 0.12,
        Way.LOOSE_FILLING: 0.16,
    },
    hard_share=0.35,
    slips=(0.2, 0.9),
    spreads=(0.08, 0.25),
    tremors=(0.03, 0.12),
    left_out=0.05,
    ticked=0.5,
    changed=0.05,
    changed_in_many=0.01,
    hurried=0.2,
    slipped=0.004,
    open=0.003,
    open_ways=_OPEN_WAYS,
)

MIXES = {mix.name: mix for mix in (ORDINARY, HARD)}


@dataclass(frozen=True, slots=True)
class Writer:
    """One person of a mix: the same pen and way of marking on every page of a copy."""

    mix: Mix
    hand: Hand
    way: Way


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """A page as marked, and for every box to tick what was meant and in which way ink was put there, if any."""

    grey: Grey
    meanings: Mapping[BoxKey, Meaning]
    ways: Mapping[BoxKey, Way]


def random_writer(mix: Mix, rng: np.random.Generator) -> Writer:
    """Return somebody of a mix."""
    pens = list(mix.pens)
    pen = pens[int(rng.choice(len(pens), p=list(mix.pens.values())))]
    care = Care(float(rng.uniform(*mix.slips)), float(rng.uniform(*mix.spreads)), float(rng.uniform(*mix.tremors)))
    return Writer(mix, Hand(pen, care), _drawn(mix.usual, rng))


def is_hard(way: Way, pen: Pen) -> bool:
    """Whether a mark is one of those made hard on purpose: by its way, in faint pencil, or with a felt pen."""
    return way not in ORDINARY.usual or pen in (FAINT_PENCIL, FELT_TIP)


def mark_page(
    page: Grey,
    px_per_mm: float,
    printed: PageLayout,
    definition: FormDefinition,
    writer: Writer,
    rng: np.random.Generator,
) -> MarkedPage:
    """Mark the boxes of a printed page (grey, the whole paper at `px_per_mm`) as `writer` does.

    Whether a question takes one mark or several is in `definition`. Fields for characters and words stay empty.
    """
    paper = Paper(page.copy(), px_per_mm)
    shapes = {variable.name: variable.shape for variable in definition.variables}
    boxes = [field for field in printed.fields if field.kind == "mark"]
    planned: dict[BoxKey, tuple[Meaning, Way]] = {}
    for question, fields in groupby(boxes, key=lambda field: field.question):
        planned |= _plan(list(fields), shapes[question], writer, rng)
    for field in boxes:
        if inked := planned.get(_key(field)):
            put(inked[1], paper, field.box, writer.hand, rng)
    return MarkedPage(
        paper.grey,
        {_key(field): planned[_key(field)][0] if _key(field) in planned else Meaning.EMPTY for field in boxes},
        {key: way for key, (_, way) in planned.items()},
    )


def _plan(
    fields: Sequence[Field], shape: Shape, writer: Writer, rng: np.random.Generator
) -> dict[BoxKey, tuple[Meaning, Way]]:
    """What will be done to the boxes of one question; those left alone are not in it."""
    mix = writer.mix
    planned: dict[BoxKey, tuple[Meaning, Way]] = {}
    if rng.random() >= mix.left_out:
        planned = _ticked(fields, writer, rng) if shape is Shape.CHOICES else _picked(fields, writer, rng)
    for field in fields:
        if _key(field) not in planned and rng.random() < mix.slipped:
            planned[_key(field)] = (Meaning.EMPTY, Way.STROKE_THROUGH)
        if rng.random() < mix.open:
            planned[_key(field)] = (Meaning.OPEN, _drawn(mix.open_ways, rng))
    return planned


def _picked(fields: Sequence[Field], writer: Writer, rng: np.random.Generator) -> dict[BoxKey, tuple[Meaning, Way]]:
    """One mark, now and then after another that is taken back."""
    first, *others = (fields[int(n)] for n in rng.permutation(len(fields)))
    planned = {_key(first): (Meaning.MARKED, _way(writer, rng))}
    if others and rng.random() < writer.mix.changed:
        planned[_key(others[0])] = (Meaning.TAKEN_BACK, _way_back(writer, rng))
    return planned


def _ticked(fields: Sequence[Field], writer: Writer, rng: np.random.Generator) -> dict[BoxKey, tuple[Meaning, Way]]:
    """Every box marked or not, seldom one that is taken back."""
    wanted = [field for field in fields if rng.random() < writer.mix.ticked]
    planned = {_key(field): (Meaning.MARKED, _way(writer, rng)) for field in wanted}
    left = [field for field in fields if field not in wanted]
    if left and rng.random() < writer.mix.changed_in_many:
        planned[_key(left[0])] = (Meaning.TAKEN_BACK, _way_back(writer, rng))
    return planned


def _way(writer: Writer, rng: np.random.Generator) -> Way:
    return _drawn(writer.mix.hard, rng) if rng.random() < writer.mix.hard_share else writer.way


def _way_back(writer: Writer, rng: np.random.Generator) -> Way:
    return Way.SCRIBBLED_OUT if rng.random() < writer.mix.hurried else Way.FILLED


def _drawn(shares: Shares, rng: np.random.Generator) -> Way:
    ways = list(shares)
    return ways[int(rng.choice(len(ways), p=list(shares.values())))]


def _key(field: Field) -> BoxKey:
    return field.question, field.value
