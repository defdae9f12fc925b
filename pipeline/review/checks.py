"""How well the machine reads, told by people: a sample of what it accepted is read once more, without its answers.

Whoever checks sees the paper and the question, never what the machine made of it. Where the two differ, a second look
says which is right, so that a slip of the checker is not counted as one of the machine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import floor, sqrt

from pipeline.form.answer import Answer, Authority, Held, Missing
from pipeline.form.definition import Shape, Variable


class Kind(StrEnum):
    """Kinds of field that are sampled apart: each is misread in ways of its own, and a blank by being overlooked."""

    MARKS = "marks"
    CHARACTERS = "characters"
    WRITING = "writing"
    BLANK = "blank"


class Right(StrEnum):
    """What a second look may say."""

    COMPUTER = "computer"
    CHECKER = "checker"
    NEITHER = "neither"


class Standing(StrEnum):
    """How a check stands; `DROPPED` where the machine does not accept the answer any more, or it is not counted."""

    OPEN = "open"
    DIFFERS = "differs"
    RIGHT = "right"
    WRONG = "wrong"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Check:
    """One field to be checked: what the machine `read` there, what a person `entered`, what a second look `found`.

    `read` is None where the machine does not accept an answer now. `field` is the kind of field it is.
    """

    variable: Variable
    field: Kind
    read: Held | None
    entered: Held | None = None
    found: Held | None = None

    @property
    def kind(self) -> Kind:
        """The kind it counts under: what the machine took for blank is a kind of its own."""
        return Kind.BLANK if self.read is not None and self.read.value is None else self.field

    @property
    def standing(self) -> Standing:
        """Whether the machine is right, as far as that is known."""
        if self.read is None:
            return Standing.DROPPED
        if self.found is not None:
            return Standing.RIGHT if agree(self.read, self.found, self.variable) else Standing.WRONG
        if self.entered is None:
            return Standing.OPEN
        return Standing.RIGHT if agree(self.read, self.entered, self.variable) else Standing.DIFFERS


def accepted(answer: Answer) -> Held | None:
    """Return what the machine accepted without a person; None where it did not, or a person has decided since."""
    if answer.authority is not Authority.MACHINE:
        return None
    return Held(answer.value, answer.missing) if answer.value is not None or answer.missing in _NOTHING else None


def agree(one: Held, other: Held, variable: Variable) -> bool:
    """Whether two readings say the same; in words, neither spaces nor capitals make a difference."""
    if one.value is None or other.value is None:
        return one.value is other.value and (one.missing == other.missing or {one.missing, other.missing} <= _NOTHING)
    if variable.shape in (Shape.TEXT, Shape.COMMENT):
        return one.value.casefold().split() == other.value.casefold().split()
    return one.value == other.value


def field_kind(variable: Variable, has_boxes: bool) -> Kind:
    """Return the kind of a field with something in it; `has_boxes` tells boxes for its characters from a line."""
    if variable.shape in (Shape.CHOICE, Shape.CHOICES):
        return Kind.MARKS
    return Kind.CHARACTERS if has_boxes else Kind.WRITING


def allocate(sizes: Mapping[Kind, int], number: int) -> dict[Kind, int]:
    """Share out `number` fields to look at among kinds of such `sizes`: by the square roots, as far as each reaches.

    Between equal shares, which tell most of each kind, and proportional ones, which tell most of the whole (M. D.
    Bankier, Power allocations, The American Statistician 42 (1988), 174–177, with power 1/2).
    """
    shares = dict.fromkeys(sizes, 0)
    while (left := min(number, sum(sizes.values())) - sum(shares.values())) > 0:
        roots = {kind: sqrt(size) for kind, size in sizes.items() if size > shares[kind]}
        wanted = {kind: left * root / sum(roots.values()) for kind, root in roots.items()}
        largest = max(wanted, key=lambda kind: wanted[kind])
        for kind, share in wanted.items():
            shares[kind] = min(sizes[kind], shares[kind] + (floor(share) or kind is largest))
    return shares


_NOTHING = {Missing.BLANK, Missing.NOT_ASKED}
"""What the machine says where it found nothing on the paper."""
