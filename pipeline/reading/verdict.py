"""What the ink measured in a box to tick amounts to: empty, marked, taken back, or for a person to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the ink in a box amounts to. `CANCELLED` is a box filled in solid, as the form asks of a change of mind."""

    EMPTY = "empty"
    MARKED = "marked"
    CANCELLED = "cancelled"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Around:
    """Probabilities of the network that sees a box and 9 mm around it; they sum to 1."""

    empty: float
    marked: float
    cancelled: float
    unsure: float
    stray: float


@dataclass(frozen=True, slots=True)
class MarkMeasurement:
    """What was measured on one box. Darkness is 0 for paper to 1 for black; shares are of the inside of the box.

    `ink`, `ink_left` and `ink_right` are mm² inked inside the frame and up to 3.6 mm beside it; `darkness` is the mean
    darkness inside, `deepest` that of its darkest twentieth, `darkest` that of its darkest spot, smoothed; `fill` the
    share inked; `extent` and `breadth` the longer and the shorter side of the ink's outline as shares of the box; `gap`
    and `solid` the diameters in mm of the largest discs without and full of ink; `rim` the mm of the edge that are
    inked; `through` how many mm a single straight stroke runs on beyond the box on both sides.

    `empty`, `marked`, `cancelled`, `unsure` (ink of which nobody could say) and `stray` (a stroke that only passes
    through) are the network's probabilities, and sum to 1. `around` is what the network that sees farther said, asked
    where all this left doubt. What has a value here was not measured by older readers.
    """

    ink: float
    ink_left: float
    ink_right: float
    darkness: float
    deepest: float
    fill: float
    extent: float
    gap: float
    empty: float
    marked: float
    cancelled: float
    unsure: float
    stray: float = 0.0
    breadth: float = 0.0
    solid: float = 0.0
    rim: float = 0.0
    through: float = 0.0
    darkest: float = 0.0
    around: Around | None = None


def judge(measured: MarkMeasurement) -> tuple[Verdict, float]:
    """Say what a box's ink amounts to, and how sure that is (0 to 1).

    The network must be sure and the measurements must agree with it; anything else is for a person. Behind every
    empty box stands a test of its own, that there is almost no ink: a net never shown somebody's way of marking
    would be wrong about it and sure.
    """
    verdict, sure = _at_first_look(measured)
    return _at_second_look(measured, sure) if verdict is Verdict.UNSURE else (verdict, sure)


def _at_first_look(measured: MarkMeasurement) -> tuple[Verdict, float]:
    enough = _SURE_WITHOUT_INK if measured.ink == 0.0 else _SURE_EMPTY
    if measured.empty >= enough and _has_almost_no_ink(measured):
        return Verdict.EMPTY, measured.empty
    if _is_a_speck(measured) and _has_almost_no_ink(measured):
        return Verdict.EMPTY, 1.0 - measured.marked - measured.cancelled
    if measured.cancelled >= _SURE_FILLED and is_filled(measured):
        return Verdict.CANCELLED, measured.cancelled
    if measured.marked >= _SURE_MARKED and looks_meant(measured):
        return Verdict.MARKED, measured.marked
    return Verdict.UNSURE, max(measured.empty, measured.marked, measured.cancelled)


def _at_second_look(measured: MarkMeasurement, sure: float) -> tuple[Verdict, float]:
    """Say what a box in doubt amounts to where the network that sees farther was asked and knows.

    Neither network settles a box against the other: what the second is sure of, the first must think likely, or what is
    measured must leave no room for a mark.
    """
    around = measured.around
    if around is None:
        return Verdict.UNSURE, sure
    if around.empty >= _NOTHING_AROUND and _is_at_most_dust(measured):
        return Verdict.EMPTY, around.empty
    if min(measured.empty, around.empty) >= _NOTHING_MEANT and _is_white_inside(measured):
        return Verdict.EMPTY, around.empty
    if around.marked >= _MARKED_AROUND and measured.marked >= _LIKELY_MARKED and looks_meant(measured):
        return Verdict.MARKED, around.marked
    return Verdict.UNSURE, sure


def passes_through(measured: MarkMeasurement) -> bool:
    """Whether both networks see a stroke from elsewhere in a box. By itself it may yet be somebody's way of marking."""
    seen = measured.around is not None and min(measured.stray, measured.around.stray) >= _PASSES_THROUGH
    return seen and measured.fill <= _FULLEST_PASSING


def is_filled(measured: MarkMeasurement) -> bool:
    """Whether a box is inked nearly all over, with no white left in it wider than a pen line."""
    return measured.fill >= _LEAST_FILL and measured.gap <= _WIDEST_GAP_MM


_SURE_EMPTY, _SURE_MARKED, _SURE_FILLED = 0.95, 0.95, 0.95
_SURE_WITHOUT_INK = 0.8
"""Probabilities from which the network's word is taken; the last is enough of *empty* where no ink was measured, since
noise, folds and copied copies lower it there. Of the marks so faint that none was, it gave those of grey scans 0.2."""

_SPECK_MM2, _WIDEST_SPECK, _PALEST_SPECK, _LEAST_LIKE_A_MARK, _SURELY_A_DOT = 0.16, 0.09, 0.2, 0.15, 0.98
"""Ink, extent and darkness of a speck that is dust, up to 0.3 mm across and two pixels wide, even where the network
thinks of a dot of ink, unless it gives a mark or a dot more than the last two probabilities. The dot of a resting ball
pen is 0.4 mm² and more; that of a faint pencil may be as small, and is paler, but not always."""

_MOST_INK_EMPTY_MM2 = 0.45
"""Ink in a box that is still called empty: the tail of a neighbour's tick, specks. The dot of a ball pen may be as
little, but round and dark, which the network sees."""

_DARKEST_EMPTY = 0.2
"""Darkness of the darkest twentieth of a box that is still called empty."""

_MOST_INK_BESIDE_MM2 = 0.6
_MOST_INK_ON_ONE_SIDE_MM2 = 1.2
"""Ink on both sides, and on either, of a box that is still called empty: a ring around it leaves 1.5 or more on
each; a neighbour's long tick leaves 0.4 on one."""

_LEAST_INK_MARKED_MM2, _LEAST_EXTENT_MARKED, _RUNS_OUT_MM2 = 0.25, 0.3, 0.8
"""Ink and extent of the smallest mark that is taken for one, what is inside of a cross aimed at the frame; it may be of
less extent where it runs out of the box. Of dots, one in ten is so wide; of one in 960 the network was sure."""

_WIDEST_DOT, _ROUNDNESS = 0.4, 0.7
"""Extent of the dot of a felt pen, as a share of the box, and how broad it is for its length: a cross is wider, a dash
flatter."""

_LEAST_SHARE_INSIDE = 0.5
"""Ink of a mark against what is on both sides of its box: a ring drawn round one leaves little inside."""

_SOLID_MM, _BREADTH_OF_HALF, _LEAST_RIM_OF_HALF_MM = 1.7, 0.8, 8.0
"""A solid block wider than any pen that takes no more than this share of the box across and so much of its edge: half
of the box is filled in."""

_FARTHEST_THROUGH_MM = 2.2
"""How far a straight stroke may run on at both ends and still be a mark: a slipping pen goes on for 5 mm and more."""

_NOTHING_AROUND, _NOTHING_MEANT = 0.97, 0.99
"""Probabilities of *empty* at a second look from which a box is: where there is at most dust; and by both networks,
where the ink is all on one side and none is inside."""

_PASSES_THROUGH, _FULLEST_PASSING = 0.95, 0.36
"""Probability of a stroke passing through, by both networks, and share inked of a box, at most, where one does: a felt
pen's, from corner to corner. A cross that runs far out on all sides fills more."""

_MARKED_AROUND, _LIKELY_MARKED = 0.95, 0.5
"""Probabilities of *marked* at the second and at the first look from which a box is marked."""

_DUST_MM2, _DARKEST_DUST, _LEAST_DUST_LIKE_A_MARK = 0.12, 0.1, 0.02
"""Ink inside, darkness of the darkest twentieth, and chance of a mark at the first look, up to which there is at most
dust in a box. Of 33,000 boxes of tuning pages, marked in ways that both networks knew or not, none so was meant."""

_LEAST_FILL = 0.9
_WIDEST_GAP_MM = 0.8
"""Share inked of a box that is filled in, and the widest white left in it."""


def _has_almost_no_ink(measured: MarkMeasurement) -> bool:
    less, more = sorted((measured.ink_left, measured.ink_right))
    return (
        measured.ink <= _MOST_INK_EMPTY_MM2
        and measured.deepest <= _DARKEST_EMPTY
        and less <= _MOST_INK_BESIDE_MM2
        and more <= _MOST_INK_ON_ONE_SIDE_MM2
    )


def _is_at_most_dust(measured: MarkMeasurement) -> bool:
    return (
        measured.ink <= _DUST_MM2
        and measured.deepest <= _DARKEST_DUST
        and measured.ink_left + measured.ink_right <= _MOST_INK_BESIDE_MM2
        and measured.marked + measured.cancelled <= _LEAST_DUST_LIKE_A_MARK
    )


def _is_white_inside(measured: MarkMeasurement) -> bool:
    return measured.ink == 0.0 and min(measured.ink_left, measured.ink_right) <= _MOST_INK_BESIDE_MM2


def _is_a_speck(measured: MarkMeasurement) -> bool:
    return (
        0.0 < measured.ink <= _SPECK_MM2
        and measured.extent <= _WIDEST_SPECK
        and measured.darkest >= _PALEST_SPECK
        and measured.rim == 0.0
        and measured.marked + measured.cancelled <= _LEAST_LIKE_A_MARK
        and measured.unsure <= _SURELY_A_DOT
    )


def looks_meant(measured: MarkMeasurement) -> bool:
    """Whether the ink in a box may be a mark, whatever the network thinks: enough of it, more than on both sides of the
    box, not solid in one part of it and white in the other, and no stroke from far off to far off."""
    return (
        measured.ink >= _LEAST_INK_MARKED_MM2
        and measured.ink >= _LEAST_SHARE_INSIDE * min(measured.ink_left, measured.ink_right)
        and (measured.extent >= _LEAST_EXTENT_MARKED or max(measured.ink_left, measured.ink_right) >= _RUNS_OUT_MM2)
        and measured.through <= _FARTHEST_THROUGH_MM
        and not is_half_filled(measured)
        and not _is_round_and_small(measured)
    )


def _is_round_and_small(measured: MarkMeasurement) -> bool:
    return measured.rim == 0.0 and measured.extent <= _WIDEST_DOT and measured.breadth >= _ROUNDNESS * measured.extent


def is_half_filled(measured: MarkMeasurement) -> bool:
    """Whether ink is solid in one part of a box and the rest is white."""
    return (
        measured.solid >= _SOLID_MM and measured.breadth <= _BREADTH_OF_HALF and measured.rim >= _LEAST_RIM_OF_HALF_MM
    )
